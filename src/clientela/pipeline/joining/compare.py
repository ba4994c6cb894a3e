"""The pairs of a run: compared by the model that holds, those of earlier runs taken over where nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime

from sqlglot import exp

from clientela.pipeline.joining import cache, context, models
from clientela.pipeline.joining.keys import drop, work
from clientela.unify.linking import Figure, LinkModel, learn, link
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.fresh import RELINKED
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.landing import Landing

CODE_VERSION = 1  # raise it when the same records and model would give other pairs
GROWTH = 2  # times the records, before what was learned from too few is learned again
MOST_CHANGED = 0.5  # of the records; where more changed, comparing all takes no longer
_SHIPPED = "shipped"


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The settings that decide which pairs there are: as in ``[identity]``."""

    ask_above: float
    shared_by: int
    pairs_per_record: int


def compare(
    engine: Engine, landing: Landing, asked: Comparison, *, now: datetime, progress: Callable[[str], None]
) -> tuple[Figure, ...]:
    """Write ``scored_pair`` and ``scored_field`` from ``linkable``; what was done, in figures."""
    model, figures = model_for(engine, landing, asked, now=now, progress=progress)
    progress("Comparing customer records")
    shared = context.write_versions(engine, shared_by=asked.shared_by, wide=model.document["wide"])
    records = _count(engine, context.VERSION)
    crowded = shared > asked.pairs_per_record * max(records, 1)  # then what is left out depends on all records
    name = cache.name_of(CODE_VERSION, CUSTOMER.code, model.version, astuple(asked))
    kept = None if crowded else cache.kept(landing, name)
    changed = kept.write_changed(engine) if kept is not None else records
    lost = kept.lost(engine) if kept is not None else 0
    if kept is None or changed > MOST_CHANGED * records:
        changed, taken, done = records, 0, _link(engine, model, asked, None)
    else:
        done = _link(engine, model, asked, exp.select("customer_ref").from_(work(cache.CHANGED)))
        changed, taken = _count(engine, RELINKED), kept.take_over(engine)
    if not crowded and (kept is None or changed or lost):
        cache.keep(engine, landing, name)
    elif crowded:
        cache.forget(landing)
    drop(engine, context.VERSION, cache.CHANGED, RELINKED)
    counted = {"records compared": changed, "pairs taken over": taken}
    return (*figures, *(Figure(figure=name, about="", value=number) for name, number in counted.items()), *done)


def model_for(
    engine: Engine,
    landing: Landing,
    asked: Comparison,
    *,
    now: datetime,
    progress: Callable[[str], None],
    again: str | None = None,
) -> tuple[LinkModel, tuple[Figure, ...]]:
    """The model that holds, learned from ``linkable`` where there is a reason to; then the reason is a figure.

    Parameters
    ----------
    again : why a model is to be learned although one holds.
    """
    stored = models.newest(landing)
    reason = again or _reason(stored, _count(engine, "linkable"))
    if reason is None and stored is not None:
        return stored.model, ()
    progress(f"Learning how to compare records: {reason}")
    model = learn(engine, now=now, shared_by=asked.shared_by)
    models.keep(landing, model, now=now)
    return model, (Figure(figure="model learned", about=reason or "", value=1),)


def _reason(stored: models.Stored | None, records: int) -> str | None:
    """Why a model is to be learned; None where the one that is kept holds."""
    if stored is None:
        return "there is no model yet"
    document = stored.model.document
    if document.get("code") != CUSTOMER.code:
        return "this version compares in another way"
    if document.get("basis") == _SHIPPED and records >= GROWTH * max(1, int(document.get("records", 0))):
        return "there are more records to learn from"
    return None


def _link(engine: Engine, model: LinkModel, asked: Comparison, changed: exp.Query | None) -> tuple[Figure, ...]:
    return link(
        engine,
        model,
        ask_above=asked.ask_above,
        shared_by=asked.shared_by,
        pairs_per_record=asked.pairs_per_record,
        changed=changed,
    ).figures


def _count(engine: Engine, name: str) -> int:
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(work(name))
    return int(engine.fetch(counted)["n"][0].as_py())
