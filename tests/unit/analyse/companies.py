"""Companies whose customers behave as the BG/NBD says: their ``churn_count``, and what really came."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np

from clientela.analyse.customer.churn.fit import fit_churn
from clientela.contracts.analysis import Arrays, FitContext
from tests.unit.estimators.simulated import Purchases, simulated

AS_OF = date(2024, 7, 1)
HORIZON_DAYS = 92


@dataclass(frozen=True)
class Company:
    """Purchases of 460 days up to ``AS_OF``, day 0 the first, and of the horizon after it."""

    purchases: Purchases
    days: int = 460
    origins: int = 4

    @property
    def context(self) -> FitContext:
        return FitContext(
            as_of=AS_OF,
            origins=tuple(AS_OF - timedelta(days=HORIZON_DAYS * k) for k in range(1, self.origins + 1)),
            horizon_days=HORIZON_DAYS,
            first_day=AS_OF - timedelta(days=self.days),
            version="1",
            parameters={},
            sample=1.0,
            rng=np.random.default_rng(0),
        )

    def count(self) -> Arrays:
        """``churn_count`` at the date and its origins."""
        rows = [self._count_at(back) for back in range(self.origins + 1)]
        return {name: np.concatenate([each[name] for each in rows]) for name in rows[0]}

    def left(self) -> int:
        """How many of the customers known at ``AS_OF`` really bought nothing in the horizon after it."""
        *_, customer = self.purchases.history(self.days)
        return int((self._bought_after(self.days)[customer.astype(int)] == 0).sum())

    def fitted(self) -> Mapping[str, Arrays]:
        return fit_churn({"churn_count": self.count()}, self.context)

    def _count_at(self, back: int) -> dict[str, np.ndarray]:
        now = self.days - HORIZON_DAYS * back
        x, t_x, t, customer = self.purchases.history(now)
        recent = self.purchases.bought_within(now - HORIZON_DAYS, now)[customer.astype(int)]
        left = (self._bought_after(now)[customer.astype(int)] == 0) & (back > 0)
        kinds, at, counts = np.unique(
            np.column_stack([x, t_x, t, recent]).reshape(-1, 4), axis=0, return_inverse=True, return_counts=True
        )
        stake = np.bincount(at.ravel(), 10.0 * recent, len(kinds))
        squares = np.bincount(at.ravel(), (10.0 * recent) ** 2, len(kinds))
        day = np.datetime64(AS_OF - timedelta(days=HORIZON_DAYS * back), "D")
        return {
            "as_of": np.full(len(kinds), day),
            **dict(zip(("repeat_purchases", "recency_days", "age_days", "recent_purchases"), kinds.T, strict=True)),
            "customers": counts,
            "observed": counts * (back > 0),
            "has_left": np.bincount(at.ravel(), left, len(kinds)),
            "at_stake": stake,
            "at_stake_norm": np.sqrt(squares),
        }

    def _bought_after(self, now: int) -> np.ndarray:
        return self.purchases.bought_within(now, now + HORIZON_DAYS)


def company(seed: int, customers: int, **parameters: float) -> Company:
    """A company of so many customers; like the published ones where nothing else is said."""
    truth: dict[str, Any] = {"r": 1.2, "alpha": 15.0, "a": 0.6, "b": 6.0, **parameters}
    rng = np.random.default_rng(seed)
    return Company(simulated(rng, customers, 460 + HORIZON_DAYS, joining=400, **truth))


def bought_on(*days: tuple[int, int]) -> Company:
    """A company of these purchases: (customer, day)."""
    who, when = np.array(days, dtype=float).reshape(-1, 2).T
    return Company(Purchases(customer=who, day=when, customers=int(who.max(initial=-1)) + 1))


def winner(tables: Mapping[str, Arrays]) -> dict[str, Any]:
    """The row of ``model`` that serves, its parameters read."""
    place = int(np.flatnonzero(tables["model"]["winner"])[0])
    row = {name: values[place] for name, values in tables["model"].items()}
    return {**row, "parameters": json.loads(row["parameters"])}


def reason(tables: Mapping[str, Arrays]) -> dict[str, Any]:
    """Why the fit said nothing."""
    assert tables["model"]["candidate"][0] == "none"
    return dict(json.loads(tables["model"]["parameters"][0]))
