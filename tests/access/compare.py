"""Asks a scoped question of the cube and of plain Python, and says where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import sqlglot

from clientela.access.rights import Scope
from clientela.contracts.filter import Filter
from clientela.cube.figures.query import query
from clientela.errors import NotPermittedError
from tests.access.cases import ON, Tables
from tests.access.naive import Person
from tests.unit.cube.oracle import COUNTED, FACT_OF, RATIOS, TIME, World
from tests.unit.cube.published import Published

MIDNIGHT = datetime.combine(ON, datetime.min.time())
LINE = (*TIME, "category", "brand", "product_name", "product_id", "territory")
LINE += ("channel", "kind", "source", "customer", "payment_method")
WHOSE = ("customer", "segment")
REACHED = {"line": (*LINE, "segment"), "start": (*TIME, *WHOSE), "loss": (*TIME, *WHOSE), "score": WHOSE}
COLUMNS = {
    "line": ("customer_id", "territory_id", "product_id", "campaign_id"),
    "start": ("customer_id", "territory_id", "product_id", "campaign_id"),
    "loss": ("customer_id", "territory_id", "product_id", "campaign_id"),
    "score": ("customer_id",),
}
MEASURES = sorted({*COUNTED, *RATIOS})
FACTS = {name: {FACT_OF.get(part, "line") for part in RATIOS.get(name, (name,))} for name in MEASURES}
LAPSE_DAYS = 20

Figures = dict[tuple[Any, ...], tuple[Any, ...]]
Answer = tuple[Figures, tuple[Any, ...]] | None


def of_cube(
    published: Published,
    scope: Scope,
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    as_of: date = ON,
) -> Answer:
    """What the product answers; None: it may not be seen."""
    view = published.view(as_of, MIDNIGHT, lapse_days=LAPSE_DAYS, scope=scope)
    try:
        got = query(view, measures, by, where)
    except NotPermittedError:
        return None
    assert got.totals is not None
    width = len(by)
    rows = {row[:width]: row[width:] for row in got.rows} if width else {}
    return rows, got.totals[width:]


def of_python(
    person: Person,
    tables: Tables,
    measures: Sequence[str],
    by: Sequence[str],
    where: Filter | None,
    named: Sequence[str],
    as_of: date = ON,
) -> Answer:
    """What plain Python answers on the rows that the person sees; None: it may not be seen."""
    answers = []
    worlds: dict[tuple[int, ...], World] = {}  # most measures are seen under the same grants
    for measure in measures:
        grants = person.may(measure, named)
        if not grants or not all(person.tells(grants, COLUMNS[fact]) for fact in FACTS[measure]):
            return None
        under = tuple(map(id, grants))
        if under not in worlds:
            seen = {
                name: [row for row in rows if person.sees(grants, name, row)]
                for name, rows in tables.items()
                if name != "customer_territory"
            }
            worlds[under] = World(seen, as_of, MIDNIGHT, LAPSE_DAYS)
        world = worlds[under]
        answers.append((world, world.answer([measure], by, where)))
    members = dict.fromkeys(member for _, (rows, _) in answers for member in rows)
    rows = {
        member: tuple(
            found[member][0] if member in found else _of_nothing(measure, world)
            for measure, (world, (found, _)) in zip(measures, answers, strict=True)
        )
        for member in (members if by else ())
    }
    return rows, tuple(total[0] for _, (_, total) in answers)


def _of_nothing(measure: str, world: World) -> Any:
    return None if measure in RATIOS else COUNTED[measure]([], world)


def same(one: Answer, other: Answer, measures: Sequence[str]) -> bool:
    """Whether two answers are one."""
    if one is None or other is None:
        return one is other
    if one[0].keys() != other[0].keys():
        return False
    pairs = [(one[1], other[1]), *((one[0][each], other[0][each]) for each in one[0])]
    return all(_same(a, b, name) for left, right in pairs for a, b, name in zip(left, right, measures, strict=True))


def _same(mine: Any, theirs: Any, name: str) -> bool:
    if mine is None or theirs is None:
        return mine is theirs
    if name in RATIOS:
        return bool(abs(mine - theirs) <= Decimal("0.0001"))
    if name in ("expected_loss", "margin_to_come"):  # six digits are kept of a score, four of money
        return bool(mine == theirs.quantize(Decimal("0.0001"), ROUND_HALF_UP))
    return bool(mine == theirs)


def publish(published: Published, tables: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
    """Put the company of one case in the place of the one before."""
    for name in tables:
        if name in published.tables:
            published.engine.run(sqlglot.parse_one(f"drop table {name}", dialect="duckdb"))
    published.add(**tables)
