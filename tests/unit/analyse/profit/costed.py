"""The tables of costs, made one after the other as a run makes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from importlib.resources import files
from typing import Any

from clientela.warehouse.asof import as_known
from clientela.warehouse.engine import Engine
from clientela.warehouse.model import ALL, parse_file
from tests.unit.cube.published import Published, Row

AS_OF = date(2024, 4, 1)
MADE = ("acquisition_cost", "cost_pool_month", "allocated_cost")
_GIVEN = (
    *("cost_rule", "cost_figure", "cost_pool", "order_line", "interaction", "service_case", "contact"),
    *("campaign", "contact_list", "customer_record"),
)
_KEYS = ("pool", "happened_on", "month", "place")


def computed(**tables: Sequence[Row]) -> Mapping[str, list[dict[str, Any]]]:
    """The rows of each table of costs, in the order of their keys, of three months of 2024."""
    known = (date(2024, 1, 1), date(2024, 2, 1), date(2024, 3, 1))
    months = [{"number": 12 * each.year + each.month - 1, "month": each} for each in known]
    given: dict[str, Sequence[Row]] = {**dict.fromkeys(_GIVEN, ()), "cost_month": months, **tables}
    found = {}
    with Engine.in_memory() as engine:
        published = Published(engine).add(**given)
        for name in MADE:
            model = parse_file((files("clientela.analyse.customer.profit") / f"{name}.sql").read_text(), name)
            told = {"as_of": AS_OF, "known_at": datetime(2024, 4, 1, 6)}
            rows = engine.fetch(as_known(model.tree, ALL), told).to_pylist()
            rows.sort(key=lambda row: tuple(row[name] for name in _KEYS if name in row))
            published.add(**{name: rows})
            found[name] = rows
    return found
