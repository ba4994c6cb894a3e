"""Which pairs are compared at all: counted before any is made, none twice, none for a value that too many share."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlglot import exp

from clientela.errors import ClientelaError
from clientela.unify.linking.comparing import Block, Comparing
from clientela.unify.linking.model import Figure
from clientela.unify.linking.work import Shared, add, drop, pairs_of, place, write, write_shared
from clientela.warehouse.engine import Engine

PAIR = "link_pair"
WIDE_PER_RECORD, WIDE_AT_LEAST = 1, 200_000  # pairs that all wide rules together may add


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidates:
    """What was chosen to be compared: a work table ``link_pair`` (id_l, id_r)."""

    pairs: int
    figures: tuple[Figure, ...]
    refused: tuple[str, ...]


def write_candidates(
    engine: Engine, comparing: Comparing, *, wide: Collection[str], shared_by: int, at_most: int, changed: bool
) -> Candidates:
    """The pairs to compare. Rules are left out, the one with the most pairs first, until ``at_most`` pairs are left.

    Raises
    ------
    ClientelaError
        Every rule alone would compare more.
    """
    counted = {
        each.name: _shared(engine, comparing, number, each, shared_by, changed)
        for number, each in enumerate(comparing.blocks)
        if not each.wide or each.name in wide
    }
    refused = _refused(counted, at_most)
    kept = {name: each for name, each in counted.items() if name not in refused}
    made = exp.select("id_l", "id_r").from_(exp.values([(0, 0)], alias="none", columns=["id_l", "id_r"])).where("false")
    write(
        engine,
        f"{PAIR}_all",
        exp.select("cast(id_l as bigint) as id_l", "cast(id_r as bigint) as id_r").from_(made.subquery("made")),
    )
    for each in kept.values():
        if not each.pairs:
            continue
        pairs = pairs_of(each.table, across=comparing.across is not None, changed=changed)
        add(engine, f"{PAIR}_all", exp.select("id_l", "id_r").from_(pairs.subquery("pairs")))
    number = write(engine, PAIR, exp.select("id_l", "id_r").distinct().from_(place(f"{PAIR}_all")))
    drop(engine, f"{PAIR}_all", *(each.table for each in counted.values() if each.pairs))
    return Candidates(pairs=number, figures=_figures(counted, refused, number), refused=refused)


def cheap_wide(engine: Engine, comparing: Comparing, *, shared_by: int, records: int) -> tuple[str, ...]:
    """The wide blocking rules that add few pairs: a model names them, so that each run takes the same."""
    left = max(WIDE_PER_RECORD * records, WIDE_AT_LEAST)
    taken = []
    for number, block in enumerate(comparing.blocks):
        if not block.wide:
            continue
        shared = _shared(engine, comparing, number, block, shared_by, changed=False)
        drop(engine, shared.table)
        if shared.pairs <= left:
            left -= shared.pairs
            taken.append(block.name)
    return tuple(taken)


def _shared(engine: Engine, comparing: Comparing, number: int, block: Block, shared_by: int, changed: bool) -> Shared:
    keys = [*([exp.column(comparing.within)] if comparing.within else []), *block.keys]
    name = f"link_block_{number}"
    return write_shared(engine, name, keys, each=block.each, limit=shared_by, changed=changed)


def _refused(counted: dict[str, Shared], at_most: int) -> tuple[str, ...]:
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


def _figures(counted: dict[str, Shared], refused: tuple[str, ...], pairs: int) -> tuple[Figure, ...]:
    found = [Figure(figure="pairs compared", about="", value=pairs)]
    for name, each in counted.items():
        kind = "pairs refused" if name in refused else "pairs compared"
        found.append(Figure(figure=kind, about=name, value=each.pairs))
        if each.too_many:
            found.append(Figure(figure="values shared by too many records", about=name, value=each.too_many))
    return tuple(found)
