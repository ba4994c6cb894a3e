"""What is currently said of every key by customer_record, in one row a key: the work table ``record``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlglot import exp

from clientela.capture.conform import Conformed
from clientela.capture.deliveries import Deliveries
from clientela.capture.versions import base_table, columns, current_rows
from clientela.contracts.delivered.people import CUSTOMER_RECORD
from clientela.pipeline.joining.keys import KEY, work
from clientela.unify.standardise import content
from clientela.warehouse.engine import Engine
from clientela.warehouse.physical import column

RECORD = "record"
# Without any of these two records cannot be compared: then a key is a customer.
NAMING = frozenset({"full_name", "first_name", "last_name", "company", "email", "phone", "tax_id"})
_EVENT = {"happened_at": "created_at", "happened_on": "created_on"}
_VERSION = ("known_from", "known_until", "known_assumed", "record_id", "source")


def delivered(conformed: Sequence[Conformed]) -> bool:
    """Whether anybody delivers customer_record."""
    return any(each.batch.table == CUSTOMER_RECORD.name and not each.kept_out for each in conformed)


def comparable(conformed: Sequence[Conformed]) -> bool:
    """Whether what is delivered of customers can say that two records are one."""
    return any(each.batch.table == CUSTOMER_RECORD.name and NAMING & each.columns for each in conformed)


def write_record(
    engine: Engine, conformed: Sequence[Conformed], sources: Sequence[Deliveries], *, today: date | None = None
) -> int:
    """Write the work table ``record`` from what the sources delivered to customer_record; returns its rows.

    Needs the work table ``customer_key``. Where several systems speak of one key, the row of the system whose key it
    is comes first, then the latest; what it leaves open the next one says. ``content`` is the hash of what
    standardising reads of a row: where it is the same, so is what comes of it.

    Parameters
    ----------
    today : the day of the run; no one is born after it.
    """
    shared = any(each.section.source.keys_of for each in conformed if each.batch.table == CUSTOMER_RECORD.name)
    rows = _once(current(sources, dated=True)) if shared else current(sources)
    listed = [*map(column, _names()), exp.alias_(content(today), "content")]
    query = exp.select(*listed).from_(rows.subquery("said"))
    return engine.run(exp.Create(this=work(RECORD), kind="TABLE", replace=True, expression=query))


def current(sources: Sequence[Deliveries], *, dated: bool = False) -> exp.Select:
    """The query for the current version of every row of customer_record, each with its key and its pseudonym.

    Parameters
    ----------
    dated : whether to tell since when each row is known, and whose key it bears.
    """
    key = exp.alias_(work(KEY), "named", table=True)
    number = exp.Anonymous(this="id63", expressions=[exp.column("customer_ref", table="named")])
    listed: list[exp.Expr] = [exp.column(name, table="named") for name in ("customer_ref", "record_id", "first_run")]
    listed += [exp.alias_(_of(name), _EVENT.get(name, name), quoted=True) for name in ("source", *_said())]
    if dated:
        listed += [_of("known_from"), exp.alias_(exp.column("source", table="named"), "key_of")]
    rows = base_table(CUSTOMER_RECORD, sources) if dated else current_rows(CUSTOMER_RECORD, sources)
    query = exp.select(*listed).from_(rows.subquery("version")).join(key, on=number.eq(_of("record_id")))
    return query.where(_of("known_until").is_(exp.null())) if dated else query


def _once(rows: exp.Select) -> exp.Select:
    """Each key once: of every column the first that is said, the system's own row before the latest of others."""
    said = exp.Case(
        ifs=[exp.If(this=column("source").eq(column("key_of")), true=exp.Literal.number(0))],
        default=exp.Literal.number(1),
    )
    order = exp.Order(
        expressions=[
            exp.Ordered(this=said, nulls_first=False),
            exp.Ordered(this=column("known_from"), desc=True, nulls_first=False),
            exp.Ordered(this=column("source"), nulls_first=False),
        ]
    )
    place = exp.Window(this=exp.RowNumber(), partition_by=[column("customer_ref")], order=order)
    placed = exp.select("*", exp.alias_(place, "_place")).from_(rows.subquery("said"))
    first = [
        exp.alias_(
            exp.Filter(
                this=exp.ArgMin(this=column(name), expression=column("_place")),
                expression=exp.Where(this=column(name).is_(exp.null()).not_()),
            ),
            name,
            quoted=True,
        )
        for name in _names()
        if name != "customer_ref"
    ]
    return exp.select(column("customer_ref"), *first).from_(placed.subquery("placed")).group_by(column("customer_ref"))


def _names() -> tuple[str, ...]:
    """The columns of ``record``."""
    said = (_EVENT.get(name, name) for name in _said())
    return ("customer_ref", "source", "record_id", "first_run", *said)


def _said() -> tuple[str, ...]:
    return tuple(name for name in columns(CUSTOMER_RECORD) if name not in _VERSION)


def _of(name: str) -> exp.Column:
    return exp.column(exp.to_identifier(name, quoted=True), table="version")
