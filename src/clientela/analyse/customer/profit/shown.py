"""The account as a table, the whale curve, and the list of those who cost more than they bring."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import numpy as np

from clientela.analyse.customer.profit.accounts import LINES, SELLING, ZERO, Accounts, Amounts, Ledger, each, money
from clientela.analyse.customer.profit.losses import Loss, by_amount
from clientela.analyse.customer.profit.one import rows_of_line
from clientela.analyse.customer.profit.words import LINE_WORDS, REASON_WORDS
from clientela.contracts.insight import Chart, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, Value, ntext, text

_POINTS = 100


def by_profit(buyers: Ledger) -> Ledger:
    """The most profitable first; ties by the customer's number."""
    return buyers.of(by_amount(buyers, buyers.profit))


def table(found: Accounts, ordered: Ledger, currency: str) -> Table:
    """The account line by line: of those who bought, of the best and last tenth each, of everybody else, in all.

    Parameters
    ----------
    ordered : those who bought, by profit
    """
    tenth = max(1, len(ordered) // 10)
    total = found.total()
    columns: tuple[tuple[str, Text, Amounts], ...] = (
        ("buyers", text("Who bought"), ordered.total()),
        ("each", text("Each of them"), each(ordered.total(), len(ordered))),
        ("best", text("Best tenth, each"), each(ordered.of(slice(tenth)).total(), tenth)),
        ("last", text("Last tenth, each"), each(ordered.of(slice(-tenth, None)).total(), tenth)),
        ("others", text("Who bought nothing"), found.others.total()),
        ("nobody", text("No customer known"), found.nobody),
        ("unallocated", text("Not allocated"), found.unallocated),
        ("total", text("In all"), total),
    )
    rows: list[tuple[Value, ...]] = []
    behind: list[tuple[str, str] | None] = []
    for place, name in enumerate(LINES):
        if name in found.known:
            rows.append((LINE_WORDS[name], *(amounts[place] for _, _, amounts in columns)))
            behind.append(None if name in found.direct else rows_of_line(name, found.period))  # rows of several tables
        elif name not in ("unknown_cost", "other_revenue"):  # there is none, which is not unknown
            rows.append((LINE_WORDS[name], *(None for _ in columns)))
            behind.append(None)
        if name == SELLING[-1]:
            rows.append((text("Revenue"), *(sum(amounts[: len(SELLING)], ZERO) for _, _, amounts in columns)))
            behind.append(None)
        if name == "goods":
            rows.append((text("Margin, with fees"), *(sum(amounts[: place + 1], ZERO) for _, _, amounts in columns)))
            behind.append(None)
    return Table(
        columns=(
            TableColumn(name="line", type=Type.TEXT, label=text("Line")),
            *(TableColumn(name=name, type=Type.MONEY, label=label, unit=currency) for name, label, _ in columns),
        ),
        rows=tuple(rows),
        total=(text("Profit"), *(sum(amounts, ZERO) for _, _, amounts in columns)),
        caption=text("What customers brought and cost, {period}", period=found.period),
        note=text("Tenths are by profit. A dash is a figure that is not known; nothing is taken off for it."),
        behind=tuple(behind),
    )


def curve(ordered: Ledger, period: Period, currency: str) -> Chart:
    """The whale curve: profit so far, from the most profitable customer to the least."""
    sums = np.concatenate([[0], np.cumsum(ordered.profit)])
    top, last = int(sums.argmax()), len(ordered)
    step = max(1, -(-last // _POINTS))
    places = sorted({*range(0, last + 1, step), top, last})
    return Chart(
        mark=Mark.LINE,
        title=_title(top, last, money(int(sums[top])), money(int(sums[last])), currency),
        subtitle=text("Profit of the customers so far, from the most profitable on, {period}", period=period),
        data=Table(
            columns=(
                TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
                TableColumn(name="profit", type=Type.MONEY, label=text("Profit so far"), unit=currency),
            ),
            rows=tuple((place, money(int(sums[place]))) for place in places),
            caption=text("Profit of the customers so far, from the most profitable on"),
        ),
        x="customers",
        y="profit",
        highlight=(top,),
    )


def _title(top: int, n: int, most: Decimal, end: Decimal, currency: str) -> Text:
    peak = Amount(most, "money", currency, digits=0)
    if top == n:
        return ntext("{n} customer leaves {peak}.", "All {n} customers together leave {peak}.", "n", n=n, peak=peak)
    return ntext(
        "{n} customer leaves {peak}; the others take {less} of it away.",
        "{n} customers leave {peak}; the others take {less} of it away.",
        "n",
        n=top,
        peak=peak,
        less=Amount(most - end, "money", currency, digits=0),
    )


def loss_chart(lost: Sequence[Loss], names: Mapping[int, str], currency: str) -> Chart:
    """Those who cost more than they bring, the largest loss first, each with its main reason."""
    said = [names.get(loss.account.customer_id, str(loss.account.customer_id)) for loss in lost]
    return Chart(
        mark=Mark.BAR,
        title=ntext(
            "{n} customer costs more than they bring.",
            "The {n} customers who cost most beyond what they bring.",
            "n",
            n=len(lost),
        ),
        subtitle=text("Profit, with revenue and the line furthest from that of others of like revenue"),
        data=Table(
            columns=(
                TableColumn(name="customer", type=Type.TEXT, label=text("Customer")),
                TableColumn(name="profit", type=Type.MONEY, label=text("Profit"), unit=currency),
                TableColumn(name="revenue", type=Type.MONEY, label=text("Revenue"), unit=currency),
                TableColumn(name="tenth", type=Type.INT, label=text("Tenth by revenue")),
                TableColumn(name="reason", type=Type.TEXT, label=text("Main reason")),
                TableColumn(name="excess", type=Type.MONEY, label=text("More than with others"), unit=currency),
                TableColumn(name="customer_id", type=Type.TEXT, label=text("Their number")),
            ),
            rows=tuple(
                (
                    name,
                    loss.account.profit,
                    loss.account.revenue,
                    loss.tenth,
                    REASON_WORDS[loss.reason],
                    loss.excess,
                    str(loss.account.customer_id),
                )
                for name, loss in zip(said, lost, strict=True)
            ),
            caption=text("Customers who cost more than they bring, the largest loss first"),
        ),
        x="customer",
        y="profit",
    )
