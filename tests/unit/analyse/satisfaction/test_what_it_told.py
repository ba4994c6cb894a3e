"""Whether an answer foretold anything is said as it is: better, worse, or neither beyond chance."""

from __future__ import annotations

import pytest

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
