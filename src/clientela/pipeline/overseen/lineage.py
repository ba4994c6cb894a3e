"""What a table is made of, back to the sources, and what is made of it: by the log of the run that wrote it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from clientela.contracts.schema import Kind
from clientela.contracts.tables import CONTRACTS
from clientela.contracts.text import Text
from clientela.cube.view import ALL
from clientela.errors import UnknownNameError
from clientela.pipeline.facts import Loaded
from clientela.pipeline.overseen.published import Published

LANDED = "landing"


@dataclass(frozen=True, slots=True, kw_only=True)
class TableTold:
    """One table in the line. ``steps``: what wrote it; ``reads``: from which tables; ``sources``: which deliver it."""

    name: str
    says: Text
    delivered: bool
    rows: int
    steps: tuple[str, ...]
    reads: tuple[str, ...]
    sources: tuple[Loaded, ...]
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """The line of one table.

    Parameters
    ----------
    above : what it is made of, step by step: what it reads itself first, then what that reads, to what is delivered
    below : what is made of it, in the order it is written
    sources : the sources that bring any of it
    """

    table: TableTold
    above: tuple[tuple[TableTold, ...], ...]
    below: tuple[TableTold, ...]
    sources: tuple[Loaded, ...]


def tables(published: Published) -> tuple[TableTold, ...]:
    """Every table that is published and described: delivered ones first, then derived ones, by name."""
    found = _tables(published)
    return tuple(sorted(found.values(), key=lambda each: (not each.delivered, each.name)))


def line(published: Published, name: str) -> Line:
    """The line of one table.

    Raises
    ------
    UnknownNameError
        No such table is published.
    """
    found = _tables(published)
    if name not in found:
        raise UnknownNameError("table", name, found)
    above = _levels(found, name)
    origins = [name, *(each.name for level in above for each in level)]
    return Line(
        table=found[name],
        above=above,
        below=tuple(found[each] for each in _below(found, name)),
        sources=tuple(dict.fromkeys(source for each in origins for source in found[each].sources)),
    )


def _tables(published: Published) -> dict[str, TableTold]:
    written: dict[str, list[Mapping[str, Any]]] = {}
    for each in published.lineage:
        written.setdefault(str(each["table"]), []).append(each)
    names = [name for name in published.tables if name in ALL]
    return {name: _told(name, written.get(name, ()), published, names) for name in names}


def _told(name: str, written: Sequence[Mapping[str, Any]], published: Published, known: Iterable[str]) -> TableTold:
    reads = dict.fromkeys(read for each in written for read in each["reads"] if read in set(known) and read != name)
    contract = ALL[name]
    return TableTold(
        name=name,
        says=Text(contract.description),
        delivered=contract.kind is not Kind.DERIVED,
        rows=int(published.tables[name]),
        steps=tuple(dict.fromkeys(str(each["step"]) for each in written)),
        reads=tuple(reads),
        sources=tuple(each for each in published.sources if name in CONTRACTS and each.table == name),
        seconds=sum(float(each["seconds"]) for each in written),
    )


def _levels(found: Mapping[str, TableTold], name: str) -> tuple[tuple[TableTold, ...], ...]:
    seen, level, levels = {name}, [name], []
    while level:
        next_level = list(dict.fromkeys(read for each in level for read in found[each].reads if read not in seen))
        seen |= set(next_level)
        if next_level:
            levels.append(tuple(found[each] for each in sorted(next_level)))
        level = next_level
    return tuple(levels)


def _below(found: Mapping[str, TableTold], name: str) -> list[str]:
    made: list[str] = []
    seen = {name}
    grew = True
    while grew:
        new = [each.name for each in found.values() if each.name not in seen and seen & set(each.reads)]
        seen |= set(new)
        made += new
        grew = bool(new)
    return made
