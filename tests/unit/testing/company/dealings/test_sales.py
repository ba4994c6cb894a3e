"""Lines have the products, prices and returns that the world says."""

from __future__ import annotations

import numpy as np
import pytest

from clientela.testing.company.buying.assortment import assortment, promoted
from clientela.testing.company.buying.latent import latent
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.dealings.sales import NOBODY, PHONE, STORE, WEB, Lines, Tills, together
from clientela.testing.company.people.accounts import accounts
from clientela.testing.company.world import World


def sold(world: World) -> Lines:
    habits = latent(world)
    habit, tills = Habit.begun(world, habits), Tills.opened(world, habits, accounts(world, habits))
    return together([tills.ring_up(habit.next_week(), week) for week in range(world.weeks)])


def test_a_company_sells_as_much_as_its_description_says() -> None:
    world = World(customers=5_000)
    lines = sold(world)
    named = lines.taken(np.flatnonzero((lines.customer != NOBODY) & (lines.returns < 0)))
    assert len(np.unique(named.order)) / world.customers == pytest.approx(12, abs=1)
    assert len(named) / world.customers == pytest.approx(30, abs=3)


def test_each_line_has_one_place_in_one_order_of_one_customer() -> None:
    lines = sold(World(customers=500, weeks=52))
    assert len(np.unique(np.stack([lines.order, lines.line]), axis=1).T) == len(lines)
    first = np.flatnonzero(lines.line == 1)
    customer = np.zeros(lines.order.max() + 1, np.intp)
    customer[lines.order[first]] = lines.customer[first]
    assert np.array_equal(customer[lines.order], lines.customer)


def test_what_comes_back_was_sold_before_and_takes_all_its_money_with_it() -> None:
    world = World.plain(customers=4_000, returned=0.1, lines=3.0)
    lines = sold(world)
    back, there = np.flatnonzero(lines.returns >= 0), np.flatnonzero(lines.returns < 0)
    assert len(back) / len(there) == pytest.approx(0.1, abs=0.005)
    # a line is told by its order, product and pieces here: where an order has one twice, either will do
    told = zip(lines.order[there], lines.product[there], lines.pieces[there], strict=True)
    sales = dict(zip(told, zip(lines.revenue[there], lines.at[there], strict=True), strict=True))
    for place in back:
        revenue, at = sales[lines.returns[place], lines.product[place], -lines.pieces[place]]
        assert lines.revenue[place] == -revenue
        assert lines.at[place] > at


def test_only_what_is_promoted_costs_less_and_what_is_not_yet_launched_is_not_sold() -> None:
    world = World(customers=1_500, promotions=0.5, promotion_depth=0.2, returned=0.0)
    lines, made = sold(world), assortment(world)
    week = np.floor(lines.at).astype(int)
    cheaper = made.category[lines.product] == promoted(world)[week]
    full = made.list_price[lines.product] * lines.pieces
    assert np.array_equal(lines.discount, np.where(cheaper, np.round(full * 0.2), 0))
    assert np.array_equal(lines.revenue + lines.discount, full)
    assert cheaper.any()
    assert (made.launched[lines.product] <= week).all()
    assert (lines.product[week > 100] >= 0).all()


def test_who_is_known_to_spend_more_pays_more_for_a_product() -> None:
    world = World.plain(customers=3_000, spend_spread=0.5, rate_shape=30.0, rate_weeks=60.0)
    habits, lines, made = latent(world), sold(world), assortment(world)
    paid = np.log(made.list_price[lines.product])
    usual = np.bincount(lines.customer, paid, world.customers) / np.maximum(np.bincount(lines.customer), 1)
    often = np.bincount(lines.customer, minlength=world.customers) > 20
    slope = np.polyfit(np.log(habits.spend[often]), usual[often], 1)[0]
    assert slope == pytest.approx(1, abs=0.1)


def test_who_has_one_account_buys_where_it_is_and_nobody_is_unknown_in_the_web_shop() -> None:
    world = World(customers=2_000, online=0.5)
    habits, lines = latent(world), sold(world)
    held = accounts(world, habits)
    named = lines.customer != NOBODY
    assert set(lines.channel[~named]) == {STORE}
    single = named & (np.diff(held.first) == 1)[lines.customer]
    channel = np.where(habits.company, PHONE, np.where(habits.online, WEB, STORE))
    assert np.array_equal(lines.channel[single], channel[lines.customer[single]])
    share = (~named & (lines.returns < 0)).sum() / (named & (lines.returns < 0)).sum()
    assert share == pytest.approx(world.anonymous, abs=0.02)


def test_shops_are_open_by_day() -> None:
    lines = sold(World(customers=500, weeks=30))
    hour = lines.at * 7 % 1 * 24
    assert hour.min() + 1e-6 >= 9
    assert hour.max() - 1e-6 <= 21
