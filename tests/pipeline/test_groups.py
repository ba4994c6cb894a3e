"""Groups of customers in a whole run: found, asked for, named as before, used in filters, never an exception."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlglot import parse_one

from clientela.contracts.insight import Table
from clientela.pipeline.serving import opened
from tests.pipeline.company import NOW, Shop, buying, shop

GROUPS = ("segments", "clusters", "life-cycle", "retention")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    company = shop(tmp_path_factory.mktemp("groups") / "w")
    company.deliver("orders-1.csv", buying(300, days=900))
    company.workspace.run(now=NOW)
    yield company


def table(company: Shop, name: str) -> Table:
    """The table of an answer as it was told, before it is said in a language."""
    shown = company.workspace.ask(name).said.table
    assert shown is not None
    return shown


def test_every_customer_is_in_one_group_of_each_kind(made: Shop):
    for dimension in ("rfm_group", "life_state", "cluster"):
        rows = made.workspace.query("buyers", by=[dimension]).table.rows
        assert sum(row[1] for row in rows) == 300, dimension
        assert None not in {row[0] for row in rows}, dimension


def test_the_table_of_segments_adds_up_to_the_revenue_of_the_year(made: Shop):
    rows = table(made, "segments").rows
    year = made.workspace.query("revenue", where="day >= '2023-07-02'").table.rows[0][0]
    assert sum(row[3] for row in rows) == year
    assert sum(row[1] for row in rows) == 300


def test_a_group_can_be_filtered_by(made: Shop):
    rows = {row[7]: row for row in table(made, "segments").rows}
    found = made.workspace.query("buyers", "revenue", where="rfm_group = 'rfm:champions'").table.rows[0]
    assert found[0] == rows["rfm:champions"][1] > 0


def test_retention_counts_by_hand(made: Shop):
    first: dict[str, str] = {}
    months: dict[str, set[str]] = {}
    for line in buying(300, days=900):
        month = str(line[3])[:7]
        first.setdefault(str(line[2]), month)
        months.setdefault(str(line[2]), set()).add(month)
    march = [who for who, month in first.items() if month == "2022-03"]
    rows = {str(row[0])[:7]: row for row in table(made, "retention").rows}
    assert rows["2022-03"][1] == len(march)
    assert float(rows["2022-03"][4]) == pytest.approx(
        sum("2022-06" in months[who] for who in march) / len(march), abs=1e-6
    )
    assert "2024-07" not in rows


def test_another_run_over_the_same_deliveries_calls_the_clusters_the_same(made: Shop):
    def clusters() -> dict[str, str]:
        asked = "select customer_id, segment from group_member where family = 'cluster' and valid_to is null"
        with opened(made.workspace.folder) as (reader, _):
            return {row["customer_id"]: row["segment"] for row in reader.fetch(parse_one(asked)).to_pylist()}

    before = clusters()
    made.workspace.run(now=NOW + timedelta(hours=1))
    assert len(before) == 300
    assert clusters() == before


@pytest.mark.parametrize("customers", [1, 4, 30])
def test_few_customers_are_told_so_and_nothing_breaks(tmp_path: Path, customers: int):
    company = shop(tmp_path / "w")
    company.deliver("orders-1.csv", buying(customers, days=300))
    company.workspace.run(now=NOW)
    for name in GROUPS:
        insight = company.workspace.ask(name)
        assert (insight.headline is None) == (insight.abstained is not None), name
        assert insight.to_text("es")
    assert company.workspace.ask("clusters").abstained == (
        f"Only {customers} known customer{'s have' if customers > 1 else ' has'} bought. Clusters need 100: fewer "
        "differ by chance."
    )


def test_a_date_without_groups_says_how_to_make_them(made: Shop):
    day = (NOW - timedelta(days=40)).date()
    assert f"clientela run --as-of {day}" in str(made.workspace.ask("clusters", as_of=day).abstained)
