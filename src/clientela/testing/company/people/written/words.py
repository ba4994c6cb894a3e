"""Texts looked up, put together and changed, whole columns at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clientela.testing.company.people.drawn import Flags


def looked_up(words: Sequence[str], places: npt.NDArray[np.integer]) -> pa.Array:
    """The words at some places of a list."""
    return pa.array(words, pa.string()).take(pa.array(places))


def text(numbers: npt.NDArray[np.integer]) -> pa.Array:
    """Whole numbers as texts."""
    return pc.cast(pa.array(numbers), pa.string())


def joined(*parts: pa.Array | str) -> pa.Array:
    """Texts put together, row by row; null where a part is null."""
    return pc.binary_join_element_wise(*parts, "")


def each(column: pa.Array, change: Callable[[str], str]) -> pa.Array:
    """The texts changed, each different one once."""
    coded = pc.dictionary_encode(column)
    return pa.array([change(said) for said in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)


def folded(said: str) -> str:
    """Small letters without accents and blanks, as in an e-mail address."""
    return "".join(letter for letter in without_accents(said).lower() if letter.isalnum())


def without_accents(said: str) -> str:
    """As somebody writes it whose keyboard has no accents."""
    return unicodedata.normalize("NFKD", said).encode("ascii", "ignore").decode()


def as_typed(column: pa.Array, loud: Flags, plain: Flags) -> pa.Array:
    """Some in capitals, some without accents."""
    column = pc.if_else(pa.array(plain), each(column, without_accents), column)
    return pc.if_else(pa.array(loud), pc.utf8_upper(column), column)


def unknown(column: pa.Array, where: Flags) -> pa.Array:
    """The column, null where told."""
    return pc.if_else(pa.array(where), pa.scalar(None, column.type), column)
