"""By which day each active customer is expected to order next."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from decimal import Decimal
from types import MappingProxyType
from typing import Any

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.asked import whole_number
from clientela.analyse.customer.tested import not_made, too_short
from clientela.contracts.analysis import Analysis, Arrays, BackTest, FitContext, KnowledgeBase, Parameter, Result
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Chart, Evidence, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, Value, ntext, text
from clientela.errors import NotPermittedError

QUESTION = text("When will our customers order next?")
LONGEST_LIST = 5000
_METHODS: Mapping[str, Text] = MappingProxyType(
    {
        "pooled": text("Own gap drawn towards everybody's, and how gaps end"),
        "own": text("Last order plus the own mean gap"),
        "median": text("Last order plus everybody's median gap"),
    }
)


def fit_next_order(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `fit.fit_next_order`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.next_order import fit

    return fit.fit_next_order(tables, context)


def tell_next_order(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The customers whose next order is expected first, with the days between which it is likely.

    Parameters
    ----------
    parameters :
        ``list``: how many customers to list.
    """
    listed = whole_number(parameters, "list", 1, LONGEST_LIST)
    if kb.first_day is None:
        return abstain(NEXT_ORDER, kb, NO_SALES)
    test = kb.evidence("next-order")
    said = _model(test, kb.as_of)
    if isinstance(said, Text):
        return abstain(NEXT_ORDER, kb, said)
    rows = _rows(kb, listed)
    if not rows:
        return abstain(NEXT_ORDER, kb, text("None of the customers you see is expected to order again."))
    found = said["test"]
    return Insight(
        analysis="next-order",
        area="customer",
        level=Level.FORECAST,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(rows, found),
        lead=(
            text(
                "The days from the earliest to the latest are meant to hold 8 of 10 of those who order; in the test "
                "they held {share}.",
                share=Amount(found["pooled"]["coverage"], "share", digits=0),
            ),
        ),
        figure=_figure(found["pooled"]),
        table=_table(rows),
        chart=_chart(rows),
        evidence=_evidence(test, said),
        caveats=(
            text("Who bought on one day only has no gap yet and is left out, and so is who has been silent too long."),
            text(
                "The days hold for those who order again: of 100 who were expected in the test, {came} came.",
                came=Amount(round(100 * found["pooled"]["came"] / found["pooled"]["expected"]), "count"),
            ),
            text("Seasons and promotions are not seen: before a holiday orders come sooner."),
        ),
        next=(
            text("Have what they usually buy at hand by the likely day; call who has not ordered by the latest one."),
        ),
        computed=text(
            "The usual gap is the customer's own mean gap, drawn towards everybody's as if they had {weight} more "
            "gaps. How gaps end, counted in usual gaps, is learned with Kaplan and Meier's method from customers seen "
            "at an earlier date; who has been silent longer is compared with those who had been as long. The likely "
            "day is the median, the earliest and the latest leave out one in ten. Who more likely than not orders "
            "again within two horizons is expected.",
            weight=Amount(said["weight"], digits=1),
        ),
    )


def _model(test: BackTest, as_of: date) -> dict[str, Any] | Text:
    """What was learned for the date; or why nothing is foretold."""
    models = [row for row in test.models if row["as_of"] == as_of]
    if not models:
        return not_made(as_of)
    said = dict(json.loads(str(models[0]["parameters"])))
    return said if models[0]["winner"] else _why_not(said)


def _why_not(said: Mapping[str, Any]) -> Text:
    match said["reason"]:
        case "too_short":
            return too_short(said)
        case "few":
            return ntext(
                "We cannot say yet: only {n} next order came in the time to learn from or to be tested on. It "
                "needs {needed} in each.",
                "We cannot say yet: only {n} next orders came in the time to learn from or to be tested on. It "
                "needs {needed} in each.",
                "n",
                n=said["customers"],
                needed=said["needed"],
            )
        case "no_better":
            return text(
                "No method beat the simplest ones in the test: add the customer's own mean gap, or everybody's, to the "
                "last order; that was {mae} days off on average.",
                mae=Amount(said["baseline"], digits=1),
            )
    return text(
        "In the test the range of days was right for {share} of the customers only, so we show no forecast.",
        share=Amount(said["coverage"], "share", digits=0),
    )


def _scores(kb: KnowledgeBase, listed: int) -> Sequence[tuple[Value, ...]]:
    """Customers by the day they are expected on; with the key their source knows them by, where that may be seen."""
    asked = Condition("analysis", Operator.EQ, "next-order")
    columns = ("customer_id", "value", "low", "high")

    def told(*more: str) -> Result:
        return kb.records("score", (*columns, *more), asked, order=("value", "customer_id"), limit=listed)

    try:
        return told("customer_key").rows
    except NotPermittedError:
        return told().rows


def _rows(kb: KnowledgeBase, listed: int) -> list[tuple[Value, ...]]:
    """Customer, likely day, earliest, latest, days since the last order, usual gap; the first expected first."""
    scores = _scores(kb, listed)
    ids = tuple(int(str(row[0])) for row in scores)
    if not ids:
        return []
    habits: dict[Value, tuple[Value, ...]] = {}
    for start in range(0, len(ids), 1000):
        some = Condition("customer_id", Operator.IN, ids[start : start + 1000])
        columns = ("customer_id", "last_bought_on", "repeat_purchases", "recency_days")
        habits |= {row[0]: row[1:] for row in kb.records("customer_feature", columns, some, limit=1000).rows}
    rows: list[tuple[Value, ...]] = []
    for customer, value, low, high, *key in scores:
        last, repeats, recency = habits[customer]
        named = str(key[0]) if key and key[0] is not None else str(customer)
        silent = (kb.as_of - last).days if isinstance(last, date) else None
        gap = round(int(str(recency)) / int(str(repeats)))
        rows.append((named, *(_day(kb.as_of, each) for each in (value, low, high)), silent, gap))
    return rows


def _day(as_of: date, days: Value) -> date:
    return as_of + timedelta(days=round(float(str(days))))


def _headline(rows: Sequence[tuple[Value, ...]], found: Mapping[str, Mapping[str, float]]) -> Text:
    return ntext(
        "The next {n} order is expected by {date}; a day we name is {mae} days off on average.",
        "The next {n} orders are expected by {date}; a day we name is {mae} days off on average.",
        "n",
        n=len(rows),
        date=max(row[1] for row in rows if isinstance(row[1], date)),
        mae=Amount(found["pooled"]["mae"], digits=0),
    )


def _figure(ours: Mapping[str, float]) -> Figure:
    value, low, high = (Amount(max(round(ours[key]), 0), "days") for key in ("mae", "low", "high"))
    return Figure(value=value, low=low, high=high, caption=text("off on average in the test"))


def _table(rows: Sequence[tuple[Value, ...]]) -> Table:
    return Table(
        columns=(
            TableColumn(name="customer", type=Type.TEXT, label=text("Customer")),
            TableColumn(name="expected_on", type=Type.DATE, label=text("Next order expected")),
            TableColumn(name="earliest", type=Type.DATE, label=text("At the earliest")),
            TableColumn(name="latest", type=Type.DATE, label=text("At the latest")),
            TableColumn(name="days_since", type=Type.INT, label=text("Days since the last order"), unit="days"),
            TableColumn(name="gap", type=Type.INT, label=text("Own mean gap"), unit="days"),
        ),
        rows=tuple(rows),
        caption=text("Customers whose next order is expected first"),
    )


def _chart(rows: Sequence[tuple[Value, ...]]) -> Chart:
    days: dict[Value, int] = {}
    for row in rows:
        days[row[1]] = days.get(row[1], 0) + 1
    busiest = max(days, key=lambda day: days[day])
    return Chart(
        mark=Mark.BAR,
        title=ntext(
            "{n} of the orders listed is expected on {date}.",
            "{n} of the orders listed are expected on {date}.",
            "n",
            n=days[busiest],
            date=busiest,
        ),
        subtitle=text("Orders expected, by day, of the customers listed"),
        data=Table(
            columns=(
                TableColumn(name="day", type=Type.DATE, label=text("Day")),
                TableColumn(name="orders", type=Type.INT, label=text("Orders expected"), unit="orders"),
            ),
            rows=tuple((day, days[day]) for day in sorted(days, key=str)),
            caption=text("Orders expected, by day"),
        ),
        x="day",
        y="orders",
    )


def _evidence(test: BackTest, said: Mapping[str, Any]) -> Evidence:
    found = said["test"]
    rival = min(("own", "median"), key=lambda name: float(found[name]["mae"]))
    ours, origin = found["pooled"], date.fromisoformat(said["tested_at"])
    period = Period(origin, origin + timedelta(days=int(said["window_days"]) - 1))
    fitted = next((str(row["fitted_at_origins"]) for row in test.results if row["candidate"] == "pooled"), "")
    return Evidence(
        method=_METHODS["pooled"],
        baseline=_METHODS[rival],
        metric="mae_days",
        value=ours["mae"],
        baseline_value=found[rival]["mae"],
        interval=(ours["low"], ours["high"]),
        n=round(ours["n"]),
        parameters={"origin": origin, "fitted_at_origins": fitted, "coverage": ours["coverage"]},
        sentences=(
            text(
                "We tested the method on {period}, which it had not seen: it expected {expected} customers, "
                "{came} came.",
                period=period,
                expected=Amount(round(ours["expected"]), "count"),
                came=Amount(round(ours["came"]), "count"),
            ),
            text(
                "Of those who came, the day was {mae} days off on average; “{baseline}” was {rival} days off.",
                mae=Amount(ours["mae"], digits=1),
                baseline=_METHODS[rival],
                rival=Amount(found[rival]["mae"], digits=1),
            ),
        ),
        candidates=_candidates(found, period),
    )


def _candidates(found: Mapping[str, Mapping[str, float]], period: Period) -> Table:
    return Table(
        columns=(
            TableColumn(name="method", type=Type.TEXT, label=text("Method")),
            TableColumn(name="mae_days", type=Type.NUMBER, label=text("Days off on average")),
            TableColumn(name="low", type=Type.NUMBER, label=text("At least")),
            TableColumn(name="high", type=Type.NUMBER, label=text("At most")),
        ),
        rows=tuple(
            (_METHODS[name], *(Decimal(str(round(found[name][key], 2))) for key in ("mae", "low", "high")))
            for name in sorted(found, key=lambda name: (found[name]["mae"], name))
        ),
        caption=text("The best first, tested on {period}", period=period),
        note=text("All of them on the same customers: those who were expected and came."),
    )


NEXT_ORDER = Analysis(
    name="next-order",
    area="customer",
    level=Level.FORECAST,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.ordered_at",),
    fit=fit_next_order,
    answer=tell_next_order,
    reads=("next_gap",),
    writes=("next_step", "model", "backtest"),
    parameters={"list": 20},
    overview=False,
)
