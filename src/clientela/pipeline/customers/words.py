"""A customer in sentences: how they stand, what the scores rest on, what to do next, whether they may be contacted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from clientela.analyse.customer.tiers.words import NAMES as TIERS
from clientela.contracts.text import Amount, Text, ntext, text
from clientela.pipeline.customers.told import Permission, Score, Seen

LATE = 1.2  # times the usual gap: as the list of customers at risk says it
RARE = 0.7  # of the usual number of purchase days
MANY_CONTACTS = 4  # in 30 days
LIKELY = 1.5  # times the average chance of leaving

_WAYS: Mapping[str, Text] = MappingProxyType(
    {
        "e-mail": text("e-mail"),
        "email": text("e-mail"),
        "phone": text("telephone"),
        "post": text("post"),
        "sms": text("text message"),
        "web": text("web"),
        "app": text("app"),
        "store": text("store"),
        "field": text("visit"),
        "chat": text("chat"),
        "social": text("social network"),
    }
)
_CAUSES: Mapping[str, Text] = MappingProxyType(
    {
        "happened": text("something happened"),
        "changed": text("a fact was corrected"),
        "withdrawn": text("a fact was withdrawn"),
        "time": text("time passed"),
        "known": text("they came to be known"),
        "definition": text("the definition began or ended"),
    }
)
_INSTRUMENTS: Mapping[str, Text] = MappingProxyType(
    {
        "nps": text("“Would you recommend us?” (0 to 10)"),
        "csat": text("“How content are you?” (1 to 5)"),
        "ces": text("“How easy was it?” (1 to 7)"),
    }
)


def way(channel: str | None) -> Text:
    """A channel in words; one of the company's own as it is written."""
    return _WAYS.get(channel or "") or text("{channel}", channel=channel)


def cause(because: str | None) -> Text:
    """What turned a membership, in words."""
    return _CAUSES.get(because or "") or text("{cause}", cause=because)


def instrument(name: str | None) -> Text:
    """The question of a survey, in words."""
    return _INSTRUMENTS.get(name or "") or text("a survey")


def silent_days(page: Seen, as_of: date) -> int | None:
    """Whole days without a purchase up to the last day looked at; None for who never bought."""
    last = page["last_bought_on"]
    return None if last is None else (as_of - last).days - 1


def is_late(page: Seen, as_of: date) -> bool:
    """Whether they have been silent for longer than is usual with them."""
    silent, gap = silent_days(page, as_of), page["usual_gap_days"]
    return silent is not None and gap is not None and silent >= 2 and silent > LATE * float(gap)


def sentence(page: Seen, as_of: date, currency: str) -> Text:
    """How a customer stands, in one sentence or two."""
    habit = _habit(page, as_of)
    if page["churn_chance"] is None:
        return habit
    chance = Amount(page["churn_chance"], "share", digits=0)
    average = page["churn_average"]
    if not page.sees("expected_loss") or page["expected_loss"] is None or page["expected_loss"] <= 0:
        return text(
            "{habit} They may leave with a chance of {chance}, against {average} on average.",
            habit=habit,
            chance=chance,
            average=Amount(average, "share", digits=0),
        )
    return text(
        "{habit} They may leave with a chance of {chance}, against {average} on average; "
        "we expect {loss} to go with them.",
        habit=habit,
        chance=chance,
        average=Amount(average, "share", digits=0),
        loss=Amount(page["expected_loss"], "money", currency, digits=0),
    )


def _habit(page: Seen, as_of: date) -> Text:
    if not page.sees("last_bought_on", "purchase_days"):
        return text("What this customer buys is outside your scope.")
    silent = silent_days(page, as_of)
    if silent is None:
        return text("This customer has not bought anything yet.")
    gap = page["usual_gap_days"]
    if gap is None:
        return ntext(
            "This customer bought once, {days} day ago.",
            "This customer bought once, {days} days ago.",
            "days",
            days=silent + 1,
        )
    usual = max(round(gap), 1)
    if is_late(page, as_of):
        return ntext(
            "This customer has been silent for {days} day, although they usually come every {gap}.",
            "This customer has been silent for {days} days, although they usually come every {gap}.",
            "days",
            days=silent,
            gap=Amount(usual, "days"),
        )
    return ntext(
        "This customer last bought {days} day ago, within their rhythm of one purchase every {gap}.",
        "This customer last bought {days} days ago, within their rhythm of one purchase every {gap}.",
        "days",
        days=silent + 1,
        gap=Amount(usual, "days"),
    )


def why_at_risk(page: Seen, as_of: date, horizon_days: int | None) -> Text | None:
    """What the chance of leaving rests on, as the list of customers at risk says it; None where that is hidden."""
    silent, gap = silent_days(page, as_of), page["usual_gap_days"]
    if silent is None:
        return None
    if gap is None:
        return ntext("Bought once, {days} day ago", "Bought once, {days} days ago", "days", days=silent + 1)
    if is_late(page, as_of):
        return ntext(
            "Silent for {days} day; usually every {gap}",
            "Silent for {days} days; usually every {gap}",
            "days",
            days=silent,
            gap=max(round(gap), 1),
        )
    age = (as_of - page["first_bought_on"]).days if page["first_bought_on"] else 0
    recent = page["recent_purchase_days"]
    if horizon_days and recent is not None and recent < RARE * min(horizon_days, age) / max(float(gap), 1.0):
        return ntext(
            "On time, but only {n} visit in the last {days}",
            "On time, but only {n} visits in the last {days}",
            "n",
            n=recent,
            days=Amount(horizon_days, "days"),
        )
    return text("On time, as often as usual")


def scores(
    page: Seen, as_of: date, currency: str, horizon_days: int | None, why: Text | None = None
) -> tuple[Score, ...] | None:
    """What is foreseen of a customer and what it rests on; None where scores are outside the reader's scope.

    Parameters
    ----------
    why :
        What raises the chance of leaving, as the model says; where nothing does, what the customer did tells why.
    """
    if not page.sees("churn_chance"):
        return None
    told = []
    if page["churn_chance"] is not None:
        told.append(
            Score(
                label=text("Chance of leaving"),
                value=Amount(page["churn_chance"], "share", digits=1),
                average=Amount(page["churn_average"], "share", digits=1),
                reason=why or why_at_risk(page, as_of, horizon_days),
                asks="churn-risk",
            )
        )
    if page["expected_loss"] is not None:
        told.append(
            Score(
                label=text("Expected loss"),
                value=Amount(page["expected_loss"], "money", currency),
                average=None,
                reason=text("The chance of leaving times what they brought in the last period"),
                asks="churn-risk",
            )
        )
    if page["worth"] is not None:
        told.append(_worth(page, currency))
    if page["value_tenth"] is not None:
        told.append(_tenth(page, currency))
    if page["investment_tier"] is not None:
        told.append(
            Score(
                label=text("Investment tier"),
                value=TIERS[str(page["investment_tier"])],
                average=None,
                reason=text("By what they are expected to bring and how likely they are to leave; same service"),
                asks="investment-tier",
            )
        )
    return tuple(told)


def _worth(page: Seen, currency: str) -> Score:
    """What the customer is expected to bring; who may not see what it rests on is not told."""
    days = Amount(page["worth_days"], "days")
    low, high = (Amount(page[each], "money", currency, digits=0) for each in ("worth_low", "worth_high"))
    said = (
        text(
            "Margin of the next {days}; of ten such customers, eight end from {low} to {high}",
            days=days,
            low=low,
            high=high,
        )
        if page["worth_basis"] == "margin"
        else text(
            "Revenue of the next {days}; of ten such customers, eight end from {low} to {high}",
            days=days,
            low=low,
            high=high,
        )
    )
    return Score(
        label=text("What they will bring"),
        value=Amount(page["worth"], "money", currency, digits=0),
        average=None,
        reason=said,
        asks="lifetime-value",
    )


def _tenth(page: Seen, currency: str) -> Score:
    tenth = int(page["value_tenth"])
    reason = None
    if page.sees("year_revenue"):
        reason = text("{money} in the last 12 months", money=Amount(page["year_revenue"], "money", currency))
    label = text("Place by revenue")
    if tenth == 1:
        return Score(label=label, value=text("best tenth"), average=None, reason=reason, asks="customer-value")
    said = text("tenth {n} of 10", n=tenth)
    return Score(label=label, value=said, average=None, reason=reason, asks="customer-value")


def next_steps(page: Seen, permissions: Sequence[Permission] | None, as_of: date) -> tuple[Text, ...]:
    """What to do next: what is open comes first, then who is about to leave, then nothing, said so."""
    steps: list[Text] = []
    if page["open_cases"]:
        steps.append(
            ntext(
                "Close {n} open case first: an offer in the middle of it would annoy.",
                "Close {n} open cases first: an offer in the middle of them would annoy.",
                "n",
                n=page["open_cases"],
            )
        )
    chance, average = page["churn_chance"], page["churn_average"]
    if is_late(page, as_of):
        steps.append(text("Find out why they stay away: they are later than usual."))
    elif chance is not None and average and float(chance) >= LIKELY * float(average):
        steps.append(text("Speak to this customer soon: they are likelier to leave than most."))
    elif chance is not None:
        steps.append(text("Nothing is urgent: they are no likelier to leave than others."))
    if permissions is not None:
        steps.append(_reach(permissions))
    if page["recent_contacts"] is not None and page["recent_contacts"] >= MANY_CONTACTS:
        steps.append(
            ntext(
                "They had {n} contact from us in 30 days: wait before the next one.",
                "They had {n} contacts from us in 30 days: wait before the next one.",
                "n",
                n=page["recent_contacts"],
            )
        )
    return tuple(steps)


def _reach(permissions: Sequence[Permission]) -> Text:
    ways = list(dict.fromkeys(each.channel for each in permissions if each.allowed))
    if not ways:
        return text("No way of contacting them is allowed; wait until they come.")
    if len(ways) == 1:
        return text("You may reach them by {way}.", way=way(ways[0]))
    return text("You may reach them by {one} or {other}.", one=way(ways[0]), other=way(ways[1]))
