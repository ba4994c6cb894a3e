"""Commands for the rights of the people in the data: export and erase a person."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clientela.cli.output import progress, say, say_json, tell
from clientela.cli.shell import JsonOption, LangOption, PurposeOption, WorkspaceOption, app
from clientela.errors import OK, UsageError

if TYPE_CHECKING:
    from clientela.pipeline.persons.erase import Receipt

IdentifiersArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="IDENTIFIER...",
        help="A customer number, a key such as shop:4711, an e-mail address, a telephone or tax number.",
        show_default=False,
    ),
]


@app.command()
def export(
    identifiers: IdentifiersArgument,
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Write it to FILE, for its owner alone; .html is a page to read."),
    ] = None,
    html: Annotated[bool, typer.Option("--html", help="As a page to read, whatever FILE is called.")] = False,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Give everything held of a person, with where it came from: as JSON, or as a page to read."""
    from clientela.workspace import open as open_workspace

    as_page = html or (out is not None and out.suffix.lower() in (".html", ".htm"))
    if as_page and out is None:
        raise UsageError("say where the page is to go: --out person.html")
    with progress() as shown:
        written = open_workspace(workspace, purpose=purpose).persons.export(
            *identifiers, out=out, html=as_page, lang=lang, progress=shown
        )
    if out is None:
        say_json(written)
    elif json:
        say_json({"export": str(out), "lang": lang})
    else:
        say(str(out))
    return OK


@app.command()
def erase(
    identifiers: IdentifiersArgument,
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Erase without asking.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would be erased; change nothing.")] = False,
    reason: Annotated[
        str, typer.Option("--reason", metavar="TEXT", help="Why, for the receipt; do not name the person in it.")
    ] = "",
    json: JsonOption = False,
) -> int:
    """Erase a person from everything the workspace keeps, for ever, and give a receipt."""
    from clientela.workspace import open as open_workspace

    opened = open_workspace(workspace, purpose=purpose)
    if dry_run:
        done = opened.persons.erase(*identifiers, dry_run=True)
    else:
        if not yes:
            _ask(opened.persons.find(*identifiers))
        with progress() as shown:
            done = opened.persons.erase(*identifiers, reason=reason, progress=shown)
    if json:
        say_json(asdict(done))
    else:
        for line in receipt_lines(done):
            say(line)
    return OK


def _ask(masked: tuple[str, ...]) -> None:
    """Ask on a terminal; elsewhere nobody could answer."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError("an erasure cannot be undone; say --yes, or look first with --dry-run. Nothing was changed.")
    tell("This erases for ever: " + "; ".join(masked))
    if not typer.confirm("Erase?", err=True):
        raise UsageError("nothing was changed.")


_SAID = (
    ("removed", "removed"),
    ("anonymised", "kept without the person"),
    ("mentions", "of others cleaned"),
    ("broken", "unreadable and emptied"),
)


def receipt_lines(receipt: Receipt) -> Iterator[str]:
    """A receipt for a terminal."""
    if receipt.dry_run:
        yield "Nothing was changed. An erasure would do this:"
    else:
        yield f"Erased. Receipt {receipt.erasure}, {receipt.at[:16].replace('T', ' ')} UTC" + (
            f", {receipt.reason}" if receipt.reason else ""
        )
    yield f"  keys of the person: {receipt.records}"
    for table, counts in sorted(receipt.tables.items()):
        yield f"  {table}: " + ", ".join(f"{counts[name]:,} rows {said}" for name, said in _SAID if counts[name])
    yield f"  batches written again: {len(receipt.batches)}"
    if receipt.shared:
        yield f"  left in place: {receipt.shared} of their identifiers, which somebody else is known by too"
    yield f"  snapshots dropped: {', '.join(receipt.snapshots_dropped) or 'none'}"
    if receipt.snapshot:
        yield f"  published instead: {receipt.snapshot}"
    if receipt.reports_removed:
        yield f"  reports removed: {', '.join(receipt.reports_removed)}"
    yield from _held(receipt.still_held)


def _held(held: dict[str, Any]) -> Iterator[str]:
    """What only its keeper can change."""
    for each in held.get("files", ()):
        yield f"  still in a delivered file: {each['path']} ({each['rows']:,} rows); delete it there"
    for name in held.get("elsewhere", ()):
        yield f"  still in a file of the workspace: {name}; delete it there"
    if held.get("backups"):
        kept = held["backups_kept"]
        yield f"  still in {len(held['backups'])} backups until {kept} newer ones replace them; a restore erases again"
