"""What is counted of customers: those who came, those who were lost, what is foreseen of them."""

from __future__ import annotations

from clientela.contracts.text import text
from clientela.cube.declared.counted.shape import Measure, Unit

_OF_MARGIN = ("order_line.cost_of_goods", "order_line.net_revenue")  # who may not see these is not told what comes

OF_CUSTOMERS = (
    Measure(
        name="new_customers",
        label=text("New customers"),
        description=text("Customers whose first purchase falls in the period."),
        unit=Unit.COUNT,
        fact="customer_start",
        aggregate="count(*)",
    ),
    Measure(
        name="lost_customers",
        label=text("Lost customers"),
        description=text(
            "Different customers who had then not bought again for as many days as make a customer lost (lapse_days)."
        ),
        unit=Unit.COUNT,
        fact="customer_loss",
        aggregate="count(distinct customer_id)",
        adds_over_time=False,
    ),
    Measure(
        name="customers_won_back",
        label=text("Customers won back"),
        description=text("Different customers who bought again after they had counted as lost."),
        unit=Unit.COUNT,
        fact="customer_return",
        aggregate="count(distinct customer_id)",
        adds_over_time=False,
    ),
    Measure(
        name="customers_scored",
        label=text("Customers with a forecast"),
        description=text("Customers for whom the risk of loss was estimated."),
        unit=Unit.COUNT,
        fact="score",
        aggregate="count(*) filter (where analysis = 'churn-risk')",
        adds_over_time=False,
    ),
    Measure(
        name="customers_at_risk",
        label=text("Customers expected to be lost"),
        description=text("How many customers are expected not to buy in the horizon: the sum of their probabilities."),
        unit=Unit.NUMBER,
        fact="score",
        aggregate="sum(value) filter (where analysis = 'churn-risk')",
        empty=None,
        adds_over_time=False,
    ),
    Measure(
        name="expected_loss",
        label=text("Expected loss"),
        description=text("Revenue expected to be lost in the horizon with the customers who do not buy."),
        unit=Unit.MONEY,
        fact="score",
        aggregate="sum(value) filter (where analysis = 'churn-loss')",
        empty=None,
        adds_over_time=False,
    ),
    Measure(
        name="customers_valued",
        label=text("Customers with a lifetime value"),
        description=text("Customers for whom it was estimated what they will bring."),
        unit=Unit.COUNT,
        fact="score",
        aggregate="count(*) filter (where analysis = 'lifetime-value')",
        reads=_OF_MARGIN,
        adds_over_time=False,
    ),
    Measure(
        name="margin_to_come",
        label=text("Margin to come"),
        description=text(
            "Margin that customers are expected to bring from now on, what comes later counted for less; revenue where "
            "costs are not known."
        ),
        unit=Unit.MONEY,
        fact="score",
        aggregate="sum(value) filter (where analysis = 'lifetime-value')",
        reads=_OF_MARGIN,
        empty=None,
        adds_over_time=False,
    ),
    Measure(
        name="customers_in_tiers",
        label=text("Customers in investment tiers"),
        description=text("Customers of whom it is known whether it pays to invest in them."),
        unit=Unit.COUNT,
        fact="customer_tier",
        aggregate="count(*)",
        reads=_OF_MARGIN,
        adds_over_time=False,
    ),
    Measure(
        name="customers_sure_of_tier",
        label=text("Customers whose tier is sure"),
        description=text("Customers whose investment tier would be the same anywhere in the range of what they bring."),
        unit=Unit.COUNT,
        fact="customer_tier",
        aggregate="count(*) filter (where is_sure)",
        reads=_OF_MARGIN,
        adds_over_time=False,
    ),
    Measure(
        name="margin_at_stake",
        label=text("Margin at stake"),
        description=text("Margin to come times the chance of leaving: what goes on average if nothing is done."),
        unit=Unit.MONEY,
        fact="customer_tier",
        aggregate="sum(at_stake)",
        reads=_OF_MARGIN,
        empty=None,
        adds_over_time=False,
    ),
    Measure(
        name="margin_from_actions",
        label=text("Margin an action may earn"),
        description=text("Margin to come times the share of it that an action is assumed to change, before its cost."),
        unit=Unit.MONEY,
        fact="customer_tier",
        aggregate="sum(gain)",
        reads=_OF_MARGIN,
        empty=None,
        adds_over_time=False,
    ),
    Measure(
        name="buyers_of_cohort",
        label=text("Customers of a cohort who bought"),
        description=text(
            "Different customers who bought in the month, by the month of their first purchase; the month that is not "
            "over is left out."
        ),
        unit=Unit.COUNT,
        fact="customer_month",
        aggregate="count(distinct customer_id)",
        adds_over_time=False,
    ),
    Measure(
        name="segment_members",
        label=text("Customers in segments"),
        description=text("Different customers who are in a segment, in one or in several."),
        unit=Unit.COUNT,
        fact="segment_member",
        aggregate="count(distinct customer_id)",
        adds_over_time=False,
    ),
)
