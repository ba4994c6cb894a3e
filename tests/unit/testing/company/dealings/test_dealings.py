"""Subscriptions, invoices and touches come as often, and are, as the world says."""

from __future__ import annotations

import numpy as np
import pytest

from clientela.testing.company.buying.latent import latent
from clientela.testing.company.buying.purchases import Habit
from clientela.testing.company.dealings.invoices import TERMS, invoices
from clientela.testing.company.dealings.sales import Tills
from clientela.testing.company.dealings.subscriptions import share_that_stays, subscriptions
from clientela.testing.company.dealings.touches import KINDS, Kind, touches
from clientela.testing.company.people.accounts import accounts
from clientela.testing.company.world import World


def test_subscriptions_last_as_long_as_their_chances_say() -> None:
    world = World(customers=60_000, subscribers=1.0, subscription_shape=(0.7, 6.0))
    made = subscriptions(world, latent(world))
    for months in (1, 6, 12, 24):
        truth = float(share_that_stays(world, np.array(months)))
        assert np.mean(made.months > months) == pytest.approx(truth, abs=0.012)
    assert (made.ends[np.isfinite(made.ends)] < world.weeks).all()
    assert (made.starts >= latent(world).joins[made.customer]).all()
    assert len(np.unique(made.customer)) == len(made.customer)


def test_as_many_customers_subscribe_as_the_world_says() -> None:
    world = World(customers=20_000, subscribers=0.1, founders=1.0, weeks=300)
    assert len(subscriptions(world, latent(world)).customer) / world.customers == pytest.approx(0.1, abs=0.01)


def test_a_company_gets_one_invoice_an_order_and_pays_it_when_it_does() -> None:
    world = World(customers=3_000, organisations=0.5, paid_late=0.3, never_paid=0.05, weeks=20)
    habits = latent(world)
    habit, tills = Habit.begun(world, habits), Tills.opened(world, habits, accounts(world, habits))
    weeks = [tills.ring_up(habit.next_week(), week) for week in range(world.weeks)]
    made = [invoices(world, habits.company, lines, week) for week, lines in enumerate(weeks)]
    orders = np.concatenate([each.order for each in made])
    sold = {o for lines in weeks for o, c, r in zip(lines.order, lines.customer, lines.returns, strict=True)
            if c >= 0 and r < 0 and habits.company[c]}  # fmt: skip
    assert set(orders) == sold
    assert len(orders) == len(sold)
    first = weeks[0]
    at = made[0].order[0]
    assert made[0].amount[0] == first.revenue[first.order == at].sum()
    issued, due, paid = (np.concatenate([getattr(each, name) for each in made]) for name in ("issued", "due", "paid"))
    assert set(due - issued) == set(TERMS)
    assert np.mean(np.isinf(paid)) == pytest.approx(0.05, abs=0.01)
    assert np.mean(np.isfinite(paid) & (paid > due)) == pytest.approx(0.3, abs=0.02)
    assert (paid >= issued).all()


def test_a_customer_has_about_twenty_visits_three_contacts_and_half_a_case_in_three_years() -> None:
    world = World(customers=4_000)
    habits = latent(world)
    count = {kind: sum(len(touches(world, habits, kind, week)) for week in range(world.weeks)) for kind in KINDS}
    each = {kind: number / world.customers for kind, number in count.items()}
    assert each["visits"] == pytest.approx(20, abs=1.5)
    assert each["calls"] + each["mailings"] == pytest.approx(3, abs=0.3)
    assert each["cases"] == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_happens_before_a_customer_comes_and_all_of_a_week_lies_in_it(kind: Kind) -> None:
    world = World(customers=4_000, **{kind: 0.5})
    habits = latent(world)
    made = touches(world, habits, kind, 30)
    day = np.floor(made.at * 7)
    assert len(made) > 400
    assert (day >= np.floor(habits.joins[made.customer] * 7)).all()
    assert ((made.at >= 30) & (made.at < 31)).all()
    assert (np.diff(made.at) >= 0).all()


def test_who_is_content_answers_so_and_complains_less() -> None:
    world = World(customers=30_000, surveys=0.5, cases=0.5)
    habits = latent(world)
    answers, cases = touches(world, habits, "surveys", 20), touches(world, habits, "cases", 20)
    assert np.corrcoef(answers.size, habits.content[answers.customer])[0, 1] > 0.6
    assert habits.content[cases.customer].mean() < -0.3
