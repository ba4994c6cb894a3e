"""A customer in sentences: each way they can stand, and nothing said of what is hidden."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from clientela.analyse.customer.churn.words import HABIT, raising
from clientela.contracts.text import text
from clientela.pipeline.customers.told import Permission, Seen
from clientela.pipeline.customers.words import next_steps, scores, sentence, silent_days, why_at_risk
from clientela.present.say import say

AS_OF = date(2018, 1, 1)


def page(**told: Any) -> Seen:
    known = {
        "first_bought_on": date(2017, 1, 21), "last_bought_on": date(2017, 11, 3), "purchase_days": 12,
        "recent_purchase_days": 2, "usual_gap_days": Decimal(26), "churn_chance": Decimal("0.16"),
        "churn_average": Decimal("0.061"), "expected_loss": Decimal("54.2"), "open_cases": 0, "recent_contacts": 0,
    }  # fmt: skip
    return Seen(values={name: value for name, value in (known | told).items() if value is not ...})


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (
            {},
            "This customer has been silent for 58 days, although they usually come every 26 days. They may leave with "
            "a chance of 16%, against 6% on average; we expect $54 to go with them.",
        ),
        (
            {"last_bought_on": date(2017, 12, 28), "churn_chance": None},
            "This customer last bought 4 days ago, within their rhythm of one purchase every 26 days.",
        ),
        ({"usual_gap_days": None, "churn_chance": None}, "This customer bought once, 59 days ago."),
        ({"last_bought_on": None, "churn_chance": None}, "This customer has not bought anything yet."),
        ({"last_bought_on": ..., "churn_chance": ...}, "What this customer buys is outside your scope."),
        (
            {"expected_loss": ...},
            "This customer has been silent for 58 days, although they usually come every 26 days. They may leave with "
            "a chance of 16%, against 6% on average.",
        ),
    ],
)
def test_how_a_customer_stands(told: dict[str, Any], said: str):
    assert say(sentence(page(**told), AS_OF, "USD")) == said


def test_silence_is_counted_as_the_list_of_customers_at_risk_counts_it():
    assert silent_days(page(), AS_OF) == 58
    reason = why_at_risk(page(), AS_OF, 92)
    assert reason is not None
    assert say(reason) == "Silent for 58 days; usually every 26"


def test_rare_visits_are_the_reason_of_who_is_on_time():
    told = page(last_bought_on=date(2017, 12, 28), recent_purchase_days=1)
    reason = why_at_risk(told, AS_OF, 92)
    assert reason is not None
    assert say(reason) == "On time, but only 1 visit in the last 92 days"


def test_scores_that_may_not_be_seen_are_not_there():
    assert scores(page(churn_chance=...), AS_OF, "USD", 92) is None
    assert scores(page(churn_chance=None, expected_loss=None), AS_OF, "USD", 92) == ()


def test_the_model_says_why_where_it_does_and_the_habit_where_not():
    why = raising(("silence", Decimal("0.231"), None, None, None, None), dict.fromkeys(HABIT, 9), 92)
    told, plain = (scores(page(value_tenth=None), AS_OF, "USD", 92, each) for each in (why, None))
    assert told is not None
    assert plain is not None
    assert [told[0].reason, plain[0].reason] == [why, why_at_risk(page(), AS_OF, 92)]


def test_an_open_case_comes_before_everything():
    steps = [say(each) for each in next_steps(page(open_cases=1), None, AS_OF)]
    assert steps[0].startswith("Close 1 open case first")
    assert steps[1] == "Find out why they stay away: they are later than usual."


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ((), "No way of contacting them is allowed; wait until they come."),
        (("e-mail",), "You may reach them by e-mail."),
        (("e-mail", "post"), "You may reach them by e-mail or post."),
    ],
)
def test_only_what_was_given_is_a_way_to_reach_them(given: tuple[str, ...], said: str):
    every = [
        Permission(channel=each, purpose="offers", decision="given" if each in given else refused, at=None, records=1)
        for each, refused in (("e-mail", "withdrawn"), ("post", ""), ("phone", "withdrawn"))
    ]
    assert say(next_steps(page(), every, AS_OF)[-1]) == said


def test_the_tier_is_among_the_scores_and_leads_to_its_question():
    told = scores(page(investment_tier="tier:do-not-invest"), AS_OF, "USD", 92)
    assert told is not None
    assert [(say(each.value), each.asks) for each in told if each.asks == "investment-tier"] == [
        ("Do not invest", "investment-tier")
    ]
    assert "same service" in say(told[-1].reason)
    assert all(each.asks != "investment-tier" for each in scores(page(), AS_OF, "USD", 92) or ())


@pytest.mark.parametrize("basis", ["margin", "revenue"])
def test_what_they_will_bring_is_told_with_its_range_and_what_it_counts(basis: str):
    worth = {"worth": Decimal("1234.56"), "worth_low": Decimal("800.40"), "worth_high": Decimal("2000.60")}
    told = scores(page(**worth, worth_basis=basis, worth_days=365), AS_OF, "USD", 92)
    assert told is not None
    (found,) = (each for each in told if each.asks == "lifetime-value")
    assert say(text("{value}", value=found.value)) == "$1,235"
    assert say(found.reason) == (
        f"{basis.title()} of the next 365 days; of ten such customers, eight end from $800 to $2,001"
    )


def test_who_is_not_shown_costs_is_not_told_what_they_will_bring():
    assert all(each.asks != "lifetime-value" for each in scores(page(), AS_OF, "USD", 92) or ())
