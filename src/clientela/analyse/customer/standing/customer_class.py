"""How safely the customers pay, what money lies in each class, and who became worse."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from clientela.analyse.abstain import abstain, left_out
from clientela.analyse.asked import whole_number
from clientela.analyse.customer.standing.words import CLASSES, REASONS, TO_DO
from clientela.contracts.analysis import Analysis, Arrays, FitContext, KnowledgeBase, Parameter, Result
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import ConfigurationError, NotPermittedError

QUESTION = text("How safely do our customers pay, and who became worse?")
LONGEST_LIST = 50
_YEAR = 365
_SHARES = ("sound_overdue", "weak_overdue")
_RULES: Mapping[str, Parameter] = {
    "sound_late_days": 5,
    "weak_late_days": 30,
    "sound_overdue": 0.05,
    "weak_overdue": 0.25,
    "weak_overdue_days": 90,
    "worse_by_days": 15,
    "fewest_invoices": 3,
    "low_score": 0.0,
}
_NO_TERMS = text("not known")
Rows = Sequence[tuple[Value, ...]]


@dataclass(frozen=True, slots=True)
class Class:
    """One class: its customers, what they were invoiced within a year, what is overdue and what is unpaid."""

    name: str
    customers: int
    invoiced: Decimal
    overdue: Decimal
    unpaid: Decimal


def fit_rules(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """The lines that part the classes, as the table ``class_rule``.

    Raises
    ------
    ConfigurationError
        A line is below 0, a share is over 1, or who is sound would be weak.
    """
    import numpy as np

    said = {name: float(context.parameters[name]) for name in _RULES}
    wrong = [f"{name} is {value:g}" for name, value in said.items() if value < 0 and name != "low_score"]
    wrong += [f"{name} is {said[name]:g}, a share above 1" for name in _SHARES if said[name] > 1]
    if wrong:
        raise ConfigurationError(
            f"[analysis.customer-class]: {', '.join(wrong)}; days and counts are 0 or more, shares from 0 to 1."
        )
    for sound, weak in (("sound_late_days", "weak_late_days"), _SHARES):
        if said[sound] > said[weak]:
            raise ConfigurationError(
                f"[analysis.customer-class]: {sound} is {said[sound]:g}, more than {weak}, {said[weak]:g}; who is "
                "sound cannot be weak: set it lower."
            )
    said["low_score"] = said["low_score"] or float("nan")
    lines = {name: np.array([value]) for name, value in said.items() if name != "fewest_invoices"}
    whole = {"version": 1, "fewest_invoices": round(said["fewest_invoices"])}
    return {"class_rule": {**lines, **{name: np.array([value], dtype=np.int64) for name, value in whole.items()}}}


def tell_customer_class(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The classes with their money, how customers moved between them within a year, and who became worse.

    Parameters
    ----------
    parameters :
        ``list``: how many of those who became worse to list.
    """
    listed = whole_number(parameters, "list", 1, LONGEST_LIST)
    classes, hidden = _classes(kb)
    if not classes:
        return abstain(CUSTOMER_CLASS, kb, _why_not(kb))
    moves = _moves(kb)
    worse = _worse(kb, listed)
    return Insight(
        analysis="customer-class",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(kb, classes),
        lead=_lead(moves),
        figure=_figure(kb, classes),
        table=_table(kb, classes, moves),
        chart=_chart(kb, classes),
        details=(*_by_sector(kb), *_by_terms(kb)),
        sure=(text("Invoices and payments that were delivered are counted; nothing is estimated."),),
        caveats=(
            *hidden,
            *_caveats(classes),
            text(
                "The classes of a year before are found by the same rules from what is known of that day now; a "
                "payment that the bank took back is not delivered and is not seen."
            ),
        ),
        next=(*_who(worse), _to_do(classes)),
        computed=text(
            "Looked at are invoices that fell due or were paid within 365 days, and older unpaid ones. Weak: a low "
            "bought score, more than a little overdue for very long, much overdue of what fell due, or paid very late "
            "on average. To watch: more unpaid than the credit limit, some overdue, paid late, or later than half a "
            "year before. How late is weighed by amount. "
            "Sound: none of these. With too few invoices the class is not known. The lines stand in "
            "[analysis.customer-class] of clientela.toml."
        ),
    )


def _classes(kb: KnowledgeBase) -> tuple[list[Class], tuple[Text, ...]]:
    """The classes that have customers, the safest first; and what is to be said of figures that are hidden."""
    by = ("customer_class",)
    year = Condition("day", Operator.BETWEEN, (kb.as_of - timedelta(days=_YEAR), kb.as_of - timedelta(days=1)))
    asked = (
        kb.query(("known_customers",), by=by),
        kb.query(("invoiced",), by=by, where=year),
        kb.query(("overdue", "unpaid"), by=by),
    )
    sizes, invoiced, owed = (
        {row[0]: tuple(Decimal(str(each or 0)) for each in row[1:]) for row in result.rows} for result in asked
    )
    nothing = (Decimal(0), Decimal(0))
    classes = [
        Class(name, int(sizes[name][0]), *invoiced.get(name, nothing[:1]), *owed.get(name, nothing))
        for name in CLASSES
        if name in sizes and sizes[name][0]
    ]
    return classes, left_out(asked)


def _moves(kb: KnowledgeBase) -> dict[tuple[str, str], int]:
    """How many customers went from a class of a year before to one of now."""
    rows = kb.query(("known_customers",), by=("class_before", "customer_class")).rows
    return {(str(was), str(now)): int(str(n or 0)) for was, now, n in rows if was in CLASSES and now in CLASSES and n}


def _why_not(kb: KnowledgeBase) -> Text:
    if kb.as_of != kb.run_as_of:
        return text(
            "No classes were found as of {date}. To find them, run: {command}",
            date=kb.as_of,
            command=f"clientela run --as-of {kb.as_of.isoformat()}",
        )
    return text("None of the customers you see was invoiced. Deliver invoices with the day they are due and paid.")


def _headline(kb: KnowledgeBase, classes: Sequence[Class]) -> Text:
    judged = [each for each in classes if each.name != "unknown"]
    if not judged:
        return ntext(
            "Of {n} customer too little is known to say how safely they pay.",
            "Of {n} customers too little is known to say how safely they pay.",
            "n",
            n=sum(each.customers for each in classes),
        )
    total = sum(each.invoiced for each in classes)  # as the table shares it out
    weak = next((each for each in judged if each.name == "weak"), None)
    if weak is None:
        return text("No customer is weak: all pay within the lines that you drew.")
    return ntext(
        "{n} customer pays weakly and got {share} of what was invoiced within a year; {overdue} is overdue there.",
        "{n} customers pay weakly and got {share} of what was invoiced within a year; {overdue} is overdue there.",
        "n",
        n=weak.customers,
        share=Amount(weak.invoiced / total if total > 0 else 0, "share", digits=0),
        overdue=Amount(round(weak.overdue), "money", kb.currency, digits=0),
    )


_ORDER = {name: place for place, name in enumerate(CLASSES)}


def _lead(moves: Mapping[tuple[str, str], int]) -> tuple[Text, ...]:
    known = {pair: n for pair, n in moves.items() if "unknown" not in pair}
    seen = sum(known.values())
    if not seen:
        return ()
    worse = sum(n for (was, now), n in known.items() if _ORDER[now] > _ORDER[was])
    better = sum(n for (was, now), n in known.items() if _ORDER[now] < _ORDER[was])
    return (
        ntext(
            "Of {n} customer whose class was known a year before, {worse} became worse and {better} better.",
            "Of {n} customers whose class was known a year before, {worse} became worse and {better} better.",
            "n",
            n=seen,
            worse=worse,
            better=better,
        ),
    )


def _figure(kb: KnowledgeBase, classes: Sequence[Class]) -> Figure:
    overdue = sum((each.overdue for each in classes), Decimal(0))
    return Figure(value=Amount(round(overdue), "money", kb.currency, digits=0), caption=text("overdue"))


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    return (Decimal(part) / whole).quantize(Decimal("0.000001")) if whole > 0 else None


def _table(kb: KnowledgeBase, classes: Sequence[Class], moves: Mapping[tuple[str, str], int]) -> Table:
    customers = sum(each.customers for each in classes)
    money = [sum((getattr(each, name) for each in classes), Decimal(0)) for name in ("invoiced", "overdue", "unpaid")]
    names = [each.name for each in classes]
    seen = [name for name in CLASSES if any(was == name for was, _ in moves)]
    return Table(
        columns=(
            TableColumn(name="class", type=Type.TEXT, label=text("Class")),
            TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            TableColumn(name="invoiced", type=Type.MONEY, label=text("Invoiced in 365 days"), unit=kb.currency),
            TableColumn(name="share", type=Type.SHARE, label=text("Share of what was invoiced")),
            TableColumn(name="overdue", type=Type.MONEY, label=text("Overdue"), unit=kb.currency),
            TableColumn(name="unpaid", type=Type.MONEY, label=text("Unpaid"), unit=kb.currency),
            *(
                TableColumn(
                    name=f"was_{name}",
                    type=Type.INT,
                    label=text("Was “{state}” a year before", state=CLASSES[name]),
                    unit="customers",
                )
                for name in seen
            ),
            TableColumn(name="advice", type=Type.TEXT, label=text("What to do")),
        ),
        rows=tuple(
            (
                CLASSES[each.name],
                each.customers,
                each.invoiced,
                _share(each.invoiced, money[0]),
                each.overdue,
                each.unpaid,
                *(moves.get((was, each.name), 0) for was in seen),
                TO_DO[each.name],
            )
            for each in classes
        ),
        total=(
            *(None, customers, money[0], _share(money[0], money[0]), money[1], money[2]),
            *(sum(moves.get((was, now), 0) for now in names) for was in seen),
            None,
        ),
        caption=text("Customers and money by class"),
    )


def _chart(kb: KnowledgeBase, classes: Sequence[Class]) -> Chart:
    largest = max(classes, key=lambda each: each.invoiced)
    total = sum(each.invoiced for each in classes)
    return Chart(
        mark=Mark.BAR,
        title=text(
            "The class with the most money is {state}: {share}.",
            state=CLASSES[largest.name],
            share=Amount(largest.invoiced / total if total > 0 else 0, "share", digits=0),
        ),
        subtitle=text("Invoiced within 365 days, by class"),
        data=Table(
            columns=(
                TableColumn(name="class", type=Type.TEXT, label=text("Class")),
                TableColumn(name="invoiced", type=Type.MONEY, label=text("Invoiced in 365 days"), unit=kb.currency),
            ),
            rows=tuple((CLASSES[each.name], each.invoiced.quantize(Decimal("0.01"))) for each in classes),
            caption=text("Invoiced within 365 days, by class"),
        ),
        x="class",
        y="invoiced",
    )


def _weak_by(kb: KnowledgeBase, dimension: str) -> list[tuple[Value, Decimal, Decimal]]:
    """By member: what was invoiced of customers with a class within a year, and the part of it that is weak's."""
    year = Condition("day", Operator.BETWEEN, (kb.as_of - timedelta(days=_YEAR), kb.as_of - timedelta(days=1)))
    try:
        rows = kb.query(("invoiced",), by=(dimension, "customer_class"), where=year).rows
    except NotPermittedError:  # the rest of the answer does not need it
        return []
    found: dict[Value, list[Decimal]] = {}
    for member, name, invoiced in rows:
        if name in CLASSES and name != "unknown":
            sums = found.setdefault(member, [Decimal(0), Decimal(0)])
            sums[0] += Decimal(str(invoiced or 0))
            sums[1] += Decimal(str(invoiced or 0)) if name == "weak" else Decimal(0)
    return [(member, whole, weak) for member, (whole, weak) in found.items() if whole > 0]


def _by_sector(kb: KnowledgeBase) -> tuple[Chart, ...]:
    """The sectors in which most is invoiced, by the part of it that is of weak payers."""
    named = [row for row in _weak_by(kb, "sector") if row[0] is not None]
    largest = sorted(named, key=lambda row: (-row[1], str(row[0])))[:10]
    if len(largest) < 2 or not any(row[2] for row in largest):
        return ()
    worst = max(largest, key=lambda row: row[2] / row[1])
    return (
        _weak_chart(
            text(
                "In the sector {sector}, {share} of what was invoiced is of weak payers.",
                sector=str(worst[0]),
                share=Amount(worst[2] / worst[1], "share", digits=0),
            ),
            text("Share of what was invoiced within 365 days that is of weak payers, by sector"),
            TableColumn(name="sector", type=Type.TEXT, label=text("Sector")),
            [(str(row[0]), row[1], row[2]) for row in sorted(largest, key=lambda row: -row[2] / row[1])],
        ),
    )


def _by_terms(kb: KnowledgeBase) -> tuple[Chart, ...]:
    """The terms of payment that were agreed on, by the part that is of weak payers."""
    rows = sorted(_weak_by(kb, "payment_terms"), key=lambda row: (row[0] is None, int(str(row[0] or 0))))
    if len([row for row in rows if row[0] is not None]) < 2 or not any(row[2] for row in rows):
        return ()
    worst = max((row for row in rows if row[0] is not None), key=lambda row: row[2] / row[1])
    return (
        _weak_chart(
            text(
                "Of what is to be paid within {days}, {share} is of weak payers.",
                days=Amount(int(str(worst[0])), "days"),
                share=Amount(worst[2] / worst[1], "share", digits=0),
            ),
            text("Share of what was invoiced within 365 days that is of weak payers, by days allowed to pay"),
            TableColumn(name="terms", type=Type.TEXT, label=text("Days allowed to pay")),
            [(_NO_TERMS if row[0] is None else str(row[0]), row[1], row[2]) for row in rows[:12]],
        ),
    )


def _weak_chart(title: Text, subtitle: Text, by: TableColumn, rows: Sequence[tuple[Value, Decimal, Decimal]]) -> Chart:
    return Chart(
        mark=Mark.BAR,
        title=title,
        subtitle=subtitle,
        data=Table(
            columns=(by, TableColumn(name="share", type=Type.SHARE, label=text("Share of weak payers"))),
            rows=tuple((name, _share(weak, whole)) for name, whole, weak in rows),
            caption=subtitle,
        ),
        x=by.name,
        y="share",
    )


def _worse(kb: KnowledgeBase, listed: int) -> Rows:
    """Who became worse, those with most unpaid first: customer, class, class before, reason, unpaid."""
    asked = Condition("is_worse", Operator.EQ, True)
    columns = ("customer_id", "class", "class_before", "because", "unpaid")

    def told(*more: str) -> Result:
        order = ("-unpaid", "customer_id")
        return kb.records("customer_class", (*columns, *more), asked, order=order, limit=listed)

    try:
        return told("customer_key").rows
    except NotPermittedError:
        pass
    try:
        return told().rows
    except NotPermittedError:  # figures may be shown to who may not see single customers
        return ()


def _who(worse: Rows) -> tuple[Text, ...]:
    said = []
    for customer, now, was, because, _, *key in worse:
        named = str(key[0]) if key and key[0] is not None else str(customer)
        said.append(
            text(
                "{customer} went from “{was}” to “{now}”: {because}.",
                customer=named,
                was=CLASSES[str(was)],
                now=CLASSES[str(now)],
                because=REASONS[str(because)],
            )
        )
    return tuple(said)


def _to_do(classes: Sequence[Class]) -> Text:
    if any(each.name == "weak" and each.overdue > 0 for each in classes):
        return text("Call the weak payers first, those who owe most; agree on a day before you deliver again.")
    return text("Look again after the next invoices: who turns from “sound” to “to watch” is best asked early.")


def _caveats(classes: Sequence[Class]) -> tuple[Text, ...]:
    few = next((each.customers for each in classes if each.name == "unknown"), 0)
    if not few:
        return ()
    return (
        ntext(
            "Of {n} customer too few invoices fell due to say more.",
            "Of {n} customers too few invoices fell due to say more.",
            "n",
            n=few,
        ),
    )


CUSTOMER_CLASS = Analysis(
    name="customer-class",
    area="customer",
    level=Level.HAPPENED,
    question=QUESTION,
    needs=("invoice",),
    rests_on=("invoice.issued_on", "invoice.due_on", "invoice.paid_on", "invoice.amount"),
    fit=fit_rules,
    answer=tell_customer_class,
    writes=("class_rule",),
    fit_parameters=_RULES,
    parameters={"list": 5},
    overview=False,
)
