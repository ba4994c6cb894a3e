"""What is refused in a model, and what is written out."""

from __future__ import annotations

import pytest

from clientela.errors import ModelError, NotPortableError
from clientela.warehouse.portable import base_tables, parse_model

GOOD = (
    "select a, count(*) as n from t group by a",
    "select a, sum(b) over (partition by a order by c rows between unbounded preceding and current row) as s from t",
    "select sum(b) over (order by c range between interval 30 days preceding and current row) as s from t",
    "select cast(cast(:as_of as date) - interval 92 day as date) as d from t",
    "select cast(happened_on + interval (:lapse_days) day as date) as d from t",
    "select date_diff('day', a_on, cast(:as_of as date)) as n from t",
    "select a // 7 as w, a % 1000 as p, a / nullif(b, 0) as q, a / 7 as r from t",
    "select sum(cast(a / nullif(b, 0) as decimal(18, 9))) as s from t",
    "select cast(floor(a) as bigint) as f, cast(sum(a) as bigint) as s, cast(round(b, 0) as bigint) as r from t",
    "select cast(date_trunc('month', happened_on) as date) as m, strftime(happened_on, '%Y-%m') as t from t",
    "select string_agg(a, ',' order by a) as s from t",
    "select a, grouping(a) as ga, grouping(b) as gb, count(*) as n from t group by grouping sets ((a), (b), ())",
    "select a from t qualify row_number() over (partition by a order by b) = 1",
    "select id63(customer_ref) as customer_id, md5(a) as m from t",
    "select email from people.customer_record",
    "select arg_max(a, b) as m, count(*) filter (where c) as n, bool_or(c) as o from t",
    "select a from (values (1), (2)) as v(a) union all select b from u",
    "select case when a in ('x', 'y') and b is not null then greatest(a, b) else coalesce(c, 'z') end as d from t",
)
BAD = {
    "select * from t": "list the columns",
    "select t.* from t": "list the columns",
    "select columns('a') as b from t": "Columns is not in the portable subset",
    "select count(*) as n, now() as n2 from t": "the function now",
    "select random() as r from t": "Rand is not in",
    "select avg(a) as m from t": "Avg is not in",
    "select stddev(a) as m from t": "not in the portable subset",
    "select median(a) as m from t": "Median is not in",
    "select quantile_cont(a, 0.5) as m from t": "not in the portable subset",
    "select a / b as q from t": "write nullif",
    "select a // b as q from t": "write nullif",
    "select a % b as q from t": "write nullif",
    "select a / 0 as q from t": "write nullif",
    "select ln(a) as q from t": "the logarithm of zero",
    "select log(a) as q from t": "Log is not in",
    "select sum(a / nullif(b, 0)) as s from t": "cast each term to decimal",
    "select sum(sqrt(a)) as s from t": "cast each term to decimal",
    "select sum(cast(a as double)) as s from t": "cast each term to decimal",
    "select sum(round(a / nullif(b, 0), 2)) as s from t": "cast each term to decimal",
    "select cast(a as int) as i from t": "the type INT",
    "select cast(a as bigint) as i from t": "write round",
    "select cast(a * b as bigint) as i from t": "write round",
    "select cast(a as decimal(18)) as i from t": "states its precision",
    "select cast(ordered_at as date) as d from t": "use its ..._on column",
    "select floor(a) as f from t": "cast the result",
    "select date_trunc('month', a_on) as m from t": "cast the result",
    "select date_diff('month', a_on, b_on) as m from t": "count days",
    "select dayofweek(a_on) as m from t": "not in the portable subset",
    "select monthname(a_on) as m from t": "not in the portable subset",
    "select b_on - a_on as n from t": "use date_diff",
    "select a_on + interval 1 day as d from t": "cast the result to date",
    "select cast(:as_of as timestamp) as d from t": "write cast(:as_of as date)",
    "select a from t where a_on < :as_of": "write cast(:as_of as date)",
    "select a from t where known_from < cast(:known_at as timestamp)": "the warehouse puts this in",
    "select regexp_replace(a, 'x', 'y') as r from t": "not in the portable subset",
    "select substring(a, 0, 2) as s from t": "the first character has number 1",
    "select grouping(a, b) as g from t group by cube(a, b)": "one column each",
    "select distinct on (a) a, b from t": "qualify row_number()",
    "select distinct a from t qualify row_number() over (order by a) = 1": "use a CTE",
    "select a from t natural join u": "name the columns to join on",
    "select a from t asof join u on t.a >= u.a": "name the columns to join on",
    "select a from read_csv('x.csv')": "tables, not files",
    "select a from 'x.parquet'": "tables, not files",
    "select a from generate_series(1, 2) as s(a)": "not in the portable subset",
    "select a from other.t": "only the database 'people'",
    "select a from t tablesample 10%": "TableSample is not in",
    "select a from t order by a limit 3": "Limit is not in",
    "with recursive r as (select 1 as a) select a from r": "recursion",
    "select string_agg(a, ',') as s from t": "states its order",
    "select strftime(a_on, '%G-W%V') as w from t": "the format is one of",
    "select [1, 2] as l from t": "Array is not in",
}


@pytest.mark.parametrize("sql", GOOD)
def test_portable_forms_pass(sql: str) -> None:
    parse_model(sql, "good")


@pytest.mark.parametrize("sql", BAD)
def test_each_trap_is_refused_with_what_to_write_instead(sql: str) -> None:
    with pytest.raises(NotPortableError) as caught:
        parse_model(sql, "bad")
    assert BAD[sql] in str(caught.value)
    assert str(caught.value).startswith("model 'bad': '")


def test_division_is_a_double_on_every_engine() -> None:
    tree = parse_model("select (a + b) / nullif(c, 0) / 2 as q from t", "q")
    said = "SELECT CAST(CAST((a + b) AS DOUBLE) / NULLIF(c, 0) AS DOUBLE) / 2 AS q FROM t"
    assert tree.sql("duckdb") == said
    assert tree.sql("spark") == said


@pytest.mark.parametrize(
    "sql",
    [
        "with order_line as (select a from t) select a from order_line",
        "with x as (select a from x) select a from x",
        "with mine as (select a from t) select a from mine",
        "with x as (select a from t) select a from (with x as (select b from u) select b as a from x) as y",
    ],
)
def test_a_cte_never_bears_a_tables_name(sql: str) -> None:
    with pytest.raises(ModelError, match="bears the name of a table"):
        parse_model(sql, "mine", tables={"order_line"})


@pytest.mark.parametrize(
    "sql", ["", "select 1 as a; select 2 as a", "drop table t", "select from where", "create table a as select 1 as b"]
)
def test_a_model_is_one_select(sql: str) -> None:
    with pytest.raises(ModelError):
        parse_model(sql, "m")


def test_all_reasons_are_told_at_once() -> None:
    with pytest.raises(NotPortableError) as caught:
        parse_model("select *, avg(a) as m, b / c as q from t", "m")
    assert str(caught.value).count("; ") == 2


def test_base_tables_are_those_that_are_no_cte() -> None:
    tree = parse_model("with x as (select a from t) select x.a from x join people.u as u on u.a = x.a", "m")
    assert {(table.db, table.name) for table in base_tables(tree)} == {("", "t"), ("people", "u")}
