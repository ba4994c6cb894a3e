"""What the published tables show of the data: one aggregate a table, and one a reference to another table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache

import sqlglot
from sqlglot import exp

from clientela.contracts.schema import Contract, Kind, Type
from clientela.contracts.tables import CONTRACTS
from clientela.pipeline.quality.checks import (
    BILLED,
    FUTURE,
    MISSING,
    PRICE,
    REFERENCES,
    REFERS,
    RULES,
    WANTED,
    Rule,
)
from clientela.pipeline.quality.measures import COMPLETE, CORRECT, UNFIT, Limits, Measure, share
from clientela.warehouse.build import Build
from clientela.warehouse.physical import FACTS, PEOPLE, column, customer_column, parts

Mapped = Mapping[tuple[str, str], frozenset[str]]  # which columns each source gives of each table
CUSTOMERS = "customer_record"
COUNTED = (
    ("price_quality", "order_line", "net_revenue", PRICE),
    ("invoice_quality", "invoice", "amount", BILLED),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The latest thing that happened in what a source delivered to a table, not after the day of the run."""

    source: str
    table: str
    rows: int
    day: date | None
    moment: datetime | None


@dataclass(frozen=True, slots=True)
class _Asked:
    """One question to the rows of a table: how many of those where ``of`` holds are ``weak``.

    ``filled``: of the weak ones those that the run filled in; they are counted, and make nothing unfit.
    """

    column: str
    property: str
    rule: str
    weak: exp.Expr
    of: exp.Expr
    harmless: bool
    filled: exp.Expr | None = None


def scan(build: Build, mapped: Mapped, limits: Limits, *, today: date) -> tuple[list[Measure], list[Newest]]:
    """What is missing and what contradicts in every delivered table, by source; and how new each is.

    Parameters
    ----------
    mapped :
        The columns that the deliveries in force give, by source and table: what is not delivered is not missing.
    today :
        The day of the run; what happened after it is wrong.
    """
    measures: list[Measure] = []
    newest: list[Newest] = []
    tables = {table for _, table in mapped} & build.tables()
    for contract in (CONTRACTS[name] for name in CONTRACTS if name in tables):
        found, fresh = _table(build, contract, mapped, limits, today)
        measures += found
        newest += fresh
        measures += _personal(build, contract, mapped, limits)
    there = {each.table for each in newest if each.rows}
    measures += _references(build, there, mapped, limits)
    for model, table, named, rule in COUNTED:
        measures += _counted(build, model, table, named, rule, limits)
    return measures, newest


def _table(
    build: Build, contract: Contract, mapped: Mapped, limits: Limits, today: date
) -> tuple[list[Measure], list[Newest]]:
    fact = contract.kind is Kind.FACT
    asked = [each for each in _questions(contract) if _given(each.column, contract, mapped)]
    past = exp.LTE(this=column("happened_on"), expression=exp.Placeholder(this="today"))
    listed: list[exp.Expr] = [column("source"), exp.alias_(exp.Count(this=exp.Star()), "_rows")]
    if fact:
        listed += [
            exp.alias_(exp.Max(this=exp.Case(ifs=[exp.If(this=past.copy(), true=column(name))])), name, quoted=True)
            for name in ("happened_on", "happened_at")
        ]
    for number, each in enumerate(asked):
        listed.append(exp.alias_(_times(exp.and_(each.of.copy(), each.weak.copy())), f"w{number}"))
        listed.append(exp.alias_(_times(each.of.copy()), f"n{number}"))
        if each.filled is not None:
            listed.append(exp.alias_(_times(exp.and_(each.of.copy(), each.filled.copy())), f"f{number}"))
    query = exp.select(*listed).from_(_place(contract.name)).where(_current()).group_by(column("source"))
    needs_today = any(each.name == "today" for each in query.find_all(exp.Placeholder))
    rows = build.engine.fetch(query.order_by(column("source")), {"today": today} if needs_today else {}).to_pylist()
    measures = []
    for row in rows:
        given = mapped.get((row["source"], contract.name), frozenset())
        for number, each in enumerate(asked):
            if row[f"n{number}"] and (each.property != COMPLETE or each.column in given):
                measures.append(
                    share(
                        row["source"],
                        contract.name,
                        each.column,
                        each.property,
                        row[f"w{number}"],
                        row[f"n{number}"],
                        limits,
                        rule=each.rule,
                        harmless=each.harmless or _is_mended(row, number, limits),
                    )
                )
    newest = [
        Newest(
            source=row["source"],
            table=contract.name,
            rows=row["_rows"],
            day=row.get("happened_on"),
            moment=row.get("happened_at"),
        )
        for row in rows
    ]
    return measures, newest


def _is_mended(row: Mapping[str, int], number: int, limits: Limits) -> bool:
    """Whether what the run filled in leaves so few weak rows that they make nothing unfit."""
    filled = row.get(f"f{number}", 0)
    left = Decimal(row[f"w{number}"] - filled) / row[f"n{number}"]
    return filled > 0 and limits.verdict(left) != UNFIT


def _times(condition: exp.Expr) -> exp.Expr:
    """How often it holds: 0, not null, also where it is unknown for every row."""
    return exp.func("coalesce", exp.CountIf(this=condition), exp.Literal.number(0))


def _questions(contract: Contract) -> Iterator[_Asked]:
    """What is asked of every row of a table."""
    for name, wanted in WANTED[contract.name].items():
        if not contract.column(name).personal:
            empty = _in_table(contract, column(name)).is_(exp.null())
            filled = None if wanted.assumed is None else column(wanted.assumed)
            weak = empty if filled is None else exp.or_(empty, filled.copy())
            of = _condition(contract, wanted.of)
            yield _Asked(name, COMPLETE, MISSING, weak, of, not wanted.judged, filled)
    if contract.kind is Kind.FACT and contract.event_time:
        late = exp.GT(this=column("happened_on"), expression=exp.Placeholder(this="today"))
        yield _Asked(contract.event_time, CORRECT, FUTURE, late, exp.true(), harmless=False)
    for rule in _rules_of(contract.name):
        broken, of = _condition(contract, rule.broken), _condition(contract, rule.of)
        yield _Asked(rule.column, CORRECT, rule.name, broken, of, rule.harmless)


@cache
def _rules_of(table: str) -> tuple[Rule, ...]:
    return tuple(each for each in RULES if each.table == table)


def _given(name: str, contract: Contract, mapped: Mapped) -> bool:
    return any(name in columns for (_, table), columns in mapped.items() if table == contract.name)


def _condition(contract: Contract, said: str | None) -> exp.Expr:
    if said is None:
        return exp.true()
    tree = exp.paren(sqlglot.parse_one(said, dialect="duckdb"))
    return tree.transform(lambda node: _in_table(contract, node) if isinstance(node, exp.Column) else node)


def _in_table(contract: Contract, named: exp.Column) -> exp.Column:
    """A column of the contract as the published table calls it."""
    name = named.name
    if name not in contract.names:
        return column(name)
    if name == contract.event_time:
        return column("happened_at" if contract.column(name).type is Type.INSTANT else "happened_on")
    return column(customer_column(name)) if contract.column(name).person else column(name)


def _personal(build: Build, contract: Contract, mapped: Mapped, limits: Limits) -> Iterator[Measure]:
    """What is missing of personal columns: they lie in the people file, where the latest version counts."""
    wanted = {name: each for name, each in WANTED[contract.name].items() if contract.column(name).personal}
    if not wanted or contract.name not in build.tables(PEOPLE):
        return
    key = next(part for part in parts(contract) if part.database == PEOPLE).key
    by = [column(name) for name in key if name != "known_from"]
    latest = exp.select(*(column(name) for name in ("source", *wanted))).from_(_place(contract.name, PEOPLE))
    newest_first = exp.Order(expressions=[exp.Ordered(this=column("known_from"), desc=True)])
    rank = exp.Window(this=exp.RowNumber(), partition_by=by, order=newest_first)
    latest.set("qualify", exp.Qualify(this=exp.EQ(this=rank, expression=exp.Literal.number(1))))
    counts = [exp.alias_(exp.CountIf(this=column(name).is_(exp.null())), name, quoted=True) for name in wanted]
    query = exp.select(column("source"), exp.alias_(exp.Count(this=exp.Star()), "_rows"), *counts)
    query = query.from_(latest.subquery("latest")).group_by(column("source")).order_by(column("source"))
    for row in build.engine.fetch(query).to_pylist():
        for name, each in wanted.items():
            if name in mapped.get((row["source"], contract.name), frozenset()):
                place = (row["source"], contract.name, name, COMPLETE)
                yield share(*place, row[name], row["_rows"], limits, rule=MISSING, harmless=not each.judged)


def _references(build: Build, there: set[str], mapped: Mapped, limits: Limits) -> Iterator[Measure]:
    """Values that another table should know and does not: counted by value, as many rows share one."""
    for each in REFERENCES:
        if {each.table, each.to} <= there and _given(each.column, CONTRACTS[each.table], mapped):
            yield from _unknown(build, each.table, each.column, each.column, (each.to, each.key), limits)
    for contract in CONTRACTS.values():
        about_others = contract.kind is Kind.FACT and contract.name != CUSTOMERS
        if about_others and {contract.name, CUSTOMERS} <= there:
            for person in (each.name for each in contract.columns if each.person):
                known, lies_in = (CUSTOMERS, "customer_id"), customer_column(person)
                yield from _unknown(build, contract.name, person, lies_in, known, limits, harmless=True)


def _unknown(
    build: Build,
    table: str,
    named: str,
    lies_in: str,
    to: tuple[str, str],
    limits: Limits,
    *,
    harmless: bool = False,
) -> Iterator[Measure]:
    there = column(lies_in).is_(exp.null()).not_()
    used = exp.select(
        column("source"), exp.alias_(column(lies_in), "_key"), exp.alias_(exp.Count(this=exp.Star()), "_n")
    )
    used = used.from_(_place(table)).where(_current(), there).group_by(column("source"), column(lies_in))
    known = exp.select(exp.alias_(column(to[1]), "_known")).distinct().from_(_place(to[0])).where(_current())
    sum_of_all = exp.cast(exp.Sum(this=column("_n")), "bigint")
    unknown = exp.Case(ifs=[exp.If(this=column("_known").is_(exp.null()), true=column("_n"))], default=_int(0))
    query = (
        exp.select(
            column("source"),
            exp.alias_(exp.cast(exp.Sum(this=unknown), "bigint"), "weak"),
            exp.alias_(sum_of_all, "n"),
        )
        .from_(used.subquery("used"))
        .join(known.subquery("known"), on=column("_key").eq(column("_known")), join_type="left")
        .group_by(column("source"))
        .order_by(column("source"))
    )
    for row in build.engine.fetch(query).to_pylist():
        yield share(row["source"], table, named, CORRECT, row["weak"], row["n"], limits, rule=REFERS, harmless=harmless)


def _counted(build: Build, model: str, table: str, named: str, rule: str, limits: Limits) -> Iterator[Measure]:
    """The weak rows that a model of its own counted by source."""
    listed = exp.select("source", "checked", "weak").from_(_place(model)).order_by("source")
    for row in build.engine.fetch(listed).to_pylist():
        if row["checked"]:
            yield share(row["source"], table, named, CORRECT, row["weak"], row["checked"], limits, rule=rule)


def _place(table: str, database: str = FACTS) -> exp.Table:
    return exp.table_(table, db="main", catalog=database, quoted=True)


def _current() -> exp.Expr:
    return column("known_until").is_(exp.null())


def _int(value: int) -> exp.Expr:
    return exp.Literal.number(value)
