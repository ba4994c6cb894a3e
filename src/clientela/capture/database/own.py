"""The app database as a source: what people changed there lands as what any other system delivers."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from clientela.appdb import duties, organisation, users
from clientela.appdb.database import exists, open_database
from clientela.capture.database.rows import ArrivingRows
from clientela.capture.mapping import APP_DATABASE, Section
from clientela.config import Settings, Source
from clientela.contracts.tables import contract

NAME = "clientela"
TABLES = ("unit", "staff", "responsibility")
Rows = tuple[Mapping[str, Any], ...]


def with_own(settings: Settings, folder: Path) -> Settings:
    """The settings with a source for each table of the app database; the same where there is none.

    A table that another source of that name delivers already stays that source's.
    """
    if not exists(folder):
        return settings
    taken = {(each.name, each.table) for each in settings.sources}
    own = tuple(
        Source(name=NAME, table=table, path=_place(table), delivery="full")
        for table in TABLES
        if (NAME, table) not in taken
    )
    return settings.model_copy(update={"source": (*settings.source, *own)})


def own_rows(section: Section, folder: Path, into: Path, now: datetime) -> ArrivingRows:
    """What the app database holds of a section's table now, read to the file ``into``."""
    with open_database(folder, now=now) as database, database.reading() as connection:
        rows = rows_of(connection, now)[section.contract.name]
    names = contract(section.contract.name).names
    said = json.dumps([[each.get(name) for name in names] for each in rows], ensure_ascii=False)
    columns = {name: pa.array([each.get(name) for each in rows], type=pa.string()) for name in names}
    pq.write_table(pa.table(columns), into)
    return ArrivingRows(
        section=section, content=hashlib.sha256(said.encode()).hexdigest(), names=names, rows=len(rows), file=into
    )


def rows_of(connection: Any, now: datetime) -> dict[str, Rows]:
    """The rows of each table as of a moment, by table; users bear the name by which they are known."""
    known = {each.user_id: each.name for each in users.listed(connection)}
    places: dict[str, organisation.Member] = {}
    for each in sorted(organisation.members(connection, now), key=lambda each: (each.valid_from, each.unit_id)):
        places[each.user_id] = each  # of several units the one they came to last
    return {
        "unit": tuple(
            {"unit_id": each.unit_id, "name": each.name, "parent_id": each.parent_id}
            for each in organisation.units(connection)
        ),
        "staff": tuple(
            {"staff_id": name, "unit_id": places[user].unit_id if user in places else None}
            for user, name in sorted(known.items(), key=lambda each: each[1])
        ),
        "responsibility": tuple(
            {"staff_id": name, "kind": each.kind, "object_id": each.object_id}
            for user, name in sorted(known.items(), key=lambda each: each[1])
            for each in duties.responsibilities(connection, user, now)
        ),
    }


def _place(table: str) -> str:
    return f"{APP_DATABASE}#{table}"
