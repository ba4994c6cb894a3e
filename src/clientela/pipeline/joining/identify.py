"""Who is who in a run: records are compared, pairs become customers, changes become events; then the tables of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache

import numpy as np
from sqlglot import exp

from clientela.capture.conform import Conformed
from clientela.capture.deliveries import Deliveries
from clientela.config import Settings
from clientela.contracts.derived import DERIVED
from clientela.pipeline.joining import records, standard
from clientela.pipeline.joining.compare import Comparison, compare
from clientela.pipeline.joining.keys import KEY, drop, keys, nothing, work, write
from clientela.unify import decisions, events
from clientela.unify.clusters.found import write_found
from clientela.unify.decisions import Standing
from clientela.unify.linking import Figure
from clientela.unify.linking.scoring import drop_scored
from clientela.warehouse.build import Build
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import Model, load_models
from clientela.warehouse.moments import reached
from clientela.warehouse.physical import ENGINE_TYPES
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

    @property
    def link(self) -> bool:
        """Whether records may be joined at all."""
        return self.settings.identity.link


def identify(build: Build, given: Given) -> bool:
    """Write ``identity`` and all that tells how it came about; whether any record says anything.

    Where it does, the work tables ``record`` and ``linkable`` stay for who needs them; `forget` removes them.
    Where nobody delivers records, and nobody ever decided anything, a key is a customer, and nothing is compared.
    """
    spoken = records.delivered(given.conformed)
    standing = decisions.standing(decisions.read(given.landing) if given.link else ())
    if not spoken and not standing and not given.landing.events.kept():
        _write(build, "identity", {KEY: keys(given.conformed), FOUND: nothing(WORK[FOUND])})
        for name in TABLES:
            _empty(build, name)
        return False
    engine = build.engine
    write(engine, KEY, keys(given.conformed))
    figures = [*write_linkable(engine, given)] if spoken else []
    figures += _pairs(engine, given, spoken=spoken)
    figures += _customers(engine, given, standing)
    _write(build, "identity", {})
    figures += _events(build, given, standing)
    _write(build, "identity_pair", {})
    _write(build, "identity_evidence", {})
    drop_scored(engine)
    drop(engine, STATUS)
    if spoken:
        given.progress("Writing identifier")
        _write(build, "identifier", {})
    else:
        _empty(build, "identifier")
    _write_figures(build, figures)
    return spoken


def forget(engine: Engine) -> None:
    """Remove the work tables that `identify` left."""
    drop(engine, KEY, records.RECORD, LINKABLE, FOUND, events.CHANGE)


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


def write_linkable(engine: Engine, given: Given) -> tuple[Figure, ...]:
    """Write ``record`` and ``linkable``: what each record says, as delivered and in the form it is compared in."""
    given.progress("Reading customer records")
    today, country = given.now.date(), country_of(given.settings.company.timezone)
    number = records.write_record(engine, given.conformed, given.sources, today=today)
    given.progress("Standardising customer records")
    told = standard.write_linkable(engine, given.landing, country=country, today=today)
    figures = [Figure(figure="records", about="", value=number)]
    figures += [
        Figure(figure="placeholders", about=name, value=n) for name, n in sorted(told.placeholders.items()) if n
    ]
    figures += [Figure(figure="invalid values", about=name, value=n) for name, n in sorted(told.invalid.items()) if n]
    return tuple(figures)


def _pairs(engine: Engine, given: Given, *, spoken: bool) -> tuple[Figure, ...]:
    """Compare the records, unless there is nothing to compare or nobody wants it."""
    if not (spoken and given.link and records.comparable(given.conformed)):
        for name in (PAIR, FIELD):
            write(engine, name, nothing(WORK[name]))
        return ()
    settings = given.settings.identity
    return compare(
        engine,
        given.landing,
        Comparison(
            ask_above=settings.ask_above, shared_by=settings.shared_by, pairs_per_record=settings.pairs_per_record
        ),
        now=given.now,
        progress=given.progress,
    )


def _customers(engine: Engine, given: Given, standing: Standing) -> tuple[Figure, ...]:
    """Join the pairs to customers."""
    given.progress("Joining records to customers")
    settings = given.settings.identity
    found = write_found(
        engine, standing, join_above=settings.join_above, ask_above=settings.ask_above, largest=settings.largest
    )
    counted = {
        "customers of several records": found.customers,
        "records of such customers": found.records,
        "bridges": found.bridges,
        "pairs kept apart by size": found.apart_by_size,
        "pairs kept apart by a person": found.apart_by_person,
        "customers at the limit of size": found.full,
    }
    return tuple(Figure(figure=name, about="", value=number) for name, number in counted.items())


def _events(build: Build, given: Given, standing: Standing) -> tuple[Figure, ...]:
    """Keep what changed since the runs that published, and write all that ever did."""
    events.replay(build.engine, given.landing, given.published)
    changed = events.compare(build.engine, standing, run=build.number, now=given.now)
    if events.keep(build.engine, given.landing, build.number) is not None:
        reached("events kept")
    build.create("identity_event", events.history(given.landing, given.published), reads=("identity",))
    return (Figure(figure="records of another customer than before", about="", value=changed),)


def _write(build: Build, name: str, queries: Mapping[str, exp.Query]) -> None:
    """Write a table of `clientela.unify`; its work tables lie in the engine's memory, or are given as ``queries``."""
    model = next(each for each in _models() if each.name == name)
    tree = model.tree.copy()
    for table in list(tree.find_all(exp.Table)):
        alias = table.alias_or_name
        if table.name in queries:
            table.replace(queries[table.name].subquery(alias))
        elif table.name in _WORKING:
            table.replace(exp.alias_(work(table.name), alias, table=True))
    build.create(name, tree, step=model.name, reads=model.reads, keys_proved=name in _PROVED)


# Its pairs are those of identity_pair, where none may stand twice; each field stands once in a pair.
_PROVED = frozenset({"identity_evidence"})
_WORKING = frozenset({*WORK, KEY, LINKABLE})


@cache
def _models() -> tuple[Model, ...]:
    return load_models(UNIFY)


def _empty(build: Build, name: str) -> None:
    contract = DERIVED[name]
    build.create(name, nothing({each.name: ENGINE_TYPES[each.type] for each in contract.columns}))


def _write_figures(build: Build, figures: Sequence[Figure]) -> None:
    build.append(
        "identity_figure",
        {
            "figure": np.array([each.figure for each in figures], dtype=object),
            "about": np.array([each.about for each in figures], dtype=object),
            "value": np.array([each.value for each in figures], dtype=np.float64),
        },
    )
