"""Which stored columns a figure is counted of, and which stay with every row that is copied."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from functools import cache

from sqlglot import exp
from sqlglot.optimizer.pushdown_projections import pushdown_projections
from sqlglot.optimizer.qualify import qualify
from sqlglot.optimizer.scope import traverse_scope

from clientela.contracts.filter import Filter
from clientela.contracts.schema import Contract
from clientela.cube.declared.dimension import parsed
from clientela.cube.declared.facts import FACTS, Fact
from clientela.cube.declared.measure import parts_of
from clientela.cube.fields import public_fields
from clientela.cube.figures.question import understood
from clientela.cube.rollup.rows import from_fact
from clientela.cube.scoped import columns_read
from clientela.cube.view import ALL, View
from clientela.errors import NotPermittedError
from clientela.warehouse.asof import logical_columns

# When a row happened and was known stays with it: without that no question could be asked as of a date.
_OF_EVERY_ROW = frozenset({"happened_at", "happened_on", "known_from", "known_until", "known_assumed", "as_of"})
# What says where rows of a table that tells of the company belong; and tables that every answer may quote.
_OF_THE_TREE: Mapping[str, frozenset[str]] = {
    "territory": frozenset({"territory_id", "parent_id", "level"}),
    "product": frozenset({"product_id"}),
    "campaign": frozenset({"campaign_id"}),
}
WHOLE = frozenset({"model", "backtest", "lapse"})


def stays(contract: Contract, column: str) -> bool:
    """Whether a stored column stays with every row that is copied, whatever a role shows."""
    return column in _OF_EVERY_ROW or contract.name in WHOLE or column in _OF_THE_TREE.get(contract.name, ())


@cache
def counted_of(fact: Fact, aggregates: tuple[str, ...], dimensions: tuple[str, ...]) -> frozenset[str]:
    """The columns, as ``table.column``, that figures of a fact are counted of; those that stay with every row left out.

    Parameters
    ----------
    aggregates : portable SQL over the fact's columns
    dimensions : the names of what the figures are seen or filtered by

    Examples
    --------
    >>> from clientela.cube.declared.facts import FACTS
    >>> sorted(counted_of(FACTS["order_line"], ("sum(net_revenue)",), ("category",)))
    ['order_line.net_revenue', 'order_line.product_id', 'product.category']
    """
    columns = sorted({column.name for each in aggregates for column in parsed(each).find_all(exp.Column)})
    tree = _pruned(from_fact(fact, dimensions, columns))
    return frozenset(
        f"{table}.{name}"
        for table, names in _read(tree).items()
        for column in names
        for name in _stored(table, column)
        if not stays(ALL[table], name)
    )


def refuse_missing(view: View, measures: Sequence[str], by: Sequence[str], where: Filter | None) -> None:
    """Refuse figures that a replica cannot count: those of columns that no row of it shows.

    Raises
    ------
    NotPermittedError
        A measure, or what it is seen by, is counted of a column that the person sees in figures alone.
    """
    if view.scope is None or not view.scope.stored:
        return
    known = view.catalogue.measures
    question = understood(measures, by, where, (), None, known)
    names = tuple(sorted(each.name for each in question.dimensions))
    for asked in question.asked:
        of_fact: dict[str, list[str]] = {}
        for part in parts_of(asked, known):
            of_fact.setdefault(part.fact, []).append(part.aggregate)
        read = {
            column for fact in of_fact for each in question.dimensions for column in columns_read(FACTS[fact], each)
        }
        needed = {
            column for fact, said in of_fact.items() for column in counted_of(FACTS[fact], tuple(sorted(said)), names)
        }
        for right in view.scope.rights:
            gives = right.measures.allow(asked.name) and all(map(right.columns.allow, read))
            missing = next((each for each in sorted(needed) if not right.columns.allow(each)), None)
            if gives and missing is not None:
                raise NotPermittedError(
                    f"'{asked.name}' cannot be counted in a replica: it rests on '{missing}', which the role shows in "
                    "figures only, never row by row; ask where the replica was made."
                )


def _pruned(tree: exp.Select) -> exp.Expr:
    qualified = qualify(
        tree,
        schema=_schema(),
        dialect="duckdb",
        validate_qualify_columns=False,
        quote_identifiers=False,
        allow_partial_qualification=True,
    )
    return pushdown_projections(qualified)


def _read(tree: exp.Expr) -> dict[str, set[str]]:
    """The columns that are read of each table itself."""
    found: dict[str, set[str]] = {}
    for scope in traverse_scope(tree):
        for column in scope.columns:
            source = scope.sources.get(column.table)
            if isinstance(source, exp.Table):
                found.setdefault(source.name, set()).add(column.name)
    return found


def _stored(table: str, column: str) -> Collection[str]:
    """The columns of the facts file that one is read from: its own, and that of the moment it belongs to."""
    told = logical_columns(ALL[table]).get(column)
    return (column,) if told is None else {each.name for each in told.find_all(exp.Column)}


@cache
def _schema() -> dict[str, object]:
    told = {name: dict.fromkeys(public_fields(contract), "text") for name, contract in ALL.items()}
    return {name: columns for name, columns in told.items() if columns}
