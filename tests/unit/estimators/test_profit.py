"""The expected maximum profit: as published, by a second way, of counts as of persons, and when two are as good."""

import numpy as np
import pytest
from scipy.stats import beta

from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.renewals import fit_renewals, fit_renewals_seen
from clientela.estimators.profit import as_good, expected_maximum_profit


def scored(seed: int, n: int, noise: float) -> tuple[Floats, Floats]:
    rng = np.random.default_rng(seed)
    left = floats(rng.random(n) < 0.2)
    return floats(np.round(left + rng.normal(0, noise, n), 1)), left


def by_trying(chance: Floats, left: Floats) -> float:
    """The same integral over the share who accept, with every cut-off tried at each: the definition, slowly."""
    order = np.argsort(-chance, kind="stable")
    ranked, gone = chance[order], left[order]
    ends = np.concatenate([[0], np.flatnonzero(np.append(np.diff(ranked) != 0, True)) + 1])
    true, false = (np.concatenate([[0.0], np.cumsum(each)])[ends] for each in (gone, 1 - gone))
    shares = (np.arange(20_000) + 0.5) / 20_000
    profits = [(200 * (share * (1 - 10 / 200) - 1 / 200) * true - 200 * (11 / 200) * false).max() for share in shares]
    return float(np.average(profits, weights=beta(6, 14).pdf(shares)) / len(left))


def test_it_is_the_published_figure():
    i = np.arange(1000)
    left = ((7919 * i % 1000) < 200) * 1.0
    chance = 0.2 + 0.25 * left + (104729 * i % 1000) / 2000
    found = expected_maximum_profit(chance, left)
    assert (round(found.expected, 4), round(found.fraction, 4)) == (7.4936, 0.3820)


@pytest.mark.parametrize("noise", [0.2, 0.5, 2.0])
def test_it_is_what_trying_every_cut_off_gives(noise: float):
    chance, left = scored(3, 400, noise)
    assert expected_maximum_profit(chance, left).expected == pytest.approx(by_trying(chance, left), rel=1e-3)


def test_kinds_of_customers_with_counts_are_as_the_customers_one_by_one():
    chance, left = scored(4, 2_000, 0.5)
    kinds, at = np.unique(chance, return_inverse=True)
    counted = expected_maximum_profit(kinds, floats(np.bincount(at, left)), floats(np.bincount(at)))
    plain = expected_maximum_profit(chance, left)
    assert (counted.expected, counted.fraction) == pytest.approx((plain.expected, plain.fraction))
    assert counted.by_leaver[at] == pytest.approx(plain.by_leaver)


def test_what_each_customer_adds_adds_up():
    chance, left = scored(5, 2_000, 0.5)
    found = expected_maximum_profit(chance, left)
    assert np.where(left > 0, found.by_leaver, found.by_stayer).mean() == pytest.approx(found.expected)


def test_rankings_that_differ_by_chance_are_as_good_and_others_are_not():
    chance, left = scored(6, 2_000, 0.5)
    one = np.ones(len(left))
    rng = np.random.default_rng(7)
    best = expected_maximum_profit(chance, left)
    near = expected_maximum_profit(chance + rng.normal(0, 0.01, len(left)).round(2), left)
    far = expected_maximum_profit(chance + rng.normal(0, 1.0, len(left)), left)
    first, second = sorted((best, near), key=lambda each: -each.expected)
    assert as_good(first, second, one, left)
    assert not as_good(best, far, one, left)


def test_an_offer_that_costs_what_a_customer_is_worth_is_refused():
    chance, left = scored(8, 50, 0.5)
    with pytest.raises(UndefinedError, match="an offer of 200"):
        expected_maximum_profit(chance, left, offer=200.0)
    with pytest.raises(UndefinedError, match="needs customers who left"):
        expected_maximum_profit(chance, np.zeros(50))


def test_renewals_seen_from_the_first_are_those_of_whole_cohorts():
    ended = floats([369, 163, 86, 56, 37, 27, 21])  # Fader & Hardie (2007), 'regular'
    t = floats(np.arange(1, 8))
    whole = fit_renewals(floats([*t, 7]), floats([1] * 7 + [0]), floats([*ended, 1000 - ended.sum()]))
    seen = fit_renewals_seen(t, 1000 - np.concatenate([[0], np.cumsum(ended)[:-1]]), ended)
    assert (seen.alpha, seen.beta) == pytest.approx((whole.alpha, whole.beta), rel=1e-4)
    assert (round(seen.alpha, 3), round(seen.beta, 3)) == (0.704, 1.182)
    assert seen.log_likelihood == pytest.approx(whole.log_likelihood, rel=1e-8)


def test_renewals_are_found_where_the_first_were_not_watched():
    rng = np.random.default_rng(9)
    theta = rng.beta(0.7, 6.0, 60_000)
    lasts = rng.geometric(np.maximum(theta, 1e-9))
    t = np.arange(4, 16)
    at_risk = floats([(lasts >= each).sum() for each in t])
    left = floats([(lasts == each).sum() for each in t])
    fit = fit_renewals_seen(floats(t), at_risk, left)
    hazard = fit.alpha / (fit.alpha + fit.beta + t - 1)
    assert hazard == pytest.approx(0.7 / (6.7 + t - 1), rel=0.08)
    with pytest.raises(UndefinedError, match="counted from 1"):
        fit_renewals_seen(floats([0]), floats([1]), floats([0]))
