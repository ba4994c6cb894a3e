"""Pairs that were compared before: kept from run to run, so that only records that are new or changed are compared.

What is kept is named by all it depends on beside the records: the model, the code, the settings. A
record is told by the hash of what it says; its pairs hold while that is the same on both sides. Whatever is not
there, or is not what was written, is compared again: that costs time, never an answer.
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
from clientela.unify.linking.fresh import RELINKED
from clientela.warehouse.engine import Engine, read_parquet, write_parquet
from clientela.warehouse.moments import reached
from clientela.warehouse.physical import column
from clientela.warehouse.store.landing import Landing

FOLDER = "pairs"
VERSION, PAIR, FIELD, CHANGED = "record_version", "scored_pair", "scored_field", "changed_record"
_ENDS = ("customer_ref_l", "customer_ref_r")


@dataclass(frozen=True, slots=True)
class Kept:
    """The pairs that an earlier run compared."""

    place: Path

    def write_changed(self, engine: Engine) -> int:
        """Write the work table ``changed_record``: the records that are new or say something else; how many."""
        now, before = exp.alias_(work(VERSION), "now", table=True), self._rows(VERSION)
        same = exp.column("customer_ref", table="now").eq(exp.column("customer_ref", table="before"))
        differs = exp.NullSafeNEQ(
            this=exp.column("content", table="now"), expression=exp.column("content", table="before")
        )
        rows = (
            exp.select(exp.column("customer_ref", table="now"))
            .from_(now)
            .join(exp.alias_(before, "before", table=True), on=same, join_type="left")
            .where(differs)
        )
        return engine.run(exp.Create(this=work(CHANGED), kind="TABLE", replace=True, expression=rows))

    def take_over(self, engine: Engine) -> int:
        """Add the pairs of which neither record was looked at anew or went away; how many they are.

        What a rule said of them in passing it said without looking at all that they share: what was kept holds.
        """
        for table in (PAIR, FIELD):
            engine.run(exp.delete(work(table)).where(*(_looked_at(end).not_() for end in _ENDS)))
        taken = self._add(engine, PAIR)
        self._add(engine, FIELD)
        return taken

    def lost(self, engine: Engine) -> int:
        """How many records that were compared are no longer there."""
        gone = exp.column("customer_ref").isin(query=exp.select("customer_ref").from_(work(VERSION))).not_()
        counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(self._rows(VERSION)).where(gone)
        return int(engine.fetch(counted)["n"][0].as_py())

    def _add(self, engine: Engine, table: str) -> int:
        names = list(engine.column_types(exp.select("*").from_(work(table))))
        rows = exp.select(*map(column, names)).from_(self._rows(table))
        for end in _ENDS:
            there = exp.select("customer_ref").from_(work(VERSION))
            rows = rows.where(column(end).isin(query=there), _looked_at(end).not_())
        target = exp.Schema(this=work(table), expressions=[column(name).this for name in names])
        return engine.run(exp.Insert(this=target, expression=rows))

    def _rows(self, table: str) -> exp.Table:
        return read_parquet([self.place / f"{table}.parquet"])


def _looked_at(end: str) -> exp.Expr:
    """Whether the one record of a pair was compared with all others in this run."""
    return column(end).isin(query=exp.select("customer_ref").from_(work(RELINKED)))


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


def keep(engine: Engine, landing: Landing, name: str) -> None:
    """Keep what was compared now in place of all that was kept before."""
    folder = landing.folder / FOLDER
    place = folder / name
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        known = exp.select("customer_ref", "content").from_(work(VERSION))
        write_parquet(engine, known, part / f"{VERSION}.parquet", compression="snappy")
        for table in (PAIR, FIELD):
            write_parquet(engine, exp.select("*").from_(work(table)), part / f"{table}.parquet", compression="snappy")
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
