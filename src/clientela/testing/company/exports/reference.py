"""What stands behind the sales: products and territories, sent whole each week, and the exchange rates of the week."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from clientela.testing.company.buying.assortment import BRANDS, CATEGORIES, Assortment
from clientela.testing.company.exports.billing.currencies import rates
from clientela.testing.company.exports.forms import Csv, Sheet
from clientela.testing.company.exports.moments import days
from clientela.testing.company.exports.numbers import product_numbers
from clientela.testing.company.exports.spelling import joined, money, whole_numbers
from clientela.testing.company.places import territories
from clientela.testing.company.world import World

SETTINGS = """
[[source]]
name = "assortment"
table = "product"
path = "exports/products.csv"
delivery = "full"
format = { delimiter = ";", decimal = ",", date = "%d/%m/%Y" }
[source.columns]
product_id = "Artículo"
name = "Nombre"
category = "Familia"
brand = "Marca"
unit_cost = "Coste"
list_price = "Tarifa"
launched_on = "Desde"

[[source]]
name = "organisation"
table = "territory"
path = "exports/territories.csv"
delivery = "full"
[source.columns]
territory_id = "id"
name = "name"
level = "level"
parent_id = "part_of"
"""
RATES = """
[[source]]
name = "bank"
table = "exchange_rate"
path = "exports/rates-*.csv"
delivery = "append"
[source.columns]
currency = "currency"
on = "day"
rate = "rate"
"""


def reference(world: World, made: Assortment, week: int, stamp: str) -> Mapping[str, Sheet]:
    """The files of what is sold by a week, and of where; of what money is worth, where some is billed abroad."""
    sold = np.flatnonzero(made.launched <= week)
    category = pa.array(CATEGORIES).take(pa.array(made.category[sold]))
    tree = territories()
    return {
        **({f"rates-{stamp}.csv": rates(world, week)} if world.abroad else {}),
        "products.csv": Sheet(
            {
                "Artículo": product_numbers(sold),
                "Nombre": joined(category, " ", whole_numbers(sold + 1)),
                "Familia": category,
                "Marca": pa.array(BRANDS).take(pa.array(made.brand[sold])),
                "Coste": money(made.unit_cost[sold], ","),
                "Tarifa": money(made.list_price[sold], ","),
                "Desde": days(world, made.launched[sold] * 7, "%d/%m/%Y"),
            },
            Csv(";"),
        ),
        "territories.csv": Sheet(
            {
                "id": pa.array([each.territory_id for each in tree]),
                "name": pa.array([each.name for each in tree]),
                "level": pa.array([each.level for each in tree]),
                "part_of": pa.array([each.parent_id for each in tree], pa.string()),
            },
            Csv(","),
        ),
    }
