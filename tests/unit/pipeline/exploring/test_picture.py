"""What figures say in a sentence, and the picture they get."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from clientela.contracts.fiscal import CALENDAR
from clientela.contracts.insight import Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Value, text
from clientela.errors import QueryError
from clientela.pipeline.exploring.picture import Asked, picture
from clientela.present.say import say

MONEY = TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue"), unit="EUR")
MONTH = TableColumn(name="month", type=Type.DATE, label=text("Month"))
CATEGORY = TableColumn(name="category", type=Type.TEXT, label=text("Category"))


def table(columns: tuple[TableColumn, ...], *rows: tuple[Value, ...], total: tuple[Value, ...] | None = None) -> Table:
    return Table(columns=columns, rows=rows, caption=text("Revenue"), total=total)


def asked(*by: str, **more: object) -> Asked:
    return Asked(measure="revenue", by=by, fiscal=CALENDAR, **more)  # type: ignore[arg-type] # as a call spells it


def euros(*values: float | None) -> list[Decimal | None]:
    return [None if value is None else Decimal(str(value)) for value in values]


def test_the_first_member_is_named_with_its_share() -> None:
    rows = [(name, money) for name, money in zip(("Fruit", "Bread", None), euros(100, 300, 100), strict=True)]
    told = picture(table((CATEGORY, MONEY), *rows, total=(None, Decimal(500))), asked("category", adds=True))
    assert say(told.headline) == "Revenue: Bread comes first with €300, 60.0% of the whole."
    assert told.chart is not None
    assert told.chart.mark is Mark.BAR
    assert [say(row[0]) if not isinstance(row[0], str) else row[0] for row in told.chart.data.rows] == [  # type: ignore[arg-type]
        "Bread",
        "Fruit",
        "unknown",
    ]


def test_no_share_is_said_of_what_does_not_add_up() -> None:
    rows = [("Fruit", Decimal(100)), ("Bread", Decimal(300))]
    told = picture(table((CATEGORY, MONEY), *rows, total=(None, Decimal(250))), asked("category"))
    assert say(told.headline) == "Revenue: Bread comes first with €300."


def test_a_period_that_is_not_over_is_never_the_lowest() -> None:
    rows = [(date(2024, month, 1), money) for month, money in zip((1, 2, 3), euros(300, 200, 10), strict=True)]
    told = picture(table((MONTH, MONEY), *rows), asked("month", last_day=date(2024, 3, 10)))
    assert say(told.headline) == "Revenue: highest in January 2024, at €300; lowest in February 2024, at €200."
    assert told.chart is not None
    assert told.chart.incomplete == (date(2024, 3, 1),)


def test_gains_and_losses_are_said_of_what_is_compared() -> None:
    before = TableColumn(name="revenue_before", type=Type.MONEY, label=text("before"), unit="EUR")
    change = TableColumn(name="revenue_change", type=Type.SHARE, label=text("change"))
    rows = [("Bread", *euros(300, 100, 2)), ("Fruit", *euros(100, 250, -0.6)), ("New", *euros(100, None, None))]
    told = picture(table((CATEGORY, MONEY, before, change), *rows), asked("category", compared=True))
    assert say(told.headline) == "Bread gained most: €200; Fruit lost most: €150."
    assert told.chart is not None
    assert [row[1] for row in told.chart.data.rows] == [Decimal(200), Decimal(-150)]


def test_the_largest_alone_are_drawn_and_that_is_said() -> None:
    rows = [(f"c{n}", Decimal(n)) for n in range(1, 31)]
    told = picture(table((CATEGORY, MONEY), *rows), asked("category"))
    assert told.chart is not None
    assert len(told.chart.data.rows) == 10
    assert say(told.chart.subtitle) == "Revenue, EUR; the 10 largest of 30"


def test_two_dimensions_of_which_one_is_time_are_lines() -> None:
    rows = [(date(2024, month, 1), name, Decimal(month)) for month in (1, 2) for name in ("a", None)]
    told = picture(table((MONTH, CATEGORY, MONEY), *rows), asked("month", "category"))
    assert told.chart is not None
    assert (told.chart.mark, told.chart.series) == (Mark.LINE, "member")


def test_nothing_is_said_as_nothing() -> None:
    assert say(picture(table((CATEGORY, MONEY)), asked("category")).headline) == "Nothing lies within what was asked."
    hidden = picture(table((CATEGORY, MONEY), ("a", text("hidden"))), asked("category"))
    assert say(hidden.headline) == "No figure of Revenue is known here."


def test_one_figure_is_a_figure() -> None:
    assert say(picture(table((MONEY,), (Decimal(900),)), asked()).headline) == "Revenue: €900"


def test_a_kind_of_picture_that_there_is_not_is_refused() -> None:
    with pytest.raises(QueryError, match="a picture is one of auto, line, bar, none, not 'pie'"):
        picture(table((MONEY,), (Decimal(900),)), asked(), "pie")
