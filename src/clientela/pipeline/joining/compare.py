"""The pairs of a run: compared by the model that holds, those of earlier runs taken over where nothing changed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import astuple, dataclass
from datetime import datetime

from sqlglot import exp

from clientela.pipeline.joining import cache, models
from clientela.pipeline.joining.keys import drop, work
from clientela.unify.linking import Figure, LinkModel, learn, link
from clientela.unify.linking.candidates import COMPARED, REFUSED, TOO_MANY
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.fresh import IDENTIFIER, MATE, RELINKED, Before
from clientela.unify.linking.scoring import write_view
from clientela.unify.linking.search import LEFT_OUT
from clientela.unify.linking.sharing import BLOCK, CROWDED
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.landing import Landing

CODE_VERSION = 2  # raise it when the same records and model would give other pairs
GROWTH = 2  # times the records, before what was learned from too few is learned again
MOST_CHANGED = 0.5  # of the records; where more changed, comparing all takes no longer
_SHIPPED = "shipped"
_SHARED_BY_MANY = {BLOCK: TOO_MANY, IDENTIFIER: LEFT_OUT}


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
    name = cache.name_of(CODE_VERSION, *_depends_on(engine), model.version, astuple(asked))
    kept = cache.kept(landing, name)
    done = _unchanged(engine, landing, model, asked, kept, name) if kept is not None else None
    if done is None:
        found = _link(engine, model, asked)
        _keep(engine, landing, asked, name, _compared(found))
        done = [("records compared", _count(engine, "linkable")), ("pairs taken over", 0)], found
    drop(engine, cache.CHANGED, RELINKED, CROWDED, MATE)
    counted, found = done
    return (*figures, *(Figure(figure=each, about="", value=number) for each, number in counted), *found)


_Done = tuple[list[tuple[str, int]], tuple[Figure, ...]]


def _unchanged(
    engine: Engine, landing: Landing, model: LinkModel, asked: Comparison, kept: cache.Kept, name: str
) -> _Done | None:
    """Take over what was compared before, and compare what changed; None where comparing all is as quick, or safer."""
    changed, lost = kept.write_changed(engine)
    if not changed and not lost:
        taken = kept.take_all(engine)
        write_view(engine, CUSTOMER, model)
        return [("records compared", 0), ("pairs taken over", taken)], _as_before(engine)
    if changed > MOST_CHANGED * _count(engine, "linkable"):
        return None
    refs = exp.select("customer_ref").from_(work(cache.CHANGED))
    found = _link(engine, model, asked, changed=refs, before=kept.before())
    pairs = kept.pairs_compared(engine) + _compared(found)
    if pairs > _most(engine, asked):  # then a rule may have to be left out, which depends on all records
        return None
    counted = [("records compared", _count(engine, RELINKED))]
    counted.append(("pairs taken over", kept.take_over(engine, lost=lost > 0)))
    _keep(engine, landing, asked, name, pairs)
    return counted, found


def _keep(engine: Engine, landing: Landing, asked: Comparison, name: str, pairs: int) -> None:
    """Keep what was compared, unless a rule was left out: which it is depends on all records."""
    if pairs > _most(engine, asked):
        cache.forget(landing)
    else:
        cache.keep(engine, landing, name, pairs=pairs)


def _most(engine: Engine, asked: Comparison) -> int:
    return asked.pairs_per_record * max(_count(engine, "linkable"), 1)


def _compared(found: tuple[Figure, ...]) -> int:
    """The pairs that all blocking rules bring together, those that several find counted several times."""
    return sum(each.value for each in found if each.about and each.figure in {COMPARED, REFUSED})


def _as_before(engine: Engine) -> tuple[Figure, ...]:
    """The figures of a search that had nothing to look at: what it would say of the values that too many share."""
    named = exp.select("about", "count(*) as n").from_(work(CROWDED)).group_by("about").order_by("about")
    figures = [Figure(figure=COMPARED, about="", value=0)]
    for row in engine.fetch(named).to_pylist():
        kind, name = row["about"].split(" ", 1)
        if kind in _SHARED_BY_MANY:
            figures.append(Figure(figure=_SHARED_BY_MANY[kind], about=name, value=row["n"]))
    return tuple(figures)


def _depends_on(engine: Engine) -> tuple[object, ...]:
    """What decides which pairs there are, beside the model and the settings: the code, and how the engine hashes."""
    blocks = [(each.name, each.each, each.wide, *map(_sql, each.keys)) for each in CUSTOMER.blocks]
    rules = [(each.name, each.group, *map(_sql, (each.when, each.unsure, each.apart))) for each in CUSTOMER.rules]
    version = exp.select(exp.alias_(exp.Anonymous(this="version"), "version"))
    return CUSTOMER.code, blocks, rules, engine.fetch(version)["version"][0].as_py()


def _sql(each: exp.Expr) -> str:
    return each.sql(dialect="duckdb")


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


def _link(
    engine: Engine,
    model: LinkModel,
    asked: Comparison,
    *,
    changed: exp.Query | None = None,
    before: Before | None = None,
) -> tuple[Figure, ...]:
    return link(
        engine,
        model,
        ask_above=asked.ask_above,
        shared_by=asked.shared_by,
        pairs_per_record=asked.pairs_per_record,
        changed=changed,
        before=before,
    ).figures


def _count(engine: Engine, name: str) -> int:
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(work(name))
    return int(engine.fetch(counted)["n"][0].as_py())
