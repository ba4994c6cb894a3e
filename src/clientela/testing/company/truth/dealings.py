"""The truth of what happened each week: sales, returns, subscriptions, invoices, contacts."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Kind, Type
from clientela.testing.company.truth.buying import MOMENT, WHO

_LINE = (
    Column(name="order", type=Type.INT, required=True, description="Its order, unique over the world."),
    Column(name="line", type=Type.INT, required=True, description="Its place in the order."),
    Column(name="customer", type=Type.INT, required=True, description="Who bought; -1 for nobody known."),
    Column(name="account", type=Type.INT, required=True, description="Under which account; -1 for none."),
    Column(name="at", type=Type.NUMBER, unit=MOMENT, required=True, description="When, by the company's clock."),
    Column(name="channel", type=Type.INT, required=True, description="0 a shop, 1 the web shop, 2 the telephone."),
    Column(name="product", type=Type.INT, required=True, description="What was bought."),
    Column(name="pieces", type=Type.INT, required=True, description="How many; below 0 for a return."),
    Column(
        name="revenue",
        type=Type.INT,
        unit="cents",
        required=True,
        description="Before tax, after discount; below 0 for a return.",
    ),
    Column(name="discount", type=Type.INT, unit="cents", required=True, description="What a promotion took off."),
    Column(name="cost", type=Type.INT, unit="cents", required=True, description="Of the goods."),
    Column(name="returns", type=Type.INT, required=True, description="The order that it brings back; -1 for a sale."),
)
LINE = Contract(
    name="line",
    description="All lines of sales and returns, a part for each week in which they happened.",
    key=("order", "line"),
    kind=Kind.FACT,
    event_time="at",
    columns=_LINE,
)
ARRIVED_LINE = Contract(
    name="arrived_line",
    description="The same lines as the systems sent them, wrong amounts included, a part for each week after which "
    "they arrived; an order that is put right comes again.",
    key=("order", "line", "week"),
    kind=Kind.FACT,
    event_time="at",
    columns=(
        *_LINE,
        Column(name="week", type=Type.INT, unit="week", required=True, description="After which it arrived."),
    ),
)
SUBSCRIPTION = Contract(
    name="subscription",
    description="All subscriptions of the world, those to come too; at most one a customer.",
    key=("customer",),
    kind=Kind.REFERENCE,
    columns=(
        WHO,
        Column(name="starts", type=Type.NUMBER, unit=MOMENT, required=True, description="When it begins."),
        Column(
            name="ends",
            type=Type.NUMBER,
            unit=MOMENT,
            description="When it is ended; empty where it lasts beyond the end of the world.",
        ),
        Column(name="months", type=Type.INT, unit="months", required=True, description="How long it lasts in the end."),
        Column(name="amount", type=Type.INT, unit="cents a month", required=True, description="What it costs."),
        Column(name="chance", type=Type.SHARE, required=True, description="Of ending it in a month, their own."),
    ),
)
INVOICE = Contract(
    name="invoice",
    description="The invoices, one for each order of a company, a part for each week.",
    key=("order",),
    kind=Kind.FACT,
    event_time="issued",
    columns=(
        Column(name="order", type=Type.INT, required=True, description="The order it is for."),
        WHO,
        Column(name="amount", type=Type.INT, unit="cents", required=True, description="Of its lines, before tax."),
        Column(
            name="issued", type=Type.INT, unit="days from the beginning", required=True, description="Day of issue."
        ),
        Column(name="due", type=Type.INT, unit="days from the beginning", required=True, description="Day it is due."),
        Column(
            name="paid",
            type=Type.INT,
            unit="days from the beginning",
            description="Day of payment, to come or not; empty for what is never paid.",
        ),
    ),
)
TOUCH = Contract(
    name="touch",
    description="Visits, calls, mailings, cases and answers, whether a system knew the customer or not; a part for "
    "each week.",
    key=("kind", "week", "place"),
    kind=Kind.FACT,
    event_time="at",
    columns=(
        Column(
            name="kind",
            required=True,
            choices=("visits", "calls", "mailings", "cases", "surveys"),
            description="What it was.",
        ),
        Column(name="week", type=Type.INT, unit="week", required=True, description="The week it fell into."),
        Column(name="place", type=Type.INT, required=True, description="Its place among those of its kind and week."),
        WHO,
        Column(name="at", type=Type.NUMBER, unit=MOMENT, required=True, description="When."),
        Column(
            name="size",
            type=Type.INT,
            required=True,
            description="Pages of a visit, seconds of a call, severity of a case, score of an answer; else 1.",
        ),
    ),
)
MESSAGE = Contract(
    name="message",
    description="Who was reached by what `receive` was told, a part for each week; it acts in the week after.",
    key=("week", "customer"),
    kind=Kind.FACT,
    event_time="week",
    columns=(
        Column(name="week", type=Type.INT, unit="week", required=True, description="The week in which they got it."),
        WHO,
        Column(name="contacts", type=Type.INT, required=True, description="How many they got in it."),
    ),
)

TABLES = (LINE, ARRIVED_LINE, SUBSCRIPTION, INVOICE, TOUCH, MESSAGE)
