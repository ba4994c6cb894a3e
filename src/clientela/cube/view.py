"""The one door to the data: what a person sees of one snapshot, as of a date.

Every query of the cube passes ``View.fetch``. There the tree it built over whole tables is narrowed,
at each base table, to what had happened and was known, and to the rows that the asker may see. A query
that does not say which rows these are is not sent.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Protocol

from sqlglot import exp

from clientela.access.area import Reach
from clientela.access.decided import Decided
from clientela.access.rights import Scope
from clientela.contracts.derived import DERIVED
from clientela.contracts.schema import Contract, Type
from clientela.contracts.tables import CONTRACTS
from clientela.cube.declared.catalogue import BUILT_IN, Catalogue
from clientela.cube.declared.dimension import Dimension
from clientela.cube.declared.facts import Fact
from clientela.cube.declared.measure import Rest
from clientela.cube.fields import cast, people_fields, public_fields
from clientela.cube.filters import Bound
from clientela.cube.rollup.shape import Rollup
from clientela.cube.scoped import Kinds, Narrowing, kinds_of, kinds_of_members, reach_of, reach_of_members
from clientela.errors import QueryError
from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Statement, for_once

if TYPE_CHECKING:
    import pyarrow as pa

ALL: Mapping[str, Contract] = {**CONTRACTS, **DERIVED}
AS_OF_TABLES: frozenset[str] = frozenset(each.name for each in DERIVED.values() if "as_of" in each.key)


class Readable(Protocol):
    """What answers a query: an open snapshot, or an engine in a test."""

    def fetch(self, query: exp.Expression, parameters: Mapping[str, object] = ...) -> pa.Table:
        """The rows of ``query``."""
        ...

    def rows(self, query: Statement, parameters: Mapping[str, object]) -> list[tuple[Any, ...]]:
        """The rows of ``query`` as Python values."""
        ...


_OF_THIS_PROCESS = secrets.token_bytes(32)


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """One snapshot as of a date.

    ``tables``: those the snapshot holds, and ``people`` those of its people file (None: personal data
    is not to be seen); a base table that no source delivered reads as empty. ``scope``: what the asker may
    see; None is the company itself, as in a run. ``lapse_days``: without a purchase for so long a customer is
    lost; None when it is not known. ``decided``: which cells of few are hidden, for all questions of this view.
    ``catalogue``: the measures there are, those of the company among them, and its fiscal year. ``rollups``: those
    tables of figures counted beforehand, the smallest first; none where the date, or what was known, is not the run's.
    ``sealing`` gives the key that cursors are sealed with; without a workspace it is one of this process.
    """

    reader: Readable
    as_of: date
    known_at: datetime
    tables: Collection[str]
    people: Collection[str] | None = None
    lapse_days: int | None = None
    currency: str | None = None
    scope: Scope | None = None
    decided: Decided = field(default_factory=Decided, compare=False)
    catalogue: Catalogue = BUILT_IN
    rollups: Sequence[Rollup] = ()
    sealing: Callable[[], bytes] = field(default=lambda: _OF_THIS_PROCESS, compare=False)

    def fetch(self, tree: exp.Select, parameters: Mapping[str, object], *, own: bool = False) -> pa.Table:
        """The rows of ``tree``, narrowed to what this view shows; ``own`` as in `ready`."""
        sent, bound = self.ready(tree, parameters, own=own)
        return self.reader.fetch(for_once(sent), bound)

    def ready(
        self, tree: exp.Select, parameters: Mapping[str, object], *, own: bool = False
    ) -> tuple[exp.Select, Mapping[str, object]]:
        """What is sent in the place of ``tree``: narrowed to what this view shows, with all its parameters.

        Parameters
        ----------
        own : the tree was built for this alone, and need not stay as it is

        Raises
        ------
        UnscopedError
            Somebody asks, and nobody said within which reach a table is to be read.
        """
        filled = _without_missing(tree, self.tables, self.people or ())
        if self.scope is None:
            narrowed = as_known(filled, ALL, as_of_tables=AS_OF_TABLES, copy=not own)
            return narrowed, self._parameters(narrowed, parameters)
        bound = Bound("scope")
        narrow = Narrowing(self.scope, self.tables, bound)
        narrowed = as_known(filled, ALL, as_of_tables=AS_OF_TABLES, narrow=narrow, copy=not own)
        return narrowed, self._parameters(narrowed, {**parameters, **bound.values})

    def reach_of_figure(self, rest: Rest, facts: Sequence[Fact], by: Sequence[Dimension]) -> Reach | None:
        """The rows a measure is counted over for the asker, given what it rests on; None: all.

        Raises
        ------
        NotPermittedError
            The asker may not see the measure, or not by these dimensions.
        """
        return None if self.scope is None else reach_of(self.scope, rest, facts, by, self.tables)

    def kinds_of_figure(self, rest: Rest, facts: Sequence[Fact], by: Sequence[Dimension]) -> Kinds:
        """Where rows that are made of more than others are counted for a measure; none where there are no such."""
        return () if self.scope is None else kinds_of(self.scope, rest, facts, by)

    def kinds_of_members(self, fact: Fact, by: Sequence[Dimension]) -> Kinds:
        """Where such rows tell of members that the asker may pick from."""
        return () if self.scope is None else kinds_of_members(self.scope, fact, by)

    def reach_of_members(self, fact: Fact, by: Sequence[Dimension]) -> Reach | None:
        """The rows whose members the asker may pick from; None: all."""
        return None if self.scope is None else reach_of_members(self.scope, fact, by, self.tables)

    def rows(self, tree: exp.Select, parameters: Mapping[str, object], *, own: bool = False) -> list[tuple[Any, ...]]:
        """The rows of ``tree`` as Python values; ``own`` as in `ready`."""
        sent, bound = self.ready(tree, parameters, own=own)
        return self.reader.rows(for_once(sent), bound)

    def _parameters(self, tree: exp.Select, parameters: Mapping[str, object]) -> Mapping[str, object]:
        wanted = {each.name for each in tree.find_all(exp.Placeholder)}
        if "lapse_days" in wanted and self.lapse_days is None:
            raise QueryError(
                "lost customers cannot be counted: no customer has bought twice, so it is not known after how many "
                "days one counts as lost; set 'lapse_days' in [company] of clientela.toml."
            )
        fiscal = self.catalogue.fiscal
        known = {
            "as_of": self.as_of,
            "known_at": self.known_at,
            "lapse_days": self.lapse_days,
            "fiscal_months": fiscal.month - 1,
            "fiscal_days": fiscal.day - 1,
            **parameters,
        }
        return {name: known[name] for name in wanted}


def _without_missing(tree: exp.Select, tables: Collection[str], people: Collection[str]) -> exp.Select:
    """``tree`` with an empty table in the place of each one that the snapshot does not hold."""
    if not any(_is_missing(node, tables, people) for node in tree.find_all(exp.Table)):
        return tree
    filled = tree.copy()
    for node in list(filled.find_all(exp.Table)):
        if _is_missing(node, tables, people):
            fields = people_fields if node.db else public_fields
            node.replace(_empty(fields(ALL[node.name])).subquery(node.alias or node.name, copy=False))
    return filled


def _is_missing(node: exp.Table, tables: Collection[str], people: Collection[str]) -> bool:
    return node.name in ALL and node.name not in (people if node.db else tables)


def _empty(fields: Mapping[str, Type]) -> exp.Select:
    return exp.select(*(exp.alias_(cast(exp.Null(), kind), name, quoted=True) for name, kind in fields.items())).where(
        exp.false()
    )
