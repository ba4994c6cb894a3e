"""The truth is kept as its contracts have it, and read by one function."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clientela.errors import UnknownNameError, UsageError
from clientela.testing.company.truth import TRUTH, Truth, read

MESSAGE = {"week": np.array([3, 3]), "customer": np.array([5, 9]), "contacts": np.array([1, 2])}


def test_parts_are_read_as_one_table_and_each_week_alone(tmp_path: Path) -> None:
    truth = Truth(tmp_path)
    truth.keep_week("message", MESSAGE, 3)
    truth.keep_week("message", {**MESSAGE, "week": np.array([4, 4])}, 4)
    assert read(tmp_path, "message")["week"].to_pylist() == [3, 3, 4, 4]
    assert read(tmp_path, "message", weeks=[4]).to_pylist()[1] == {"week": 4, "customer": 9, "contacts": 2}


def test_a_table_kept_again_is_replaced_and_nothing_unfinished_stays(tmp_path: Path) -> None:
    truth = Truth(tmp_path)
    truth.keep("world", {"name": ["seed"], "value": ["1"]})
    path = truth.keep("world", {"name": ["seed"], "value": ["2"]})
    assert read(tmp_path, "world").to_pylist() == [{"name": "seed", "value": "2"}]
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_never_is_kept_as_unknown(tmp_path: Path) -> None:
    paid = np.array([12.0, np.inf])
    given = {name: np.array([1, 2]) for name in TRUTH["invoice"].names}
    Truth(tmp_path).keep_week("invoice", {**given, "paid": paid}, 0)
    assert read(tmp_path, "invoice")["paid"].to_pylist() == [12, None]


def test_other_columns_than_promised_are_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="message has the columns week, customer, contacts; given: week, customer"):
        Truth(tmp_path).keep("message", {name: MESSAGE[name] for name in ("week", "customer")})


def test_a_table_there_is_not_and_one_that_was_not_kept_are_told_apart(tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'customer'"):
        read(tmp_path, "custumer")
    with pytest.raises(UsageError, match="nothing of the truth's table customer has been kept"):
        read(tmp_path, "customer")


@pytest.mark.parametrize("name", TRUTH)
def test_each_contract_says_what_every_column_is_and_keys_it_has(name: str) -> None:
    promised = TRUTH[name]
    assert promised.description.endswith(".")
    assert set(promised.key) <= set(promised.names)
    assert all(column.description for column in promised.columns)
    assert len(set(promised.names)) == len(promised.names)
