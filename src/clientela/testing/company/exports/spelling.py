"""Values as texts, whole columns at once."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

Texts = Mapping[str, pa.Array]


def money(cents: NDArray[np.int64], decimal: str = ".") -> pa.Array:
    """Amounts with two digits after the sign.

    Examples
    --------
    >>> money(np.array([123456, -5, 0]), ",").to_pylist()
    ['1234,56', '-0,05', '0,00']
    """
    whole, part = np.divmod(np.abs(cents), 100)
    sign = pc.if_else(pa.array(cents < 0), "-", "")
    return joined(sign, whole_numbers(whole), decimal, pc.utf8_lpad(whole_numbers(part), 2, "0"))


def whole_numbers(numbers: NDArray[np.integer]) -> pa.Array:
    """Whole numbers as texts."""
    return pa.array(np.asarray(numbers)).cast(pa.string())


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts put together, row by row; null where a part is null."""
    return pc.binary_join_element_wise(*parts, "")


def blank(texts: pa.Array, where: NDArray[np.bool_]) -> pa.Array:
    """The texts, null where told."""
    return pc.if_else(pa.array(where), pa.scalar(None, pa.string()), texts)


def escaped(texts: pa.Array) -> pa.Array:
    """Texts as they stand in a JSON string."""
    return pc.replace_substring(pc.replace_substring(texts, "\\", "\\\\"), '"', '\\"')
