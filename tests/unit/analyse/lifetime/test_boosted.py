"""lifetime-value by boosted trees: they serve where they see what no purchase model can, and nowhere else."""

import json
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from clientela.analyse.customer.lifetime import boosted, candidates, fit
from clientela.analyse.customer.lifetime.boosted import (
    FEWEST_BROUGHT,
    FEWEST_CUSTOMERS,
    bears_trees,
    challenged,
    learn_trees,
)
from clientela.analyse.customer.lifetime.candidates import BOOSTED, NAIVE, coming
from clientela.analyse.customer.lifetime.each import known_now
from clientela.analyse.customer.lifetime.fit import _trials, fit_worth
from clientela.analyse.customer.lifetime.lifetime_value import LIFETIME_VALUE
from clientela.contracts.analysis import Arrays, KnowledgeBase
from clientela.warehouse.engine import Engine
from tests.unit.analyse.lifetime.shops import HORIZON_DAYS, Shop, counted, courses, made, shop, told
from tests.unit.analyse.lifetime.test_fit import metric, reason, winner
from tests.unit.analyse.test_churn_risk import said
from tests.unit.cube.published import Published


@pytest.fixture(scope="module")
def company() -> Shop:
    return courses(1, 1_500)


@pytest.fixture(scope="module")
def published() -> Iterator[Published]:
    with Engine.in_memory() as engine:
        yield Published(engine)


@pytest.fixture(scope="module", autouse=True)
def few() -> Iterator[None]:
    """A company of this test is smaller than those for which the product tries trees."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(boosted, "FEWEST_CUSTOMERS", 700)
        patch.setattr(boosted, "FEWEST_BROUGHT", 500)
        yield


@pytest.fixture(scope="module")
def counts(company: Shop) -> dict[str, Arrays]:
    with Engine.in_memory() as engine:
        return counted(Published(engine), company.features())


@pytest.fixture(scope="module")
def known(published: Published, company: Shop) -> tuple[KnowledgeBase, dict[str, Arrays]]:
    return told(published, company)


@pytest.fixture(scope="module")
def tables(known: tuple[KnowledgeBase, dict[str, Arrays]]) -> dict[str, Arrays]:
    return known[1]


def test_where_customers_are_through_after_six_lessons_trees_see_it(company: Shop, tables: dict[str, Arrays]):
    others = {*tables["backtest"]["candidate"]} - {BOOSTED}
    assert winner(tables)["candidate"] == BOOSTED
    for name in ("mae", "rmse"):  # of the newest date, which no method has seen
        assert metric(tables, BOOSTED, name) < 0.85 * min(metric(tables, each, name) for each in others)
    assert metric(tables, BOOSTED, "gini") > max(metric(tables, each, "gini") for each in others) + 0.05


def test_what_each_is_said_to_bring_adds_up_and_lies_in_its_range(published: Published, tables: dict[str, Arrays]):
    scores = made(published, "lifetime_value")
    assert len(scores) == len(tables["lifetime_each"]["worth"]) == winner(tables)["parameters"]["customers"]
    assert float(sum(row["value"] for row in scores)) == pytest.approx(
        winner(tables)["parameters"]["worth"][0], rel=1e-4
    )
    each = dict(zip(tables["lifetime_each"]["customer_id"], tables["lifetime_each"]["worth"], strict=True))
    assert all(float(row["value"]) == pytest.approx(each[row["customer_id"]], abs=1e-3) for row in scores)
    assert all(row["low"] <= row["value"] <= row["high"] for row in scores)


def test_who_is_through_is_said_to_bring_hardly_anything(company: Shop, tables: dict[str, Arrays]):
    x, _, _, customer = company.purchases.history(company.days)
    worth = dict(zip(tables["lifetime_each"]["customer_id"], tables["lifetime_each"]["worth"], strict=True))
    through = np.array([worth[each] for each in customer[x == 5].astype(int)])
    under_way = np.array([worth[each] for each in customer[(x > 1) & (x < 5)].astype(int)])
    assert through.mean() < 0.1 * under_way.mean()


def test_the_model_keeps_the_trees_that_serve(tables: dict[str, Arrays]):
    kept = winner(tables)["parameters"]["trees"]
    assert kept["begins_at"] not in (BOOSTED, *NAIVE)
    assert kept["bring"].startswith("tree")
    assert kept["much"].startswith("tree")
    others = [json.loads(each) for each in tables["model"]["parameters"][~tables["model"]["winner"]]]
    assert not any("trees" in each for each in others)


@pytest.mark.parametrize("missing", ["trees", "number"])
def test_what_cannot_serve_today_is_not_said_to_serve(
    counts: dict[str, Arrays], company: Shop, tables: dict[str, Arrays], missing: str, monkeypatch: pytest.MonkeyPatch
):
    def without_it(*given):
        now = known_now(*given)
        return replace(now, said={name: each for name, each in now.said.items() if name in NAIVE})

    if missing == "trees":
        monkeypatch.setattr(fit, "learn_trees", lambda *_: None)
    else:
        monkeypatch.setattr(fit, "known_now", without_it)
    found = fit_worth(counts, company.context)
    served = winner(found)
    assert served["candidate"] == winner(tables)["parameters"]["trees"]["begins_at"]
    assert {*found["lifetime_cell"]["model_version"]} == {served["version"]}
    assert found["lifetime_each"]["worth"].size == 0
    tested = found["backtest"]["candidate"][found["backtest"]["metric"] == "inside"]
    assert [*tested] == [served["candidate"]]


def test_what_no_purchase_brings_is_asked_of_each_purchase_model_once(
    counts: dict[str, Arrays], company: Shop, monkeypatch: pytest.MonkeyPatch
):
    trials = _trials(counts, company.context)
    for at in trials:
        for way, quiet in at.quiet.items():
            np.testing.assert_array_equal(quiet, coming(at.bought, way, at, HORIZON_DAYS).silent)
    monkeypatch.delattr(candidates, "ahead")
    assert challenged(trials, "bg-nbd+recent") is not None


def test_the_same_customers_give_the_same_trees_in_any_order(
    counts: dict[str, Arrays], company: Shop, tables: dict[str, Arrays]
):
    trial = counts["lifetime_trial"]
    order = np.random.default_rng(5).permutation(len(trial["as_of"]))
    shuffled = {**counts, "lifetime_trial": {name: values[order] for name, values in trial.items()}}
    found = fit_worth(shuffled, company.context)
    assert winner(found)["parameters"] == winner(tables)["parameters"]
    one, other = (
        dict(zip(each["lifetime_each"]["customer_id"], each["lifetime_each"]["worth"].round(6), strict=True))
        for each in (tables, found)
    )
    assert one == other


def test_where_the_last_period_was_nearer_trees_abstain_too(counts: dict[str, Arrays], company: Shop):
    trial = counts["lifetime_trial"]
    newest = trial["as_of"] == np.datetime64(company.context.origins[0], "D")
    came = np.where(newest, trial["recent"], trial["came"])
    found = fit_worth({**counts, "lifetime_trial": {**trial, "came": came}}, company.context)
    assert reason(found)["reason"] == "no_better"
    assert BOOSTED in found["backtest"]["candidate"]
    assert found["lifetime_each"]["worth"].size == 0


def test_the_answer_names_them_and_lists_who_is_under_way(known: tuple[KnowledgeBase, dict[str, Arrays]]):
    insight = LIFETIME_VALUE.answer(known[0], {"list": 5})
    assert insight.evidence is not None
    assert said(insight.evidence.method) == "Boosted trees (LightGBM)"
    assert "share the total out otherwise" in said(insight.computed)
    assert insight.table is not None
    assert all(int(str(row[5])) < 6 for row in insight.table.rows)


def test_where_customers_buy_as_the_model_says_trees_do_not_serve():
    company = shop(1, 1_400)
    with Engine.in_memory() as engine:
        found = fit_worth(counted(Published(engine), company.features()), company.context)
    assert BOOSTED in found["backtest"]["candidate"]
    assert winner(found)["candidate"] != BOOSTED
    assert found["lifetime_each"]["worth"].size == 0


def test_few_customers_few_purchases_or_no_library_bear_no_trees(
    counts: dict[str, Arrays], company: Shop, monkeypatch: pytest.MonkeyPatch
):
    newest, *older = _trials(counts, company.context)
    assert bears_trees(newest, older)
    assert not bears_trees(newest, older[:1])
    with monkeypatch.context() as patch:
        patch.setattr(boosted, "can_be_learned", lambda: False)
        assert not bears_trees(newest, older)
    with monkeypatch.context() as patch:
        patch.setattr(boosted, "FEWEST_CUSTOMERS", FEWEST_CUSTOMERS)
        assert not bears_trees(newest, older)
    with monkeypatch.context() as patch:
        patch.setattr(boosted, "FEWEST_BROUGHT", FEWEST_BROUGHT)
        assert not bears_trees(newest, older)


def test_trees_do_not_learn_where_everybody_brought_something(counts: dict[str, Arrays], company: Shop):
    trials = _trials(counts, company.context)
    assert learn_trees(trials, "bg-nbd") is not None
    all_of_them = replace(trials[2], came=np.ones(trials[2].came.size))
    assert learn_trees([*trials[:2], all_of_them], "bg-nbd") is None
    assert challenged([trials[0], trials[1], all_of_them], "bg-nbd") is None
