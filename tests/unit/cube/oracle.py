"""The cube again in plain Python, on lists of rows: shares no code with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from clientela.contracts.filter import And, Condition, Filter, Not, Or

Row = Mapping[str, Any]
REVENUE_KINDS = ("sale", "return", "cancellation")
FACT_OF = {
    "new_customers": "start",
    "lost_customers": "loss",
    "customers_scored": "score",
    "customers_at_risk": "score",
    "expected_loss": "score",
    "customers_valued": "score",
    "margin_to_come": "score",
}
RATIOS = {
    "margin_share": ("margin", "revenue_with_cost"),
    "cost_known_share": ("revenue_with_cost", "revenue"),
    "anonymous_share": ("anonymous_revenue", "revenue"),
    "basket": ("revenue", "orders"),
    "revenue_per_customer": ("customer_revenue", "customers"),
    "days_per_customer": ("purchase_days", "customers"),
    "discount_share": ("discount", "revenue_before_discount"),
    "return_share": ("returns", "sales"),
}
TIME = ("day", "week", "month", "quarter", "year")
SEGMENT = "segment"  # the one thing that a row has several of


class World:
    """Delivered rows, all versions of them, as of a date."""

    def __init__(self, tables: Mapping[str, Sequence[Row]], as_of: date, known_at: datetime, lapse_days: int) -> None:
        self.as_of, self.lapse_days = as_of, lapse_days
        self.product = {row["product_id"]: row for row in tables["product"] if _known(row, known_at)}
        self.territory = {row["territory_id"]: row for row in tables["territory"] if _known(row, known_at)}
        lines = [row for row in tables["order_line"] if row["happened_on"] < as_of and _known(row, known_at)]
        bought: dict[int, set[date]] = {}
        for row in lines:
            if row["kind"] == "sale" and row["customer_id"] is not None:
                bought.setdefault(row["customer_id"], set()).add(row["happened_on"])
        self.facts: dict[str, list[Row]] = {
            "line": [{**row, **self._of_line(row)} for row in lines],
            "start": [{"customer": who, **_times(min(days))} for who, days in bought.items()],
            "loss": [
                {"customer": who, **_times(lost)} for who, days in bought.items() for lost in self._losses(sorted(days))
            ],
            "score": [{"customer": row["customer_id"], **row} for row in tables["score"] if row["as_of"] == as_of],
        }
        self.segments: dict[int, set[str]] = {}
        for row in tables.get("segment_member", ()):
            if row["valid_from"] <= as_of and (row["valid_to"] is None or row["valid_to"] > as_of):
                self.segments.setdefault(row["customer_id"], set()).add(row["segment"])

    def _losses(self, days: list[date]) -> Iterable[date]:
        for place, day in enumerate(days):
            lost = day + timedelta(days=self.lapse_days)
            came_back = days[place + 1] if place + 1 < len(days) else None
            if lost < self.as_of and (came_back is None or came_back > lost):
                yield lost

    def _of_line(self, row: Row) -> Row:
        product = self.product.get(row["product_id"], {})
        place = self.territory.get(row["territory_id"])
        named = {"territory": place["name"] if place else None, "region": None, "nation": None}
        while place is not None:
            if place["level"] in named:
                named[place["level"]] = place["name"]
            place = self.territory.get(place["parent_id"])
        return {
            **_times(row["happened_on"]),
            **named,
            "customer": row["customer_id"],
            "category": product.get("category"),
            "brand": product.get("brand"),
            "product_name": product.get("name"),
        }

    def answer(
        self, measures: Sequence[str], by: Sequence[str], where: Filter | None
    ) -> tuple[dict[tuple[Any, ...], tuple[Any, ...]], tuple[Any, ...]]:
        """The figures per members of ``by``, and in total."""
        asked = {part for name in measures for part in RATIOS.get(name, (name,))}
        rows = {
            fact: [row for row in map(self._in_segments, self.facts[fact]) if where is None or holds(where, row)]
            for fact in {FACT_OF.get(name, "line") for name in asked}
        }
        shown = {fact: _each_segment(each) for fact, each in rows.items()} if SEGMENT in by else rows
        parts = {fact: _parted(each, by) for fact, each in shown.items()}
        members = dict.fromkeys(member for each in parts.values() for member in each)
        figures = {}
        for member in members:
            mine = {fact: each.get(member, []) for fact, each in parts.items()}
            figures[member] = tuple(self._figure(name, mine) for name in measures)
        return figures, tuple(self._figure(name, rows) for name in measures)

    def _in_segments(self, row: Row) -> Row:
        who = row["customer"]
        return {**row, SEGMENT: None if who is None else frozenset(self.segments.get(who, ()))}

    def _figure(self, name: str, rows: Mapping[str, list[Row]]) -> Any:
        if name in RATIOS:
            above, below = (self._figure(part, rows) for part in RATIOS[name])
            return None if above is None or not below else Decimal(above) / Decimal(below)
        return COUNTED[name](rows[FACT_OF.get(name, "line")], self)


def _parted(rows: Iterable[Row], by: Sequence[str]) -> dict[tuple[Any, ...], list[Row]]:
    """The rows of each member."""
    parts: dict[tuple[Any, ...], list[Row]] = {}
    for row in rows:
        parts.setdefault(tuple(row[name] for name in by), []).append(row)
    return parts


def holds(where: Filter, row: Row) -> bool | None:
    """True, False, or None where it is unknown."""
    if isinstance(where, Not):
        inner = holds(where.part, row)
        return None if inner is None else not inner
    if isinstance(where, (And, Or)):
        parts = [holds(part, row) for part in where.parts]
        decisive = isinstance(where, Or)
        if decisive in parts:
            return decisive
        return None if None in parts else not decisive
    if where.field == SEGMENT:
        return _among(where, row[SEGMENT])
    return _condition(where, row[where.field])


def _among(where: Condition, segments: frozenset[str] | None) -> bool | None:
    """Whether a customer is in some segment that is as asked; nobody is in none, and it is not known in which not."""
    if str(where.operator) == "is_null":
        return not segments
    if segments is None:
        return None
    if str(where.operator) == "ne":
        return where.value not in segments
    return any(_condition(where, each) for each in segments)


def _each_segment(rows: Iterable[Row]) -> list[Row]:
    """A row for each segment of its customer; one for who is in none."""
    return [{**row, SEGMENT: each} for row in rows for each in (row[SEGMENT] or (None,))]


def _condition(where: Condition, found: Any) -> bool | None:
    wanted: Any = where.value
    operator = str(where.operator)
    if operator == "is_null":
        return found is None
    if operator == "in" and not wanted:
        return False
    if found is None:
        return None
    tests: Mapping[str, Callable[[], bool]] = {
        "eq": lambda: found == wanted,
        "ne": lambda: found != wanted,
        "lt": lambda: found < wanted,
        "le": lambda: found <= wanted,
        "gt": lambda: found > wanted,
        "ge": lambda: found >= wanted,
        "in": lambda: found in wanted,
        "between": lambda: wanted[0] <= found <= wanted[1],
        "contains": lambda: wanted in found,
        "starts_with": lambda: found.startswith(wanted),
    }
    return tests[operator]()


def _known(row: Row, known_at: datetime) -> bool:
    until = row.get("known_until")
    return row["known_from"] < known_at and (until is None or until >= known_at)


def _times(day: date) -> dict[str, date]:
    return {
        "day": day,
        "week": day - timedelta(days=day.weekday()),
        "month": day.replace(day=1),
        "quarter": date(day.year, 3 * ((day.month - 1) // 3) + 1, 1),
        "year": date(day.year, 1, 1),
    }


def _total(rows: Iterable[Row], value: Callable[[Row], Decimal | None], empty: Decimal | None) -> Decimal | None:
    known = [each for each in map(value, rows) if each is not None]
    return sum(known, Decimal(0)) if known else empty


def _revenue(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["kind"] in REVENUE_KINDS]


def _sales(rows: Iterable[Row]) -> list[Row]:
    return [row for row in rows if row["kind"] == "sale"]


def _less(row: Row) -> Decimal | None:
    return None if row["cost_of_goods"] is None else row["net_revenue"] - row["cost_of_goods"]


def _before(row: Row) -> Decimal | None:
    return None if row["discount"] is None else row["net_revenue"] + row["discount"]


def _money(row: Row) -> Decimal:
    return row["net_revenue"]  # type: ignore[no-any-return]


ZERO = Decimal(0)
COUNTED: Mapping[str, Callable[[list[Row], World], Any]] = {
    "revenue": lambda rows, _: _total(_revenue(rows), _money, ZERO),
    "other_revenue": lambda rows, _: _total((r for r in rows if r["kind"] in ("shipping", "fee")), _money, ZERO),
    "sales": lambda rows, _: _total(_sales(rows), _money, ZERO),
    "returns": lambda rows, _: _total((r for r in rows if r["kind"] == "return"), lambda r: -_money(r), ZERO),
    "margin": lambda rows, _: _total(_revenue(rows), _less, None),
    "revenue_with_cost": lambda rows, _: _total(
        (r for r in _revenue(rows) if r["cost_of_goods"] is not None), _money, ZERO
    ),
    "revenue_with_assumed_cost": lambda rows, _: _total(
        (r for r in _revenue(rows) if r.get("cost_assumed") is True), _money, ZERO
    ),
    "discount": lambda rows, _: _total(_revenue(rows), lambda r: r["discount"], None),
    "revenue_before_discount": lambda rows, _: _total(_revenue(rows), _before, None),
    "anonymous_revenue": lambda rows, _: _total((r for r in _revenue(rows) if r["customer_id"] is None), _money, ZERO),
    "customer_revenue": lambda rows, _: _total(
        (r for r in _revenue(rows) if r["customer_id"] is not None), _money, ZERO
    ),
    "orders": lambda rows, _: len({(r["source"], r["order_id"]) for r in _sales(rows)}),
    "order_lines": lambda rows, _: len(_sales(rows)),
    "quantity": lambda rows, _: _total(_revenue(rows), lambda r: r["quantity"], None),
    "customers": lambda rows, _: len({r["customer_id"] for r in _sales(rows)} - {None}),
    "purchase_days": lambda rows, _: len(
        {(r["customer_id"], r["happened_on"]) for r in _sales(rows) if r["customer_id"] is not None}
    ),
    "days_since_purchase": lambda rows, world: min(
        ((world.as_of - r["happened_on"]).days for r in _sales(rows)), default=None
    ),
    "new_customers": lambda rows, _: len(rows),
    "lost_customers": lambda rows, _: len({r["customer"] for r in rows}),
    "customers_scored": lambda rows, _: sum(r["analysis"] == "churn-risk" for r in rows),
    "customers_at_risk": lambda rows, _: _total(
        (r for r in rows if r["analysis"] == "churn-risk"), lambda r: r["value"], None
    ),
    "expected_loss": lambda rows, _: _total(
        (r for r in rows if r["analysis"] == "churn-loss"), lambda r: r["value"], None
    ),
    "customers_valued": lambda rows, _: sum(r["analysis"] == "lifetime-value" for r in rows),
    "margin_to_come": lambda rows, _: _total(
        (r for r in rows if r["analysis"] == "lifetime-value"), lambda r: r["value"], None
    ),
}
