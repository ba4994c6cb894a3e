"""What arrived, kept for ever: immutable batches named by their content, and the journal of their arrivals."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

from clientela.errors import WarehouseError
from clientela.warehouse.journal import JsonLines, put_in_place, sha256_of

Format = Literal["parquet", "text"]


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
        self._arrivals: list[Batch] | None = None

    def arrivals(self) -> tuple[Batch, ...]:
        """Everything that arrived, in the order it did."""
        return tuple(self._read())

    def last_of(self, source: str, path: str, *, table: str | None = None) -> Batch | None:
        """What last arrived from this path of this source (for this table)."""
        for batch in reversed(self._read()):
            if (batch.source, batch.path) == (source, path) and table in (None, batch.table):
                return batch
        return None

    def has(self, source: str, hash: str, *, table: str | None = None) -> bool:
        """Whether this content ever arrived from this source (for this table), from whatever path."""
        return any((b.source, b.hash) == (source, hash) and table in (None, b.table) for b in self._read())

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
        same = next((b for b in arrivals if (b.source, b.table, b.hash) == (source, table, hash)), None)
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
        self._journal.append({**asdict(batch), "arrived_at": at.isoformat()})
        arrivals.append(batch)
        return batch

    def damaged(self) -> tuple[str, ...]:
        """The files of batches that are missing or no longer what was landed."""
        files = {batch.file: batch for batch in self._read()}
        return tuple(name for name, batch in files.items() if _fingerprint(self.path_of(batch)) != batch.sha256)

    def _read(self) -> list[Batch]:
        if self._arrivals is None:
            self._arrivals = [_batch(record) for record in self._journal.read()]
        return self._arrivals


def _put(place: Path, write: Callable[[Path], int]) -> tuple[int, str, int]:
    place.parent.mkdir(parents=True, exist_ok=True)
    part = place.with_name(place.name + ".part")
    rows = write(part)
    sha256, size = sha256_of(part), part.stat().st_size
    put_in_place(part, place)
    return rows, sha256, size


def _fingerprint(path: Path) -> str | None:
    return sha256_of(path) if path.exists() else None


def _batch(record: dict[str, Any]) -> Batch:
    return Batch(**{**record, "arrived_at": datetime.fromisoformat(record["arrived_at"])})
