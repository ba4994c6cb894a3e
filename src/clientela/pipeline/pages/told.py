"""In the run: what the page of each customer shows, written down as one text to be looked up."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable

import sqlglot
from sqlglot import exp

from clientela.config import Settings
from clientela.cube.customer.told import EVENTS, FORM, HOMES, TABLE, Part, form, of_everybody, sorted_rows, written_down
from clientela.cube.view import View
from clientela.pipeline.clock import Clock
from clientela.pipeline.pages.parts import PARTS, TABLES
from clientela.warehouse.build import Build

STEP = "customer pages"
AT_ONCE = 250_000  # customers: the rows of all parts are held until their texts are put together
_FIRST, _LAST = "first_customer", "last_customer"
_NUMBERS, _LARGEST = 2**60, 2**63 - 1  # the 60 bits of a hash, and what BIGINT holds
_STORED = {  # of tables as they are stored: today's, whoever asks
    HOMES: ("customer_territory", "select customer_id, territory_id as value from customer_territory"),
    EVENTS: (
        "identity_event",
        "select distinct customer_id, 'yes' as value from (select to_customer_id as customer_id from identity_event "
        "union all select from_customer_id as customer_id from identity_event) as either where customer_id is not null",
    ),
}


def write_told(build: Build, clock: Clock, settings: Settings, *, progress: Callable[[str], None]) -> None:
    """Write ``customer_told``; all that its parts are read from is there, ``customer_page`` among them."""
    progress(f"Writing {TABLE}")
    view = View(
        reader=build.engine,
        as_of=clock.as_of,
        known_at=clock.known_at,
        tables=build.tables(),
        currency=settings.company.currency,
    )
    parts = [each for each in PARTS if _table(each) in view.tables]
    asked: dict[str, exp.Query] = {}
    of_runs: dict[str, exp.Query] = {}
    given: dict[str, object] = {}
    for part in parts:
        ready, values = view.ready(of_everybody(part), {}, own=True)
        (of_runs if part.of_runs else asked)[part.name] = written_down(part, ready)
        given |= values
    for name, (table, sql) in _STORED.items():
        if table in view.tables:
            asked[name] = _rows_of(sql)
    reads = build.tables().intersection([*map(_table, parts), *(table for table, _ in _STORED.values())])
    together = _together(asked, of_runs, form(PARTS))
    spans = _spans(build.rows()["customer"])
    build.create(TABLE, together, given, step=STEP, reads=sorted(reads), spans=spans)


def _spans(customers: int) -> list[dict[str, object]]:
    """From which number to which customers are written together; numbers are spread evenly, as they are hashes."""
    spans = max(1, -(-customers // AT_ONCE))
    begins = [*(_NUMBERS * place // spans for place in range(spans)), _LARGEST + 1]
    return [{_FIRST: first, _LAST: after - 1} for first, after in itertools.pairwise(begins)]


def _is_in_span(customer: exp.Expr) -> exp.Expr:
    return exp.Between(this=customer, low=exp.Placeholder(this=_FIRST), high=exp.Placeholder(this=_LAST))


def _table(part: Part) -> str:
    return TABLES.get(part.name, part.name)


def _rows_of(sql: str) -> exp.Select:
    rows = sqlglot.parse_one(sql, dialect="duckdb")
    assert isinstance(rows, exp.Select)  # noqa: S101 - ours, and it is one
    row = exp.Anonymous(this="json_array", expressions=[exp.column("value")])
    return (
        exp.select(exp.column("customer_id"), exp.alias_(sorted_rows(row), "said"))
        .from_(rows.subquery("rows"))
        .group_by(exp.column("customer_id"))
    )


def _together(asked: dict[str, exp.Query], of_runs: dict[str, exp.Query], written: str) -> exp.Select:
    """Of each customer two texts of all their parts; a part that has no rows of theirs is left out."""
    number = exp.column("customer_id", "customer")
    tree = exp.select().from_("customer").where(_is_in_span(number.copy()))
    for name, query in {**asked, **of_runs}.items():
        rows = exp.select("*").from_(query.subquery("everybody")).where(_is_in_span(exp.column("customer_id")))
        tree = tree.join(
            rows.subquery(f"part_{name}"),
            on=exp.column("customer_id", f"part_{name}").eq(exp.column("customer_id", "customer")),
            join_type="left",
        )
    form_of = [exp.Literal.string(FORM), exp.Literal.string(written)]
    tree = tree.select(
        exp.alias_(number, "number"),
        exp.alias_(_text([*form_of, *_named(asked)]), "told"),
        exp.alias_(_text(_named(of_runs)), "of_runs"),
    )
    return tree.order_by(number.copy())


def _named(parts: Iterable[str]) -> list[exp.Expr]:
    """Each part's name and its rows."""
    found: list[exp.Expr] = []
    for name in parts:
        rows = exp.func("coalesce", exp.column("said", f"part_{name}"), exp.cast(exp.Literal.string("[]"), "json"))
        found += [exp.Literal.string(name), rows]
    return found


def _text(named: list[exp.Expr]) -> exp.Expr:
    return exp.cast(exp.Anonymous(this="json_object", expressions=named), exp.DataType.Type.VARCHAR)
