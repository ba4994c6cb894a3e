"""The truth of what is billed in other currencies."""

from __future__ import annotations

from clientela.contracts.schema import Column, Contract, Kind, Type

_FINE = "ten-thousandths of the company's currency"
BILLED_ABROAD = Contract(
    name="billed_abroad",
    description="The lines that are billed in another currency, as they arrived, a part for each week after which they "
    "did. Here an amount is what the bill is worth; in `line` it is what the bill was made from.",
    key=("order", "line", "week"),
    kind=Kind.REFERENCE,
    columns=(
        Column(name="order", type=Type.INT, required=True, minimum=0, description="Its order."),
        Column(name="line", type=Type.INT, required=True, minimum=1, description="Its place in the order."),
        Column(name="week", type=Type.INT, unit="week", required=True, description="After which it arrived."),
        Column(name="currency", required=True, description="Of the bill."),
        Column(name="billed", type=Type.INT, unit="cents of it", required=True, description="Net, after discount."),
        Column(name="revenue", type=Type.INT, unit=_FINE, required=True, description="What that is worth."),
        Column(name="discount", type=Type.INT, unit=_FINE, required=True, description="What was taken off."),
        Column(name="cost", type=Type.INT, unit=_FINE, required=True, description="Of the goods."),
    ),
)

TABLES = (BILLED_ABROAD,)
