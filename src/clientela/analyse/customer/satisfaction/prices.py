"""How far prices move what satisfied and dissatisfied customers buy, from prices of the same products over time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from clientela.analyse.customer.learned import brief
from clientela.contracts.analysis import Arrays
from clientela.errors import UndefinedError
from clientela.estimators.arrays import Floats, Indices, floats
from clientela.estimators.comparing.elasticity import difference, elasticity

FEWEST_PRODUCTS = 10
"""So many products whose price changed must both have bought."""
FEWEST_LINES = 100
"""So many lines of them each must have bought."""
PRICED = ("satisfied", "dissatisfied")


def moved_by_prices(table: Arrays, customers: Mapping[str, int]) -> dict[str, Any]:
    """The price elasticity of each of the two, and how they differ; or why there is none.

    Parameters
    ----------
    table : ``satisfaction_price``
    customers : how many of each feeling there are

    Returns
    -------
    dict
        ``reason``, ``found`` and ``needed`` where nothing is told; else ``products``, of each feeling its elasticity as
        ``value``, ``low`` and ``high``, and ``effect``: a row as the other comparisons have.
    """
    feeling = np.asarray(table["feeling"], dtype=str)
    names, product = np.unique(np.asarray(table["product_id"], dtype=str), return_inverse=True)
    if len(names) < FEWEST_PRODUCTS:
        return {"reason": "products", "found": len(names), "needed": FEWEST_PRODUCTS}
    lines = min(int(floats(table["lines"])[feeling == name].sum()) for name in PRICED)
    if lines < FEWEST_LINES:
        return {"reason": "lines", "found": lines, "needed": FEWEST_LINES}
    price, days, pieces = np.log(floats(table["price"])), floats(table["days"]), floats(table["pieces"])
    try:
        satisfied, dissatisfied = (
            elasticity(*_of(product, price, days, pieces, np.flatnonzero(feeling == name))) for name in PRICED
        )
    except UndefinedError:
        return {"reason": "products", "found": 0, "needed": FEWEST_PRODUCTS}
    apart = difference(dissatisfied, satisfied)
    told = {"own": dissatisfied.value, "as_satisfied": satisfied.value, "effect": apart.value}
    told |= {"low": apart.low, "high": apart.high, "chance": apart.chance}
    return {
        "products": len(names),
        **{
            name: {key: brief(getattr(each.contrast, key)) for key in ("value", "low", "high")}
            for name, each in zip(PRICED, (satisfied, dissatisfied), strict=True)
        },
        "effect": {
            "outcome": "price",
            "group": "dissatisfied",
            "about": None,
            "n": customers["dissatisfied"],
            **{key: brief(value) for key, value in told.items()},
        },
    }


def _of(
    product: Indices, price: Floats, days: Floats, pieces: Floats, rows: Indices
) -> tuple[Indices, Floats, Floats, Floats]:
    return product[rows], price[rows], days[rows], pieces[rows]
