"""Who may see profits and shares of costs: only who may see all that they would tell of."""

from __future__ import annotations

from clientela.access.area import EVERYTHING
from clientela.access.rights import Names, Right, Scope
from clientela.cube.beside.behind import misread, of_rows
from clientela.cube.declared.measure import MEASURES, rests_on


def seeing(*measures: str, columns: tuple[str, ...] = ("*",)) -> Right:
    """The right to see all rows, with these measures and columns."""
    return Right(reach=EVERYTHING, columns=Names(columns), measures=Names(measures))


def test_who_may_not_see_the_margin_sees_no_profit() -> None:
    rest = rests_on(MEASURES["profit"])
    assert rest.measures == ("profit", "margin", "other_revenue", "cost_to_serve", "shared_cost")
    whole, without = Scope((seeing("*"),)), Scope((seeing("*", "!margin*"),))
    assert whole.of_figure("profit", rest.columns, also=rest.measures[1:]) == EVERYTHING
    assert without.of_figure("profit", rest.columns, also=rest.measures[1:]) == ()


def test_who_may_not_see_what_drives_a_cost_or_the_pool_sees_no_share_of_it() -> None:
    assert seeing("*").shows("allocated_cost.amount")
    for hidden in ("cost_pool.amount", "order_line.net_revenue"):
        right = seeing("*", columns=("*", f"!{hidden}"))
        assert not right.shows("allocated_cost.amount")
        assert not right.shows("allocated_cost.units")
        assert right.shows("allocated_cost.customer_id")


def test_the_rows_behind_shared_costs_can_be_filtered_by_the_calendar() -> None:
    assert of_rows("allocated_cost")["month"].needs == ("happened_on",)
    assert not misread("allocated_cost")
