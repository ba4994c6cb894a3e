"""A published snapshot of so many order lines, made by the engine itself: what figures are measured on.

Customers buy unevenly, lines come in orders of one to four, a tenth of the lines names no territory, one in two hundred
was corrected later. Everything follows from the number of a line, so the same call gives the same warehouse.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path
from time import perf_counter

import sqlglot
from sqlglot import exp

from clientela.config import Settings, load
from clientela.cube.declared.measure import MEASURES
from clientela.cube.fields import cast
from clientela.pipeline.clock import clock
from clientela.pipeline.rolling.asked import note, shapes_of
from clientela.pipeline.rolling.written import write_rollups
from clientela.pipeline.run import _manifest
from clientela.warehouse.build import Build
from clientela.warehouse.model import ALL
from clientela.warehouse.physical import all_columns
from clientela.warehouse.store.snapshot import current
from tests.benchmarks.jobs.cube_questions import QUESTIONS, scope

FIRST, LAST = date(2023, 1, 1), date(2024, 12, 30)
NOW = datetime(2024, 12, 31, 6, tzinfo=UTC)
LINE = """
with drawn as (
    select
        range as i,
        range * 2 // 5 as o,
        cast(floor($customers * pow(range / $lines, 1.5)) as bigint) as who
    from range($lines)
),
line as (
    select
        i, o, who,
        hash(o * 31 + 7) % 100000 as dice,
        hash(i * 17 + 3) % 100000 as die,
        cast(floor(5000 * pow((hash(i) % 1000003) / 1000003, 2)) as bigint) as product
    from drawn
)
select
    'shop' as source,
    'O' || o as order_id,
    cast(i - (o * 5 + 1) // 2 + 1 as varchar) as line_no,
    cast(case when dice < 4000 then null else who * $step + who % 1000 end as bigint) as customer_id,
    case when die < 2000 then 'return' when die < 2400 then 'cancellation' when die < 4000 then 'shipping'
        else 'sale' end as kind,
    cast(null as varchar) as returns_order_id,
    'P' || lpad(cast(product as varchar), 5, '0') as product_id,
    cast(case when die < 2400 then -1 else 1 end * (1 + die % 3) as decimal(18, 6)) as quantity,
    cast(case when die < 2400 then -1 else 1 end * (1 + die % 3)
        * (199 + product * 7919 % 4800) / 100.0 as decimal(18, 4)) as net_revenue,
    cast(null as decimal(18, 4)) as tax,
    cast(case when die % 4 = 0 then (199 + product * 7919 % 4800) / 1000.0 end as decimal(18, 4)) as discount,
    false as cost_assumed,
    cast(case when die % 50 > 2 then case when die < 2400 then -1 else 1 end * (1 + die % 3)
        * (199 + product * 7919 % 4800) * 6 / 1000.0 end as decimal(18, 4)) as cost_of_goods,
    'EUR' as currency,
    case dice % 7 when 0 then 'web' when 1 then 'web' when 2 then 'web' when 3 then 'app' when 4 then 'partner'
        else 'shop' end as channel,
    case when dice % 10 = 0 then null else 'T' || lpad(cast(who % 120 as varchar), 3, '0') end as territory_id,
    case when dice % 9 = 0 then 'C' || (dice % 12) end as campaign_id,
    case when dice % 3 = 0 then 'card' when dice % 3 = 1 then 'invoice' else 'cash' end as payment_method,
    timestamp '2023-01-01 08:00:00' + to_days(cast(day as integer)) + to_seconds(cast(dice % 36000 as integer))
        as happened_at,
    date '2023-01-01' + cast(day as integer) as happened_on,
    timestamp '2023-01-01 23:00:00' + to_days(cast(day as integer)) as known_from,
    case when die % 200 = 9 then timestamp '2024-12-30 01:00:00' end as known_until,
    false as known_assumed
from (select *, cast(729 * sqrt((hash(o * 13 + 1) % 1000003) / 1000003) as bigint) as day from line)
"""
PRODUCT = """
select
    'shop' as source,
    'P' || lpad(cast(range as varchar), 5, '0') as product_id,
    'Product ' || range as name,
    'Category ' || lpad(cast(range % 20 as varchar), 2, '0') as category,
    'Subcategory ' || lpad(cast(range % 100 as varchar), 3, '0') as subcategory,
    'Brand ' || lpad(cast(range % 60 as varchar), 2, '0') as brand,
    timestamp '1900-01-01' as known_from, cast(null as timestamp) as known_until, false as known_assumed
from range(5000)
"""
TERRITORY = """
select
    'erp' as source,
    territory_id, name, level, parent_id,
    timestamp '1900-01-01' as known_from, cast(null as timestamp) as known_until, false as known_assumed
from (
    select 'T' || lpad(cast(range as varchar), 3, '0') as territory_id, 'District ' || range as name,
        'district' as level, 'R' || range % 20 as parent_id from range(120)
    union all
    select 'R' || range, 'Region ' || range, 'region', 'N' || range % 4 from range(20)
    union all
    select 'N' || range, 'Nation ' || range, 'nation', null from range(4)
)
"""
HOME = """
select cast(range * $step + range % 1000 as bigint) as customer_id,
    'T' || lpad(cast(range % 120 as varchar), 3, '0') as territory_id
from range($customers)
"""
SETTINGS = """\
[company]
name = "Measured"
currency = "EUR"
timezone = "UTC"
lapse_days = 180

[[source]]
name = "shop"
table = "order_line"
path = "exports/*.parquet"
delivery = "append"
"""


def _with_all_columns(build: Build, name: str, tree: exp.Expr, given: dict[str, int]) -> exp.Select:
    there = build.engine.column_types(tree, given)
    columns = [
        exp.column(each) if each in there else exp.alias_(cast(exp.Null(), column.type), each)
        for each, column in all_columns(ALL[name]).items()
    ]
    return exp.select(*columns).from_(exp.Subquery(this=tree, alias=exp.to_identifier("made")))


def make(
    folder: str, lines: int, customers: int, *, memory_limit: str = "4GB", rollups: bool = True
) -> dict[str, object]:
    """Publish the snapshot in a new workspace; with the tables counted beforehand, as a run would."""
    workspace = Path(folder)
    workspace.mkdir(parents=True, exist_ok=True)
    (workspace / "clientela.toml").write_text(SETTINGS, encoding="utf-8")
    settings: Settings = load(workspace)
    if rollups:  # the questions were asked before, by the company and by somebody with ten grants
        for seen in (None, scope(10)):
            for asked in QUESTIONS.values():
                note(workspace, shapes_of(asked.measures, asked.by, asked.where, asked.wanted, seen), 0)
    numbers = {"lines": lines, "customers": customers, "step": 2**62 // customers}
    began, told = perf_counter(), list[dict[str, object]]()
    with Build(workspace, 1, threads=2, memory_limit=memory_limit) as build:
        for name, said in TABLES.items():
            tree = sqlglot.parse_one(said, dialect="duckdb")
            given = {each: number for each, number in numbers.items() if f"${each}" in said}
            build.create(name, _with_all_columns(build, name, tree, given), given, keys_proved=True)
        seconds = {"tables": perf_counter() - began}
        dates = clock(now=NOW, asked=None, first_day=FIRST, last_day=LAST, horizon_days=92, timezone="UTC")
        began = perf_counter()
        if rollups:
            told = write_rollups(build, workspace, settings, dates, MEASURES)
        seconds["rollups"] = perf_counter() - began
        beside = {"run": 1, "sources": [], "quality": {}, "warnings": [], "journals": {}, "rollups": told}
        build.publish({**_manifest(build, settings, dates, NOW), **beside})
    snapshot = current(workspace)
    assert snapshot is not None
    return {
        "seconds": seconds,
        "bytes": snapshot.manifest["files"]["facts"]["size"],
        "rollups": [(each["table"], each["by"], each["levels"], each["rows"]) for each in told],
    }


TABLES = {"product": PRODUCT, "territory": TERRITORY, "customer_territory": HOME, "order_line": LINE}
