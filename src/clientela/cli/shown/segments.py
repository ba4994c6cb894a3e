"""Segments in lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from textwrap import wrap
from typing import TYPE_CHECKING

from clientela.contracts.text import Amount, Text, ntext, text
from clientela.present.say import say, say_value

if TYPE_CHECKING:
    from clientela.contracts.analysis import Result
    from clientela.pipeline.segments.told import Counted, Declared, Held, Listing, Shown, Stay, Turned, Versioned, Why

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
        condition = "orders >= 3 and last_order within 90 days"
        yield say(text("No segment is declared. Write one into clientela.toml, such as:"), lang)
        yield ""
        yield "  [segment.loyal]"
        yield f'  where = "{condition}"'
        yield ""
        yield say(text("and try it first: {command}", command=f'clientela segment count "{condition}"'), lang)
        return
    yield say(text("Segments as of {day}", day=told.as_of.isoformat()), lang)
    width = max(len(each.name) for each in told.segments)
    sizes = [_size(each, lang) for each in told.segments]
    shares = [_share(each, told.customers, lang) for each in told.segments]
    wide, wider = max(map(len, sizes)), max(map(len, shares))
    for each, size, share in zip(told.segments, sizes, shares, strict=True):
        title = _word(each.title, lang) or each.where
        line = f"  {each.name.ljust(width)}  {size.rjust(wide)}  {share.rjust(wider)}  "
        yield line + _cut(title, WIDTH - len(line))
    if told.customers is None:
        yield say(text("A customer may be in several."), lang)
    else:
        yield say(
            ntext(
                "A customer may be in several; there is {n} customer.",
                "A customer may be in several; there are {n} customers.",
                "n",
                n=told.customers,
            ),
            lang,
        )
    if told.least:
        few = text(
            "Hidden is a segment that fewer than {least} customers are in, or that all but so few are in.",
            least=told.least,
        )
        yield say(few, lang)


def _size(each: Declared, lang: str) -> str:
    if not each.published:
        return say(text("not yet run"), lang)
    return say(text("hidden"), lang) if each.hidden or each.size is None else say_value(each.size, lang)


def _share(each: Declared, customers: int | None, lang: str) -> str:
    if each.size is None or not customers:
        return ""
    return say_value(Amount(each.size / customers, "share"), lang)


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
    yield from wrap(say(text("Where: {condition}", condition=each.where), lang), WIDTH, subsequent_indent="  ")
    if each.owner:
        yield say(text("Owner: {name}", name=each.owner), lang)
    if not each.published:
        yield say(text("No run has followed it yet. Next: {command}", command="clientela run"), lang)
        return
    if each.hidden or each.size is None:
        yield say(
            text("Hidden is how many are in it as of {day}: it would tell of few.", day=told.as_of.isoformat()), lang
        )
    else:
        yield say(
            ntext(
                "{n} customer is in it as of {day}.",
                "{n} customers are in it as of {day}.",
                "n",
                n=each.size,
                day=told.as_of.isoformat(),
            ),
            lang,
        )
    yield ""
    yield say(text("Versions:"), lang)
    for version in told.versions:
        yield f"  {version.version}  {say(_held_from(version), lang)}"
        yield from wrap(version.where, WIDTH, initial_indent="     ", subsequent_indent="     ")


def _held_from(version: Versioned) -> Text:
    begun, ended = version.valid_from, version.valid_to
    if begun is None:
        return text("from the first fact on") if ended is None else text("until {end}", end=ended.isoformat())
    if ended is None:
        return text("from {begin} on", begin=begun.isoformat())
    return text("from {begin} to {end}", begin=begun.isoformat(), end=ended.isoformat())


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
