"""Small typed batches kept together: what came in many files is read from few.

A collection lies beside the typed batches and is, like them, made again from the landing when it is lost. It holds the
rows of its members with the arrival of each, so that a query over it names no single batch. One whose members are not
all wanted as they are, because a mapping, a batch or a limit has changed, is written again without those.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from clientela.capture.deliveries import ARRIVED, RUN, SEQUENCE
from clientela.capture.kept.sealed import seal, sound
from clientela.warehouse.journal import fsync_file, write_durably
from clientela.warehouse.moments import reached

FAN = 8  # so many batches, or collections of one size, become one
SMALL = 65_536  # rows: a larger batch is read on its own
FULL = 262_144  # rows of a collection
ROWS, REFS, BAD, ABOUT = "rows.parquet", "refs.parquet", "quarantine.parquet", "about.json"
PREFIX = "together-"

Group = tuple[str, str]  # source and table
T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """A typed batch in a collection.

    ``sequence``, ``run``, ``arrived_at`` (naive UTC): its arrival. ``name``: what its typing depends on;
    ``digest``: that of its section; ``sha256``: of its file in the landing. ``about``: how it fared, and its ``batch``.
    """

    sequence: int
    run: int
    arrived_at: str
    name: str
    digest: str
    sha256: str
    about: Mapping[str, Any]

    @property
    def rows(self) -> int:
        """Its rows, good and bad."""
        return int(self.about["count"]["accepted"]) + int(self.about["count"]["quarantined"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A folder with the rows of several batches of one source and table."""

    place: Path
    group: Group
    members: tuple[Member, ...]

    @property
    def rows(self) -> int:
        """The rows of all."""
        return sum(each.rows for each in self.members)

    @property
    def open(self) -> bool:
        """Whether it may still become a part of a larger one."""
        return self.rows * 2 < FULL

    @property
    def size(self) -> int:
        """How large it is, as a power of how many become one."""
        size, members = 0, len(self.members)
        while members >= FAN:
            size, members = size + 1, members // FAN
        return size


def kept_in(folder: Path) -> tuple[Kept, ...]:
    """The collections that are sound; of two that share a batch, as a crash may leave them, the larger."""
    found = [each for place in sorted(folder.glob(f"{PREFIX}*")) if (each := _read(place)) is not None]
    taken: set[tuple[Group, int]] = set()
    apart = []
    for each in sorted(found, key=lambda kept: -len(kept.members)):
        held = {(each.group, member.sequence) for member in each.members}
        if not held & taken:
            taken |= held
            apart.append(each)
    return tuple(apart)


def without(kept: Kept, wanted: Callable[[Member], bool]) -> Kept | None:
    """The collection with only those members that are wanted, written anew where others were among them; None: none.

    What it was is removed.
    """
    left = tuple(filter(wanted, kept.members))
    if left == kept.members:
        return kept
    made = _write(kept.place.parent, kept.group, [(kept.place, left, True)], _first_of_each(left)) if left else None
    shutil.rmtree(kept.place)
    return made


def gather(folder: Path, group: Group, singles: Sequence[tuple[Path, Member]], kept: Sequence[Kept]) -> list[Kept]:
    """The collections of a group once many single batches, or many collections of one size, have become one.

    Parameters
    ----------
    singles : batches of at most `SMALL` rows and where each lies typed.
    kept : the group's collections so far; those that become part of others stay until they are swept.
    """
    result = list(kept)
    if len(singles) < FAN:
        return result
    first = _first_of_each([*(each for some in kept for each in some.members), *(each for _, each in singles)])
    for chunk in _chunks(singles, lambda each: each[1].rows):
        result.append(_write(folder, group, [(place, (member,), False) for place, member in chunk], first))
    while many := _of_one_size(result):
        result = [each for each in result if each not in many]
        for joined in _chunks(many, lambda each: each.rows):
            parts = [(each.place, each.members, True) for each in joined]
            result.append(_write(folder, group, parts, first) if len(parts) > 1 else joined[0])
    return result


def forget(folder: Path, files: Iterable[str]) -> None:
    """Take what was typed from these batches out of every collection; one that does not say what it holds goes."""
    gone = frozenset(files)
    for place in folder.glob(f"{PREFIX}*"):
        kept = _read(place)
        if kept is None:
            shutil.rmtree(place)
        else:
            without(kept, lambda each: each.about["batch"] not in gone)


def _of_one_size(kept: Sequence[Kept]) -> list[Kept]:
    sizes: dict[int, list[Kept]] = defaultdict(list)
    for each in kept:
        if each.open:
            sizes[each.size].append(each)
    return next((many for many in sizes.values() if len(many) >= FAN), [])


def _chunks(items: Sequence[T], rows: Callable[[T], int]) -> Iterator[list[T]]:
    """The items in order, as many together as have no more rows than fit a collection."""
    chunk: list[T] = []
    held = 0
    for each in items:
        if chunk and held + rows(each) > FULL:
            yield chunk
            chunk, held = [], 0
        chunk.append(each)
        held += rows(each)
    if chunk:
        yield chunk


def _read(place: Path) -> Kept | None:
    """What a folder says it holds; None when it is not what was written."""
    if place.suffix == ".part" or not sound(place):
        return None
    try:
        said = json.loads((place / ABOUT).read_text(encoding="utf-8"))
        members = tuple(Member(**each) for each in said["members"])
        return Kept(place=place, group=(said["source"], said["table"]), members=members)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(
    folder: Path, group: Group, parts: Sequence[tuple[Path, tuple[Member, ...], bool]], first: Mapping[str, int]
) -> Kept:
    """Write a collection from typed batches and collections (then the third of a part is true).

    Parameters
    ----------
    first : of each content the arrival with which its bad rows are told.
    """
    members = tuple(sorted((each for _, some, _ in parts for each in some), key=lambda each: each.sequence))
    said = "\n".join([*group, *(repr((each.sequence, each.name, each.sha256)) for each in members)])
    place = folder / f"{PREFIX}{hashlib.sha256(said.encode()).hexdigest()[:24]}"
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        for name in (ROWS, REFS, BAD):
            tables = list(_tables(name, parts, first if name == BAD else {}))
            if tables:
                pq.write_table(pa.concat_tables(tables, promote_options="default"), part / name, compression="snappy")
                fsync_file(part / name)
        source, table = group
        told = {"source": source, "table": table, "members": [asdict(each) for each in members]}
        write_durably(part / ABOUT, json.dumps(told, default=str).encode())
    except (Exception, KeyboardInterrupt):
        shutil.rmtree(part, ignore_errors=True)  # on a full disk every byte counts
        raise
    seal(part)
    reached("batches collected")
    shutil.rmtree(place, ignore_errors=True)
    part.replace(place)
    reached("collection named")
    return Kept(place=place, group=group, members=members)


def _first_of_each(members: Sequence[Member]) -> dict[str, int]:
    """The first arrival of each content: its bad rows are told once."""
    first: dict[str, int] = {}
    for each in members:
        first[each.name] = min(each.sequence, first.get(each.name, each.sequence))
    return first


def _tables(
    name: str, parts: Sequence[tuple[Path, tuple[Member, ...], bool]], first: Mapping[str, int]
) -> Iterator[pa.Table]:
    """One of the files of each part, its rows with their arrival."""
    for place, members, collected in parts:
        if not (place / name).exists():
            continue
        table = _may_be_null(pq.read_table(place / name))
        wanted = [each for each in members if first.get(each.name, each.sequence) == each.sequence]
        if collected:
            numbers = pa.array([each.sequence for each in wanted], pa.int64())
            yield table.filter(pc.is_in(table.column(SEQUENCE), value_set=numbers))
        elif wanted:
            yield _arrived(table, wanted[0])
        else:
            yield _arrived(table.slice(0, 0), members[0])


def _may_be_null(table: pa.Table) -> pa.Table:
    """The table with every column open to nulls: what the engine found full in a batch may be absent in the next."""
    return table.cast(pa.schema([each.with_nullable(True) for each in table.schema]))


def _arrived(table: pa.Table, member: Member) -> pa.Table:
    at = datetime.fromisoformat(member.arrived_at)
    for name, value, kind in (
        (SEQUENCE, member.sequence, pa.int64()),
        (RUN, member.run, pa.int64()),
        (ARRIVED, at, pa.timestamp("us")),
    ):
        table = table.append_column(name, pa.repeat(pa.scalar(value, kind), table.num_rows))
    return table
