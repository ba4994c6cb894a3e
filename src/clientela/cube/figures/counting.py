"""Figures counted over the rows of a fact, each kind in the way that reads and keeps least for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.fields import cast
from clientela.cube.figures.days import in_days
from clientela.cube.figures.gathered import gathered, keys_of
from clientela.cube.figures.lines import counted_row, filtered
from clientela.cube.figures.masks import Met, counted_by_bits, met, read_for
from clientela.cube.figures.question import Question
from clientela.cube.figures.source import Counted, Source
from clientela.cube.filters import Bound
from clientela.cube.rollup.bundle import bundled, is_worthwhile
from clientela.cube.rollup.cover import is_everything
from clientela.cube.rollup.steps import held_for

_MINE = "of_mine"


@dataclass(frozen=True, slots=True)
class _Part:
    """Some of what is counted of one source, and the dimensions its rows are read with; ``met`` where by bits."""

    aggregates: Mapping[str, exp.Expr]
    read: tuple[str, ...]
    keys: tuple[str, ...] | None = None
    met: Met | None = None


def from_rows(source: Source, counted: Sequence[Counted], question: Question, bound: Bound) -> exp.Query:
    """What a fact's own rows give, at the level asked for and in total; null for what others count."""
    asked = in_days(question)
    names = [each.name for each in question.by]
    aggregates = {each.name: each.aggregate for each in source.counted}
    parts = _parts(source, names, aggregates)
    shared = len(parts) > 1 and not is_everything(source.reach)  # whose a row is, is asked once
    read = [*dict.fromkeys(name for part in parts for name in part.read)] if shared else []
    branches = []
    for part in parts:
        rows = _mine(part) if shared else _rows(source, asked, part.read, part.aggregates, bound)
        branches.append(_counted(source, part, rows, question, counted))
    every = branches[0] if len(branches) == 1 else exp.union(*branches, distinct=False, copy=False)
    if not shared:
        return every
    mine = _rows(source, asked, read, aggregates, bound)
    return _with({_MINE: mine}, every)


def total_and_members(
    rows: exp.Query, names: Sequence[str], counted: Sequence[Counted], aggregates: Mapping[str, exp.Expr]
) -> exp.Select:
    """The aggregates over rows, for each combination of ``names`` and in total."""
    total: exp.Expr = exp.Grouping(expressions=[exp.column(names[0])]) if names else exp.Literal.number(1)
    branch = counted_row(total, map(exp.column, names), counted, aggregates)
    branch = branch.from_(rows.subquery("counted_row", copy=False), copy=False)
    if names:
        levels = [exp.Tuple(expressions=[exp.column(name) for name in names]), exp.Tuple(expressions=[])]
        branch = branch.group_by(exp.GroupingSets(expressions=levels), copy=False)
    return branch


def _members_alone(
    rows: exp.Query, names: Sequence[str], counted: Sequence[Counted], aggregates: Mapping[str, exp.Expr]
) -> exp.Select:
    """The aggregates over rows for each combination of ``names``."""
    members = [exp.column(name) for name in names]
    branch = counted_row(exp.Literal.number(0), members, counted, aggregates)
    branch = branch.from_(rows.subquery("counted_row", copy=False), copy=False)
    return branch.group_by(*(each.copy() for each in members), copy=False)


def _parts(source: Source, names: Sequence[str], aggregates: Mapping[str, exp.Expr]) -> list[_Part]:
    """What is counted apart: what adds up, and the different ones of each kind; all at once where bits do not help."""
    fact, said = source.fact, {each.name: each.measure.aggregate for each in source.counted}
    different = {name: tree for name, tree in aggregates.items() if held_for(said[name]) is None}
    added = {name: tree for name, tree in aggregates.items() if name not in different}
    found = met(fact, names, different) if different else []
    if found is None:
        return [_Part(aggregates, tuple(names))]
    parts = [
        _Part({name: aggregates[name] for name in each.where}, tuple(read_for(fact, names)), met=each) for each in found
    ]
    if added:
        keys = keys_of(fact, names, [said[name] for name in added])
        parts.append(_Part(added, keys or tuple(names), keys=keys))
    return parts


def _rows(
    source: Source, question: Question, names: Sequence[str], aggregates: Mapping[str, exp.Expr], bound: Bound
) -> exp.Select:
    by = tuple(DIMENSIONS[name] for name in dict.fromkeys(names))
    return filtered(source.fact, replace(question, by=by), aggregates, bound)


def _mine(part: _Part) -> exp.Select:
    """The rows that are asked for by whoever sees some only, as they were read once."""
    columns = {column.name for tree in part.aggregates.values() for column in tree.find_all(exp.Column)}
    return exp.Select(expressions=[*map(exp.column, dict.fromkeys((*part.read, *sorted(columns))))]).from_(
        exp.Table(this=exp.to_identifier(_MINE))
    )


def _counted(
    source: Source, part: _Part, rows: exp.Select, question: Question, counted: Sequence[Counted]
) -> exp.Query:
    names = [each.name for each in question.by]
    alone = bool(names) and not question.totals
    if part.met is not None:
        return _by_bits(source, part.met, rows, names, counted)
    aggregates = dict(part.aggregates)
    if part.keys is not None:
        rows, aggregates = gathered(rows, part.keys, names, aggregates)
    elif is_worthwhile(names, aggregates):
        rows, aggregates = bundled(rows, names, aggregates, alone=alone)
    return (_members_alone if alone else total_and_members)(rows, names, counted, aggregates)


def _by_bits(
    source: Source, asked: Met, rows: exp.Select, names: Sequence[str], counted: Sequence[Counted]
) -> exp.Query:
    beside, levels = counted_by_bits(rows, source.fact, names, asked)
    told = []
    for is_total, figures in levels:
        members: list[exp.Expr] = [exp.column(name) for name in names]
        if is_total:
            members = [exp.alias_(cast(exp.Null(), DIMENSIONS[name].type), name) for name in names]
        row = counted_row(
            exp.Literal.number(is_total), members, counted, {name: exp.column(name) for name in asked.where}
        )
        told.append(row.from_(figures.subquery("told", copy=False), copy=False))
    return _with(beside, exp.union(*told, distinct=False, copy=False))


def _with(beside: Mapping[str, exp.Query], rows: exp.Query) -> exp.Select:
    """The rows, with what they read said before them; as a select of its own, so that it can stand in a union."""
    for name, query in beside.items():
        rows = rows.with_(name, as_=query, materialized=True, copy=False)
    return exp.Select(expressions=[exp.Star()]).from_(rows.subquery("of_those", copy=False), copy=False)
