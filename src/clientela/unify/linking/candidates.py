"""Which pairs are compared at all: counted before any is made, none twice, none for a value that too many share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlglot import exp

from clientela.errors import ClientelaError
from clientela.unify.linking.comparing import Comparing
from clientela.unify.linking.model import Figure
from clientela.unify.linking.work import Shared, pairs_of, write
from clientela.warehouse.engine import Engine

PAIR = "link_pair"
COMPARED, REFUSED, TOO_MANY = "pairs compared", "pairs refused", "values shared by too many records"  # figures
WIDE_PER_RECORD, WIDE_AT_LEAST = 1, 200_000  # pairs that all wide rules together may add


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What was chosen to be compared: a work table ``link_pair`` (id_l, id_r)."""

    pairs: int
    figures: tuple[Figure, ...]
    refused: tuple[str, ...]


def write_candidates(
    engine: Engine, comparing: Comparing, counted: Mapping[str, Shared], *, at_most: int, changed: bool
) -> Candidates:
    """The pairs to compare. Rules are left out, the one with the most pairs first, until ``at_most`` pairs are left.

    Parameters
    ----------
    counted : by blocking rule the records that share its value

    Raises
    ------
    ClientelaError
        Every rule alone would compare more.
    """
    refused = _refused(counted, at_most)
    none = exp.select("cast(null as bigint) as id_l", "cast(null as bigint) as id_r").where(exp.false())
    made: list[exp.Query] = [none]
    for table, way in _tables([each for name, each in counted.items() if name not in refused and each.pairs]):
        pairs = pairs_of(table, across=comparing.across is not None, changed=changed, way=way)
        made.append(exp.select("id_l", "id_r").from_(pairs.subquery("pairs", copy=False), copy=False))
    every = exp.union(*made, distinct=False, copy=False).subquery("made") if len(made) > 1 else none.subquery("made")
    number = write(engine, PAIR, exp.select("id_l", "id_r").distinct().from_(every))
    return Candidates(pairs=number, figures=_figures(counted, refused, number), refused=refused)


def _tables(groups: Sequence[Shared]) -> list[tuple[str, list[int] | None]]:
    """The tables of groups with the ways in them: what lies in one table is joined at once, which is sooner planned."""
    found: dict[str, list[int] | None] = {}
    for each in groups:
        if each.way is None:
            found[each.table] = None
        else:
            found[each.table] = [*(found.get(each.table) or ()), each.way]
    return list(found.items())


def _refused(counted: Mapping[str, Shared], at_most: int) -> tuple[str, ...]:
    left, refused = dict(counted), []
    while sum(each.pairs for each in left.values()) > at_most:
        worst = max(left, key=lambda name: left[name].pairs)
        refused.append(worst)
        del left[worst]
    if not any(each.pairs for each in left.values()) and refused:
        least = min(each.pairs for each in counted.values() if each.pairs)
        raise ClientelaError(
            f"to find the records of one customer, {least:,} pairs would have to be compared even by the rule with the "
            f"fewest, and {at_most:,} are allowed; raise 'pairs_per_record' or lower 'shared_by' in [identity]."
        )
    return tuple(refused)


def _figures(counted: Mapping[str, Shared], refused: tuple[str, ...], pairs: int) -> tuple[Figure, ...]:
    found = [Figure(figure=COMPARED, about="", value=pairs)]
    for name, each in counted.items():
        kind = REFUSED if name in refused else COMPARED
        found.append(Figure(figure=kind, about=name, value=each.pairs))
        if each.too_many:
            found.append(Figure(figure=TOO_MANY, about=name, value=each.too_many))
    return tuple(found)
