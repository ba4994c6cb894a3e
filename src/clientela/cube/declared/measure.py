"""What the cube can count: every measure once, by name."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from clientela.cube.declared.counted.campaigns import OF_CAMPAIGNS, OF_CAMPAIGNS_DIVIDED
from clientela.cube.declared.counted.customers import OF_CUSTOMERS, OF_CUSTOMERS_SUMMED
from clientela.cube.declared.counted.paying import OF_PAYING, OF_PAYING_DIVIDED
from clientela.cube.declared.counted.profit import OF_COSTS, OF_PROFIT
from clientela.cube.declared.counted.records import OF_RECORDS, OF_RECORDS_DIVIDED
from clientela.cube.declared.counted.sales import ON_LINES, ON_LINES_DIVIDED
from clientela.cube.declared.counted.selling import OF_SELLING, OF_SELLING_DIVIDED
from clientela.cube.declared.counted.service import OF_SERVICE, OF_SERVICE_DIVIDED
from clientela.cube.declared.counted.shape import Figure, Measure, Ratio, Sum, Unit
from clientela.cube.declared.counted.wallet import OF_WALLETS, OF_WALLETS_DIVIDED

__all__ = ["MEASURES", "Figure", "Measure", "Ratio", "Rest", "Sum", "Unit", "named_in", "parts_of", "rests_on"]

_COUNTED = (
    *(*ON_LINES, *OF_CUSTOMERS, *OF_PAYING, *OF_SERVICE, *OF_CAMPAIGNS, *OF_SELLING, *OF_COSTS),
    *(*OF_WALLETS, *OF_RECORDS),
)
_DIVIDED = (
    *(*ON_LINES_DIVIDED, *OF_PAYING_DIVIDED, *OF_SERVICE_DIVIDED, *OF_CAMPAIGNS_DIVIDED, *OF_SELLING_DIVIDED),
    *(*OF_PROFIT, *OF_WALLETS_DIVIDED, *OF_RECORDS_DIVIDED, *OF_CUSTOMERS_SUMMED),
)
MEASURES: Mapping[str, Figure] = MappingProxyType({each.name: each for each in (*_COUNTED, *_DIVIDED)})


@dataclass(frozen=True, slots=True)
class Rest:
    """What a person must be allowed to be given a figure: measures by name, and columns as ``table.column``."""

    measures: tuple[str, ...]
    columns: tuple[str, ...]


def named_in(asked: Figure) -> tuple[str, ...]:
    """The measures that a ratio or a sum names; none for a measure itself.

    Examples
    --------
    >>> named_in(MEASURES["basket"])
    ('revenue', 'orders')
    """
    if isinstance(asked, Ratio):
        return (asked.numerator, asked.denominator)
    return tuple(name for _, name in asked.terms) if isinstance(asked, Sum) else ()


def parts_of(asked: Figure, measures: Mapping[str, Figure] = MEASURES) -> tuple[Measure, ...]:
    """The measures that are counted for what is asked, each once.

    Parameters
    ----------
    measures : all there are, those of the company among them
    """
    if isinstance(asked, Measure):
        return (asked,)
    found = (part for name in named_in(asked) for part in parts_of(measures[name], measures))
    return tuple({part.name: part for part in found}.values())


def rests_on(asked: Figure, measures: Mapping[str, Figure] = MEASURES) -> Rest:
    """What a figure is given with: a built-in one with its own name alone, as the policy names it.

    A sum, or one that a company declared, would tell what it is made of, so it is given with all of that only.
    """
    names, columns, waiting = [asked.name], list[str](), [asked]
    while waiting:
        here = waiting.pop()
        if isinstance(here, Measure):
            columns += here.reads
        elif here.is_own or isinstance(here, Sum):
            names += named_in(here)
            waiting += (measures[name] for name in named_in(here))
    return Rest(tuple(dict.fromkeys(names)), tuple(dict.fromkeys(columns)))
