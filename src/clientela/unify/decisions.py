"""What persons decided about records: these two are one customer, those are not; and what they took back."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

from clientela.errors import LandingError, UnknownNameError, UsageError
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store.landing import Landing

NAME = "decisions.jsonl"
Pair = tuple[str, str]  # of pseudonyms, the smaller first
Kind = Literal["join", "split"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """A person's word that each of these pairs of records is one customer (``join``) or is not (``split``)."""

    id: str
    kind: Kind
    pairs: tuple[Pair, ...]
    by: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Undo:
    """A person took the decision ``of`` back: from then on it is as if it had never been made."""

    id: str
    of: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """What holds of all that was decided: the pairs ``joined`` and ``parted``, each with its decision's id.

    ``apart_since``: of the pairs that are kept apart, and of those whose joining was taken back, what did so (the id
    of the decision or of the undoing) and when, in UTC.
    """

    joined: Mapping[Pair, str]
    parted: Mapping[Pair, str]
    apart_since: Mapping[Pair, tuple[str, datetime]]

    def __bool__(self) -> bool:
        return bool(self.joined or self.parted)


def standing(entries: Iterable[Decision | Undo]) -> Standing:
    """What holds: of each pair the last decision that was not taken back.

    Examples
    --------
    >>> at = datetime(2026, 1, 1, tzinfo=UTC)
    >>> join = Decision(id="a", kind="join", pairs=(("r1", "r2"),), by="Ana", at=at, reason="")
    >>> split = Decision(id="b", kind="split", pairs=(("r1", "r2"),), by="Ben", at=at, reason="")
    >>> standing([join, split]).joined, standing([join, split]).parted
    ({}, {('r1', 'r2'): 'b'})
    >>> standing([join, split, Undo(id="c", of="b", by="Ben", at=at)]).joined
    {('r1', 'r2'): 'a'}
    """
    listed = list(entries)
    undone = {each.of: each for each in listed if isinstance(each, Undo)}
    last: dict[Pair, Decision] = {}
    released: dict[Pair, tuple[str, datetime]] = {}
    for each in (each for each in listed if isinstance(each, Decision)):
        for two in each.pairs:
            if each.id not in undone:
                last[two] = each
            elif each.kind == "join":
                released[two] = (undone[each.id].id, undone[each.id].at)
    parted = {two: each for two, each in sorted(last.items()) if each.kind == "split"}
    joined = {two: each.id for two, each in sorted(last.items()) if each.kind == "join"}
    since = {two: said for two, said in released.items() if two not in joined}
    return Standing(
        joined=joined,
        parted={two: each.id for two, each in parted.items()},
        apart_since={**since, **{two: (each.id, each.at) for two, each in parted.items()}},
    )


def pair(one: str, other: str) -> Pair:
    """Two records as a pair.

    Raises
    ------
    UsageError
        They are one.
    """
    if one == other:
        raise UsageError("a record cannot be joined with itself or split from itself; name two records.")
    return (one, other) if one < other else (other, one)


def pairs_between(records: Iterable[str], others: Iterable[str]) -> tuple[Pair, ...]:
    """Each of some records with each of the others that is none of them: what a split of a customer keeps apart."""
    some = frozenset(records)
    return tuple(sorted({pair(each, other) for each in some for other in set(others) - some}))


def read(landing: Landing) -> tuple[Decision | Undo, ...]:
    """Everything that was decided and taken back, oldest first.

    Raises
    ------
    LandingError
        A line is no decision.
    """
    return tuple(_entry(each, line) for line, each in enumerate(_journal(landing).read(), start=1))


def decide(landing: Landing, kind: Kind, pairs: Iterable[Pair], *, by: str, now: datetime, reason: str) -> Decision:
    """Journal a decision; when this returns, it is on the disk. Only the holder of the lock may.

    Raises
    ------
    UsageError
        It says nothing, or names a record twice in one pair.
    """
    said = tuple(sorted({pair(*each) for each in pairs}))
    if not said:
        raise UsageError("no pair of records was named, so there is nothing to decide; name at least two records.")
    told = {"kind": kind, "pairs": list(map(list, said)), "by": by, "at": _utc(now).isoformat(), "reason": reason}
    return _decision(_append(landing, told))


def undo(landing: Landing, of: str, *, by: str, now: datetime) -> Undo:
    """Journal that a decision is taken back; when this returns, it is on the disk. Only the holder of the lock may.

    Raises
    ------
    UnknownNameError
        There is no such decision.
    UsageError
        It was taken back already, or is itself one that takes back.
    """
    entries = read(landing)
    decisions = {each.id: each for each in entries if isinstance(each, Decision)}
    undos = {each.id: each for each in entries if isinstance(each, Undo)}
    if of in undos:
        said = f"'{of}' took the decision '{undos[of].of}' back, and that stays so; decide anew with join or split."
        raise UsageError(said)
    if of not in decisions:
        raise UnknownNameError("decision", of, decisions)
    if any(each.of == of for each in undos.values()):
        raise UsageError(f"the decision '{of}' was taken back already; decide anew with join or split.")
    told = {"kind": "undo", "of": of, "by": by, "at": _utc(now).isoformat()}
    return _undo(_append(landing, told))


def forget(landing: Landing, is_erased: Callable[[str], bool], *, now: datetime) -> tuple[str, ...]:
    """Take the records of erased persons out of every decision, with its reason, which may name them; the ids.

    A decision keeps its place and its id, so no line of the journal is lost.
    """
    journal, lines, changed = _journal(landing), [], []
    for entry, told in zip(read(landing), journal.read(), strict=True):
        pairs = entry.pairs if isinstance(entry, Decision) else ()
        left = [said for said in pairs if not any(map(is_erased, said))]
        if len(left) < len(pairs):
            changed.append(entry.id)
            lines.append({**told, "pairs": left, "reason": "", "forgotten_at": _utc(now).isoformat()})
        else:
            lines.append(told)
    if changed:
        journal.rewrite(lines)
    return tuple(changed)


def _journal(landing: Landing) -> JsonLines:
    return JsonLines(landing.folder / NAME)


def _append(landing: Landing, told: dict[str, Any]) -> dict[str, Any]:
    """Journal what was decided under an id that says nothing and that no other bears."""
    before = read(landing)
    named = {"id": _id(told, len(before), {each.id for each in before}), **told}
    _journal(landing).append(named)
    return named


def _id(told: dict[str, Any], number: int, taken: Collection[str]) -> str:
    content = json.dumps(told, ensure_ascii=False, sort_keys=True)
    while True:
        found = hashlib.sha256(f"{number}\x1f{content}".encode()).hexdigest()[:8]
        if found not in taken:
            return found
        content += "\x1f"


def _entry(told: dict[str, Any], line: int) -> Decision | Undo:
    try:
        return _undo(told) if told.get("kind") == "undo" else _decision(told)
    except ValueError as error:
        raise LandingError(
            f"line {line} of landing/{NAME} is not a decision: {error}; restore the file from a backup."
        ) from None


def _decision(told: dict[str, Any]) -> Decision:
    kind = _said(told, "kind")
    if kind not in ("join", "split"):
        raise ValueError("its 'kind' is none of join, split, undo")
    return Decision(
        id=_said(told, "id"),
        kind="join" if kind == "join" else "split",
        pairs=_pairs(told),
        by=_said(told, "by"),
        at=_at(told),
        reason=_said(told, "reason"),
    )


def _undo(told: dict[str, Any]) -> Undo:
    return Undo(id=_said(told, "id"), of=_said(told, "of"), by=_said(told, "by"), at=_at(told))


def _said(told: dict[str, Any], name: str) -> str:
    if not isinstance(told.get(name), str):
        raise ValueError(f"its '{name}' is not text" if name in told else f"it has no '{name}'")
    return str(told[name])


def _at(told: dict[str, Any]) -> datetime:
    try:
        return _utc(datetime.fromisoformat(_said(told, "at")))
    except (ValueError, OverflowError):
        raise ValueError("its 'at' is not a time") from None


def _pairs(told: dict[str, Any]) -> tuple[Pair, ...]:
    """The pairs of a line, as they were written: two different texts each, the smaller first."""
    pairs = told.get("pairs")
    if not isinstance(pairs, list):
        raise ValueError("its 'pairs' is not a list" if "pairs" in told else "it has no 'pairs'")
    for each in pairs:
        if not (isinstance(each, list) and len(each) == 2 and all(isinstance(ref, str) for ref in each)):
            raise ValueError("its 'pairs' are not two records each")
        if not each[0] < each[1]:
            raise ValueError("its 'pairs' are not in order")
    return tuple((left, right) for left, right in pairs)


def _utc(moment: datetime) -> datetime:
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
