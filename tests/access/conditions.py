"""Random conditions of segments: the text that a person writes, and what it means of one customer in plain Python."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Union

from clientela.contracts.filter import And, Condition, Filter, Not, Operator, Or
from clientela.cube.filters import fields_of
from tests.unit.cube.oracle import COUNTED, RATIOS, TIME, Row, World, holds

SUMS = ("revenue", "sales", "returns", "other_revenue", "margin", "revenue_with_cost", "discount")
FISCAL = ("fiscal_month", "fiscal_quarter", "fiscal_year")
TIMES = (*TIME, *FISCAL)
COUNTS = ("orders", "order_lines", "purchase_days", "customers")
OVER = ("basket", "return_share", "margin_share", "discount_share", "days_per_customer")
LINES = (*TIMES, "category", "brand", "product_name", "product_id", "territory", "channel", "source", "payment_method")
AMONG = (*LINES, "kind")  # of an order the kind of its lines; of a customer what they are
BLANKS = "pop-up  (O'Neil)"  # a name with two blanks, a quote and parentheses
TEXTS = {
    "channel": ("web", "store", BLANKS),
    "category": ("food", "tools", "toys"),
    "brand": ("X", "Y"),
    "product_name": ("A", "B"),
    "product_id": ("p1", "p2", "p4"),
    "territory": ("North", "South", "Hill"),
    "source": ("shop", "till"),
    "payment_method": ("card", "cash"),
    "kind": ("sale", "return", "shipping"),
}
RECORD: dict[str, tuple[Any, ...]] = {
    "kind": ("person", "organisation", None),
    "country": ("ES", "PT", None),
    "records": (1, 2, 3),
    "payment_terms_days": (0, 30, None),
    "credit_limit": (Decimal("100.50"), Decimal(0), None),
    "first_created_on": (*(date(2023, 11, 1) + timedelta(days=each) for each in range(0, 180, 7)), None),
}
SIGNS = {Operator.EQ: "=", Operator.NE: "<>", Operator.LT: "<", Operator.LE: "<=", Operator.GT: ">", Operator.GE: ">="}
UNITS = {"days": (1, 90), "weeks": (1, 14), "months": (1, 5), "quarters": (1, 3), "years": (1, 2)}


@dataclass(frozen=True)
class Looked:
    """What is told of one customer on a date: their lines, each with what it is seen by, and their record.

    ``record``: None where it is hidden.
    """

    lines: Sequence[Row]
    record: Row | None
    world: World

    @property
    def day(self) -> date:
        return self.world.as_of


@dataclass(frozen=True)
class Year:
    """The company's year, from its first month and day; it is named by the year in which it ends."""

    month: int
    day: int

    def parts(self, day: date) -> dict[str, date]:
        """The first days of the fiscal month, quarter and year that a day lies in."""
        first = day
        while first.day != self.day:
            first -= timedelta(days=1)
        months = (first.month - self.month) % 12
        return dict(zip(FISCAL, (before(first, 0, back) for back in (0, months % 3, months)), strict=True))

    def quarter(self, day: date) -> tuple[str, date, date]:
        """What the fiscal quarter of a day is called, with its first and its last day."""
        found = self.parts(day)
        first, begun = found["fiscal_quarter"], found["fiscal_year"]
        ends = before(begun, 1, -12)
        number = (first.year * 12 + first.month - begun.year * 12 - begun.month) // 3 + 1
        return f"FY{ends.year}-Q{number}", first, before(first, 1, -3)


@dataclass(frozen=True)
class Drawn:
    """What random conditions are made with. ``sample``: what a few customers have on a few dates."""

    rng: random.Random
    sample: Sample
    year: Year


@dataclass(frozen=True)
class Leaf:
    """One comparison. ``measure``: what is counted for it, by ``fields``; ``column``: that of the customer's record."""

    said: str
    holds: Callable[[Looked], bool | None]
    measure: str | None = None
    fields: tuple[str, ...] = ()
    column: str | None = None


@dataclass(frozen=True)
class Joined:
    """Conditions of which all hold, or one (``some``)."""

    parts: tuple[Tree, ...]
    some: bool


@dataclass(frozen=True)
class Denied:
    """A condition that does not hold."""

    part: Tree


Tree = Union[Leaf, Joined, Denied]
Told = Callable[[Looked], Any]
Sample = Callable[[Told], list[Any]]


def leaves(tree: Tree) -> list[Leaf]:
    """The comparisons of a tree."""
    if isinstance(tree, Leaf):
        return [tree]
    return [each for part in ((tree.part,) if isinstance(tree, Denied) else tree.parts) for each in leaves(part)]


def fits(tree: Tree, look: Callable[[Leaf], Looked]) -> bool | None:
    """True, False, or None where it is unknown. ``look``: what is seen of the customer for a comparison."""
    if isinstance(tree, Leaf):
        looked = look(tree)
        return None if tree.column is not None and looked.record is None else tree.holds(looked)
    if isinstance(tree, Denied):
        inner = fits(tree.part, look)
        return None if inner is None else not inner
    parts = [fits(part, look) for part in tree.parts]
    if tree.some in parts:
        return tree.some
    return None if None in parts else not tree.some


def written(rng: random.Random, tree: Tree) -> str:
    """The text of a tree, with more parentheses and blanks than it needs now and then."""
    if isinstance(tree, Leaf):
        return tree.said if rng.random() < 0.8 else f"( {tree.said})"
    if isinstance(tree, Denied):
        return f"{rng.choice(('not', 'NOT'))} ({written(rng, tree.part)})"
    word = rng.choice((" or ", "\n  OR ")) if tree.some else rng.choice((" and ", " AND "))
    return word.join(
        f"({written(rng, part)})" if isinstance(part, Joined) else written(rng, part) for part in tree.parts
    )


def tree(drawn: Drawn, depth: int = 3) -> Tree:
    """A condition of up to so many levels."""
    kind = drawn.rng.random()
    if depth == 0 or kind < 0.35:
        return drawn.rng.choice((_counted, _counted, _bought, _dated, _days, _of_record))(drawn)
    if kind < 0.5:
        return Denied(tree(drawn, depth - 1))
    return Joined(tuple(tree(drawn, depth - 1) for _ in range(drawn.rng.choice((2, 2, 3)))), kind < 0.75)


def _counted(drawn: Drawn) -> Leaf:
    """A measure, of some of the lines, over a period."""
    rng, sample = drawn.rng, drawn.sample
    if rng.random() < 0.1:
        value = _figure("revenue", None, (365, 0))
        said, compared = _compared(rng, "year_revenue", sample(value), Decimal)
        return Leaf(said, lambda looked: compared(value(looked)), "revenue")
    name = rng.choice((*SUMS, *COUNTS, *OVER))
    among = _filter(drawn, 2) if rng.random() < 0.5 else None
    said, window = name, None
    if among is not None:
        said += f"{rng.choice(('', ' '))}({of_filter(among, drawn.year)})"
    if rng.random() < 0.5:
        unit = rng.choice([*UNITS])
        count = rng.randint(*UNITS[unit])
        said += f" {rng.choice(('over', 'OVER'))} {count} {unit if count > 1 else unit[:-1]}"
        window = {"days": (1, 0), "weeks": (7, 0), "months": (0, 1), "quarters": (0, 3), "years": (0, 12)}[unit]
        window = (window[0] * count, window[1] * count)
    value = _figure(name, among, window)
    said, compared = _compared(rng, said, sample(value), int if name in COUNTS else Decimal)
    return Leaf(said, lambda looked: compared(value(looked)), name, tuple(fields_of(among)))


def _figure(name: str, among: Filter | None, window: tuple[int, int] | None) -> Told:
    def told(looked: Looked) -> Any:
        first = date.min if window is None else before(looked.day, *window)
        mine = [row for row in looked.lines if row["day"] >= first and (among is None or holds(among, row) is True)]
        if name not in RATIOS:
            return COUNTED[name](mine, looked.world)
        above, below = (COUNTED[part](mine, looked.world) for part in RATIOS[name])
        digits = Decimal("0.0001") if name == "basket" else Decimal("0.000001")
        return None if above is None or not below else (Decimal(above) / below).quantize(digits, ROUND_HALF_UP)

    return told


def before(day: date, days: int, months: int) -> date:
    """The day so far before: so many months before the last day of a month is the last day of that one at most."""
    count = day.year * 12 + day.month - 1 - months
    for number in range(day.day, 0, -1):
        try:
            return date(count // 12, count % 12 + 1, number) - timedelta(days=days)
        except ValueError:
            continue
    raise AssertionError


def _bought(drawn: Drawn) -> Leaf:
    """Whether one order at least fits: of what an order is seen by."""
    asked = _condition(drawn, drawn.rng.choice(LINES))

    def told(looked: Looked) -> bool:
        return any(row["kind"] == "sale" and holds(asked, row) is True for row in looked.lines)

    return Leaf(of_filter(asked, drawn.year), told, "orders", (asked.field,))


def _dated(drawn: Drawn) -> Leaf:
    """The first or the last purchase: so many days ago, or a day."""
    rng = drawn.rng
    last = rng.random() < 0.5
    name = rng.choice(("last_order", "last_bought_on") if last else ("first_order", "first_bought_on"))

    def day(looked: Looked) -> date | None:
        bought = _purchases(looked)
        return None if not bought else bought[-1] if last else bought[0]

    return _of_day(drawn, name, day, "orders", None)


def _of_day(
    drawn: Drawn, name: str, day: Callable[[Looked], date | None], measure: str | None, column: str | None
) -> Leaf:
    rng, sample = drawn.rng, drawn.sample
    fields = () if measure is None else ("day",)
    if rng.random() < 0.3:
        said, compared = _compared(rng, name, sample(day), date)
        return Leaf(said, lambda looked: compared(day(looked)), measure, fields, column)

    def ago(looked: Looked) -> int | None:
        found = day(looked)
        return None if found is None else (looked.day - found).days

    if rng.random() < 0.2:
        said, compared = _compared(rng, f'"days since {name}"', sample(ago), int)
        return Leaf(said, lambda looked: compared(ago(looked)), measure, fields, column)
    known = [each for each in sample(ago) if each is not None and each >= 0]
    count = (rng.choice(known) if known and rng.random() < 0.6 else rng.randrange(1, 120)) + rng.choice((0, 0, 1, -1))
    weeks, denied = rng.random() < 0.2, rng.random() < 0.4
    count = max(1, count // 7 if weeks else count)
    limit = 7 * count if weeks else count

    def near(looked: Looked) -> bool | None:
        found = ago(looked)
        return None if found is None else (found <= limit) is not denied

    said = f"{name} {'not ' if denied else ''}within {count} {'week' if weeks else 'day'}{'s' if count > 1 else ''}"
    return Leaf(said, near, measure, fields, column)


def _days(drawn: Drawn) -> Leaf:
    """What is counted of the days on which somebody bought."""
    name = drawn.rng.choice(("repeat_purchases", "recency_days", "age_days"))

    def told(looked: Looked) -> int | None:
        bought = _purchases(looked)
        if not bought:
            return None
        return {
            "repeat_purchases": len(bought) - 1,
            "recency_days": (bought[-1] - bought[0]).days,
            "age_days": (looked.day - bought[0]).days - 1,
        }[name]

    said, compared = _compared(drawn.rng, name, drawn.sample(told), int)
    return Leaf(said, lambda looked: compared(told(looked)), "orders", ("day",))


def _purchases(looked: Looked) -> list[date]:
    return sorted({row["day"] for row in looked.lines if row["kind"] == "sale"})


def _of_record(drawn: Drawn) -> Leaf:
    """A field of the customer's record, as it is today."""
    name = drawn.rng.choice([*RECORD])

    def told(looked: Looked) -> Any:
        return None if looked.record is None else looked.record.get(name)

    if name == "first_created_on":
        return _of_day(drawn, name, told, None, name)
    kind = next(type(each) for each in RECORD[name] if each is not None)
    said, compared = _compared(drawn.rng, name, drawn.sample(told), kind)
    return Leaf(said, lambda looked: compared(told(looked)), column=name)


def _compared(
    rng: random.Random, name: str, seen: Sequence[Any], kind: type
) -> tuple[str, Callable[[Any], bool | None]]:
    """A comparison of a field in words, and in Python; most often with what somebody has, or with what is beside it."""
    known = [each for each in seen if each is not None]

    def value() -> Any:
        if known and rng.random() < 0.8:
            found = rng.choice(known)
            if kind in (int, Decimal):
                return found + rng.choice((0, 0, 0, 1, -1))
            return found + timedelta(days=rng.choice((0, 0, 1, -1))) if kind is date else found
        some = {int: rng.randrange(4), Decimal: Decimal(rng.randrange(-500, 9000)) / 100, str: "ES"}
        return some[kind] if kind in some else date(2024, rng.randrange(1, 6), rng.randrange(1, 29))

    form = rng.random()
    if form < 0.1:
        denied = rng.random() < 0.5
        return f"{name} is {'not ' if denied else ''}null", lambda told: (told is None) is not denied
    if form < 0.2:
        several, denied = [value() for _ in range(rng.randrange(1, 4))], rng.random() < 0.3
        said = f"{name} {'not ' if denied else ''}in ({', '.join(map(literal, several))})"
        return said, lambda told: None if told is None else (told in several) is not denied
    if form < 0.3:
        low, high = sorted((value(), value()))
        said = f"{name} between {literal(low)} and {literal(high)}"
        return said, lambda told: None if told is None else low <= told <= high
    operator, one = rng.choice([*SIGNS]), value()
    said = f"{name} {SIGNS[operator]} {literal(one)}"
    if rng.random() < 0.1 and kind in (int, Decimal) and '"' not in name and " " not in name:
        turned = {"<": ">", ">": "<", "<=": ">=", ">=": "<="}.get(SIGNS[operator], SIGNS[operator])
        said = f"{literal(one)} {turned} {name}"
    return said, lambda told: None if told is None else _holds(operator, told, one)


def _holds(operator: Operator, left: Any, right: Any) -> bool:
    return {
        Operator.EQ: left == right, Operator.NE: left != right, Operator.LT: left < right,
        Operator.LE: left <= right, Operator.GT: left > right, Operator.GE: left >= right,
    }[operator]  # fmt: skip


def _filter(drawn: Drawn, depth: int) -> Filter:
    kind = drawn.rng.random()
    if depth == 0 or kind < 0.5:
        return _condition(drawn, drawn.rng.choice(AMONG))
    if kind < 0.65:
        return Not(_filter(drawn, depth - 1))
    parts = tuple(_filter(drawn, depth - 1) for _ in range(2))
    return And(parts) if kind < 0.8 else Or(parts)


def _condition(drawn: Drawn, name: str) -> Condition:
    rng, form = drawn.rng, drawn.rng.random()
    if form < 0.1:
        return Condition(name, Operator.IS_NULL)
    if name in TIMES:
        return _of_time(drawn, name, form)
    known = TEXTS[name]
    if form < 0.25:
        return Condition(name, Operator.IN, tuple(rng.sample(known, rng.randrange(1, len(known) + 1))))
    if form < 0.4:
        return Condition(name, rng.choice((Operator.STARTS_WITH, Operator.CONTAINS)), rng.choice(known)[:2])
    return Condition(name, rng.choice([*SIGNS]), rng.choice(known))


def _of_time(drawn: Drawn, name: str, form: float) -> Condition:
    days = sorted(date(2024, 1, 1) + timedelta(days=drawn.rng.randrange(118)) for _ in range(2))
    if form < 0.25:
        return Condition(name, Operator.BETWEEN, (days[0], days[1]))
    if form < 0.4:
        return Condition(name, Operator.BETWEEN, drawn.year.quarter(days[0])[1:])
    day = drawn.year.parts(days[0]).get(name, days[0]) if form < 0.7 else days[0]
    return Condition(name, drawn.rng.choice([*SIGNS]), day)


def of_filter(where: Filter, year: Year) -> str:
    """A filter as a person writes it."""
    if isinstance(where, Not):
        return f"not ({of_filter(where.part, year)})"
    if isinstance(where, (And, Or)):
        word = " and " if isinstance(where, And) else " or "
        return word.join(f"({of_filter(part, year)})" for part in where.parts)
    name, operator, value = where.field, where.operator, where.value
    if isinstance(value, tuple):
        return _of_several(name, operator, value, year)
    if operator in SIGNS:
        return f"{name} {SIGNS[operator]} {literal(value)}"
    return f"{name} is null" if value is None else f"{operator.value}({name}, {literal(value)})"


def _of_several(name: str, operator: Operator, value: tuple[Any, ...], year: Year) -> str:
    if operator is Operator.IN:
        return f"{name} in ({', '.join(map(literal, value))})"
    named, *quarter = year.quarter(value[0])
    return (
        f"{name} = '{named}'" if quarter == [*value] else f"{name} between {literal(value[0])} and {literal(value[1])}"
    )


def literal(value: Any) -> str:
    """A value as it is written."""
    if isinstance(value, date):
        return f"'{value}'"
    return "'" + value.replace("'", "''") + "'" if isinstance(value, str) else f"{value}"
