"""What is billed: currencies and their rates, tax by place and product, ways to pay."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from decimal import ROUND_HALF_UP, Decimal

import numpy as np
import pytest

from clientela.testing.company.buying.latent import latent
from clientela.testing.company.dealings.sales import PHONE, Lines
from clientela.testing.company.exports.billing.by_number import chance_of
from clientela.testing.company.exports.billing.currencies import OWN, WORTH, billed, converted, rates
from clientela.testing.company.exports.billing.payment import AT_TILLS, paid_by
from clientela.testing.company.exports.billing.tax import tax
from clientela.testing.company.people.accounts import OFFICE, accounts
from clientela.testing.company.places import districts
from clientela.testing.company.world import World

WORLD = World(customers=3_000, organisations=0.5, abroad=0.4)
HELD = accounts(WORLD, latent(WORLD))
COMPANIES = np.flatnonzero(HELD.system == OFFICE)


def lines(account: np.ndarray, revenue: np.ndarray, week: float = 5.5) -> Lines:
    n = len(account)
    zero = np.zeros(n, np.intp)
    return Lines(
        order=np.arange(n),
        line=zero + 1,
        customer=HELD.customer[account],
        account=account,
        at=np.full(n, week),
        channel=zero + PHONE,
        product=zero,
        pieces=zero + 1,
        revenue=revenue,
        discount=zero.astype(np.int64),
        cost=zero.astype(np.int64),
        returns=zero - 1,
    )


def test_a_share_of_the_companies_is_billed_in_pounds_dollars_or_francs() -> None:
    bills = billed(WORLD, HELD, lines(COMPANIES, np.full(len(COMPANIES), 10_000)))
    counted = Counter(bills.currency.tolist())
    assert 1 - counted[OWN] / len(COMPANIES) == pytest.approx(0.4, abs=0.04)
    for place in range(len(WORTH)):
        assert counted[place] / len(COMPANIES) == pytest.approx(0.4 / 3, abs=0.03)
    persons = np.flatnonzero(HELD.system != OFFICE)
    assert set(billed(WORLD, HELD, lines(persons, np.full(len(persons), 1))).currency) == {OWN}


def test_a_bill_is_worth_what_it_was_to_half_a_cent_of_its_currency() -> None:
    made = lines(COMPANIES, np.arange(len(COMPANIES)) * 37 - 900)
    bills, own = billed(WORLD, HELD, made), converted(WORLD, HELD, made)
    table = rates(WORLD, 5).columns
    rate = dict(zip(table["currency"].to_pylist(), map(Decimal, table["rate"].to_pylist()), strict=True))
    for place, currency in enumerate(bills.currency.tolist()):
        said = Decimal(int(bills.revenue[place])) / 100
        if currency != OWN:  # as the product converts: half up to four digits
            said = (said * rate[list(WORTH)[currency]]).quantize(Decimal("0.0001"), ROUND_HALF_UP)
        assert said * 10_000 == int(own["revenue"][place])
    assert np.abs(own["revenue"] - made.revenue * 100).max() <= 70


def test_rates_are_a_random_walk_by_the_week() -> None:
    world = World(weeks=400, rate_swing=0.01)
    walk = np.log([[float(each) for each in rates(world, week).columns["rate"].to_pylist()] for week in range(400)])
    assert np.std(np.diff(walk, axis=0)) == pytest.approx(0.01, rel=0.1)
    still = replace(world, rate_swing=0.0)
    assert rates(still, 399).columns["rate"].to_pylist() == ["1.150000", "0.920000", "1.030000"]


def test_tax_is_that_of_the_place_and_less_for_some_products() -> None:
    nation = np.array([each.nation for each in districts()])
    shops = np.array([int(np.flatnonzero(nation == each)[0]) for each in range(3)])
    full, less = (
        next(n for n in range(100) if bool(chance_of(1, "reduced tax", np.array([n]))[0] < 0.2) is reduced)
        for reduced in (False, True)
    )
    world = World()
    assert tax(world, np.array([1_000, 1_000, -1_000]), np.full(3, full), shops).tolist() == [210, 220, -210]
    assert tax(world, np.array([1_000, 1_005, 1_000]), np.full(3, less), shops).tolist() == [100, 101, 90]
    assert tax(World.plain(), np.array([1_000] * 3), np.full(3, full), shops).tolist() == [0, 0, 0]


def test_an_order_is_paid_the_same_way_however_often_it_is_sent() -> None:
    all_of_them = paid_by(WORLD, np.arange(20_000), AT_TILLS)
    assert paid_by(WORLD, np.array([77, 5]), AT_TILLS).to_pylist() == [all_of_them[77].as_py(), all_of_them[5].as_py()]
    counted = Counter(all_of_them.to_pylist())
    for way, share in AT_TILLS.items():
        assert counted[way] / 20_000 == pytest.approx(share, abs=0.015)
