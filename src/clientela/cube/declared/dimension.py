"""What the cube's figures can be seen by: every dimension once, by name."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from types import MappingProxyType

import sqlglot
from sqlglot import exp

from clientela.cube.declared.seen_by.dealing import DEALING
from clientela.cube.declared.seen_by.line import LINE as OF_LINES
from clientela.cube.declared.seen_by.lookups import LOOKUPS
from clientela.cube.declared.seen_by.place import PLACE as OF_PLACES
from clientela.cube.declared.seen_by.product import PRODUCT as OF_PRODUCTS
from clientela.cube.declared.seen_by.record import RECORD
from clientela.cube.declared.seen_by.shape import Dimension, Lookup
from clientela.cube.declared.seen_by.time import TIME as OF_TIME

__all__ = ["CAMPAIGN", "DIMENSIONS", "LINE", "LOOKUPS", "PLACE", "PRODUCT", "TIME", "Dimension", "Lookup", "parsed"]

DIMENSIONS: Mapping[str, Dimension] = MappingProxyType(
    {each.name: each for each in (*OF_TIME, *OF_PRODUCTS, *OF_PLACES, *OF_LINES, *DEALING, *RECORD)}
)
TIME = frozenset(each.name for each in OF_TIME)
PRODUCT = frozenset(each.name for each in OF_PRODUCTS)
PLACE = frozenset(each.name for each in OF_PLACES)
CAMPAIGN = frozenset({"campaign_id", "campaign"})
LINE = TIME | PRODUCT | PLACE | {each.name for each in OF_LINES}


@cache
def _tree(expression: str) -> exp.Expr:
    return sqlglot.parse_one(expression, dialect="duckdb")


def parsed(expression: str) -> exp.Expr:
    """The tree of a declared piece of SQL, the caller's to change."""
    return _tree(expression).copy()
