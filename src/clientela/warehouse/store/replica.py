"""A snapshot made of another: new files that hold what some queries give of it, and not a byte else."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlglot import exp

from clientela.warehouse.engine import Engine
from clientela.warehouse.physical import FACTS, PEOPLE
from clientela.warehouse.store.snapshot import Snapshot, publish

_NEW = "new_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The rows that become one table: a query over the tables of the snapshot, with values for its names."""

    table: str
    database: str
    query: exp.Select
    parameters: Mapping[str, object]


def write_replica(
    snapshot: Snapshot,
    folder: Path,
    parts: Iterable[Part],
    manifest: Callable[[Mapping[str, int]], Mapping[str, Any]],
    *,
    people: bool,
    threads: int | None = None,
    memory_limit: str | None = None,
) -> Snapshot:
    """Publish in ``folder`` a snapshot of these parts of another one, in files that never held anything else.

    Parameters
    ----------
    manifest : what it says of itself, given how many rows each table of its facts file has
    people : whether there is to be a file of what is personal
    """
    databases = (FACTS, PEOPLE) if people else (FACTS,)
    built = {database: folder / f"{database}-{snapshot.number}.build" for database in databases}
    spill = folder / "spill"
    rows: dict[str, int] = {}
    with Engine.in_memory(threads=threads, memory_limit=memory_limit, temp_directory=spill) as engine:
        for database in databases:
            engine.attach(snapshot.paths[database], database, read_only=True)
            engine.attach(built[database], _NEW + database, read_only=False)
        engine.use(FACTS)
        for part in parts:
            place = exp.table_(part.table, db="main", catalog=_NEW + part.database, quoted=True)
            engine.run(exp.Create(this=place, kind="TABLE", expression=part.query), part.parameters)
            if part.database == FACTS:
                counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(place.copy())
                rows[part.table] = int(engine.fetch(counted).column("n")[0].as_py())
        for database in databases:
            engine.checkpoint_and_detach(_NEW + database)
    return publish(built, folder, snapshot.number, manifest(rows))
