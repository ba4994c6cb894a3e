"""churn-risk, the trees and the reasons: tried where there is enough, never by chance, and what they say is so."""

import builtins
import json
from dataclasses import replace
from itertools import pairwise

import lightgbm
import numpy as np
import pytest

from clientela.analyse.customer.churn import candidates
from clientela.analyse.customer.churn.candidates import (
    BOOSTED,
    INPUTS,
    Moment,
    bears_trees,
    chances,
    features,
    learn,
    moment,
)
from clientela.analyse.customer.churn.churn_risk import CHURN_RISK
from clientela.analyse.customer.churn.fit import fit_churn
from clientela.analyse.customer.churn.reasons import GROUPS, LEAST_MOVE, NAMED
from clientela.analyse.customer.contacting import COSTS
from clientela.contracts.analysis import Arrays
from clientela.errors import ConfigurationError
from clientela.estimators.arrays import floats
from clientela.estimators.trees import boosted
from clientela.estimators.trees.boosted import Boosted, contributions, log_odds
from tests.unit.analyse.companies import AS_OF, HORIZON_DAYS, Company, company, winner
from tests.unit.estimators.simulated import Purchases

HISTORY = ("repeat_purchases", "recency_days", "age_days", "recent_purchases")


def clockwork(seed: int, customers: int) -> Company:
    """Customers who come in gaps of their own, from one week to ten, as regularly as a clock, until they stop coming.

    Who is a little late has as good as left, which no straight line says of short and long gaps alike.
    """
    rng = np.random.default_rng(seed)
    gap = rng.choice([7.0, 14.0, 30.0, 70.0], customers)
    first = rng.uniform(0, 300, customers)
    stops = first + rng.exponential(900, customers)
    who, when = [], []
    for each in range(customers):
        days = np.arange(first[each], min(552.0, max(stops[each], first[each] + 1)), gap[each])
        days = np.floor(days + rng.normal(0, 0.05 * gap[each], len(days))).clip(0, 551)
        who += [each] * len(days)
        when += days.tolist()
    pairs = np.unique(np.column_stack([who, when]), axis=0)
    return Company(Purchases(customer=pairs[:, 0], day=pairs[:, 1], customers=customers))


@pytest.fixture(scope="module")
def shop() -> Company:
    return clockwork(3, 2_500)


@pytest.fixture(scope="module")
def fitted(shop: Company) -> Arrays:
    return dict(shop.fitted())


@pytest.fixture(scope="module")
def moments(shop: Company):
    count = shop.count()
    days = np.unique(count["as_of"])[::-1]
    names = (*HISTORY, "customers", "observed", "has_left", "at_stake", "at_stake_norm")
    return [
        moment(day.astype(object), {name: floats(count[name][count["as_of"] == day]) for name in names}) for day in days
    ]


def test_trees_serve_where_they_earn_more(fitted: Arrays):
    found = fitted["backtest"]
    profit = {
        c: v for c, m, v in zip(*(found[n] for n in ("candidate", "metric", "value")), strict=True) if m == "profit"
    }
    assert winner(fitted)["candidate"] == BOOSTED
    assert profit[BOOSTED] == max(profit.values()) > 1.02 * max(v for c, v in profit.items() if c != BOOSTED)


def test_trees_are_calibrated_at_a_later_date_than_they_learned_from(fitted: Arrays, moments):
    line = {m: v for c, m, v in zip(*(fitted["backtest"][n] for n in ("candidate", "metric", "value")), strict=True)
            if c == BOOSTED}  # fmt: skip
    assert line["ece"] < 0.03
    assert line["slope"] == pytest.approx(1, abs=0.15)
    older = moments[2:]
    learned = learn([BOOSTED], older, HORIZON_DAYS)[BOOSTED]
    assert learned.trials == older[0].observed.sum()
    assert learned.boosted is not None
    assert learned.boosted.trials == sum(each.observed.sum() for each in older[1:])


def test_the_model_that_is_kept_gives_the_chances_that_are_kept(fitted: Arrays, moments):
    said = winner(fitted)["parameters"]
    boosted = Boosted(text=said["trees"], names=(), trials=0, events=0)
    at = moments[0]
    names = next(each for each in said["trees"].splitlines() if each.startswith("feature_names="))[14:].split()
    part = said["regressions"][0]
    odds = part["intercept"] + part["slopes"][BOOSTED] * log_odds(boosted, features(at, names, HORIZON_DAYS))
    told = fitted["churn_cell"]["probability"][fitted["churn_cell"]["as_of"] == np.datetime64(AS_OF, "D")]
    n = moments[1].observed.sum()
    assert told == pytest.approx((n / (1 + np.exp(-odds)) + 1) / (n + 2), abs=1e-6)


def test_the_same_rows_in_any_order_give_the_same_trees(shop: Company, fitted: Arrays):
    count = shop.count()
    order = np.random.default_rng(5).permutation(len(count["as_of"]))
    shuffled = {name: values[order] for name, values in count.items()}
    other = fit_churn({"churn_count": shuffled}, shop.context)
    assert winner(other)["parameters"]["trees"] == winner(fitted)["parameters"]["trees"]


def test_what_the_features_add_adds_up_to_the_log_odds(moments):
    learned = learn([BOOSTED], moments[1:], HORIZON_DAYS)[BOOSTED]
    assert learned.boosted is not None
    seen = features(moments[0], learned.inputs, HORIZON_DAYS)
    assert contributions(learned.boosted, seen).sum(1) == pytest.approx(log_odds(learned.boosted, seen), abs=1e-9)


def test_few_customers_or_few_who_left_bear_no_trees(moments, shop: Company):
    older = moments[1:]
    assert bears_trees(older)
    assert not bears_trees(older[:1])
    few = [replace(each, observed=each.observed * 0.3, left=each.left * 0.3) for each in older]
    loyal = [replace(each, left=each.left * 0.05) for each in older]
    assert not bears_trees(few)
    assert not bears_trees(loyal)
    small = company(1, 700)
    assert BOOSTED not in small.fitted()["backtest"]["candidate"]


def judged(said: dict, seen: dict[str, np.ndarray], trials: float) -> np.ndarray:
    """The chance of leaving from what ``model`` keeps alone: a second implementation, with LightGBM's own reader."""
    parts = []
    for part in said["regressions"]:
        odds = np.full(len(seen["silence"]), part["intercept"])
        for name, slope in part["slopes"].items():
            column = seen.get(name)
            if name == BOOSTED:
                trees = lightgbm.Booster(model_str=said["trees"])
                column = trees.predict(np.column_stack([seen[each] for each in trees.feature_name()]), raw_score=True)
            odds = odds + slope * column
        parts.append(1 / (1 + np.exp(-odds)))
    return (trials * np.mean(parts, axis=0) + 1) / (trials + 2)


@pytest.mark.parametrize("without_trees", [False, True])
def test_with_the_named_reason_at_the_median_the_score_moves_as_stated(
    shop: Company, fitted: Arrays, moments, without_trees: bool, monkeypatch: pytest.MonkeyPatch
):
    """1,000 reasons as they are stored, judged by the model as it is stored and medians taken customer by customer."""
    if without_trees:
        monkeypatch.setattr(candidates, "can_be_learned", lambda: False)
        fitted = dict(shop.fitted())
    served, at = winner(fitted), moments[0]
    assert (served["candidate"] == BOOSTED) is not without_trees
    parts = served["parameters"]["regressions"]
    names = {name for part in parts for name in part["slopes"]} - {BOOSTED}
    seen = inputs_of(at, names | (set(INPUTS) if not without_trees else set()))
    each = {name: np.repeat(column, at.customers.astype(int)) for name, column in seen.items()}
    middle = {name: np.quantile(column, 0.5, method="inverted_cdf") for name, column in each.items()}
    trials = moments[1].observed.sum() if not without_trees else sum(each.observed.sum() for each in moments[1:])
    chance = judged(served["parameters"], seen, trials)
    today = fitted["churn_cell"]["as_of"] == np.datetime64(AS_OF, "D")
    cells = {name: values[today] for name, values in fitted["churn_cell"].items()}
    assert chance == pytest.approx(cells["probability"], abs=1e-5)
    named = np.column_stack([cells[f"{place}_reason"] for place in ("first", "second", "third")])
    stated = np.column_stack([cells[f"{place}_move"] for place in ("first", "second", "third")])
    drawn = np.argwhere(named != None)  # noqa: E711  # element by element
    drawn = drawn[np.random.default_rng(1).choice(len(drawn), 1_000, replace=len(drawn) < 1_000)]
    moved = np.full(len(drawn), np.nan)
    for group, members in GROUPS.items():
        rows = np.flatnonzero(named[drawn[:, 0], drawn[:, 1]] == group)
        own = {name: column[drawn[rows, 0]] for name, column in seen.items()}
        other = own | {name: np.full(len(rows), middle[name]) for name in members if name in own}
        if len(rows):
            moved[rows] = judged(served["parameters"], own, trials) - judged(served["parameters"], other, trials)
    told = stated[drawn[:, 0], drawn[:, 1]]
    assert (np.abs(told - moved) < 1e-5).mean() >= 0.95
    assert (np.abs(told) >= LEAST_MOVE - 1e-6).all()
    assert len({*named[drawn[:, 0], drawn[:, 1]]}) >= 2  # they do not all say the same


def inputs_of(at: Moment, names: set[str]) -> dict[str, np.ndarray]:
    """What the candidates look at, worked out anew from the histories."""
    ordered = sorted(names)
    return dict(zip(ordered, features(at, ordered, HORIZON_DAYS).T, strict=True))


def test_up_to_three_reasons_the_weightiest_first(fitted: Arrays):
    cells = fitted["churn_cell"]
    places = [cells[f"{place}_reason"] for place in ("first", "second", "third")]
    assert len(places) == NAMED
    assert set(np.concatenate(places)) <= {*GROUPS, None}
    for one, two in pairwise(places):
        assert not ((one == None) & (two != None)).any()  # noqa: E711  # element by element
        assert not ((one == two) & (one != None)).any()  # noqa: E711  # element by element
    today = cells["as_of"] == np.datetime64(AS_OF, "D")
    assert set(cells["first_reason"][~today]) == {None}  # nobody asks why somebody was about to leave
    likely = today & (cells["probability"] > 0.8)
    assert (cells["first_reason"][likely] != None).mean() > 0.95  # noqa: E711  # element by element
    assert (cells["first_move"][likely] > 0).mean() > 0.95


def test_what_the_company_says_it_earns_and_pays_decides(shop: Company):
    small = company(1, 600)
    dear = replace(small.context, parameters={**COSTS, "worth_kept": 400.0, "offer_cost": 20.0, "contact_cost": 2.0})
    found = fit_churn({"churn_count": small.count()}, dear)
    plain = small.fitted()
    profit = plain["backtest"]["metric"] == "profit"
    assert found["backtest"]["value"][profit] == pytest.approx(2 * plain["backtest"]["value"][profit])
    assert {**CHURN_RISK.fit_parameters} == {**COSTS}
    wrong = replace(small.context, parameters={"offer_cost": 200.0})
    with pytest.raises(ConfigurationError, match=r"offer_cost = 200,.*less than 'worth_kept'"):
        fit_churn({"churn_count": small.count()}, wrong)


def test_the_parameters_say_which_trees_serve_and_no_others(fitted: Arrays):
    kept = ["trees" in json.loads(each) for each in fitted["model"]["parameters"]]
    assert kept == [bool(each) for each in fitted["model"]["winner"]]


def test_where_the_library_cannot_be_loaded_trees_are_not_tried(monkeypatch: pytest.MonkeyPatch):
    """On a bare Linux its package finds no libgomp, which is an error of the machine; a run goes on without trees."""

    def absent(name: str, *args: object, **named: object) -> object:
        if name == "lightgbm":
            raise OSError("libgomp.so.1: cannot open shared object file")
        return there(name, *args, **named)

    there = builtins.__import__
    boosted.can_be_learned.cache_clear()
    monkeypatch.setattr(builtins, "__import__", absent)
    try:
        assert not boosted.can_be_learned()
    finally:
        monkeypatch.undo()
        boosted.can_be_learned.cache_clear()
    assert boosted.can_be_learned()


def test_what_cannot_be_learned_is_no_candidate(moments, monkeypatch: pytest.MonkeyPatch):
    older = moments[1:]
    assert bears_trees(older)
    monkeypatch.setattr(candidates, "can_be_learned", lambda: False)
    assert not bears_trees(older)


def test_the_level_of_trees_is_that_of_all_dates(moments):
    older = moments[2:]
    learned = learn([BOOSTED], older, HORIZON_DAYS)[BOOSTED]
    said = sum(float((chances(learned, each, HORIZON_DAYS)[0] * each.observed).sum()) for each in older)
    assert said == pytest.approx(sum(float(each.left.sum()) for each in older), rel=0.01)
