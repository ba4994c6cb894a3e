"""The same with lifetimes; runs in an interpreter that has it."""

from __future__ import annotations

from time import process_time

import numpy as np
import pandas as pd
from lifetimes import BetaGeoFitter, GammaGammaFitter

HORIZON_DAYS = 365.0


def worth(histories: str) -> dict[str, object]:
    """Fit and score as their documentation shows it."""
    frame = pd.DataFrame(np.load(histories), columns=["frequency", "recency", "T", "amount"])
    used = process_time()
    fitter = BetaGeoFitter()
    fitter.fit(frame["frequency"], frame["recency"], frame["T"])
    coming = fitter.conditional_expected_number_of_purchases_up_to_time(
        HORIZON_DAYS, frame["frequency"], frame["recency"], frame["T"]
    )
    money = GammaGammaFitter()
    money.fit(frame["frequency"] + 1, frame["amount"])
    value = coming * money.conditional_expected_average_profit(frame["frequency"] + 1, frame["amount"])
    return {
        "customers": len(frame),
        "processor_seconds": process_time() - used,
        "worth": float(value.sum()),
        "parameters": {name: float(fitter.params_[name]) for name in fitter.params_.index},
    }
