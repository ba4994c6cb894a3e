"""Standardised records: kept from run to run, so that only records that are new or changed are read by the forms.

What is kept is named by all it depends on beside the records: the code of the forms, the libraries that judge, the
engine, the country. A row is told by the number of its record's pseudonym and the hash of what was read of it. Each run
adds a part with what it read; a part that is not what was written does not count. That costs time, never an answer.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from importlib import resources
from importlib.metadata import version
from importlib.resources.abc import Traversable
from pathlib import Path
from unicodedata import unidata_version

from sqlglot import exp

from clientela.capture.conform.kept import seal, sound
from clientela.pipeline.joining.cache import name_of
from clientela.pipeline.joining.keys import drop, work
from clientela.pipeline.joining.records import RECORD
from clientela.unify import standardise as forms
from clientela.unify.standardise import FLAGS, LINKABLE, Standardised, found, write_standard
from clientela.warehouse.engine import Engine, read_parquet, write_parquet
from clientela.warehouse.moments import reached
from clientela.warehouse.physical import column
from clientela.warehouse.store.landing import Landing

FOLDER = "standardised"
MOST_PARTS = 40
MOST_OUTLIVED = 0.5  # of the rows that are kept; where more are of no use any more, they are written anew
_LINKABLE, _FRESH, _READ = "linkable", "record_fresh", "linkable_fresh"
_ROWS, _NUMBER, _SAID = "rows.parquet", "number", "said"
_OWN = ("customer_ref", "source", "first_run")  # of the record itself, which is there in each run
_MADE = tuple(name for name in LINKABLE if name not in _OWN)
_JUDGES = ("duckdb", "sqlglot", "phonenumbers", "email-validator", "idna")


def write_linkable(engine: Engine, landing: Landing, *, country: str | None, today: date) -> Standardised:
    """What was found while the work table ``linkable`` was written from ``record``, of which most may be kept."""
    folder, name = landing.folder / FOLDER, _name(country)
    records = _count(engine, work(RECORD))
    parts = _parts(folder, name)
    taken = _take(engine, parts) if parts else 0
    if taken > records:  # no record may stand there twice
        parts, taken = [], 0
    if not taken:
        write_standard(engine, country=country, today=today)
        _keep(engine, folder, name, _LINKABLE, instead=True)
    elif taken < records:
        _read_rest(engine, country=country, today=today)
        _keep(engine, folder, name, _READ, instead=False)
        drop(engine, _FRESH, _READ)
    kept = _count(engine, read_parquet(parts)) + records - taken if taken else records
    if len(parts) >= MOST_PARTS or kept - records > MOST_OUTLIVED * kept:
        _keep(engine, folder, name, _LINKABLE, instead=True)
    return found(engine)


def forget(landing: Landing) -> None:
    """Remove all that is kept: where somebody is erased, nothing may hold on to them."""
    shutil.rmtree(landing.folder / FOLDER, ignore_errors=True)


def _name(country: str | None) -> str:
    """The name of what is kept: all it depends on beside the records."""
    return name_of(_code(), [version(each) for each in _JUDGES], unidata_version, country or "", LINKABLE)


@cache
def _code() -> str:
    """The hash of the code of the forms: who changes a word of it need not think of what is kept."""
    told = hashlib.sha256()
    for text in _texts(resources.files(forms)):
        told.update(text)
    return told.hexdigest()


def _texts(place: Traversable) -> Iterator[bytes]:
    for each in sorted(place.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _texts(each)
        elif each.name.endswith(".py"):
            yield each.name.encode() + b"\n" + each.read_bytes()


def _parts(folder: Path, name: str) -> list[Path]:
    """The files of the parts that are what was written; all else goes."""
    files = []
    for place in sorted(folder.iterdir()) if folder.is_dir() else ():
        told, _, number = place.name.rpartition("-")
        if told == name and number.isdigit() and sound(place):
            files.append(place / _ROWS)
        else:
            shutil.rmtree(place, ignore_errors=True)
    return files


def _take(engine: Engine, parts: Sequence[Path]) -> int:
    """Write ``linkable`` from what is kept of records that say what they said; its rows."""
    same = exp.and_(_number("record").eq(_of(_NUMBER, "kept")), _of("content", "record").eq(_of(_SAID, "kept")))
    own = {
        name: exp.cast(_of(name, "record"), "bigint") if name == "first_run" else _of(name, "record") for name in _OWN
    }
    listed = [exp.alias_(own.get(name, _of(name, "kept")), name, quoted=True) for name in (*LINKABLE, FLAGS)]
    rows = (
        exp.select(*listed)
        .from_(exp.alias_(read_parquet(parts), "kept", table=True))
        .join(exp.alias_(work(RECORD), "record", table=True), on=same)
    )
    return engine.run(exp.Create(this=work(_LINKABLE), kind="TABLE", replace=True, expression=rows))


def _read_rest(engine: Engine, *, country: str | None, today: date) -> None:
    """Read the records that ``linkable`` lacks, and add them; they stay as ``linkable_fresh``."""
    there = exp.select("customer_ref").from_(work(_LINKABLE))
    rest = exp.select("*").from_(work(RECORD)).where(column("customer_ref").isin(query=there).not_())
    engine.run(exp.Create(this=work(_FRESH), kind="TABLE", replace=True, expression=rest))
    write_standard(engine, country=country, today=today, records=_FRESH, into=_READ)
    names = (*LINKABLE, FLAGS)
    target = exp.Schema(this=work(_LINKABLE), expressions=[column(name).this for name in names])
    engine.run(exp.Insert(this=target, expression=exp.select(*map(column, names)).from_(work(_READ))))


def _keep(engine: Engine, folder: Path, name: str, table: str, *, instead: bool) -> None:
    """Keep the rows of a table beside all that is kept, or ``instead`` of it."""
    before = sorted(folder.iterdir()) if folder.is_dir() else []
    numbers = [path.name.rpartition("-")[2] for path in before]
    place = folder / f"{name}-{max((int(each) for each in numbers if each.isdigit()), default=0) + 1:06}"
    part = place.with_name(place.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    said = exp.alias_(_of("content", "record"), _SAID)
    listed = [exp.alias_(_number("record"), _NUMBER), said, *(_of(each, "made") for each in (*_MADE, FLAGS))]
    rows = (
        exp.select(*listed)
        .from_(exp.alias_(work(table), "made", table=True))
        .join(
            exp.alias_(work(RECORD), "record", table=True),
            on=_of("customer_ref", "record").eq(_of("customer_ref", "made")),
        )
    )
    try:
        write_parquet(engine, rows, part / _ROWS, compression="snappy")
        seal(part)
    except (Exception, KeyboardInterrupt):
        shutil.rmtree(part, ignore_errors=True)  # on a full disk every byte counts
        raise
    reached("standardised written")
    part.replace(place)
    for path in before if instead else ():
        shutil.rmtree(path, ignore_errors=True)
    reached("standardised kept")


def _number(table: str) -> exp.Expr:
    return exp.Anonymous(this="id63", expressions=[_of("customer_ref", table)])


def _of(name: str, table: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table=table)


def _count(engine: Engine, rows: exp.Table) -> int:
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(rows)
    return int(engine.fetch(counted)["n"][0].as_py())
