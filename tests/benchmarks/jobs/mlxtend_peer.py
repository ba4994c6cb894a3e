"""Frequent sets of up to three items with mlxtend's FP-growth; runs in an interpreter that has it."""

from __future__ import annotations

from time import perf_counter, process_time

import numpy as np
import pandas as pd
from mlxtend.frequent_patterns import fpgrowth
from scipy.sparse import csr_matrix

from tests.benchmarks.jobs.basket_lines import basket_lines


def sets(baskets: int, items: int) -> dict[str, object]:
    """As its documentation shows it, over sparse columns."""
    basket, item = basket_lines(baskets, items)
    began, used = perf_counter(), process_time()
    held = csr_matrix((np.ones(basket.size, dtype=bool), (basket, item)), shape=(baskets, items))
    frame = pd.DataFrame.sparse.from_spmatrix(held)
    frame.columns = [str(each) for each in range(items)]
    found = fpgrowth(frame, min_support=0.001, max_len=3)
    seconds, processor = perf_counter() - began, process_time() - used
    size = found["itemsets"].map(len)
    return {
        "seconds": seconds,
        "processor_seconds": processor,
        "pairs": int((size == 2).sum()),
        "triples": int((size == 3).sum()),
    }
