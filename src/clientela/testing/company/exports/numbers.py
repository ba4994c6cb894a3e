"""The numbers that each system gives to its customers, orders and products: the same thing has another in each."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.exports.spelling import joined, whole_numbers
from clientela.testing.company.people.accounts import OFFICE, SHOP, TILL, Accounts
from clientela.testing.company.people.written.numbers import ACCOUNTS, account_numbers

_ORDER = {TILL: "T", SHOP: "WEB-", OFFICE: "AB/"}


def customer_numbers(account: Indices, system: int) -> pa.Array:
    """What a system calls the customers of its accounts; null for nobody's, -1."""
    return account_numbers(account, system)


def accounts_called(numbers: pa.Array, system: NDArray[np.int8]) -> Indices:
    """The accounts that bear the numbers; -1 for a number that no account bears.

    Parameters
    ----------
    system : (accounts,); that of each account
    """
    found = np.full(len(numbers), -1)
    for each, (sign, digits) in ACCOUNTS.items():
        said = pc.match_substring_regex(numbers, f"^{sign}[0-9]{{{digits},18}}$")
        where = np.flatnonzero(pc.fill_null(said, False))
        place = pc.utf8_slice_codeunits(numbers.take(pa.array(where)), len(sign)).cast(pa.int64()).to_numpy() - 1
        there = (place >= 0) & (place < len(system))
        there[there] = system[place[there]] == each
        there[there] = pc.equal(customer_numbers(place[there], each), numbers.take(pa.array(where[there])))
        found[where[there]] = place[there]
    return found


def order_numbers(order: Indices, system: int) -> pa.Array:
    """What a system calls its orders; null for none, -1."""
    known = pc.if_else(pa.array(order >= 0), whole_numbers(order + 1), pa.scalar(None, pa.string()))
    return joined(_ORDER[system], known)


def product_numbers(product: Indices) -> pa.Array:
    """What all systems call the products."""
    return joined("P", pc.utf8_lpad(whole_numbers(product + 1), 4, "0"))


def newest_numbers(accounts: Accounts, customer: Indices, at: Floats, system: int) -> pa.Array:
    """What a system calls customers: their newest account there by then; null for who has none."""
    account = np.full(len(customer), -1)
    first = accounts.first[customer]
    count = accounts.first[customer + 1] - first
    for place in range(int(count.max(initial=0))):
        here = first + np.minimum(place, count - 1)
        there = (place < count) & (accounts.system[here] == system) & (accounts.since[here] <= at)
        account = np.where(there, here, account)
    return customer_numbers(account, system)
