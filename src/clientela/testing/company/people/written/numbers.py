"""The numbers that each system gives to its customers: the same person has another in each."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from clientela.estimators.arrays import Indices
from clientela.testing.company.people.accounts import OFFICE, SHOP, TILL
from clientela.testing.company.people.written.words import joined, text

# How the numbers of each system begin, and how many digits follow at least.
ACCOUNTS = {TILL: ("6009", 8), SHOP: ("u", 7), OFFICE: ("", 6)}


def account_numbers(account: Indices, system: int) -> pa.Array:
    """What a system calls the customers of its accounts; null for nobody's, -1."""
    sign, digits = ACCOUNTS[system]
    known = pc.if_else(pa.array(account >= 0), text(account + 1), pa.scalar(None, pa.string()))
    return joined(sign, pc.utf8_lpad(known, digits, "0"))


def lettered_numbers(letter: str, number: Indices) -> pa.Array:
    """What a system calls those whom it knows without an account.

    Examples
    --------
    >>> import numpy as np
    >>> lettered_numbers("C", np.array([0, 41])).to_pylist()
    ['C000001', 'C000042']
    """
    return joined(letter, pc.utf8_lpad(text(number + 1), 6, "0"))
