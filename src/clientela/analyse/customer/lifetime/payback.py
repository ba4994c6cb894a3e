"""When customers pay back what winning them cost, by what they came by: found in the run, told beside their worth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType

import numpy as np

from clientela.contracts.analysis import Arrays, FitContext, KnowledgeBase
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Chart, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import NotPermittedError

FEWEST_CUSTOMERS = 30
"""Of fewer who came by one source nothing is said."""
PARTS = 20  # as payback_source.sql has them
_MOST_MONTHS = 120
_UNKNOWN = float("nan")
_COLUMNS = ("as_of", "came_by", "name", "customers", "cost", "brought", "seen", "months", "earliest", "latest")
_TYPES: Mapping[str, str] = MappingProxyType(
    {"as_of": "datetime64[D]", "came_by": "object", "name": "object", "customers": "int64", "seen": "int64"}
)
Row = tuple[Value, ...]


def paid_back(months: Arrays, context: FitContext) -> dict[str, Arrays]:
    """The table ``payback``: a row for each source of customers whose winning cost is known.

    Parameters
    ----------
    months :
        ``payback_month``.
    """
    from clientela.estimators.investing.payback import payback

    kinds, names = np.asarray(months["came_by"], dtype=object), np.asarray(months["name"], dtype=object)
    found: list[tuple[object, ...]] = []
    for kind, name in sorted({(str(kind), str(name)) for kind, name in zip(kinds, names, strict=True)}):
        rows = np.flatnonzero((kinds == kind) & (names == name))
        part, month, margin, customers, cost = (
            np.asarray(months[column], dtype=float)[rows] for column in ("part", "month", "margin", "customers", "cost")
        )
        size = int(min(month.max(), _MOST_MONTHS)) + 1
        earned, ended, spent = np.zeros((PARTS, size)), np.zeros((PARTS, size)), np.zeros(PARTS)
        at = part.astype(int), np.minimum(month, size - 1).astype(int)
        np.add.at(earned, at, np.where(month < size, margin, 0.0))
        np.add.at(ended, at, customers)
        np.add.at(spent, at[0], cost)
        people = ended.sum(1)
        if people.sum() < FEWEST_CUSTOMERS or spent.sum() <= 0 or not earned.any():
            continue
        through = ended[:, ::-1].cumsum(1)[:, ::-1] - ended  # who was seen through a month is seen longer
        told = payback(earned, through, people, spent)
        dates = tuple(_UNKNOWN if each is None else each for each in (told.months, told.earliest, told.latest))
        found.append((context.as_of, kind, name, told.customers, told.cost, told.brought, told.seen, *dates))
    columns = zip(*found, strict=True) if found else [()] * len(_COLUMNS)
    return {
        "payback": {
            name: np.array(values, dtype=_TYPES.get(name, "float64"))
            for name, values in zip(_COLUMNS, columns, strict=True)
        }
    }


def tell_payback(kb: KnowledgeBase) -> tuple[tuple[Chart, ...], tuple[Text, ...]]:
    """The picture of how soon customers pay back what winning them cost, and what is to be kept in mind of it."""
    asked = ("name", "came_by", "customers", "cost", "brought", "seen", "months", "earliest", "latest")
    rows = kb.records("payback", asked, order=("months", "name"), limit=1_000).rows
    if not rows:
        return (), (
            text(
                "What winning a customer costs is not known, so it is not said when one pays it back: declare it "
                "([[cost_pool]] with line = “acquisition”), or deliver what campaigns, their contacts and bought lists "
                "cost."
            ),
            *_on_nobody(kb),
        )
    done = [row for row in rows if row[6] is not None]
    owing = [row for row in rows if row[6] is None]
    largest = sorted(owing, key=lambda row: (-int(str(row[2])), str(row[0])))[:3]
    notes = (*(_owing(kb, row) for row in largest), *_on_nobody(kb))
    if not done:
        return (), notes
    return (_chart(kb, done),), notes


def _on_nobody(kb: KnowledgeBase) -> tuple[Text, ...]:
    """What was spent to win customers and could be laid on none that is known."""
    try:
        told = kb.query(("unallocated_cost",), where=Condition("cost_line", Operator.EQ, "acquisition"))
    except NotPermittedError:
        return ()
    amount = (told.rows[0] if told.rows else told.totals or (None,))[0]
    if amount is None or not Decimal(str(amount)):
        return ()
    return (
        text(
            "{amount} spent to win customers could be laid on none: no driver is declared, or nobody who is known "
            "bought by it. It is in no figure here, and in the column “Not allocated” of customer-profit.",
            amount=Amount(round(Decimal(str(amount)), 2), "money", kb.currency, digits=2),
        ),
    )


def _owing(kb: KnowledgeBase, row: Row) -> Text:
    name, came_by, _, cost, brought, seen, *_ = row
    return ntext(
        "Customers by {source} have not yet paid back what winning them cost: {cost} each, of which {brought} came "
        "within the {n} month that enough of them were seen through.",
        "Customers by {source} have not yet paid back what winning them cost: {cost} each, of which {brought} came "
        "within the {n} months that enough of them were seen through.",
        "n",
        source=_source(came_by, name),
        cost=Amount(round(Decimal(str(cost)), 2), "money", kb.currency, digits=2),
        brought=Amount(round(Decimal(str(brought)), 2), "money", kb.currency, digits=2),
        n=int(str(seen)),
    )


def _source(came_by: Value, name: Value) -> Text:
    if came_by == "campaign":
        return text("the campaign {name}", name=str(name))
    if came_by == "list":
        return text("the list {name}", name=str(name))
    if came_by == "channel":
        return text("the channel {name}", name=str(name))
    return text("an unknown source")


def _chart(kb: KnowledgeBase, rows: Sequence[Row]) -> Chart:
    soonest = rows[0]
    cells = tuple(
        (
            _source(row[1], row[0]), int(str(row[2])), _cents(row[3]), _cents(row[4]), _whole(row[6]), _whole(row[7]),
            _whole(row[8]),
        )
        for row in rows
    )  # fmt: skip
    closed = all(row[8] is not None for row in rows)  # a range whose far end has not been seen cannot be drawn
    subtitle = (
        text("Months until the margin of customers who came by it makes good what winning them cost; bar: 80% range")
        if closed
        else text("Months until the margin of customers who came by it makes good what winning them cost")
    )
    return Chart(
        mark=Mark.BAR,
        title=ntext(
            "Soonest to pay back what winning them cost are customers by {source}: within {n} month.",
            "Soonest to pay back what winning them cost are customers by {source}: within {n} months.",
            "n",
            source=_source(soonest[1], soonest[0]),
            n=_whole(soonest[6]),
        ),
        subtitle=subtitle,
        data=Table(
            columns=(
                TableColumn(name="source", type=Type.TEXT, label=text("They came by")),
                TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
                TableColumn(name="cost", type=Type.MONEY, label=text("Cost of winning one"), unit=kb.currency),
                TableColumn(name="brought", type=Type.MONEY, label=text("Brought so far, each"), unit=kb.currency),
                TableColumn(name="months", type=Type.INT, label=text("Months to pay it back")),
                TableColumn(name="earliest", type=Type.INT, label=text("At the earliest")),
                TableColumn(name="latest", type=Type.INT, label=text("At the latest")),
            ),
            rows=cells,
            caption=text("What winning customers cost, and when they pay it back, by what they came by"),
        ),
        x="source",
        y="months",
        interval=("earliest", "latest") if closed else None,
    )


def _cents(value: Value) -> Decimal:
    return Decimal(str(value)).quantize(Decimal("0.01"))


def _whole(value: Value) -> int | None:
    return None if value is None else round(Decimal(str(value)))
