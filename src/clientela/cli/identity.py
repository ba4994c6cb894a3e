"""Commands about who is who: look at what is uncertain, understand it, find a customer, decide."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from clientela.cli.output import progress, say, say_json, tell
from clientela.cli.shell import JsonOption, LangOption, PurposeOption, WorkspaceOption, app
from clientela.errors import HANDLED, OK, USAGE, UsageError

if TYPE_CHECKING:
    from clientela.pipeline.identities.decide import Decided

identity = typer.Typer(
    name="identity",
    help="See which records are one customer and why, and decide where it is not sure.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(identity)

WHO = "A customer's number (also an earlier one), system:key, an e-mail address, a telephone or tax number."
REASON = typer.Option("--reason", metavar="TEXT", help="Why, for who asks later; do not name the person in it.")
ReasonOption = Annotated[str, REASON]
ByOption = Annotated[
    str | None, typer.Option("--by", metavar="NAME", help="Who decides; default the user of the operating system.")
]
LaterOption = Annotated[bool, typer.Option("--later", help="Keep the decision; the next run shows it.")]


@identity.command("review")
def review(
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Show so many pairs.")] = 20,
    html: Annotated[
        Path | None,
        typer.Option("--html", metavar="FILE", help="Also write them as a page to read, for its owner alone."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Also write them for a spreadsheet, for its owner alone."),
    ] = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """List the pairs of records that may be one customer, most money at stake first, with what speaks for it."""
    from clientela.cli.shown.identity import blocks, review_lines
    from clientela.workspace import language
    from clientela.workspace import open as open_workspace

    language(lang)
    opened = open_workspace(workspace, purpose=purpose)
    found = opened.identity.review(limit=limit)
    for path in filter(None, (html, csv)):
        opened.identity.write(found, path, html=path is html, lang=lang)
        tell(f"Wrote {path}.")
    if json:
        from clientela.present.identity.document import review_json

        say_json(review_json(found, lang))
    else:
        for line in review_lines(found, drawn=blocks(), lang=lang):
            say(line)
    return OK


@identity.command("why")
def why(
    one: Annotated[str, typer.Argument(metavar="A", help=WHO, show_default=False)],
    other: Annotated[
        str | None,
        typer.Argument(metavar="B", help="Another, to see why both are, or are not, one.", show_default=False),
    ] = None,
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Say why the records of a customer are one, or why two customers are, or are not, one."""
    from clientela.cli.shown.identity import blocks, why_lines
    from clientela.workspace import language
    from clientela.workspace import open as open_workspace

    language(lang)
    found = open_workspace(workspace, purpose=purpose).identity.why(one, other)
    if json:
        from clientela.present.identity.document import why_json

        say_json(why_json(found, lang))
    else:
        for line in why_lines(found, drawn=blocks(), lang=lang):
            say(line)
    return OK


@identity.command("history")
def history(
    value: Annotated[str, typer.Argument(metavar="CUSTOMER", help=WHO, show_default=False)],
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Say what became of a customer: which records came, joined and left, by whose decision and why."""
    from clientela.cli.shown.identity import history_lines
    from clientela.workspace import language
    from clientela.workspace import open as open_workspace

    language(lang)
    found = open_workspace(workspace, purpose=purpose).identity.history(value)
    if json:
        from clientela.present.identity.document import history_json

        say_json(history_json(found))
    else:
        for line in history_lines(found, lang):
            say(line)
    return OK


@identity.command("find")
def find(
    value: Annotated[str, typer.Argument(metavar="VALUE", help=WHO[:-1] + ", or a name.", show_default=False)],
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Find a customer, with how sure that is; where nobody or several are meant, those who may be."""
    from clientela.cli.shown.identity import found_lines
    from clientela.workspace import language
    from clientela.workspace import open as open_workspace

    language(lang)
    found = open_workspace(workspace, purpose=purpose).find(value)
    if json:
        from clientela.present.identity.document import found_json

        say_json(found_json(found, lang))
    else:
        for line in found_lines(found, lang):
            say(line)
    return OK


@identity.command("join")
def join(
    one: Annotated[str, typer.Argument(metavar="A", help=WHO, show_default=False)],
    other: Annotated[str, typer.Argument(metavar="B", help="Who is the same customer.", show_default=False)],
    reason: ReasonOption,
    by: ByOption = None,
    later: LaterOption = False,
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Decide that two customers are one, for this and every later run; it can be undone."""
    from clientela.workspace import open as open_workspace

    with progress() as shown:
        done = open_workspace(workspace, purpose=purpose).identity.join(
            one, other, reason=reason, by=by, later=later, progress=shown
        )
    return _decided(done, json=json)


@identity.command("split")
def split(
    whole: Annotated[str, typer.Argument(metavar="CUSTOMER", help=WHO, show_default=False)],
    records: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="RECORD",
            help="Records to take out, system:key or number; left out, lists them. Of another customer: kept apart.",
            show_default=False,
        ),
    ] = None,
    reason: Annotated[str | None, REASON] = None,
    by: ByOption = None,
    later: LaterOption = False,
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Decide that records are another customer, for this and every later run; it can be undone."""
    from clientela.workspace import open as open_workspace

    opened = open_workspace(workspace, purpose=purpose)
    if not records:
        return _records(opened.identity.records(whole), json=json)
    if reason is None:
        raise UsageError("say why with --reason, so that others can understand the decision later.")
    with progress() as shown:
        done = opened.identity.split(whole, *records, reason=reason, by=by, later=later, progress=shown)
    return _decided(done, json=json)


@identity.command("undo")
def undo(
    decision: Annotated[str, typer.Argument(help="Its id, as `clientela identity decisions` lists it.")],
    by: ByOption = None,
    later: LaterOption = False,
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Take a decision back: customers are again as if it had never been made."""
    from clientela.workspace import open as open_workspace

    with progress() as shown:
        done = open_workspace(workspace, purpose=purpose).identity.undo(decision, by=by, later=later, progress=shown)
    return _decided(done, json=json)


@identity.command("decisions")
def decisions(workspace: WorkspaceOption = None, purpose: PurposeOption = "", json: JsonOption = False) -> int:
    """List what persons decided about who is who, newest first."""
    from clientela.cli.shown.identity import decisions_lines
    from clientela.workspace import open as open_workspace

    listed = open_workspace(workspace, purpose=purpose).identity.decisions()
    if json:
        say_json({"decisions": [{**asdict(each), "at": each.at.isoformat(timespec="seconds")} for each in listed]})
    else:
        for line in decisions_lines(listed):
            say(line)
    return OK


@identity.command("learn")
def learn(workspace: WorkspaceOption = None, purpose: PurposeOption = "", json: JsonOption = False) -> int:
    """Learn anew, from the records there are, what each likeness weighs; the next run compares by it."""
    from clientela.cli.shown.identity import learned_lines
    from clientela.workspace import open as open_workspace

    with progress() as shown:
        done = open_workspace(workspace, purpose=purpose).identity.learn(progress=shown)
    if json:
        say_json(asdict(done))
    else:
        for line in learned_lines(done):
            say(line)
    return OK


def _records(records: Any, *, json: bool) -> int:
    """The records that a split may take out; nothing was decided, so it ends as a mistake does."""
    from clientela.cli.shown.identity import record_lines

    if json:
        from clientela.present.identity.document import record_json

        say_json({"records": [record_json(each) for each in records]})
    else:
        for line in record_lines(records):
            say(line)
    tell("clientela: name the records to take out, and --reason; nothing was changed.")
    return USAGE


def _decided(done: Decided, *, json: bool) -> int:
    from clientela.cli.shown.identity import decided_lines, unheeded

    if json:
        say_json({**asdict(done), "at": done.at.isoformat(timespec="seconds"), "note": unheeded(done)})
    else:
        for line in decided_lines(done):
            say(line)
    return HANDLED if unheeded(done) else OK
