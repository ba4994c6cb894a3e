"""Who is like the best customers and is none yet: among customers, and among people who have not bought."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.asked import one_of, whole_number
from clientela.analyse.customer.lookalike.words import CONSENT, METHOD, PLAIN, SIMPLY, WHO, decided, reasons, why_not
from clientela.contracts.analysis import Analysis, Arrays, BackTest, FitContext, KnowledgeBase, Parameter, Result
from clientela.contracts.filter import And, Condition, Operator
from clientela.contracts.insight import Chart, Evidence, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import NotPermittedError

QUESTION = text("Who is like our best customers and is not one of them yet?")
LONGEST_LIST = 5000
TASKS = ("customer", "prospect")
_WHOM: Mapping[str, tuple[str, ...]] = {"everybody": TASKS, "customers": TASKS[:1], "prospects": TASKS[1:]}
_SHOWN = ("customer_id", "chance", "reason_1", "reason_2", "reason_3", "consent")


def fit_look_alike(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `clientela.analyse.customer.lookalike.fit.fit_look_alike`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.lookalike import fit

    return fit.fit_look_alike(tables, context)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Those of one kind who are proposed: customers, or people who have not bought; and how the method was tested."""

    task: str
    test: Mapping[str, Any]
    rows: Sequence[tuple[Value, ...]]

    @property
    def expected(self) -> float:
        """How many of those listed are expected to be one of the best."""
        return sum(float(str(row[1])) for row in self.rows)

    @property
    def by_chance(self) -> float:
        """How many of as many others are."""
        return float(self.test["mean_chance"]) * len(self.rows)


def tell_look_alike(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """Those most like the best who are none yet, with what speaks for them.

    Parameters
    ----------
    parameters :
        ``list``: how many customers, and how many people who have not bought, to list. ``whom``: everybody,
        customers or prospects.
    """
    listed = whole_number(parameters, "list", 1, LONGEST_LIST)
    whom = one_of(parameters, "whom", _WHOM)
    if kb.first_day is None:
        return abstain(LOOK_ALIKE, kb, NO_SALES)
    said = _said(kb.evidence("look-alike"), kb.as_of)
    if said is None:
        return abstain(
            LOOK_ALIKE,
            kb,
            text(
                "No forecast was made as of {date}. To make one, run: {command}",
                date=kb.as_of,
                command=f"clientela run --as-of {kb.as_of.isoformat()}",
            ),
        )
    served = [task for task in _WHOM[whom] if "reason" not in said[task]]
    if not served:
        return abstain(LOOK_ALIKE, kb, _reason(said, _WHOM[whom]))
    found = [Found(task=task, test=said[task], rows=_rows(kb, task, said[task], listed)) for task in served]
    found = [each for each in found if each.rows]
    if not found:
        return abstain(LOOK_ALIKE, kb, text("None of the customers you see is proposed, or may be contacted."))
    days = int(said["horizon_days"])
    silent = [task for task in _WHOM[whom] if "reason" in said[task]]
    charts = [_chart(each.task, each.test) for each in found]
    return Insight(
        analysis="look-alike",
        area="customer",
        level=Level.FORECAST,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(found[0], kb.as_of, days),
        lead=tuple(_headline(each, kb.as_of, days) for each in found[1:]),
        figure=Figure(value=Amount(float(found[0].test["lift"]), digits=1), caption=text("times as many as by chance")),
        table=_table(found),
        chart=charts[0],
        details=tuple(charts[1:]),
        evidence=_evidence(found, kb.evidence("look-alike")),
        caveats=_caveats(kb, found, [_silent(task, said[task]) for task in silent]),
        next=_next(found),
        computed=_computed(days, float(said["top"])),
    )


def _said(test: BackTest, as_of: date) -> Mapping[str, Any] | None:
    """What was learned for the date; None when there was no run for it."""
    row = next((row for row in test.models if row["as_of"] == as_of), None)
    return None if row is None else dict(json.loads(str(row["parameters"])))


def _reason(said: Mapping[str, Any], tasks: Sequence[str]) -> Text:
    told = [why_not(task, said[task]) for task in tasks]
    if len(told) == 2:
        return text(
            "We cannot say yet. Among customers: {customers}. Among people who have not bought: {people}.",
            customers=told[0],
            people=told[1],
        )
    return text("We cannot say yet: {why}.", why=told[0])


def _silent(task: str, said: Mapping[str, Any]) -> Text:
    if task == "customer":
        return text("Nobody is proposed among customers: {why}.", why=why_not(task, said))
    return text("Nobody is proposed among people who have not bought: {why}.", why=why_not(task, said))


def _rows(kb: KnowledgeBase, task: str, test: Mapping[str, Any], listed: int) -> list[tuple[Value, ...]]:
    """Who is proposed, the likeliest first: name, chance, what speaks for them, whether they may be contacted.

    Whose chance is not above the mean of all is like the best in nothing, and left out however short the list is. Who
    withdrew consent on every channel is left out; so are people without a purchase who have not given it, where the
    company delivers consents.
    """
    of_it = Condition("task", Operator.EQ, task)
    allowed = ("given", "unknown") if task == "prospect" else ("given", "not given", "unknown")
    likelier = Condition("chance", Operator.GT, Decimal(str(round(float(test["mean_chance"]), 6))))
    where = And((of_it, likelier, Condition("consent", Operator.IN, allowed)))

    def asked(*columns: str) -> Result:
        return kb.records("look_alike", columns, where, order=("-chance", "customer_id"), limit=listed)

    try:
        rows = asked(*_SHOWN, "customer_key").rows
    except NotPermittedError:
        rows = tuple((*row, None) for row in asked(*_SHOWN).rows)
    return [
        (
            str(customer) if key is None else str(key),
            Decimal(str(chance)).quantize(Decimal("0.0001")),
            WHO[task],
            reasons(tuple(said)),
            CONSENT[str(consent)],
        )
        for customer, chance, *said, consent, key in rows
    ]


def _headline(found: Found, as_of: date, days: int) -> Text:
    near = [round(each, 1) for each in (found.expected, found.by_chance)]
    expected, others = (Amount(each, digits=0 if each == round(each) or each >= 2 else 1) for each in near)
    n = len(found.rows)
    if found.task == "customer":
        return ntext(
            "Of the {n} customer most like the best, about {expected} should be one of the best tenth until {date}; of "
            "as many others, {others}.",
            "Of the {n} customers most like the best, about {expected} should be among the best tenth until {date}; "
            "of as many others, {others}.",
            "n", n=Amount(n, "count"), expected=expected, others=others, date=as_of + timedelta(days=days),
        )  # fmt: skip
    return ntext(
        "Of the {n} person most like the best who has not bought yet, about {expected} should become one of the best "
        "tenth, if they buy; of as many others, {others}.",
        "Of the {n} people most like the best who have not bought yet, about {expected} should become some of the "
        "best tenth, if they buy; of as many others, {others}.",
        "n", n=Amount(n, "count"), expected=expected, others=others,
    )  # fmt: skip


def _table(found: Sequence[Found]) -> Table:
    return Table(
        columns=(
            TableColumn(name="customer", type=Type.TEXT, label=text("Customer")),
            TableColumn(name="chance", type=Type.SHARE, label=text("Chance to be one of the best")),
            TableColumn(name="who", type=Type.TEXT, label=text("Who")),
            TableColumn(name="why", type=Type.TEXT, label=text("What speaks for it")),
            TableColumn(name="consent", type=Type.TEXT, label=text("May be contacted")),
        ),
        rows=tuple(row for each in found for row in each.rows),
        caption=text("Those most like the best customers, the likeliest first"),
        note=text("Who withdrew consent is left out. Names, age, sex, nationality and the like are never looked at."),
    )


def _chart(task: str, test: Mapping[str, Any]) -> Chart:
    """How many of the best each order found in the test, by chance 1."""
    rows: tuple[tuple[Value, ...], ...] = (
        (_method(task, test), *(_tenths(test[name]) for name in ("lift", "low", "high"))),
        (PLAIN[task], *(_tenths(test[name]) for name in ("plain", "plain_low", "plain_high"))),
        (text("Chance"), Decimal(1), Decimal(1), Decimal(1)),
    )
    return Chart(
        mark=Mark.BAR,
        title=text(
            "In the test, the likeness found {lift} times as many of the best as chance.",
            lift=Amount(float(test["lift"]), digits=1),
        ),
        subtitle=(
            text("Customers who became one of the best, in the first tenth of each order; chance is 1")
            if task == "customer"
            else text("New customers who became some of the best, in the first tenth of each order; chance is 1")
        ),
        data=Table(
            columns=(
                TableColumn(name="order", type=Type.TEXT, label=text("Order")),
                TableColumn(name="lift", type=Type.NUMBER, label=text("Times as many as by chance")),
                TableColumn(name="low", type=Type.NUMBER, label=text("At least")),
                TableColumn(name="high", type=Type.NUMBER, label=text("At most")),
            ),
            rows=rows,
            caption=text("How many of the best each order found"),
        ),
        x="order",
        y="lift",
        interval=("low", "high"),
    )


def _method(task: str, test: Mapping[str, Any]) -> Text:
    """By what the likeness that serves goes."""
    return SIMPLY[task] if test.get("served") == "simple" else METHOD


def _evidence(found: Sequence[Found], test: BackTest) -> Evidence:
    first = found[0]
    said = first.test
    served = f"{said.get('served', 'traits')}:{first.task}"
    fitted = next((str(row["fitted_at_origins"]) for row in test.results if row["candidate"] == served), "")
    return Evidence(
        method=_method(first.task, said),
        baseline=PLAIN[first.task],
        metric="lift",
        value=float(said["lift"]),
        baseline_value=float(said["plain"]),
        interval=(float(said["low"]), float(said["high"])),
        n=int(said["n"]),
        parameters={
            "origin": date.fromisoformat(said["tested_at"]),
            "fitted_at_origins": fitted,
            **{name: float(said[name]) for name in ("auc", "beyond", "beyond_low", "beyond_high")},
        },
        sentences=tuple(sentence for each in found for sentence in _sentences(each)),
    )


def _sentences(found: Found) -> tuple[Text, ...]:
    said = found.test
    values: dict[str, Value] = {
        "date": date.fromisoformat(said["tested_at"]),
        "n": Amount(said["n"], "count"),
        "best": Amount(said["best"], "count"),
        "found": Amount(round(said["top_found"]), "count"),
        "lift": Amount(said["lift"], digits=1),
        "low": Amount(said["low"], digits=1),
        "high": Amount(said["high"], digits=1),
    }
    return (
        text(
            "We learned before {date} and tested on what came after: of {n} customers, {best} became some of the best. "
            "In the first tenth of our order were {found}, {lift} times as many as by chance ({low} to {high}).",
            **values,
        )
        if found.task == "customer"
        else text(
            "Of people who have not bought, we learned from the customers of before {date} and tested on who came "
            "since: of {n} new customers, {best} became some of the best. In the first tenth of our order were "
            "{found}, {lift} times as many as by chance ({low} to {high}).",
            **values,
        ),
        text(
            "The plain order “{plain}” found {rival} times as many as chance; we expected {expected} in the first "
            "tenth.",
            plain=PLAIN[found.task],
            rival=Amount(said["plain"], digits=1),
            expected=Amount(round(said["top_expected"]), "count"),
        ),
        *decided(found.task, said),
    )


def _caveats(kb: KnowledgeBase, found: Sequence[Found], silent: Sequence[Text]) -> tuple[Text, ...]:
    said = list(silent)
    for each in found:
        if each.test.get("served") == "simple" and "other_lift" in each.test:
            said.append(
                text(
                    "Before the test, likeness of all that is known found fewer of the best: so “{simple}” serves. In "
                    "the test it would have found {lift} times as many as chance.",
                    simple=SIMPLY[each.task],
                    lift=Amount(float(each.test["other_lift"]), digits=1),
                )
            )
        if each.test["beyond_low"] <= 0:
            said.append(
                text(
                    "That the likeness finds more of the best than “{plain}” may be chance: look at both.",
                    plain=PLAIN[each.task],
                )
            )
    if any(each.task == "prospect" for each in found):
        said.append(text("Of people who have not bought, the chance is that of those who do buy; many never will."))
    if not kb.delivered("consent"):
        said.append(text("No consents were delivered: make sure that you may contact somebody before you do."))
    said.append(text("Country, sector and the like are those known today, in the test too."))
    return tuple(said)


def _next(found: Sequence[Found]) -> tuple[Text, ...]:
    said = [text("Offer those in the list what the best buy, and leave one in ten out at random to see what it earns.")]
    if any(each.task == "prospect" for each in found):
        said.append(text("When you rent or buy a list, ask for the traits that speak for somebody here."))
    return tuple(said)


def _computed(days: int, top: float) -> Text:
    return text(
        "The best are the tenth of the customers who bring most within {days}, in margin where costs are known. A "
        "logistic regression, its slopes drawn towards none, learned at earlier dates which traits those had who "
        "became some of the best; of people who have not bought, it learned it from what was known of customers "
        "before they bought, and the best are those who brought most a day. Values that fewer than 10 customers have "
        "do not count. What speaks for somebody are the traits that raise the chance most. Tested on the first "
        "{top} of the order.",
        days=Amount(days, "days"),
        top=Amount(top, "share", digits=0),
    )


def _tenths(value: float) -> Decimal:
    return Decimal(str(round(float(value), 2)))


LOOK_ALIKE = Analysis(
    name="look-alike",
    area="customer",
    level=Level.FORECAST,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at"),
    fit=fit_look_alike,
    answer=tell_look_alike,
    reads=("alike_count",),
    writes=("alike_cell", "model", "backtest"),
    parameters={"list": 20, "whom": "everybody"},
    overview=False,
)
