"""What was told is told again of the same rows only, and to the last digit as if it were counted again."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import Names, Right, Scope
from clientela.contracts.analysis import Result
from clientela.contracts.filter import Condition, Operator
from clientela.cube.figures.query import query
from clientela.cube.figures.remembered import Remembered
from clientela.cube.view import View
from clientela.errors import NotPermittedError, UnknownNameError
from tests.unit.cube.published import Published, line

LINES = (
    line("1", 1, "2024-01-05", "10", territory_id="ES"),
    line("2", 2, "2024-01-06", "7", territory_id="IT"),
    line("3", 1, "2024-02-05", "1", territory_id="ES", channel="web"),
    line("4", None, "2024-02-06", "3", territory_id="IT"),
)
SALES = ("revenue", "orders", "customers", "basket")
LATE = Condition("day", Operator.GE, LINES[2]["happened_on"])

Ask = Callable[..., Result]


def asking(view: View, counted: list[tuple[str, ...]]) -> Ask:
    """Asks through what is remembered; ``counted`` are the questions that had to be counted."""
    remembered = Remembered()

    def ask(measures: Sequence[str], by: Sequence[str] = (), where: Condition | None = None) -> Result:
        def anew() -> Result:
            counted.append((*measures, *by))
            return query(view, measures, by, where)

        return remembered.of(view, measures, by, where, (), (), anew)

    return ask


@pytest.mark.parametrize("where", [None, LATE])
@pytest.mark.parametrize(
    ("measures", "by"), [(("customers",), ("month",)), (("basket", "revenue"), ("month",)), (SALES[:3], ())]
)
def test_fewer_figures_of_the_same_rows_are_not_counted_again(
    published: Published, where: Condition | None, measures: tuple[str, ...], by: tuple[str, ...]
) -> None:
    view, counted = published.add(order_line=LINES).view(), list[tuple[str, ...]]()
    ask = asking(view, counted)
    ask(SALES, ("month",), where)
    assert ask(measures, by, where) == query(view, measures, by, where)
    assert len(counted) == 1


def test_figures_of_another_fact_filter_or_member_are_counted(published: Published) -> None:
    view, counted = published.add(order_line=LINES).view(), list[tuple[str, ...]]()
    ask = asking(view, counted)
    ask(("revenue", "cases"), ("month",))
    for measures, by, where in (
        (("revenue",), ("month",), None),  # beside cases there may be months without a line
        (("revenue",), ("channel",), None),
        (("revenue",), ("month",), LATE),
        (("margin",), ("month",), None),
    ):
        assert ask(measures, by, where) == query(view, measures, by, where)
    assert len(counted) == 5


def test_figures_that_one_sees_of_other_rows_are_counted(published: Published) -> None:
    def seen(place: str, *measures: str) -> Right:
        return Right(reach=(Area(territories=frozenset({place})),), columns=Names(("*",)), measures=Names(measures))

    scope = Scope((seen("ES", "revenue"), seen("IT", "revenue", "customers")))
    view, counted = published.add(order_line=LINES).view(scope=scope), list[tuple[str, ...]]()
    ask = asking(view, counted)
    assert ask(("revenue", "customers"), ("day",)).rows != ask(("customers",), ("day",)).rows
    assert ask(("customers",), ("day",)) == query(view, ("customers",), ("day",))
    assert counted == [("revenue", "customers", "day"), ("customers", "day")]


def test_what_may_not_be_asked_is_refused_though_it_was_told(published: Published) -> None:
    right = Right(reach=EVERYTHING, columns=Names(("*", "!order_line.channel")), measures=Names(("*",)))
    view = published.add(order_line=LINES).view(scope=Scope((right,)))
    ask = asking(view, [])
    ask(SALES, ("month",))
    with pytest.raises(NotPermittedError, match="cannot be seen by"):
        ask(("revenue",), ("channel",))
    with pytest.raises(UnknownNameError):
        ask(("revenu",), ("month",))
