"""What the cube can count: every measure once, with its unit and how far it may be added up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Union

from clientela.contracts.schema import Type
from clientela.contracts.text import Text, text


class Unit(StrEnum):
    """What a measure's number counts."""

    MONEY = "money"
    COUNT = "count"
    SHARE = "share"
    NUMBER = "number"
    DAYS = "days"

    @property
    def type(self) -> Type:
        """The contract type of a figure in this unit."""
        return _TYPES[self]


_TYPES: Mapping[Unit, Type] = MappingProxyType(
    {
        Unit.MONEY: Type.MONEY,
        Unit.COUNT: Type.INT,
        Unit.SHARE: Type.SHARE,
        Unit.NUMBER: Type.NUMBER,
        Unit.DAYS: Type.INT,
    }
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An aggregate over the rows of one fact.

    ``aggregate`` is portable SQL over the fact's columns. ``empty`` is the figure where the fact has
    no row: 0 where nothing happened, None where nothing is known. ``adds_over_time`` and
    ``adds_over_customers`` say whether figures of separate days, or of separate customers, may be
    summed; a count of different customers may not be summed over time.
    """

    name: str
    label: Text
    description: Text
    unit: Unit
    fact: str
    aggregate: str
    empty: int | None = 0
    adds_over_time: bool = True
    adds_over_customers: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratio:
    """One measure divided by another, computed anew at every level and never summed.

    It is None where the denominator is 0 or either part is unknown.
    """

    name: str
    label: Text
    description: Text
    unit: Unit
    numerator: str
    denominator: str


_ORDER_LINES = (
    Measure(
        name="revenue",
        label=text("Revenue"),
        description=text(
            "Sales less returns and cancellations, after discount and before tax; shipping and fees apart."
        ),
        unit=Unit.MONEY,
        fact="order_line",
        aggregate="coalesce(sum(net_revenue) filter (where is_revenue), 0)",
    ),
    Measure(
        name="other_revenue",
        label=text("Other revenue"),
        description=text("Shipping and fees, after discount and before tax."),
        unit=Unit.MONEY,
        fact="order_line",
        aggregate="coalesce(sum(net_revenue) filter (where kind in ('shipping', 'fee')), 0)",
    ),
    Measure(
        name="sales",
        label=text("Sales"),
        description=text("Revenue of the lines that were sold, before returns and cancellations are taken off."),
        unit=Unit.MONEY,
        fact="order_line",
        aggregate="coalesce(sum(net_revenue) filter (where is_sale), 0)",
    ),
    Measure(
        name="returns",
        label=text("Returns"),
        description=text("Revenue given back on return lines, as a positive amount."),
        unit=Unit.MONEY,
        fact="order_line",
        aggregate="coalesce(-sum(net_revenue) filter (where kind = 'return'), 0)",
    ),
    Measure(
        name="margin",
        label=text("Margin"),
        description=text("Revenue less cost of goods, over the lines whose cost is known."),
        unit=Unit.MONEY,
        fact="order_line",
        aggregate="sum(net_revenue - cost_of_goods) filter (where is_revenue)",
        empty=None,
    ),
    Measure(
        name="revenue_with_cost",
        label=text("Revenue with a known cost"),
        description=text("Revenue of the lines whose cost of goods is known."),
        unit=Unit.MONEY,
        fact="order_line",
        aggregate="coalesce(sum(net_revenue) filter (where is_revenue and cost_of_goods is not null), 0)",
    ),
    Measure(
        name="discount",
        label=text("Discounts"),
        description=text("Discounts given, over the lines whose discount is known."),
        unit=Unit.MONEY,
        fact="order_line",
        aggregate="sum(discount) filter (where is_revenue)",
        empty=None,
    ),
    Measure(
        name="revenue_before_discount",
        label=text("Revenue before discount"),
        description=text("What the lines whose discount is known would have brought without it."),
        unit=Unit.MONEY,
        fact="order_line",
        aggregate="sum(net_revenue + discount) filter (where is_revenue)",
        empty=None,
    ),
    Measure(
        name="anonymous_revenue",
        label=text("Revenue without a customer"),
        description=text("Revenue of lines that name no customer, such as sales at the till."),
        unit=Unit.MONEY,
        fact="order_line",
        aggregate="coalesce(sum(net_revenue) filter (where is_revenue and customer_id is null), 0)",
    ),
    Measure(
        name="orders",
        label=text("Orders"),
        description=text("Different orders with at least one line that was sold."),
        unit=Unit.COUNT,
        fact="order_line",
        aggregate="count(distinct (source, order_id)) filter (where is_sale)",
        adds_over_time=False,
        adds_over_customers=False,
    ),
    Measure(
        name="order_lines",
        label=text("Order lines"),
        description=text("Lines that were sold."),
        unit=Unit.COUNT,
        fact="order_line",
        aggregate="count(*) filter (where is_sale)",
    ),
    Measure(
        name="quantity",
        label=text("Quantity"),
        description=text("Units sold less units returned and cancelled, over the lines whose quantity is known."),
        unit=Unit.NUMBER,
        fact="order_line",
        aggregate="sum(quantity) filter (where is_revenue)",
        empty=None,
    ),
    Measure(
        name="customers",
        label=text("Customers"),
        description=text("Different customers who bought; sales without a customer are never counted."),
        unit=Unit.COUNT,
        fact="order_line",
        aggregate="count(distinct customer_id) filter (where is_sale)",
        adds_over_time=False,
    ),
    Measure(
        name="customer_revenue",
        label=text("Revenue of customers"),
        description=text("Revenue of lines that name a customer."),
        unit=Unit.MONEY,
        fact="order_line",
        aggregate="coalesce(sum(net_revenue) filter (where is_revenue and customer_id is not null), 0)",
    ),
    Measure(
        name="purchase_days",
        label=text("Purchase days"),
        description=text("Days on which a customer bought, counted once for each customer and day."),
        unit=Unit.COUNT,
        fact="order_line",
        aggregate="count(distinct (customer_id, day)) filter (where is_sale and customer_id is not null)",
    ),
    Measure(
        name="days_since_purchase",
        label=text("Days since the last purchase"),
        description=text("Days from the latest purchase to the date looked from."),
        unit=Unit.DAYS,
        fact="order_line",
        aggregate="date_diff('day', max(day) filter (where is_sale), cast(:as_of as date))",
        empty=None,
        adds_over_time=False,
        adds_over_customers=False,
    ),
)

_CUSTOMERS = (
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
)

_RATIOS = (
    Ratio(
        name="margin_share",
        label=text("Margin share"),
        description=text("Margin divided by the revenue of the same lines."),
        unit=Unit.SHARE,
        numerator="margin",
        denominator="revenue_with_cost",
    ),
    Ratio(
        name="cost_known_share",
        label=text("Share of revenue with a known cost"),
        description=text("Revenue of the lines whose cost of goods is known, divided by revenue."),
        unit=Unit.SHARE,
        numerator="revenue_with_cost",
        denominator="revenue",
    ),
    Ratio(
        name="anonymous_share",
        label=text("Share of revenue without a customer"),
        description=text("Revenue of lines that name no customer, divided by revenue."),
        unit=Unit.SHARE,
        numerator="anonymous_revenue",
        denominator="revenue",
    ),
    Ratio(
        name="basket",
        label=text("Basket"),
        description=text("Revenue divided by orders."),
        unit=Unit.MONEY,
        numerator="revenue",
        denominator="orders",
    ),
    Ratio(
        name="revenue_per_customer",
        label=text("Revenue per customer"),
        description=text("Revenue of lines that name a customer, divided by customers."),
        unit=Unit.MONEY,
        numerator="customer_revenue",
        denominator="customers",
    ),
    Ratio(
        name="days_per_customer",
        label=text("Purchase days per customer"),
        description=text("Purchase days divided by customers."),
        unit=Unit.NUMBER,
        numerator="purchase_days",
        denominator="customers",
    ),
    Ratio(
        name="discount_share",
        label=text("Discount share"),
        description=text("Discounts divided by revenue before discount, over the lines whose discount is known."),
        unit=Unit.SHARE,
        numerator="discount",
        denominator="revenue_before_discount",
    ),
    Ratio(
        name="return_share",
        label=text("Return share"),
        description=text("Returns divided by sales."),
        unit=Unit.SHARE,
        numerator="returns",
        denominator="sales",
    ),
)

MEASURES: Mapping[str, Union[Measure, Ratio]] = MappingProxyType(
    {each.name: each for each in (*_ORDER_LINES, *_CUSTOMERS, *_RATIOS)}
)
