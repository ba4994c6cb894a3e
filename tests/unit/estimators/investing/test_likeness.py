"""Likeness: it recovers what makes the best, lifts are counted as defined, ties and rare values do no harm."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clientela.errors import UndefinedError
from clientela.estimators.arrays import floats
from clientela.estimators.investing.likeness import fit_likeness, found_in_top, lift, lift_beyond
from tests.some import examples


def world(seed: int, n: int = 4000) -> tuple[dict[str, np.ndarray], np.ndarray, np.ndarray]:
    """Customers, one a row: sector c makes one of the best three times as likely, the rest nothing; and the chance."""
    rng = np.random.default_rng(seed)
    traits = {
        "sector": rng.choice(["a", "b", "c"], n, p=[0.5, 0.3, 0.2]).astype(object),
        "region": rng.choice(["n", "s"], n).astype(object),
    }
    chance = np.where(traits["sector"] == "c", 0.3, 0.1)
    return traits, (rng.random(n) < chance).astype(float), chance


def test_it_recovers_the_chances_and_names_what_makes_them():
    traits, best, chance = world(1)
    learned = fit_likeness(traits, floats(np.ones(best.size)), floats(best))
    assert np.abs(learned.chance(traits) - chance).max() < 0.04
    reasons = learned.speaks_for(traits)
    assert {each[0] for each, sector in zip(reasons, traits["sector"], strict=True) if sector == "c"} == {
        ("sector", "c")
    }
    assert all(
        ("sector", "c") not in each for each, sector in zip(reasons, traits["sector"], strict=True) if sector != "c"
    )


def test_counted_rows_give_what_single_ones_give():
    traits, best, _ = world(2, 600)
    kinds, at = np.unique(np.stack([traits["sector"], traits["region"]]).astype(str), axis=1, return_inverse=True)
    counted = {"sector": kinds[0].astype(object), "region": kinds[1].astype(object)}
    n, y = np.bincount(at.ravel()), np.bincount(at.ravel(), best)
    one = fit_likeness(traits, floats(np.ones(best.size)), floats(best)).chance(counted)
    assert one == pytest.approx(fit_likeness(counted, floats(n), floats(y)).chance(counted), abs=1e-8)


def test_a_value_of_few_customers_does_not_count_by_itself():
    traits, best, _ = world(3, 500)
    traits["sector"][:9], best[:9] = "rare", 1.0
    learned = fit_likeness(traits, floats(np.ones(best.size)), floats(best))
    assert ("sector", "rare") not in learned.values


def test_the_most_frequent_value_is_a_reason_too_where_it_makes_the_best():
    traits, _, _ = world(6)
    best = np.random.default_rng(6).random(4000) < np.where(traits["sector"] == "a", 0.3, 0.1)
    reasons = fit_likeness(traits, floats(np.ones(4000)), floats(best)).speaks_for(traits)
    assert {("sector", "a") in each for each, said in zip(reasons, traits["sector"], strict=True) if said == "a"} == {
        True
    }


def test_a_value_that_was_never_seen_is_no_reason():
    traits, best, _ = world(4, 500)
    learned = fit_likeness(traits, floats(np.ones(best.size)), floats(best))
    unseen = {"sector": np.array(["new"], dtype=object), "region": np.array(["elsewhere"], dtype=object)}
    assert 0 < learned.chance(unseen)[0] < 0.4
    assert learned.speaks_for(unseen) == [()]


@pytest.mark.parametrize("best", [0.0, 1.0])
def test_without_the_best_or_without_others_nothing_is_learned(best: float):
    traits, _, _ = world(5, 100)
    with pytest.raises(UndefinedError):
        fit_likeness(traits, floats(np.ones(100)), floats(np.full(100, best)))


def test_where_all_are_alike_nothing_is_learned():
    with pytest.raises(UndefinedError, match="no trait tells"):
        fit_likeness({"sector": np.array(["a"], dtype=object)}, floats([100]), floats([10]))


@settings(deadline=None, max_examples=examples(50))
@given(st.lists(st.tuples(st.integers(0, 4), st.integers(1, 9), st.integers(0, 9)), min_size=1, max_size=20))
def test_the_top_is_as_large_as_asked_whatever_ties(rows: list[tuple[int, int, int]]):
    scores, customers, best = floats(rows).T
    parts = found_in_top(scores, customers, 0.3)
    assert parts @ customers == pytest.approx(0.3 * customers.sum())
    if best.sum():
        found = lift(scores, customers, best, share=0.3)
        assert found.low <= found.value + 1e-9
        assert found.value <= found.high + 1e-9
        assert lift_beyond(scores, scores, customers, best, share=0.3).value == 0


def test_chance_lifts_nothing_in_nineteen_of_twenty_tries():
    inside = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        best = (rng.random(2000) < 0.1).astype(float)
        found = lift(floats(rng.random(2000)), floats(np.ones(2000)), floats(best), share=0.1)
        inside += found.low <= 1 <= found.high
    assert 180 <= inside <= 199
