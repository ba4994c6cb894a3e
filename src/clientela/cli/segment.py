"""Commands about segments: which there are, who is in one, why, and how many a condition would fit."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated

import typer

from clientela.cli.output import say, say_json, tell
from clientela.cli.shell import (
    AsOfOption,
    AsUserOption,
    JsonOption,
    LangOption,
    PurposeOption,
    WorkspaceOption,
    app,
    day,
)
from clientela.errors import OK

segment = typer.Typer(
    name="segment",
    help="Customers who fit a condition, by name: who is in it since when, and why.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(segment)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The segment's name.", show_default=False)]


@segment.command("list")
def list_(
    as_of: AsOfOption = None,
    user: AsUserOption = None,
    workspace: WorkspaceOption = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """List the segments there are, and how many customers are in each."""
    from clientela.cli.shown.segments import listing_lines
    from clientela.present.document import plain_document
    from clientela.workspace import language
    from clientela.workspace import open as open_workspace

    language(lang)
    told = open_workspace(workspace).segments.list(as_of=day(as_of), user=user)
    if json:
        document = plain_document(asdict(told))
        document.pop("notices")
        say_json(document)
        return OK
    for line in listing_lines(told, lang):
        say(line)
    return OK


@segment.command("show")
def show(
    name: NameArgument,
    as_of: AsOfOption = None,
    user: AsUserOption = None,
    workspace: WorkspaceOption = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Show one segment: its conditions, how many customers are in it, the versions of its definition."""
    from clientela.cli.shown.segments import shown_lines
    from clientela.present.document import plain_document
    from clientela.workspace import language
    from clientela.workspace import open as open_workspace

    language(lang)
    told = open_workspace(workspace).segments.show(name, as_of=day(as_of), user=user)
    if json:
        say_json(plain_document(asdict(told)))
        return OK
    for line in shown_lines(told, lang):
        say(line)
    return OK


@segment.command("members")
def members(
    name: NameArgument,
    columns: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COLUMN]...", help="Columns of the customer to show beside, such as region or email."),
    ] = None,
    as_of: AsOfOption = None,
    user: AsUserOption = None,
    purpose: PurposeOption = "",
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="So many members a page, 1000 at most.")] = 50,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="CURSOR", help="The page after the one that gave this cursor.")
    ] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """List who is in a segment on a date, since when, and the fact that brought them in."""
    from clientela.cli.shown.rows import page_lines
    from clientela.cli.shown.segments import member_page
    from clientela.present.document import rows_json
    from clientela.workspace import open as open_workspace

    told = open_workspace(workspace).segments.members(
        name, columns=columns or (), as_of=day(as_of), user=user, purpose=purpose, limit=limit, cursor=cursor
    )
    if json:
        head = {"segment": told.name, "as_of": told.as_of.isoformat(), "snapshot": told.snapshot}
        say_json({**head, **rows_json(told.rows), "next_cursor": told.cursor})
        return OK
    for line in page_lines(member_page(told.rows)):
        say(line)
    if not told.rows.rows:
        tell(f"Nobody is in '{name}' as of {told.as_of}" + ("." if user is None else f" of those '{user}' may see."))
    if told.cursor is not None:
        tell(f"There are more: --cursor {told.cursor}")
    return OK


@segment.command("why")
def why(
    name: NameArgument,
    customer: Annotated[str, typer.Option("--customer", metavar="ID", help="The customer's number.")],
    as_of: AsOfOption = None,
    user: AsUserOption = None,
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Say why a customer is in a segment, or is not: every time, and the fact that turned it."""
    from clientela.cli.shown.segments import why_lines
    from clientela.present.document import plain_document
    from clientela.workspace import language
    from clientela.workspace import open as open_workspace

    language(lang)
    told = open_workspace(workspace).segments.why(name, customer, as_of=day(as_of), user=user, purpose=purpose)
    if json:
        say_json(plain_document(asdict(told)))
        return OK
    for line in why_lines(told, lang):
        say(line)
    return OK


@segment.command("count")
def count(
    where: Annotated[
        str,
        typer.Argument(metavar="CONDITION", help='Such as "orders >= 3 and last_order within 90 days".'),
    ],
    as_of: AsOfOption = None,
    user: AsUserOption = None,
    workspace: WorkspaceOption = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Count how many customers a condition fits, before it is given a name in clientela.toml."""
    from clientela.cli.shown.segments import counted_lines
    from clientela.present.document import plain_document
    from clientela.workspace import language
    from clientela.workspace import open as open_workspace

    language(lang)
    told = open_workspace(workspace).segments.count(where, as_of=day(as_of), user=user)
    if json:
        say_json(plain_document(asdict(told)))
        return OK
    for line in counted_lines(told, lang):
        say(line)
    return OK
