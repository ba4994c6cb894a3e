"""Who is who in a run: records are compared, pairs become customers, changes become events; then the tables of it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import datetime
from functools import cache
from importlib import import_module, metadata, resources
from importlib.resources.abc import Traversable
from unicodedata import unidata_version

import numpy as np
from sqlglot import exp

from clientela._version import __version__
from clientela.capture.conform import Conformed
from clientela.capture.deliveries import Deliveries
from clientela.config import Settings
from clientela.pipeline.joining import increment, linked, models, records, renewed
from clientela.pipeline.joining.compare import Comparison, compare, reason_to_learn
from clientela.pipeline.joining.keys import KEY, drop, keys, nothing, work, write
from clientela.pipeline.joining.linked import Linked, at, hide, name_of
from clientela.pipeline.joining.renewed import PAIRS, Renewal
from clientela.pipeline.quality.duplicates import Counted
from clientela.unify import decisions, events
from clientela.unify.clusters.found import write_found
from clientela.unify.decisions import Standing
from clientela.unify.golden.members import TOGETHER
from clientela.unify.linking import Figure, LinkModel
from clientela.unify.linking.customer.apart import two_of_one_name
from clientela.unify.linking.fresh import MATE
from clientela.unify.linking.scoring import TOLD
from clientela.unify.linking.sharing import CROWDED
from clientela.unify.standardise import Standardised, found, write_standard
from clientela.warehouse.build import Build
from clientela.warehouse.engine import MAIN, Engine
from clientela.warehouse.model import Model, load_models
from clientela.warehouse.moments import reached
from clientela.warehouse.store.copies import beside
from clientela.warehouse.store.landing import Landing

UNIFY = "clientela.unify"
LINKABLE, FOUND, STATUS, PAIR, FIELD = "linkable", "found", "pair_status", "scored_pair", "scored_field"
_ENDS = {"customer_ref_l": "varchar", "customer_ref_r": "varchar"}
WORK: Mapping[str, Mapping[str, str]] = {
    FOUND: {"customer_ref": "varchar", "oldest_ref": "varchar", "match_probability": "decimal(18, 6)"},
    STATUS: {**_ENDS, "status": "varchar", "is_bridge": "boolean", "decision": "varchar"},
    PAIR: {**_ENDS, "match_weight": "double", "match_probability": "double", "rule": "varchar"},
    FIELD: {**_ENDS, "field": "varchar", "likeness": "varchar", "match_weight": "double"},
}
TABLES = ("identity_pair", "identity_evidence", "identity_event", "identity_figure", "identifier")


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """What a run knows of who is who before it looks: keys, records, what was decided and found before.

    ``sources``: what was delivered to customer_record; ``published``: the runs so far that published.
    """

    conformed: Sequence[Conformed]
    sources: Sequence[Deliveries]
    settings: Settings
    landing: Landing
    published: Collection[int]
    now: datetime
    progress: Callable[[str], None]
    run: int = 0

    @property
    def link(self) -> bool:
        """Whether records may be joined at all."""
        return self.settings.identity.link


@dataclass(slots=True, kw_only=True)
class Known:
    """What `identify` found. ``spoken``: whether any record says anything.

    ``file``: what the next run begins with; None where nothing is kept. ``renewal``: only some customers are written.
    ``counted``: what the records know, where that was counted in passing.
    """

    spoken: bool
    file: Linked | None = None
    renewal: Renewal | None = None
    counted: Counted | None = None
    told: dict[str, object] = field(default_factory=dict)


def identify(build: Build, given: Given) -> Known:
    """Write ``identity`` and all that tells how it came about; what is known then.

    Where any record says anything, the work tables ``record`` and ``linkable`` stay for who needs them; `finish`
    removes them. Where nobody delivers records, and nobody ever decided anything, a key is a customer, and nothing is
    compared.
    """
    spoken = records.delivered(given.conformed)
    decided = decisions.read(given.landing) if given.link else ()
    standing = decisions.standing(decided)
    if not spoken and not standing and not given.landing.events.kept():
        linked.forget(given.landing)
        _write(build, "identity", {KEY: keys(given.conformed), FOUND: nothing(WORK[FOUND])})
        for name in TABLES:
            build.create_empty(name)
        return Known(spoken=False)
    known = Known(spoken=spoken)
    known.told["decided"] = name_of(*(str(each) for each in decided))
    figures = _records_and_pairs(build, given, known)
    figures += _customers(build.engine, given, standing)
    known.renewal = _renewal(build, given, known)
    if known.renewal is not None:
        figures += _renew(build, given, standing, known.renewal)
    else:
        figures += _write_all(build, given, standing, spoken=spoken)
    _write_figures(build, figures)
    return known


def finish(build: Build, given: Landing, known: Known) -> None:
    """Keep what the next run begins with, and remove the work tables that `identify` left."""
    engine = build.engine
    renewed.forget(engine)
    increment.forget(engine)
    drop(engine, FOUND, STATUS, events.CHANGE)
    hide(engine, records.RECORD, LINKABLE, KEY, TOGETHER)
    if known.file is not None:
        known.file.keep(known.told)
    elif known.spoken:
        linked.forget(given)


def _records_and_pairs(build: Build, given: Given, known: Known) -> list[Figure]:
    """The work tables of keys, records and pairs: those of the last run brought up to date, or all anew."""
    engine = build.engine
    if known.spoken and given.link and records.comparable(given.conformed):
        known.told |= {
            "run": given.run,
            "today": given.now.date().isoformat(),
            "inputs": increment.inputs(given.conformed),
            "renews": name_of(_code(), _asked_of(given.settings)),
            "replaced": 0,
        }
        beside(_load)
        updated = _updated(build, given, known)
        if updated is not None:
            return updated
        known.file = linked.begun(engine, given.landing)
    write(engine, KEY, keys(given.conformed))
    figures: list[Figure] = []
    if known.spoken:
        figures += write_linkable(engine, given, leave=at(LINKABLE) if known.file is not None else None)
    figures += _pairs(engine, given, known)
    return figures


def _load() -> None:
    """Load what groups the pairs later: it takes a tenth of a second, which goes while the engine is at work."""
    import_module("scipy.sparse.csgraph")


def _updated(build: Build, given: Given, known: Known) -> list[Figure] | None:
    """What the last run left, brought up to date; None where there is nothing, or all has to be compared anew."""
    engine, stored = build.engine, models.newest(given.landing)
    if stored is None:
        return None
    country = country_of(given.settings.company.timezone)
    known.told["name"] = _name(engine, given, stored.model)
    file = linked.found(engine, given.landing, str(known.told["name"]))
    if file is None:
        return None
    with increment.numbered(file, stored.model, given.conformed):
        told, count, counted = increment.update_records(
            file, given.conformed, given.sources, country=country, today=given.now.date(), progress=given.progress
        )
    looked = None
    if reason_to_learn(stored, count) is None:
        if "pairs" in file.told:
            renewed.expect(build, file.told, str(known.told["renews"]), increment.number_changed(engine))
        looked = increment.update_pairs(file, stored.model, _comparison(given), count, given.progress)
    if looked is None:
        increment.forget(engine)
        hide(engine, PAIR, FIELD)
        file.discard()
        return None
    known.file, known.counted = file, counted
    known.told["pairs"] = looked.pairs
    return [*_figures_of(count, told), *looked.figures]


def _renewal(build: Build, given: Given, known: Known) -> Renewal | None:
    """What of the snapshot is to be written anew, where it may begin as the one before."""
    if known.file is None or "pairs" not in known.file.told:
        return None
    found = renewed.begun(build, known.file.told, str(known.told["renews"]), str(known.told["decided"]))
    if found is not None:
        known.told["replaced"] = found.replaced
    return found


def _write_all(build: Build, given: Given, standing: Standing, *, spoken: bool) -> list[Figure]:
    """Write the tables whole."""
    _write(build, "identity", {})
    figures = [*_events(build, given, standing)]
    _write(build, "identity_pair", {})
    _write(build, "identity_evidence", {})
    hide(build.engine, FIELD, PAIR, TOLD)
    drop(build.engine, STATUS)
    if spoken:
        given.progress("Writing identifier")
        _write(build, "identifier", {})
    else:
        build.create_empty("identifier")
    return figures


def _renew(build: Build, given: Given, standing: Standing, renewal: Renewal) -> list[Figure]:
    """Write the rows of customers of whom anything is another now."""
    engine = build.engine
    renewed.narrow(engine, renewal)
    of_them, ends = ("customer_ref",), ("customer_ref_l", "customer_ref_r")
    _renew_table(
        build, "identity", renewal, {KEY: exp.select("*").from_(work(KEY)).where(_among(renewal, of_them))}, by=of_them
    )
    figures = [*_events(build, given, standing, among=renewal.records)]
    if PAIRS in build.tables():
        status = exp.select("*").from_(work(STATUS)).where(_among(renewal, ends))
        _renew_table(build, PAIRS, renewal, {STATUS: status}, by=ends)
    else:
        _write(build, PAIRS, {})
    _renew_table(build, "identity_evidence", renewal, {}, by=ends)
    hide(engine, FIELD, PAIR, TOLD)
    drop(engine, STATUS)
    given.progress("Writing identifier")
    keys = {"identity": exp.select("*").from_(renewal.keys)}
    _renew_table(build, "identifier", renewal, keys, by=("customer_id",), among=renewal.customers)
    return figures


def _among(renewal: Renewal, names: Sequence[str]) -> exp.Expr:
    return exp.or_(*(exp.column(name).isin(query=renewal.records) for name in names))


def _renew_table(
    build: Build,
    name: str,
    renewal: Renewal,
    queries: Mapping[str, exp.Query],
    *,
    by: Sequence[str],
    among: exp.Query | None = None,
) -> None:
    """Write the rows of these customers; ``among``: their numbers, where rows are sooner found by them than by records.

    The records of a renewal are all that its customers had or have, so both name the same rows.
    """
    model = next(each for each in _models() if each.name == name)
    mine = renewal.records if among is None else among
    build.renew(name, _tree(model, queries), among=mine, by=by, step=model.name, reads=model.reads)


def country_of(timezone: str) -> str | None:
    """The country in which a company keeps its time, where that is one of those whose forms are known.

    Examples
    --------
    >>> country_of("Europe/Madrid"), country_of("UTC")
    ('ES', None)
    """
    return _COUNTRIES.get(timezone, "US" if timezone in _AMERICAN else None)


_COUNTRIES = {
    "Europe/Madrid": "ES",
    "Atlantic/Canary": "ES",
    "Africa/Ceuta": "ES",
    "Europe/Rome": "IT",
    "Europe/Amsterdam": "NL",
    "Europe/London": "GB",
    "Europe/Berlin": "DE",
    "Europe/Paris": "FR",
    "Europe/Lisbon": "PT",
    "Europe/Brussels": "BE",
    "Europe/Dublin": "IE",
    "Europe/Vienna": "AT",
    "Europe/Zurich": "CH",
}
_AMERICAN = frozenset(
    {
        "America/New_York",
        "America/Detroit",
        "America/Chicago",
        "America/Denver",
        "America/Phoenix",
        "America/Los_Angeles",
        "America/Anchorage",
        "Pacific/Honolulu",
    }
)


def write_linkable(engine: Engine, given: Given, *, leave: exp.Table | None = None) -> tuple[Figure, ...]:
    """Write ``record`` and ``linkable``: what each record says, as delivered and in the form it is compared in."""
    given.progress("Reading customer records")
    today, country = given.now.date(), country_of(given.settings.company.timezone)
    number = records.write_record(engine, given.conformed, given.sources, today=today)
    given.progress("Standardising customer records")
    write_standard(engine, country=country, today=today)
    if leave is not None:
        engine.run(exp.Create(this=leave, kind="TABLE", expression=exp.select("*").from_(work(LINKABLE))))
    return _figures_of(number, found(engine))


def _figures_of(number: int, told: Standardised) -> tuple[Figure, ...]:
    figures = [Figure(figure="records", about="", value=number)]
    figures += [
        Figure(figure="placeholders", about=name, value=n) for name, n in sorted(told.placeholders.items()) if n
    ]
    figures += [Figure(figure="invalid values", about=name, value=n) for name, n in sorted(told.invalid.items()) if n]
    return tuple(figures)


def _pairs(engine: Engine, given: Given, known: Known) -> tuple[Figure, ...]:
    """Compare the records, unless there is nothing to compare or nobody wants it."""
    if not (known.spoken and given.link and records.comparable(given.conformed)):
        for name in (PAIR, FIELD):
            write(engine, name, nothing(WORK[name]))
        return ()

    def leave(model: LinkModel, pairs: int) -> None:
        known.told |= {"pairs": pairs, "name": _name(engine, given, model)}
        for name in (PAIR, TOLD, CROWDED, MATE, KEY):
            _leave(engine, name, exp.select("*").from_(work(name)))
        _leave(engine, records.RECORD, increment.said(engine))

    found = compare(engine, given.landing, _comparison(given), now=given.now, progress=given.progress, leave=leave)
    if known.file is not None and "pairs" not in known.told:
        known.file.discard()
        known.file = None
    return found


def _name(engine: Engine, given: Given, model: LinkModel) -> str:
    """The name of what is kept: all it depends on beside what was delivered."""
    version = engine.fetch(exp.select(exp.alias_(exp.Anonymous(this="version"), "version")))["version"][0].as_py()
    country = country_of(given.settings.company.timezone) or ""
    judges = [metadata.version(each) for each in _JUDGES]
    return name_of(_code(), judges, unidata_version, version, country, model.version, astuple(_comparison(given)))


_JUDGES = ("sqlglot", "phonenumbers", "email-validator", "idna")


def _leave(engine: Engine, name: str, rows: exp.Query) -> None:
    engine.run(exp.Create(this=at(name), kind="TABLE", expression=rows))


def _comparison(given: Given) -> Comparison:
    settings = given.settings.identity
    return Comparison(
        ask_above=settings.ask_above, shared_by=settings.shared_by, pairs_per_record=settings.pairs_per_record
    )


def _asked_of(settings: Settings) -> str:
    """The settings that bear on what is known of a customer, beside its records."""
    return f"{settings.identity!r} {settings.company.timezone}"


@cache
def _code() -> str:
    """The hash of all code that bears on who is who: who changes a word of it need not think of what is kept."""
    told = hashlib.sha256(__version__.encode())
    for name in ("contracts", "warehouse", "capture", "unify", "pipeline"):
        for text in _texts(resources.files(f"clientela.{name}")):
            told.update(text)
    return told.hexdigest()


def _customers(engine: Engine, given: Given, standing: Standing) -> tuple[Figure, ...]:
    """Join the pairs to customers."""
    given.progress("Joining records to customers")
    settings = given.settings.identity
    joined = write_found(
        engine,
        standing,
        join_above=settings.join_above,
        ask_above=settings.ask_above,
        largest=settings.largest,
        apart=two_of_one_name() if LINKABLE in engine.tables(MAIN) else None,
    )
    counted = {
        "customers of several records": joined.customers,
        "records of such customers": joined.records,
        "bridges": joined.bridges,
        "pairs kept apart by size": joined.apart_by_size,
        "pairs kept apart by a person": joined.apart_by_person,
        "pairs left open by a third record": joined.doubted,
        "customers at the limit of size": joined.full,
    }
    return tuple(Figure(figure=name, about="", value=number) for name, number in counted.items())


def _events(build: Build, given: Given, standing: Standing, *, among: exp.Query | None = None) -> tuple[Figure, ...]:
    """Keep what changed since the runs that published, and write all that ever did."""
    events.replay(build.engine, given.landing, given.published)
    changed = events.compare(build.engine, standing, run=build.number, now=given.now, among=among)
    if events.keep(build.engine, given.landing, build.number) is not None:
        reached("events kept")
    build.create("identity_event", events.history(given.landing, given.published), reads=("identity",))
    return (Figure(figure="records of another customer than before", about="", value=changed),)


def _texts(place: Traversable) -> Iterator[bytes]:
    for each in sorted(place.iterdir(), key=lambda each: each.name):
        if each.is_dir():
            yield from _texts(each)
        elif each.name.endswith((".py", ".sql")):
            yield each.name.encode() + b"\n" + each.read_bytes()


def _write(build: Build, name: str, queries: Mapping[str, exp.Query]) -> None:
    """Write a table of `clientela.unify`; its work tables lie in the engine's memory, or are given as ``queries``."""
    model = next(each for each in _models() if each.name == name)
    tree = _tree(model, queries)
    build.create(name, tree, step=model.name, reads=model.reads, keys_proved=name in _PROVED)


def _tree(model: Model, queries: Mapping[str, exp.Query]) -> exp.Query:
    tree = model.tree.copy()
    for table in list(tree.find_all(exp.Table)):
        alias = table.alias_or_name
        if table.name in queries:
            table.replace(queries[table.name].copy().subquery(alias))
        elif table.name in _WORKING:
            table.replace(exp.alias_(work(table.name), alias, table=True))
    return tree


# Its pairs are those of identity_pair, where none may stand twice; each field stands once in a pair.
_PROVED = frozenset({"identity_evidence"})
_WORKING = frozenset({*WORK, KEY, LINKABLE})


@cache
def _models() -> tuple[Model, ...]:
    return load_models(UNIFY)


def _write_figures(build: Build, figures: Sequence[Figure]) -> None:
    build.append(
        "identity_figure",
        {
            "figure": np.array([each.figure for each in figures], dtype=object),
            "about": np.array([each.about for each in figures], dtype=object),
            "value": np.array([each.value for each in figures], dtype=np.float64),
        },
    )
