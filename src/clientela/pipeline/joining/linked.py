"""What finding who is who leaves for the next run: records, their forms, the pairs; in a file of the engine.

It is a copy that a run changes and puts in place of the one before, so whoever reads the old one is not disturbed. What
is not there, or is not what was written, or was made by other code, settings or another engine, is made anew from all
records: that costs time, never an answer.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlglot import exp

from clientela.capture.kept.sealed import seal, sound
from clientela.pipeline.joining.keys import work
from clientela.warehouse.engine import MAIN, Engine
from clientela.warehouse.moments import reached
from clientela.warehouse.store.copies import beside, copy_file
from clientela.warehouse.store.landing import Landing

FOLDER, KEPT = "linked", "kept"
KEY, RECORD, LINKABLE, MEMBER = "customer_key", "record", "linkable", "golden_member"
_FILE, _TOLD, _PLACE = "linked.duckdb", "told.json", "rows"
_BEFORE = ("pairs", "standardised")


@dataclass(frozen=True, slots=True)
class Linked:
    """The file at work, attached as the database ``kept``; ``told``: what the run that left it said of it."""

    engine: Engine
    part: Path
    told: Mapping[str, Any]

    def keep(self, told: Mapping[str, Any]) -> None:
        """Put the file in place of the one before; when this returns, the next run finds it."""
        self.engine.checkpoint_and_detach(KEPT)
        (self.part / _TOLD).write_text(json.dumps(dict(told), sort_keys=True, default=str), "utf-8")
        seal(self.part)
        reached("linked written")
        place = self.part.with_name(_PLACE)
        shutil.rmtree(place, ignore_errors=True)
        self.part.replace(place)
        for name in _BEFORE:  # what earlier versions kept in its place
            shutil.rmtree(self.part.parent.with_name(name), ignore_errors=True)
        reached("linked kept")

    def discard(self) -> None:
        """Let go of the file; the one before stays."""
        self.engine.checkpoint_and_detach(KEPT)
        shutil.rmtree(self.part, ignore_errors=True)


def name_of(*depends_on: object) -> str:
    """The name of what depends on all of these.

    Examples
    --------
    >>> name_of("model", 0.5) == name_of("model", 0.5), name_of("model", 0.5) == name_of("model", 0.6)
    (True, False)
    """
    said = json.dumps(depends_on, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def at(name: str) -> exp.Table:
    """A table of the file."""
    return exp.table_(name, db="main", catalog=KEPT)


def begun(engine: Engine, landing: Landing) -> Linked:
    """A new file, still empty."""
    return Linked(engine, _attached(engine, _empty(landing)), {})


def found(engine: Engine, landing: Landing, name: str) -> Linked | None:
    """A copy of what the last run left under a name; None where there is none, or it is not what was written."""
    place = landing.folder / FOLDER / _PLACE
    told = _told(place)
    if told.get("name") != name:
        return None
    part = _empty(landing)
    copying = beside(lambda: copy_file(place / _FILE, part / _FILE))  # while the same pages are looked at
    try:
        is_sound = sound(place)
    finally:
        failed = copying.exception()  # when it has ended, whatever came of it
    if not is_sound:
        shutil.rmtree(part, ignore_errors=True)
        return None
    if failed is not None:
        raise failed
    return Linked(engine, _attached(engine, part), told)


def _told(place: Path) -> Mapping[str, Any]:
    """What the run that left a file said of it, not yet known to be sound; nothing where it cannot be read."""
    with suppress(OSError, ValueError):
        told = json.loads((place / _TOLD).read_text("utf-8"))
        return told if isinstance(told, dict) else {}
    return {}


def forget(landing: Landing) -> None:
    """Remove what is kept: where somebody is erased, nothing may hold on to them."""
    for name in (FOLDER, *_BEFORE):
        shutil.rmtree(landing.folder / name, ignore_errors=True)


def show(engine: Engine, name: str, rows: exp.Query) -> None:
    """Let a query of the file be read under the name of a work table."""
    hide(engine, name)
    engine.run(exp.Create(this=work(name), kind="VIEW", expression=rows))


def hide(engine: Engine, *names: str) -> None:
    """Remove work tables, whether they are tables or views of the file."""
    kinds = exp.select("table_name", "table_type").from_(exp.table_("tables", db="information_schema"))
    rows = engine.fetch(kinds.where(exp.column("table_catalog").eq(exp.Literal.string(MAIN)))).to_pylist()
    for row in rows:
        if row["table_name"] in names:
            kind = "VIEW" if row["table_type"] == "VIEW" else "TABLE"
            engine.run(exp.Drop(tables=[work(row["table_name"])], kind=kind))


def _empty(landing: Landing) -> Path:
    """The folder in which the next file is made, empty."""
    part = landing.folder / FOLDER / f"{_PLACE}.part"
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    return part


def _attached(engine: Engine, part: Path) -> Path:
    engine.attach(part / _FILE, KEPT, read_only=False)
    return part
