"""lifetime-value, its tables and its fit: it foresees what comes, says no more than it may, or abstains."""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import numpy as np
import pytest

from clientela.analyse.customer.lifetime.candidates import NAIVE, WITH_RECENT
from clientela.contracts.analysis import Arrays
from clientela.estimators.lifetime.ways import WAYS
from clientela.warehouse.engine import Engine
from tests.unit.analyse.lifetime.shops import AS_OF, HORIZON_DAYS, Shop, bought_on, counted, fitted, made, shop, told
from tests.unit.cube.published import Published

ORIGIN = AS_OF - timedelta(days=HORIZON_DAYS)


@pytest.fixture
def published() -> Iterator[Published]:
    with Engine.in_memory() as engine:
        yield Published(engine)


@pytest.fixture(scope="module")
def company() -> Shop:
    return shop(1, 1_500)


@pytest.fixture(scope="module")
def tables(company: Shop) -> dict[str, Arrays]:
    return fitted(company)


def winner(tables: Mapping[str, Arrays]) -> dict[str, Any]:
    place = int(np.flatnonzero(tables["model"]["winner"])[0])
    row = {name: values[place] for name, values in tables["model"].items()}
    return {**row, "parameters": json.loads(row["parameters"])}


def reason(tables: Mapping[str, Arrays]) -> dict[str, Any]:
    assert tables["model"]["candidate"][0] == "none"
    assert len(tables["lifetime_cell"]["purchases"]) == 0
    return dict(json.loads(tables["model"]["parameters"][0]))


def metric(tables: Mapping[str, Arrays], candidate: str, name: str) -> float:
    found = tables["backtest"]
    return float(found["value"][(found["candidate"] == candidate) & (found["metric"] == name)][0])


def feature(customer: int, back: int, x: int, revenue: str, recent: str, cost: str | None = None) -> dict[str, Any]:
    """A row of ``customer_feature``; of ``cost`` a tenth of the revenue it is known for is margin."""
    on = AS_OF - timedelta(days=HORIZON_DAYS * back)
    row: dict[str, Any] = {
        "customer_id": customer, "as_of": on, "repeat_purchases": x, "recency_days": 10 * x, "age_days": 100,
        "recent_purchases": 1, "first_bought_on": on, "last_bought_on": on, "revenue": Decimal(revenue),
        "recent_revenue": Decimal(recent), "year_revenue": Decimal(revenue),
    }  # fmt: skip
    return row | ({"revenue_with_cost": Decimal(cost), "margin": Decimal(cost) / 10} if cost is not None else {})


def test_money_is_margin_where_four_fifths_of_the_costs_are_known(published: Published):
    counted(published, [feature(1, 0, 1, "80", "40", "80"), feature(2, 0, 0, "20", "20")])
    assert made(published, "lifetime_basis") == [
        {"basis": "margin", "share_kept": Decimal("0.1"), "share_known": Decimal("0.8")}
    ]
    found = {
        row["customer_id"]: (row["brought"], row["amount"], row["recent"]) for row in made(published, "lifetime_money")
    }
    assert found == {1: (8, 4, 4), 2: (2, 2, 2)}  # the second has no cost: a tenth, as the others bring


def test_money_is_revenue_where_costs_are_hardly_known(published: Published):
    counted(published, [feature(1, 0, 1, "79", "40", "79"), feature(2, 0, 0, "21", "21")])
    assert made(published, "lifetime_basis")[0]["basis"] == "revenue"
    assert [row["brought"] for row in made(published, "lifetime_money")] == [79, 21]


def test_the_trial_joins_what_was_known_with_what_came(published: Published):
    counted(
        published,
        [
            feature(1, 1, 1, "80", "40"), feature(1, 0, 2, "100", "20"), feature(2, 1, 0, "20", "20"),
            feature(2, 0, 0, "15", "-5"), feature(3, 0, 0, "9", "9"),
        ],
    )  # fmt: skip
    found = {
        (row["as_of"], row["customer_id"]): (row["came"], row["amount"]) for row in made(published, "lifetime_trial")
    }
    assert found == {
        (ORIGIN, 1): (20, 40), (ORIGIN, 2): (-5, 20),  # a return counts against it
        (AS_OF, 1): (None, Decimal("33.3333")), (AS_OF, 2): (None, 15), (AS_OF, 3): (None, 9),  # what comes is to come
    }  # fmt: skip


def test_histories_and_amounts_are_counted_by_date(published: Published):
    counted(published, [feature(n, 0, n % 2, str(10 + n), "3") for n in range(4)] + [feature(1, 1, 0, "-1", "0")])
    count = {(row["as_of"], row["repeat_purchases"]): row for row in made(published, "lifetime_count")}
    assert count[AS_OF, 0]["customers"] == 2
    assert count[AS_OF, 0]["amount"] == 22
    assert float(count[AS_OF, 0]["amount_norm"]) == pytest.approx((10**2 + 12**2) ** 0.5)
    amounts = made(published, "lifetime_amount")
    assert sum(row["customers"] for row in amounts) == 4  # who brought less than nothing is left out
    assert sum(row["amount"] for row in amounts) == 22 + (11 + 13) / Decimal(2)


def test_it_foresees_what_all_customers_bring_in_a_year(company: Shop, tables: dict[str, Arrays]):
    said = winner(tables)["parameters"]
    expected, low, high = said["worth"]
    assert low < company.came(365) * 0.955 < high  # what comes later counts less: about half a year at 10 %
    assert (high - low) / expected < 0.5
    assert (said["basis"], said["customers"]) == ("margin", company.purchases.customers)


def test_every_candidate_was_tested_at_the_newest_date_and_learned_before_it(tables: dict[str, Arrays]):
    found = tables["backtest"]
    assert set(found["candidate"]) == {*NAIVE, *WAYS, *WITH_RECENT}
    assert set(found["origin"]) == {np.datetime64(ORIGIN, "D")}
    assert set(found["fitted_at_origins"]) == {"2023-06-29, 2023-09-29, 2023-12-30"}


def test_the_winner_comes_nearer_than_the_best_naive_and_ranks_well(tables: dict[str, Arrays]):
    name = winner(tables)["candidate"]
    assert metric(tables, name, "mae") < min(metric(tables, each, "mae") for each in NAIVE)
    assert metric(tables, name, "gini") > 0.5
    assert abs(metric(tables, name, "bias")) < 0.1
    assert 0.7 < metric(tables, name, "inside") <= 0.95


def test_what_came_after_the_newest_date_changes_neither_choice_nor_forecast_of_it(published: Published, company: Shop):
    from clientela.analyse.customer.lifetime.fit import fit_lifetime

    given = counted(published, company.features())
    trial = dict(given["lifetime_trial"])
    newest = trial["as_of"] == np.datetime64(ORIGIN, "D")
    shuffled = trial["came"].copy()
    shuffled[newest] = np.random.default_rng(3).permutation(shuffled[newest])
    one, other = (
        fit_lifetime({**given, "lifetime_trial": {**trial, "came": came}}, company.context)
        for came in (trial["came"], shuffled)
    )
    for name in WAYS:
        assert metric(one, name, "said") == metric(other, name, "said")
    for name in WITH_RECENT:
        assert metric(one, name, "said") == metric(other, name, "said")


def test_the_scores_add_up_to_the_total(published: Published, company: Shop):
    _, tables = told(published, company)
    scores = made(published, "lifetime_value")
    assert len(scores) == company.purchases.customers
    assert float(sum(row["value"] for row in scores)) == pytest.approx(
        winner(tables)["parameters"]["worth"][0], rel=1e-4
    )
    assert all(row["low"] <= row["value"] <= row["high"] for row in scores)
    assert sum(row["customers"] for row in made(published, "lifetime_tenth")) == len(scores)


@pytest.mark.slow
def test_eight_of_ten_ranges_of_the_year_hold_what_comes():
    held = []
    for seed in range(300, 360):
        company = shop(seed, 250)
        found = fitted(company)
        if found["model"]["winner"].any():
            _, low, high = winner(found)["parameters"]["worth"]
            held.append(low <= company.came(365) * 0.955 <= high)
    assert len(held) >= 30
    assert 0.68 <= np.mean(held) <= 0.95


def test_nobody_has_bought():
    assert reason(fitted(bought_on())) == {"reason": "no_customers"}


@pytest.mark.parametrize("customers", [1, 5])
def test_a_handful_of_customers_is_too_few(customers: int):
    few = bought_on(*((each, day) for each in range(customers) for day in range(each, 460, 20)))
    assert reason(fitted(few)) == {"reason": "few_customers", "customers": customers, "needed": 20}


def test_nobody_buys_twice():
    rng = np.random.default_rng(3)
    assert reason(fitted(bought_on(*((each, int(rng.integers(460))) for each in range(100))))) == {
        "reason": "no_repeat", "customers": 100,
    }  # fmt: skip


def test_purchases_that_bring_nothing_have_no_worth():
    given = bought_on(*((each, day) for each in range(40) for day in range(each, 460, 30)), amount=-1.0)
    assert reason(fitted(given))["reason"] == "no_amounts"


def test_where_all_that_came_in_the_test_was_sent_back_no_method_is_judged():
    sold = shop(6, 120)
    late = sold.purchases.day >= sold.days - HORIZON_DAYS
    given = replace(sold, amounts=np.where(late, -sold.amounts, sold.amounts))
    found = fitted(given)
    assert reason(found) == {"reason": "nothing_came"}
    assert not found["lifetime_cell"]["as_of"].size


def test_a_short_history_says_how_long_it_must_be():
    young = shop(6, 300)
    young = Shop(young.purchases, young.amounts, days=200, origins=2)
    assert reason(fitted(young)) == {"reason": "too_short", "days": 200, "needed": 276}


def test_all_purchases_of_one_amount_are_no_obstacle():
    rng = np.random.default_rng(8)
    days = {(each, int(day)) for each in range(120) for day in np.cumsum(rng.exponential(25, 30)) if day < 552}
    found = fitted(bought_on(*sorted(days)))
    assert found["model"]["candidate"].size
    assert np.isfinite(found["lifetime_cell"]["purchases"]).all()


@pytest.mark.parametrize("seed", range(6))
def test_thirty_customers_get_a_range_or_a_reason(seed: int):
    found = fitted(shop(50 + seed, 30))
    if found["model"]["winner"].any():
        expected, low, high = winner(found)["parameters"]["worth"]
        assert 0 < low < expected < high
    else:
        assert reason(found)["reason"] in ("few_customers", "no_better", "no_model", "no_amounts")
