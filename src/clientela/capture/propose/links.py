"""How files belong together: heads and lines of one delivery, keys of one file in another, one series."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from clientela.capture.propose.look.sample import Sample
from clientela.capture.propose.look.values import Looks, Profile
from clientela.capture.propose.match import field_of
from clientela.capture.propose.tables import Fill, different, fill
from clientela.capture.propose.words import meaning

WITHIN = 0.9  # of the keys must be found in the other file
_BEYOND_CHANCE = 0.2  # of keys so long that equal ones are no chance
_MOST_KEYS = 200_000


@dataclass(frozen=True, slots=True)
class Joined:
    """Two files read as one: the columns of ``heads`` are added to each row of ``lines`` by equal ``on``."""

    on: str
    found: Fill
    look: Sample
    share: float


def joined(lines: Sample, heads: Sample, lacking: Fill, stem: str) -> Joined | None:
    """Two files put together, if that fills the table the first cannot fill alone.

    Parameters
    ----------
    lines, heads
        The files.
    lacking
        How the first fills its table.
    stem
        The first file's name.
    """
    if lines.how.fixed or heads.how.fixed:
        return None
    for on in [name for name in lines.names if name in heads.names]:
        if different(heads, [on]) < 0.995:
            continue
        share = within(lines.column(on), heads.column(on))
        if share < WITHIN:  # a line without its head would be refused
            continue
        both = _put_together(lines, heads, on)
        found = fill(lacking.contract, both, both.profiles(), stem)
        if not found.lacking and any(name not in lines.names for name in found.used):
            return Joined(on, found, both, share)
    return None


def within(some: Sequence[str | None], whole: Sequence[str | None]) -> float:
    """The share of the distinct values of one column that stand in another."""
    inner, outer = {value for value in some[:_MOST_KEYS] if value}, {value for value in whole if value}
    return len(inner & outer) / len(inner) if inner else 0.0


def same_notion(one: str, other: str) -> bool:
    """Whether two headers say the same."""
    return one == other or (meaning(one).notions == meaning(other).notions and bool(meaning(one).notions))


def telling(shown: Profile) -> bool:
    """Whether a key is so particular that equal values cannot be chance (1, 2, 3 can)."""
    return shown.looks is Looks.TEXT and shown.mean_length >= 6 and shown.many >= 20


def with_customers(found: Fill, profiles: Sequence[Profile], look: Sample, people: Sample, key: str) -> Fill:
    """The fill with the customer column that holds the keys of a file of customers, if its header did not say so."""
    contract = found.contract
    person = next((each for each in contract.columns if each.person), None)
    if person is None or person.name in found.fields or contract.name == "customer_record":
        return found
    for shown in profiles:
        if not telling(shown) or within(look.column(shown.name), people.column(key)) < _BEYOND_CHANCE:
            continue
        doubt = f"by its values: they are keys of {people.path.name}"
        fields = {name: each for name, each in found.fields.items() if shown.name not in each.reads}
        fields[person.name] = replace(field_of(person, shown, 0.8, doubt))
        return replace(found, fields=fields)
    return found


def one_series(samples: Sequence[Sample], key: str | None) -> str:
    """Why files of one shape of name are no series, or an empty text when they are.

    The same key in two files must mean the same thing: most of the other cells must agree.
    """
    first = samples[0]
    for other in samples[1:]:
        if other.names != first.names:
            return "their columns differ"
        if key is None:
            continue
        rows = _by_key(first, key)
        agreeing = compared = 0
        for place, value in enumerate(other.column(key)):
            if value in rows:
                mine = [cells[rows[value]] for cells in first.cells]
                cells = [column[place] for column in other.cells]
                compared += 1
                agreeing += sum(a == b for a, b in zip(mine, cells, strict=True)) > len(mine) / 2
            if compared >= 500:
                break
        if compared >= 10 and agreeing < 0.5 * compared:
            return f"the same '{key}' stands for something else in each"
    return ""


def _by_key(look: Sample, key: str) -> dict[str, int]:
    return {value: place for place, value in enumerate(look.column(key)) if value}


def _put_together(lines: Sample, heads: Sample, on: str) -> Sample:
    """The rows of the first with the columns of the second that it does not have."""
    added = [name for name in heads.names if name not in lines.names]
    rows = _by_key(heads, on)
    places = [rows.get(value) if value else None for value in lines.column(on)]
    more = tuple(
        tuple(column[place] if place is not None else None for place in places)
        for column in (heads.column(name) for name in added)
    )
    types: tuple[str, ...] = ()
    if lines.typed and heads.typed:
        kinds = dict(zip(heads.names, heads.typed, strict=True))
        types = (*lines.typed, *(kinds[name] for name in added))
    return replace(
        lines,
        names=(*lines.names, *added),
        cells=(*lines.cells, *more),
        typed=types,
        complete=lines.complete and heads.complete,
        doubts=(*lines.doubts, *heads.doubts),
    )
