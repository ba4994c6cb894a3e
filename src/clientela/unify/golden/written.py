"""Queries that lie in files of SQL, with the tables of this run put in."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from importlib.resources import files

from sqlglot import exp

from clientela.warehouse.model import parse_file
from clientela.warehouse.physical import PEOPLE


def query_of(name: str, tables: Mapping[str, exp.Query | exp.Table]) -> exp.Query:
    """The query of a file, reading ``tables`` where it names them; ``people.identity`` is the people file's own."""
    tree = _parsed(name).copy()
    for table in list(tree.find_all(exp.Table)):
        if table.db == PEOPLE:
            there: exp.Expr = exp.table_(table.name, db="main", catalog=PEOPLE)
            table.replace(exp.alias_(there, table.alias_or_name, table=True))
        elif (given := tables.get(table.name)) is not None:
            alias = table.alias_or_name
            whole = (
                given.subquery(alias, copy=False)
                if isinstance(given, exp.Query)
                else exp.alias_(given, alias, table=True)
            )
            table.replace(whole)
    return tree


@cache
def _parsed(name: str) -> exp.Query:
    text = files("clientela.unify.golden").joinpath(f"{name}.sql").read_text("utf-8")
    return parse_file(text, name).tree
