"""Which arrivals count, and all of them typed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlglot import exp

from clientela.capture.arrive import Manifest, content_of, manifests
from clientela.capture.arriving import Progress, split_as_stated
from clientela.capture.conform.batches import TypedBatches
from clientela.capture.conform.conformed import Conformed
from clientela.capture.deliveries import SEQUENCE
from clientela.capture.mapping import Section, section_of, understand
from clientela.capture.typed import RATES_SCHEMA
from clientela.config import Settings
from clientela.errors import ConfigurationError
from clientela.warehouse.engine import Engine, read_parquet
from clientela.warehouse.physical import column
from clientela.warehouse.store.landing import Batch, Landing

EXCHANGE_RATE = "exchange_rate"
WORKERS = 2  # batches typed at a time


def conform(
    settings: Settings,
    folder: Path,
    landing: Landing,
    engine: Engine,
    secret: bytes,
    *,
    progress: Progress = lambda _: None,
) -> tuple[Conformed, ...]:
    """Every arrival that counts, typed, in the order of arrival; those over their bad-row budget are held.

    Parameters
    ----------
    settings, folder, landing
        Of the workspace. A source that is no longer in the settings no longer counts.
    engine
        Does the work; none of its tables is touched.
    secret
        The key behind the pseudonyms.
    progress
        Is told each step that may take a while.

    Raises
    ------
    ConfigurationError
        A landed file lacks columns that the mapping needs; all such at once.
    """
    del folder
    work = TypedBatches(engine, landing, secret, landing.folder / "conformed", progress)
    sections = understand(settings)
    chosen = list(arrivals(sections, landing))
    problems = [problem for section, batch in chosen for problem in work.problems(section, batch)]
    if problems:
        raise ConfigurationError("landed files do not fit clientela.toml: " + "; ".join(problems), problems=problems)
    money = [each for each in chosen if each[1].table == EXCHANGE_RATE]
    found = work.all(money, workers=1)
    work.rates = rates(engine, [each for each in found.values() if not each.kept_out])
    others = [(section, batch) for section, batch in chosen if batch.sequence not in found]
    found |= work.all(others, workers=1 if settings.run.threads == 1 else WORKERS)
    found = work.gather(found)
    work.sweep()
    whole = manifests(landing)
    return _each_bad_row_once([each for _, batch in chosen for each in _by_delivery(found[batch.sequence], whole)])


def _by_delivery(conformed: Conformed, whole: Sequence[Manifest]) -> list[Conformed]:
    """A batch of a ``full`` source once for each delivery that held it, under that delivery's run and moment."""
    batch = conformed.batch
    if conformed.section.source.delivery != "full":
        return [conformed]
    return [
        replace(conformed, batch=replace(batch, path=path, run=each.run, arrived_at=each.arrived_at))
        for each in whole
        if (each.source, each.table) == (batch.source, batch.table)
        for path, hash in each.files
        if hash.partition(".")[0] == content_of(batch)
    ]


def _each_bad_row_once(found: Sequence[Conformed]) -> tuple[Conformed, ...]:
    """In the order of arrival; of a ``full`` delivery that has a file over its budget all files are kept out."""
    ordered = sorted(found, key=lambda each: (each.batch.run, each.batch.path, each.batch.sequence))
    broken = {
        (each.batch.source, each.batch.table, each.batch.run)
        for each in ordered
        if each.kept_out and each.section.source.delivery == "full"
    }
    seen: set[str] = set()
    result = []
    for each in ordered:
        out = each.kept_out or (each.batch.source, each.batch.table, each.batch.run) in broken
        first = each.name not in seen
        seen.add(each.name)
        refs, bad = None if out else each.refs, each.quarantine if first else None
        result.append(replace(each, kept_out=out, refs=refs, quarantine=bad))
    return tuple(result)


def arrivals(sections: Sequence[Section], landing: Landing) -> Iterator[tuple[Section, Batch]]:
    """Every arrival that counts, with the section that says how to read it.

    A file that was landed again only because its format is stated differently now takes the place of
    its first reading; of a ``full`` source the files of its deliveries count.
    """
    full = {(s.source.name, s.contract.name) for s in sections if s.source.delivery == "full"}
    listed = {(m.source, m.table, hash.partition(".")[0]) for m in manifests(landing) for _, hash in m.files}
    section_for = cache(lambda source, table, path: section_of(sections, source, table, path))
    first_of: dict[tuple[str, str, str], str] = {}
    newest: dict[tuple[str, str, str], Batch] = {}
    for batch in landing.arrivals():
        content = (batch.source, batch.table, content_of(batch))
        first_of.setdefault(content, batch.hash)
        section = section_for(batch.source, batch.table, batch.path)
        if section and split_as_stated(section, batch):
            newest[content] = batch
    seen: set[tuple[str, str, str]] = set()
    for batch in landing.arrivals():
        content = (batch.source, batch.table, content_of(batch))
        section = section_for(batch.source, batch.table, batch.path)
        if section is None or batch.hash != first_of[content]:
            continue
        if (batch.source, batch.table) in full:
            if content in seen or content not in listed:
                continue
            seen.add(content)
        read = newest.get(content, batch)
        yield section, replace(batch, hash=read.hash, format=read.format, rows=read.rows, sha256=read.sha256)


def rates(engine: Engine, conformed: Sequence[Conformed]) -> pa.Table:
    """The exchange rates that hold from day to day; of two for one day the later arrival."""
    latest: dict[tuple[str, date], Any] = {}
    said: list[tuple[int, date, str, Any]] = []
    for file in dict.fromkeys(each.facts for each in conformed):
        held = [each for each in conformed if each.facts == file]
        number = column(SEQUENCE) if held[0].together else exp.Literal.number(max(each.batch.sequence for each in held))
        names = [column(name) for name in ("on", "currency", "rate")]
        query = exp.select(exp.alias_(number, SEQUENCE), *names).from_(read_parquet([file]))
        said += [tuple(row.values()) for row in engine.fetch(query).to_pylist()]
    for _, on, currency, rate in sorted(said, key=lambda row: row[0]):
        latest[currency, on] = rate
    rows: list[dict[str, Any]] = []
    for currency, on in sorted(latest):
        if rows and rows[-1]["currency"] == currency:
            rows[-1]["until"] = on
        rows.append({"currency": currency, "since": on, "until": None, "rate": latest[currency, on]})
    return pa.Table.from_pylist(rows, schema=RATES_SCHEMA)
