"""Contracts whose hazards are known: their ``subscription_period``, and what really came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from clientela.analyse.customer.subscriptions.fit import fit_subscriptions
from clientela.contracts.analysis import Arrays, FitContext

AS_OF = date(2024, 7, 1)
HORIZON_DAYS = 92
PARTS = 3
NEVER = 10**6
MONTH = 365.25 / 12


@dataclass(frozen=True)
class Portfolio:
    """Contracts by day: ``starts`` and ``ends`` count from day 0; ``AS_OF`` is day ``today``."""

    starts: np.ndarray
    ends: np.ndarray
    yearly: np.ndarray
    amount: np.ndarray
    unpaid: np.ndarray
    today: int = 1_200
    origins: int = 4
    share_kept: float = np.nan
    share_own: float = 0.0

    @property
    def context(self) -> FitContext:
        return FitContext(
            as_of=AS_OF,
            origins=tuple(AS_OF - timedelta(days=HORIZON_DAYS * k) for k in range(1, self.origins + 1)),
            horizon_days=HORIZON_DAYS,
            first_day=AS_OF - timedelta(days=self.today),
            version="1",
            parameters={},
            sample=1.0,
            rng=np.random.default_rng(0),
        )

    def running(self, back: int = 0) -> np.ndarray:
        """The contracts that ran on the date so many horizons ago."""
        now = self.today - HORIZON_DAYS * back
        return np.flatnonzero((self.starts < now) & (self.ends >= now))

    def period(self) -> Arrays:
        """``subscription_period`` at the date and its origins."""
        rows = [self._period_at(back) for back in range(self.origins + 1)]
        return {name: np.concatenate([each[name] for each in rows]) for name in rows[0]}

    def ended(self) -> np.ndarray:
        """Of those that run on the date, whether they really end within the horizon after it."""
        return self.ends[self.running()] < self.today + HORIZON_DAYS

    def fitted(self, basis: str = "revenue") -> Mapping[str, Arrays]:
        counted = {"basis": np.array([basis], dtype=object)}
        return fit_subscriptions({"subscription_period": self.period(), "lifetime_basis": counted}, self.context)

    def _period_at(self, back: int) -> dict[str, np.ndarray]:
        now, rows = self.today - HORIZON_DAYS * back, self.running(back)
        part = 1 + (self.ends[rows] - now) * PARTS // HORIZON_DAYS
        told = []
        for step in range(1, PARTS + 1 if back else 2):
            there = rows[part >= step] if back else rows
            ends = (part[part >= step] == step) & (back > 0) if back else np.zeros(len(there), bool)
            told.append(np.column_stack([
                self.yearly[there], now - self.starts[there], amount_step(self.amount[there]),
                np.full(len(there), step), ends & ~self.unpaid[there], ends & self.unpaid[there], self.amount[there],
            ]))  # fmt: skip
        found = np.vstack(told)
        kinds, at, counts = np.unique(found[:, :4], axis=0, return_inverse=True, return_counts=True)
        sums = [np.bincount(at.ravel(), found[:, column], len(kinds)) for column in (4, 5, 6)]
        return {
            "as_of": np.full(len(kinds), np.datetime64(AS_OF - timedelta(days=HORIZON_DAYS * back), "D")),
            "is_yearly": kinds[:, 0] > 0,
            **{
                name: kinds[:, place].astype(int)
                for place, name in ((1, "tenure_days"), (2, "amount_step"), (3, "step"))
            },
            "contracts": counts,
            "observed": counts * (back > 0),
            "ended": sums[0].astype(int),
            "unpaid": sums[1].astype(int),
            "amount_a_month": sums[2],
            "margin_a_month": sums[2] * (self.share_kept if not back else np.nan),
            "own_cost_a_month": sums[2] * self.share_own * (not back),
        }


def amount_step(amount: np.ndarray) -> np.ndarray:
    """As the model writes it."""
    return np.floor(0.5 + 2 / np.log(2) * np.log(np.maximum(amount, 0.01)))


def portfolio(
    seed: int, contracts: int, *, yearly: float = 0.2, unpaid: float = 0.004, days: int = 1_200 + HORIZON_DAYS
) -> Portfolio:
    """Contracts that begin at any day. By the month: each has its own chance to end at a renewal, a Beta(0.7, 6). By
    the year: one in four ends at each anniversary. A share of ``unpaid`` is lost each month besides.
    """
    rng = np.random.default_rng(seed)
    starts = rng.integers(0, days, contracts)
    by_year = rng.random(contracts) < yearly
    amount = rng.choice([9.9, 14.9, 29.9], contracts, p=(0.5, 0.3, 0.2))
    chance = rng.beta(0.7, 6.0, contracts)
    months = rng.geometric(np.maximum(chance, 1e-9))
    years = rng.geometric(np.full(contracts, 0.25))
    lasts = np.where(by_year, np.floor(years * 365.25), np.floor(np.minimum(months, 600) * MONTH))
    lost = np.floor(rng.geometric(unpaid, contracts) * MONTH) if unpaid else np.full(contracts, NEVER)
    ends = starts + np.minimum(lasts, lost).astype(int)
    return Portfolio(starts=starts, ends=ends, yearly=by_year, amount=amount, unpaid=lost < lasts)


def few(ends: np.ndarray, **more: Any) -> Portfolio:
    """Contracts by the month that all began on day 0 and end on these days."""
    n = len(ends)
    plain = {"yearly": np.zeros(n, bool), "amount": np.full(n, 10.0), "unpaid": np.zeros(n, bool)}
    return Portfolio(starts=np.zeros(n, int), ends=ends, **{**plain, **more})


def winner(tables: Mapping[str, Arrays]) -> dict[str, Any]:
    """The row of ``model`` that serves, its parameters read."""
    place = int(np.flatnonzero(tables["model"]["winner"])[0])
    row = {name: values[place] for name, values in tables["model"].items()}
    return {**row, "parameters": json.loads(row["parameters"])}


def reason(tables: Mapping[str, Arrays]) -> dict[str, Any]:
    """Why the fit said nothing."""
    assert tables["model"]["candidate"][0] == "none"
    return dict(json.loads(tables["model"]["parameters"][0]))
