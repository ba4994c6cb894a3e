"""Everything that may turn a customer's membership, in the order in which it is looked at.

Of one date first what time took away and what was withdrawn, then what happened, each by its moment. What one fact
changes at one date, as when another version takes its place, is one change.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clientela.cube.segments.changes import Rows, Whole
from clientela.cube.segments.fields import Window
from clientela.cube.segments.terms import Term

BEGUN, TIME, WITHDRAWN, HAPPENED, CORRECTED = range(5)
NOBODY = -1  # no table


@dataclass(frozen=True, slots=True)
class Events:
    """Changes in order, (n,) each; ``customer`` is a place in the list of customers.

    ``last`` marks the last event of each change. ``term`` is the place of the term it adds ``amount`` to, -1: none;
    ``sign`` says whether a row comes to count, 1, or no longer does, -1.
    """

    customer: Whole
    on: Whole
    phase: Whole
    moment: Whole
    table: Whole
    fact: Whole
    day: Whole
    cause: Whole
    term: Whole
    amount: Whole
    sign: Whole
    last: NDArray[np.bool_]


_NAMES = ("customer", "on", "phase", "moment", "table", "fact", "day", "cause", "term", "amount", "sign")
_ORDER = ("customer", "on", "phase", "moment", "table", "fact")
Part = Mapping[str, Whole]


def expires(day: Whole, window: Window) -> Whole:
    """The first date whose period no longer reaches back to a day.

    Examples
    --------
    >>> day = np.array(["2024-01-30", "2024-01-31"], dtype="datetime64[D]").astype(np.int64)
    >>> expires(day, Window(1, "months")).astype("datetime64[D]").astype(str).tolist()
    ['2024-03-01', '2024-03-01']
    """
    following = day + 1
    if window.unit == "days":
        return np.asarray(following + window.count)
    dates = following.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    within = (dates - months.astype("datetime64[D]")).astype(np.int64)
    target = months + np.timedelta64(window.count, "M")
    begins = target.astype("datetime64[D]").astype(np.int64)
    ends = (target + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64)
    return np.asarray(np.minimum(begins + within, ends))


def window_begins(on: Whole, window: Window) -> Whole:
    """The first day of the period before each date.

    Examples
    --------
    >>> on = np.array(["2024-03-31"], dtype="datetime64[D]").astype(np.int64)
    >>> window_begins(on, Window(1, "months")).astype("datetime64[D]").astype(str).tolist()
    ['2024-02-29']
    """
    if window.unit == "days":
        return np.asarray(on - window.count)
    dates = on.astype("datetime64[D]")
    months = dates.astype("datetime64[M]")
    within = (dates - months.astype("datetime64[D]")).astype(np.int64)
    target = months - np.timedelta64(window.count, "M")
    begins = target.astype("datetime64[D]").astype(np.int64)
    longest = (target + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int64) - begins - 1
    return np.asarray(begins + np.minimum(within, longest))


def of_rows(
    rows: Sequence[Rows], terms: Sequence[Term], customers: Whole, *, as_of: int, tables: Sequence[str]
) -> list[Part]:
    """The changes that rows make when they begin to count and when they no longer do."""
    parts: list[Part] = []
    for place, term in enumerate(terms):
        told = [
            _of_term(each, term, place, customers, as_of, tables.index(each.table))
            for each in rows
            if term in each.amounts
        ]
        part = _joined(told)
        if part is not None:
            parts.append(_turned(part) if term.kind in ("distinct", "days") else part)
    return parts


def _of_term(rows: Rows, term: Term, place: int, customers: Whole, as_of: int, table: int) -> Part:
    amount = rows.amounts[term]
    since, until = rows.since, rows.until
    expired = np.zeros(len(since), dtype=bool)
    if term.window is not None:
        gone = expires(rows.day, term.window)
        expired = gone < until
        until = np.minimum(until, gone)
    kept = amount.counts & (since < until) & (since <= as_of)
    value = rows.day if term.kind == "days" else amount.value
    if term.kind == "distinct":
        value = value + (table << 40)
    seat = np.searchsorted(customers, rows.customer[kept])
    shared = {
        "customer": seat,
        "table": np.full(len(seat), table, dtype=np.int64),
        "fact": rows.fact[kept],
        "day": rows.day[kept],
        "term": np.full(len(seat), place, dtype=np.int64),
    }
    begins = {
        **shared,
        "on": since[kept],
        "phase": np.ones(len(seat), dtype=np.int64),
        "moment": rows.moment[kept],
        "cause": np.full(len(seat), HAPPENED, dtype=np.int64),
        "amount": value[kept],
        "sign": np.ones(len(seat), dtype=np.int64),
    }
    ends = {
        **shared,
        "on": until[kept],
        "phase": np.zeros(len(seat), dtype=np.int64),
        "moment": rows.moment[kept],
        "cause": np.where(expired[kept], TIME, WITHDRAWN),
        "amount": value[kept],
        "sign": np.full(len(seat), -1, dtype=np.int64),
    }
    ended = ends["on"] <= as_of
    part = {name: np.concatenate([begins[name], ends[name][ended]]) for name in begins}
    if term.kind in ("sum", "rows"):
        part["amount"] = part["amount"] * part["sign"]
    return part


def _joined(parts: Sequence[Part]) -> dict[str, Whole] | None:
    if not parts:
        return None
    return {name: np.concatenate([each[name] for each in parts]) for name in parts[0]}


def _turned(part: Part) -> Part:
    """Of what is told apart, only where it comes to be there and where it no longer is; 1 and -1, with the value."""
    order = np.lexsort((part["fact"], part["moment"], part["phase"], part["on"], part["amount"], part["customer"]))
    told = {name: each[order] for name, each in part.items()}
    if not len(order):
        return {**told, "value": told["amount"]}
    new = np.ones(len(order), dtype=bool)
    new[1:] = (told["customer"][1:] != told["customer"][:-1]) | (told["amount"][1:] != told["amount"][:-1])
    total = np.cumsum(told["sign"])
    before = total - told["sign"]
    base = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    held = total - before[base]
    turns = ((told["sign"] > 0) & (held == 1)) | ((told["sign"] < 0) & (held == 0))
    kept = {name: each[turns] for name, each in told.items()}
    kept["value"] = kept["amount"]
    kept["amount"] = kept["sign"]
    return kept


def ticking(part: Part, ticks: Sequence[int], *, as_of: int) -> Part | None:
    """What time alone turns: an event so many days after each day that comes to be there."""
    came = part["sign"] > 0
    if not ticks or not came.any():
        return None
    day = part["day"][came]
    told = []
    for after in ticks:
        on = day + after
        late = (on <= as_of) & (on > part["on"][came])
        told.append(
            {
                **{name: part[name][came][late] for name in ("customer", "table", "fact", "day", "moment")},
                "on": on[late],
                "phase": np.zeros(int(late.sum()), dtype=np.int64),
                "cause": np.full(int(late.sum()), TIME, dtype=np.int64),
                "term": np.full(int(late.sum()), NOBODY, dtype=np.int64),
                "amount": np.zeros(int(late.sum()), dtype=np.int64),
                "sign": np.zeros(int(late.sum()), dtype=np.int64),
            }
        )
    return _joined(told)


def at_dates(seat: Whole, on: Whole, *, cause: int, table: int, day: Whole, phase: int) -> Part:
    """Events of no fact: a customer is first known, or time passes for a day of theirs."""
    none = np.zeros(len(seat), dtype=np.int64)
    return {
        "customer": seat,
        "on": on,
        "phase": none + phase,
        "moment": none,
        "table": none + table,
        "fact": none,
        "day": day,
        "cause": none + cause,
        "term": none + NOBODY,
        "amount": none,
        "sign": none,
    }


def ordered(parts: Sequence[Part], since: Whole) -> Events:
    """All events in order; what one fact changes at one date is put together."""
    told = _joined([{name: each[name] for name in _NAMES} for each in parts])
    assert told is not None  # noqa: S101 -- every customer begins
    _put_together(told)
    told["on"] = np.maximum(told["on"], since[told["customer"]])
    order = np.lexsort([told[name] for name in reversed(_ORDER)])
    told = {name: each[order] for name, each in told.items()}
    last = np.ones(len(order), dtype=bool)
    last[:-1] = False
    for name in _ORDER:
        last[:-1] |= told[name][1:] != told[name][:-1]
    return Events(**told, last=last)


def _put_together(told: dict[str, Whole]) -> None:
    """Let a fact that no longer reads as it did be taken away in the very change in which it is put back."""
    gone = np.flatnonzero(told["cause"] == WITHDRAWN)
    if not len(gone):
        return
    came = np.flatnonzero((told["cause"] == HAPPENED) & np.isin(told["fact"], told["fact"][gone]))
    keys = ("customer", "table", "fact", "on")
    back = {tuple(int(told[name][each]) for name in keys): each for each in came}
    for each in gone:
        again = back.get(tuple(int(told[name][each]) for name in keys))
        if again is not None:
            told["phase"][each], told["moment"][each] = told["phase"][again], told["moment"][again]
            told["cause"][each] = told["cause"][again] = CORRECTED
