"""How sales develop: the last whole period against those that can be compared with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.sales.period import GRAINS, Calendar, Grain, a_year_before, before, calendar, period_of
from clientela.analyse.sales.revenue import Revenue, between, by_period, revenue_by_day
from clientela.contracts.analysis import Analysis, KnowledgeBase, Parameter
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, Value, ntext, text
from clientela.errors import UsageError

QUESTION = text("How do sales develop?")
MEASURES = ("revenue", "orders", "customers", "basket")
STEADY = 0.005  # a change of less than half a percent is said to be none
ROWS = 13  # a year and the same month of the year before


@dataclass(frozen=True, slots=True)
class Sales:
    """What was sold in one period."""

    period: Period
    revenue: Decimal
    orders: int
    customers: int
    basket: Decimal | None


def tell_sales_trend(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The last whole period, against the one before and a year before; the running one to date.

    Parameters
    ----------
    parameters :
        ``period``: quarter, month, week, or auto: the longest of which two are whole.
    """
    if kb.first_day is None or kb.last_day is None:
        return abstain(SALES_TREND, kb, NO_SALES)
    chosen = _calendar(kb.first_day, kb.as_of, str(parameters["period"]))
    if chosen is None:
        days = (kb.last_day - kb.first_day).days + 1
        return abstain(
            SALES_TREND,
            kb,
            ntext(
                "Sales are known for {days} day only. To compare, clientela needs two whole weeks.",
                "Sales are known over {days} days only. To compare, clientela needs two whole periods.",
                "days",
                days=days,
            ),
        )
    sold, earned = _sold(kb, chosen.grain), revenue_by_day(kb)
    now, previous = (sold.get(each, _nothing(each)) for each in (chosen.whole[-1], chosen.whole[-2]))
    year_ago = a_year_before(now.period, chosen.grain)
    return Insight(
        analysis="sales-trend",
        area="sales",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(now, previous, kb.currency),
        lead=(
            *_compared(now, previous, sold.get(year_ago) if year_ago in chosen.whole else None, kb.currency),
            *_best(now, chosen, sold),
            *_mix(now, previous, kb.currency),
            *_to_date(kb, chosen, earned),
        ),
        figure=_figure(now, previous, kb.currency),
        table=_table(chosen, sold, kb.currency),
        chart=_chart(kb, chosen, now.period, earned),
        caveats=_caveats(chosen),
        next=_next(now, previous),
        computed=text(
            "Revenue is what was paid after discounts and before tax: sales less returns and cancellations, "
            "counted on the day they happened in the company's time zone. Only whole periods are compared; "
            "a running one is compared with as many days of the period before."
        ),
    )


def _calendar(first_day: date, as_of: date, asked: str) -> Calendar | None:
    """The calendar of the grain asked for, or of the longest one with two whole periods; None when there is none."""
    if asked != "auto" and asked not in GRAINS:
        raise UsageError(text("unknown period '{period}'; known: 'auto', 'quarter', 'month', 'week'.", period=asked))
    for grain in GRAINS:
        if asked in ("auto", grain):
            found = calendar(first_day, as_of, grain)
            if len(found.whole) >= 2:
                return found
    return None


def _sold(kb: KnowledgeBase, grain: Grain) -> dict[Period, Sales]:
    result = kb.query(MEASURES, by=(grain,), order=(grain,))
    sold = {}
    for first, revenue, orders, customers, basket in result.rows:
        period = period_of(_as_date(first), grain)
        sold[period] = Sales(
            period, _as_decimal(revenue), int(str(orders)), int(str(customers)), _as_decimal_or_none(basket)
        )
    return sold


def _nothing(period: Period) -> Sales:
    return Sales(period, Decimal(0), 0, 0, None)


def _change(now: Decimal, then: Decimal) -> float | None:
    """The relative change; None where it says nothing, because there was no revenue to compare with."""
    return float(now / then) - 1 if then > 0 else None


def _headline(now: Sales, previous: Sales, currency: str) -> Text:
    change = _change(now.revenue, previous.revenue)
    revenue = Amount(now.revenue, "money", currency, digits=0)
    if change is None:
        return text(
            "Revenue was {revenue} in {period}, after {before} in {previous}.",
            revenue=revenue,
            period=now.period,
            before=Amount(previous.revenue, "money", currency, digits=0),
            previous=previous.period,
        )
    if abs(change) < STEADY:
        return text(
            "Revenue stayed the same: {revenue} in {period}.",
            revenue=revenue,
            period=now.period,
        )
    share = Amount(abs(change), "share")
    if change > 0:
        return text("Revenue rose {change} to {revenue} in {period}.", change=share, revenue=revenue, period=now.period)
    return text("Revenue fell {change} to {revenue} in {period}.", change=share, revenue=revenue, period=now.period)


def _compared(now: Sales, previous: Sales, year_ago: Sales | None, currency: str) -> tuple[Text, ...]:
    difference = now.revenue - previous.revenue
    amount = Amount(abs(difference), "money", currency, digits=0)
    said = [
        text("That is {amount} more than in {previous}.", amount=amount, previous=previous.period)
        if difference >= 0
        else text("That is {amount} less than in {previous}.", amount=amount, previous=previous.period)
    ]
    change = _change(now.revenue, year_ago.revenue) if year_ago else None
    if year_ago is None or change is None:
        said.append(text("There is no earlier year to compare with."))
    elif change >= 0:
        said.append(text("It is {change} more than a year before.", change=Amount(change, "share")))
    else:
        said.append(text("It is {change} less than a year before.", change=Amount(-change, "share")))
    return tuple(said)


def _best(now: Sales, chosen: Calendar, sold: Mapping[Period, Sales]) -> tuple[Text, ...]:
    if len(chosen.whole) < 3:
        return ()
    revenues = [sold.get(period, _nothing(period)).revenue for period in chosen.whole]
    n = len(revenues)
    if now.revenue == max(revenues) and revenues.count(now.revenue) == 1:
        return (text("It is the best of the {n} whole periods on record.", n=n),)
    if now.revenue == min(revenues) and revenues.count(now.revenue) == 1:
        return (text("It is the weakest of the {n} whole periods on record.", n=n),)
    return ()


def _mix(now: Sales, previous: Sales, currency: str) -> tuple[Text, ...]:
    said = [
        ntext(
            "{customers} customer bought, after {before} in the period before.",
            "{customers} customers bought, after {before} in the period before.",
            "customers",
            customers=now.customers,
            before=previous.customers,
        )
    ]
    if now.basket is not None and previous.basket is not None:
        said.append(
            text(
                "A purchase was worth {basket} on average, after {before}.",
                basket=Amount(now.basket, "money", currency, digits=2),
                before=Amount(previous.basket, "money", currency, digits=2),
            )
        )
    return tuple(said)


def _to_date(kb: KnowledgeBase, chosen: Calendar, earned: Revenue) -> tuple[Text, ...]:
    """The running period against as many days of the one before; said once a week of it has passed."""
    if chosen.running is None or (days := (kb.as_of - chosen.running.first).days) < 7:
        return ()
    earlier = before(chosen.running, chosen.grain)
    days = min(days, (earlier.last - earlier.first).days + 1)  # February has fewer days than January
    first_days = ((each.first, each.first + timedelta(days=days - 1)) for each in (chosen.running, earlier))
    revenue, then = (between(earned, first, last) for first, last in first_days)
    change = _change(revenue, then)
    if change is None:
        return ()
    values: dict[str, Value] = {
        "period": chosen.running,
        "days": days,
        "revenue": Amount(revenue, "money", kb.currency, digits=0),
        "change": Amount(abs(change), "share"),
        "earlier": earlier,
    }
    if change >= 0:
        return (
            text(
                "{period} is not over: its first {days} days brought {revenue}, {change} more than those of {earlier}.",
                **values,
            ),
        )
    return (
        text(
            "{period} is not over: its first {days} days brought {revenue}, {change} less than those of {earlier}.",
            **values,
        ),
    )


def _figure(now: Sales, previous: Sales, currency: str) -> Figure:
    change = _change(now.revenue, previous.revenue)
    steady = change is None or abs(change) < STEADY
    return Figure(
        value=Amount(now.revenue, "money", currency, digits=0),
        caption=text("revenue in {period}", period=now.period),
        change=change,
        compared_with=text("{period}", period=previous.period),
        better=None if steady or change is None else change > 0,
    )


def _table(chosen: Calendar, sold: Mapping[Period, Sales], currency: str) -> Table:
    rows = []
    for period in reversed(chosen.whole[-ROWS:]):
        each = sold.get(period, _nothing(period))
        earlier = before(period, chosen.grain)
        change = (
            _change(each.revenue, sold.get(earlier, _nothing(earlier)).revenue) if earlier in chosen.whole else None
        )
        rows.append((period, each.revenue, change, each.orders, each.customers, each.basket))
    return Table(
        columns=(
            TableColumn(name="period", type=Type.TEXT, label=text("Period")),
            TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue"), unit=currency),
            TableColumn(name="change", type=Type.SHARE, label=text("Change"), unit="change"),
            TableColumn(name="orders", type=Type.INT, label=text("Purchases"), unit="orders"),
            TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            TableColumn(name="basket", type=Type.MONEY, label=text("Revenue per purchase"), unit=currency),
        ),
        rows=tuple(rows),
        caption=text("Whole periods, the latest first"),
        note=text("Customers do not add up: who bought in two periods counts once in each."),
    )


def _chart(kb: KnowledgeBase, chosen: Calendar, now: Period, by_day: Revenue) -> Chart:
    """Months for quarters, else the grain itself; the period of the sentence stands out, the running one is hollow."""
    grain: Grain = "week" if chosen.grain == "week" else "month"
    shown = 24 if grain == "month" else 26
    earned = by_period(by_day, grain)
    assert kb.first_day is not None  # noqa: S101 - a calendar exists only with a first day
    known = calendar(kb.first_day, kb.as_of, grain)
    first_whole = known.whole[0].first if known.whole else kb.as_of
    periods = sorted(earned, key=lambda period: period.first)[-shown:]
    return Chart(
        mark=Mark.BAR,
        title=text("Revenue month by month") if grain == "month" else text("Revenue week by week"),
        subtitle=text("Revenue in {currency}, to {day}", currency=kb.currency, day=kb.as_of - timedelta(days=1)),
        data=Table(
            columns=(
                TableColumn(name=grain, type=Type.DATE, label=text("Month") if grain == "month" else text("Week from")),
                TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue"), unit=kb.currency),
            ),
            rows=tuple((period.first, earned[period]) for period in periods),
            caption=text("Revenue, oldest first"),
        ),
        x=grain,
        y="revenue",
        highlight=tuple(p.first for p in periods if now.first <= p.first <= now.last),
        incomplete=tuple(p.first for p in periods if p == known.running or p.first < first_whole),
    )


def _caveats(chosen: Calendar) -> tuple[Text, ...]:
    said = [text("Returns are taken off on the day they came back, not on the day of the sale.")]
    if len(chosen.whole) < 2 * {"quarter": 4, "month": 12, "week": 52}[chosen.grain]:
        said.append(text("With less than two years on record, the season cannot be told from the trend."))
    return tuple(said)


def _next(now: Sales, previous: Sales) -> tuple[Text, ...]:
    if now.revenue < previous.revenue:
        return (text("Look at who carries the revenue, and at who may leave."),)
    return (text("To make it last, look at who may leave."),)


def _as_date(value: Value) -> date:
    if isinstance(value, date):
        return value
    raise TypeError(f"expected a date, not {value!r}")


def _as_decimal(value: Value) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))


def _as_decimal_or_none(value: Value) -> Decimal | None:
    return None if value is None else Decimal(str(value))


SALES_TREND = Analysis(
    name="sales-trend",
    area="sales",
    level=Level.HAPPENED,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at"),
    answer=tell_sales_trend,
    parameters={"period": "auto"},
)
