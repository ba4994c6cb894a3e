"""The pseudonyms of suppressed persons, as long as what was landed still says which they are."""

from __future__ import annotations

import pyarrow as pa
from sqlglot import exp

from clientela.capture import zone
from clientela.capture.suppression import identifiers as ids
from clientela.capture.suppression.applied import batches
from clientela.capture.suppression.identifiers import Kind
from clientela.capture.suppression.listed import Suppressed
from clientela.capture.suppression.matching import LISTED, BatchFile
from clientela.capture.typed import RATES, RATES_SCHEMA
from clientela.config import Settings
from clientela.warehouse.engine import Engine
from clientela.warehouse.physical import column
from clientela.warehouse.store.landing import Landing


def pseudonyms(settings: Settings, landing: Landing, suppressed: Suppressed, engine: Engine) -> frozenset[str]:
    """The pseudonym of each suppressed key that stands in a batch: to be asked before the batches are rewritten."""
    found: set[str] = set()
    engine.register(LISTED, pa.table({"hash": list(suppressed.hashes)}))
    engine.register(RATES, RATES_SCHEMA.empty_table())
    try:
        for batch, section in batches(settings, landing):
            found |= _of_batch(BatchFile(landing.path_of(batch), section), suppressed, engine)
    finally:
        engine.unregister(LISTED)
        engine.unregister(RATES)
    return frozenset(found)


def _of_batch(file: BatchFile, suppressed: Suppressed, engine: Engine) -> set[str]:
    section, query = file.readable, file.named
    if section is None or query is None:
        return set()
    zone.define(engine, *section.zones)
    system = section.source.keys_from
    found: set[str] = set()
    for each in query.persons:
        key = column(f"t_{each}")
        keys = exp.select(exp.alias_(key, "key")).distinct().from_(query.rows.subquery("typed"))
        keys = keys.where(key.copy().is_(exp.null()).not_())
        named = exp.or_(
            *(
                ids.keyed_sql(kind, form).isin(query=exp.select("hash").from_(LISTED))
                for kind, form in (
                    (Kind.RECORD, ids.record_sql(system, column("key"))),
                    (Kind.EMAIL, ids.email_sql(column("key"))),
                )
            )
        )
        ref = exp.alias_(ids.customer_ref_sql(system, column("key")), "ref")
        told = engine.fetch(exp.select(ref).from_(keys.subquery("keys")).where(named), {"secret": suppressed.secret})
        found |= set(told.column("ref").to_pylist())
    return found
