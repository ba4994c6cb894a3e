"""What the cube's figures can be seen by: every dimension once, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import sqlglot
from sqlglot import exp

from clientela.contracts.text import Text, text
from clientela.cube.declared.seen_by.cost import COST as OF_COSTS
from clientela.cube.declared.seen_by.dealing import DEALING
from clientela.cube.declared.seen_by.line import LINE as OF_LINES
from clientela.cube.declared.seen_by.lookups import LOOKUPS
from clientela.cube.declared.seen_by.place import PLACE as OF_PLACES
from clientela.cube.declared.seen_by.product import PRODUCT as OF_PRODUCTS
from clientela.cube.declared.seen_by.record import RECORD
from clientela.cube.declared.seen_by.segment import GROUPS, SEGMENT
from clientela.cube.declared.seen_by.shape import Dimension, Lookup
from clientela.cube.declared.seen_by.standing import STANDING
from clientela.cube.declared.seen_by.time import TIME as OF_TIME

__all__ = [
    "AGENT",
    "CAMPAIGN",
    "COST",
    "DIMENSIONS",
    "LINE",
    "LOOKUPS",
    "OWNER",
    "PLACE",
    "PRODUCT",
    "TIME",
    "Dimension",
    "Lookup",
    "parsed",
]

DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {
        each.name: each
        for each in (
            *(*OF_TIME, *OF_PRODUCTS, *OF_PLACES, *OF_LINES, *DEALING, *OF_COSTS, *RECORD),
            *(*SEGMENT, *GROUPS, *STANDING),
        )
    }
)
# What rolls up with what is called after its finest dimension, but for these.
_HIERARCHIES: Mapping[str, Text] = MappingProxyType(
    {
        "time": text("Calendar"),
        "fiscal": text("Fiscal calendar"),
        "product": text("Product"),
        "territory": text("Territory"),
        "campaign": text("Campaign"),
        "list": text("List"),
        "cost": text("Costs"),
    }
)
HIERARCHIES: Mapping[str, Text] = MappingProxyType(
    {
        each.hierarchy: _HIERARCHIES.get(each.hierarchy, each.label)
        for each in sorted(DIMENSIONS.values(), key=lambda each: -each.level)  # the finest is said last, and stays
    }
)
TIME = frozenset(each.name for each in OF_TIME)
PRODUCT = frozenset(each.name for each in OF_PRODUCTS)
PLACE = frozenset(each.name for each in OF_PLACES)
OWNER = frozenset({"owner_id", "team", "division"})
AGENT = frozenset({"agent_id", "agent_team", "agent_division"})
CAMPAIGN = frozenset({"campaign_id", "campaign"})
OF_CUSTOMER = frozenset(each.name for each in (*SEGMENT, *GROUPS, *STANDING))
COST = frozenset(each.name for each in OF_COSTS)
LINE = TIME | PRODUCT | PLACE | {each.name for each in OF_LINES}


@cache
def _tree(expression: str) -> exp.Expr:
    return sqlglot.parse_one(expression, dialect="duckdb")


def parsed(expression: str) -> exp.Expr:
    """The tree of a declared piece of SQL, the caller's to change."""
    return _tree(expression).copy()
