"""Who fits a condition on one date, within what a person may see: asked of the cube, for each customer by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray
from sqlglot import exp

from clientela.access.area import EVERYTHING, Reach
from clientela.contracts.filter import And, Condition, Filter, Operator
from clientela.contracts.schema import AS_STORED, Kind, Type
from clientela.contracts.tables import CONTRACTS
from clientela.cube.declared.measure import MEASURES, Measure
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.scoped import within
from clientela.cube.segments.changes import ordinal
from clientela.cube.segments.events import window_begins
from clientela.cube.segments.fields import Attribute, Bought, Counted, Meaning, Purchases, Since, Window
from clientela.cube.segments.membership import Condensed, condensed, members_now
from clientela.cube.segments.people import as_values, golden
from clientela.cube.segments.truth import Truth, Values, holds, said
from clientela.errors import NotPermittedError
from clientela.warehouse.physical import facts_part


@dataclass(frozen=True, slots=True)
class Fitting:
    """Customers in ascending order, (n,), which of them fit, and what each condition compares.

    ``hidden``: of whom the asker may not see what it compares; whether it holds is unknown then, null or not.
    """

    segment: Condensed
    customer: NDArray[np.int64]
    fits: NDArray[np.bool_]
    values: tuple[Values, ...]
    hidden: tuple[NDArray[np.bool_], ...]

    def of(self, leaf: int, place: int) -> tuple[str | None, bool | None]:
        """What one condition compares of one customer, and whether it holds; None where it is unknown."""
        meaning = self.segment.meanings[leaf]
        one = self.values[leaf].at(np.array([place]))
        if isinstance(meaning, Bought):
            return said(one, 0, Type.INT), bool(one.values[0] > 0)
        if self.hidden[leaf][place]:
            return None, None
        told: Truth = holds(self.segment.leaves[leaf], one)
        return said(one, 0, meaning.type), {0: False, 1: None, 2: True}[int(told[0])]


def fitting(kb: SnapshotKnowledge, where: Filter, *, only: int | None = None) -> Fitting:
    """Who fits a condition as of the knowledge base's date, of the customers that the asker sees.

    Parameters
    ----------
    only : one customer's number; None: all

    Raises
    ------
    NotPermittedError
        The asker may not see the customers one by one, or not what the condition names.
    """
    scope = kb.view.scope
    if scope is not None and scope.of_many is not None:
        raise NotPermittedError(
            "who sees figures of many customers only cannot try conditions: each would tell of somebody. "
            "`clientela segment list` shows the segments there are."
        )
    segment = condensed(where)
    reach = None if scope is None else scope.of_columns(["customer.customer_id"])
    if reach is not None and not reach:
        raise NotPermittedError("the customers cannot be seen one by one with your rights.")
    customers = _customers(kb, reach, only)
    columns, unseen = _columns(kb, segment, customers)
    values = tuple(
        _values(kb, leaf, meaning, customers, columns, only)
        for leaf, meaning in zip(segment.leaves, segment.meanings, strict=True)
    )
    nobody = np.zeros(len(customers), dtype=bool)
    of_records = (Attribute, Since)
    hidden = tuple(unseen[each.column] if isinstance(each, of_records) else nobody for each in segment.meanings)
    told = {leaf: (values[place], hidden[place]) for place, leaf in enumerate(segment.leaves)}
    return Fitting(segment, customers, members_now(segment, told), values, hidden)


def _customers(kb: SnapshotKnowledge, reach: Reach | None, only: int | None) -> NDArray[np.int64]:
    """Every customer of whom anything was ever known as of the date, as a run has it: withdrawn since then, or not."""
    seen = exp.select("customer_id").from_("customer")
    if reach is not None:
        within(seen, reach)
    mine = {int(row[0]) for row in kb.view.rows(seen, {})}
    if kb.as_of < kb.run_as_of:
        known: set[int] = set()
        for name in sorted(kb.view.tables):
            contract = CONTRACTS.get(name)
            part = None if contract is None or contract.kind is not Kind.FACT else facts_part(contract)
            if part is not None and "customer_id" in part.names:
                known.update(int(row[0]) for row in kb.view.rows(_ever_known(name), {}))
        mine &= known
    return np.array(sorted(mine if only is None else mine & {only}), dtype=np.int64)


def _ever_known(table: str) -> exp.Select:
    """The customers of whom a version of some fact was known when the date began."""
    stored = exp.to_table(table)
    stored.meta[AS_STORED] = True
    happened = exp.LT(this=exp.column("happened_on"), expression=exp.cast(exp.Placeholder(this="as_of"), "date"))
    known_at = exp.cast(exp.Placeholder(this="known_at"), "timestamp")
    learned = exp.or_(exp.column("known_assumed"), exp.LT(this=exp.column("known_from"), expression=known_at))
    nobody = exp.Is(this=exp.column("customer_id"), expression=exp.Null())
    return within(
        exp.select("customer_id").distinct().from_(stored).where(happened, learned, exp.not_(nobody)), EVERYTHING
    )


def _columns(
    kb: SnapshotKnowledge, segment: Condensed, customers: NDArray[np.int64]
) -> tuple[dict[str, Values], dict[str, NDArray[np.bool_]]]:
    """The columns of the golden records that are compared, and of whom each is hidden."""
    found: dict[str, Values] = {}
    hidden: dict[str, NDArray[np.bool_]] = {}
    for name in sorted(segment.columns):
        reach = None if kb.view.scope is None else kb.view.scope.of_columns([f"customer.{name}"])
        if reach is not None and not reach:
            raise NotPermittedError(f"'{name}' of 'customer' cannot be seen with your rights; leave it out.")
        seen = golden(kb.view, [name], reach)
        found |= seen.for_(customers)
        hidden[name] = ~np.isin(customers, seen.customer)
    return found, hidden


def _values(
    kb: SnapshotKnowledge,
    leaf: Condition,
    meaning: Meaning,
    customers: NDArray[np.int64],
    columns: dict[str, Values],
    only: int | None,
) -> Values:
    if isinstance(meaning, Attribute):
        return columns[meaning.column]
    if isinstance(meaning, Since):
        days = columns[meaning.column]
        return Values(ordinal(kb.as_of) - np.where(days.known, days.values, 0).astype(np.int64), days.known)
    if isinstance(meaning, Purchases):
        return _purchases(kb, meaning, customers, only)
    measure, kept, window = "orders", leaf, None
    if isinstance(meaning, Counted):
        measure, kept, window = meaning.measure, meaning.within, meaning.window  # type: ignore[assignment] # or none
    where = _all(kept, _of_window(kb.as_of, window), _of_one(only))
    told = {row[0]: row[1] for row in kb.query([measure], ["customer"], where).rows}
    asked = MEASURES[measure]
    empty = asked.empty if isinstance(asked, Measure) else None
    return as_values([told.get(int(each), empty) for each in customers], asked.unit.type)


def _purchases(kb: SnapshotKnowledge, meaning: Purchases, customers: NDArray[np.int64], only: int | None) -> Values:
    days: dict[int, list[date]] = {}
    where = _all(_of_window(kb.as_of, meaning.window), _of_one(only))
    for customer, day, orders in kb.query(["orders"], ["customer", "day"], where).rows:
        if orders and isinstance(customer, int) and isinstance(day, date):
            days.setdefault(customer, []).append(day)
    told: list[object] = []
    for each in customers:
        bought = days.get(int(each))
        told.append(None if bought is None else _of_days(meaning, bought, kb.as_of))
    return as_values(told, meaning.type)


def _of_days(meaning: Purchases, bought: Sequence[date], as_of: date) -> object:
    if meaning.what == "repeats":
        return len(bought) - 1
    if meaning.what == "span":
        return (max(bought) - min(bought)).days
    day = min(bought) if meaning.what == "first" else max(bought)
    return (as_of - day).days - meaning.less if meaning.since else day


def _of_window(as_of: date, window: Window | None) -> Filter | None:
    if window is None:
        return None
    begins = int(window_begins(np.array([ordinal(as_of)]), window)[0])
    return Condition("day", Operator.GE, date.fromordinal(date(1970, 1, 1).toordinal() + begins))


def _of_one(only: int | None) -> Filter | None:
    return None if only is None else Condition("customer", Operator.EQ, only)


def _all(*parts: Filter | None) -> Filter | None:
    said = tuple(each for each in parts if each is not None)
    return And(said) if len(said) > 1 else said[0] if said else None
