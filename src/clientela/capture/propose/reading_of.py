"""How a source is to be read: decimal sign, date order, columns of fixed width; asked where nothing tells."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from clientela.capture.propose.look.dates import day_part
from clientela.capture.propose.look.dialect import Written
from clientela.capture.propose.look.values import Looks, Profile, spoken
from clientela.capture.propose.match import Field, quoted
from clientela.capture.propose.proposal import Question
from clientela.contracts.schema import Contract, Type

Ask = Callable[[Question], str | None]
LINE = "line"  # what a line of a file of fixed width is called
_BAD = 0.01  # the share of bad rows that a source may have by default


@dataclass(slots=True)
class Reading:
    """What was decided for one source; ``held`` when it cannot run before someone decides."""

    format: dict[str, Any] = field(default_factory=dict)
    why: dict[str, str] = field(default_factory=dict)
    doubts: list[str] = field(default_factory=list)
    held: str = ""
    question: Question | None = None
    max_bad: float | None = None


def written_as(how: Written) -> tuple[dict[str, Any], dict[str, str]]:
    """The keys of ``format`` for the layout of a file, and what each rests on."""
    said: dict[str, Any] = {}
    why: dict[str, str] = {}
    if how.kind in ("csv", "fixed"):
        if how.delimiter != "," and how.kind == "csv":
            said["delimiter"], why["delimiter"] = how.delimiter, "every line has the same number of cells"
        if how.encoding is not None:
            said["encoding"], why["encoding"] = how.encoding, "the bytes are no UTF-8, and read so they give accents"
        if how.skip:
            said["skip"], why["skip"] = how.skip, "lines above the header"
    if how.kind == "fixed":
        said["delimiter"], said["header"] = how.delimiter, (LINE,)
        said["skip"] = how.skip + how.header
        why["header"] = "columns of fixed width: the line is read whole and cut"
    if how.sheet:
        said["sheet"] = how.sheet
    if how.member:
        said["member"] = how.member
    return {key: value for key, value in said.items() if value != 0}, why


def read_as(
    contract: Contract,
    fields: dict[str, Field],
    profiles: Mapping[str, Profile],
    *,
    file: str,
    elsewhere: Sequence[str],
    ask: Ask | None,
) -> Reading:
    """How numbers and dates of a source are to be read; ``fields`` loses certainty where that is not known.

    Parameters
    ----------
    contract, fields
        The table, and where its columns come from; changed in place.
    profiles
        The file's columns by name.
    file
        What questions call it.
    elsewhere
        The orders of dates that other files of the folder show beyond doubt (``%d`` or ``%m`` first).
    ask
        Puts a question to a person, where one sits.
    """
    made = Reading()
    _numbers(contract, fields, profiles, made)
    _dates(contract, fields, profiles, made, file, elsewhere, ask)
    _bad_share(contract, fields, profiles, made)
    return made


def cut(fields: Mapping[str, Field], how: Written, names: Sequence[str]) -> dict[str, Field]:
    """The fields of a file of fixed width, each as the piece of the line it stands in."""
    places = dict(zip(names, how.fixed, strict=True))
    pieces = {name: f"trim(substring({LINE}, {at}, {wide}))" for name, (at, wide) in places.items()}
    changed = {}
    for name, each in fields.items():
        if each.column is not None:
            changed[name] = replace(each, column=None, expr=pieces[each.column])
        elif each.expr is not None and "text(" in each.expr:
            expr = each.expr
            for read in each.reads:
                expr = expr.replace(f"text({quoted(read)})", pieces[read])
            changed[name] = replace(each, expr=expr)
    return changed


def _numbers(contract: Contract, fields: dict[str, Field], profiles: Mapping[str, Profile], made: Reading) -> None:
    """The decimal sign that all columns of numbers share."""
    read = [
        profiles[name]
        for key, each in fields.items()
        if contract.column(key).type in (Type.MONEY, Type.NUMBER, Type.SHARE)
        for name in each.reads
        if name in profiles
    ]
    every = [each for each in profiles.values() if each.looks is Looks.NUMBER and not each.typed]
    signs = {each.decimal for each in read if each.decimal and not each.typed}
    signs = signs or {each.decimal for each in every if each.decimal}
    if len(signs) > 1:
        made.doubts.append("some of its columns of numbers have a decimal comma, others a decimal point")
    if signs == {","}:
        made.format["decimal"] = ","
        made.why["decimal"] = "numbers such as " + _example(read, every)
    elif signs == {"."} and any(each.grouped for each in read):
        made.format["decimal"] = "."
        made.why["decimal"] = "commas between thousands"
    for key, each in list(fields.items()):
        either = [name for name in each.reads if name in profiles and profiles[name].either]
        if either and len(signs) != 1:
            fields[key] = replace(
                each, doubt=f"'{either[0]}' may be read with either decimal sign; it is read with a point"
            )
        elif either and each.doubt.startswith("'1.234'"):
            fields[key] = replace(each, doubt="" if each.score >= 0.85 else each.doubt)
        symbols = [name for name in each.reads if name in profiles and profiles[name].symbol]
        if symbols and each.column is not None:
            fields[key] = replace(each, column=None, expr=_bare(each.column))


def _example(read: Sequence[Profile], every: Sequence[Profile]) -> str:
    for shown in (*read, *every):
        for value in shown.examples:
            if "," in value:
                return value
    return "1,5"


def _bare(name: str) -> str:
    """A formula that takes signs of money off a number."""
    cell = f"text({quoted(name)})"
    for sign in ("€", "$", "£", "EUR", "USD", "GBP"):
        cell = f"replace({cell}, '{sign}', '')"
    return f"trim({cell})"


def _dates(
    contract: Contract,
    fields: dict[str, Field],
    profiles: Mapping[str, Profile],
    made: Reading,
    file: str,
    elsewhere: Sequence[str],
    ask: Ask | None,
) -> None:
    """One way to read all dates of the source; a column written otherwise is held back."""
    dated = {
        key: profiles[each.column]
        for key, each in fields.items()
        if contract.column(key).type in (Type.DATE, Type.INSTANT)
        and each.column is not None
        and each.column in profiles
        and profiles[each.column].dates is not None
    }
    if not dated:
        return
    event = contract.event_time if contract.event_time in dated else next(iter(dated))
    first = dated[event]
    assert first.dates is not None  # noqa: S101 - only such are in it
    patterns = first.dates.patterns
    if len(patterns) > 1:
        chosen = _settled(first, dated, made, file, elsewhere, ask, fields, event)
        if chosen is None:
            _hold(contract, fields, event, first, made, file)
            return
        patterns = (chosen,)
    elif first.dates.told_by.startswith("only so"):
        fields[event] = replace(fields[event], doubt=f"read as {spoken(patterns[0])}: {first.dates.told_by}")
    pattern = patterns[0]
    if pattern:
        longest = [pattern, *(p for each in dated.values() if each.dates for p in each.dates.patterns if p)]
        same = [each for each in longest if day_part(each) == day_part(pattern)]
        made.format["date"] = max(same, key=len)
        told = first.dates.told_by or "every value fits"
        made.why["date"] = f"'{first.name}' as {spoken(pattern)}, {first.dates.share:.0%} of those sampled, {told}"
    for key, shown in dated.items():
        assert shown.dates is not None  # noqa: S101 - only such are in it
        if key != event and day_part(pattern) not in {day_part(each) for each in shown.dates.patterns}:
            why = f"'{shown.name}' is written as {spoken(shown.dates.patterns[0])}, and a source has one way for dates"
            fields[key] = replace(fields[key], held=True, doubt=why)


def _settled(
    first: Profile,
    dated: Mapping[str, Profile],
    made: Reading,
    file: str,
    elsewhere: Sequence[str],
    ask: Ask | None,
    fields: dict[str, Field],
    event: str,
) -> str | None:
    """The reading of dates that something else decides, with a doubt; None when nothing does."""
    assert first.dates is not None  # noqa: S101 - only such are in it
    known = [each for each in dated.values() if each.dates is not None and each.dates.known]
    for each in known:
        assert each.dates is not None  # noqa: S101 - only such are in it
        for pattern in first.dates.patterns:
            if day_part(each.dates.patterns[0]) == day_part(pattern):
                why = f"read as {spoken(pattern)}, as '{each.name}' must be; its own days are all below 13"
                fields[event] = replace(fields[event], doubt=why)
                return pattern
    said = ask(Question(file, first.name, first.examples[0], first.dates.patterns)) if ask is not None else None
    if said is not None:
        made.why["date"] = "as you said"
        return said
    orders = {each for each in elsewhere if each}
    if len(orders) == 1:
        order = orders.pop()
        for pattern in first.dates.patterns:
            if pattern.startswith(order):
                why = f"read as {spoken(pattern)}, as the other files of the folder are; no day of its own is above 12"
                fields[event] = replace(fields[event], doubt=why)
                return pattern
    return None


def _hold(contract: Contract, fields: dict[str, Field], event: str, first: Profile, made: Reading, file: str) -> None:
    assert first.dates is not None  # noqa: S101 - only such are in it
    both = " or ".join(spoken(each) for each in first.dates.patterns)
    said = f"'{first.name}' may be {both}: no day is above 12 (for example {first.examples[0]})"
    if contract.column(event).required:
        made.held = f"{said}. Say which, then take the comment signs away."
        made.question = Question(file, first.name, first.examples[0], first.dates.patterns)
    fields[event] = replace(fields[event], held=True, doubt=said)


def _bad_share(contract: Contract, fields: Mapping[str, Field], profiles: Mapping[str, Profile], made: Reading) -> None:
    """How many rows will be refused because of values that cannot be read, if more than usual."""
    bad = 0.0
    for key, each in fields.items():
        if each.held or contract.column(key).type is Type.TEXT:
            continue
        for name in each.reads:
            shown = profiles.get(name)
            if shown is None:
                continue
            dated = contract.column(key).type in (Type.DATE, Type.INSTANT) and shown.dates is not None
            share = shown.dates.share if dated and shown.dates is not None else shown.readable
            bad = max(bad, (1 - share) * (1 - shown.blank_share))
    if bad > _BAD / 2:
        made.max_bad = min(0.5, round(bad * 2 + 0.005, 2))
        made.doubts.append(f"about {bad:.1%} of its rows hold a value that cannot be read; they will be refused")
