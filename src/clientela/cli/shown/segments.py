"""Segments in lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clientela.contracts.analysis import Result
    from clientela.pipeline.segments.told import Counted, Declared, Held, Listing, Shown, Stay, Turned, Why

WIDTH = 80
_HOW = {
    "happened": "",
    "changed": "a fact was changed: ",
    "withdrawn": "a fact was withdrawn: ",
    "time": "time passed: ",
}


def listing_lines(told: Listing, lang: str) -> Iterator[str]:
    """The segments there are, each with how many are in it."""
    if not told.segments:
        yield "No segment is declared. Write one into clientela.toml, such as:"
        yield ""
        yield "  [segment.loyal]"
        yield '  where = "orders >= 3 and last_order within 90 days"'
        yield ""
        yield 'and try it first: clientela segment count "orders >= 3 and last_order within 90 days"'
        return
    yield f"Segments as of {told.as_of}"
    width = max(len(each.name) for each in told.segments)
    sizes = [_size(each) for each in told.segments]
    wide = max(map(len, sizes))
    for each, size in zip(told.segments, sizes, strict=True):
        share = ""
        if each.size is not None and told.customers:
            share = f"{each.size / told.customers:6.1%}"
        title = _word(each.title, lang) or each.where
        line = f"  {each.name.ljust(width)}  {size.rjust(wide)}  {share.rjust(6)}  "
        yield line + _cut(title, WIDTH - len(line))
    of_all = "" if told.customers is None else f" of {told.customers:,} customers"
    yield f"A customer may be in several{of_all}."
    if told.least:
        yield f"Hidden is a segment that fewer than {told.least} customers are in, or that all but so few are in."


def _size(each: Declared) -> str:
    if not each.published:
        return "not yet run"
    return "hidden" if each.hidden or each.size is None else f"{each.size:,}"


def _word(said: Mapping[str, str], lang: str) -> str:
    return said.get(lang) or said.get("en") or next(iter(said.values()), "")


def _cut(said: str, width: int) -> str:
    flat = " ".join(said.split())
    return flat if len(flat) <= width else flat[: max(1, width - 1)] + "…"


def shown_lines(told: Shown, lang: str) -> Iterator[str]:
    """One segment with its conditions and versions."""
    each = told.segment
    title = _word(each.title, lang)
    yield each.name + (f": {title}" if title else "")
    description = _word(each.description, lang)
    if description:
        yield from wrap(description, WIDTH)
    yield from wrap(f"Where: {each.where}", WIDTH, subsequent_indent="  ")
    if each.owner:
        yield f"Owner: {each.owner}"
    if not each.published:
        yield "No run has followed it yet. Next: clientela run"
        return
    if each.hidden:
        yield f"Hidden is how many are in it as of {told.as_of}: it would tell of few."
    else:
        yield f"{each.size:,} {'customer is' if each.size == 1 else 'customers are'} in it as of {told.as_of}."
    yield ""
    yield "Versions:"
    for version in told.versions:
        begun = "for ever" if version.valid_from is None else f"from {version.valid_from}"
        ended = "" if version.valid_to is None else f" to {version.valid_to}"
        yield f"  {version.version}  {begun}{ended}"
        yield from wrap(version.where, WIDTH, initial_indent="     ", subsequent_indent="     ")


def member_page(told: Result) -> Result:
    """The page as a person reads it: who, since when and by what; the rest of the fact is told by why and in JSON."""
    kept = [place for place, column in enumerate(told.columns) if column.name not in _FACT]
    columns = tuple(
        replace(told.columns[place], name=_CALLED.get(told.columns[place].name, told.columns[place].name))
        for place in kept
    )
    return replace(
        told,
        columns=columns,
        rows=tuple(tuple(row[place] for place in kept) for row in told.rows),
        hidden=frozenset((row, kept.index(place)) for row, place in told.hidden if place in kept),
    )


_FACT = ("entered_because", "entered_table", "entered_key")
_CALLED = {"customer_id": "customer", "valid_from": "since", "entered_by": "by", "entered_on": "fact of"}


def why_lines(told: Why) -> Iterator[str]:
    """Why a customer is in a segment, or is not."""
    yield f"Customer {told.customer} {'is' if told.is_in else 'is not'} in '{told.name}' as of {told.as_of}."
    yield ""
    yield "How the conditions stand:"
    for held in told.conditions:
        yield f"  {_mark(held)} {held.condition}" + ("" if held.value is None else f"  ({held.value})")
    yield ""
    if not told.stays:
        yield "They were never in it."
    for stay in told.stays:
        yield from _stay_lines(stay)
    if told.hidden:
        yield f"Hidden where it may not be seen: {', '.join(told.hidden)}."


def _mark(held: Held) -> str:
    return {True: "+", False: "-", None: "?"}[held.holds]


def _stay_lines(stay: Stay) -> Iterator[str]:
    until = "until now" if stay.valid_to is None else f"to {stay.valid_to}"
    version = f" (version {stay.version})"
    yield f"From {stay.valid_from} {until}{version}"
    yield from _turned_lines("in", stay.entered)
    if stay.left is not None:
        yield from _turned_lines("out", stay.left)


def _turned_lines(word: str, turned: Turned) -> Iterator[str]:
    said = _because(turned)
    yield from wrap(f"{word}: {said}", WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False)


def _because(turned: Turned) -> str:
    if turned.because is None:
        return "what turned it may not be seen"
    if turned.because == "known":
        return f"first known on {turned.on}" if turned.by is None else f"{turned.by}, when first known on {turned.on}"
    if turned.because == "definition":
        return "the definition changed"
    how = _HOW.get(str(turned.because), "")
    values = f", {_or_unknown(turned.was)} -> {_or_unknown(turned.now)}" if turned.by is not None else ""
    fact = "" if turned.table is None else f" by {turned.table} {turned.key} of {turned.on}"
    return f"{how}{turned.by or 'the conditions together'}{values}{fact}"


def _or_unknown(value: object) -> str:
    return "unknown" if value is None else str(value)


def counted_lines(told: Counted) -> Iterator[str]:
    """How many customers a condition fits."""
    share = f" ({told.fitting / told.customers:.1%})" if told.customers else ""
    yield f"{told.fitting:,} of {told.customers:,} customers{share} as of {told.as_of} fit:"
    for each in told.conditions:
        yield f"  {each}"
