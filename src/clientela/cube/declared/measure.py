"""What the cube can count: every measure once, by name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Union

from clientela.cube.declared.counted.campaigns import OF_CAMPAIGNS, OF_CAMPAIGNS_DIVIDED
from clientela.cube.declared.counted.customers import OF_CUSTOMERS
from clientela.cube.declared.counted.paying import OF_PAYING, OF_PAYING_DIVIDED
from clientela.cube.declared.counted.records import OF_RECORDS, OF_RECORDS_DIVIDED
from clientela.cube.declared.counted.sales import ON_LINES, ON_LINES_DIVIDED
from clientela.cube.declared.counted.selling import OF_SELLING, OF_SELLING_DIVIDED
from clientela.cube.declared.counted.service import OF_SERVICE, OF_SERVICE_DIVIDED
from clientela.cube.declared.counted.shape import Measure, Ratio, Unit

__all__ = ["MEASURES", "Measure", "Ratio", "Unit"]

_COUNTED = (*ON_LINES, *OF_CUSTOMERS, *OF_PAYING, *OF_SERVICE, *OF_CAMPAIGNS, *OF_SELLING, *OF_RECORDS)
_DIVIDED = (
    *(*ON_LINES_DIVIDED, *OF_PAYING_DIVIDED, *OF_SERVICE_DIVIDED, *OF_CAMPAIGNS_DIVIDED, *OF_SELLING_DIVIDED),
    *OF_RECORDS_DIVIDED,
)
MEASURES: Mapping[str, Union[Measure, Ratio]] = MappingProxyType({each.name: each for each in (*_COUNTED, *_DIVIDED)})
