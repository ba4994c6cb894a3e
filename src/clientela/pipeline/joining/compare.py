"""The pairs of all records, compared by the model that holds; and when a model is to be learned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlglot import exp

from clientela.pipeline.joining import models
from clientela.pipeline.joining.keys import drop, work
from clientela.unify.linking import Figure, LinkModel, learn, link
from clientela.unify.linking.candidates import COMPARED, REFUSED, TOO_MANY
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.fresh import IDENTIFIER, MATE
from clientela.unify.linking.search import LEFT_OUT
from clientela.unify.linking.sharing import BLOCK, CROWDED
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.landing import Landing

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
    engine: Engine,
    landing: Landing,
    asked: Comparison,
    *,
    now: datetime,
    progress: Callable[[str], None],
    leave: Callable[[LinkModel, int], None] = lambda *_: None,
) -> tuple[Figure, ...]:
    """Write ``scored_pair`` and ``scored_field`` from ``linkable``; what was done, in figures.

    Parameters
    ----------
    leave : is told by which model, and how many pairs were compared to find them, while ``crowded_value`` and ``mate``
        are there; not where a rule was left out, as which it is depends on all records.
    """
    model, figures = model_for(engine, landing, asked, now=now, progress=progress)
    progress("Comparing customer records")
    found = link(
        engine,
        model,
        ask_above=asked.ask_above,
        shared_by=asked.shared_by,
        pairs_per_record=asked.pairs_per_record,
    ).figures
    records = _count(engine, "linkable")
    if compared(found) <= asked.pairs_per_record * max(records, 1):
        leave(model, compared(found))
    drop(engine, CROWDED, MATE)
    counted = (("records compared", records), ("pairs taken over", 0))
    return (*figures, *(Figure(figure=each, about="", value=number) for each, number in counted), *found)


def compared(found: tuple[Figure, ...]) -> int:
    """The pairs that all blocking rules bring together, those that several find counted several times."""
    return sum(each.value for each in found if each.about and each.figure in {COMPARED, REFUSED})


def figures_as_before(engine: Engine) -> tuple[Figure, ...]:
    """The figures of a search that had nothing to look at: what it would say of the values that too many share."""
    named = exp.select("about", "count(*) as n").from_(work(CROWDED)).group_by("about").order_by("about")
    figures = [Figure(figure=COMPARED, about="", value=0)]
    for row in engine.fetch(named).to_pylist():
        kind, name = row["about"].split(" ", 1)
        if kind in _SHARED_BY_MANY:
            figures.append(Figure(figure=_SHARED_BY_MANY[kind], about=name, value=row["n"]))
    return tuple(figures)


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
    reason = again or reason_to_learn(stored, _count(engine, "linkable"))
    if reason is None and stored is not None:
        return stored.model, ()
    progress(f"Learning how to compare records: {reason}")
    model = learn(engine, now=now, shared_by=asked.shared_by)
    models.keep(landing, model, now=now)
    return model, (Figure(figure="model learned", about=reason or "", value=1),)


def reason_to_learn(stored: models.Stored | None, records: int) -> str | None:
    """Why a model is to be learned; None where the one that is kept holds."""
    if stored is None:
        return "there is no model yet"
    document = stored.model.document
    if document.get("code") != CUSTOMER.code:
        return "this version compares in another way"
    if document.get("basis") == _SHIPPED and records >= GROWTH * max(1, int(document.get("records", 0))):
        return "there are more records to learn from"
    return None


def _count(engine: Engine, name: str) -> int:
    counted = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(work(name))
    return int(engine.fetch(counted)["n"][0].as_py())
