"""A proposal for a folder of exports on a terminal: what, how sure, what is left to decide, what was not used."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from clientela.cli.output import tell

if TYPE_CHECKING:
    from clientela.capture.propose.proposal import Proposal, ProposedSource, Question

_WIDEST = 48
_MOST = 20


def lines(made: Proposal, target: Path) -> Iterator[str]:
    """The lines that say what was proposed."""
    yield f"Made {_plain(str(target / 'clientela.toml'))} from a look at {_plain(made.folder)}."
    yield ""
    yield from _table(
        ("file", "table", "rows seen", "columns", "delivery", "sure"),
        [
            (
                _short(each.path, made.folder),
                each.table,
                f"{each.rows:,}",
                f"{len(each.fields)} of {len(each.fields) + len(each.unmapped)}",
                each.delivery,
                _how_sure(each),
            )
            for each in made.sources
        ],
    )
    yield from _company(made)
    yield from _unsure(made)
    yield from _unused(made)
    yield ""
    held = [each for each in made.sources if each.held]
    if held:
        yield f"Commented out until you decide: {', '.join(_short(each.path, made.folder) for each in held)}."
    if made.runs:
        yield "Next: look at the lines marked '# ?' in clientela.toml, then: clientela run" + f" -w {target}"
    else:
        yield f"Next: decide in {_plain(str(target / 'clientela.toml'))}, then: clientela run -w {target}"


def question(asked: Question) -> str | None:
    """Ask how a date is to be read; None when the person does not know."""
    from clientela.capture.propose.look.values import spoken

    tell(f"{_plain(asked.file)}: '{_plain(asked.column)}' could be read in {len(asked.choices)} ways; one value is")
    tell(f"  {_plain(asked.example)}")
    for number, choice in enumerate(asked.choices, start=1):
        tell(f"  {number}  {spoken(choice)}")
    sys.stderr.write("Which one? [number; Enter leaves it open] ")
    sys.stderr.flush()
    said = sys.stdin.readline().strip()
    return asked.choices[int(said) - 1] if said.isdecimal() and 1 <= int(said) <= len(asked.choices) else None


def _how_sure(each: ProposedSource) -> str:
    if each.held:
        return "to decide"
    open_ = len(each.questions)
    return "yes" if not open_ else f"{open_} to check"


def _company(made: Proposal) -> Iterator[str]:
    guessed = {key: why.removeprefix("? ") for key, why in made.company.why.items() if why.startswith("?")}
    if not guessed:
        return
    said = {"name": made.company.name, "currency": made.company.currency, "timezone": made.company.timezone}
    yield ""
    yield "The company, to check (or say --name, --currency, --timezone):"
    for key, why in guessed.items():
        yield f"  {key} = {_plain(said[key])}: {_plain(why)}"


def _unsure(made: Proposal) -> Iterator[str]:
    unsure = [each for each in made.sources if each.questions]
    if not unsure:
        return
    yield ""
    yield "Not sure:"
    for each in unsure:
        yield f"  {_short(each.path, made.folder)}"
        for one in each.questions[:_MOST]:
            yield f"    - {_plain(one)}"


def _unused(made: Proposal) -> Iterator[str]:
    if not made.unused:
        return
    yield ""
    yield "Not used:"
    for each in made.unused[:_MOST]:
        yield f"  {_plain(each.path)}: {_plain(each.reason)}"
    if len(made.unused) > _MOST:
        yield f"  and {len(made.unused) - _MOST:,} more; clientela.toml lists them all"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    cells = [tuple(_plain(cell) for cell in row) for row in [tuple(head), *map(tuple, rows)]]
    widths = [min(_WIDEST, max(len(row[place]) for row in cells)) for place in range(len(head))]
    for row in cells:
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _short(path: str, folder: str) -> str:
    return _plain(path.removeprefix(folder.rstrip("/") + "/"))


def _plain(text: str) -> str:
    return "".join(sign if sign.isprintable() else "?" for sign in text)
