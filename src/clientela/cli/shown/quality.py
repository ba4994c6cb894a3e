"""How the quality of the data is shown on a terminal: weak ones first, rows in quarantine as a person mends them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from clientela.pipeline.quality.quarantine import Listed

Measured = Mapping[str, Any]
GOOD, SHOWN = "good", "shown"
PROPERTIES = ("valid", "current", "complete", "correct", "unique", "accessible")
WORDS = {"open": "stay out", "held": "wait with their batch", "mended": "mended"}
VALUE = 40  # of a value so many signs are shown


def quality_lines(measured: Sequence[Measured]) -> Iterator[str]:
    """What was measured: how many properties are good, then every measurement that is not."""
    judged = [each for each in measured if each["verdict"] != SHOWN]
    weak = [each for each in judged if each["verdict"] != GOOD]
    there = {each["property"] for each in judged}
    good = len(there - {each["property"] for each in weak})
    yield f"Data quality: {good} of {len(there)} properties good ({len(judged) - len(weak)} of {len(judged)} measured)."
    listed = [*weak, *(each for each in measured if each["verdict"] == SHOWN)]
    width = max((len(each["property"]) for each in listed), default=0)
    for each in listed:
        verdict = "-" if each["verdict"] == SHOWN else each["verdict"]
        yield f"  {verdict:<5}  {each['property']:<{width}}  {each['says']}"
        if each["verdict"] != SHOWN and (
            each.get("owner") or each["source"]
        ):  # of all systems together nobody is named
            owner = f"ask {each['owner']}" if each.get("owner") else f"set owner in [[source]] {each['source']}"
            yield f"  {'':<5}  {'':<{width}}  -> {owner}"


def quarantine_document(found: Listed) -> dict[str, Any]:
    """The quarantine as plain data."""
    return {"counts": dict(found.counts), "rows": [asdict(each) for each in found.rows]}


def quarantine_lines(found: Listed) -> Iterator[str]:
    """The quarantine in lines: a block for each file, a line for each broken rule."""
    if not found.counts:
        yield "No row broke a rule: the quarantine is empty."
        return
    told = [f"{found.counts[status]:,} {WORDS[status]}" for status in WORDS if status in found.counts]
    total = sum(found.counts.values())
    yield f"In quarantine: {total:,} broken rule{'' if total == 1 else 's'} ({', '.join(told)})."
    place = None
    for row in found.rows:
        if (row.source, row.table, row.path) != place:
            place = (row.source, row.table, row.path)
            yield ""
            yield f"{row.path}  ({row.source}, {row.table})"
        value = "" if row.value is None else f" = {_short(row.value)}"
        where = f"{row.column}{value}: " if row.column or value else ""
        since = f" in run {row.mended_in}" if row.mended_in is not None else ""
        yield f"  line {row.line}  {row.status}{since}  {where}{row.rule}"
    if (more := found.total - len(found.rows)) > 0:
        yield ""
        yield f"… and {more:,} more; --limit shows more of them."
    yield ""
    yield "Next: correct the file and deliver it again, or its mapping in clientela.toml; then clientela run."


def _short(value: str) -> str:
    """A value on one line that steers no terminal."""
    said = ascii(value) if not value.isprintable() else f"'{value}'"
    return said if len(said) <= VALUE else said[: VALUE - 2] + "…'"
