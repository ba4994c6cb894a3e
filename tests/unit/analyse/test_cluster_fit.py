"""The clusters that a run finds: as many as there are, of the right customers; refused or flagged where not steady."""

import json
from decimal import Decimal

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score

from clientela.analyse.customer.segments import cluster_fit
from clientela.analyse.customer.segments.cluster_fit import AXES, fit_clusters_of
from clientela.analyse.customer.segments.clusters import Found, _caveats
from clientela.estimators.grouping.stability import NOT_TRUSTED, VALID
from clientela.present.say import say
from tests.unit.analyse.test_group_tables import AS_OF, context

KINDS = ((4, 60, 12, 700), (40, 5, 400, 600), (500, 3, 30, 900), (9, 25, 90, 60), (150, 40, 8, 1_500))
"""Days silent, purchase days, basket and age of five kinds of customers."""


def five_kinds(seed: int, each: int = 240) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """``cluster_sample`` of customers of five kinds, and which kind each is of."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(5), each)
    drawn = np.array(KINDS, dtype=float)[truth] * np.exp(rng.normal(0, 0.25, (len(truth), 4)))
    return {
        "fitted_on": np.full(len(truth), np.datetime64(AS_OF)), "customer_id": np.arange(len(truth)),
        "days_since": np.maximum(drawn[:, 0].round(), 1), "purchase_days": np.maximum(drawn[:, 1].round(), 1),
        "basket": drawn[:, 2].round(2), "age_days": drawn[:, 3].round(), "revenue": drawn[:, 1] * drawn[:, 2],
    }, truth  # fmt: skip


@pytest.mark.parametrize("seed", range(3))
def test_the_run_finds_how_many_kinds_of_customers_there_are_and_who_is_of_which(seed: int):
    """Nobody says that there are five: as served, by the centres that SQL scores with."""
    given, truth = five_kinds(seed)
    learned = fit_clusters_of({"cluster_sample": given}, context(rng=np.random.default_rng(seed)))
    centre = learned["cluster_centre"]

    def of(part: str) -> np.ndarray:
        return np.column_stack([centre[f"{axis}_{part}"] for axis in AXES])

    assert len(centre["cluster"]) == 5
    logs = np.log1p(np.column_stack([given[axis] for axis in AXES]))
    points = (np.clip(logs, of("low")[0], of("high")[0]) - of("middle")[0]) / of("width")[0]
    nearest = ((points[:, None, :] - of("centre")[None]) ** 2).sum(axis=2).argmin(axis=1)
    assert adjusted_rand_score(truth, nearest) >= 0.9
    said = json.loads(learned["model"]["parameters"][0])
    assert min(each["steady"] for each in said["names"].values()) >= VALID
    assert said["fidelity"] >= 0.9


def test_clusters_that_do_not_come_back_are_refused_and_doubtful_ones_flagged(monkeypatch: pytest.MonkeyPatch):
    given, _ = five_kinds(1, each=60)

    def found(steady: float) -> dict[str, np.ndarray]:
        monkeypatch.setattr(
            cluster_fit, "stability", lambda points, clusters, rng: np.full(len(clusters.centres), steady)
        )
        return dict(fit_clusters_of({"cluster_sample": given}, context())["model"])

    refused = found(NOT_TRUSTED - 0.01)
    assert refused["candidate"].tolist() == ["none"]
    assert json.loads(refused["parameters"][0])["reason"] == "unsteady"
    said = json.loads(found(NOT_TRUSTED + 0.01)["parameters"][0])
    shown = [
        Found(name=name, customers=1, revenue=Decimal(1), steady=each["steady"], usual={}, rule=None)
        for name, each in said["names"].items()
    ]
    assert any(say(each).startswith("Do not build on group A, B") for each in _caveats(shown))
    steady = json.loads(found(VALID)["parameters"][0])["names"]
    sure = [Found(name=name, customers=1, revenue=Decimal(1), steady=VALID, usual={}, rule=None) for name in steady]
    assert not any("Do not build" in say(each) for each in _caveats(sure))


def test_evenly_spread_customers_make_no_clusters_that_are_trusted_for_nothing():
    """In a cloud without gaps whatever is found is steady or refused: never served below the line."""
    rng = np.random.default_rng(8)
    cloud = {name: np.exp(rng.normal(3, 1, 400)) for name in (*AXES, "revenue")}
    even = cloud | {"fitted_on": np.full(400, np.datetime64(AS_OF)), "customer_id": np.arange(400)}
    learned = fit_clusters_of({"cluster_sample": even}, context())
    said = json.loads(learned["model"]["parameters"][0])
    if learned["model"]["winner"][0]:
        assert min(each["steady"] for each in said["names"].values()) >= NOT_TRUSTED
    else:
        assert said["reason"] == "unsteady"
