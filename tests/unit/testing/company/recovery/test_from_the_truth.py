"""Each number of a world is found again in the tables of its truth."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy import stats

from clientela.testing.company.company import Company
from clientela.testing.company.truth import TRUTH, read
from clientela.testing.company.world import World

WORLD = World(
    customers=6_000,
    weeks=110,
    organisations=0.3,
    subscribers=0.5,
    late=0.08,
    corrected=0.06,
    returned=0.08,
    never_paid=0.06,
    shock=0.3,
    shock_begins=80,
    shock_weeks=10,
    records=False,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("truth")
    company = Company(WORLD, exports=place / "w" / "exports", truth=place / "truth")
    company.deliver(WORLD.ends)
    return place / "truth"


def truth(folder: Path, name: str) -> SimpleNamespace:
    """The columns of a table as arrays."""
    table = read(folder, name)
    return SimpleNamespace(**{each: table[each].to_numpy() for each in table.column_names}, rows=table.num_rows)


def share(said: np.ndarray, of: float) -> bool:
    """Whether a share is one that chance makes of the world's number."""
    return bool(abs(said.mean() - of) < 3.5 * np.sqrt(of * (1 - of) / len(said)))


def is_mean(said: np.ndarray, of: float) -> bool:
    return bool(abs(said.mean() - of) < 3.5 * said.std() / np.sqrt(len(said)))


def test_the_world_stands_in_its_truth(folder: Path) -> None:
    said = truth(folder, "world")
    assert dict(zip(said.name, said.value, strict=True))["shock"] == "0.3"


def test_rates_hazards_and_spending_are_drawn_as_the_world_says(folder: Path) -> None:
    seen = truth(folder, "customer")
    assert stats.kstest(seen.rate, stats.gamma(1.2, scale=1 / 7.4).cdf).pvalue > 0.001
    assert stats.kstest(seen.hazard, stats.gamma(1.5, scale=1 / 110).cdf).pvalue > 0.001
    assert is_mean(seen.spend, 1.0)
    assert np.log(seen.spend).std() == pytest.approx(0.45, rel=3.5 / np.sqrt(2 * WORLD.customers))
    assert is_mean(seen.elasticity, 2.0)
    assert is_mean(seen.responds, 0.3)


def test_customers_come_live_and_leave_as_the_world_says(folder: Path) -> None:
    seen = truth(folder, "customer")
    life = (seen.leaves - seen.joins) * seen.hazard
    assert stats.kstest(life, stats.expon.cdf).pvalue > 0.001
    early = WORLD.founders + (1 - WORLD.founders) * 4 / WORLD.weeks
    assert share(seen.joins < 4, early)
    assert stats.kstest(seen.joins[seen.joins >= 4], stats.uniform(4, WORLD.weeks - 4).cdf).pvalue > 0.001
    assert share(seen.company, WORLD.organisations)
    assert share(seen.online, WORLD.online)
    nation = np.array([each[:2] for each in seen.territory_id])
    assert share(nation == "ES", WORLD.nations[0])


def test_purchases_come_at_each_customers_rate(folder: Path) -> None:
    lines, who, week = truth(folder, "line"), truth(folder, "customer"), truth(folder, "calendar")
    sold = (lines.customer >= 0) & (lines.returns < 0) & (lines.line == 1)
    bought = np.bincount(lines.customer[sold], minlength=WORLD.customers) - (who.joins < WORLD.weeks)
    leaves = np.minimum(np.nan_to_num(who.leaves, nan=np.inf), WORLD.weeks)[:, None]
    there = np.clip(np.minimum(week.week + 1, leaves) - np.maximum(week.week, who.joins[:, None]), 0, 1)
    pull = week.busyness * (1 + who.elasticity[:, None] * week.cut)
    expected = who.rate * (there * pull).sum(axis=1)
    assert abs((bought - expected).sum()) < 3.5 * np.sqrt(expected.sum())
    often = expected > 5
    assert np.mean((bought - expected)[often] ** 2 / expected[often]) == pytest.approx(1, abs=0.08)  # Poisson


def test_promotions_are_as_often_and_as_deep_as_the_world_says(folder: Path) -> None:
    lines, week, product = truth(folder, "line"), truth(folder, "calendar"), truth(folder, "product")
    assert share(week.cut > 0, WORLD.promotions)
    on = week.promoted[np.floor(lines.at).astype(int)]
    cheaper = (product.category[lines.product] == on) & (lines.returns < 0)
    off = lines.discount[cheaper].sum() / (lines.discount + lines.revenue)[cheaper].sum()
    assert off == pytest.approx(WORLD.promotion_depth, abs=1e-4)
    assert (lines.discount[~cheaper & (lines.returns < 0)] == 0).all()


def test_lines_pieces_returns_and_nobody_are_as_the_world_says(folder: Path) -> None:
    lines = truth(folder, "line")
    sold, back = lines.returns < 0, lines.returns >= 0
    size = np.bincount(lines.order[sold])
    assert is_mean(size[size > 0], WORLD.lines)
    assert is_mean(lines.pieces[sold], WORLD.pieces)
    old = sold & (lines.at < WORLD.weeks - 4)
    brought = np.isin(lines.returns[back], lines.order[old])
    assert abs(brought.sum() - WORLD.returned * old.sum()) < 3.5 * np.sqrt(WORLD.returned * old.sum())
    first = sold & (lines.line == 1)
    nobody = (lines.customer[first] < 0).sum()
    assert abs(nobody - WORLD.anonymous * (first.sum() - nobody)) < 3.5 * np.sqrt(nobody)


def test_the_season_christmas_and_the_shock_stand_in_the_calendar(folder: Path) -> None:
    week = truth(folder, "calendar")
    days = np.array(week.begins, "datetime64[D]") + 3
    of_year = (days - days.astype("datetime64[Y]").astype("datetime64[D]")).astype(float) / 7
    christmas, shocked = (of_year >= 47) & (of_year < 51), (week.week >= 80) & (week.week < 90)
    wave = np.cos(2 * np.pi * (of_year - 21) * 7 / 365.25)
    usual = ~christmas & ~shocked
    assert np.polyfit(wave[usual], week.busyness[usual], 1) == pytest.approx([WORLD.season, 1], abs=1e-6)
    assert week.busyness[christmas] == pytest.approx((1 + WORLD.december) * (1 + WORLD.season * wave[christmas]))
    assert week.busyness[shocked] == pytest.approx((1 - WORLD.shock) * (1 + WORLD.season * wave[shocked]))


def test_persons_have_second_accounts_as_often_as_the_world_says(folder: Path) -> None:
    held, who = truth(folder, "account"), truth(folder, "customer")
    assert share(np.bincount(held.customer)[~who.company] > 1, WORLD.second_accounts)
    assert (np.bincount(held.customer)[who.company] == 1).all()


def test_subscriptions_are_taken_and_ended_as_the_world_says(folder: Path) -> None:
    seen, who = truth(folder, "subscription"), truth(folder, "customer")
    early = who.joins < WORLD.weeks - 100  # 20 weeks on average until somebody subscribes
    assert share(np.isin(np.flatnonzero(early), seen.customer), WORLD.subscribers)
    assert stats.kstest(seen.chance, stats.beta(*WORLD.subscription_shape).cdf).pvalue > 0.001
    assert share(seen.months == 1, WORLD.subscription_shape[0] / sum(WORLD.subscription_shape))


def test_invoices_are_paid_late_and_never_as_often_as_the_world_says(folder: Path) -> None:
    seen = truth(folder, "invoice")
    assert seen.rows > 8_000
    assert share(np.isnan(seen.paid), WORLD.never_paid)
    assert share(seen.paid > seen.due, WORLD.paid_late)
    assert set(seen.due - seen.issued) == {14, 30, 60}


def test_customers_visit_call_and_complain_as_often_as_the_world_says(folder: Path) -> None:
    seen, who = truth(folder, "touch"), truth(folder, "customer")
    leaves = np.minimum(np.nan_to_num(who.leaves, nan=np.inf), WORLD.weeks)
    there = np.maximum(leaves - np.minimum(who.joins, WORLD.weeks), 0)
    # the week of leaving counts whole, and later ones a tenth
    after = np.maximum(WORLD.weeks - np.ceil(leaves), 0)
    weeks = there + np.where(leaves < WORLD.weeks, np.ceil(leaves) - leaves, 0) + 0.1 * after
    visiting = np.where(who.online, 2.0, 0.5)
    for kind, expected in {
        "visits": WORLD.visits * (weeks * visiting).sum(),
        "calls": WORLD.calls * weeks.sum(),
        "mailings": WORLD.mailings * weeks.sum(),
        "surveys": WORLD.surveys * weeks.sum(),
    }.items():
        assert abs((seen.kind == kind).sum() - expected) < 3.5 * np.sqrt(expected), kind
    cases = WORLD.cases * (weeks * np.exp(-0.5 * who.content - 0.125)).sum()
    assert abs((seen.kind == "cases").sum() - cases) < 3.5 * np.sqrt(cases)


def test_orders_arrive_late_and_wrong_as_often_as_the_world_says(folder: Path) -> None:
    made, arrived = truth(folder, "line"), truth(folder, "arrived_line")
    settled = made.order[(made.at < WORLD.weeks - 6) & (made.line == 1) & (made.returns < 0)]
    first = np.full(made.order.max() + 1, 10_000)
    np.minimum.at(first, arrived.order, arrived.week)
    happened = np.zeros(made.order.max() + 1, int)
    happened[made.order] = np.floor(made.at)
    assert share(first[settled] - happened[settled] == 1, WORLD.late)
    right = dict(zip(zip(made.order, made.line, strict=True), made.revenue, strict=True))
    wrong = {o for o, n, r in zip(arrived.order, arrived.line, arrived.revenue, strict=True) if right[o, n] != r}
    assert share(np.isin(settled, list(wrong)), WORLD.corrected)


def test_who_was_reached_buys_more_by_a_response_of_their_own_and_less_when_tired(tmp_path: Path) -> None:
    world = World.plain(customers=30_000, founders=1.0, leaving_shape=0.0, weeks=9, response=0.6, fatigue=0.3)
    company = Company(world, exports=tmp_path / "w" / "exports", truth=tmp_path / "truth")
    company.deliver(world.begins + timedelta(weeks=6))
    held = read(tmp_path / "truth", "account")
    half = held["number"].to_numpy()[np.random.default_rng(1).permutation(held.num_rows)[: held.num_rows // 2]]
    for _ in range(2):
        company.receive(half)
        company.deliver(company.today + timedelta(weeks=1))
    lines, who, sent = (truth(tmp_path / "truth", name) for name in ("line", "customer", "message"))
    assert set(sent.week) == {5, 6}
    reached = np.zeros(world.customers, bool)
    reached[sent.customer[sent.week == 5]] = True
    assert reached.sum() == len(half)
    for week, tired in ((6, 0), (7, 1)):
        bought = np.bincount(lines.customer[np.floor(lines.at) == week], minlength=world.customers)
        there = who.joins < week
        raised = who.rate * (1 + np.where(reached, who.responds * (1 - world.fatigue) ** tired, 0))
        assert abs((bought - raised)[there].sum()) < 3.5 * np.sqrt(raised.sum())
        high = reached & (who.responds > np.quantile(who.responds, 0.7))
        assert abs((bought - raised)[high].sum()) < 3.5 * np.sqrt(raised[high].sum())


def test_every_table_of_the_truth_is_kept_and_keeps_its_contract(folder: Path) -> None:
    for name, promised in TRUTH.items():
        if not (folder / name).exists() and not (folder / f"{name}.parquet").exists():
            assert name in {"message", "expected_value"} or not WORLD.records, name
            continue
        table = read(folder, name)
        assert tuple(table.column_names) == promised.names
        if table.num_rows:
            keys = table.select(list(promised.key)).group_by(list(promised.key)).aggregate([]).num_rows
            assert keys == table.num_rows, name
        for column in promised.columns:
            assert not (column.required and table[column.name].null_count), (name, column.name)
