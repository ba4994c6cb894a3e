"""How often the values of a column are: the shares by which a frequent one weighs less than a rare one."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from clientela.unify.linking.work import drop, place, write
from clientela.warehouse.engine import Engine

FREQUENT = 10  # records that have a value, before it may stand in a model: no one person's name does
MOST_FREQUENT = 20_000  # values of a column in a model
MOST_TOGETHER = 16.0
LEAST_SHARED = 100  # fewer pairs teach nothing


def terms_of(engine: Engine, table: str, column: str) -> dict[str, Any]:
    """The share of the records that have a value: of each frequent one, and of a rare one as a record meets it."""
    records = exp.alias_(exp.Count(this=exp.Star()), "records")
    values = (
        exp.select(column, records)
        .from_(place(table))
        .where(exp.column(column).is_(exp.null()).not_())
        .group_by(column)
    )
    write(engine, "link_value", values)
    total = exp.func("sum", exp.column("records"))
    known = int(engine.fetch(exp.select(exp.alias_(total, "n")).from_(place("link_value")))["n"][0].as_py() or 0)
    least = max(FREQUENT, known // MOST_FREQUENT)
    often = (
        exp.select(column, "records").from_(place("link_value")).where(exp.column("records") >= least).order_by(column)
    )
    frequent = {row[column]: rounded(row["records"] / known) for row in engine.fetch(often).to_pylist()}
    squares = exp.func("sum", exp.column("records") * exp.column("records"))
    seldom = exp.select(exp.alias_(squares, "squares"), exp.alias_(total.copy(), "n")).from_(place("link_value"))
    told = engine.fetch(seldom.where(exp.column("records") < least)).to_pylist()[0]
    drop(engine, "link_value")
    met = max(float(told["squares"]) / float(told["n"]), 2.0) if told["n"] else float(least)
    return {"rare": rounded(met / max(known, 100)), "values": frequent}


def together(engine: Engine, table: str, column: str, given: str, prior: float) -> float:
    """How many times more often two people have one value when they share another: names of one language do."""
    both = exp.and_(*(exp.column(each).is_(exp.null()).not_() for each in (column, given)))
    pairs_of_n = exp.func("sum", exp.column("n") * (exp.column("n") - 1) / 2)
    told = [exp.alias_(pairs_of_n, "pairs"), exp.alias_(exp.func("sum", exp.column("n")), "records")]
    pairs, records = {}, 0.0
    for keys in ((column, given), (column,), (given,)):
        sizes = exp.select(exp.alias_(exp.Count(this=exp.Star()), "n")).from_(place(table)).where(both.copy())
        row = engine.fetch(exp.select(*told).from_(sizes.group_by(*keys).subquery("sizes"))).to_pylist()[0]
        pairs[keys], records = float(row["pairs"] or 0), float(row["records"] or 0)
    possible = records * (records - 1) / 2
    one = prior * possible  # of one customer; about so many of them agree
    shared = pairs[column, given] - 0.6 * one
    if shared < LEAST_SHARED or pairs[column,] <= one or pairs[given,] <= one:
        return 1.0
    times = shared * possible / ((pairs[column,] - 0.7 * one) * (pairs[given,] - 0.8 * one))
    return min(max(times, 1.0), MOST_TOGETHER)


def given_another(told: dict[str, Any], times: float) -> dict[str, Any]:
    """Shares of values among those who have another value in common."""
    values = {name: rounded(min(share * times, 0.5)) for name, share in told["values"].items()}
    return {"rare": rounded(min(told["rare"] * times, 0.5)), "values": values}


def rounded(number: float) -> float:
    """To four digits: what another order of adding up changes stands far behind."""
    return float(f"{number:.4g}")
