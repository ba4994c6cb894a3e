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
    from clientela.contracts.text import Value
    from clientela.pipeline.segments.told import Counted, Declared, Held, Listing, Shown, Stay, Turned, Versioned, Why

WIDTH = 80


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


def why_lines(told: Why, lang: str = "en") -> Iterator[str]:
    """Why a customer is in a segment, or is not."""
    named = {"customer": told.customer, "name": told.name, "day": told.as_of.isoformat()}
    is_in = text("Customer {customer} is in '{name}' as of {day}.", **named)
    yield say(is_in if told.is_in else text("Customer {customer} is not in '{name}' as of {day}.", **named), lang)
    yield ""
    yield say(text("How the conditions stand:"), lang)
    for held in told.conditions:
        yield f"  {_mark(held)} {held.condition}" + ("" if held.value is None else f"  ({held.value})")
    yield ""
    if not told.stays:
        yield say(text("They were never in it."), lang)
    for stay in told.stays:
        yield from _stay_lines(stay, lang)
    if told.hidden:
        yield say(text("Hidden where it may not be seen: {columns}.", columns=", ".join(told.hidden)), lang)


def _mark(held: Held) -> str:
    return {True: "+", False: "-", None: "?"}[held.holds]


def _stay_lines(stay: Stay, lang: str) -> Iterator[str]:
    begun, version = stay.valid_from.isoformat(), str(stay.version)
    if stay.valid_to is None:
        told = text("From {begin} until now (version {version})", begin=begun, version=version)
    else:
        ended = stay.valid_to.isoformat()
        told = text("From {begin} to {end} (version {version})", begin=begun, end=ended, version=version)
    yield say(told, lang)
    yield from _turned_lines(text("in: {because}", because=_because(stay.entered)), lang)
    if stay.left is not None:
        yield from _turned_lines(text("out: {because}", because=_because(stay.left)), lang)


def _turned_lines(told: Text, lang: str) -> Iterator[str]:
    yield from wrap(say(told, lang), WIDTH, initial_indent="  ", subsequent_indent="      ", break_on_hyphens=False)


def _because(turned: Turned) -> Text:
    if turned.because is None:
        return text("what turned it may not be seen")
    if turned.because == "definition":
        return text("the definition changed")
    if turned.because == "known":
        day = str(turned.on)
        if turned.by is None:
            return text("first known on {day}", day=day)
        return text("{condition}, when first known on {day}", condition=turned.by, day=day)
    told = text("the conditions together")
    if turned.by is not None:
        was, now = _or_unknown(turned.was), _or_unknown(turned.now)
        told = text("{condition}, {was} -> {now}", condition=turned.by, was=was, now=now)
    if turned.table is not None:
        fact = {"table": turned.table, "key": str(turned.key), "day": str(turned.on)}
        told = text("{change} by {table} {key} of {day}", change=told, **fact)
    how = {
        "changed": text("a fact was changed: {change}", change=told),
        "withdrawn": text("a fact was withdrawn: {change}", change=told),
        "time": text("time passed: {change}", change=told),
    }
    return how.get(str(turned.because), told)


def _or_unknown(value: Value) -> Value:
    return text("unknown") if value is None else str(value)


def counted_lines(told: Counted, lang: str = "en") -> Iterator[str]:
    """How many customers a condition fits."""
    day = told.as_of.isoformat()
    if told.customers:
        fits = ntext(
            "{fitting} of {n} customer ({share}) as of {day} fits:",
            "{fitting} of {n} customers ({share}) as of {day} fit:",
            "n",
            n=told.customers,
            fitting=told.fitting,
            share=Amount(told.fitting / told.customers, "share"),
            day=day,
        )
    else:
        fits = text("0 of 0 customers as of {day} fit:", day=day)
    yield say(fits, lang)
    for each in told.conditions:
        yield f"  {each}"
