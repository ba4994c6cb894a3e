"""SQL as a person types it: read into a tree, checked, narrowed to what they see, and written anew.

The person's own text never reaches the engine. What runs is generated from a tree of nodes on a list, over tables that
a contract names, each of them narrowed as every query of the cube is.
"""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from clientela.access.rights import Scope
from clientela.access.rows import of_cells
from clientela.contracts.schema import Type
from clientela.cube.fields import cast, people_fields, personal_in_people, public_fields, quoted
from clientela.cube.filters import Bound
from clientela.cube.scoped import asked, within_cells
from clientela.cube.view import ALL, View
from clientela.errors import NotPermittedError, QueryError, UnknownNameError
from clientela.warehouse.physical import FACTS, PEOPLE
from clientela.warehouse.portable import ALLOWED

MAX_LETTERS = 20_000
MAX_NODES = 5_000
# Beyond what a model may use: its answers may differ from engine to engine in the last digit; a person's may.
_MORE = frozenset({
    *(exp.Avg, exp.Median, exp.Stddev, exp.StddevSamp, exp.StddevPop, exp.Variance, exp.VariancePop, exp.Corr),
    *(exp.Limit, exp.Offset, exp.ILike, exp.Extract, exp.Initcap, exp.StrPosition, exp.Left, exp.Right),
})  # fmt: skip
ALLOWED_HERE = (ALLOWED | _MORE) - {exp.Anonymous, exp.Placeholder}


@dataclass(frozen=True, slots=True)
class Written:
    """What runs: SQL with values for its names.

    ``hidden``: columns that are null in some rows, as ``table.column``. ``personal``: what it reads of the people file.
    """

    sql: str
    parameters: Mapping[str, object]
    hidden: tuple[str, ...]
    personal: tuple[str, ...]


def written(said: str, view: View, *, most: int) -> Written:
    """The query that runs in the place of what a person typed, of ``most`` rows at most.

    Raises
    ------
    QueryError
        It is not one ``select``, or holds what may not run.
    UnknownNameError
        It names a table or column that there is not.
    NotPermittedError
        It names what the person may not see.
    """
    tree = _parsed(said)
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    _refuse(tree, ctes)
    named = None if tree.find(exp.Star) else frozenset(each.name.lower() for each in tree.find_all(exp.Column))
    bound, hidden = Bound("seen"), dict[str, None]()
    personal = tuple(sorted({each.name.lower() for each in tree.find_all(exp.Table) if each.db == PEOPLE}))
    for table in list(tree.find_all(exp.Table)):
        if table.db or table.name.lower() not in ctes:
            _put_in(table, view, bound, hidden)
    whole = exp.select("*").from_(tree.subquery("asked", copy=False)).limit(most)
    ready, parameters = view.ready(whole, bound.values)
    told = (each for each in hidden if named is None or each.split(".")[1] in named)
    return Written(ready.sql(dialect="duckdb"), parameters, tuple(told), personal)


def _parsed(said: str) -> exp.Query:
    if len(said) > MAX_LETTERS:
        raise QueryError(f"the query has {len(said)} letters; at most {MAX_LETTERS} can be read.")
    if "\0" in said:
        raise QueryError("the query holds a NUL character, which no query does.")
    try:
        with _silently():
            statements = [each for each in sqlglot.parse(said, dialect="duckdb") if each is not None]
    except (SqlglotError, RecursionError, TypeError) as error:  # the last where an arrow points at nothing
        told = getattr(error, "errors", None)
        near = f" near '{told[0]['highlight']}'" if told and told[0].get("highlight") else ""
        raise QueryError(f"the query cannot be read{near}.") from None
    empty = any(not each.expressions for one in statements for each in one.find_all(exp.Select))
    if len(statements) != 1 or not isinstance(statements[0], exp.Query) or empty:
        raise QueryError("a query is one select, and nothing else.")
    return statements[0]


@contextmanager
def _silently() -> Iterator[None]:
    """What the parser would tell of statements that are refused anyway."""
    log = logging.getLogger("sqlglot")
    before = log.level
    log.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        log.setLevel(before)


def _refuse(tree: exp.Query, ctes: Collection[str]) -> None:
    """Refuse whatever is not on the list: a list of what is forbidden would forget something."""
    for count, node in enumerate(tree.walk()):
        if count > MAX_NODES:
            raise QueryError(f"the query has more than {MAX_NODES} parts; make it simpler.")
        if type(node) not in ALLOWED_HERE:
            raise QueryError(f"'{_short(node)}' may not stand in a query: only selects over the published tables run.")
        node.pop_comments()
    for cte in tree.find_all(exp.CTE):
        if cte.alias.lower() in ALL:
            raise QueryError(f"'{cte.alias}' is the name of a table; give what you call so another name.")
    if tree.find(exp.With) is not None and any(each.args.get("recursive") for each in tree.find_all(exp.With)):
        raise QueryError("a query may not call itself (recursive).")
    for table in tree.find_all(exp.Table):
        _refuse_table(table, ctes)


def _refuse_table(table: exp.Table, ctes: Collection[str]) -> None:
    plain = isinstance(table.this, exp.Identifier) and not table.catalog
    strange = [name for name, value in table.args.items() if value and name not in ("this", "db", "alias", "joins")]
    if not plain or strange or table.db not in ("", FACTS, PEOPLE):
        raise QueryError(f"'{_short(table)}' is no published table; known: {', '.join(sorted(ALL))}.")
    if (table.db or table.name.lower() not in ctes) and table.name.lower() not in ALL:
        raise UnknownNameError("table", table.name, ALL)


def _short(node: exp.Expr) -> str:
    try:
        said = node.sql(dialect="duckdb")
    except (SqlglotError, RecursionError):
        return type(node).__name__
    return said if len(said) <= 60 else said[:57] + "..."


def _put_in(table: exp.Table, view: View, bound: Bound, hidden: dict[str, None]) -> None:
    """Put the rows and columns that the person sees in the place of a table."""
    name, people = table.name.lower(), table.db == PEOPLE
    contract = ALL[name]
    fields = people_fields(contract) if people else public_fields(contract)
    if people and view.people is None:
        raise NotPermittedError(f"'people.{name}' is personal, and personal data cannot be seen here.")
    if not fields:
        raise QueryError(f"'{name}' is personal as a whole; name it as people.{name}.")
    columns: Mapping[str, exp.Expr] = {each: quoted(each) for each in fields}
    if view.scope is not None:
        columns = _seen(view, view.scope, name, people, fields, bound, hidden)
    shown = [exp.alias_(column, each, quoted=True) for each, column in columns.items()]
    rows = exp.select(*shown).from_(exp.table_(name, db=PEOPLE if people else None))
    if view.scope is not None:
        rows = within_cells(rows, name, view.scope.of_cells(name, fields, personal=_personal(name)))
    alias = table.args.get("alias") or exp.TableAlias(this=exp.to_identifier(table.name))
    table.replace(exp.Subquery(this=rows, alias=alias.copy(), joins=table.args.get("joins")))


def _seen(
    view: View,
    scope: Scope,
    name: str,
    people: bool,
    fields: Mapping[str, Type],
    bound: Bound,
    hidden: dict[str, None],
) -> dict[str, exp.Expr]:
    """The columns of a table, null in the rows where the person may not see them."""
    rows = scope.of_cells(name, fields, personal=_personal(name))
    if not rows.reach:
        raise NotPermittedError(f"'{name}' cannot be seen with your rights.")
    table = asked(name, view.tables, people=people)
    columns: dict[str, exp.Expr] = {}
    for each, kind in fields.items():
        cells = scope.of_cells(name, [each], personal=_personal(name))
        told = of_cells(table, cells, bound.bind) if cells != rows else None
        columns[each] = quoted(each)
        if told is not None:
            hidden[f"{name}.{each}"] = None
            columns[each] = exp.Case(ifs=[exp.If(this=told, true=quoted(each))], default=cast(exp.Null(), kind))
    return columns


def _personal(name: str) -> frozenset[str]:
    return personal_in_people(ALL[name])
