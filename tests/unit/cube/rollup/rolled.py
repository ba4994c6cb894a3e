"""Roll-ups of a company in an engine in memory, written as a run writes them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlglot import exp

from clientela.cube.declared.measure import MEASURES, Measure
from clientela.cube.rollup.made import counting, held, planned, typed
from clientela.cube.rollup.shape import Rollup
from tests.unit.cube.published import Published


def rolled(
    published: Published, fact: str, by: Sequence[str], measures: Iterable[str], levels: Iterable[Sequence[str]] = ()
) -> Rollup:
    """A roll-up, counted and stored."""
    named = [each for name in measures if isinstance(each := MEASURES[name], Measure)]
    number = len(published.engine.tables("memory"))
    plan = planned(f"figures_of_{fact}_{number}", fact, by, named, levels)
    view = published.view()
    tree, parameters = view.ready(counting(plan, view.tables), {}, own=True)
    sure = typed(plan, published.engine.column_types(tree, parameters))
    table = exp.to_table(sure.table)
    published.engine.run(exp.Create(this=table, kind="TABLE", expression=held(sure, tree)), parameters)
    count = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(sure.table)
    return replace(sure, rows=published.engine.fetch(count)["n"][0].as_py())
