"""Who may see which rows of a query: said of each part of it where it is built, put in where it is sent."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from types import MappingProxyType
from typing import TypeVar

from sqlglot import exp

from clientela.access.area import EVERYTHING, NOTHING, Reach
from clientela.access.rights import Cells, Scope
from clientela.access.rows import HOME, Asked, apart, can_tell, condition, of_kinds
from clientela.contracts.derived import DERIVED
from clientela.contracts.derived.customer.lifetime import ROWS_REST_ON
from clientela.contracts.schema import Type
from clientela.contracts.tables import CONTRACTS
from clientela.cube.declared.dimension import LOOKUPS, Dimension, parsed
from clientela.cube.declared.facts import Fact
from clientela.cube.declared.measure import MEASURES, Figure, Rest
from clientela.cube.fields import people_fields, personal_fields, public_fields
from clientela.cube.filters import Bound
from clientela.errors import NotPermittedError
from clientela.warehouse.physical import PEOPLE

Tree = TypeVar("Tree", bound=exp.Expr)
Kinds = tuple[tuple[str, str, Reach], ...]  # table, value of the column that tells its rows apart, where they are seen
_REACH, _KINDS = "reach", "kinds"


class UnscopedError(AssertionError):
    """A query was sent for a person, and nobody had said which rows of a table they may see."""


def within(tree: Tree, reach: Reach, kinds: Kinds | None = None) -> Tree:
    """The same tree, with every table of it that is not yet limited to be read within a reach.

    Parameters
    ----------
    kinds : as `kinds_of` has them; None: as any right of the asker shows them
    """
    for table in tree.find_all(exp.Table):
        if _REACH not in table.meta:
            table.meta[_REACH], table.meta[_KINDS] = reach, kinds
    return tree


def within_cells(tree: Tree, table: str, cells: Cells) -> Tree:
    """The same tree, with its one table to be read where some columns of it may be."""
    return within(tree, cells.reach, tuple((table, value, reach) for value, reach in cells.kinds))


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Puts the conditions of a scope on base tables; ``values`` are the parameters that these took up.

    ``tables``: those the snapshot holds. ``told``: the conditions so far, as a query may read a table several times.
    """

    scope: Scope
    tables: Collection[str]
    bound: Bound
    told: dict[tuple[str, bool, int, int], tuple[Sequence[exp.Expr], Reach, Kinds | None]] = field(default_factory=dict)

    def __call__(self, table: exp.Table) -> Sequence[exp.Expr] | None:
        """The condition on one base table; several where no row meets two of them.

        Raises
        ------
        UnscopedError
            Nobody said within what the table is read.
        """
        reach = table.meta.get(_REACH)
        if reach is None:
            raise UnscopedError(table.name)
        told_kinds: Kinds | None = table.meta.get(_KINDS)
        place = (table.name, table.text("db") == PEOPLE, id(reach), id(told_kinds))
        if place not in self.told:
            about = asked(table.name, self.tables, people=place[1])
            narrowed = condition(about, reach, self.bound.bind)
            several = () if narrowed is None else apart(narrowed)
            column, seen = self.scope.of_kinds(table.name)
            if told_kinds is not None:
                seen = {value: rows for name, value, rows in told_kinds if name == table.name and rows != EVERYTHING}
            kinds = of_kinds(about, column, seen, self.bound.bind)
            if kinds:
                several = [exp.and_(each, *kinds) for each in several or (exp.true(),)]
            self.told[place] = several, reach, told_kinds
        return [each.copy() for each in self.told[place][0]] or None


def asked(name: str, tables: Collection[str], *, people: bool = False) -> Asked:
    """A table as the access layer knows it."""
    contract = CONTRACTS.get(name) or DERIVED[name]
    return Asked(name, tuple(people_fields(contract) if people else public_fields(contract)), _known(frozenset(tables)))


@lru_cache(maxsize=8)
def _known(tables: frozenset[str]) -> Mapping[str, Collection[str]]:
    told = {name: tuple(public_fields(CONTRACTS[name])) for name in ("contact", "opportunity") if name in tables}
    return told | {name: tuple(public_fields(DERIVED[name])) for name in (HOME, "identity") if name in tables}


def columns_read(fact: Fact, dimension: Dimension) -> tuple[str, ...]:
    """The columns, as ``table.column``, that figures of a fact show when seen or filtered by a dimension."""
    if dimension.reads is not None:
        return dimension.reads
    tables = fact.tables if dimension.lookup is None else frozenset({LOOKUPS[dimension.lookup].table})
    return _columns_read(fact.name, tables, dimension.expression)


@cache
def _columns_read(fact: str, tables: frozenset[str], expression: str) -> tuple[str, ...]:
    names = {column.name for column in parsed(expression).find_all(exp.Column)}
    renamed = [RENAMED[fact, name] for name in names if (fact, name) in RENAMED]
    # every table of the fact that has such a column: what is taken out of any of them is not seen
    held = (f"{table}.{name}" for table in tables for name in names if name in _fields(table))
    return tuple(sorted({*renamed, *held}))


# What a fact calls otherwise than its table does: else a column that was taken out could be seen by its other name.
RENAMED: Mapping[tuple[str, str], str] = MappingProxyType({("subscription_end", "reason"): "subscription.end_reason"})


def _fields(table: str) -> Mapping[str, Type]:
    return public_fields(CONTRACTS.get(table) or DERIVED[table])


def reach_of(
    scope: Scope, rest: Rest, facts: Collection[Fact], by: Collection[Dimension], tables: Collection[str]
) -> Reach:
    """The rows that a measure is counted over for a person, who must be allowed all that it rests on.

    Raises
    ------
    NotPermittedError
        They may not see the measure, or not by these dimensions, or its fact cannot tell which rows are theirs.
    """
    measure, also = rest.measures[0], rest.measures[1:]
    if not scope.of_figure(measure, rest.columns, also=also):
        raise NotPermittedError(f"'{measure}' is not among the figures you may see; ask who gives rights for it.")
    columns = sorted({column for fact in facts for dimension in by for column in columns_read(fact, dimension)})
    reach = scope.of_figure(measure, (*columns, *rest.columns), also=also)
    if not reach:
        hidden = next(
            (each for each in columns if not scope.of_figure(measure, (each, *rest.columns), also=also)),
            " with ".join(columns),
        )
        raise NotPermittedError(f"'{measure}' cannot be seen by '{hidden}' with your rights; leave it out.")
    for fact in facts:
        for table in sorted(fact.tables):
            if not can_tell(asked(table, tables), reach):
                raise NotPermittedError(
                    f"'{measure}' is counted for the whole company only: '{table}' does not say which rows are yours."
                )
    return reach


def kinds_of(scope: Scope, rest: Rest, facts: Collection[Fact], by: Collection[Dimension]) -> Kinds:
    """Where rows that are made of more than others of their table are counted for a measure.

    One right must give all of it, as for the rows: else a row would be counted that one grant shows the measure of and
    another what it is made of.
    """
    measure, also = rest.measures[0], rest.measures[1:]
    columns = sorted({column for fact in facts for dimension in by for column in columns_read(fact, dimension)})
    return tuple(
        (table, value, scope.of_figure(measure, (*columns, *rest.columns, *made_of), also=also))
        for table, value, made_of in _made_of(facts)
    )


def kinds_of_members(scope: Scope, fact: Fact, by: Collection[Dimension]) -> Kinds:
    """Where such rows tell of members that a person may pick from."""
    columns = sorted({column for dimension in by for column in columns_read(fact, dimension)})
    return tuple((table, value, scope.of_columns((*columns, *made_of))) for table, value, made_of in _made_of([fact]))


def _made_of(facts: Collection[Fact]) -> Iterator[tuple[str, str, tuple[str, ...]]]:
    """The tables of facts whose rows are not all made of the same, each kind with the columns it is made of."""
    for table in sorted({table for fact in facts for table in fact.tables} & ROWS_REST_ON.keys()):
        for value, made_of in ROWS_REST_ON[table][1].items():
            yield table, value, made_of


def reach_of_members(scope: Scope, fact: Fact, by: Collection[Dimension], tables: Collection[str]) -> Reach:
    """The rows whose members a person may pick from.

    Raises
    ------
    NotPermittedError
        They may not see one of the dimensions.
    """
    columns = sorted({column for dimension in by for column in columns_read(fact, dimension)})
    reach = scope.of_columns(columns)
    if not reach:
        raise NotPermittedError(f"'{columns[0] if columns else fact.name}' cannot be seen with your rights.")
    told = all(can_tell(asked(table, tables), reach) for table in fact.tables)
    return reach if told else NOTHING


def nameable(measures: Mapping[str, Figure] = MEASURES) -> tuple[Mapping[str, bool], frozenset[str]]:
    """What a role may name: every ``table.column`` with whether it is personal, and every one of ``measures``."""
    columns = {
        f"{contract.name}.{name}": personal
        for contract in (*CONTRACTS.values(), *DERIVED.values())
        for fields, personal in ((public_fields(contract), False), (personal_fields(contract), True))
        for name in fields
    }
    return columns, frozenset(measures)
