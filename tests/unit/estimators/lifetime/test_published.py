"""The purchase models find what is published, and their gradients are those of their likelihoods."""

import csv
import gzip
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.special import gammaln, hyp2f1

from clientela.errors import NotConvergedError, UndefinedError
from clientela.estimators import beta_geometric
from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime import gamma_gamma, modified, opportunities, pareto, renewals
from clientela.estimators.lifetime.ways import WAYS, ahead

ALIVE = {1: [369, 163, 86, 56, 37, 27, 21, 241], 2: [131, 126, 90, 60, 42, 34, 26, 491]}
"""Of 1,000 regular and 1,000 high-end customers: who left at each of seven renewals, and who stayed."""


def columns(file: Path, *names: str) -> list[Floats]:
    with file.open() as opened:
        rows = list(csv.DictReader(opened))
    return [floats([float(row[name]) for row in rows]) for name in names]


def cdnow(folder: Path) -> list[Floats]:
    return columns(folder / "cdnow" / "cdnow_customers_summary.csv", "frequency", "recency", "T")


def test_mbg_nbd_of_cdnow(shared_data: Path):
    fit = modified.fit_modified(*cdnow(shared_data))
    assert [round(each, 3) for each in (fit.r, fit.alpha, fit.a, fit.b)] == [0.525, 6.183, 0.891, 1.614]
    assert round(fit.log_likelihood, 2) == -9582.13


def test_pareto_nbd_of_cdnow_is_as_the_authors_publish_it(shared_data: Path):
    fit = pareto.fit_pareto(*cdnow(shared_data))
    assert [round(each, 3) for each in (fit.r, fit.alpha, fit.s)] == [0.553, 10.578, 0.606]
    assert fit.beta == pytest.approx(11.669, abs=2e-3)  # published 11.669; the top is at 11.668
    assert round(fit.log_likelihood, 2) == -9594.97


def test_gamma_gamma_of_the_repeat_buyers_of_cdnow(shared_data: Path):
    x, mean = columns(shared_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv", "x", "zbar")
    fit = gamma_gamma.fit_gamma_gamma(x[x > 0], mean[x > 0])
    assert [round(each, 2) for each in (fit.p, fit.q)] == [6.25, 3.74]
    assert fit.gamma == pytest.approx(15.448, abs=2e-3)
    assert (round(fit.log_likelihood, 1), fit.customers) == (-4055.9, 946)


def test_who_comes_often_hardly_spends_more_each_time_among_cdnow(shared_data: Path):
    x, mean = columns(shared_data / "cdnow" / "cdnow_customers_summary_with_transactions.csv", "x", "zbar")
    x, mean = x[x > 0], mean[x > 0]
    found = gamma_gamma.correlation(x, np.ones(x.size), mean, float((mean**2).sum()))
    assert found == pytest.approx(0.114, abs=1e-3)
    assert found == pytest.approx(float(np.corrcoef(x, mean)[0, 1]), abs=1e-12)
    assert np.isnan(gamma_gamma.correlation(x, np.ones(x.size), np.ones(x.size), float(x.size)))


def test_the_next_39_weeks_of_cdnow_are_foreseen_better_than_by_the_same_rate(shared_data: Path):
    x, t_x, t = cdnow(shared_data)
    came = later_purchases(shared_data)
    missed = {}
    for name, way in WAYS.items():
        coming = ahead(way, way.fit(x, t_x, t), x, t_x, t, 39.0)
        missed[name] = float(np.abs(coming.alive * coming.purchases - came).mean())
    same_rate = float(np.abs(x / t * 39 - came).mean())
    assert came.sum() == 1882
    assert missed["bg-nbd"] == pytest.approx(0.786, abs=1e-3)
    assert max(missed.values()) <= 0.80
    assert same_rate == pytest.approx(1.024, abs=1e-3)


def later_purchases(folder: Path) -> Floats:
    """Purchase days of each customer of the sample in weeks 40 to 78."""
    bought: dict[int, set[date]] = {}
    with gzip.open(folder / "cdnow" / "CDNOW_sample.txt.gz", "rt") as lines:
        for line in lines:
            _, number, day, *_ = line.split()
            bought.setdefault(int(number), set()).add(date(int(day[:4]), int(day[4:6]), int(day[6:])))
    return floats([sum(day > date(1997, 9, 30) for day in bought[number]) for number in sorted(bought)])


@pytest.mark.parametrize(
    ("cohort", "alpha", "beta", "log_likelihood"), [(1, 0.704, 1.182, -1680.3), (2, 0.668, 3.806, -1611.2)]
)
def test_renewals_of_seven_years_are_as_the_authors_publish_them(
    cohort: int, alpha: float, beta: float, log_likelihood: float
):
    fit = renewals.fit_renewals(floats([*range(1, 8), 7]), floats([1] * 7 + [0]), floats(ALIVE[cohort]))
    assert (round(fit.alpha, 3), round(fit.beta, 3)) == (alpha, beta)
    assert round(fit.log_likelihood, 1) == log_likelihood


def test_renewals_of_cohorts_of_different_ages(shared_data: Path):
    with (shared_data / "contractual_cohorts" / "sbg_cohorts.csv").open() as file:
        rows = list(csv.DictReader(file))
    t, age = (floats([float(row[name]) for row in rows]) for name in ("recency", "T"))
    fit = renewals.fit_renewals(t, (t < age) * 1.0)
    assert fit.customers == 2000
    assert fit.at_bound == ()
    assert 0 < renewals.survival(fit, floats([8]))[0] < renewals.survival(fit, floats([1]))[0] < 1


def test_donors_of_six_years_are_as_the_authors_publish_them(shared_data: Path):
    file = shared_data / "donations_bgbb" / "donations_summary.csv"
    fit = opportunities.fit_opportunities(*columns(file, "frequency", "recency", "periods", "weights"))
    found = (fit.alpha, fit.beta, fit.gamma, fit.delta)
    assert [round(each, 3) for each in found] == [1.204, 0.75, 0.657, 2.783]
    assert (round(fit.log_likelihood, 2), fit.customers) == (-33225.58, 11104)
    assert opportunities.probability_alive(fit, floats([6, 0]), floats([6, 0]), floats([6, 6])).round(2).tolist() == [
        0.93,
        0.11,
    ]


HISTORIES = (floats([0, 1, 3, 40, 0]), floats([0, 5, 200.5, 300, 0]), floats([10, 5, 250, 301, 400]))
LIKELIHOODS: list[tuple[Callable[..., Any], tuple[float, ...], tuple[Floats, ...]]] = [
    (modified.log_likelihood, (0.525, 6.183, 0.891, 1.614), HISTORIES),
    (modified.log_likelihood, (2.0, 50.0, 0.01, 30.0), HISTORIES),
    (pareto.log_likelihood, (0.553, 10.578, 0.606, 11.669), HISTORIES),
    (pareto.log_likelihood, (2.0, 0.5, 3.0, 400.0), HISTORIES),
    (pareto.log_likelihood, (0.1, 400.0, 0.01, 0.5), HISTORIES),
    (gamma_gamma.log_likelihood, (6.25, 3.74, 15.44), (floats([1, 2, 50]), floats([3.0, 40.0, 9.5]))),
    (gamma_gamma.log_likelihood, (0.3, 0.8, 100.0), (floats([1, 2, 50]), floats([3.0, 40.0, 9.5]))),
    (renewals.log_likelihood, (0.704, 1.182), (floats([1, 3, 7]), floats([1, 1, 0]))),
    (opportunities.log_likelihood, (1.2, 0.75, 0.66, 2.78), (floats([0, 1, 6]), floats([0, 3, 6]), floats([6, 5, 6]))),
]


@pytest.mark.parametrize(("likelihood", "at", "given"), LIKELIHOODS)
def test_the_gradient_is_that_of_the_likelihood(
    likelihood: Callable[..., Any], at: tuple[float, ...], given: tuple[Floats, ...]
):
    _, gradient = likelihood(floats(at), *given)
    for place, value in enumerate(at):
        step = value * 1e-5
        above, below = (floats([*at[:place], value + sign * step, *at[place + 1 :]]) for sign in (1, -1))
        rise = likelihood(above, *given)[0] - likelihood(below, *given)[0]
        assert gradient[place] == pytest.approx(rise / (2 * step), rel=1e-6, abs=1e-6)


def test_the_pareto_nbd_is_what_the_hypergeometric_form_says():
    r, alpha, s, beta = 0.553, 10.578, 0.606, 11.669
    x, t_x, t = floats([0, 2, 7]), floats([0, 30.43, 38.0]), floats([38.86, 38.86, 38.86])

    def form(y: Floats) -> Floats:  # for α ≤ β
        return floats(hyp2f1(r + s + x, r + x, r + s + x + 1, (beta - alpha) / (beta + y)) / (beta + y) ** (r + s + x))

    left = s / (r + s + x) * (form(t_x) - form(t))
    stays = 1 / ((alpha + t) ** (r + x) * (beta + t) ** s)
    expected = gammaln(r + x) - gammaln(r) + r * np.log(alpha) + s * np.log(beta) + np.log(left + stays)
    found = [
        pareto.log_likelihood(floats([r, alpha, s, beta]), x[i : i + 1], t_x[i : i + 1], t[i : i + 1])[0]
        for i in (1, 2)
    ]
    assert found == pytest.approx(expected[1:], rel=1e-9)


def test_customers_who_stayed_once_more_are_those_of_the_modified_model():
    x, t = floats([0, 3]), floats([100, 100])
    fit = modified.CDNOW
    other = beta_geometric.BetaGeometric(r=fit.r, alpha=fit.alpha, a=fit.a, b=fit.b + 1, log_likelihood=0, customers=1)
    assert modified.while_alive(fit, x, t, 39.0) == pytest.approx(
        beta_geometric.purchases_while_alive(other, x, t, 39.0)
    )


@pytest.mark.parametrize("fit", [modified.fit_modified, pareto.fit_pareto])
def test_nobody_bought_twice(fit: Callable[..., Any]):
    with pytest.raises(NotConvergedError, match="two different days"):
        fit(floats([0, 0]), floats([0, 0]), floats([10, 20]))
    with pytest.raises(UndefinedError, match="a history needs"):
        fit(floats([1]), floats([5]), floats([4]))


def test_what_is_no_renewal_no_opportunity_no_amount_is_refused():
    with pytest.raises(UndefinedError, match="renewals"):
        renewals.fit_renewals(floats([0]), floats([1]))
    with pytest.raises(NotConvergedError, match="renewal yet"):
        renewals.fit_renewals(floats([0, 0]), floats([0, 0]))
    with pytest.raises(UndefinedError, match="opportunities"):
        opportunities.fit_opportunities(floats([3]), floats([2]), floats([6]))
    with pytest.raises(NotConvergedError, match="nobody took"):
        opportunities.fit_opportunities(floats([0]), floats([0]), floats([6]))
    with pytest.raises(UndefinedError, match="above 0"):
        gamma_gamma.fit_gamma_gamma(floats([1]), floats([-3]))
    with pytest.raises(NotConvergedError, match="no purchase with an amount"):
        gamma_gamma.fit_gamma_gamma(floats([]), floats([]))
