"""What a world is like is found in the files it sends, by somebody who never sees its truth."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import chi2

from clientela.testing.company.company import Company
from clientela.testing.company.world import World
from tests.unit.testing.company.recovery.likelihoods import most_likely, pareto_nbd, shifted_beta_geometric
from tests.unit.testing.company.recovery.sent import Columns, Sent, numbered

STAYING = {"founders": 1.0, "leaving_shape": 0.0}


def lived(folder: Path, world: World) -> Sent:
    """The files of a world that was lived to its end; its truth is thrown away unread."""
    Company(world, exports=folder / "w" / "exports", truth=folder / "unread").deliver(world.ends)
    return Sent(folder / "w", world)


def orders(sent: Sent) -> Columns:
    """Orders as they came first: number, customer, when they were placed, when they were sent."""
    lines = sent.table("order_line", moments=("ordered_at",))
    sold = lines["returns_order_id"] == None  # noqa: E711 - an array of texts and None
    _, first = np.unique(lines["order_id"][sold].astype(str), return_index=True)
    return {name: values[sold][first] for name, values in lines.items()}


def purchases(sent: Sent) -> tuple[np.ndarray, np.ndarray]:
    """Customers as whole numbers, and moments, by customer and moment."""
    found = orders(sent)
    customer, at = numbered(found["customer_ref"]), found["ordered_at"].astype(float)
    order = np.lexsort((at, customer))
    return customer[order], at[order]


def test_rates_and_lives_are_found_in_the_dates_of_orders(tmp_path: Path) -> None:
    world = World.plain(customers=5_000, founders=1.0, weeks=104)
    customer, at = purchases(lived(tmp_path, world))
    first = np.unique(customer, return_index=True)[1]
    last = np.append(first[1:], len(customer)) - 1
    seen = (np.bincount(customer) - 1.0, at[last] - at[first], world.weeks - at[first])

    found, best = most_likely(pareto_nbd, [1, 5, 1, 50], *seen)

    r, a, s, b = np.exp(found)
    assert r / a == pytest.approx(world.rate_shape / world.rate_weeks, rel=0.06)
    stay_a_year = (world.leaving_weeks / (world.leaving_weeks + 52)) ** world.leaving_shape
    assert (b / (b + 52)) ** s == pytest.approx(stay_a_year, abs=0.025)
    truth = np.log([world.rate_shape, world.rate_weeks, world.leaving_shape, world.leaving_weeks])
    assert 2 * (best - pareto_nbd(truth, *seen)) < chi2(4).ppf(0.999)


def test_gaps_of_three_stages_are_found_in_the_dates_of_orders(tmp_path: Path) -> None:
    world = World.plain(
        customers=700, **STAYING, weeks=104, process="erlang", rate_shape=60.0, rate_weeks=100.0, online=0.0
    )
    customer, at = purchases(lived(tmp_path, world))
    gaps = np.diff(at)[np.diff(customer) == 0]
    assert gaps.var() / gaps.mean() ** 2 == pytest.approx(1 / 3, abs=0.03)


def test_the_season_christmas_and_the_shock_are_found_in_the_weeks_of_orders(tmp_path: Path) -> None:
    world = World.plain(
        **STAYING, customers=2_000, weeks=112, rate_shape=40.0, rate_weeks=100.0, online=0.0,
        season=0.3, december=0.5, shock=0.4, shock_begins=60, shock_weeks=10,
    )  # fmt: skip
    count = np.bincount(np.floor(purchases(lived(tmp_path, world))[1]).astype(int))[4:]
    week = np.arange(4, 112)
    day = np.datetime64(world.begins) + 7 * week + 3
    of_year = (day - day.astype("datetime64[Y]").astype("datetime64[D]")).astype(float) / 7
    christmas = (of_year >= 47) & (of_year < 51)

    def unlikely(said: np.ndarray) -> float:
        level, swing, more, less, phase, begins = said[0], *said[1:4], said[4], round(said[5])
        wave = 1 + swing * np.cos(2 * np.pi * (of_year - phase) * 7 / 365.25)
        shocked = (week >= begins) & (week < begins + world.shock_weeks)
        mean = np.exp(level) * wave * (1 + more * christmas) * (1 - less * shocked)
        return float(np.sum(mean - count * np.log(np.maximum(mean, 1e-9))))

    usual = np.log(np.median(count))
    lowest = min(range(10, 100), key=lambda begins: count[begins - 4 : begins + 6].sum() / count.sum())
    starts = [minimize(unlikely, [usual, 0.1, 0.1, 0.1, 20, at], method="Nelder-Mead",
                       options={"maxiter": 4_000, "initial_simplex": _simplex([usual, 0.1, 0.1, 0.1, 20, at])})
              for at in range(lowest - 3, lowest + 4)]  # fmt: skip
    found = min(starts, key=lambda each: each.fun).x
    assert found[1] == pytest.approx(0.3, abs=3.5 * np.sqrt(2 / count.sum()))
    assert found[2] == pytest.approx(0.5, abs=3.5 * 1.5 / np.sqrt(count[christmas].sum()))
    assert found[3] == pytest.approx(0.4, abs=3.5 * 0.6 / np.sqrt(count[56:66].sum()))
    assert found[4] == pytest.approx(21, abs=0.5)
    assert round(found[5]) == world.shock_begins


def _simplex(start: list[float]) -> np.ndarray:
    """Steps that fit the sizes of the numbers; the last, a week, stays."""
    steps = np.diag([0.1, 0.1, 0.1, 0.1, 2.0, 0.01])
    return np.vstack([start, start + steps])


def test_promotions_and_what_they_bring_are_found_in_the_lines(tmp_path: Path) -> None:
    world = World.plain(
        **STAYING, customers=2_500, weeks=60, rate_shape=40.0, rate_weeks=100.0, online=0.0,
        promotions=0.4, promotion_depth=0.3, price_response=2.5,
    )  # fmt: skip
    sent = lived(tmp_path, world)
    lines = sent.table("order_line", money=("net_revenue", "discount"), moments=("ordered_at",))
    off = lines["discount"] > 0
    depth = lines["discount"][off].sum() / (lines["discount"] + lines["net_revenue"])[off].sum()
    week = np.floor(lines["ordered_at"].astype(float)).astype(int)
    count = np.bincount(np.floor(orders(sent)["ordered_at"].astype(float)).astype(int), minlength=world.weeks)[4:]
    cut = (np.bincount(week, off, world.weeks) > 0)[4:]
    lift = count[cut].mean() / count[~cut].mean() - 1
    assert depth == pytest.approx(0.3, abs=1e-3)
    assert abs(cut.mean() - 0.4) < 3.5 * np.sqrt(0.4 * 0.6 / 56)
    spread = (1 + 2.5 * 0.3) * np.sqrt(1 / count[cut].sum() + 1 / count[~cut].sum()) / 0.3
    assert lift / depth == pytest.approx(2.5, abs=3.5 * spread)
    assert spread < 0.06


def test_spending_returns_and_unnamed_sales_are_found_in_the_lines(tmp_path: Path) -> None:
    world = World.plain(
        **STAYING, customers=900, weeks=52, rate_shape=60.0, rate_weeks=100.0, lines=2.5, spend_spread=0.5,
        returned=0.06, anonymous=0.25, online=0.0,
    )  # fmt: skip
    lines = lived(tmp_path, world).table("order_line", money=("net_revenue",), moments=("ordered_at",))
    sold = lines["returns_order_id"] == None  # noqa: E711 - an array of texts and None
    named = lines["customer_ref"] != None  # noqa: E711
    each = numbered(lines["customer_ref"][sold & named])
    price = np.log((lines["net_revenue"] / lines["quantity"].astype(float))[sold & named].astype(float))
    size = np.bincount(each)
    mean = np.bincount(each, price) / size
    within = np.sum((price - mean[each]) ** 2) / (len(price) - len(size))
    between = np.var(mean, ddof=1) - within * np.mean(1 / size)
    assert np.sqrt(between) == pytest.approx(0.5, abs=0.05)
    settled = sold & (lines["ordered_at"] < world.weeks - 4)
    back = np.isin(lines["returns_order_id"][~sold].astype(str), lines["order_id"][settled].astype(str)).sum()
    assert back / settled.sum() == pytest.approx(0.06, abs=3.5 * np.sqrt(0.06 / settled.sum()))
    whole = (
        np.unique(lines["order_id"][sold & named].astype(str)),
        np.unique(lines["order_id"][sold & ~named].astype(str)),
    )
    assert len(whole[1]) / len(whole[0]) == pytest.approx(0.25, abs=3.5 * np.sqrt(0.25 / len(whole[0])))


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory) -> tuple[World, Sent]:
    world = World.plain(
        **STAYING, customers=2_500, weeks=90, organisations=0.5, online=0.5, subscribers=0.6, paid_late=0.3,
        never_paid=0.05, visits=0.1, calls=0.05, mailings=0.05, cases=0.03, surveys=0.04,
    )  # fmt: skip
    return world, lived(tmp_path_factory.mktemp("busy"), world)


def test_the_months_of_subscriptions_are_found_in_their_dates(busy: tuple[World, Sent]) -> None:
    world, sent = busy
    found = sent.table("subscription", moments=("started_on", "ended_on"))
    _, newest = np.unique(found["subscription_id"][::-1].astype(str), return_index=True)
    starts, ends = (found[name][::-1][newest].astype(float) for name in ("started_on", "ended_on"))
    a_month = 365.25 / 12 / 7
    months = np.where(np.isnan(ends), np.floor((world.weeks - starts) / a_month), np.round((ends - starts) / a_month))
    told = np.clip(months, 0, None), ~np.isnan(ends)

    logs, best = most_likely(shifted_beta_geometric, [1, 3], *told)

    a, b = np.exp(logs)
    right_a, right_b = world.subscription_shape
    assert a / (a + b) == pytest.approx(right_a / (right_a + right_b), abs=0.025)
    assert 2 * (best - shifted_beta_geometric(np.log(world.subscription_shape), *told)) < chi2(2).ppf(0.999)


def test_how_invoices_are_paid_is_found_in_their_dates(busy: tuple[World, Sent]) -> None:
    world, sent = busy
    found = sent.table("invoice", moments=("issued_on", "due_on", "paid_on"))
    _, newest = np.unique(found["invoice_id"][::-1].astype(str), return_index=True)
    issued, due, paid = (found[name][::-1][newest].astype(float) for name in ("issued_on", "due_on", "paid_on"))
    old = issued < world.weeks - 22  # the latest are paid 150 days after
    assert old.sum() > 3_000
    assert np.isnan(paid[old]).mean() == pytest.approx(0.05, abs=3.5 * np.sqrt(0.05 * 0.95 / old.sum()))
    assert (paid > due)[old].mean() == pytest.approx(0.3, abs=3.5 * np.sqrt(0.3 * 0.7 / old.sum()))


def test_how_often_customers_visit_call_and_complain_is_found_in_the_counts(busy: tuple[World, Sent]) -> None:
    world, sent = busy
    customers = len(np.unique(orders(sent)["customer_ref"].astype(str)))
    weeks = customers * (world.weeks - 2)  # all come in the first four weeks, evenly
    assert customers == world.customers
    visits, calls, mailings = (sent.table("interaction", each) for each in ("web", "callcentre", "mailer"))
    cases, answers = sent.table("service_case"), sent.table("survey_answer")
    shoppers = len(np.unique(sent.table("order_line", "shop")["customer_ref"].astype(str)))
    for rows, rate, time in (
        ((visits["customer_ref"] != None).sum(), 2 * world.visits, weeks * shoppers / customers),  # noqa: E711
        (len(calls["interaction_id"]), world.calls, weeks),
        (len(mailings["interaction_id"]), world.mailings, weeks),
        (len(answers["answer_id"]), world.surveys, weeks),
    ):
        assert rows / time == pytest.approx(rate, abs=3.5 * np.sqrt(rate / time))
    opened = len(np.unique(cases["case_id"].astype(str))) / weeks
    assert opened == pytest.approx(world.cases, rel=0.06)  # who is content has fewer: it varies more than by chance


def test_what_comes_late_and_wrong_is_found_in_the_files(tmp_path: Path) -> None:
    world = World.plain(
        **STAYING, customers=1_500, weeks=30, rate_shape=40.0, rate_weeks=100.0, late=0.1, corrected=0.08, online=0.3
    )
    sent = lived(tmp_path, world)
    lines = sent.table("order_line", money=("net_revenue",), moments=("ordered_at",))
    found = orders(sent)
    happened = np.floor(found["ordered_at"].astype(float))
    old = happened < world.weeks - 6
    assert set((found["week"] - happened)[old]) == {0, 1}
    spread = 3.5 * np.sqrt(0.1 * 0.9 / old.sum())
    assert ((found["week"] - happened)[old] == 1).mean() == pytest.approx(0.1, abs=spread)
    amounts = np.unique(np.stack([numbered(lines["order_id"]), lines["net_revenue"].astype(int)]), axis=1)
    twice = np.bincount(amounts[0])[numbered(lines["order_id"])] > 1
    wrong = np.isin(found["order_id"].astype(str), lines["order_id"][twice].astype(str))
    assert wrong[old].mean() == pytest.approx(0.08, abs=spread)


def test_what_a_contact_brings_is_found_by_contacting_a_half_drawn_by_lot(tmp_path: Path) -> None:
    world = World.plain(**STAYING, customers=25_000, weeks=10, response=0.6, fatigue=0.35, rate_shape=40.0,
                        rate_weeks=100.0)  # fmt: skip
    company = Company(world, exports=tmp_path / "w" / "exports", truth=tmp_path / "unread")
    company.deliver(world.begins + timedelta(weeks=7))
    known = np.unique(orders(Sent(tmp_path / "w", world))["customer_ref"].astype(str))
    drawn = np.random.default_rng(5).random(len(known)) < 0.5
    for _ in range(3):
        assert company.receive(known[drawn]) == drawn.sum()
        company.deliver(company.today + timedelta(weeks=1))

    found = orders(Sent(tmp_path / "w", world))
    contacted = np.isin(found["customer_ref"].astype(str), known[drawn])
    week = np.floor(found["ordered_at"].astype(float)).astype(int)
    for at, right in ((6, 0.0), (7, 0.6), (8, 0.6 * 0.65), (9, 0.6 * 0.65**2)):
        one, other = ((week == at) & contacted).sum(), ((week == at) & ~contacted).sum()
        lift = np.log(one / drawn.sum()) - np.log(other / (~drawn).sum())
        half_width = 3 * np.sqrt(1 / one + 1 / other)  # three standard errors of a ratio of counts
        assert abs(lift - np.log1p(right)) < half_width < 0.12, (at, lift)
