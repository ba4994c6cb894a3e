"""A report of an invented grocer: figures as on the pictures of the design, made up where they have none."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal
from math import exp

from clientela.contracts.insight import (
    Chart,
    Evidence,
    Figure,
    Insight,
    Level,
    Mark,
    Table,
    TableColumn,
)
from clientela.contracts.report import QualityRow, ReportPage, SourceRow, Term
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, ntext, text

AS_OF = date(2018, 1, 1)
FOURTH, THIRD = Period(date(2017, 10, 1), date(2017, 12, 31)), Period(date(2017, 7, 1), date(2017, 9, 30))
MONTHS = tuple(date(2017, month, 1) for month in range(1, 13))
REVENUES = (372110, 350020, 381200, 378100, 401000, 375000, 394000, 390500, 364575, 389000, 391556, 415000)


def money(value: str | int, digits: int | None = None) -> Amount:
    return Amount(Decimal(value), "money", "USD", digits)


def share(value: str, digits: int | None = None) -> Amount:
    return Amount(Decimal(value), "share", digits=digits)


def column(name: str, type: Type, label: str, unit: str | None = None) -> TableColumn:
    return TableColumn(name=name, type=type, label=Text(label), unit=unit)


def sales_chart() -> Chart:
    return Chart(
        mark=Mark.BAR,
        title=text("Revenue month by month"),
        subtitle=text("US dollars, January to December 2017"),
        data=Table(
            columns=(column("month", Type.DATE, "Month"), column("revenue", Type.MONEY, "Revenue", "USD")),
            rows=tuple((month, Decimal(revenue)) for month, revenue in zip(MONTHS, REVENUES, strict=True)),
            caption=text("Revenue, oldest first"),
        ),
        x="month",
        y="revenue",
        highlight=MONTHS[9:],
    )


def effects_chart() -> Chart:
    return Chart(
        mark=Mark.BAR,
        title=text("What changed revenue from July–September to October–December"),
        subtitle=text("US dollars"),
        data=Table(
            columns=(column("effect", Type.TEXT, "Effect"), column("money", Type.MONEY, "Effect on revenue", "USD")),
            rows=(
                ("More households", Decimal(4035)),
                ("Fewer visits each", Decimal(-25405)),
                ("Larger baskets", Decimal(67851)),
            ),
            total=(None, Decimal(46481)),
            caption=text("Effects on revenue"),
        ),
        x="effect",
        y="money",
    )


def gain_chart() -> Chart:
    reached = [(n, 1 - exp(-n / 650) * (1 - n / 2469)) for n in [0, 100, *range(200, 2400, 100), 2469]]
    return Chart(
        mark=Mark.LINE,
        title=text("Contacting 400 households reaches {share} of the money at stake.", share=share("0.55", 0)),
        subtitle=text("Share of the expected loss reached, by number of households contacted"),
        data=Table(
            columns=(
                column("contacted", Type.INT, "Households contacted, most at stake first", "customers"),
                column("reached", Type.SHARE, "Share reached"),
            ),
            rows=tuple((n, Decimal(str(round(y, 6)))) for n, y in reached),
            caption=text("Share of the expected loss reached"),
        ),
        x="contacted",
        y="reached",
        highlight=(100, 400, 1000),
        diagonal=text("If you contacted them at random"),
    )


def calibration_chart() -> Chart:
    said = (
        ("0.001", "0.002"),
        ("0.01", "0.008"),
        ("0.03", "0.04"),
        ("0.05", "0.05"),
        ("0.1", "0.09"),
        ("0.35", "0.35"),
    )
    rows = tuple(
        (Decimal(a), Decimal(b), max(Decimal(0), Decimal(b) - Decimal("0.02")), Decimal(b) + Decimal("0.04"))
        for a, b in said
    )
    return Chart(
        mark=Mark.POINT,
        title=text("Where we said 35%, 35% left."),
        subtitle=text("Each dot: a tenth of the households; bar: 95% interval; dashed: perfect"),
        data=Table(
            columns=tuple(column(name, Type.SHARE, name.capitalize()) for name in ("said", "came", "low", "high")),
            rows=rows,
            caption=text("What was said and what came"),
        ),
        x="said",
        y="came",
        interval=("low", "high"),
        diagonal=text("Perfect"),
    )


def sales() -> Insight:
    return Insight(
        analysis="sales-trend",
        area="sales",
        level=Level.HAPPENED,
        question=text("How do sales develop?"),
        as_of=AS_OF,
        snapshot="7c1e",
        headline=text(
            "Revenue rose {change} to {revenue} in {period}.",
            change=share("0.04"),
            revenue=money(1195556),
            period=FOURTH,
        ),
        lead=(
            text("That is {amount} more than in {previous}.", amount=money(46481), previous=THIRD),
            text("There is no earlier year to compare with."),
        ),
        figure=Figure(
            value=money(1195556),
            caption=text("revenue in {period}", period=FOURTH),
            change=0.0404,
            compared_with=text("{period}", period=THIRD),
            better=True,
        ),
        chart=sales_chart(),
        table=Table(
            columns=(
                column("period", Type.TEXT, "Period"),
                column("revenue", Type.MONEY, "Revenue", "USD"),
                column("change", Type.SHARE, "Change"),
                column("orders", Type.INT, "Purchases", "orders"),
                column("basket", Type.MONEY, "Revenue per purchase", "USD"),
            ),
            rows=(
                (FOURTH, Decimal(1195556), Decimal("0.0404"), 39083, Decimal("30.59")),
                (THIRD, Decimal(1149075), Decimal("-0.01"), 39794, Decimal("28.87")),
            ),
            total=(None, Decimal(2344631), None, 78877, Decimal("29.73")),
            caption=text("Whole periods, the latest first"),
            note=text("Customers do not add up: who bought in two periods counts once in each."),
        ),
        details=(effects_chart(),),
        caveats=(text("Returns are taken off on the day they came back, not on the day of the sale."),),
        next=(text("See whom to keep so that it lasts: ask churn-risk."),),
        computed=text("Only whole periods are compared."),
    )


def value() -> Insight:
    shares = ("0.35", "0.18", "0.125", "0.095", "0.075", "0.06", "0.045", "0.035", "0.02", "0.015")
    chart = Chart(
        mark=Mark.BAR,
        title=text("The first tenth brings {share}.", share=share("0.35", 0)),
        subtitle=text("Share of revenue by tenth of customers, {period}", period=Period(MONTHS[0], FOURTH.last)),
        data=Table(
            columns=(column("tenth", Type.INT, "Tenth of customers"), column("share", Type.SHARE, "Share of revenue")),
            rows=tuple((at + 1, Decimal(each)) for at, each in enumerate(shares)),
            caption=text("Share of revenue by tenth of customers"),
        ),
        x="tenth",
        y="share",
        highlight=(1,),
    )
    return Insight(
        analysis="customer-value",
        area="customer",
        level=Level.HAPPENED,
        question=text("Who carries the revenue?"),
        as_of=AS_OF,
        snapshot="7c1e",
        headline=text("One customer in ten brings {share} of the revenue.", share=share("0.35", 0)),
        lead=(text("The lower half brings {share} together.", share=share("0.14", 0)),),
        chart=chart,
        table=chart.data,
        caveats=(text("Revenue is not profit: who spends most may also cost most to serve."),),
    )


def churn() -> Insight:
    rows = (
        (1574, "61.10", "0.072", 845, "Silent for 27 days; usually every 22"),
        (2096, "53.96", "0.160", 337, "Silent for 59 days; usually every 26"),
        (2042, "52.37", "0.079", 664, "On time, but only 2 visits in the quarter"),
        (1016, "44.53", "0.048", 933, "On time; listed because of its revenue"),
        (973, "42.00", "0.018", 2357, "<b>On time</b> & listed because of its revenue"),
    )
    return Insight(
        analysis="churn-risk",
        area="customer",
        level=Level.FORECAST,
        question=text("Which customers are we about to lose, and what are they worth?"),
        as_of=AS_OF,
        snapshot="7c1e",
        headline=ntext(
            "About {n} of {all} customer may not return before {day}.",
            "About {n} of {all} customers may not return before {day}.",
            "n",
            n=Amount(151, "count"),
            all=Amount(2469, "count"),
            day=date(2018, 4, 1),
        ),
        lead=(text("We expect {loss} a quarter to go with them.", loss=money(14200)),),
        figure=Figure(
            value=Amount(151, "count"),
            caption=text("of {all} customers", all=2469),
            low=Amount(135, "count"),
            high=Amount(169, "count"),
        ),
        chart=gain_chart(),
        table=Table(
            columns=(
                column("customer_id", Type.INT, "Household"),
                column("loss", Type.MONEY, "Expected loss", "USD"),
                column("chance", Type.SHARE, "Chance of leaving"),
                column("revenue", Type.MONEY, "Revenue, Oct–Dec", "USD"),
                column("reason", Type.TEXT, "Why it is on the list"),
            ),
            rows=tuple((a, Decimal(b), Decimal(c), Decimal(d), e) for a, b, c, d, e in rows * 4),
            caption=text("Customers to look at first, by expected loss"),
        ),
        evidence=Evidence(
            method=text("silence, visits and usual gap"),
            baseline=text("longest silent first"),
            metric="auc",
            value=0.88,
            baseline_value=0.857,
            interval=(0.85, 0.91),
            n=2446,
            parameters={"horizon_days": 92, "penalty": Decimal("0.10")},
            sentences=(
                text(
                    "We tested the method on {period}, which it had not seen: it expected 146 to leave, 141 left.",
                    period=FOURTH,
                ),
                text("Of 100 pairs, one who left and one who stayed, it ranks 88 rightly (85 to 91)."),
            ),
            candidates=Table(
                columns=(
                    column("method", Type.TEXT, "Method"),
                    column("pairs", Type.NUMBER, "Pairs of 100 ranked rightly"),
                    column("expected", Type.INT, "Expected to leave"),
                ),
                rows=(
                    ("Silence, visits and usual gap (chosen)", Decimal("88.1"), 146),
                    ("Silence compared with usual gap", Decimal("86.9"), 146),
                    ("Longest silent first", Decimal("85.7"), 148),
                ),
                caption=text("October–December 2017; 141 of 2,446 left"),
            ),
            calibration=calibration_chart(),
        ),
        caveats=(
            text("Leaving means not buying: a household counts as lost if it buys nothing for 92 days."),
            text("Christmas is in the data once: a quiet January cannot be told from a lasting loss."),
        ),
        next=(
            text("Start with the 400 households at the top: choose an email or a coupon, not a visit."),
            text("Leave one in ten out at random, so that you can see what the contact earned."),
        ),
        computed=text("A logistic regression turns silence, visits and the usual gap into a chance of leaving."),
    )


def abstained() -> Insight:
    return Insight(
        analysis="sales-forecast",
        area="sales",
        level=Level.FORECAST,
        question=text("How much will we sell?"),
        as_of=AS_OF,
        snapshot="7c1e",
        abstained=text("One year is too short. It needs 24 months."),
        next=(text("Add older orders."),),
    )


def page() -> ReportPage:
    good, look = text("as it should be"), text("look at it")
    return ReportPage(
        company="Demo grocer",
        made_at=datetime(2018, 1, 1, 5, 12, tzinfo=UTC),
        title=text("Report to the management · {period}", period=FOURTH),
        insights=(sales(), value(), churn(), abstained()),
        figures_to=date(2017, 12, 31),
        known_at=datetime(2018, 1, 1, 5, 12, tzinfo=UTC),
        snapshot="7c1e",
        quality=(
            QualityRow(
                quality=Text("Real"),
                found=Text("Totals match the source"),
                measured=Decimal("4596039.58"),
                verdict=good,
                good=True,
            ),
            QualityRow(
                quality=Text("Complete"),
                found=Text("Lines whose product has no department"),
                measured=share("0.0033", 2),
                verdict=good,
                good=True,
            ),
            QualityRow(
                quality=Text("Correct"),
                found=Text("Lines without revenue"),
                measured=share("0.0076", 2),
                verdict=look,
                good=False,
            ),
            QualityRow(
                quality=Text("Accessible"), found=Text("Published before the day began"), measured=None, verdict=good
            ),
        ),
        sources=(
            SourceRow(
                name="shop",
                table="order_line",
                rows=1469307,
                newest_on=date(2017, 12, 31),
                arrived_on=AS_OF,
                kept_out=3,
            ),
        ),
        caveats=(text("A file was kept out: {file}.", file="orders-2017-12-31.csv"),),
        glossary=(Term(term=Text("Household"), meaning=Text("The customers who share one loyalty card.")),),
    )
