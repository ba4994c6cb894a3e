"""Fields of a customer with their words: value, outside the reader's scope, or not known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.pipeline.customers.told import CustomerSeen, Seen
from clientela.pipeline.customers.words import instrument, way


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One field. ``value`` None: it is not known; ``hidden``: it is outside the reader's scope."""

    label: Text
    value: Value
    hidden: bool = False
    covered: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """How a field is told. ``needs``: the columns that must be seen; ``personal``: of the person, else of the page."""

    label: Text
    needs: tuple[str, ...]
    said: Callable[[CustomerSeen, Seen], Value]
    personal: bool = False
    always: bool = False


def _money(name: str) -> Callable[[CustomerSeen, Seen], Value]:
    return lambda found, seen: None if seen[name] is None else Amount(seen[name], "money", found.currency)


def _plain(name: str) -> Callable[[CustomerSeen, Seen], Value]:
    def said(_: CustomerSeen, seen: Seen) -> Value:
        value: Value = seen[name]
        return value

    return said


def _count(name: str) -> Callable[[CustomerSeen, Seen], Value]:
    return lambda _, seen: None if seen[name] is None else Amount(seen[name], "count")


def _joined(*names: str) -> Callable[[CustomerSeen, Seen], Value]:
    def said(_: CustomerSeen, seen: Seen) -> Value:
        return " · ".join(str(seen[name]) for name in names if seen[name] is not None) or None

    return said


def _channels(_: CustomerSeen, seen: Seen) -> Value:
    names = [seen[f"channel_{n}"] for n in (1, 2, 3) if seen[f"channel_{n}"] is not None]
    if not names:
        return None
    said = way(names[0])
    for each in names[1:]:
        said = text("{one} · {other}", one=said, other=way(each))
    return said


def _basket(found: CustomerSeen, seen: Seen) -> Value:
    if not seen["orders"]:
        return None
    return Amount(seen["revenue"] / seen["orders"], "money", found.currency, digits=2)


def _gap(_: CustomerSeen, seen: Seen) -> Value:
    gap = seen["usual_gap_days"]
    return None if gap is None else Amount(max(round(gap), 1), "days")


def _last_contact(_: CustomerSeen, seen: Seen) -> Value:
    last = seen["last_interaction_on"]
    if last is None:
        return None
    channel = seen["last_interaction_channel"]
    return last if channel is None else text("{day}, by {way}", day=last, way=way(channel))


def _cases(_: CustomerSeen, seen: Seen) -> Value:
    if not seen["cases"]:
        return text("none")
    return ntext(
        "{n}, of which {open} open", "{n}, of which {open} open", "n", n=seen["cases"], open=seen["open_cases"]
    )


def _answer(_: CustomerSeen, seen: Seen) -> Value:
    if seen["last_answer_score"] is None:
        return None
    return text("{score} on {question}", score=seen["last_answer_score"],
                question=instrument(seen["last_answer_instrument"]))  # fmt: skip


VALUE: tuple[Field, ...] = (
    Field(text("Revenue so far"), ("revenue",), _money("revenue")),
    Field(text("Revenue, last 12 months"), ("year_revenue",), _money("year_revenue")),
    Field(text("Margin so far"), ("margin",), _money("margin")),
    Field(text("Margin, last 12 months"), ("year_margin",), _money("year_margin")),
    Field(text("Orders"), ("orders",), _count("orders")),
    Field(text("Usual basket"), ("revenue", "orders"), _basket),
    Field(text("Usual gap between purchases"), ("usual_gap_days",), _gap),
    Field(text("First seen"), ("first_seen_on",), _plain("first_seen_on")),
    Field(text("Last purchase"), ("last_bought_on",), _plain("last_bought_on")),
    Field(text("Favourite categories"), ("category_1",), _joined("category_1", "category_2", "category_3")),
    Field(text("Buys by"), ("channel_1",), _channels),
    Field(text("Last contact"), ("last_interaction_on", "last_interaction_channel"), _last_contact),
    Field(text("Cases"), ("cases", "open_cases"), _cases),
    Field(text("Last answer"), ("last_answer_score", "last_answer_instrument"), _answer),
)
PERSONAL: tuple[Field, ...] = (
    Field(text("E-mail"), ("email",), _plain("email"), personal=True, always=True),
    Field(text("Telephone"), ("phone",), _plain("phone"), personal=True, always=True),
    Field(text("Street"), ("street",), _plain("street"), personal=True, always=True),
    Field(text("Postal code"), ("postal_code",), _plain("postal_code"), personal=True),
    Field(text("Birth date"), ("birth_date",), _plain("birth_date"), personal=True),
    Field(text("Gender"), ("gender",), _plain("gender"), personal=True),
    Field(text("Nationality"), ("nationality",), _plain("nationality"), personal=True),
    Field(text("Tax number"), ("tax_id",), _plain("tax_id"), personal=True),
)
ABOUT: tuple[Field, ...] = (
    Field(text("Company"), ("company",), _plain("company")),
    Field(text("Town"), ("city",), _plain("city")),
    Field(text("Region"), ("region",), _plain("region")),
    Field(text("Country"), ("country",), _plain("country"), personal=True),
    Field(text("Language"), ("language",), _plain("language"), personal=True),
    Field(text("Work"), ("job_title",), _plain("job_title"), personal=True),
    Field(text("Sector"), ("sector",), _plain("sector"), personal=True),
)


def facts(found: CustomerSeen, fields: tuple[Field, ...]) -> tuple[Fact, ...]:
    """The fields that say something, or that the reader may not see; what nobody knows is left out."""
    told = []
    for each in fields:
        seen = found.personal if each.personal else found.page
        if not seen.sees(*each.needs):
            told.append(Fact(label=each.label, value=None, hidden=True))
            continue
        value = each.said(found, seen)
        if value is not None or each.always:
            covered = each.personal and found.masked and isinstance(value, str) and "•" in value
            told.append(Fact(label=each.label, value=value, covered=covered))
    return tuple(told)
