"""Clusters are found where they are, doubted where there are none, and keep who they are."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearn.tree import DecisionTreeClassifier

from clientela.errors import UndefinedError
from clientela.estimators.grouping.clusters import fit_clusters, nearest, scaling, silhouette
from clientela.estimators.grouping.matching import matched
from clientela.estimators.grouping.migration import steady_state, transition
from clientela.estimators.grouping.stability import NOT_TRUSTED, VALID, stability
from clientela.estimators.grouping.tree import fidelity, grown

MIDDLES = np.array([[0, 0, 0, 0], [4, 0, 0, 4], [0, 4, 4, 0], [4, 4, 0, 0], [0, 0, 4, 4]], dtype=float)


def five(seed: int, each: int = 400) -> tuple[np.ndarray, np.ndarray]:
    """Points around five middles, and which they belong to."""
    rng = np.random.default_rng(seed)
    truth = np.repeat(np.arange(5), each)
    return MIDDLES[truth] + rng.normal(0, 0.8, (len(truth), 4)), truth


@pytest.mark.parametrize("seed", range(10))
def test_five_simulated_clusters_are_recovered(seed: int):
    points, truth = five(seed)
    found = fit_clusters(points, 5, rng=np.random.default_rng(seed))
    assert adjusted_rand_score(truth, nearest(points, found.centres)) >= 0.9


def test_the_spread_is_that_of_scikit_learn():
    points, _ = five(3)
    theirs = KMeans(5, n_init=10, random_state=1).fit(points)
    assert fit_clusters(points, 5, rng=np.random.default_rng(1)).spread == pytest.approx(theirs.inertia_, rel=1e-6)
    assert (nearest(points, theirs.cluster_centers_) == theirs.predict(points)).all()


def test_the_silhouette_is_that_of_scikit_learn():
    points, truth = five(4, each=60)
    assert silhouette(points, truth) == pytest.approx(silhouette_score(points, truth), abs=1e-6)


def test_the_true_number_is_steady_and_a_wrong_one_is_not():
    points, _ = five(5, each=200)
    rng = np.random.default_rng(5)
    least = {k: stability(points, fit_clusters(points, k, rng=rng), rng=rng).min() for k in (5, 8)}
    assert least[5] >= VALID
    assert least[8] < NOT_TRUSTED


def test_few_outliers_do_not_own_a_cluster():
    points, truth = five(6)
    points[0] = 1e6
    scale = scaling(points)
    found = fit_clusters(scale.scaled(points), 5, rng=np.random.default_rng(6))
    assert np.bincount(nearest(scale.scaled(points), found.centres)).min() > 300
    assert adjusted_rand_score(truth, nearest(scale.scaled(points), found.centres)) >= 0.9


def test_a_column_that_is_the_same_for_all_lies_at_nothing():
    points = np.column_stack([np.full(50, 7.0), np.arange(50.0)])
    assert (scaling(points).scaled(points)[:, 0] == 0).all()


def test_fewer_different_points_than_clusters_are_refused():
    with pytest.raises(UndefinedError, match="do not make 3 clusters"):
        fit_clusters(np.zeros((30, 2)), 3, rng=np.random.default_rng(0))


@pytest.mark.parametrize("seed", range(5))
def test_who_did_not_move_keeps_the_name(seed: int):
    """Two runs: the second with some customers moved and new ones come; the names of all others are as before."""
    points, _ = five(seed)
    rng = np.random.default_rng(seed)
    first = fit_clusters(points, 5, rng=rng)
    later = points + rng.normal(0, 0.05, points.shape)
    later[: len(points) // 20] = MIDDLES[rng.integers(5, size=len(points) // 20)]
    second = fit_clusters(np.vstack([later, five(seed + 50, each=40)[0]]), 5, rng=rng)
    same = matched(second.centres, first.centres, farthest=1.5)
    before = nearest(points, first.centres)
    after = np.array([same[each] for each in range(5)])[nearest(later, second.centres)]
    unmoved = np.arange(len(points)) >= len(points) // 20
    assert (before == after)[unmoved].mean() >= 0.95


def test_a_cluster_that_lies_elsewhere_is_a_new_one():
    assert matched(np.array([[0.0], [9.0]]), np.array([[0.1], [3.0]]), farthest=1.5) == {0: 0}


def test_the_tree_says_as_much_as_scikit_learns():
    points, truth = five(7)
    leaves = grown(points, truth, smallest=10)
    theirs = DecisionTreeClassifier(max_depth=3, min_samples_leaf=10, random_state=0).fit(points, truth)
    assert fidelity(leaves) == pytest.approx(theirs.score(points, truth), abs=0.005)
    assert sum(leaf.size for leaf in leaves) == len(points)
    assert max(len(leaf.path) for leaf in leaves) <= 3


def test_a_state_that_was_never_seen_moves_as_all_do():
    chances = transition(np.array([[8.0, 2.0, 0.0], [1.0, 9.0, 0.0], [0.0, 0.0, 0.0]]))
    assert chances.sum(axis=1) == pytest.approx(1)
    assert chances[2] == pytest.approx([9 / 20, 11 / 20, 0])
    assert chances[0] == pytest.approx([(8 + 9 / 20) / 11, (2 + 11 / 20) / 11, 0])


def test_a_steady_state_stays_as_it_is():
    chances = transition(np.array([[80.0, 20.0, 0], [10, 60, 30], [5, 5, 90]]))
    shares = steady_state(chances)
    assert shares @ chances == pytest.approx(shares, abs=1e-9)
    assert steady_state(np.array([[0.0, 1.0], [1.0, 0.0]])) == pytest.approx([0.5, 0.5])  # and not in circles
