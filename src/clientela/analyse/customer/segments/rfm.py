"""Who the customers are by how recently, how often and for how much they bought."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.customer.segments.words import RFM_NAMES, RFM_TO_DO
from clientela.contracts.analysis import Analysis, Arrays, FitContext, KnowledgeBase, Parameter
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, ntext, text
from clientela.errors import ConfigurationError

QUESTION = text("Which groups of customers have we, by how recently, how often and for how much they buy?")
_BEST, _URGENT = "rfm:champions", ("rfm:cannot-lose", "rfm:at-risk")
_YEAR = 365
_FEWEST = 5  # customers, and days; a fifth of fewer is nobody
_COUNTS = ("recent_days", "quiet_days", "often_purchases")


@dataclass(frozen=True, slots=True)
class Group:
    """One group: ``revenue`` and ``orders`` are those of the last 365 days."""

    name: str
    customers: int
    revenue: Decimal
    orders: int


def fit_limits(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The lines that the company draws itself, as the table ``rfm_limit``; null where fifths decide.

    Raises
    ------
    ConfigurationError
        A line is below 0, or customers would go silent before they stop being recent.
    """
    import numpy as np

    said = {name: float(context.parameters[name]) for name in (*_COUNTS, "high_revenue")}
    wrong = [f"{name} is {value:g}" for name, value in said.items() if value < 0]
    if wrong:
        raise ConfigurationError(
            f"[analysis.segments]: {', '.join(wrong)}; a line is above 0, and 0 leaves it to fifths of the customers."
        )
    if said["quiet_days"] and said["quiet_days"] < said["recent_days"]:
        raise ConfigurationError(
            f"[analysis.segments]: quiet_days is {said['quiet_days']:g}, less than recent_days, "
            f"{said['recent_days']:g}; who has bought recently is not silent."
        )
    lines = {name: np.array([value or np.nan]) for name, value in said.items()}
    return {"rfm_limit": {"version": np.array([1], dtype=np.int64), **lines}}


def tell_segments(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The groups of recency, frequency and money, and what each brings."""
    if kb.first_day is None:
        return abstain(SEGMENTS, kb, NO_SALES)
    groups = _groups(kb)
    customers = sum(each.customers for each in groups)
    if not customers and kb.as_of != kb.run_as_of:
        return abstain(
            SEGMENTS,
            kb,
            text(
                "No groups were made as of {date}. To make them, run: {command}",
                date=kb.as_of,
                command=f"clientela run --as-of {kb.as_of.isoformat()}",
            ),
        )
    if customers and (kb.as_of - kb.first_day).days < _FEWEST:
        return abstain(
            SEGMENTS,
            kb,
            ntext(
                "Sales are known for {days} day only. To tell who bought lately from who did not, clientela needs 5.",
                "Sales are known for {days} days only. To tell who bought lately from who did not, clientela needs 5.",
                "days",
                days=(kb.as_of - kb.first_day).days,
            ),
        )
    if customers < _FEWEST:
        return abstain(
            SEGMENTS,
            kb,
            ntext(
                "Only {n} known customer has bought. To compare fifths, clientela needs 5.",
                "Only {n} known customers have bought. To compare fifths, clientela needs 5.",
                "n",
                n=customers,
            ),
        )
    total = sum((each.revenue for each in groups), Decimal(0))
    period = Period(max(kb.first_day, kb.as_of - timedelta(days=_YEAR)), kb.as_of - timedelta(days=1))
    return Insight(
        analysis="segments",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(groups, customers, total),
        lead=_lead(kb, groups),
        figure=_figure(groups),
        table=_table(groups, customers, total, kb.currency),
        chart=_chart(groups, period, kb.currency),
        sure=(text("Every customer with a purchase is in one group; nothing is estimated."),),
        caveats=(
            text("The groups compare customers with each other: if all buy less, the groups stay as large."),
            text("Since when a customer is in a group is known to within one horizon."),
        ),
        next=_next(groups),
        computed=text(
            "Customers are put in fifths by the days since the last purchase, the days with a purchase and the revenue "
            "of all time; equal values stand in the same fifth. Recent: the fifths 4 and 5; silent: 1 and 2. What they "
            "are worth is the sum of the fifths of frequency and money. [analysis.segments] of clientela.toml can draw "
            "the lines in days, purchases and money instead."
        ),
    )


def _groups(kb: KnowledgeBase) -> list[Group]:
    """The groups that have customers, in the order of ``RFM_NAMES``."""
    sizes = {str(name): int(str(n or 0)) for name, n in kb.query(("buyers",), by=("rfm_group",)).rows}
    year = Condition("day", Operator.BETWEEN, (kb.as_of - timedelta(days=_YEAR), kb.as_of - timedelta(days=1)))
    bought = kb.query(("revenue", "orders"), by=("rfm_group",), where=year).rows
    brought = {str(name): (Decimal(str(revenue or 0)), int(str(orders or 0))) for name, revenue, orders in bought}
    nothing = (Decimal(0), 0)
    return [Group(name, sizes[name], *brought.get(name, nothing)) for name in RFM_NAMES if sizes.get(name)]


def _headline(groups: Sequence[Group], customers: int, total: Decimal) -> Text:
    best = next((each for each in groups if each.name == _BEST), None)
    if best is None or total <= 0:
        largest = max(groups, key=lambda each: each.customers)
        return text(
            "The largest group is “{group}”: {share} of the customers.",
            group=RFM_NAMES[largest.name],
            share=Amount(largest.customers / customers, "share", digits=0),
        )
    return text(
        "The champions are {part} of the customers and bring {share} of the revenue.",
        part=Amount(best.customers / customers, "share", digits=0),
        share=Amount(best.revenue / total, "share", digits=0),
    )


def _lead(kb: KnowledgeBase, groups: Sequence[Group]) -> tuple[Text, ...]:
    urgent = next((each for each in groups if each.name == _URGENT[0]), None)
    if urgent is None:
        return ()
    return (
        ntext(
            "{n} customer who used to buy much has gone silent.",
            "{n} customers who used to buy much have gone silent.",
            "n",
            n=urgent.customers,
        ),
    )


def _figure(groups: Sequence[Group]) -> Figure:
    best = next((each.customers for each in groups if each.name == _BEST), 0)
    return Figure(value=Amount(best, "count"), caption=text("customers buy recently, often and for much"))


def _table(groups: Sequence[Group], customers: int, total: Decimal, currency: str) -> Table:
    def share(part: Decimal) -> Decimal | None:
        return (part / total).quantize(Decimal("0.000001")) if total > 0 else None

    def each(group: Group) -> Decimal:
        return (group.revenue / group.customers).quantize(Decimal("0.0001"))

    return Table(
        columns=(
            TableColumn(name="group", type=Type.TEXT, label=text("Group")),
            TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            TableColumn(name="share", type=Type.SHARE, label=text("Share of customers")),
            TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue of the last 365 days"), unit=currency),
            TableColumn(name="revenue_share", type=Type.SHARE, label=text("Share of revenue")),
            TableColumn(name="revenue_each", type=Type.MONEY, label=text("Revenue each"), unit=currency),
            TableColumn(name="orders", type=Type.INT, label=text("Orders"), unit="orders"),
            TableColumn(name="segment", type=Type.TEXT, label=text("In filters")),
            TableColumn(name="advice", type=Type.TEXT, label=text("What to do")),
        ),
        rows=tuple(
            (
                RFM_NAMES[group.name],
                group.customers,
                (Decimal(group.customers) / customers).quantize(Decimal("0.000001")),
                group.revenue,
                share(group.revenue),
                each(group),
                group.orders,
                group.name,
                RFM_TO_DO[group.name],
            )
            for group in groups
        ),
        total=(None, customers, Decimal(1), total, share(total), None, sum(each.orders for each in groups), None, None),
        caption=text("Groups by recency, frequency and money"),
    )


def _chart(groups: Sequence[Group], period: Period, currency: str) -> Chart:
    largest = max(groups, key=lambda each: each.revenue / each.customers)
    return Chart(
        mark=Mark.BAR,
        title=text(
            "“{group}” bring the most: {revenue} each.",
            group=RFM_NAMES[largest.name],
            revenue=Amount(largest.revenue / largest.customers, "money", currency, digits=0),
        ),
        subtitle=text("Revenue each by group, {period}", period=period),
        data=Table(
            columns=(
                TableColumn(name="group", type=Type.TEXT, label=text("Group")),
                TableColumn(name="revenue_each", type=Type.MONEY, label=text("Revenue each"), unit=currency),
            ),
            rows=tuple(
                (RFM_NAMES[each.name], (each.revenue / each.customers).quantize(Decimal("0.01"))) for each in groups
            ),
            caption=text("Revenue each by group"),
        ),
        x="group",
        y="revenue_each",
    )


def _next(groups: Sequence[Group]) -> tuple[Text, ...]:
    found = [each for each in groups if each.name in _URGENT]
    if not found:
        return (text("No group of good customers has gone silent: keep in touch with the champions."),)
    first = found[0]
    return (
        ntext(
            "Begin with {n} customer of “{group}”: {advice}",
            "Begin with the {n} customers of “{group}”: {advice}",
            "n",
            n=first.customers,
            group=RFM_NAMES[first.name],
            advice=RFM_TO_DO[first.name],
        ),
    )


SEGMENTS = Analysis(
    name="segments",
    area="customer",
    level=Level.HAPPENED,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at"),
    fit=fit_limits,
    answer=tell_segments,
    writes=("rfm_limit",),
    fit_parameters={"recent_days": 0, "quiet_days": 0, "often_purchases": 0, "high_revenue": 0.0},
    overview=False,
)
