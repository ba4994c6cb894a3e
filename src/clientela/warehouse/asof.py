"""As of a date: what had happened before it and was known, put into a query at every base table."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import TypeVar, Union

from sqlglot import exp
from sqlglot.optimizer.scope import traverse_scope

from clientela.contracts.schema import AS_STORED, Contract, Kind, Type
from clientela.errors import ContractError
from clientela.warehouse.physical import FACTS, PEOPLE, day_of, facts_part, parts

Tree = TypeVar("Tree", bound=exp.Query)
Narrow = Callable[[exp.Table], Union[exp.Expr, Sequence[exp.Expr], None]]
_SECRET = "known_until"  # noqa: S105 -- a column's name: when the next version came is the future
_RESERVED = frozenset({"at", "on", "to", "from"})


def _all_rows(table: exp.Table) -> None:
    """No condition: every row of every table."""


def as_known(
    tree: Tree,
    contracts: Mapping[str, Contract],
    *,
    as_of_tables: Collection[str] = (),
    sample: bool = False,
    narrow: Narrow = _all_rows,
    copy: bool = True,
) -> Tree:
    """A copy of a query that sees only what had happened before ``:as_of`` and was known before ``:known_at``.

    Each base table becomes a subselect of the columns the query mentions, under the table's own
    alias, so joins keep their meaning. A column of a later moment reads null until that moment has
    passed. The tables named in ``as_of_tables`` are read at ``as_of`` exactly.

    Parameters
    ----------
    sample : keep only customers whose number modulo 1000 is below ``:sample_permille``.
    narrow : a further condition on the rows of a base table, those of the people file among them; None: all. Several
        are read one after the other: no row may meet two of them.
    copy : whether the tree stays as it was; who built it for this alone spares the time.

    Examples
    --------
    >>> from sqlglot import parse_one
    >>> from clientela.contracts.tables import CONTRACTS
    >>> print(as_known(parse_one("select name from product"), CONTRACTS).sql("duckdb", pretty=True))
    SELECT
      name
    FROM (
      SELECT
        name
      FROM product
      WHERE
        known_from < CAST($known_at AS TIMESTAMP)
        AND (
          known_until IS NULL OR known_until >= CAST($known_at AS TIMESTAMP)
        )
    ) AS product
    """
    seen = tree.copy() if copy else tree
    mentioned, tables = _mentioned(seen, contracts)
    for table in tables:
        contract = contracts.get(table.name.lower())
        kept = narrow(table)
        if table.text("db") == PEOPLE:
            if contract is not None and kept is not None:
                _replace(table, _kept(_subselect(table, _people_columns(contract), mentioned), kept))
        elif contract is not None and contract.kind is not Kind.DERIVED:
            _replace(table, _kept(_as_known_rows(table, contract, mentioned, sample=sample), kept))
        elif table.name.lower() in as_of_tables:
            _replace(table, _kept(_rows_of_the_date(table, contract, mentioned), kept))
        elif contract is not None and kept is not None:
            _replace(table, _kept(_subselect(table, logical_columns(contract), mentioned), kept))
    return seen


def _people_columns(contract: Contract) -> dict[str, exp.Expr]:
    return {name: _column(name) for part in parts(contract) if part.database == PEOPLE for name in part.names}


def _kept(rows: exp.Select, condition: exp.Expr | Sequence[exp.Expr] | None) -> exp.Query:
    if condition is None:
        return rows
    if isinstance(condition, exp.Expr):
        return rows.where(condition, copy=False)
    parts = [rows, *(rows.copy() for _ in condition[1:])]
    kept = [part.where(each, copy=False) for part, each in zip(parts, condition, strict=True)]
    return kept[0] if len(kept) == 1 else exp.union(*kept, distinct=False, copy=False)


def logical_columns(contract: Contract) -> dict[str, exp.Expr]:
    """What an author may name of a table, and how it is read from the facts file."""
    part = facts_part(contract)
    if part is None:
        return {}
    if contract.kind is Kind.DERIVED:
        return {name: _column(name) for name in part.names}
    names = {column.name: column.type for column in part.columns}
    columns: dict[str, exp.Expr] = {}
    for column in part.columns:
        if column.name == _SECRET:
            continue
        told_on = _told_on(contract, column.known_with, names) if column.known_with else None
        columns[column.name] = _once_told(column.name, told_on) if told_on else _column(column.name)
    if contract.event_time:
        event = contract.column(contract.event_time)
        if event.type is Type.INSTANT:
            columns[event.name], columns[day_of(event.name)] = _column("happened_at"), _column("happened_on")
        else:
            columns[event.name] = _column("happened_on")
    return columns


def _mentioned(tree: exp.Query, known: Collection[str]) -> tuple[frozenset[str], list[exp.Table]]:
    """The columns a query names, and the base tables it reads, of those ``known`` and any other."""
    names: set[str] = set()
    tables: list[exp.Table] = []
    own: set[str] = set()
    for node in tree.walk():
        if isinstance(node, exp.Column):
            names.add(node.name.lower())
        elif isinstance(node, exp.Table):
            tables.append(node)
        elif isinstance(node, exp.Join):
            names.update(each.name.lower() for each in node.args.get("using") or ())
        elif isinstance(node, exp.CTE):
            own.add(node.alias.lower())
    if own.isdisjoint(known):  # else a table's name may mean what the query itself calls so
        tables = [table for table in tables if table.text("db") or table.name.lower() not in own]
    else:
        found = (table for scope in traverse_scope(tree) for table in scope.tables if _is_source(scope, table))
        tables = [*{id(table): table for table in found}.values()]
    return frozenset(names), [table for table in tables if _is_base(table)]


def _is_base(table: exp.Table) -> bool:
    named = isinstance(table.this, exp.Identifier) and table.text("db") in ("", FACTS, PEOPLE)
    return named and not table.meta.get(AS_STORED)


def _is_source(scope: object, table: exp.Table) -> bool:
    return isinstance(getattr(scope, "sources", {}).get(table.alias_or_name), exp.Table)


def _as_known_rows(table: exp.Table, contract: Contract, mentioned: frozenset[str], *, sample: bool) -> exp.Select:
    columns = logical_columns(contract)
    conditions = [condition.copy() for condition in _KNOWN_THEN]
    if contract.kind is Kind.FACT:
        conditions.insert(0, exp.LT(this=_column("happened_on"), expression=the_date()))
    if sample and "customer_id" in columns:
        kept = exp.Mod(this=_column("customer_id"), expression=exp.Literal.number(1000))
        conditions.append(exp.LT(this=kept, expression=exp.Placeholder(this="sample_permille")))
    return _subselect(table, columns, mentioned).where(*conditions, copy=False)


def _rows_of_the_date(table: exp.Table, contract: Contract | None, mentioned: frozenset[str]) -> exp.Select:
    if contract is None:
        raise ContractError(table.name, ["it is read as of a date and has no contract"])
    rows = _subselect(table, logical_columns(contract), mentioned)
    return rows.where(_column("as_of").eq(the_date()), copy=False)


def _subselect(table: exp.Table, columns: Mapping[str, exp.Expr], mentioned: frozenset[str]) -> exp.Select:
    wanted = {name: each for name, each in columns.items() if name in mentioned}
    if not wanted:  # rows are only counted
        wanted = {name: columns[name] for name in ("known_from", "as_of") if name in columns} or dict(
            [*columns.items()][:1]
        )
    listed = [
        each if isinstance(each, exp.Column) and each.name == name else exp.Alias(this=each, alias=_identifier(name))
        for name, each in wanted.items()
    ]
    source = exp.Table(this=table.this.copy(), db=table.args.get("db"))
    return exp.select(*listed, copy=False).from_(source, copy=False)


def _replace(table: exp.Table, rows: exp.Query) -> None:
    alias = table.args.get("alias") or exp.TableAlias(this=table.this.copy())
    table.replace(exp.Subquery(this=rows, alias=alias.copy()))


def _told_on(contract: Contract, moment: str | None, names: Mapping[str, Type]) -> str | None:
    """The day a column of a later moment belongs to; None when it is the event's own."""
    if moment is None or moment == contract.event_time:
        return None
    day = day_of(moment) if names.get(moment) is Type.INSTANT else moment
    if names.get(day) is not Type.DATE:
        raise ContractError(contract.name, [f"'{moment}', a moment other columns are known with, is no date"])
    return day


def _once_told(name: str, day: str) -> exp.Expr:
    return exp.Case(ifs=[exp.If(this=_column(day) < the_date(), true=_column(name))])


def the_date() -> exp.Cast:
    """The date a query looks from, as every engine understands it."""
    return _THE_DATE.copy()


def _identifier(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=name in _RESERVED)


def _column(name: str) -> exp.Column:
    return exp.Column(this=_identifier(name))


_THE_DATE = exp.cast(exp.Placeholder(this="as_of"), "date")
_THEN = exp.cast(exp.Placeholder(this="known_at"), "timestamp")
_KNOWN_THEN = (
    _column("known_from") < _THEN,
    exp.paren(exp.or_(_column("known_until").is_(exp.null()), _column("known_until") >= _THEN)),
)
