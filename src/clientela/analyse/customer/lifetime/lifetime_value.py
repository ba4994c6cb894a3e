"""What each customer will bring, and what all of them will bring together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.customer.lifetime.evidence import NAMES, Outlook, evidence, why_not
from clientela.analyse.customer.lifetime.payback import tell_payback
from clientela.contracts.analysis import Analysis, Arrays, FitContext, KnowledgeBase, Parameter, Result
from clientela.contracts.filter import And, Condition, Operator
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import NotPermittedError, UsageError

QUESTION = text("What is each customer worth from now on?")
LONGEST_LIST = 5000
_YEAR_DAYS = 365
_SEASON_SEEN = 0.02
_ITS_SCORES = Condition("analysis", Operator.EQ, "lifetime-value")
OF_A_PART = text("The method was tested on the whole company; how far it is right for a part of it is not known.")


def fit_lifetime(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `clientela.analyse.customer.lifetime.fit.fit_lifetime`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.lifetime import fit

    return fit.fit_lifetime(tables, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    """Of whom it tells: ``customers`` and what they are expected to bring; no range where they are a part of all."""

    customers: int
    worth: float
    low: float | None = None
    high: float | None = None

    @property
    def is_part(self) -> bool:
        """Whether whoever asks sees a part of the company only."""
        return self.low is None


def tell_lifetime(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """What the customers will bring, those who bring most first.

    Parameters
    ----------
    parameters :
        ``list``: how many customers to list.
    """
    listed = int(parameters["list"])
    if not 1 <= listed <= LONGEST_LIST:
        raise UsageError(f"'list' is {listed}; it is a number of customers, from 1 to {LONGEST_LIST}.")
    if kb.first_day is None:
        return abstain(LIFETIME_VALUE, kb, NO_SALES)
    kb.query(("margin_to_come",))  # refuses who may not see it; else they would read that nothing was forecast
    test = kb.evidence("lifetime-value")
    found = Outlook.read(test, kb.as_of)
    if found is None:
        return abstain(LIFETIME_VALUE, kb, why_not(test, kb.as_of, kb.currency))
    whole = _whole(kb, found)
    if whole.customers == 0:
        return abstain(
            LIFETIME_VALUE, kb, text("None of the customers you see has a forecast of what they will bring.")
        )
    rows = _at_the_top(kb, listed)
    pictures, costs = ((), ()) if whole.is_part or found.basis != "margin" else tell_payback(kb)
    return Insight(
        analysis="lifetime-value",
        area="customer",
        level=Level.FORECAST,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(kb, whole, found),
        lead=_lead(kb, rows, whole),
        figure=_figure(kb, whole, found),
        table=_table(kb, rows, found),
        chart=None if whole.is_part else _chart(kb, found),
        details=pictures,
        evidence=evidence(found, kb.currency),
        caveats=(*_caveats(found), OF_A_PART) if whole.is_part else (*_caveats(found), *costs),
        next=_next(kb, rows),
        computed=_computed(found),
    )


def _whole(kb: KnowledgeBase, found: Outlook) -> Whole:
    """The customers of whoever asks; all of them with the range that the run stored."""
    result = kb.query(("customers_valued", "margin_to_come"))
    known = result.rows[0] if result.rows else result.totals or (0, 0)
    customers, worth = (float(str(each)) if each is not None else 0.0 for each in known)
    if round(customers) != found.customers:
        return Whole(customers=round(customers), worth=worth)
    middle, low, high = found.worth
    return Whole(customers=found.customers, worth=middle, low=low, high=high)


def _headline(kb: KnowledgeBase, whole: Whole, found: Outlook) -> Text:
    """How much, from how many, until when."""
    until = kb.as_of + timedelta(days=found.value_days)
    worth = _money(kb, whole.worth)
    margin = found.basis == "margin"
    if whole.low is None or whole.high is None:
        if margin:
            return ntext(
                "The {n} customer you see will bring about {worth} of margin until {date}.",
                "The {n} customers you see will bring about {worth} of margin until {date}.",
                "n", n=_count(whole.customers), worth=worth, date=until,
            )  # fmt: skip
        return ntext(
            "The {n} customer you see will bring about {worth} of revenue until {date}.",
            "The {n} customers you see will bring about {worth} of revenue until {date}.",
            "n", n=_count(whole.customers), worth=worth, date=until,
        )  # fmt: skip
    low, high = _money(kb, whole.low), _money(kb, whole.high)
    if margin:
        return ntext(
            "{n} customer will bring about {worth} of margin until {date} ({low} to {high}).",
            "{n} customers will bring about {worth} of margin until {date} ({low} to {high}).",
            "n", n=_count(whole.customers), worth=worth, date=until, low=low, high=high,
        )  # fmt: skip
    return ntext(
        "{n} customer will bring about {worth} of revenue until {date} ({low} to {high}).",
        "{n} customers will bring about {worth} of revenue until {date} ({low} to {high}).",
        "n", n=_count(whole.customers), worth=worth, date=until, low=low, high=high,
    )  # fmt: skip


def _lead(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]], whole: Whole) -> tuple[Text, ...]:
    if not rows or whole.worth <= 0:
        return ()
    top = sum(Decimal(str(row[1])) for row in rows)
    return (
        ntext(
            "{n} customer at the top brings {share} of it.",
            "The {n} customers at the top bring {share} of it.",
            "n",
            n=_count(len(rows)),
            share=Amount(float(top) / whole.worth, "share", digits=0),
        ),
    )


def _figure(kb: KnowledgeBase, whole: Whole, found: Outlook) -> Figure:
    caption = text("margin to come") if found.basis == "margin" else text("revenue to come")
    low, high = (None if each is None else _money(kb, each) for each in (whole.low, whole.high))
    return Figure(value=_money(kb, whole.worth), low=low, high=high, caption=caption)


def _at_the_top(kb: KnowledgeBase, listed: int) -> list[tuple[Value, ...]]:
    """Customers with what they will bring, its range, and what they did; those who bring most first."""
    scores = _scores(kb, listed)
    ids = tuple(int(str(row[0])) for row in scores)
    if not ids:
        return []
    of_those = Condition("customer_id", Operator.IN, ids)
    habit = ("customer_id", "recent_revenue", "repeat_purchases", "last_bought_on")
    habits = {row[0]: row[1:] for row in kb.records("customer_feature", habit, of_those, limit=listed).rows}
    rows: list[tuple[Value, ...]] = []
    for customer, value, low, high, *key in scores:
        named = str(key[0]) if key and key[0] is not None else str(customer)
        recent, repeats, last = habits[customer]
        rows.append((named, *map(_cents, (value, low, high)), recent, int(str(repeats)) + 1, last))
    return rows


def _scores(kb: KnowledgeBase, listed: int) -> Sequence[tuple[Value, ...]]:
    """Customers by what they will bring; with the key their source knows them by, where that may be seen."""

    def asked(*columns: str) -> Result:
        return kb.records("score", columns, And((_ITS_SCORES,)), order=("-value", "customer_id"), limit=listed)

    try:
        return asked("customer_id", "value", "low", "high", "customer_key").rows
    except NotPermittedError:
        return asked("customer_id", "value", "low", "high").rows


def _table(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]], found: Outlook) -> Table:
    worth = text("Margin to come") if found.basis == "margin" else text("Revenue to come")
    return Table(
        columns=(
            TableColumn(name="customer", type=Type.TEXT, label=text("Customer")),
            TableColumn(name="worth", type=Type.MONEY, label=worth, unit=kb.currency),
            TableColumn(name="low", type=Type.MONEY, label=text("At least"), unit=kb.currency),
            TableColumn(name="high", type=Type.MONEY, label=text("At most"), unit=kb.currency),
            TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue before"), unit=kb.currency),
            TableColumn(name="purchases", type=Type.INT, label=text("Purchase days"), unit="days"),
            TableColumn(name="last", type=Type.DATE, label=text("Last purchase")),
        ),
        rows=tuple(rows),
        caption=text("Customers who will bring most"),
        note=text(
            "Of ten customers like one in the list, eight end between “at least” and “at most”. Revenue before is that "
            "of the last {days}.",
            days=Amount(found.horizon_days, "days"),
        ),
    )


def _chart(kb: KnowledgeBase, found: Outlook) -> Chart | None:
    """Which part of it each tenth of the customers brings."""
    steps = kb.records("lifetime_tenth", ("tenth", "worth"), order=("tenth",), limit=10).rows
    total = sum(Decimal(str(worth)) for _, worth in steps)
    if len(steps) < 10 or total <= 0:
        return None
    rows = tuple((int(str(tenth)), (Decimal(str(worth)) / total).quantize(Decimal("0.0001"))) for tenth, worth in steps)
    share = Amount(rows[0][1], "share", digits=0)
    title = (
        text("The best tenth of the customers will bring {share} of the margin.", share=share)
        if found.basis == "margin"
        else text("The best tenth of the customers will bring {share} of the revenue.", share=share)
    )
    return Chart(
        mark=Mark.BAR,
        title=title,
        subtitle=text("Share of what all will bring, by tenth of customers, those who bring most first"),
        data=Table(
            columns=(
                TableColumn(name="tenth", type=Type.INT, label=text("Tenth of the customers")),
                TableColumn(name="share", type=Type.SHARE, label=text("Share of what all will bring")),
            ),
            rows=rows,
            caption=text("Share of what all will bring, by tenth of customers"),
        ),
        x="tenth",
        y="share",
        highlight=(1,),
    )


def _caveats(found: Outlook) -> tuple[Text, ...]:
    said = []
    if found.value_days > found.horizon_days:
        said.append(
            text(
                "The test covers {tested}; what comes after it, up to {days}, follows from the model and cannot be "
                "checked yet.",
                tested=Amount(found.horizon_days, "days"),
                days=Amount(found.value_days, "days"),
            )
        )
    if found.basis == "revenue" and found.share_known < 0.005:  # would be said as 0 %
        said.append(text("No costs are known, so this counts revenue, not margin."))
    elif found.basis == "revenue":
        said.append(
            text(
                "Costs are known for {share} of the revenue, too little to speak of margin: this counts revenue.",
                share=Amount(found.share_known, "share", digits=0),
            )
        )
    elif found.share_known < 0.995:
        said.append(
            text(
                "Costs are known for {share} of the revenue; the rest counts at the margin that the known part brings.",
                share=Amount(found.share_known, "share", digits=0),
            )
        )
    if found.season is not None and abs(found.season - 1) >= _SEASON_SEEN:
        said.append(
            text(
                "Customers are expected to buy as the season has it: this time of the year is {share} of a usual one.",
                share=Amount(found.season, "share", digits=0),
            )
        )
    elif found.season is None and found.value_days < _YEAR_DAYS:
        said.append(
            text(
                "The season is not known, for which two years of purchases before the test are needed: should this be "
                "a busy or a quiet time of the year, more or less will come."
            )
        )
    if found.nearer[0] <= 0:
        said.append(
            text(
                "That it came nearer than “{naive}” in the test may be chance: look at both.", naive=NAMES[found.naive]
            )
        )
    said.append(text("Only customers who have bought are counted; those who will come for the first time are not."))
    return tuple(said)


def _next(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]]) -> tuple[Text, ...]:
    if not rows:
        return ()
    worth = Amount(round(Decimal(str(rows[-1][1]))), "money", kb.currency, digits=0)
    return (
        text(
            "Let what a customer will bring bound what you spend to keep them: each one in the list is expected to "
            "bring at least {worth}.",
            worth=worth,
        ),
        text("Ask which of them may leave (churn-risk), and begin with those who stand on both lists."),
    )


def _computed(found: Outlook) -> Text:
    return text(
        "Method: {method}. A purchase model foresees on how many days each customer will buy, from how often, how "
        "recently and how long they have bought; the Gamma-Gamma model foresees what a day brings, drawn from the "
        "customer's own mean towards everybody's. What comes later counts less, by {rate} a year. Of all methods, the "
        "one that came nearest at dates before the test serves. In the test the normalised Gini was {gini}, the total "
        "was off by {bias}.",
        method=NAMES[found.candidate],
        rate=Amount(found.discount_rate, "share", digits=0),
        gini=Amount(found.tested(found.candidate, "gini"), digits=3),
        bias=Amount(found.tested(found.candidate, "bias"), "share", digits=1),
    )


def _money(kb: KnowledgeBase, value: float) -> Amount:
    """A figure to three digits: its interval does not carry more."""
    return Amount(round(float(f"{value:.3g}")), "money", kb.currency, digits=0)


def _count(value: float) -> Amount:
    return Amount(round(value), "count")


def _cents(value: Value) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.0001"))


LIFETIME_VALUE = Analysis(
    name="lifetime-value",
    area="customer",
    level=Level.FORECAST,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at"),
    fit=fit_lifetime,
    answer=tell_lifetime,
    reads=("lifetime_basis", "lifetime_day", "lifetime_count", "lifetime_amount", "lifetime_trial", "payback_month"),
    writes=("lifetime_cell", "payback", "model", "backtest"),
    fit_parameters={"value_days": 365, "discount_rate": 0.1},
    parameters={"list": 20},
)
