"""What members are called where they are no cells of their own column: across, in subtotals; and one level down."""

from __future__ import annotations

from datetime import date
from typing import Union

from clientela.contracts.filter import Filter
from clientela.contracts.fiscal import CALENDAR, FiscalYear
from clientela.contracts.text import Text, Value, text
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.fiscal import FISCAL, name_of
from clientela.cube.typed import equal
from clientela.errors import QueryError, UnknownNameError

_BEGINS = {"month": "%Y-%m", "year": "%Y"}


def name_of_member(member: Value, dimension: str, fiscal: FiscalYear = CALENDAR) -> Union[str, Text]:
    """A member in one short word, as a filter takes it.

    Examples
    --------
    >>> name_of_member(date(2024, 4, 1), "month"), name_of_member(date(2024, 4, 1), "quarter")
    ('2024-04', '2024-Q2')
    """
    if member is None:
        return text("unknown")
    if not isinstance(member, date):
        return member if isinstance(member, Text) else str(member)
    if dimension in FISCAL:
        return name_of(member, dimension, fiscal)
    if dimension == "quarter":
        return f"{member.year}-Q{(member.month + 2) // 3}"
    return member.strftime(_BEGINS[dimension]) if dimension in _BEGINS else member.isoformat()


def drilled(said: str, by: list[str], fiscal: FiscalYear = CALENDAR) -> tuple[Filter, list[str]]:
    """One member taken apart: the filter that holds to it, and the dimensions with the next finer one in its place.

    Parameters
    ----------
    said : such as ``region=North`` or ``quarter=2024-Q1``

    Raises
    ------
    QueryError, UnknownNameError
        It names no dimension or no member, or there is nothing finer.

    Examples
    --------
    >>> drilled("quarter=2024-Q1", ["quarter", "channel"])[1]
    ['month', 'channel']
    """
    name, sign, value = said.partition("=")
    name, value = name.strip(), value.strip()
    if not sign or not value:
        raise QueryError(f"'{said}' is no member; write DIMENSION=MEMBER, such as region=North.")
    if name not in DIMENSIONS:
        raise UnknownNameError("dimension", name, DIMENSIONS)
    types = {each: DIMENSIONS[each].type for each in DIMENSIONS}
    kept = equal(name, value, types, fiscal)
    finer = finer_than(name)
    if finer is None and name in by and len(by) == 1:
        raise QueryError(f"there is nothing finer than '{name}'; name by what to see it with --by.")
    below = [finer if each == name and finer is not None else each for each in by if each != name or finer is not None]
    if finer is not None and finer not in below:
        below.append(finer)
    return kept, list(dict.fromkeys(below))


def finer_than(name: str) -> str | None:
    """The dimension one level down in the same hierarchy; None where there is none.

    Examples
    --------
    >>> finer_than("year"), finer_than("category"), finer_than("channel")
    ('quarter', 'subcategory', None)
    """
    own = DIMENSIONS[name]
    below = [each for each in DIMENSIONS.values() if each.hierarchy == own.hierarchy and each.level < own.level]
    return max(below, key=lambda each: each.level).name if below else None
