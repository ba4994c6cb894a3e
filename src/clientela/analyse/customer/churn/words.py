"""The reasons of a chance of leaving, in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from clientela.contracts.text import Amount, Text, Value, ntext, text

HABIT = ("repeat_purchases", "recency_days", "age_days", "recent_purchases")
"""What the words are made of, columns of ``customer_feature``."""
LATE = 1.2  # times the usual gap
REASON_COLUMNS = tuple(f"{place}_{part}" for place in ("first", "second", "third") for part in ("reason", "move"))


def raising(row: Sequence[Value], habit: Mapping[str, int], horizon_days: int) -> Text | None:
    """What makes the chance higher than it would be, with how many points of a hundred; None where nothing does.

    Parameters
    ----------
    row :
        The values of `REASON_COLUMNS`.
    habit :
        Those of `HABIT`, by name.

    Examples
    --------
    >>> habit = {"repeat_purchases": 9, "recency_days": 90, "age_days": 149, "recent_purchases": 1}
    >>> said = raising(("silence", 0.231, "visits", -0.1, None, None), habit, 92)
    >>> said.values["reason"].id, said.values["points"].value
    ('Silent for {days} day', 23)
    """
    pairs = zip(row[::2], row[1::2], strict=True)
    told = [
        text("{reason} (+{points})", reason=_reason(str(name), habit, horizon_days), points=points)
        for name, move in pairs
        if name is not None and move is not None and (points := _points(move)).value > 0
    ]
    match told:
        case []:
            return None
        case [first]:
            return first
        case [first, second]:
            return text("{first}; {second}", first=first, second=second)
    return text("{first}; {second}; {third}", first=told[0], second=told[1], third=told[2])


def _points(move: Value) -> Amount:
    return Amount(round(100 * float(str(move))), "count")


def _reason(name: str, habit: Mapping[str, int], horizon_days: int) -> Text:
    silent, repeats = habit["age_days"] - habit["recency_days"], habit["repeat_purchases"]
    if name in ("late", "gap", "pattern"):
        return _of_rhythm(name, silent, repeats, habit["recency_days"])
    match name:
        case "silence":
            return ntext("Silent for {days} day", "Silent for {days} days", "days", days=silent)
        case "visits":
            return ntext(
                "{n} visit in the last {days}",
                "{n} visits in the last {days}",
                "n",
                n=habit["recent_purchases"],
                days=Amount(horizon_days, "days"),
            )
        case "purchases":
            return ntext("{n} purchase so far", "{n} purchases so far", "n", n=repeats + 1)
        case "age":
            return ntext("Customer for {days} day", "Customer for {days} days", "days", days=habit["age_days"] + 1)
    raise ValueError(f"{name} is no reason")


def _of_rhythm(name: str, silent: int, repeats: int, recency: int) -> Text:
    if not repeats:
        return text("Bought once only")
    if name == "late":
        times = Amount(silent * repeats / max(recency, 1), digits=1)
        return text("Silent for {times} times the usual gap", times=times)
    gap = max(round(recency / repeats), 1)
    if name == "pattern" and silent * repeats > LATE * recency:
        return ntext("No longer buys every day", "No longer buys every {days} days", "days", days=gap)
    if name == "pattern":
        return text("After purchases like these, few come again")
    return ntext("Usually buys every day", "Usually buys every {days} days", "days", days=gap)
