"""What is counted of costs that are shared out, and what customers leave in the end."""

from __future__ import annotations

from clientela.contracts.text import text
from clientela.cube.declared.counted.shape import Measure, Sum, Unit

OF_COSTS = (
    Measure(
        name="shared_cost",
        label=text("Shared costs"),
        description=text("Pools of costs such as warehouse or rent: what customers got of them, and what nobody got."),
        unit=Unit.MONEY,
        fact="allocated_cost",
        aggregate="coalesce(sum(amount), 0)",
    ),
    Measure(
        name="unallocated_cost",
        label=text("Unallocated costs"),
        description=text("The part of the shared costs that no known customer got, by driver or for want of one."),
        unit=Unit.MONEY,
        fact="allocated_cost",
        aggregate="coalesce(sum(amount) filter (where allocation <> 'shared out'), 0)",
    ),
)

OF_PROFIT = (
    Sum(
        name="profit",
        label=text("Profit"),
        description=text(
            "Margin and other revenue, less the cost to serve and the shared costs; over lines whose cost is known."
        ),
        unit=Unit.MONEY,
        terms=((1, "margin"), (1, "other_revenue"), (-1, "cost_to_serve"), (-1, "shared_cost")),
        is_own=False,
    ),
)
