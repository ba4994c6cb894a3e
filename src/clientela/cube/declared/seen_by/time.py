"""When it happened."""

from __future__ import annotations

from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.cube.declared.seen_by.shape import Dimension


def _since(part: str) -> str:
    """The first day of the part of a fiscal year that a day lies in: the year is moved to January, cut, moved back."""
    moved = "day - interval (:fiscal_days) day - interval (:fiscal_months) month"
    first = f"date_trunc('{part}', {moved}) + interval (:fiscal_months) month + interval (:fiscal_days) day"
    return f"cast({first} as date)"


TIME = (
    Dimension(
        name="day",
        label=text("Day"),
        description=text("The day it happened, in the company's time zone."),
        expression="day",
        type=Type.DATE,
        hierarchy="time",
        reads=(),
    ),
    Dimension(
        name="week",
        label=text("Week"),
        description=text("The ISO week, named by its Monday."),
        expression="cast(date_trunc('week', day) as date)",
        type=Type.DATE,
        hierarchy="week",
        level=2,
        reads=(),
    ),
    Dimension(
        name="month",
        label=text("Month"),
        description=text("The month, named by its first day."),
        expression="cast(date_trunc('month', day) as date)",
        type=Type.DATE,
        hierarchy="time",
        level=2,
        reads=(),
    ),
    Dimension(
        name="quarter",
        label=text("Quarter"),
        description=text("The quarter, named by its first day."),
        expression="cast(date_trunc('quarter', day) as date)",
        type=Type.DATE,
        hierarchy="time",
        level=3,
        reads=(),
    ),
    Dimension(
        name="year",
        label=text("Year"),
        description=text("The year, named by its first day."),
        expression="cast(date_trunc('year', day) as date)",
        type=Type.DATE,
        hierarchy="time",
        level=4,
        reads=(),
    ),
    Dimension(
        name="fiscal_month",
        label=text("Fiscal month"),
        description=text("The month of the company's fiscal year, named by its first day."),
        expression=_since("month"),
        type=Type.DATE,
        hierarchy="fiscal",
        level=2,
        reads=(),
    ),
    Dimension(
        name="fiscal_quarter",
        label=text("Fiscal quarter"),
        description=text("The quarter of the company's fiscal year, named by its first day."),
        expression=_since("quarter"),
        type=Type.DATE,
        hierarchy="fiscal",
        level=3,
        reads=(),
    ),
    Dimension(
        name="fiscal_year",
        label=text("Fiscal year"),
        description=text("The company's fiscal year, named by its first day."),
        expression=_since("year"),
        type=Type.DATE,
        hierarchy="fiscal",
        level=4,
        reads=(),
    ),
)
