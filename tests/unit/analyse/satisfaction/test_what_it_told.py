"""Whether an answer foretold anything is said as it is: better, worse, or neither beyond chance."""

from __future__ import annotations

import pytest

from clientela.analyse.customer.satisfaction.price_words import moved, unmoved
from clientela.analyse.customer.satisfaction.satisfaction_effect import what_it_told
from clientela.present.say import say


@pytest.mark.parametrize(
    ("gained", "low", "high", "said"),
    [
        (-0.02, -0.03, -0.01, "made the forecast worse: the squared error grew by 2.0% (1.0% to 3.0%)"),
        (0.02, 0.01, 0.03, "took 2.0% off the squared error (1.0% to 3.0%): it told something"),
        (-0.013, -0.03, 0.01, "left the squared error 1.3% larger (-1.0% to 3.0%): that may be chance"),
        (0.013, -0.01, 0.03, "took 1.3% off the squared error (-1.0% to 3.0%): that may be chance"),
    ],
)
def test_what_the_answer_told_is_said_with_its_range(gained: float, low: float, high: float, said: str) -> None:
    sentence = say(what_it_told({"gained": gained, "low": low, "high": high}), "en").replace("\N{MINUS SIGN}", "-")
    assert said in sentence


def test_how_far_prices_move_them_is_said_in_per_cent_or_why_not() -> None:
    told = {
        "products": 40,
        "satisfied": {"value": -1.24, "low": -1.5, "high": -1.0},
        "dissatisfied": {"value": -2.4, "low": -2.8, "high": -2.0},
    }
    (sentence,) = moved({"prices": told})
    assert say(sentence, "en").replace("\N{MINUS SIGN}", "-") == (
        "When the price of a product rises by 1%, the pieces of it that satisfied customers buy change by -1.2% (-1.5% "
        "to -1.0%), those that dissatisfied ones buy by -2.4% (-2.8% to -2.0%); seen at 40 products whose price "
        "changed."
    )
    assert unmoved({"prices": told}) == moved({}) == unmoved({}) == ()
    (few,) = unmoved({"prices": {"reason": "products", "found": 1, "needed": 10}})
    assert "1 product whose price changed was bought by both; it takes 10" in say(few, "en")
    (lines,) = unmoved({"prices": {"reason": "lines", "found": 7, "needed": 100}})
    assert "bought only 7 lines; it takes 100" in say(lines, "en")
    assert moved({"prices": {"reason": "lines", "found": 7, "needed": 100}}) == ()


def test_prices_that_show_nothing_yet_are_said_to_show_nothing() -> None:
    unclear = {"value": 0.3, "low": -2.9, "high": 3.6}
    clear = {"value": -1.2, "low": -1.5, "high": -1.0}
    *_, last = moved({"prices": {"products": 96, "satisfied": unclear, "dissatisfied": unclear}})
    assert say(last, "en").startswith("Both ranges hold 0:")
    assert len(moved({"prices": {"products": 96, "satisfied": unclear, "dissatisfied": clear}})) == 1
