"""Why somebody is about to leave, in words: what raises the chance, with the points it makes, in English and beyond."""

from decimal import Decimal

import pytest

from clientela.analyse.customer.churn.reasons import GROUPS
from clientela.analyse.customer.churn.words import HABIT, raising
from clientela.contracts.derived.customer.leaving import REASONS
from clientela.present.say import say

LATE = dict(zip(HABIT, (9, 90, 149, 1), strict=True))  # nine gaps of ten days, and silent for 59
ONCE = dict(zip(HABIT, (0, 0, 40, 0), strict=True))
ON_TIME = dict(zip(HABIT, (9, 90, 95, 9), strict=True))


@pytest.mark.parametrize(
    ("name", "habit", "said"),
    [
        ("silence", LATE, "Silent for 59 days (+23)"),
        ("visits", LATE, "1 visit in the last 92 days (+23)"),
        ("late", LATE, "Silent for 5.9 times the usual gap (+23)"),
        ("gap", LATE, "Usually buys every 10 days (+23)"),
        ("purchases", LATE, "10 purchases so far (+23)"),
        ("age", LATE, "Customer for 150 days (+23)"),
        ("pattern", LATE, "No longer buys every 10 days (+23)"),
        ("pattern", ON_TIME, "After purchases like these, few come again (+23)"),
        ("late", ONCE, "Bought once only (+23)"),
        ("gap", ONCE, "Bought once only (+23)"),
    ],
)
def test_each_reason_says_what_the_customer_did(name: str, habit: dict[str, int], said: str):
    told = raising((name, Decimal("0.231"), None, None, None, None), habit, 92)
    assert told is not None
    assert say(told) == said


def test_every_reason_has_its_words():
    assert {*REASONS} == {*GROUPS}
    for name in REASONS:
        assert raising((name, 0.5, None, None, None, None), LATE, 92) is not None
    with pytest.raises(ValueError, match="nothing is no reason"):
        raising(("nothing", 0.5, None, None, None, None), LATE, 92)


def test_only_what_raises_the_chance_is_told_the_weightiest_first():
    three = raising(("late", 0.3, "silence", 0.2, "visits", 0.1), LATE, 92)
    assert three is not None
    assert (
        say(three)
        == "Silent for 5.9 times the usual gap (+30); Silent for 59 days (+20); 1 visit in the last 92 days (+10)"
    )
    two = raising(("late", 0.3, "silence", -0.2, "visits", 0.1), LATE, 92)
    assert two is not None
    assert say(two) == "Silent for 5.9 times the usual gap (+30); 1 visit in the last 92 days (+10)"
    assert raising(("late", -0.3, "silence", 0.004, None, None), LATE, 92) is None
