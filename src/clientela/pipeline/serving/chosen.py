"""Which snapshot serves: the published one, or while that is damaged the newest undamaged one, and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clientela.contracts.text import Text, text
from clientela.errors import OutdatedError, SnapshotError
from clientela.warehouse.store.snapshot import Snapshot, current, retained

_TRIES = 5  # while runs publish one after another


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The snapshot that serves. ``damage`` says what is wrong with the one it stands in for ('' when it does not).

    ``newest``: the name of the newest snapshot there is; another than its own when someone went back.
    """

    snapshot: Snapshot
    newest: str
    damage: str = ""

    @property
    def notices(self) -> tuple[Text, ...]:
        """What whoever reads its figures must know of it."""
        if self.damage:
            return (
                text(
                    "These are the figures of snapshot {snapshot}, as of {day}, because {damage}",
                    snapshot=self.snapshot.name,
                    day=str(self.snapshot.manifest.get("as_of")),
                    damage=self.damage,
                ),
            )
        if self.newest != self.snapshot.name:
            return (
                text(
                    "Snapshot {snapshot} serves, not the newest, {newest}: someone went back to it. "
                    "The next run publishes a new one.",
                    snapshot=self.snapshot.name,
                    newest=self.newest,
                ),
            )
        return ()


def serving(folder: Path) -> Serving | None:
    """The snapshot that serves; None when nothing is published yet.

    Raises
    ------
    OutdatedError
        It was published by another version.
    SnapshotError
        It is damaged, and there is no other.
    """
    return next(candidates(folder), None)


def english(notice: Text) -> str:
    """A notice in the language of the command line."""
    return notice.id.format(**notice.values)


def candidates(folder: Path) -> Iterator[Serving]:
    """The published snapshot, then those one could go back to: earlier ones first, each undamaged."""
    chosen, damage = _chosen(folder)
    if chosen is None and not damage:
        return
    kept = retained(folder)
    newest = kept[0].name if kept else ""
    if chosen is not None and not damage:
        yield Serving(snapshot=chosen, newest=newest)
    below = chosen.number if chosen is not None else None
    ordered = sorted(kept, key=lambda each: (below is not None and each.number > below, -each.number))
    for each in ordered:
        if chosen is not None and each.name == chosen.name:
            continue
        try:
            each.look()
        except SnapshotError:
            continue
        yield Serving(snapshot=each, newest=newest, damage=damage)
    if damage:
        raise SnapshotError(f"{damage} No other snapshot can take its place.")


def _chosen(folder: Path) -> tuple[Snapshot | None, str]:
    """The published snapshot, None where there is none or it cannot be found; what is wrong with it.

    A run that publishes meanwhile may remove the one that was found: then the new one is looked at.
    """
    chosen, damage = _looked_at(folder)
    for _ in range(_TRIES if damage else 0):
        before, (chosen, damage) = chosen, _looked_at(folder)
        if not damage or (before and before.name) == (chosen and chosen.name):
            break
    return chosen, damage


def _looked_at(folder: Path) -> tuple[Snapshot | None, str]:
    chosen: Snapshot | None = None
    try:
        chosen = current(folder)
        if chosen is not None:
            chosen.look()
    except OutdatedError:
        raise
    except SnapshotError as error:
        return chosen, str(error)
    return chosen, ""


def instead(found: Serving, error: SnapshotError) -> Serving:
    """``found`` as what stands in for a snapshot that could not be read."""
    return Serving(snapshot=found.snapshot, newest=found.newest, damage=found.damage or str(error))
