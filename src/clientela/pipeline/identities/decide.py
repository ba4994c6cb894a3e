"""A person decides: two customers are one, records of one are another, a decision is taken back.

The decision is journalled by the holder of the lock, then the knowledge base is built anew, so that it shows at once;
every later run honours it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from pathlib import Path

from clientela.config import Settings
from clientela.contracts.identity import RecordSeen
from clientela.errors import ClientelaError, PersonError, UsageError, machine_trouble
from clientela.pipeline import serving
from clientela.pipeline.identities import shown
from clientela.pipeline.identities.resolve import Resolver, resolver
from clientela.pipeline.identities.why import customer
from clientela.pipeline.run import ready, run
from clientela.unify import decisions
from clientela.unify.decisions import Decision, Pair, Undo
from clientela.warehouse.store import lock
from clientela.warehouse.store.landing import Landing

LONGEST = 500  # signs of a reason or a name
Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    """Who decides, when and why. ``later``: the next run shows it; none is started for it."""

    by: str
    now: datetime
    reason: str = ""
    later: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A record that a decision is about: the customer it was, and is now (None while no run has followed)."""

    customer_ref: str
    key: str | None
    before: int | None
    after: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Decided:
    """A decision that was journalled. ``kind``: join, split or undo (``of`` which); ``snapshot`` shows it."""

    id: str
    kind: str
    by: str
    at: datetime
    reason: str = ""
    of: str | None = None
    records: tuple[Moved, ...] = ()
    snapshot: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A decision of the journal. ``state``: stands, taken back, or replaced by later ones; ``keys``: its records."""

    id: str
    kind: str
    by: str
    at: datetime
    reason: str
    state: str
    keys: tuple[str, ...]


def listed(folder: Path) -> tuple[Listed, ...]:
    """Every decision, newest first."""
    entries = decisions.read(Landing(folder))
    made = [each for each in entries if isinstance(each, Decision)]
    undone = {each.of for each in entries if isinstance(each, Undo)}
    standing = decisions.standing(entries)
    holds = {*standing.joined.values(), *standing.parted.values()}
    seen = _seen(folder, sorted({ref for each in made for pair in each.pairs for ref in pair}))

    def keys(each: Decision) -> tuple[str, ...]:
        refs = sorted({ref for pair in each.pairs for ref in pair})
        return tuple(sorted(seen[ref].key if ref in seen else ref[:12] for ref in refs))

    return tuple(
        Listed(
            id=each.id,
            kind=each.kind,
            by=each.by,
            at=each.at,
            reason=each.reason,
            state="taken back" if each.id in undone else "stands" if each.id in holds else "replaced",
            keys=keys(each),
        )
        for each in reversed(made)
    )


def join(folder: Path, settings: Settings, one: str, other: str, who: Who, *, progress: Progress) -> Decided:
    """Let two customers, or the customers of two records, be one from now on.

    Raises
    ------
    UsageError
        Both are the same, a person said so already, or as one they would have too many records.
    PersonError
        A value means nobody, or several.
    LockedError
        A run is at work.
    """
    _check(who)

    def journal() -> Decision:
        landing = Landing(folder)
        with resolver(folder) as asked:
            pairs = _joining(asked, landing, one, other, largest=settings.identity.largest)
        return decisions.decide(landing, "join", pairs, by=who.by, now=who.now, reason=who.reason)

    return _decide(folder, settings, journal, who, progress=progress)


def split(
    folder: Path, settings: Settings, whole: str, parts: Sequence[str], who: Who, *, progress: Progress
) -> Decided:
    """Let records be another customer than the one they are with; those of another customer stay apart for good.

    Raises
    ------
    UsageError
        No record is named, or all that the customer has.
    PersonError
        A value means nobody, or several.
    LockedError
        A run is at work.
    """
    _check(who)

    def journal() -> Decision:
        landing = Landing(folder)
        with resolver(folder) as asked:
            pairs = _parting(asked, landing, whole, parts)
        return decisions.decide(landing, "split", pairs, by=who.by, now=who.now, reason=who.reason)

    return _decide(folder, settings, journal, who, progress=progress)


def undo(folder: Path, settings: Settings, decision: str, who: Who, *, progress: Progress) -> Decided:
    """Take a decision back: from then on it is as if it had never been made.

    Raises
    ------
    UnknownNameError
        There is no such decision.
    UsageError
        It was taken back already.
    LockedError
        A run is at work.
    """
    _check(replace(who, reason="taken back"))
    return _decide(
        folder,
        settings,
        lambda: decisions.undo(Landing(folder), decision.strip(), by=who.by, now=who.now),
        who,
        progress=progress,
    )


def records_of(folder: Path, said: str) -> tuple[RecordSeen, ...]:
    """The records of a customer, the oldest first: what a split may take out.

    Raises
    ------
    PersonError
        The value means nobody, or several.
    """
    with resolver(folder) as asked:
        return tuple(shown.records_of(asked.reader, [customer(asked, said)]).values())


def _decide(
    folder: Path, settings: Settings, journal: Callable[[], Decision | Undo], who: Who, *, progress: Progress
) -> Decided:
    """Journal a decision under the lock, then publish with it, unless that is to come later."""
    made: list[Decided] = []

    def prepare() -> None:
        progress("Keeping the decision")
        made.append(_kept(folder, journal()))

    if who.later:
        with machine_trouble(folder), lock.builder(folder, now=who.now):
            ready(folder, now=who.now)
            prepare()
        return made[0]
    try:
        done = run(folder, settings, now=who.now, as_of=None, strict=False, progress=progress, prepare=prepare)
    except ClientelaError as error:
        if made:
            error.args = (f"{error} The decision {made[0].id} is kept; `clientela run` publishes it.",)
        raise
    now = _seen(folder, [each.customer_ref for each in made[0].records])
    moved = tuple(
        replace(each, after=now[each.customer_ref].customer_id if each.customer_ref in now else None)
        for each in made[0].records
    )
    return replace(made[0], records=moved, snapshot=done.snapshot)


def _kept(folder: Path, entry: Decision | Undo) -> Decided:
    """What was journalled, with the customers its records are as of now."""
    of = entry.of if isinstance(entry, Undo) else None
    about = (
        entry
        if isinstance(entry, Decision)
        else next(
            each for each in decisions.read(Landing(folder)) if isinstance(each, Decision) and each.id == entry.of
        )
    )
    refs = sorted({ref for pair in about.pairs for ref in pair})
    seen = _seen(folder, refs)
    return Decided(
        id=entry.id,
        kind="undo" if isinstance(entry, Undo) else entry.kind,
        by=entry.by,
        at=entry.at,
        reason=entry.reason if isinstance(entry, Decision) else "",
        of=of,
        records=tuple(
            Moved(
                customer_ref=ref,
                key=seen[ref].key if ref in seen else None,
                before=seen[ref].customer_id if ref in seen else None,
            )
            for ref in refs
        ),
    )


def _seen(folder: Path, refs: Sequence[str]) -> dict[str, RecordSeen]:
    served = serving.serving(folder)
    if served is None:
        return {}
    return serving.read(folder, lambda reader, _: shown.records(reader, refs))


def _joining(asked: Resolver, landing: Landing, one: str, other: str, *, largest: int) -> list[Pair]:
    """The pairs that make two customers one: their named or oldest records, and what a person kept apart before."""
    first, second = customer(asked, one), customer(asked, other)
    standing = decisions.standing(decisions.read(landing))
    left, right = (_named(asked, said, number) for said, number in ((one, first), (other, second)))
    by_key = len(asked.refs(one)) == 1 and len(asked.refs(other)) == 1
    if left == right or (first == second and not by_key):
        raise UsageError(
            f"both are customer {first} already; to let two of their records be one whatever the model says, "
            "name the two records."
        )
    pair = decisions.pair(left, right)
    if first == second and pair in standing.joined:
        raise UsageError(f"the decision {standing.joined[pair]} joined these two records already; nothing was changed.")
    if first == second:
        return [pair]
    both = shown.records_of(asked.reader, [first]), shown.records_of(asked.reader, [second])
    together = sum(map(len, both))
    if together > largest:
        raise UsageError(
            f"as one customer they would have {together} records, and no customer may have more than {largest}; "
            "set largest in [identity] higher, then try again."
        )
    parted = [decisions.pair(*each) for each in product(*both)]
    return [pair, *(each for each in parted if each in standing.parted)]


def _parting(asked: Resolver, landing: Landing, whole: str, parts: Sequence[str]) -> Sequence[Pair]:
    """The pairs that are kept apart: each record that goes with each that stays."""
    number = customer(asked, whole)
    own = set(shown.records_of(asked.reader, [number]))
    goes = {ref for each in parts for ref in _part(asked, each, number)}
    if not goes:
        raise UsageError("no record was named; name what is to be taken out, as source:key or by its number.")
    stays = own - goes
    if not stays:
        raise UsageError(
            f"these are all {len(own)} records of customer {number}, so nothing would stay; name fewer."
            if len(own) > 1
            else f"customer {number} has one record, so there is nothing to take out of it."
        )
    pairs = decisions.pairs_between(goes, stays)
    standing = decisions.standing(decisions.read(landing))
    known = {standing.parted.get(each) for each in pairs}
    if None not in known and goes.isdisjoint(own):
        told = " and ".join(sorted(filter(None, known)))
        raise UsageError(f"the decision {told} keeps them apart already; nothing was changed.")
    return pairs


def _named(asked: Resolver, said: str, number: int) -> str:
    """The record that a value names by its key or the number it gave, else the oldest of the customer."""
    refs = asked.refs(said) or asked.numbered(said)
    return refs[0] if len(refs) == 1 else next(iter(shown.records_of(asked.reader, [number])))


def _part(asked: Resolver, said: str, whole: int) -> tuple[str, ...]:
    """The records that are to go: that of a key, all of another customer, or that which gave a number."""
    refs = asked.refs(said)
    if len(refs) > 1:
        raise PersonError("several systems have this key; write it as source:key.")
    if refs:
        return refs
    number = customer(asked, said)
    if number != whole:
        return tuple(shown.records_of(asked.reader, [number]))
    gave = asked.numbered(said)
    if not gave:
        raise PersonError(
            f"this value means customer {whole} and not which of the records; name the record as source:key."
        )
    return gave


def _check(who: Who) -> None:
    for name, said in (("reason", who.reason), ("name of who decides", who.by)):
        if not said.strip():
            raise UsageError(f"the {name} is empty; say it, so that others can understand the decision later.")
        if len(said) > LONGEST or any(ord(sign) < 32 for sign in said):
            raise UsageError(f"the {name} must be one line of at most {LONGEST} signs.")
        if said != said.encode(errors="replace").decode():  # bytes that are no text, as a shell hands them on
            raise UsageError(f"the {name} has signs that are no letters; write it in UTF-8.")
