"""The numbers of the systems lead back to the accounts that bear them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from clientela.testing.company.exports.numbers import accounts_called, customer_numbers
from clientela.testing.company.people.accounts import OFFICE, SHOP, TILL

HELD = np.array([TILL, SHOP, OFFICE, TILL, SHOP], np.int8)


def test_each_account_is_found_by_its_number() -> None:
    for system in (TILL, SHOP, OFFICE):
        places = np.flatnonzero(np.equal(HELD, system))
        assert np.array_equal(accounts_called(customer_numbers(places, system), HELD), places)


def test_a_number_that_no_account_bears_finds_none() -> None:
    wrong = ["u0000001", "600900000009", "u2", "u00000002", "", None, "nobody", "000002", "u-000002", "6009000000001"]
    assert set(accounts_called(pa.array(wrong, pa.string()), HELD)) == {-1}
    assert list(accounts_called(pa.array(["u0000002", "000003", "x"]), HELD)) == [1, 2, -1]
    assert len(accounts_called(pa.array([], pa.string()), HELD)) == 0
