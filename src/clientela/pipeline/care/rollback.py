"""Going back to an earlier snapshot: the last few stay for this."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clientela._version import __version__
from clientela.errors import NothingPublishedError, SnapshotError, UnknownNameError, UsageError, machine_trouble
from clientela.pipeline.run import RUNS, ready
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store import lock
from clientela.warehouse.store.check import FORMAT
from clientela.warehouse.store.snapshot import Snapshot, current, point_to, retained


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A snapshot one can go back to. ``size`` in bytes; ``published_at`` in UTC; ``serves``: it is published.

    ``fits``: this version of clientela can read it; one of other contracts cannot serve.
    """

    number: int
    name: str
    as_of: str | None
    published_at: str | None
    size: int
    serves: bool
    fits: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class WentBack:
    """What serves now, and what served before (None: that could not be read)."""

    snapshot: str
    as_of: str | None
    before: str | None


def snapshots(folder: Path) -> tuple[Kept, ...]:
    """The snapshots that are kept, newest first."""
    serving = _published(folder)
    return tuple(
        Kept(
            number=each.number,
            name=each.name,
            as_of=each.manifest.get("as_of"),
            published_at=each.manifest.get("now"),
            size=sum(int(told["size"]) for told in each.manifest["files"].values()),
            serves=serving is not None and each.name == serving.name,
            fits=each.fits,
        )
        for each in retained(folder)
    )


def rollback(folder: Path, *, to: str | None, now: datetime) -> WentBack:
    """Let an earlier snapshot serve; the next run publishes forward again.

    Parameters
    ----------
    to : the name or the number of a kept snapshot; None: the one before that which serves.

    Raises
    ------
    LockedError
        A run is at work.
    UnknownNameError
        No such snapshot is kept.
    SnapshotError
        It is damaged; nothing was changed.
    """
    with machine_trouble(folder), lock.builder(folder, now=now):
        number = ready(folder, now=now)
        before = _published(folder)
        target = _target(folder, before, to)
        target.verify()
        point_to(target)
        moment = now.astimezone(UTC).replace(tzinfo=None).isoformat()
        JsonLines(folder / RUNS).append(
            {
                "run": number,
                "started_at": moment,
                "ended_at": moment,
                "as_of": target.manifest.get("as_of"),
                "outcome": "rolled back",
                "message": target.name,
                "version": __version__,
                "format": FORMAT,
            }
        )
    as_of = target.manifest.get("as_of")
    return WentBack(snapshot=target.name, as_of=as_of, before=before.name if before else None)


def _published(folder: Path) -> Snapshot | None:
    try:
        return current(folder)
    except SnapshotError:
        return None


def _target(folder: Path, before: Snapshot | None, to: str | None) -> Snapshot:
    kept = retained(folder)
    if not kept:
        raise NothingPublishedError
    if to is None:
        earlier = [each for each in kept if before is None or each.number < before.number]
        if not earlier:
            raise UsageError("there is no earlier snapshot to go back to; [run] keep_snapshots says how many stay.")
        return earlier[0]
    chosen = [each for each in kept if to in (each.name, str(each.number))]
    if not chosen:
        raise UnknownNameError("snapshot", to, [each.name for each in kept])
    if before is not None and chosen[0].name == before.name:
        raise UsageError(f"snapshot {before.name} serves already.")
    return chosen[0]
