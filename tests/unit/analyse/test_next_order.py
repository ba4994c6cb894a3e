"""When customers order next: better than the simplest rules where it can be, silent where it cannot."""

import json
from datetime import date, timedelta

import numpy as np
import pytest

from clientela.analyse.customer.next_order.fit import Seen, fit_next_order, judged, learn
from clientela.contracts.analysis import FitContext

AS_OF = date(2024, 7, 1)
ORIGINS = tuple(AS_OF - timedelta(days=92 * k) for k in range(1, 5))


def context(origins: tuple[date, ...] = ORIGINS) -> FitContext:
    return FitContext(
        as_of=AS_OF, origins=origins, horizon_days=92, first_day=date(2023, 1, 1), version="1", parameters={},
        sample=1.0, rng=np.random.default_rng(0),
    )  # fmt: skip


def world(seed: int, on: date, customers: int, shape: float = 4.0) -> dict[str, np.ndarray]:
    """``next_gap`` at a date of customers who each order at their own pace, more or less regularly."""
    rng = np.random.default_rng(seed)
    pace = np.exp(rng.normal(3.2, 0.6, customers))
    rows = []
    for own in pace:
        at = np.cumsum(rng.gamma(shape, own / shape, 200)) - rng.uniform(0, own)
        seen = np.floor(rng.uniform(60, 400))
        before, after = at[at < seen], at[at >= seen]
        days = np.unique(np.floor(before))
        if len(days) < 2 or days[0] < 0:
            continue
        coming = np.floor(after[0])
        gap = coming - days[-1] if coming - seen < 184 else 0
        rows.append((len(days) - 1, days[-1] - days[0], seen - days[-1], gap))
    columns = np.array(rows, dtype=np.int64).T
    names = ("repeat_purchases", "recency_days", "silent_days", "gap_days")
    told = dict(zip(names, columns, strict=True))
    return {
        **told,
        "as_of": np.full(len(rows), on, dtype="datetime64[D]"),
        "customers": np.ones(len(rows), dtype=np.int64),
    }


def both(customers: int, seed: int = 1, **more: float) -> dict[str, np.ndarray]:
    parts = [world(seed, ORIGINS[3], customers, **more), world(seed + 1, ORIGINS[1], customers, **more)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def test_it_beats_the_own_gap_and_everybodys_and_its_range_is_right():
    told = fit_next_order({"next_gap": both(1500)}, context())
    assert told["model"]["winner"].tolist() == [True]
    test = json.loads(told["model"]["parameters"][0])["test"]
    assert test["pooled"]["mae"] < 0.95 * min(test["own"]["mae"], test["median"]["mae"])
    assert 0.7 <= test["pooled"]["coverage"] <= 0.9
    assert test["pooled"]["high"] - test["pooled"]["low"] < 0.3 * test["pooled"]["mae"]


def test_the_order_of_rows_does_not_matter():
    rows = both(300)
    order = np.random.default_rng(9).permutation(len(rows["customers"]))
    mixed = {name: values[order] for name, values in rows.items()}
    one, other = (fit_next_order({"next_gap": each}, context()) for each in (rows, mixed))
    assert one["next_step"]["likely"] == pytest.approx(other["next_step"]["likely"])


def test_who_waits_longer_waits_for_longer():
    steps = fit_next_order({"next_gap": both(1500)}, context())["next_step"]
    assert (np.diff(steps["step"]) > 0).all()
    assert (steps["earliest"] <= steps["likely"]).all()
    assert (steps["likely"] <= steps["latest"]).all()
    assert (steps["likely"] >= steps["step"] / 10).all()


@pytest.mark.parametrize("customers", [0, 1, 30])
def test_few_customers_are_told_so_and_nothing_breaks(customers: int):
    rows = {name: values[:customers] for name, values in world(1, ORIGINS[3], 60).items()}
    told = fit_next_order({"next_gap": rows}, context())
    assert told["model"]["candidate"].tolist() == ["none"]
    assert len(told["next_step"]["step"]) == 0
    assert json.loads(told["model"]["parameters"][0])["reason"] in ("too_short", "few")


def test_a_short_history_has_no_time_to_be_tested_on():
    told = fit_next_order({"next_gap": both(200)}, context(ORIGINS[:3]))
    assert json.loads(told["model"]["parameters"][0]) == {"days": 547, "needed": 460, "reason": "too_short"}


def seen(*rows: tuple[float, float, float, float]) -> Seen:
    repeats, recency, silent, gap = np.array(rows, dtype=float).T
    return Seen(
        on=AS_OF, repeats=repeats, recency=recency, silent=silent, gap=gap, customers=np.ones(len(rows)), window=184
    )


def test_one_who_came_early_alone_does_not_make_all_others_come_early_or_never():
    """Of 61 one had been silent for two days and came on the third; the others were seen from half a gap on."""
    early = (5, 100, 2, 3)
    others = [(5, 100, 10 + at % 20, 30 + at % 17) for at in range(60)]
    steps = learn(seen(early, *others)).steps()
    assert np.isfinite(steps[:10]).all()
    assert 1.2 < steps[0, 0] < 2.6
    assert steps[0, 2] > steps[0, 1]


@pytest.mark.parametrize("seed", [1, 26, 30, 35, 40, 43])  # of sixty, those in which the first who came came alone
def test_of_few_customers_most_who_came_were_expected(seed: int):
    """What serves is learned at the newer date and not tested there: it must not expect hardly anybody."""
    rows = world(seed, ORIGINS[1], 60, shape=0.5)
    names = ("repeat_purchases", "recency_days", "silent_days", "gap_days")
    given = seen(*zip(*(rows[name] for name in names), strict=True))
    expected = np.isfinite(learn(given).expected(given)[:, 0])
    assert expected[given.gap > 0].mean() > 0.9


def test_all_methods_are_compared_on_the_same_customers():
    given = seen(*[(5, 50, 3, 10)] * 40, (5, 50, 900, 0))
    found = judged(learn(given), given)
    assert {each["n"] for each in found.values()} == {40}
    assert found["own"]["mae"] == 0
    assert found["pooled"]["mae"] == pytest.approx(0, abs=0.5)
