"""Every table of the truth, with what it promises."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.schema import Contract
from clientela.testing.company.truth import billing, buying, dealings, dirt, people

# A table of the truth that another part of the company declares is listed here with its own.
_IN_ORDER: tuple[Contract, ...] = (*buying.TABLES, *dealings.TABLES, *billing.TABLES, *dirt.TABLES, *people.TABLES)

TRUTH: Mapping[str, Contract] = MappingProxyType({each.name: each for each in _IN_ORDER})
