"""What the best served spend: found where it is known, of few drawn to all, silent where it does not hold."""

import json
from datetime import date

import numpy as np
import pytest

from clientela.analyse.customer.wallet.fit import FEWEST, SMALLEST, fit_share_of_wallet
from clientela.contracts.analysis import FitContext
from clientela.errors import ConfigurationError

AS_OF = date(2024, 7, 1)
Q80 = 0.8416212  # of the normal distribution


def context(best_served: float = 0.8) -> FitContext:
    return FitContext(
        as_of=AS_OF, origins=(), horizon_days=92, first_day=date(2021, 1, 1), version="1",
        parameters={"best_served": best_served}, sample=1.0, rng=np.random.default_rng(0),
    )  # fmt: skip


def counted(spends: dict[tuple[str, str | None, str], np.ndarray]) -> dict[str, np.ndarray]:
    """``wallet_count`` of what customers of (period, peers, category) spend; of all of them without peers too."""
    cells: dict[tuple[str, int, str, str, int], int] = {}
    for (period, peers, category), spent in spends.items():
        for bucket in np.floor(50 * np.log(np.maximum(spent[spent > 0], 0.01))).astype(int):
            for depth, group in ((0, ""), (1, peers)):
                if group is not None:
                    key = (period, depth, group, category, int(bucket))
                    cells[key] = cells.get(key, 0) + 1
    names = ("period", "depth", "peer_group", "category", "bucket")
    told: dict[str, np.ndarray] = {
        name: np.array([key[at] for key in cells], dtype=np.int64 if name in ("depth", "bucket") else object)
        for at, name in enumerate(names)
    }
    return {**told, "customers": np.array(list(cells.values()), dtype=np.int64)}


def world(seed: int, sizes: dict[str | None, tuple[float, int]], *, grown: float = 0.0) -> dict[str, np.ndarray]:
    """Groups whose logarithms of spending lie around a mean each, with deviation 0.5, in two windows."""
    rng, told = np.random.default_rng(seed), {}
    for period, shift in (("before", 0.0), ("now", grown)):
        for name, (mean, customers) in sizes.items():
            told[period, name, ""] = np.exp(rng.normal(mean + shift, 0.5, customers))
    return counted(told)


def fitted(
    count: dict[str, np.ndarray], days: int | None = 368, **more: float
) -> tuple[dict[str, object], dict[str, np.ndarray]]:
    window = {"window_days": np.array([] if days is None else [days], dtype=np.int64)}
    told = fit_share_of_wallet({"wallet_window": window, "wallet_count": count}, context(**more))
    model = told["model"]
    said = {
        **json.loads(model["parameters"][0]),
        "candidate": model["candidate"][0],
        "winner": bool(model["winner"][0]),
    }
    return said, told["wallet_frontier"]


def of(table: dict[str, np.ndarray], group: str, column: str = "frontier", category: str = "") -> float:
    rows = (table["peer_group"] == group) & (table["category"] == category)
    return float(table[column][rows][0])


def test_the_frontier_of_known_groups_is_found_within_its_range():
    said, table = fitted(world(1, {"large": (6.0, 2000), "small": (4.0, 2000)}))
    assert str(said["candidate"]).startswith("peers-1")
    for name, mean in (("large", 6.0), ("small", 4.0)):
        true = np.exp(mean + Q80 * 0.5)
        assert of(table, name) == pytest.approx(true, rel=0.06), name
        assert of(table, name, "low") <= true * 1.02, name
        assert of(table, name, "high") >= true * 0.98, name
    test = said["test"]
    assert test[said["candidate"]]["loss"] < 0.7 * test["everybody"]["loss"]  # type: ignore[index] # a mapping
    assert test[said["candidate"]]["covered"] == pytest.approx(0.8, abs=0.03)  # type: ignore[index] # a mapping


def test_a_group_of_few_is_drawn_to_all_and_one_of_fewer_is_not_told_apart():
    sizes: dict[str | None, tuple[float, int]] = {
        "usual": (4.0, 1500),
        "other": (5.0, 1500),
        "few": (6.0, 15),
        "none": (6.0, SMALLEST - 1),
    }
    _, table = fitted(world(2, sizes))
    assert set(table["peer_group"]) == {"", "usual", "other", "few"}
    own, everybody = np.exp(6 + Q80 * 0.5), of(table, "")
    assert everybody < of(table, "few") < own
    wide = [of(table, name, "high") / of(table, name, "low") for name in ("few", "usual")]
    assert wide[0] > 1.5 * wide[1]


def test_ranges_hold_the_true_frontier_as_often_as_they_say():
    true, inside, trials, served = np.exp(4 + Q80 * 0.5), 0, 150, 0
    for seed in range(trials):
        said, table = fitted(world(100 + seed, {None: (4.0, 120)}))
        if said["winner"]:  # by chance the average tells as much in a few
            served += 1
            inside += of(table, "", "low") <= true * 1.01 and true * 0.99 <= of(table, "", "high")
    assert served >= 0.95 * trials
    assert 0.9 * served <= inside <= served


def test_groups_that_do_not_differ_are_not_told_apart_at_a_loss():
    said, _ = fitted(world(3, dict.fromkeys("abcdefgh", (4.0, 60))))
    test = said["test"]
    assert test[said["candidate"]]["loss"] <= 1.01 * test["everybody"]["loss"]  # type: ignore[index] # a mapping


def test_who_buys_nothing_of_a_category_counts_in_it():
    rng = np.random.default_rng(4)
    spends = {
        (period, None, category): values
        for period in ("now", "before")
        for category, values in (
            ("", rng.gamma(5, 20, 1000)), ("common", rng.gamma(5, 10, 900)), ("rare", rng.gamma(5, 10, 100))
        )
    }  # fmt: skip
    _, table = fitted(counted(spends))
    assert of(table, "", category="rare") == 0
    assert 0 < of(table, "", category="common") < of(table, "")


def test_a_frontier_that_does_not_hold_is_not_served():
    said, table = fitted(world(5, {None: (4.0, 600)}, grown=1.0))
    assert (said["winner"], said["reason"]) == (False, "drifts")
    assert len(table["frontier"]) == 0
    growing, _ = fitted(world(5, {None: (4.0, 600)}, grown=0.05))
    assert growing["winner"]


def test_a_frontier_that_says_no_more_than_the_average_is_not_served():
    """Four in five spend 10, the others 100: the frontier is 10, though a little more would have told more since."""
    few = {
        ("before", None, ""): np.repeat([10.0, 100.0], [160, 40]),
        ("now", None, ""): np.repeat([10.0, 100.0], [148, 52]),
    }
    said, table = fitted(counted(few))
    assert (said["winner"], said["reason"]) == (False, "no_better")
    assert said["loss"] >= said["baseline"]
    assert len(table["frontier"]) == 0


def test_peers_that_say_more_than_everybody_but_less_than_the_average_are_not_served():
    """The same, beside some who always spend 3: telling these apart gains a little, the average gains more."""
    spends = {("before", "a", ""): np.repeat([10.0, 100.0], [640, 160]), ("before", "b", ""): np.full(40, 3.0)}
    spends |= {("now", "a", ""): np.repeat([10.0, 100.0], [592, 208]), ("now", "b", ""): np.full(40, 3.0)}
    window = {"window_days": np.array([368], dtype=np.int64)}
    told = fit_share_of_wallet({"wallet_window": window, "wallet_count": counted(spends)}, context())
    tested = told["backtest"]
    losses = {
        name: value
        for name, metric, value in zip(tested["candidate"], tested["metric"], tested["value"], strict=True)
        if metric == "pinball_loss"
    }
    assert losses["average"] < losses["peers-1-10"] < 0.999 * losses["everybody"]
    said = json.loads(told["model"]["parameters"][0])
    assert (bool(told["model"]["winner"][0]), said["reason"]) == (False, "no_better")
    assert said["baseline"] == pytest.approx(losses["average"], rel=1e-6)
    assert len(told["wallet_frontier"]["frontier"]) == 0


@pytest.mark.parametrize("customers", [0, 1, 30, FEWEST - 1])
def test_few_customers_are_said_to_be_few(customers: int):
    said, table = fitted(world(6, {"a": (4.0, customers)}))
    assert (said["reason"], said["customers"], said["needed"]) == ("few", customers, FEWEST)
    assert len(table["frontier"]) == 0


def test_fifty_customers_are_enough_for_one_frontier_of_all():
    said, table = fitted(world(7, {"a": (4.0, 25), "b": (4.0, 25)}))
    assert said["winner"] or said["reason"] in ("drifts", "no_better")
    assert said["winner"] == bool(len(table["frontier"]))


def test_a_short_history_is_said_to_be_short():
    said, _ = fitted(world(8, {None: (4.0, 100)}), days=None)
    assert (said["reason"], said["needed"]) == ("too_short", 276)


def test_the_order_of_rows_does_not_matter():
    count = world(9, {"a": (4.0, 300), "b": (5.0, 300)})
    order = np.random.default_rng(1).permutation(len(count["customers"]))
    one, other = fitted(count), fitted({name: values[order] for name, values in count.items()})
    assert one[0] == other[0]
    assert all((one[1][name] == other[1][name]).all() for name in one[1])


def test_a_quantile_that_is_none_is_refused():
    with pytest.raises(ConfigurationError, match="best_served is 1; it is the share of peers"):
        fitted(world(10, {None: (4.0, 100)}), best_served=1.0)
