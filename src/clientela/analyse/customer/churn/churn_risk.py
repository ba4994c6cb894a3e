"""Whom we are about to lose, and what is at stake with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.asked import whole_number
from clientela.analyse.customer.churn import words
from clientela.analyse.customer.churn.evidence import Outlook, evidence, why_not
from clientela.contracts.analysis import Analysis, Arrays, FitContext, KnowledgeBase, Parameter, Result
from clientela.contracts.filter import And, Condition, Operator
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import NotPermittedError

QUESTION = text("Which customers are we about to lose, and what are they worth?")
LONGEST_LIST = 5000
_RARE = 0.7  # of the usual number of visits
_MANY = 0.1  # from this chance of leaving on, revenue alone does not say why somebody is listed
_SEASONS_DAYS = 2 * 365


def fit_churn(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `clientela.analyse.customer.churn.fit.fit_churn`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.churn import fit

    return fit.fit_churn(tables, context)


FIGURE = text("customers may not return")
OF_A_PART = text("The method was tested on the whole company; how far it is right for a part of it is not known.")


def tell_churn(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The customers who may not buy in the next horizon, those with most at stake first.

    Parameters
    ----------
    parameters :
        ``list``: how many customers to list.
    """
    listed = whole_number(parameters, "list", 1, LONGEST_LIST)
    if kb.first_day is None:
        return abstain(CHURN_RISK, kb, NO_SALES)
    test = kb.evidence("churn-risk")
    found = Outlook.read(test, kb.as_of)
    if found is None:
        return abstain(CHURN_RISK, kb, why_not(test, kb.as_of))
    part = _part(kb, found)
    if part is not None and part.customers == 0:
        return abstain(CHURN_RISK, kb, text("None of the customers you see has a chance of leaving that is known."))
    rows = _at_the_top(kb, listed, found)
    reach = _reach(kb)
    return Insight(
        analysis="churn-risk",
        area="customer",
        level=Level.FORECAST,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(kb, found) if part is None else _headline_of(kb, part, found),
        lead=_lead(kb, found) if part is None else _lead_of(kb, part),
        figure=_figure(found) if part is None else Figure(value=_count(part.number), caption=FIGURE),
        table=_table(kb, rows, found),
        chart=_chart(reach, found),
        evidence=evidence(found),
        caveats=_caveats(kb, found) if part is None else (*_caveats(kb, found), OF_A_PART),
        next=_next(kb, rows),
        computed=_computed(found),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """What is expected of the customers whoever asks may see, where those are not all."""

    customers: int
    number: float
    loss: float


def _part(kb: KnowledgeBase, found: Outlook) -> Part | None:
    """The part of whoever asks; None where it is the whole company, whose figures the run stored with their range."""
    result = kb.query(("customers_scored", "customers_at_risk", "expected_loss"))
    known = result.rows[0] if result.rows else result.totals or (0, 0, 0)
    scored, number, loss = (float(str(each)) if each is not None else 0.0 for each in known)
    return None if round(scored) == found.customers else Part(customers=round(scored), number=number, loss=loss)


def _headline_of(kb: KnowledgeBase, part: Part, found: Outlook) -> Text:
    return ntext(
        "About {number} of the {n} customer you see may not return before {date}.",
        "About {number} of the {n} customers you see may not return before {date}.",
        "n",
        number=_count(part.number),
        n=part.customers,
        date=kb.as_of + timedelta(days=found.horizon_days),
    )


def _lead_of(kb: KnowledgeBase, part: Part) -> tuple[Text, ...]:
    loss = Amount(_about(part.loss), "money", kb.currency, digits=0)
    return (text("We expect {loss} to go with them.", loss=loss),) if part.loss > 0 else ()


def _headline(kb: KnowledgeBase, found: Outlook) -> Text:
    number, low, high = found.number
    return ntext(
        "About {number} of {n} customer may not return before {date} ({low} to {high}).",
        "About {number} of {n} customers may not return before {date} ({low} to {high}).",
        "n",
        number=_count(number),
        n=found.customers,
        date=kb.as_of + timedelta(days=found.horizon_days),
        low=_count(low),
        high=_count(high),
    )


def _lead(kb: KnowledgeBase, found: Outlook) -> tuple[Text, ...]:
    if found.at_stake <= 0:
        return ()
    loss, low, high = (Amount(_about(each), "money", kb.currency, digits=0) for each in found.loss)
    return (
        ntext(
            "We expect {loss} to go with them ({low} to {high}): {share} of what customers spent in the last "
            "{days} day.",
            "We expect {loss} to go with them ({low} to {high}): {share} of what customers spent in the last "
            "{days} days.",
            "days",
            loss=loss,
            low=low,
            high=high,
            share=Amount(found.loss[0] / found.at_stake, "share"),
            days=found.horizon_days,
        ),
    )


def _figure(found: Outlook) -> Figure:
    number, low, high = (_count(each) for each in found.number)
    return Figure(value=number, low=low, high=high, caption=FIGURE)


def _at_the_top(kb: KnowledgeBase, listed: int, found: Outlook) -> list[tuple[Value, ...]]:
    """Customers with their expected loss, chance of leaving, revenue and reason, most at stake first."""
    losses = _scores(kb, listed)
    ids = tuple(int(str(row[0])) for row in losses)
    if not ids:
        return []
    of_those = Condition("customer_id", Operator.IN, ids)
    at_risk = And((Condition("analysis", Operator.EQ, "churn-risk"), of_those))
    chances = {row[0]: row[1] for row in kb.records("score", ("customer_id", "value"), at_risk, limit=listed).rows}
    columns = ("customer_id", *words.HABIT, "recent_revenue")
    habits = {row[0]: row[1:] for row in kb.records("customer_feature", columns, of_those, limit=listed).rows}
    why_so = kb.records("churn_reason", ("customer_id", *words.REASON_COLUMNS), of_those, limit=listed).rows
    reasons = {row[0]: row[1:] for row in why_so}
    rows: list[tuple[Value, ...]] = []
    for customer, loss, *key in losses:
        repeats, recency, age, recent = (int(str(each)) for each in habits[customer][:4])
        habit = dict(zip(words.HABIT, (repeats, recency, age, recent), strict=True))
        told = words.raising(reasons[customer], habit, found.horizon_days) if customer in reasons else None
        chance = float(str(chances[customer]))
        why = told or _why(repeats, recency, age, recent, found.horizon_days, chance)
        named = str(key[0]) if key and key[0] is not None else str(customer)
        rows.append((named, _cents(loss), chances[customer], habits[customer][4], why))
    return rows


def _scores(kb: KnowledgeBase, listed: int) -> Sequence[tuple[Value, ...]]:
    """Customers by expected loss; with the key their source knows them by, where that may be seen."""
    lost = Condition("analysis", Operator.EQ, "churn-loss")

    def asked(*columns: str) -> Result:
        return kb.records("score", columns, lost, order=("-value", "customer_id"), limit=listed)

    try:
        return asked("customer_id", "value", "customer_key").rows
    except NotPermittedError:
        return asked("customer_id", "value").rows


def _why(repeats: int, recency: int, age: int, recent: int, horizon_days: int, chance: float) -> Text:
    """Why a customer stands on the list.

    Examples
    --------
    >>> _why(9, 90, 149, 1, 92, 0.4).id
    'Silent for {days} day; usually every {gap}'
    >>> _why(1, 300, 310, 1, 92, 0.8).id
    'Buys seldom: every {gap} day'
    >>> _why(20, 200, 204, 2, 92, 0.4).id
    'On time, but only {n} visit in the last {days}'
    >>> _why(20, 200, 204, 9, 92, 0.4).id
    'On time, but of those who buy alike, {share} leave'
    >>> _why(20, 200, 204, 9, 92, 0.02).id
    'On time; listed because of its revenue'
    """
    silent = age - recency
    if not repeats:
        return ntext("Bought once, {days} day ago", "Bought once, {days} days ago", "days", days=silent + 1)
    gap = recency / repeats
    if silent > words.LATE * gap and silent >= 2:
        return ntext(
            "Silent for {days} day; usually every {gap}",
            "Silent for {days} days; usually every {gap}",
            "days",
            days=silent,
            gap=max(round(gap), 1),
        )
    if gap >= horizon_days:
        return ntext("Buys seldom: every {gap} day", "Buys seldom: every {gap} days", "gap", gap=round(gap))
    if recent < _RARE * min(horizon_days, age + 1) / max(gap, 1.0):
        return ntext(
            "On time, but only {n} visit in the last {days}",
            "On time, but only {n} visits in the last {days}",
            "n",
            n=recent,
            days=Amount(horizon_days, "days"),
        )
    if chance >= _MANY:
        share = Amount(chance, "share", digits=0)
        return text("On time, but of those who buy alike, {share} leave", share=share)
    return text("On time; listed because of its revenue")


def _table(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]], found: Outlook) -> Table:
    return Table(
        columns=(
            TableColumn(name="customer", type=Type.TEXT, label=text("Customer")),
            TableColumn(name="expected_loss", type=Type.MONEY, label=text("Expected loss"), unit=kb.currency),
            TableColumn(name="chance", type=Type.SHARE, label=text("Chance of leaving")),
            TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue before"), unit=kb.currency),
            TableColumn(name="why", type=Type.TEXT, label=text("Why it is on the list")),
        ),
        rows=tuple(rows),
        caption=text("Customers to look at first, by expected loss"),
        note=_note(found.horizon_days, in_points=any(_tells_points(row[-1]) for row in rows)),
    )


def _note(days: int, *, in_points: bool) -> Text:
    if not in_points:
        return ntext(
            "Expected loss is the chance of leaving times the revenue of the last {days} day.",
            "Expected loss is the chance of leaving times the revenue of the last {days} days.",
            "days",
            days=days,
        )
    return ntext(
        "Expected loss is the chance of leaving times the revenue of the last {days} day. +5: with this as it is with "
        "the customer in the middle, the chance would be 5 points lower.",
        "Expected loss is the chance of leaving times the revenue of the last {days} days. +5: with this as it is with "
        "the customer in the middle, the chance would be 5 points lower.",
        "days",
        days=days,
    )


def _tells_points(why: Value) -> bool:
    """Whether a reason says how many points it makes, alone or beside others."""
    return isinstance(why, Text) and ("points" in why.values or any(map(_tells_points, why.values.values())))


def _reach(kb: KnowledgeBase) -> list[tuple[int, Decimal]]:
    """Customers contacted and the share of the expected loss reached, from none to all."""
    steps = kb.records("churn_reach", ("contacted", "expected_loss"), order=("contacted",), limit=200).rows
    points = [(int(str(contacted)), Decimal(str(loss))) for contacted, loss in steps]
    if not points or points[-1][1] <= 0:
        return []
    return [
        (0, Decimal(0)),
        *((contacted, (loss / points[-1][1]).quantize(Decimal("0.0001"))) for contacted, loss in points),
    ]


def _chart(reach: Sequence[tuple[int, Decimal]], found: Outlook) -> Chart | None:
    half = next(((contacted, share) for contacted, share in reach if share >= Decimal("0.5")), None)
    if half is None:
        return None
    return Chart(
        mark=Mark.LINE,
        title=ntext(
            "Contacting {n} customer reaches {share} of the money at stake.",
            "Contacting {n} customers reaches {share} of the money at stake.",
            "n",
            n=half[0],
            share=Amount(half[1], "share", digits=0),
        ),
        subtitle=text("Share of the expected loss reached, by number of customers contacted, most at stake first"),
        data=Table(
            columns=(
                TableColumn(name="contacted", type=Type.INT, label=text("Customers contacted"), unit="customers"),
                TableColumn(name="reached", type=Type.SHARE, label=text("Share of the expected loss")),
            ),
            rows=tuple(reach),
            caption=text("Share of the expected loss reached, by number of customers contacted"),
        ),
        x="contacted",
        y="reached",
        highlight=(half[0],),
        diagonal=text("If you contacted them at random"),
    )


def _caveats(kb: KnowledgeBase, found: Outlook) -> tuple[Text, ...]:
    said = [
        ntext(
            "Leaving means not buying: who buys nothing for {days} day counts as gone, and may come back later.",
            "Leaving means not buying: who buys nothing for {days} days counts as gone, and may come back later.",
            "days",
            days=found.horizon_days,
        )
    ]
    if kb.first_day is not None and (kb.as_of - kb.first_day).days < _SEASONS_DAYS:
        said.append(
            text("Each season is in the data once at most: a quiet season cannot be told from a lasting loss yet.")
        )
    if _is_assumed(kb):
        said.append(
            text(
                "The first delivery counts as known when it happened, so the test may have seen corrections that came "
                "later."
            )
        )
    return tuple(said)


def _is_assumed(kb: KnowledgeBase) -> bool:
    """Whether the oldest facts count as known when they happened because nobody recorded when they came."""
    oldest = Condition("happened_on", Operator.EQ, kb.first_day)
    assumed = And((oldest, Condition("known_assumed", Operator.EQ, True)))
    return bool(kb.records("order_line", ("known_assumed",), assumed, limit=1).rows)


def _next(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]]) -> tuple[Text, ...]:
    if not rows:
        return ()
    each = sum(Decimal(str(row[1])) for row in rows) / len(rows)
    return (
        ntext(
            "Start with {n} customer at the top: {each} is at stake. Let that decide between a letter and a visit.",
            "Start with the {n} customers at the top: {each} each is at stake on average. Let that decide between a "
            "letter and a visit.",
            "n",
            n=len(rows),
            each=Amount(each, "money", kb.currency, digits=0),
        ),
        text("Leave one in ten out at random, so that you can see what the contact earned."),
        text("Look again on {date}.", date=_a_month_on(kb.as_of)),
    )


def _computed(found: Outlook) -> Text:
    return text(
        "For each customer we look at the days since the last purchase, the purchase days of the last {days}, and how "
        "likely a purchase model (BG/NBD) finds it that nothing more comes. Logistic regressions learned from earlier "
        "dates turn these into a chance; where many customers were seen leaving, boosted trees (LightGBM) are tried "
        "beside them, calibrated at a later date and levelled over all. In the test the area under the ROC curve was "
        "{auc}, the calibration error {error}, the calibration slope {slope}. Of the methods that rank better than the "
        "simplest and have a smaller log loss, one serves with which contacting the right customers earns most "
        "(expected maximum profit); of those that chance alone may tell apart, the one with the smallest log loss.",
        days=Amount(found.horizon_days, "days"),
        auc=Amount(found.tested(found.candidate, "auc"), digits=3),
        error=Amount(found.tested(found.candidate, "ece"), digits=3),
        slope=Amount(found.tested(found.candidate, "slope"), digits=2),
    )


def _a_month_on(day: date) -> date:
    """The first of the next month.

    Examples
    --------
    >>> _a_month_on(date(2018, 12, 5))
    datetime.date(2019, 1, 1)
    """
    return (day.replace(day=1) + timedelta(days=32)).replace(day=1)


def _about(value: float) -> int:
    """A figure to three digits: its interval does not carry more.

    Examples
    --------
    >>> _about(15_833.2), _about(62.4), _about(0)
    (15800, 62, 0)
    """
    return round(float(f"{value:.3g}"))


def _count(value: float) -> Amount:
    return Amount(round(value), "count")


def _cents(value: Value) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.0001"))


CHURN_RISK = Analysis(
    name="churn-risk",
    area="customer",
    level=Level.FORECAST,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at"),
    fit=fit_churn,
    answer=tell_churn,
    reads=("churn_count",),
    writes=("churn_cell", "model", "backtest"),
    fit_parameters={
        "worth_kept": 200.0,
        "offer_cost": 10.0,
        "contact_cost": 1.0,
        "accepting": 6.0,
        "refusing": 14.0,
    },
    parameters={"list": 20},
)
