"""Pairs that were compared before: kept from run to run, so that only records that are new or changed are compared.

What is kept is named by all it depends on beside the records: the model, the code, the settings, the engine. A
record is told by the hash of what it says. With the pairs is kept what the next search has to know of the values that
records share (`clientela.unify.linking.fresh`). Whatever is not there, or is not what was written, is compared again:
that costs time, never an answer.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from clientela.capture.conform.kept import seal, sound
from clientela.pipeline.joining.keys import work
from clientela.unify.linking import fresh, scoring
from clientela.unify.linking.fresh import Before
from clientela.unify.linking.sharing import CROWDED
from clientela.warehouse.engine import Engine, read_parquet, write_parquet
from clientela.warehouse.moments import reached
from clientela.warehouse.physical import column
from clientela.warehouse.store.landing import Landing

FOLDER = "pairs"
LINKABLE, CHANGED = "linkable", "changed_record"
VERSION, SIZE = "record_version", "pairs_compared"
_PAIRS = (scoring.SCORED_PAIR, scoring.TOLD)
_SEARCHED = (CROWDED, fresh.MATE)
_ENDS = ("customer_ref_l", "customer_ref_r")


@dataclass(frozen=True, slots=True)
class Kept:
    """The pairs that an earlier run compared."""

    place: Path

    def write_changed(self, engine: Engine) -> tuple[int, int]:
        """Write the work table ``changed_record``: the records that are new or say something else.

        Returns how many, and how many that were compared are gone or say something else.
        """
        now = exp.alias_(versions("customer_ref").subquery("now"), "now", table=True)
        before = exp.alias_(self._rows(VERSION), "before", table=True)
        rows = (
            exp.select("now.customer_ref").from_(now).join(before, on="before.version = now.version", join_type="anti")
        )
        changed = engine.run(exp.Create(this=work(CHANGED), kind="TABLE", replace=True, expression=rows))
        return changed, _count(engine, self._rows(VERSION)) - (_count(engine, work(LINKABLE)) - changed)

    def before(self) -> Before:
        """What the search that found them left."""
        return Before(
            crowded=exp.select("about", "value").from_(self._rows(CROWDED)),
            mates=exp.select("about", "value", "customer_ref").from_(self._rows(fresh.MATE)),
        )

    def pairs_compared(self, engine: Engine) -> int:
        """At most so many pairs were compared to find them, or would be in one search for all."""
        return int(engine.fetch(exp.select("pairs").from_(self._rows(SIZE)))["pairs"][0].as_py())

    def take_all(self, engine: Engine) -> int:
        """Take over all pairs, as nothing changed; how many they are."""
        for table in (*_PAIRS, *_SEARCHED):
            rows = exp.select("*").from_(self._rows(table))
            engine.run(exp.Create(this=work(table), kind="TABLE", replace=True, expression=rows))
        return _count(engine, work(scoring.SCORED_PAIR))

    def take_over(self, engine: Engine, *, lost: bool) -> int:
        """Add the pairs of which neither record was looked at anew or went away; how many they are.

        What a rule said of them in passing it said without looking at all that they share: what was kept holds.
        """
        for table in _PAIRS:
            engine.run(exp.delete(work(table)).where(*(_looked_at(end).not_() for end in _ENDS)))
        taken = {table: self._add(engine, table, lost=lost) for table in _PAIRS}
        return taken[scoring.SCORED_PAIR]

    def _add(self, engine: Engine, table: str, *, lost: bool) -> int:
        names = list(engine.column_types(exp.select("*").from_(work(table))))
        kept = exp.alias_(self._rows(table), "kept", table=True)
        rows = exp.select(*(exp.column(name, "kept", quoted=True) for name in names)).from_(kept)
        for end in _ENDS:
            rows = rows.where(_looked_at(end).not_())
            if lost:
                there = exp.alias_(work(LINKABLE), f"of_{end}", table=True)
                same = exp.column("customer_ref", f"of_{end}").eq(exp.column(end, "kept"))
                rows = rows.join(there, on=same, join_type="semi")
        target = exp.Schema(this=work(table), expressions=[column(name).this for name in names])
        return engine.run(exp.Insert(this=target, expression=rows))

    def _rows(self, table: str) -> exp.Table:
        return read_parquet([self.place / f"{table}.parquet"])


def versions(*names: str) -> exp.Select:
    """The query for the version of each record: a hash of its key and of what it says."""
    version = exp.func("hash", exp.column("customer_ref"), exp.column("content"), dialect="duckdb")
    return exp.select(*names, exp.alias_(version, "version")).from_(work(LINKABLE))


def _count(engine: Engine, table: exp.Table) -> int:
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(table)
    return int(engine.fetch(counted)["n"][0].as_py())


def _looked_at(end: str) -> exp.Expr:
    """Whether the one record of a pair was compared with all others in this run."""
    return column(end).isin(query=exp.select("customer_ref").from_(work(fresh.RELINKED)))


def name_of(*depends_on: object) -> str:
    """The name of what depends on all of these.

    Examples
    --------
    >>> name_of("model", 0.5) == name_of("model", 0.5), name_of("model", 0.5) == name_of("model", 0.6)
    (True, False)
    """
    said = json.dumps(depends_on, sort_keys=True, default=str)
    return hashlib.sha256(said.encode()).hexdigest()[:32]


def kept(landing: Landing, name: str) -> Kept | None:
    """The pairs kept under a name; None where there are none, or they are no longer what was written."""
    place = landing.folder / FOLDER / name
    return Kept(place) if sound(place) else None


def keep(engine: Engine, landing: Landing, name: str, *, pairs: int) -> None:
    """Keep what was compared now in place of all that was kept before.

    Parameters
    ----------
    pairs : at most so many were compared to find them, or would be in one search for all
    """
    folder = landing.folder / FOLDER
    place = folder / name
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        size = exp.alias_(exp.cast(exp.Literal.number(pairs), "bigint"), "pairs")
        told = {VERSION: versions(), SIZE: exp.select(size)}
        told |= {table: exp.select("*").from_(work(table)) for table in (*_PAIRS, *_SEARCHED)}
        for table, rows in told.items():
            write_parquet(engine, rows, part / f"{table}.parquet", compression="snappy")
        seal(part)
    except (Exception, KeyboardInterrupt):
        shutil.rmtree(part, ignore_errors=True)  # on a full disk every byte counts
        raise
    reached("pairs written")
    for path in folder.iterdir():
        if path != part:
            shutil.rmtree(path, ignore_errors=True)
    part.replace(place)
    reached("pairs kept")


def forget(landing: Landing) -> None:
    """Remove all that is kept: where somebody is erased, nothing may hold on to them."""
    shutil.rmtree(landing.folder / FOLDER, ignore_errors=True)
