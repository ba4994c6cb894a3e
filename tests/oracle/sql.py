"""A question as SQL text over what was delivered, run by DuckDB alone: shares no code with the product.

Every level is a query of its own: the members with a ``group by``, the total without one. What was known of a table is
found by its own window over all that ever arrived, not by the versions that the product keeps.
"""

# ruff: noqa: S608 -- SQL written by hand is what this is
from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa

from clientela.contracts.filter import And, Condition, Filter, Not
from tests.oracle.company import FISCAL_DAY, FISCAL_MONTH, LAPSE_DAYS, NOWS, World, in_euro, in_utc, rate_on
from tests.oracle.dictionary import COUNTED, DIGITS, FACTS, FISCAL, RATIOS, facts, parts, unit
from tests.oracle.layout import SOURCES, Source

ALWAYS = datetime.fromisoformat("1900-01-01")
EVENTS = {
    "order_line": "ordered_at", "invoice": "issued_on", "subscription": "started_on", "opportunity": "opened_at",
    "interaction": "started_at", "service_case": "opened_at", "survey_answer": "answered_at", "contact": "sent_at",
    "response": "at",
}  # fmt: skip
REFERENCES = ("territory", "product", "target", "campaign", "contact_list")
# What belongs to a later moment, and the day of that moment: as of a day not after it, nobody knew.
LATER = {
    "invoice": {"paid_on": "paid_on", "payment_method": "paid_on"},
    "subscription": {"ended_on": "ended_on", "end_reason": "ended_on"},
    "service_case": dict.fromkeys(("closed_on", "handling_minutes", "cost", "outcome"), "closed_on")
    | {"first_reply_on": "first_reply_on"},
    "opportunity": dict.fromkeys(("closed_on", "status", "lost_reason"), "closed_on"),
}
MOST = {"nps": 10, "csat": 5, "ces": 7}
OF_LINES = ("net_revenue", "discount", "cost_of_goods")
# Months since the year 0, one fewer before the day on which the fiscal months start.
MONTH = f"(year(f.day) * 12 + month(f.day) - 1 - (day(f.day) < {FISCAL_DAY})::int)"
TIMES = {
    "day": "f.day",
    "week": "f.day - cast(isodow(f.day) - 1 as integer)",
    "month": "make_date(year(f.day), month(f.day), 1)",
    "quarter": "make_date(year(f.day), 1 + 3 * ((month(f.day) - 1) // 3), 1)",
    "year": "make_date(year(f.day), 1, 1)",
    **{
        name: f"make_date({{of}} // 12, {{of}} % 12 + 1, {FISCAL_DAY})".format(
            of=f"({MONTH} - ({MONTH} - {FISCAL_MONTH - 1}) % {each})"
        )
        for name, each in zip(FISCAL, (1, 3, 12), strict=True)
    },
}
GOODS = {"product_name": "name", "subcategory": "subcategory", "category": "category", "brand": "brand"}
UP = """up(leaf, name, level, parent_id, step) as (
    select territory_id, name, level, parent_id, 0 from known_territory
    union all
    select up.leaf, above.name, above.level, above.parent_id, step + 1
    from up join known_territory above on above.territory_id = up.parent_id where step < 9
)"""
LIES_IN = "(select arg_min(up.name, up.step) from up where up.leaf = f.territory_id and up.level = '{level}')"
LOOKED_UP = {
    **{
        name: f"(select p.{column} from known_product p where p.product_id = f.product_id)"
        for name, column in GOODS.items()
    },
    "territory": "(select t.name from known_territory t where t.territory_id = f.territory_id)",
    "district": LIES_IN.format(level="district"),
    "region": LIES_IN.format(level="region"),
    "nation": LIES_IN.format(level="nation"),
    "campaign": "(select c.name from known_campaign c where c.campaign_id = f.campaign_id)",
}


@dataclass(frozen=True)
class Looked:
    """From where a question looks: the date, and the moment before which things were known."""

    as_of: date
    known_at: datetime


@dataclass
class Oracle:
    """All that was delivered, in an engine of its own, beside what the run computed."""

    engine: duckdb.DuckDBPyConnection
    customers: dict[tuple[str, str], int]

    def rows(
        self, names: Sequence[str], by: Sequence[str], where: Filter | None, looked: Looked
    ) -> list[tuple[Any, ...]]:
        """The figures of each member."""
        return self._figures(names, tuple(by), where, looked)

    def total(self, names: Sequence[str], where: Filter | None, looked: Looked) -> tuple[Any, ...]:
        """The figures of all."""
        return self._figures(names, (), where, looked)[0]

    def _figures(
        self, names: Sequence[str], by: tuple[str, ...], where: Filter | None, looked: Looked
    ) -> list[tuple[Any, ...]]:
        counted = tuple(dict.fromkeys(part for name in names for part in parts(name)))
        sql = written(counted, by, where)
        for mark, value in (("{D}", f"date '{looked.as_of}'"), ("{K}", f"timestamp '{looked.known_at}'")):
            sql = sql.replace(mark, value)
        told = self.engine.execute(sql.replace("{L}", str(LAPSE_DAYS))).fetchall()
        width = len(by)
        found = []
        for row in told:
            of = dict(zip(counted, map(_plain, counted, row[width:]), strict=True))
            found.append((*row[:width], *(_figure(name, of) for name in names)))
        return found


def _plain(name: str, value: Any) -> Any:
    """A counted figure as it is told: what is empty where nothing is, to its digits."""
    if value is None:
        value = COUNTED[name].empty
    if value is None or DIGITS[COUNTED[name].unit] == 0:
        return value if value is None else int(value)
    return Decimal(value).quantize(Decimal(1).scaleb(-DIGITS[COUNTED[name].unit]), ROUND_HALF_UP)


def _figure(name: str, of: Mapping[str, Any]) -> Any:
    if name not in RATIOS:
        return of[name]
    above, below = (of[part] for part in RATIOS[name][:2])
    if above is None or not below:
        return None
    return (Decimal(above) / Decimal(below)).quantize(Decimal(1).scaleb(-DIGITS[unit(name)]), ROUND_HALF_UP)


def written(counted: tuple[str, ...], by: tuple[str, ...], where: Filter | None) -> str:
    """The SQL of counted figures: each fact by itself, put side by side by their members."""
    steps, used = [], facts(counted)
    for fact in used:
        rows = f"select {_seen(fact, by, where)} from ({FACTS[fact][0]}) f"
        kept = "" if where is None else f" where {condition(where)}"
        steps.append(f"{fact}_kept as (select * from ({rows}) x{kept})")
        mine = [f"{COUNTED[name].sql} as {name}_figure" for name in counted if COUNTED[name].fact == fact]
        members = "".join(f"{_member(number)}, " for number in range(len(by)))
        group = f" group by {members[:-2]}" if by else ""
        steps.append(f"{fact}_told as (select {members}{', '.join(mine)} from {fact}_kept{group})")
    figures = ", ".join(f"{name}_figure" for name in counted)
    if not by:
        told = ", ".join(f"{fact}_told" for fact in used)
        return f"with recursive {_known()}, {', '.join(steps)} select {figures} from {told}"
    keys = [_member(number) for number in range(len(by))]
    listed = ", ".join(keys)
    every = " union ".join(f"select {listed} from {fact}_told" for fact in used)
    joins = "".join(
        f" left join {fact}_told on " + " and ".join(f"{fact}_told.{key} is not distinct from m.{key}" for key in keys)
        for fact in used
    )
    named = ", ".join(f"m.{key}" for key in keys)
    return f"with recursive {_known()}, {', '.join(steps)} select {named}, {figures} from ({every}) m{joins}"


def _member(number: int) -> str:
    return f"member_{number}"


def _seen(fact: str, by: tuple[str, ...], where: Filter | None) -> str:
    """The columns of a fact's rows, those that they are seen by, and those that they are filtered by."""
    told = [f"{_dimension(name)} as {_member(number)}" for number, name in enumerate(by)]
    told += [f"{_dimension(name)} as by_{name}" for name in sorted(_names(where))]
    return ", ".join(["f.*", *told])


def _names(where: Filter | None) -> set[str]:
    if where is None:
        return set()
    if isinstance(where, Condition):
        return {where.field}
    inner = (where.part,) if isinstance(where, Not) else where.parts
    return {name for each in inner for name in _names(each)}


def _dimension(name: str) -> str:
    return TIMES.get(name) or LOOKED_UP.get(name) or f"f.{name}"


def condition(where: Filter) -> str:
    """A filter in words of SQL."""
    if isinstance(where, Not):
        return f"(not {condition(where.part)})"
    if not isinstance(where, Condition):
        sign, nothing = ("and", "true") if isinstance(where, And) else ("or", "false")
        return f"({f' {sign} '.join(map(condition, where.parts)) or nothing})"
    return _compared(f"by_{where.field}", str(where.operator), where.value)


def _compared(left: str, operator: str, value: Any) -> str:
    if operator == "is_null":
        return f"({left} is null)"
    if operator == "in":
        return f"({' or '.join(f'{left} = {_literal(each)}' for each in value) or 'false'})"
    if operator == "between":
        return f"({left} >= {_literal(value[0])} and {left} <= {_literal(value[1])})"
    if operator == "contains":
        without = f"length(replace({left}, {_literal(value)}, '')) < length({left})"
        return f"({without} or {_literal(value)} = '' and {left} is not null)"
    if operator == "starts_with":
        return f"(left({left}, {len(str(value))}) = {_literal(value)})"
    signs = {"eq": "=", "ne": "<>", "lt": "<", "le": "<=", "gt": ">", "ge": ">="}
    return f"({left} {signs[operator]} {_literal(value)})"


def _literal(value: Any) -> str:
    if isinstance(value, date):
        return f"date '{value}'"
    return str(value) if isinstance(value, int) else "'" + str(value).replace("'", "''") + "'"


def _known() -> str:
    return ", ".join([*(f"known_{table} as ({_known_of(table)})" for table in (*EVENTS, *REFERENCES)), UP])


def _known_of(table: str) -> str:
    """What was known of a table before {K}: of each key what arrived last, or what the source knew last."""
    (key,) = {source.key for source in SOURCES if source.table == table}
    keys = ", ".join((*(("source",) if table in EVENTS else ()), *key))
    later = LATER.get(table, {})
    told = ", ".join(f"case when {day} < {{D}} then {name} end as {name}" for name, day in later.items())
    columns = f"* replace ({told})" if later else "*"
    happened = " and happened_on < {D}" if table in EVENTS else ""
    newest = f"row_number() over (partition by {keys} order by said desc, delivery desc, place desc) as newest"
    held = f"select *, max(delivery) over (partition by source) as last_delivery from raw.{table} where told < {{K}}"
    placed = f"select *, {newest} from ({held}) h where not whole or delivery = last_delivery"
    return f"select {columns} from ({placed}) p where newest = 1 and since < {{K}}{happened}"


def oracle(made: World, deliveries: int, snapshots: Path) -> Oracle:
    """What the first deliveries brought, and what the run computed of it, read from its two files."""
    engine = duckdb.connect(config={"threads": 1})
    for name in ("facts", "people"):
        newest = max(snapshots.glob(f"{name}-*.duckdb"), key=lambda path: int(path.name.split("-")[1]))
        engine.execute(f"attach '{newest}' as {name} (read_only)")
    engine.execute("create schema stored")
    for table in (
        "score",
        "customer",
        "identity_pair",
        "identity_event",
        "duplicate_effect",
        "customer_consent",
        "record_field",
    ):
        engine.execute(f"create view stored.{table} as from facts.main.{table}")
    engine.execute(
        "create table stored.identity as select i.*, p.record_id, row_number() over (partition by i.customer_id"
        " order by i.first_run, i.source, p.record_id) = 1 as oldest from facts.main.identity i"
        " join people.main.identity p using (customer_ref)"
    )
    told = engine.execute("select source, record_id, customer_id from stored.identity").fetchall()
    customers = {(source, key): who for source, key, who in told}
    engine.execute("create schema raw")
    for table in (*EVENTS, *REFERENCES):
        rows = [
            {**row, **_arrived(made, source, number, row, place), **_who(customers, source, row)}
            for source in SOURCES
            if source.table == table
            for number in range(deliveries)
            for place, row in enumerate(made.rows[source.name, table][number])
        ]
        ready = [converted for row in rows if (converted := _converted(row)) is not None]
        engine.register("arriving", pa.Table.from_pylist(ready))
        engine.execute(f"create table raw.{table} as from arriving")
        engine.unregister("arriving")
    return Oracle(engine, customers)


def _who(customers: Mapping[tuple[str, str], int], source: Source, row: Mapping[str, Any]) -> dict[str, Any]:
    key = row.get("customer_ref")
    return {"customer": None if key is None else customers[str(source.keys), key]}


def _arrived(made: World, source: Source, number: int, row: Mapping[str, Any], place: int) -> dict[str, Any]:
    """When a row arrived, since when it was known, since when it replaces another, and what decides between two."""
    arrived = NOWS[number].replace(tzinfo=None)
    told = {"source": source.name, "delivery": number, "place": place, "whole": source.delivery == "full"}
    if source.table not in EVENTS:
        since = ALWAYS if number == 0 else arrived
        return {**told, "since": since, "told": since, "said": ALWAYS}
    moment = row[EVENTS[source.table]]
    happened = in_utc(moment) if isinstance(moment, datetime) else datetime.combine(moment, datetime.min.time())
    day = moment.date() if isinstance(moment, datetime) else moment
    told |= {"happened_at": happened, "happened_on": day}
    said_at = row.get(source.known or "")
    if source.known in row:
        since = min(arrived, in_utc(said_at) if said_at is not None else arrived)
        return {**told, "since": since, "told": since, "said": since}
    if source.known == "happened" or (source.known is None and number == 0):
        return {**told, "since": min(happened, arrived), "told": ALWAYS, "said": ALWAYS}
    return {**told, "since": arrived, "told": arrived, "said": ALWAYS}


def _converted(row: dict[str, Any]) -> dict[str, Any] | None:
    """Days beside moments, a kind where none was said, money in the company's currency; None: it stays out."""
    told = dict(row)
    if told.get("score") is not None and told["score"] > MOST[told["instrument"]]:
        return None  # no such answer on this scale: a bad row
    for name in ("closed_at", "first_reply_at"):
        if name in told:
            told[f"{name[:-3]}_on"] = None if told[name] is None else told[name].date()
    if "net_revenue" in told:
        rate = rate_on(told["currency"], told["happened_on"])
        if rate is None:
            return None
        told |= {name: in_euro(told[name], rate) for name in OF_LINES}
        given_back = told["net_revenue"] < 0 or (told["quantity"] is not None and told["quantity"] < 0)
        told["kind"] = told["kind"] or ("return" if given_back else "sale")
    return told
