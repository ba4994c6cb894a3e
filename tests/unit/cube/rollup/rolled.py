"""Roll-ups of a company in an engine in memory, written as a run writes them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from sqlglot import exp

from clientela.access.rows import HOME
from clientela.cube.declared.measure import MEASURES, Figure, Measure
from clientela.cube.rollup.made import counting, held, planned, shareable, typed
from clientela.cube.rollup.moved import is_of_one, purchase_days
from clientela.cube.rollup.sets import pairs_of, shared_by
from clientela.cube.rollup.shape import Rollup
from tests.unit.cube.published import Published


def rolled(
    published: Published,
    fact: str,
    by: Sequence[str],
    measures: Iterable[str],
    levels: Iterable[Sequence[str]] = (),
    *,
    by_sets: bool = False,
    lapse_days: int = 30,
    known: Mapping[str, Figure] = MEASURES,
) -> Rollup:
    """A roll-up, counted and stored, of measures among those ``known``."""
    named = [each for name in measures if isinstance(each := known[name], Measure)]
    number = len(published.engine.tables("memory"))
    plan = planned(f"figures_of_{fact}_{number}", fact, by, named, levels, by_sets=by_sets)
    view = published.view(lapse_days=lapse_days)
    if is_of_one(plan):
        days, known = view.ready(purchase_days(at_home=HOME in view.tables), {}, own=True)
        plan = replace(plan, days=f"{plan.table}_days")
        published.engine.run(exp.Create(this=exp.to_table(plan.days), kind="TABLE", expression=days), known)
    tree, parameters = view.ready(counting(plan, view.tables), {}, own=True)
    sure = typed(plan, published.engine.column_types(tree, parameters))
    table = exp.to_table(sure.table)
    published.engine.run(exp.Create(this=table, kind="TABLE", expression=held(sure, tree)), parameters)
    count = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(sure.table)
    shared = []
    for sql, (lines, told) in shareable(sure).items():
        pairs, nobodies = view.rows(shared_by(lines, told), {}, own=True)[0]
        if pairs and not nobodies:
            query, given = view.ready(pairs_of(lines, told), {}, own=True)
            met = exp.to_table(f"{sure.table}_met")
            published.engine.run(exp.Create(this=met, kind="TABLE", expression=query), given)
        if pairs or nobodies:
            shared.append((sql, "" if nobodies else f"{sure.table}_met"))
    return replace(sure, shared=tuple(shared), rows=published.engine.fetch(count)["n"][0].as_py())
