"""Purchase histories of so many customers, written once; and what clientela foresees of each."""

from __future__ import annotations

from pathlib import Path
from time import process_time

import numpy as np

from clientela.estimators.arrays import Floats, floats
from clientela.estimators.lifetime.gamma_gamma import expected_amount, fit_gamma_gamma
from clientela.estimators.lifetime.ways import WAYS, ahead, slopes
from clientela.estimators.lifetime.worth import range_of
from tests.unit.estimators.simulated import simulated

TRUE = {"r": 0.8, "alpha": 30.0, "a": 0.6, "b": 2.5}
HORIZON_DAYS = 365.0


def write(out: str, customers: int) -> dict[str, object]:
    """x, t_x, T and the mean amount of each customer, as one NumPy file."""
    rng = np.random.default_rng(8)
    x, t_x, t, _ = simulated(rng, customers, 730, **TRUE, joining=700).history(730)
    amount = rng.gamma(6.0 * (x + 1)) / rng.gamma(4.0, 1 / 60.0, x.size) / (x + 1)
    Path(out).parent.mkdir(parents=True, exist_ok=True)
    np.save(out, np.column_stack([x, t_x, t, amount]))
    return {"customers": int(x.size)}


def worth(histories: str, *, ranges: bool) -> dict[str, object]:
    """Count, fit, score: what each customer will bring; with ``ranges`` that of each and the slopes of the total."""
    x, t_x, t, amount = np.load(histories).T
    used = process_time()
    kinds, place, counts = _counted(x, t_x, t)
    way = WAYS["bg-nbd"]
    fit = way.fit(*kinds, counts)
    money = fit_gamma_gamma(x + 1, amount)
    coming = ahead(way, fit, *kinds, HORIZON_DAYS)
    each = expected_amount(money, x + 1, amount)
    value = coming.expected[place] * each
    answer: dict[str, object] = {"customers": x.size, "kinds": counts.size, "worth": float(value.sum())}
    if ranges:
        between = range_of(coming, money, kinds[0] + 1)
        low, high = between.low[place] * each, between.high[place] * each
        answer |= {"inside": float(((low <= value) & (value <= high)).mean())}
        answer |= {"slopes": len(slopes(way, fit, *kinds, HORIZON_DAYS))}
    answer["processor_seconds"] = process_time() - used
    return answer | {"parameters": {name: getattr(fit, name) for name in way.names}}


def _counted(x: Floats, t_x: Floats, t: Floats) -> tuple[tuple[Floats, Floats, Floats], Floats, Floats]:
    """Distinct histories, where each customer's is among them, and how many have each."""
    packed = (x.astype(np.int64) * 1000 + t_x.astype(np.int64)) * 1000 + t.astype(np.int64)
    found, place, counts = np.unique(packed, return_inverse=True, return_counts=True)
    kinds = (floats(found // 1_000_000), floats(found // 1000 % 1000), floats(found % 1000))
    return kinds, place, floats(counts)
