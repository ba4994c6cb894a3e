"""Which rows a person may see: areas, each all that its limits let through, united over grants."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from functools import cmp_to_key


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """Rows that keep within every limit; None is no limit, and an area without any is the whole company.

    Parameters
    ----------
    territories : the territories' keys, those below them included
    customers : their numbers
    products : the products' keys
    campaigns : the campaigns' keys
    """

    territories: frozenset[str] | None = None
    customers: frozenset[int] | None = None
    products: frozenset[str] | None = None
    campaigns: frozenset[str] | None = None

    def __deepcopy__(self, memo: object) -> Area:
        """Itself: it never changes, and each tree that is read within it would copy all its names."""
        return self

    @property
    def limits(self) -> tuple[str, ...]:
        """The names of what it is limited by."""
        return tuple(each.name for each in fields(self) if getattr(self, each.name) is not None)

    @property
    def is_empty(self) -> bool:
        """Whether some limit lets nothing through."""
        return any(not getattr(self, name) for name in self.limits)


Reach = tuple[Area, ...]
EVERYTHING: Reach = (Area(),)
NOTHING: Reach = ()


def united(areas: Iterable[Area]) -> Reach:
    """The rows of any of the areas, in as few areas as say it, in an order of their own.

    Examples
    --------
    >>> both = united([Area(territories=frozenset({"A"})), Area(territories=frozenset({"B"}))])
    >>> [sorted(area.territories) for area in both]
    [['A', 'B']]
    >>> united([Area(territories=frozenset({"A"})), Area()])
    (Area(territories=None, customers=None, products=None, campaigns=None),)
    """
    alone: dict[str, Area] = {}
    several: dict[Area, None] = {}
    met: set[Area] = set()
    for area in areas:
        if not area.limits:
            return EVERYTHING
        if area in met or area.is_empty:
            continue
        met.add(area)
        if len(area.limits) > 1:
            several[area] = None
            continue
        name = area.limits[0]
        before = alone.setdefault(name, area)
        if before is not area:
            alone[name] = Area(**{name: getattr(before, name) | getattr(area, name)})
    return tuple(sorted((*alone.values(), *_merged(several)), key=cmp_to_key(_order)))


def _merged(several: Iterable[Area]) -> list[Area]:
    """The areas in fewer: two that differ in one limit alone are one, whose limit lets through what either's does."""
    merged = list(several)
    if len(merged) < 2:
        return merged
    for one in fields(Area):
        rests: dict[Area, frozenset[object] | None] = {}
        for area in merged:
            keys, rest = getattr(area, one.name), replace(area, **{one.name: None})
            before = rests.setdefault(rest, keys)
            if before is not keys:
                rests[rest] = None if keys is None or before is None else before | keys
        merged = [
            replace(rest, **{one.name: keys})  # type: ignore[arg-type] # each limit has the keys its name says
            for rest, keys in rests.items()
        ]
    return merged


def _order(one: Area, other: Area) -> int:
    """Which area stands first; a limit's keys are put in order only where nothing before them decides.

    A product line has thousands, and a question unites the same areas once for every column.
    """
    names, others = one.limits, other.limits
    for name, name_there in zip(names, others, strict=False):
        if name != name_there:
            return -1 if name < name_there else 1
        keys, there = getattr(one, name), getattr(other, name)
        if keys != there:
            return -1 if sorted(map(str, keys)) < sorted(map(str, there)) else 1
    return len(names) - len(others)
