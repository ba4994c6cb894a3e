"""The company's fiscal year: which of its parts a day lies in, what they are called, and which days a name means."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta

from sqlglot import exp

from clientela.contracts.fiscal import FiscalYear
from clientela.contracts.schema import Type
from clientela.errors import QueryError

FISCAL = ("fiscal_month", "fiscal_quarter", "fiscal_year")
_MONTHS = {"fiscal_month": 1, "fiscal_quarter": 3, "fiscal_year": 12}
_NAMED = re.compile(r"(FY)?(\d{4})(?:-(?:Q([1-4])|P(0[1-9]|1[0-2])))?", re.ASCII | re.IGNORECASE)


def first_day(day: date, part: str, fiscal: FiscalYear) -> date:
    """The first day of the fiscal month, quarter or year that a day lies in.

    Examples
    --------
    >>> first_day(date(2024, 4, 5), "fiscal_year", FiscalYear(4, 6)), first_day(date(2024, 4, 5), "fiscal_month",
    ... FiscalYear(4, 6))
    (datetime.date(2023, 4, 6), datetime.date(2024, 3, 6))
    """
    months = 12 * day.year + day.month - 1 - (day.day < fiscal.day) - (fiscal.month - 1)
    first = months - months % _MONTHS[part] + fiscal.month - 1
    return date(first // 12, first % 12 + 1, fiscal.day)


def name_of(first: date, part: str, fiscal: FiscalYear) -> str:
    """What a fiscal month, quarter or year is called, from its first day.

    Examples
    --------
    >>> april = FiscalYear(4)
    >>> name_of(date(2024, 4, 1), "fiscal_year", april), name_of(date(2025, 1, 1), "fiscal_quarter", april)
    ('FY2025', 'FY2025-Q4')
    >>> name_of(date(2024, 5, 1), "fiscal_month", FiscalYear(4, named_by_end=False))
    'FY2024-P02'
    """
    start = first_day(first, "fiscal_year", fiscal)
    months = 12 * (first.year - start.year) + first.month - start.month
    year = f"FY{start.year + _ahead(fiscal):04}"
    if part == "fiscal_year":
        return year
    return f"{year}-Q{months // 3 + 1}" if part == "fiscal_quarter" else f"{year}-P{months + 1:02}"


def days_of(said: str, fiscal: FiscalYear) -> tuple[date, date] | None:
    """The first and last day that the name of a fiscal year, quarter or month means; None where it is no such name.

    Examples
    --------
    >>> days_of("FY2025-Q4", FiscalYear(4))
    (datetime.date(2025, 1, 1), datetime.date(2025, 3, 31))
    """
    found = _NAMED.fullmatch(said)
    if found is None:
        return None
    _, year, quarter, month = found.groups()
    begins, lasts = 3 * (int(quarter) - 1) if quarter else int(month) - 1 if month else 0, 12
    lasts = 3 if quarter else 1 if month else 12
    start = 12 * (int(year) - _ahead(fiscal)) + fiscal.month - 1 + begins
    try:
        first, after = (date(each // 12, each % 12 + 1, fiscal.day) for each in (start, start + lasts))
    except ValueError:
        return None
    return first, after - timedelta(days=1)


def _ahead(fiscal: FiscalYear) -> int:
    """How many years the name is ahead of the year in which a fiscal year starts."""
    return int(fiscal.named_by_end and (fiscal.month, fiscal.day) != (1, 1))


def spelt_out(tree: exp.Expr, types: Mapping[str, Type], fiscal: FiscalYear) -> exp.Expr:
    """The tree of a typed filter with the days in the place of each fiscal name that a date is compared with.

    Any date takes ``FY2025``; what is fiscal itself takes ``2025`` for it, too.

    Raises
    ------
    QueryError
        A name begins like that of a fiscal year and is none.
    """
    for column in list(tree.find_all(exp.Column)):
        if types.get(column.name) is not Type.DATE or column.parent is None:
            continue
        for literal in list(column.parent.iter_expressions()):
            if isinstance(literal, exp.Literal) and literal.is_string:
                _spell(literal, column.name, fiscal)
    return tree


def _spell(literal: exp.Literal, field: str, fiscal: FiscalYear) -> None:
    said = literal.this
    is_fiscal = said.upper().startswith("FY")
    if not is_fiscal and not (field in FISCAL and _NAMED.fullmatch(said)):
        return
    days = days_of(said, fiscal)
    if days is None:
        raise QueryError(
            f"'{said}' is no fiscal period; write a fiscal year, quarter or month, such as 'FY2025', 'FY2025-Q1' or "
            "'FY2025-P03'."
        )
    literal.set("this", f"{days[0]}/{days[1]}")
