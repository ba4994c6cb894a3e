"""Baskets of about eight items, some of them bought together more often than chance: the same for everyone."""

from __future__ import annotations

import numpy as np


def basket_lines(baskets: int, items: int) -> tuple[np.ndarray, np.ndarray]:
    """Which basket holds which item, each once; numbers from 0."""
    rng = np.random.default_rng(7)
    share = 1 / np.arange(1, items + 1) ** 0.8
    sizes = 1 + rng.poisson(6.5, baskets)
    basket = np.repeat(np.arange(baskets), sizes)
    item = rng.choice(items, size=basket.size, p=share / share.sum())
    friend = (item * 7 + 3) % items  # what often goes with it
    also = rng.random(basket.size) < 0.08
    pairs = np.concatenate([basket * items + item, basket[also] * items + friend[also]])
    unique = np.unique(pairs)
    return unique // items, unique % items
