"""A delivered file read as a run reads it, for the tests of each kind of file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from clientela.capture.files.batch_writer import ADDED, BLANK, REJECTED
from clientela.capture.files.kinds import Kind, parts_of
from clientela.config import Format


@dataclass(frozen=True, slots=True)
class Landed:
    """What landed of a file."""

    name: str
    kind: Kind
    header: tuple[str, ...]
    table: pa.Table
    blank: int
    quarantined: int

    @property
    def rows(self) -> list[tuple[Any, ...]]:
        """The cells of the good rows."""
        kept = [row for row in self.table.to_pylist() if row.get("_rule") is None]
        return [tuple(row[name] for name in self.header) for row in kept]

    @property
    def bad(self) -> list[tuple[int, str, str]]:
        """Of each bad row its line, its text and the rule."""
        return [
            (row["_line"], row["_value"], row["_rule"]) for row in self.table.to_pylist() if row["_rule"] is not None
        ]

    @property
    def types(self) -> dict[str, str]:
        """What the columns landed as."""
        own = {name for name, _ in ADDED}
        return {field.name: str(field.type) for field in self.table.schema if field.name not in own}


def land_all(path: Path, **form: Any) -> list[Landed]:
    """Each file that a delivered file is, landed."""
    stage = path.parent / "stage"
    found = []
    for number, part in enumerate(parts_of(path, Format(**form), stage=stage, source="shop")):
        into = path.parent / f"landed-{number}.parquet"
        header = part.file.header()
        count = part.file.write(into)
        table = pq.read_table(into)
        about = pq.read_metadata(into).metadata or {}
        assert count == table.num_rows
        blank, rejected = int(about.get(BLANK, b"0")), int(about.get(REJECTED, b"0"))
        found.append(Landed(part.name, part.file.kind, header, table, blank, rejected))
    return found


def land(path: Path, **form: Any) -> Landed:
    """The only file that a delivered file is, landed."""
    (found,) = land_all(path, **form)
    return found


def land_text(folder: Path, content: str | bytes, name: str = "orders.jsonl", **form: Any) -> Landed:
    """A file of this content, landed."""
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return land(path, **form)
