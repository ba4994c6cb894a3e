"""Groups of customers in a whole run: found, asked for, named as before, used in filters, never an exception."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from math import inf, log1p
from pathlib import Path
from typing import Any

import pytest
from sqlglot import parse_one

from clientela.contracts.insight import Table
from clientela.pipeline.serving import opened
from tests.pipeline.company import NOW, Shop, buying, shop

GROUPS = ("segments", "clusters", "life-cycle", "retention")
BESIDE = ("share-of-wallet", "customer-class", "satisfaction-effect")  # of which few orders alone can tell nothing


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


def test_how_many_of_the_lost_came_back_is_what_the_orders_say(made: Shop):
    with opened(made.workspace.folder) as (reader, _):
        lapse_days = int(reader.fetch(parse_one("select lapse_days from lapse")).to_pylist()[0]["lapse_days"])
    bought: dict[str, list[date]] = {}
    for line in buying(300, days=900):
        bought.setdefault(str(line[2]), []).append(date.fromisoformat(str(line[3])[:10]))

    def lost(on: date) -> set[str]:
        before = {who: max((day for day in days if day < on), default=None) for who, days in bought.items()}
        return {who for who, last in before.items() if last is not None and (on - last).days > lapse_days}

    today = NOW.date()
    were = lost(today - timedelta(days=92))
    said = [str(each) for each in made.workspace.ask("life-cycle").to_dict()["caveats"]]
    share = f"{1 - len(were & lost(today)) / len(were):.0%}"
    assert len(were) >= 30
    assert any(f"of those who counted as lost 92 days before, {share} are back" in each for each in said), (share, said)


def test_another_run_over_the_same_deliveries_calls_the_clusters_the_same(made: Shop):
    def clusters() -> dict[str, str]:
        asked = "select customer_id, segment from group_member where family = 'cluster' and valid_to is null"
        with opened(made.workspace.folder) as (reader, _):
            return {row["customer_id"]: row["segment"] for row in reader.fetch(parse_one(asked)).to_pylist()}

    before = clusters()
    made.workspace.run(now=NOW + timedelta(hours=1))
    assert len(before) == 300
    assert clusters() == before


AXES = ("days_since", "purchase_days", "basket", "age_days")


@dataclass(frozen=True)
class Clustered:
    """What a run published of clusters: the present one of each customer, the centres, and what they are made of."""

    cluster: dict[int, str]
    centres: list[dict[str, Any]]
    measured: dict[int, list[float]]

    @classmethod
    def of(cls, company: Shop) -> Clustered:
        with opened(company.workspace.folder) as (reader, _):

            def rows(asked: str) -> list[dict[str, Any]]:
                return list(reader.fetch(parse_one(asked)).to_pylist())

            member = rows("select customer_id, segment from group_member where family = 'cluster' and valid_to is null")
            feature = rows(
                "select customer_id, as_of, last_bought_on, repeat_purchases, revenue, age_days from customer_feature"
            )
            today = max(row["as_of"] for row in feature)
            return cls(
                cluster={row["customer_id"]: row["segment"] for row in member},
                centres=rows("select * from cluster_centre"),
                measured={
                    row["customer_id"]: [
                        float((today - row["last_bought_on"]).days),
                        float(row["repeat_purchases"] + 1),
                        max(float(row["revenue"]), 0.0) / (row["repeat_purchases"] + 1),
                        float(row["age_days"]),
                    ]
                    for row in feature
                    if row["as_of"] == today
                },
            )

    def nearest(self, measured: list[float]) -> str:
        """The cluster that somebody with these figures is in."""

        def apart(centre: dict[str, Any]) -> float:
            total = 0.0
            for axis, figure in zip(AXES, measured, strict=True):
                low, high, middle, width, at = (
                    float(centre[f"{axis}_{part}"]) for part in ("low", "high", "middle", "width", "centre")
                )
                total += ((min(max(log1p(figure), low), high) - middle) / (width or inf) - at) ** 2
            return total

        return str(min(self.centres, key=apart)["cluster"])


def test_a_month_later_those_who_did_not_move_are_in_the_cluster_they_were_in(tmp_path: Path):
    """Within a year and over a new year: customers move, the letters stay."""
    lines = buying(300, days=1000, last=date(2024, 2, 20))
    company = shop(tmp_path / "w")
    found = []
    for number, day in enumerate((date(2023, 12, 20), date(2024, 1, 20), date(2024, 2, 20))):
        before = date(2000, 1, 1) if number == 0 else day - timedelta(days=31)
        new = [line for line in lines if before.isoformat() <= str(line[3])[:10] < day.isoformat()]
        company.deliver(f"orders-{number}.csv", new)
        company.workspace.run(now=datetime.combine(day, time(8), UTC))
        found.append(Clustered.of(company))
    for before, after in pairwise(found):
        assert len({*before.cluster.values()}) >= 2
        unmoved = [who for who, was in before.cluster.items() if before.nearest(after.measured[who]) == was]
        kept = [after.cluster[who] == before.cluster[who] for who in unmoved]
        assert len(unmoved) >= 0.6 * len(before.cluster)
        assert sum(kept) >= 0.95 * len(kept)


@pytest.mark.parametrize("customers", [1, 4, 30])
def test_few_customers_are_told_so_and_nothing_breaks(tmp_path: Path, customers: int):
    company = shop(tmp_path / "w")
    company.deliver("orders-1.csv", buying(customers, days=300))
    company.workspace.run(now=NOW)
    for name in GROUPS:
        insight = company.workspace.ask(name)
        assert (insight.headline is None) == (insight.abstained is not None), name
        assert insight.to_text("es")
    for name in BESIDE:
        insight = company.workspace.ask(name)
        assert insight.abstained is not None, name
        assert insight.to_text("es")
    assert company.workspace.ask("clusters").abstained == (
        f"Only {customers} known customer{'s have' if customers > 1 else ' has'} bought. Clusters need 100: fewer "
        "differ by chance."
    )


def test_a_date_without_groups_says_how_to_make_them(made: Shop):
    day = (NOW - timedelta(days=40)).date()
    assert f"clientela run --as-of {day}" in str(made.workspace.ask("clusters", as_of=day).abstained)


def test_the_tiers_add_up_to_what_was_forecast(made: Shop):
    rows = made.workspace.query("customers_in_tiers", "customers_valued", by=["investment_tier"]).table.rows
    tiered = {name: (inside, valued) for name, inside, valued in rows if name is not None}
    assert set(tiered) <= {"tier:invest", "tier:maintain", "tier:do-not-invest"}
    assert sum(inside for inside, _ in tiered.values()) == 300
    assert all(inside == valued for inside, valued in tiered.values())
    assert made.workspace.ask("investment-tier").headline


def test_a_page_tells_what_its_customer_will_bring_as_the_cube_does(made: Shop):
    columns = ["customer_id", "worth", "worth_low", "worth_high", "worth_basis", "worth_days"]
    told = made.workspace.rows.page("customer_page", columns, limit=1_000).rows.rows
    worth = {row[0]: row[1] for row in told if row[1] is not None}
    counted = made.workspace.query("margin_to_come", by=["customer"], limit=1_000).table.rows
    assert worth == {int(customer): money for customer, money in counted if customer is not None}
    assert len(worth) == 300
    assert all(low <= there <= high for _, there, low, high, _, _ in told if there is not None)
    assert {row[4:] for row in told if row[1] is not None} == {("margin", 365)}


def test_the_best_are_a_tenth_and_the_others_are_looked_at(made: Shop):
    with opened(made.workspace.folder) as (reader, _):
        asked = """
        select is_best, count(*) as n from alike_trait
        where as_of = (select max(as_of) from alike_trait) group by is_best
        """
        found = {row["is_best"]: row["n"] for row in reader.fetch(parse_one(asked)).to_pylist()}
    assert found == {1: 30, 0: 270}
    insight = made.workspace.ask("look-alike")
    assert insight.headline or "Among customers" in str(insight.abstained)
