"""What a segment may say of a customer, and what each of it is counted from."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Literal, Union

from clientela.contracts.derived.people import CUSTOMER
from clientela.contracts.filter import Condition, Filter, Operator
from clientela.contracts.schema import Type
from clientela.cube.declared.dimension import DIMENSIONS, OF_CUSTOMER
from clientela.cube.declared.facts import FACTS, Fact
from clientela.cube.declared.measure import MEASURES, Measure, Ratio
from clientela.cube.fields import personal_fields, public_fields
from clientela.cube.filters import fields_of
from clientela.errors import NotPermittedError, QueryError, UnknownNameError, UnreachableError

SINCE = "days since "
# Facts of which each row stands for itself: of these it can be said on which day a figure changed, and by what.
FOLLOWED = frozenset(
    {
        *("order_line", "invoice", "subscription", "subscription_end", "interaction", "service_case", "service_cost"),
        *("survey_answer", "opportunity", "contact", "response"),
    }
)


@dataclass(frozen=True, slots=True)
class Window:
    """The last so many days, or months, before a date."""

    count: int
    unit: Literal["days", "months"] | str


@dataclass(frozen=True, slots=True)
class Attribute:
    """A column of the customer's golden record, as it is known today whatever date is asked about."""

    column: str
    type: Type


@dataclass(frozen=True, slots=True)
class Counted:
    """A measure of one customer, over a period before the date where one is said, of the rows within a filter."""

    measure: str
    type: Type
    within: Filter | None = None
    window: Window | None = None


@dataclass(frozen=True, slots=True)
class Purchases:
    """What is told by the days on which a customer bought. ``what``: first, last, repeats, span; ``since``: days ago.

    ``less``: so many days are taken off, as the features count up to the day before.
    """

    what: Literal["first", "last", "repeats", "span"]
    since: bool = False
    less: int = 0
    window: Window | None = None

    @property
    def type(self) -> Type:
        """Days are whole numbers, the first and last purchase a date."""
        return Type.DATE if self.what in ("first", "last") and not self.since else Type.INT


@dataclass(frozen=True, slots=True)
class Since:
    """How many days before the date a day of the golden record lies."""

    column: str

    @property
    def type(self) -> Type:
        """A number of days."""
        return Type.INT


@dataclass(frozen=True, slots=True)
class Bought:
    """Whether one order at least fits a condition: of what an order has several of, such as channels or categories."""

    within: Condition

    @property
    def type(self) -> Type:
        """That of the dimension."""
        return DIMENSIONS[self.within.field].type


Meaning = Union[Attribute, Counted, Purchases, Since, Bought]

_BOUGHT: Mapping[str, Purchases] = MappingProxyType(
    {
        "first_order": Purchases("first"),
        "last_order": Purchases("last"),
        "first_bought_on": Purchases("first"),
        "last_bought_on": Purchases("last"),
        "repeat_purchases": Purchases("repeats"),
        "recency_days": Purchases("span"),
        "age_days": Purchases("first", since=True, less=1),
    }
)
_YEAR = Window(365, "days")


@cache
def attributes() -> Mapping[str, Type]:
    """The columns of the golden record that a segment may name; none that is personal."""
    return MappingProxyType({name: kind for name, kind in public_fields(CUSTOMER).items() if name != "customer_id"})


def known_names() -> Iterator[str]:
    """Every name that a segment may begin with."""
    yield from attributes()
    yield from _BOUGHT
    yield "year_revenue"
    yield from (name for name in MEASURES if _is_followed(name))
    yield from (name for name in _orders().dimensions if name not in ("customer", *OF_CUSTOMER, *attributes()))


def type_of(name: str, *, within: Filter | None, window: Window | None) -> Type:
    """The type of a field.

    Raises
    ------
    UnknownNameError, QueryError, UnreachableError
        No customer has it.
    """
    return meaning(name, within=within, window=window, asked=None).type


def meaning(name: str, *, within: Filter | None, window: Window | None, asked: Condition | None) -> Meaning:
    """What a field means of a customer. ``asked``: the condition that names it, where there is one already.

    Raises
    ------
    UnknownNameError, QueryError, UnreachableError, NotPermittedError
        No customer has it, or it is personal.
    """
    if name.startswith(SINCE):
        return _since(name.removeprefix(SINCE))
    if name == "year_revenue":
        name, window = "revenue", window or _YEAR
    plain = within is None and window is None
    if name in MEASURES and not (plain and name in attributes()):
        return _counted(name, within, window)
    if not plain:
        raise QueryError(f"'{name}' is no measure, so it has neither a period nor a condition of its own.")
    if name in _BOUGHT:
        return _BOUGHT[name]
    if name in attributes():
        return Attribute(name, attributes()[name])
    if name in personal_fields(CUSTOMER):
        raise NotPermittedError(f"'{name}' is personal, and who is in a segment may be seen by more people than that.")
    if name in _orders().dimensions and name not in ("customer", *OF_CUSTOMER):
        return Bought(asked or Condition(name, Operator.IS_NULL))
    raise UnknownNameError("field", name, [*known_names()])


def _orders() -> Fact:
    return FACTS["order_line"]


def _since(name: str) -> Meaning:
    bought = _BOUGHT.get(name)
    if bought is not None and bought.type is Type.DATE:
        return Purchases(bought.what, since=True)
    if attributes().get(name) is Type.DATE:
        return Since(name)
    days = [*(each for each, told in _BOUGHT.items() if told.type is Type.DATE)]
    days += [each for each, kind in attributes().items() if kind is Type.DATE]
    if name not in {*known_names()}:
        raise UnknownNameError("field", name, days)
    raise QueryError(f"'{name}' is no day; within takes one of {', '.join(days)}.")


def _counted(name: str, within: Filter | None, window: Window | None) -> Counted:
    asked = MEASURES[name]
    parts = parts_of(name)
    for part in parts:
        if part.fact not in FOLLOWED:
            raise QueryError(
                f"'{name}' cannot be followed from day to day for one customer; what is counted on orders, invoices, "
                "subscriptions, contacts, cases, answers, opportunities and messages of campaigns can."
            )
        for field in sorted(fields_of(within)):
            if field not in FACTS[part.fact].dimensions:
                raise UnreachableError(name, part.fact, field, FACTS[part.fact].dimensions)
    return Counted(name, asked.unit.type, within, window)


def parts_of(name: str) -> tuple[Measure, ...]:
    """The measures that are counted for one; none where it is made of others in a way that is not followed."""
    asked = MEASURES[name]
    if isinstance(asked, Measure):
        return (asked,)
    if isinstance(asked, Ratio):
        return (*parts_of(asked.numerator), *parts_of(asked.denominator))
    raise QueryError(f"'{name}' cannot be followed from day to day for one customer; name the measures it adds.")


@cache
def _is_followed(name: str) -> bool:
    try:
        return all(part.fact in FOLLOWED for part in parts_of(name))
    except QueryError:
        return False
