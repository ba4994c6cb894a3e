"""Commands that show the rows behind figures and the members of a dimension: records, members."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clientela.cli.output import say, say_json, tell
from clientela.cli.shell import (
    AsOfOption,
    AsUserOption,
    JsonOption,
    PurposeOption,
    WorkspaceOption,
    app,
    day,
    moment,
    write_csv,
)
from clientela.errors import OK

WhereOption = Annotated[
    str | None, typer.Option("--where", metavar="FILTER", help="Such as \"channel = 'web' and net_revenue > 100\".")
]


@app.command()
def records(
    table: Annotated[
        str | None,
        typer.Argument(
            metavar="[TABLE]", help="A published table; left out, lists those there are.", show_default=False
        ),
    ] = None,
    columns: Annotated[
        list[str] | None,
        typer.Argument(metavar="[COLUMN]...", help="Its columns; left out, all that are not personal."),
    ] = None,
    where: WhereOption = None,
    order: Annotated[
        list[str] | None,
        typer.Option("--order", metavar="COLUMN", help="Sort by it; with - before it the largest first."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="So many rows a page, 10000 at most.")] = 20,
    cursor: Annotated[
        str | None, typer.Option("--cursor", metavar="CURSOR", help="The page after the one that gave this cursor.")
    ] = None,
    as_of: AsOfOption = None,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", metavar="MOMENT", help="As known before this moment, such as 2024-05-01T08:00."),
    ] = None,
    user: AsUserOption = None,
    purpose: PurposeOption = "",
    csv: Annotated[Path | None, typer.Option("--csv", metavar="FILE", help="Write the page to FILE.")] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Show the rows behind a figure, page by page; without a table, list the tables and their columns."""
    from clientela.cli.shown.rows import page_csv, page_lines, table_documents, table_names
    from clientela.present.document import rows_json
    from clientela.workspace import open as open_workspace

    if table is None:
        if json:
            say_json({"tables": [*table_documents()]})
            return OK
        for line in table_names():
            say(line)
        return OK
    opened = open_workspace(workspace)
    told = opened.rows.page(
        table,
        columns or (),
        where,
        order=order or (),
        limit=limit,
        cursor=cursor,
        as_of=day(as_of),
        known_at=moment(known_at),
        user=user,
        purpose=purpose,
    )
    if csv is not None:
        opened.rows.exported(told, purpose=purpose)
        write_csv(csv, page_csv(told.rows))
        tell(f"Wrote {csv}.")
    if json:
        head = {"table": told.table, "as_of": told.as_of.isoformat(), "snapshot": told.snapshot}
        say_json({**head, **rows_json(told.rows), "next_cursor": told.rows.next_cursor})
        return OK
    if csv is None:
        for line in page_lines(told.rows):
            say(line)
        if not told.rows.rows:
            tell("No row lies within what was asked" + ("." if user is None else f", or within what '{user}' may see."))
    if told.rows.next_cursor is not None:
        tell(f"There are more: --cursor {told.rows.next_cursor}")
    return OK


@app.command()
def members(
    dimension: Annotated[
        str,
        typer.Argument(metavar="DIMENSION", help="Such as region; `clientela query` lists them.", show_default=False),
    ],
    like: Annotated[str | None, typer.Option("--like", metavar="LETTERS", help="Only those that contain them.")] = None,
    where: WhereOption = None,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="So many at most.")] = 100,
    as_of: AsOfOption = None,
    user: AsUserOption = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """List the members of a dimension: what a filter may name."""
    from clientela.present.document import plain_document
    from clientela.workspace import open as open_workspace

    told = open_workspace(workspace).rows.members(
        dimension, like=like, where=where, limit=limit, as_of=day(as_of), user=user
    )
    if json:
        head = {"dimension": told.dimension, "as_of": told.as_of.isoformat(), "snapshot": told.snapshot}
        say_json({**head, "members": plain_document(list(told.members)), "more": told.more})
        return OK
    for member in told.members:
        say(str(member))
    if not told.members:
        tell("There is none" + ("." if user is None else f" that '{user}' may see."))
    if told.more:
        tell(f"There are more than {limit}; look for some with --like, or ask for more with --limit.")
    return OK
