"""What arrived, kept for ever: immutable batches named by their content, and the journal of their arrivals."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from clientela.errors import WarehouseError
from clientela.warehouse.journal import JsonLines, fsync_file, fsync_folder, put_in_place, sha256_of
from clientela.warehouse.moments import reached
from clientela.warehouse.store.event_files import EventFiles

Format = Literal["parquet", "text"]
REWRITTEN = ".rewritten"  # ends the name of a batch's new file until it takes the old one's place


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """One arrival of one file.

    ``hash`` is that of the delivered file's bytes; ``path`` where it came from, relative to the
    workspace; ``sequence`` counts all arrivals, so later wins. ``format`` ``text``: every column is
    text, to be typed by capture. ``sha256`` and ``size`` are those of the batch's own file.
    """

    hash: str
    source: str
    table: str
    path: str
    arrived_at: datetime
    run: int
    sequence: int
    rows: int
    format: Format
    sha256: str
    size: int

    @property
    def file(self) -> str:
        """Where the batch lies, relative to the landing folder."""
        return f"batches/{self.source}/{self.table}/{self.hash}.parquet"


class Landing:
    """The landing folder of a workspace. Only the holder of the lock adds to it.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> landing = Landing(Path(mkdtemp()))
    >>> def write(path: Path) -> int:
    ...     return path.write_bytes(b"") + 12
    >>> batch = landing.add(
    ...     source="shop", table="order_line", path="orders.csv", hash="5e1f", run=1, format="text",
    ...     now=datetime(2017, 10, 1, tzinfo=UTC), write=write,
    ... )
    >>> batch.rows, landing.has("shop", "5e1f"), landing.last_of("shop", "orders.csv") == batch
    (12, True, True)
    """

    def __init__(self, workspace: Path) -> None:
        self.folder = workspace / "landing"
        self._journal = JsonLines(self.folder / "arrivals.jsonl")
        self._rewrites = JsonLines(self.folder / "rewrites.jsonl")
        self.events = EventFiles(workspace)
        self._arrivals: list[Batch] | None = None
        self._by_path: dict[tuple[str, str], list[Batch]] = {}
        self._by_content: dict[tuple[str, str], list[Batch]] = {}

    def arrivals(self) -> tuple[Batch, ...]:
        """Everything that arrived, in the order it did."""
        return tuple(self._read())

    def last_of(self, source: str, path: str, *, table: str | None = None) -> Batch | None:
        """What last arrived from this path of this source (for this table)."""
        self._read()
        for batch in reversed(self._by_path.get((source, path), ())):
            if table in (None, batch.table):
                return batch
        return None

    def has(self, source: str, hash: str, *, table: str | None = None) -> bool:
        """Whether this content ever arrived from this source (for this table), from whatever path."""
        self._read()
        same = self._by_content.get((source, _content(hash)), ())
        return any(batch.hash == hash and table in (None, batch.table) for batch in same)

    def same(self, source: str, table: str, hash: str) -> Batch | None:
        """The first arrival of a batch, if it is here."""
        return next((batch for batch in self.of_content(source, table, hash) if batch.hash == hash), None)

    def of_content(self, source: str, table: str, hash: str) -> tuple[Batch, ...]:
        """What arrived from this source for this table with the same delivered bytes, however they were split."""
        self._read()
        return tuple(each for each in self._by_content.get((source, _content(hash)), ()) if each.table == table)

    def path_of(self, batch: Batch) -> Path:
        """The Parquet file of a batch."""
        return self.folder / batch.file

    def add(
        self,
        *,
        source: str,
        table: str,
        path: str,
        hash: str,
        run: int,
        now: datetime,
        format: Format,
        write: Callable[[Path], int],
    ) -> Batch:
        """Keep a batch and journal its arrival; when this returns, both are on the disk.

        Parameters
        ----------
        write : writes the batch's Parquet to the path it is given and returns the number of its
            rows. Not called when the same content is here already.

        Raises
        ------
        WarehouseError
            A name cannot be a folder's.
        """
        for name in (source, table, hash):
            if not name or name.startswith(".") or "/" in name or "\0" in name:
                raise WarehouseError(f"'{name}' cannot name a folder of the landing.")
        arrivals = self._read()
        same = self.same(source, table, hash)
        sequence = arrivals[-1].sequence + 1 if arrivals else 1
        at = now.replace(tzinfo=UTC) if now.tzinfo is None else now.astimezone(UTC)
        place = self.folder / "batches" / source / table / f"{hash}.parquet"
        if same is not None and place.exists():
            rows, sha256, size = same.rows, same.sha256, same.size
        else:
            rows, sha256, size = _put(place, write)
        batch = Batch(
            hash=hash,
            source=source,
            table=table,
            path=path,
            arrived_at=at,
            run=run,
            sequence=sequence,
            rows=rows,
            format=same.format if same is not None else format,
            sha256=sha256,
            size=size,
        )
        if any(each["file"] == batch.file and each["sha256"] != sha256 for each in self._rewrites.read()):
            told = {"file": batch.file, "rows": rows, "sha256": sha256, "size": size}
            self._rewrites.append({**told, "was": None, "at": at.isoformat()})  # it was lost, and came again
        self._journal.append({**asdict(batch), "arrived_at": at.isoformat()})
        reached("arrival journalled")
        arrivals.append(batch)
        self._note(batch)
        return batch

    def rewrite(self, batch: Batch, written: Path, rows: int, *, now: datetime) -> Batch:
        """Put ``written``, which holds ``rows`` rows, in the place of a batch's file. Only an erasure may.

        What the batch was and is now is journalled first: after a crash `settle` finishes it.
        """
        place = self.path_of(batch)
        waiting = place.with_name(place.name + REWRITTEN)
        fsync_file(written)
        written.replace(waiting)
        fsync_folder(place.parent)
        reached("rewrite written")
        new = replace(batch, rows=rows, sha256=sha256_of(waiting), size=waiting.stat().st_size)
        told = {"file": batch.file, "rows": rows, "sha256": new.sha256, "size": new.size}
        self._rewrites.append({**told, "was": batch.sha256, "at": now.astimezone(UTC).isoformat()})
        reached("rewrite journalled")
        put_in_place(waiting, place)
        reached("rewrite named")
        self._arrivals = None
        return new

    def settle(self) -> tuple[str, ...]:
        """Finish the rewrites that a crash interrupted, drop those never journalled; the files finished."""
        known = {record["file"]: record["sha256"] for record in self._rewrites.read()}
        finished = []
        for waiting in sorted(self.folder.glob(f"batches/*/*/*{REWRITTEN}")):
            place = waiting.with_name(waiting.name.removesuffix(REWRITTEN))
            name = place.relative_to(self.folder).as_posix()
            if sha256_of(waiting) == known.get(name):
                put_in_place(waiting, place)
                finished.append(name)
            else:
                waiting.unlink()
        return (*finished, *self.events.settle())

    def heal(self, batch: Batch, write: Callable[[Path], int]) -> bool:
        """Write a damaged batch again; False when what is written is not what was landed, and nothing is changed."""
        place = self.path_of(batch)
        place.parent.mkdir(parents=True, exist_ok=True)
        part = place.with_name(place.name + ".part")
        try:
            write(part)
            same = sha256_of(part) == batch.sha256
            if same:
                put_in_place(part, place)
            return same
        finally:
            part.unlink(missing_ok=True)

    def damaged(self) -> tuple[str, ...]:
        """The files that are missing or no longer what was landed; not those whose rewrite waits."""
        files = {batch.file: batch for batch in self._read()}
        changed = (batch for batch in files.values() if _fingerprint(self.path_of(batch)) != batch.sha256)
        batches = (b.file for b in changed if _fingerprint(self.folder / (b.file + REWRITTEN)) != b.sha256)
        return (*batches, *self.events.damaged())

    def _read(self) -> list[Batch]:
        if self._arrivals is None:
            new = {each["file"]: each for each in self._rewrites.read()}
            self._arrivals = [_rewritten(_batch(record), new) for record in self._journal.read()]
            self._by_path, self._by_content = {}, {}
            for each in self._arrivals:
                self._note(each)
        return self._arrivals

    def _note(self, batch: Batch) -> None:
        self._by_path.setdefault((batch.source, batch.path), []).append(batch)
        self._by_content.setdefault((batch.source, _content(batch.hash)), []).append(batch)


def _put(place: Path, write: Callable[[Path], int]) -> tuple[int, str, int]:
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    try:
        rows = write(part)
        sha256, size = sha256_of(part), part.stat().st_size
        reached("batch written")
        put_in_place(part, place)
    except (Exception, KeyboardInterrupt):
        part.unlink(missing_ok=True)  # on a full disk every byte counts
        raise
    reached("batch named")
    return rows, sha256, size


def _content(hash: str) -> str:
    """The hash of the delivered bytes, without what says how they were split."""
    return hash.partition(".")[0]


def _fingerprint(path: Path) -> str | None:
    return sha256_of(path) if path.exists() else None


def _rewritten(batch: Batch, new: Mapping[str, dict[str, Any]]) -> Batch:
    """The batch as the last rewrite of its file left it."""
    told = new.get(batch.file)
    return batch if told is None else replace(batch, rows=told["rows"], sha256=told["sha256"], size=told["size"])


def _batch(record: dict[str, Any]) -> Batch:
    told = {name: record[name] for name in Batch.__dataclass_fields__}
    return Batch(**{**told, "arrived_at": datetime.fromisoformat(record["arrived_at"])})
