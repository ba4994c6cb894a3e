"""When it happened."""

from __future__ import annotations

from clientela.contracts.schema import Type
from clientela.contracts.text import text
from clientela.cube.declared.seen_by.shape import Dimension

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
)
