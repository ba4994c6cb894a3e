"""How far a table has been read: kept in the batch itself, so that both are on the disk or neither is."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from hashlib import sha256

import pyarrow as pa
import pyarrow.parquet as pq

from clientela.capture.mapping import Section
from clientela.config import Database
from clientela.warehouse.store.landing import Landing

MARK = b"clientela.mark"  # in the metadata of the batch's Parquet
TIES = 250_000  # rows at the last value that are remembered one by one
_BYTES = 8  # of a row's digest that are enough to know it again

Value = int | Decimal | date | datetime | str


@dataclass(frozen=True, slots=True)
class Mark:
    """The last value of the cursor that was seen, and by their digests the rows that had it.

    ``ties`` is None when they were too many to remember: then those rows arrive again.
    """

    asked: str
    cursor: str
    value: Value
    ties: tuple[bytes, ...] | None

    def known(self) -> Counter[bytes]:
        """The rows at the last value that are in the landing already."""
        return Counter(self.ties or ())

    def written(self) -> bytes:
        """The mark as it stands in a Parquet file's metadata."""
        kind, value = _written(self.value)
        ties = None if self.ties is None else b64encode(b"".join(self.ties)).decode()
        record = {"asked": self.asked, "cursor": self.cursor, "kind": kind, "value": value, "ties": ties}
        return json.dumps(record).encode()


def read_mark(written: bytes) -> Mark | None:
    """The mark that was written; None when it cannot be understood.

    Examples
    --------
    >>> read_mark(Mark("5e1f", "id", 7, (b"12345678",)).written())
    Mark(asked='5e1f', cursor='id', value=7, ties=(b'12345678',))
    """
    try:
        said = json.loads(written)
        raw = None if said["ties"] is None else b64decode(said["ties"])
        ties = None if raw is None else tuple(raw[start : start + _BYTES] for start in range(0, len(raw), _BYTES))
        return Mark(said["asked"], said["cursor"], _KINDS[said["kind"]](said["value"]), ties)
    except (ValueError, KeyError, TypeError, InvalidOperation):
        return None


def short(digest: bytes) -> bytes:
    """As much of a row's digest as a mark keeps."""
    return digest[:_BYTES]


def remembered(digests: Iterable[bytes]) -> tuple[bytes, ...] | None:
    """The digests a mark keeps; None when they are too many."""
    kept = tuple(sorted(digests))
    return kept if len(kept) <= TIES else None


def asked(database: Database) -> str:
    """A short name for what is asked of the database, wherever it runs."""
    said = repr((database.table, database.query, database.cursor))
    return sha256(said.encode()).hexdigest()[:16]


def last_mark(landing: Landing, section: Section) -> Mark | None:
    """How far the source has read; None when it has to begin anew.

    An ``upsert`` source whose table or query is another now begins anew. An ``append`` source goes on as long as
    its cursor is the same column: rows that came before must not come twice.
    """
    database = section.source.database
    if database is None or database.cursor is None:
        return None
    wanted = (section.source.name, section.contract.name, section.source.place)
    for batch in reversed(landing.arrivals()):
        if (batch.source, batch.table, batch.path) != wanted:
            continue
        try:
            metadata = pq.read_metadata(landing.path_of(batch)).metadata or {}
        except (OSError, pa.ArrowInvalid):  # damaged or gone: `clientela doctor` says so
            continue
        mark = read_mark(metadata[MARK]) if MARK in metadata else None
        if mark is None:
            continue
        same = mark.asked == asked(database)
        goes_on = section.source.delivery == "append" and mark.cursor == database.cursor
        return mark if same or goes_on else None
    return None


def is_cursor_value(value: object) -> bool:
    """Whether rows can be asked for from such a value on."""
    return isinstance(value, (int, Decimal, date, str)) and not isinstance(value, bool)


def _written(value: Value) -> tuple[str, str]:
    if isinstance(value, datetime):
        return "moment", value.isoformat()
    if isinstance(value, date):
        return "date", value.isoformat()
    kind = {int: "int", Decimal: "number"}.get(type(value), "text")
    return kind, str(value)


_KINDS: dict[str, Callable[[str], Value]] = {
    "int": int,
    "number": Decimal,
    "date": date.fromisoformat,
    "moment": datetime.fromisoformat,
    "text": str,
}
