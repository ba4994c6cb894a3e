"""The numbers that each system gives to its customers, orders and products: the same thing has another in each."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from clientela.estimators.arrays import Indices
from clientela.testing.company.exports.spelling import joined, whole_numbers
from clientela.testing.company.people.accounts import OFFICE, SHOP, TILL

_CUSTOMER = {TILL: ("6009", 8), SHOP: ("u", 7), OFFICE: ("", 6)}
_ORDER = {TILL: "T", SHOP: "WEB-", OFFICE: "AB/"}


def customer_numbers(account: Indices, system: int) -> pa.Array:
    """What a system calls the customers of its accounts; null for nobody's, -1."""
    sign, digits = _CUSTOMER[system]
    known = pc.if_else(pa.array(account >= 0), whole_numbers(account + 1), pa.scalar(None, pa.string()))
    return joined(sign, pc.utf8_lpad(known, digits, "0"))


def order_numbers(order: Indices, system: int) -> pa.Array:
    """What a system calls its orders; null for none, -1."""
    known = pc.if_else(pa.array(order >= 0), whole_numbers(order + 1), pa.scalar(None, pa.string()))
    return joined(_ORDER[system], known)


def product_numbers(product: Indices) -> pa.Array:
    """What all systems call the products."""
    return joined("P", pc.utf8_lpad(whole_numbers(product + 1), 4, "0"))
