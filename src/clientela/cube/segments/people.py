"""The golden records of customers as arrays, so that conditions can be asked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlglot import exp

from clientela.access.area import Reach
from clientela.contracts.schema import Type
from clientela.cube.fields import quoted
from clientela.cube.scoped import within
from clientela.cube.segments.fields import attributes
from clientela.cube.segments.truth import DIGITS, Values
from clientela.cube.view import View


@dataclass(frozen=True, slots=True)
class Golden:
    """Customers in ascending order, with some columns of theirs, (n,) each."""

    customer: NDArray[np.int64]
    columns: Mapping[str, Values]

    def for_(self, customers: NDArray[np.int64]) -> dict[str, Values]:
        """The columns of other customers in ascending order; unknown of who is not among them."""
        places = np.searchsorted(self.customer, customers)
        places = np.minimum(places, max(0, len(self.customer) - 1))
        there = self.customer[places] == customers if len(self.customer) else np.zeros(len(customers), dtype=bool)
        told = {}
        for name, column in self.columns.items():
            if not len(self.customer):
                none = np.zeros(len(customers), dtype=column.values.dtype)  # a text is compared as one, known or not
                told[name] = Values(none, there, column.digits)
                continue
            found = column.at(places)
            told[name] = Values(found.values, found.known & there, found.digits)
        return told


def golden(view: View, names: Sequence[str], reach: Reach | None = None) -> Golden:
    """The golden records with the columns ``names``, of the customers within a reach (None: all)."""
    asked = exp.select("customer_id", *(quoted(name) for name in names)).from_("customer").order_by("customer_id")
    if reach is not None:
        within(asked, reach)
    rows = view.fetch(asked, {})
    customer = np.asarray(rows.column("customer_id").combine_chunks().to_numpy(zero_copy_only=False)).astype(np.int64)
    return Golden(customer, {name: as_values(rows.column(name).to_pylist(), attributes()[name]) for name in names})


def as_values(told: Sequence[Any], kind: Type) -> Values:
    """Python values of one type as they are compared."""
    known = np.array([each is not None for each in told], dtype=bool)
    digits = DIGITS.get(kind, 0)
    if kind is Type.DATE:
        days = np.array(["1970-01-01" if each is None else each.isoformat() for each in told], dtype="datetime64[D]")
        return Values(days.astype(np.int64), known)
    if kind in (Type.TEXT, Type.BOOL):
        column = np.empty(len(told), dtype=object)
        column[:] = [*told]
        return Values(column, known)
    units = [0 if each is None else int(Decimal(each).scaleb(digits)) for each in told]
    return Values(np.array(units, dtype=np.int64), known, digits)
