"""Splink alone, as its own tutorials set it up: one form for all sets, nothing chosen by looking at the truth."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa

from tests.identity.scoring import components

THRESHOLD = 0.95


def splink_untuned(
    rows: Sequence[Mapping[str, str]], kinds: Mapping[str, str], *, threshold: float = THRESHOLD
) -> tuple[npt.NDArray[np.int64], np.ndarray]:
    """The groups that Splink finds, and its pairs as rows (left, right, weight).

    ``kinds`` says of each column what it is: a name, a date with its form, an e-mail address, or a term.
    Blocked on each name, date and address alone, trained by expectation maximisation under two of them, joined from
    0.95 on, as the tutorial does.
    """
    import splink.comparison_library as cl
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on

    logging.getLogger("splink").setLevel(logging.ERROR)
    table = pa.table({
        "unique_id": np.arange(len(rows)),
        **{name: [row[name] or None for row in rows] for name in kinds},
    })  # fmt: skip
    comparisons: list[Any] = []
    for name, kind in kinds.items():
        if kind == "name":
            comparisons.append(cl.NameComparison(name))
        elif kind.startswith("%"):
            comparisons.append(cl.DateOfBirthComparison(name, input_is_string=True, datetime_format=kind))
        elif kind == "email":
            comparisons.append(cl.EmailComparison(name))
        else:
            comparisons.append(cl.ExactMatch(name).configure(term_frequency_adjustments=True))
    blocks = [name for name, kind in kinds.items() if kind != "term"]
    names = [name for name, kind in kinds.items() if kind == "name"]
    settings = SettingsCreator(
        link_type="dedupe_only",
        comparisons=comparisons,
        blocking_rules_to_generate_predictions=[block_on(name) for name in blocks],
    )
    with duckdb.connect() as connection, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        database = DuckDBAPI(connection)
        linker = Linker(database.register(table), settings, log_level=logging.ERROR)
        sure = [block_on(*names, blocks[len(names)])]
        linker.training.estimate_probability_two_random_records_match(sure, recall=0.7)
        linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
        for block in (block_on(*names), block_on(blocks[len(names)])):
            linker.training.estimate_parameters_using_expectation_maximisation(block)
        pairs = linker.inference.predict(threshold_match_probability=0.001)
        found = connection.execute(
            f"select unique_id_l, unique_id_r, match_weight, match_probability from {pairs.physical_name}"  # noqa: S608
        ).fetchnumpy()
    left, right = (np.asarray(found[name]).astype(np.int64) for name in ("unique_id_l", "unique_id_r"))
    sure_enough = np.asarray(found["match_probability"]) >= threshold
    groups = components(len(rows), left[sure_enough], right[sure_enough])
    return groups, np.column_stack([left, right, np.asarray(found["match_weight"])])
