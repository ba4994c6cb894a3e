"""Weights and probabilities on a terminal: aligned, short enough, honest about certainty."""

from __future__ import annotations

import io
import sys

import pytest

from clientela.cli.shown.identity import bar_line, blocks, pair_lines, plain, probability
from clientela.contracts.identity import FieldSays, Line, PairSeen, RecordSeen
from clientela.contracts.text import text

ASCII = """
  before comparing: two records by chance          -19.7 ##################|
  telephone: same                                   +9.8                   |#########
  first name: nickname                              +3.0                   |###
  nothing                                           +0.0                   |
"""
DRAWN = """
  before comparing: two records by chance          -19.7 ██████████████████│
  telephone: same                                   +9.8                   │█████████
  first name: nickname                              +3.0                   │██▌
  nothing                                           +0.0                   │
"""
BARS = [("before comparing: two records by chance", -19.7), ("telephone: same", 9.8), ("first name: nickname", 3.0)]


@pytest.mark.parametrize(("drawn", "chart"), [(True, DRAWN), (False, ASCII)])
def test_bars_lie_right_of_zero_and_left_of_it_on_one_scale(drawn: bool, chart: str) -> None:
    lines = [bar_line(label, bits, longest=19.7, drawn=drawn) for label, bits in [*BARS, ("nothing", 0.0)]]
    assert lines == chart.strip("\n").splitlines()


def test_a_pair_fits_a_terminal_whatever_it_holds() -> None:
    long = "Ω" * 300
    one, other = (
        RecordSeen(customer_ref=ref, source=long, record_id="\x1b[31m" + long, customer_id=2**60 - 1) for ref in "ab"
    )
    says = FieldSays(field="phone", name=text("{name}", name=long), likeness=text("same"), match_weight=1e4)
    line = Line(field="x", name=text("{name}", name=long), left=long, right=long, differs=True)
    pair = PairSeen(left=one, right=other, match_weight=1e4, match_probability=0.9, status="uncertain",
                    is_bridge=False, lines=(line,), evidence=(says,))  # fmt: skip
    for drawn in (True, False):
        lines = list(pair_lines(pair, longest=1e4, drawn=drawn))
        assert max(map(len, lines)) <= 100
        assert not any("\x1b" in each for each in lines)


def test_a_terminal_that_cannot_gets_plain_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="ascii"))
    assert not blocks()
    assert plain("García") == "Garc?a"
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(io.BytesIO(), encoding="utf-8"))
    assert blocks()
    assert plain("García\x1b[2J") == "García [2J"


def test_only_what_is_certain_is_said_to_be() -> None:
    assert [probability(each) for each in (1.0, 0.999999, 0.9995, 0.999, 0.5, 0.0)] == [
        *("100%", ">99.9%", ">99.9%", "99.9%", "50.0%", "<0.1%"),
    ]
