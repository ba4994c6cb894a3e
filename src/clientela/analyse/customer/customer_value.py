"""Who carries the revenue: recency, frequency and money of the customers, in tenths."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.asked import whole_number
from clientela.analyse.sales.revenue import between, revenue_by_day
from clientela.contracts.analysis import Analysis, KnowledgeBase, Parameter
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, ntext, text

QUESTION = text("Who carries the revenue?")
TENTHS = 10
LONGEST_DAYS = 36_500  # a hundred years
MONEY_DIGITS = 4  # of the amounts that the cube gives as whole numbers

Counts = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Buyers:
    """The customers who bought in the period, (n,) whole numbers each: there are as many as customers.

    ``revenue`` in ten-thousandths of the currency's unit; ``days_since`` the last purchase, to the day asked for.
    """

    customer_id: Counts
    revenue: Counts
    orders: Counts
    days_since: Counts


@dataclass(frozen=True, slots=True)
class Tenth:
    """A tenth of the customers, the first with the most revenue."""

    number: int
    customers: int
    revenue: Decimal
    orders: int
    median_days_since: int
    quiet: int


def tell_customer_value(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The customers who bought in the period, in tenths by revenue.

    Parameters
    ----------
    parameters :
        ``days``: length of the period before the date asked for; ``quiet_days``: after how many days
        without a purchase a customer of the first tenth is worth a word.
    """
    days, quiet_days = (whole_number(parameters, name, 1, LONGEST_DAYS) for name in ("days", "quiet_days"))
    if kb.first_day is None:
        return abstain(CUSTOMER_VALUE, kb, NO_SALES)
    period = Period(max(kb.first_day, kb.as_of - timedelta(days=days)), kb.as_of - timedelta(days=1))
    buyers = _buyers(kb, period)
    total = _money(buyers.revenue)
    if len(buyers.revenue) < TENTHS:
        return abstain(
            CUSTOMER_VALUE,
            kb,
            ntext(
                "Only {n} known customer bought in the period. To compare tenths, clientela needs 10.",
                "Only {n} known customers bought in the period. To compare tenths, clientela needs 10.",
                "n",
                n=len(buyers.revenue),
            ),
        )
    if total <= 0:
        return abstain(
            CUSTOMER_VALUE,
            kb,
            text("The known customers brought no revenue in the period: there is nothing to divide."),
        )
    tenths = in_tenths(buyers, quiet_days)
    first, lower_half = tenths[0], sum((tenth.revenue for tenth in tenths[TENTHS // 2 :]), Decimal(0))
    return Insight(
        analysis="customer-value",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=text(
            "One customer in ten brings {share} of the revenue.", share=Amount(first.revenue / total, "share", digits=0)
        ),
        lead=(
            ntext(
                "This {n} customer spent {each} ({period}).",
                "These {n} customers spent {each} each ({period}).",
                "n",
                n=first.customers,
                each=Amount(first.revenue / first.customers, "money", kb.currency, digits=0),
                period=period,
            ),
            text("The lower half brings {share} together.", share=Amount(lower_half / total, "share", digits=0)),
            *_anonymous(kb, period, total),
        ),
        figure=Figure(
            value=Amount(first.revenue / total, "share", digits=0),
            caption=text("of the revenue from one customer in ten"),
        ),
        table=_table(tenths, total, kb.currency),
        chart=_chart(tenths, total, period),
        caveats=(text("Revenue is not profit: who spends most may also cost most to serve."),),
        next=_next(first, quiet_days),
        computed=text(
            "The customers who bought in the period are ordered by revenue (sales less returns and cancellations) and "
            "cut into ten groups of equal size: the M of recency, frequency, money. Equal revenue is ordered by the "
            "customer's number. Sales without a known customer are left out."
        ),
    )


def in_tenths(buyers: Buyers, quiet_days: int) -> tuple[Tenth, ...]:
    """The buyers in ten groups by revenue, of equal size; the first groups take the rest, as SQL's ntile does.

    Examples
    --------
    >>> ids = np.arange(11)
    >>> [tenth.customers for tenth in in_tenths(Buyers(ids, 100 - ids, ids, ids), 5)]
    [2, 1, 1, 1, 1, 1, 1, 1, 1, 1]
    """
    ranked = np.lexsort((buyers.customer_id, -buyers.revenue))
    size, rest = divmod(len(ranked), TENTHS)
    tenths, start = [], 0
    for number in range(1, TENTHS + 1):
        end = start + size + (number <= rest)
        group, start = ranked[start:end], end
        since = np.sort(buyers.days_since[group])
        tenths.append(
            Tenth(
                number=number,
                customers=len(group),
                revenue=_money(buyers.revenue[group]),
                orders=int(buyers.orders[group].sum()),
                median_days_since=int(since[(len(since) - 1) // 2]),
                quiet=int((since > quiet_days).sum()),
            )
        )
    return tuple(tenths)


def _buyers(kb: KnowledgeBase, period: Period) -> Buyers:
    found = kb.columns(
        ("revenue", "orders", "days_since_purchase"),
        by=("customer",),
        where=Condition("day", Operator.BETWEEN, (period.first, period.last)),
    )
    known = found.known["customer"] & found.known["days_since_purchase"]
    names = ("customer", "revenue", "orders", "days_since_purchase")
    return Buyers(*(found.values[name][known].astype(np.int64) for name in names))


def _money(ten_thousandths: Counts) -> Decimal:
    return Decimal(int(ten_thousandths.sum())).scaleb(-MONEY_DIGITS)


def _anonymous(kb: KnowledgeBase, period: Period, known: Decimal) -> tuple[Text, ...]:
    """How much of the revenue has no customer, when it is worth a word."""
    total = between(revenue_by_day(kb), period.first, period.last)
    if total <= 0 or (total - known) / total < Decimal("0.005"):
        return ()
    return (
        text(
            "Another {share} of all revenue was sold without knowing to whom, and is left out here.",
            share=Amount((total - known) / total, "share", digits=0),
        ),
    )


def _table(tenths: Sequence[Tenth], total: Decimal, currency: str) -> Table:
    customers = sum(tenth.customers for tenth in tenths)
    orders = sum(tenth.orders for tenth in tenths)
    return Table(
        columns=(
            TableColumn(name="tenth", type=Type.INT, label=text("Tenth of customers")),
            TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue"), unit=currency),
            TableColumn(name="share", type=Type.SHARE, label=text("Share of revenue")),
            TableColumn(name="revenue_each", type=Type.MONEY, label=text("Revenue each"), unit=currency),
            TableColumn(name="orders_each", type=Type.NUMBER, label=text("Purchases each"), unit="orders"),
            TableColumn(
                name="days_since", type=Type.INT, label=text("Days since the last purchase (median)"), unit="days"
            ),
        ),
        rows=tuple(
            (
                tenth.number,
                tenth.customers,
                tenth.revenue,
                _rounded(tenth.revenue / total),
                _cents(tenth.revenue / tenth.customers),
                _rounded(Decimal(tenth.orders) / tenth.customers),
                tenth.median_days_since,
            )
            for tenth in tenths
        ),
        total=(
            None,
            customers,
            total,
            Decimal(1),
            _cents(total / customers),
            _rounded(Decimal(orders) / customers),
            None,
        ),
        caption=text("Tenths of the customers, those with the most revenue first"),
    )


def _chart(tenths: Sequence[Tenth], total: Decimal, period: Period) -> Chart:
    return Chart(
        mark=Mark.BAR,
        title=text("The first tenth brings {share}.", share=Amount(tenths[0].revenue / total, "share", digits=0)),
        subtitle=text("Share of revenue by tenth of customers, {period}", period=period),
        data=Table(
            columns=(
                TableColumn(name="tenth", type=Type.INT, label=text("Tenth of customers")),
                TableColumn(name="share", type=Type.SHARE, label=text("Share of revenue")),
            ),
            rows=tuple((tenth.number, _rounded(tenth.revenue / total)) for tenth in tenths),
            caption=text("Share of revenue by tenth of customers"),
        ),
        x="tenth",
        y="share",
        highlight=(1,),
    )


def _next(first: Tenth, quiet_days: int) -> tuple[Text, ...]:
    if not first.quiet:
        return (text("Know the customers of the first tenth by name; none of them has gone quiet."),)
    return (
        ntext(
            "Call {n} customer of the first tenth who has bought nothing for more than {days}.",
            "Call the {n} customers of the first tenth who have bought nothing for more than {days}.",
            "n",
            n=first.quiet,
            days=Amount(quiet_days, "days"),
        ),
    )


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.000001"))


def _cents(value: Decimal) -> Decimal:
    return value.quantize(Decimal("0.0001"))


CUSTOMER_VALUE = Analysis(
    name="customer-value",
    area="customer",
    level=Level.HAPPENED,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at"),
    answer=tell_customer_value,
    parameters={"days": 365, "quiet_days": 60},
)
