"""Contracts in a whole run: delivered in a file, foretold, and listed as their system knows them."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from clientela.contracts.text import Amount
from clientela.workspace import open as open_workspace
from tests.pipeline.company import NOW, Shop, buying, shop

SOURCE = """
[[source]]
name = "shop"
table = "subscription"
path = "exports/contracts.csv"
delivery = "full"

[[source]]
name = "desk"
table = "product"
path = "exports/services.csv"
delivery = "full"
"""
HEADER = ("subscription_id", "customer_ref", "started_on", "ended_on", "period", "amount", "end_reason", "product_id")
LAST, DAYS, CONTRACTS = date(2024, 6, 30), 1_000, 1_200
pytestmark = pytest.mark.slow


def contracts() -> list[list[object]]:
    """Contracts by the month that end at renewals with a chance of their own, some for want of payment."""
    rng = np.random.default_rng(11)
    rows: list[list[object]] = []
    for number in range(CONTRACTS):
        began = LAST - timedelta(days=int(rng.integers(DAYS)))
        months, unpaid = rng.geometric(max(rng.beta(0.7, 6.0), 1e-6)), rng.geometric(0.01)
        ends = began + timedelta(days=int(min(months, unpaid, 600) * 365.25 / 12))
        is_over = ends <= LAST
        why = "" if not is_over else "Card expired" if unpaid < months else "Moved away"
        rows.append([f"s{number}", f"c{number % 60}", began, ends if is_over else "", "month", "14.90", why, "care"])
    return rows


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    company = shop(tmp_path_factory.mktemp("contracts") / "w", settings=SOURCE)
    company.deliver("orders-1.csv", [*buying(60, days=400), *delivered_under_contract()])
    deliver_contracts(company)
    company.workspace.run(now=NOW)
    yield company


def delivered_under_contract() -> list[list[object]]:
    """Order lines of the contracts' product, of three customers who had a contract then and one who never had any."""
    since = {row[1] for row in contracts() if str(row[2]) < "2024-01-01" and not row[3]}
    who = [*sorted(map(str, since))[:3], "c999"]
    return [[f"d{each}", "1", each, "2024-05-02 10:00:00", "care", "1", "14.90", "5.96"] for each in who]


def deliver_contracts(company: Shop) -> None:
    with (Path(company.exports) / "contracts.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        writer.writerows(contracts())
    services = "product_id,name,unit_cost,list_price\ncare,Care,5.96,14.90\n"
    (Path(company.exports) / "services.csv").write_text(services, encoding="utf-8")


def test_the_number_that_ends_is_foretold_of_all_that_run(made: Shop) -> None:
    said = made.workspace.ask("subscription-churn")
    assert not said.abstained
    running = sum(1 for row in contracts() if not row[3])
    assert made.workspace.query("subscriptions").table.rows[0][0] == running
    assert said.said.headline is not None
    assert said.said.headline.values["n"] == running
    assert said.said.figure is not None
    assert 0 < said.said.figure.low.value < said.said.figure.value.value < said.said.figure.high.value < running  # type: ignore[union-attr] # a forecast has both ends
    assert any("want of payment" in each.id for each in said.said.lead)


def test_what_they_leave_is_told_at_what_their_own_service_costs(made: Shop) -> None:
    said = made.workspace.ask("subscription-churn", parameters={"list": 5}).said
    assert said.evidence is not None
    assert said.evidence.sentences[-1].id == "The margin of every contract is counted at what its own product costs."
    assert said.lead[0].id.startswith("With them would go {loss} of margin a month")
    assert said.table is not None
    for row in said.table.rows:
        assert float(str(row[4])) == pytest.approx(0.6 * float(str(row[2])) * float(str(row[3])), abs=0.001)


def test_the_list_names_customers_as_their_system_does(made: Shop) -> None:
    table = made.workspace.ask("subscription-churn", parameters={"list": 5}).said.table
    assert table is not None
    assert len(table.rows) == 5
    known = {(str(row[0]), str(row[1])) for row in contracts()}
    assert {(str(row[0]), str(row[1])) for row in table.rows} <= known


def test_what_customers_are_worth_counts_orders_and_contracts_once(made: Shop) -> None:
    names = ("margin_to_come", "margin_to_come_orders", "margin_to_come_contracts", "contract_holders")
    told, orders, contracted, holders = made.workspace.query(*names).table.rows[0]
    assert told == orders + contracted
    assert 0 < float(str(contracted)) < float(str(told))
    assert holders == len({row[1] for row in contracts() if not row[3]})
    said = made.workspace.ask("lifetime-value").said
    assert [picture for picture in said.details if picture.x == "services"]
    assert any(
        each.values.get("n") == Amount(3, "count") for each in said.caveats if each.id.startswith("Order lines of {n}")
    )


def test_a_company_of_contracts_alone_is_told_what_its_customers_are_worth(tmp_path: Path) -> None:
    company = shop(tmp_path / "w", settings=SOURCE)
    (toml := tmp_path / "w" / "clientela.toml").write_text(_without_orders(toml.read_text(encoding="utf-8")))
    deliver_contracts(company)
    alone = open_workspace(tmp_path / "w")
    alone.run(now=NOW)
    said = alone.ask("lifetime-value")
    assert not said.abstained
    assert said.said.caveats[0].id.startswith("What customers will order is not in it.")
    assert said.said.figure is not None
    assert said.said.figure.low is not None


def _without_orders(settings: str) -> str:
    """The settings without the source of orders."""
    before, found, after = settings.partition('[[source]]\nname = "shop"\ntable = "order_line"')
    assert found
    return before + after[after.index("[[source]]") :]
