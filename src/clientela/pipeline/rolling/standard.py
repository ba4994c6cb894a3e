"""What the built-in analyses and the overview ask, whoever else asks: counted beforehand before anybody has asked."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.cube.rollup.shape import Shape

OFTEN = 1.0  # as if each had been asked so many times
_SHAPES = (
    Shape(measures=("revenue", "margin", "orders", "customers", "basket", "margin_share"), by=("month",)),
    Shape(measures=("revenue", "orders", "customers", "basket", "days_per_customer"), by=("quarter",)),
    Shape(measures=("revenue", "margin", "margin_share"), by=("category", "month")),
    Shape(measures=("revenue", "margin", "margin_share"), by=("region", "month")),
    Shape(measures=("revenue", "margin", "margin_share"), by=("channel", "month")),
    Shape(measures=("revenue",), by=("day",)),
    Shape(measures=("revenue",), filtered=("day",)),
    Shape(measures=("anonymous_share",), filtered=("day",)),
    Shape(measures=("returns", "return_share", "discount_share"), by=("category", "month")),
)
STANDARD: Mapping[Shape, float] = MappingProxyType(dict.fromkeys(_SHAPES, OFTEN))
