"""Customers have accounts, and buy under one they had by then."""

from __future__ import annotations

import numpy as np
import pytest

from clientela.testing.company.buying.latent import latent
from clientela.testing.company.people.accounts import OFFICE, accounts, used
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World


def test_everybody_has_an_account_from_the_first_purchase_on_and_some_persons_get_more() -> None:
    world = World(customers=20_000, second_accounts=0.25)
    habits = latent(world)
    held = accounts(world, habits)
    first, count = held.first[:-1], np.diff(held.first)
    assert np.array_equal(held.customer[first], np.arange(world.customers))
    assert np.array_equal(held.since[first], habits.joins)
    assert np.mean(count[~habits.company] > 1) == pytest.approx(0.25, abs=0.01)
    assert set(count[habits.company]) == {1}
    assert np.array_equal(held.system[first] == OFFICE, habits.company)
    assert (np.diff(held.since)[held.customer[1:] == held.customer[:-1]] >= 0).all()


def test_a_purchase_is_made_under_an_account_of_its_customer_that_there_is_already() -> None:
    world = World(customers=5_000, second_accounts=0.6)
    habits = latent(world)
    held = accounts(world, habits)
    rng = stream(1, "test")
    customer = rng.integers(-1, world.customers, 60_000)
    at = habits.joins[customer] + rng.exponential(30, len(customer))
    account = used(held, rng, customer, at)
    known = customer >= 0
    assert set(account[~known]) == {-1}
    assert np.array_equal(held.customer[account[known]], customer[known])
    assert (held.since[account[known]] <= at[known]).all()


def test_a_new_account_of_the_same_system_takes_the_place_of_the_old_one() -> None:
    world = World(customers=5_000, second_accounts=1.0, organisations=0.0)
    held = accounts(world, latent(world))
    two = np.flatnonzero(np.diff(held.first) == 2)
    first = held.first[two]
    same = held.system[first] == held.system[first + 1]
    account = used(held, stream(1, "later"), two, np.full(len(two), 1e9))
    assert np.array_equal(account[same], first[same] + 1)
    assert np.mean(account[~same] == first[~same] + 1) == pytest.approx(0.35, abs=0.04)
