"""Sales as three systems send them: tills by card, the web shop as heads and lines, the sales office by invoice."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from clientela.estimators.arrays import Indices
from clientela.testing.company.dealings.sales import Lines
from clientela.testing.company.exports.billing.currencies import OWN, billed, codes
from clientela.testing.company.exports.billing.payment import AT_TILLS, ONLINE, paid_by
from clientela.testing.company.exports.billing.tax import tax
from clientela.testing.company.exports.forms import Csv, Json, Sheet
from clientela.testing.company.exports.moments import instants, written
from clientela.testing.company.exports.numbers import customer_numbers, order_numbers, product_numbers
from clientela.testing.company.exports.spelling import money, whole_numbers
from clientela.testing.company.people.accounts import OFFICE, SHOP, TILL, Accounts
from clientela.testing.company.places import districts
from clientela.testing.company.world import World

SYSTEM_OF = np.array([TILL, SHOP, OFFICE])  # of the channels store, web, phone

SETTINGS = """
[[source]]
name = "till"
table = "order_line"
path = "exports/till-sales-*.csv"
delivery = "upsert"
format = { delimiter = ";", decimal = ",", date = "%d/%m/%Y %H:%M:%S", encoding = "cp1252" }
[source.columns]
order_id = "Ticket"
line_no = "Línea"
customer_ref = "Tarjeta"
ordered_at = "Fecha"
product_id = "Artículo"
quantity = "Cantidad"
net_revenue = "Importe"
discount = "Descuento"
cost_of_goods = "Coste"
tax = "IVA"
territory_id = "Tienda"
payment_method = "Pago"
returns_order_id = "Devuelve"
[source.constants]
channel = "store"

[[source]]
name = "shop"
table = "order_line"
path = "exports/shop-lines-*.jsonl"
join = { path = "exports/shop-orders-*.jsonl", on = "order" }
delivery = "upsert"
timezone = "UTC"
[source.columns]
order_id = "order"
line_no = "line"
customer_ref = "account"
ordered_at = "placed"
product_id = "sku"
quantity = "pieces"
net_revenue = "total"
discount = "saved"
cost_of_goods = "cost"
tax = "vat"
payment_method = "payment"
returns_order_id = "returns"
[source.constants]
channel = "web"

[[source]]
name = "office"
table = "order_line"
path = "exports/office-lines-*.tsv"
delivery = "upsert"
timezone = "Europe/London"
format = { delimiter = "\\t", date = "%m/%d/%Y %I:%M:%S %p" }
[source.columns]
order_id = "Document"
line_no = "Pos"
customer_ref = "Account"
ordered_at = "Entered"
product_id = "Item"
quantity = "Qty"
net_revenue = "Net"
discount = "Rebate"
cost_of_goods = "Cost"
tax = "Tax"
currency = "Currency"
returns_order_id = "Credit for"
[source.constants]
channel = "phone"
"""


def sales(world: World, homes: Indices, held: Accounts, lines: Lines, stamp: str) -> Mapping[str, Sheet]:
    """The files of the sales that arrive after a week, by name.

    Parameters
    ----------
    homes : (customers,); the district in which each buys
    held : all accounts
    stamp : the week, as it stands in the names
    """
    by = {system: lines.taken(np.flatnonzero(SYSTEM_OF[lines.channel] == system)) for system in (TILL, SHOP, OFFICE)}
    heads, rows = _shop(world, homes, by[SHOP])
    return {
        f"till-sales-{stamp}.csv": _till(world, homes, by[TILL]),
        f"shop-orders-{stamp}.jsonl": heads,
        f"shop-lines-{stamp}.jsonl": rows,
        f"office-lines-{stamp}.tsv": _office(world, homes, held, by[OFFICE]),
    }


def _till(world: World, homes: Indices, lines: Lines) -> Sheet:
    places = np.where(lines.customer >= 0, homes[lines.customer], lines.order % len(districts()))
    return Sheet(
        {
            "Ticket": order_numbers(lines.order, TILL),
            "Línea": whole_numbers(lines.line),
            "Tarjeta": customer_numbers(lines.account, TILL),
            "Fecha": written(instants(world, lines.at), "%d/%m/%Y %H:%M:%S", world.timezone),
            "Artículo": product_numbers(lines.product),
            "Cantidad": whole_numbers(lines.pieces),
            "Importe": money(lines.revenue, ","),
            "Descuento": money(lines.discount, ","),
            "Coste": money(lines.cost, ","),
            "IVA": money(tax(world, lines.revenue, lines.product, places), ","),
            "Tienda": pa.array([each.territory_id for each in districts()]).take(pa.array(places)),
            "Pago": paid_by(world, lines.order, AT_TILLS),
            "Devuelve": order_numbers(lines.returns, TILL),
        },
        Csv(";", "cp1252", quoted=False),
    )


def _shop(world: World, homes: Indices, lines: Lines) -> tuple[Sheet, Sheet]:
    heads = lines.taken(np.unique(lines.order, return_index=True)[1])
    return (
        Sheet(
            {
                "order": order_numbers(heads.order, SHOP),
                "account": customer_numbers(heads.account, SHOP),
                "placed": written(instants(world, heads.at), "%Y-%m-%dT%H:%M:%SZ", "UTC"),
                "payment": paid_by(world, heads.order, ONLINE),
            },
            Json(),
        ),
        Sheet(
            {
                "order": order_numbers(lines.order, SHOP),
                "line": whole_numbers(lines.line),
                "sku": product_numbers(lines.product),
                "pieces": whole_numbers(lines.pieces),
                "total": money(lines.revenue),
                "saved": money(lines.discount),
                "cost": money(lines.cost),
                "vat": money(tax(world, lines.revenue, lines.product, homes[lines.customer])),
                "returns": order_numbers(lines.returns, SHOP),
            },
            Json(frozenset({"line", "pieces", "total", "saved", "cost", "vat"})),
        ),
    )


def _office(world: World, homes: Indices, held: Accounts, lines: Lines) -> Sheet:
    bills = billed(world, held, lines)
    taxed = np.where(bills.currency == OWN, tax(world, lines.revenue, lines.product, homes[lines.customer]), 0)
    return Sheet(
        {
            "Document": order_numbers(lines.order, OFFICE),
            "Pos": whole_numbers(lines.line),
            "Account": customer_numbers(lines.account, OFFICE),
            "Entered": written(instants(world, lines.at), "%m/%d/%Y %I:%M:%S %p", "Europe/London"),
            "Item": product_numbers(lines.product),
            "Qty": whole_numbers(lines.pieces),
            "Net": money(bills.revenue),
            "Rebate": money(bills.discount),
            "Cost": money(bills.cost),
            "Tax": money(taxed),
            "Currency": codes(world, bills.currency),
            "Credit for": order_numbers(lines.returns, OFFICE),
        },
        Csv("\t"),
    )
