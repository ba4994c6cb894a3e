"""Sentences that once said more, or other, than their figures: each says what was counted."""

from datetime import date
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from clientela.analyse.customer.retention import _next
from clientela.analyse.customer.satisfaction.satisfaction_effect import _evidence
from clientela.analyse.customer.standing.customer_class import Class, _headline
from clientela.present.say import say

KB: Any = SimpleNamespace(currency="EUR", as_of=date(2024, 7, 1))


def test_the_share_of_weak_payers_is_that_of_the_table():
    told = [
        Class("sound", 5, Decimal(2500), Decimal(0), Decimal(0)),
        Class("weak", 6, Decimal(5000), Decimal(636), Decimal(700)),
        Class("unknown", 26, Decimal(2500), Decimal(0), Decimal(90)),
    ]
    assert say(_headline(KB, told)) == (
        "6 customers pay weakly and got 50% of what was invoiced within a year; €636 is overdue there."
    )


def test_a_month_is_named_only_where_more_than_chance_is_lost():
    clear = {1: (0.5, 0.48, 0.52), 2: (0.3, 0.28, 0.32), 3: (0.29, 0.27, 0.31)}
    chance = {1: (0.5, 0.48, 0.52), 2: (0.48, 0.46, 0.5), 30: (0.3, 0.2, 0.4), 31: (0.2, 0.1, 0.32)}
    assert "month 2:" in say(_next(clear)[1])
    assert len(_next(chance)) == 1


def test_an_answer_that_makes_the_forecast_worse_is_said_to():
    def evidence(gained: float, low: float, high: float) -> str:
        test = {
            "origin": "2024-01-01", "gained": gained, "low": low, "high": high, "rmse": 1.0, "without": 1.0, "n": 50,
            "rmse_low": 0.9, "rmse_high": 1.1,
        }  # fmt: skip
        found = _evidence(KB, {"test": {"frequency": test}})
        assert found is not None
        return say(found.sentences[1])

    assert "the squared error grew by 21.7% (3.1% to 40.2%)" in evidence(-0.217, -0.402, -0.031)
    assert "may be chance" in evidence(-0.01, -0.1, 0.08)
    assert "took 10.0% off" in evidence(0.1, 0.02, 0.18)
