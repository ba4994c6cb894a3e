"""What is counted of opportunities and targets."""

from __future__ import annotations

from clientela.contracts.text import text
from clientela.cube.declared.counted.shape import Measure, Ratio, Unit

OF_SELLING = (
    Measure(
        name="opportunities",
        label=text("Opportunities"),
        description=text("Opportunities by the day they were opened."),
        unit=Unit.COUNT,
        fact="opportunity",
        aggregate="count(*)",
    ),
    Measure(
        name="pipeline",
        label=text("Pipeline"),
        description=text("Amounts of the opportunities that are open."),
        unit=Unit.MONEY,
        fact="opportunity",
        aggregate="coalesce(sum(amount) filter (where is_open), 0)",
        adds_over_time=False,
    ),
    Measure(
        name="opportunities_open",
        label=text("Open opportunities"),
        description=text("Opportunities that are neither won nor lost."),
        unit=Unit.COUNT,
        fact="opportunity",
        aggregate="count(*) filter (where is_open)",
        adds_over_time=False,
    ),
    Measure(
        name="opportunities_won",
        label=text("Opportunities won"),
        description=text("Opportunities that were won."),
        unit=Unit.COUNT,
        fact="opportunity",
        aggregate="count(*) filter (where is_won)",
    ),
    Measure(
        name="opportunities_decided",
        label=text("Opportunities decided"),
        description=text("Opportunities that were won or lost."),
        unit=Unit.COUNT,
        fact="opportunity",
        aggregate="count(*) filter (where is_won or is_lost)",
    ),
    Measure(
        name="won_amount",
        label=text("Won"),
        description=text("Amounts of the opportunities that were won."),
        unit=Unit.MONEY,
        fact="opportunity",
        aggregate="coalesce(sum(amount) filter (where is_won), 0)",
    ),
    Measure(
        name="days_to_decide",
        label=text("Days to decide, in all"),
        description=text("Days from opening to closing, of all closed opportunities together."),
        unit=Unit.DAYS,
        fact="opportunity",
        aggregate="sum(days_to_close)",
        empty=None,
    ),
    Measure(
        name="opportunities_closed",
        label=text("Opportunities closed"),
        description=text("Opportunities of which it is known when they were closed."),
        unit=Unit.COUNT,
        fact="opportunity",
        aggregate="count(*) filter (where days_to_close is not null)",
    ),
    Measure(
        name="revenue_target",
        label=text("Revenue planned"),
        description=text("Revenue that was planned."),
        unit=Unit.MONEY,
        fact="target",
        aggregate="sum(value) filter (where measure = 'revenue')",
        empty=None,
    ),
)

OF_SELLING_DIVIDED = (
    Ratio(
        name="win_rate",
        label=text("Win rate"),
        description=text("Opportunities won, divided by those won or lost."),
        unit=Unit.SHARE,
        numerator="opportunities_won",
        denominator="opportunities_decided",
    ),
    Ratio(
        name="sales_cycle",
        label=text("Days to decide"),
        description=text("Days from opening to closing, divided by the opportunities closed."),
        unit=Unit.NUMBER,
        numerator="days_to_decide",
        denominator="opportunities_closed",
    ),
    Ratio(
        name="target_reached",
        label=text("Share of the plan"),
        description=text("Revenue divided by the revenue planned."),
        unit=Unit.SHARE,
        numerator="revenue",
        denominator="revenue_target",
    ),
)
