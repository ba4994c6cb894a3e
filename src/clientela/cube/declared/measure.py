"""What the cube can count: every measure once, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Union

from clientela.cube.declared.counted.customers import OF_CUSTOMERS
from clientela.cube.declared.counted.records import OF_RECORDS, OF_RECORDS_DIVIDED
from clientela.cube.declared.counted.sales import ON_LINES, ON_LINES_DIVIDED
from clientela.cube.declared.counted.shape import Measure, Ratio, Unit

__all__ = ["MEASURES", "Measure", "Ratio", "Unit"]

MEASURES: Mapping[str, Union[Measure, Ratio]] = MappingProxyType(
    {each.name: each for each in (*ON_LINES, *OF_CUSTOMERS, *OF_RECORDS, *ON_LINES_DIVIDED, *OF_RECORDS_DIVIDED)}
)
