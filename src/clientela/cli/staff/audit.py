"""Commands about what was done: list the audit log, and prove that nobody changed it."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from clientela.cli.output import say, say_json
from clientela.cli.shell import JsonOption, WorkspaceOption, app, day
from clientela.cli.staff.user import reading, starts
from clientela.errors import HANDLED, OK, UsageError

if TYPE_CHECKING:
    from clientela.appdb.audit.listing import Entered

audit = typer.Typer(
    name="audit",
    help="See who did what, and prove that the log of it was not changed.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(audit)

_HEAD = re.compile(r"(\d{1,12}):([0-9a-f]{64})")


@audit.command("verify")
def verify(
    head: Annotated[
        str | None,
        typer.Option("--head", metavar="N:HASH", help="A head this command said earlier: the log must go through it."),
    ] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Check every entry of the audit log, and name the first that is not what was written."""
    from clientela.appdb.audit.chain import BEGINNING, Head
    from clientela.appdb.audit.verify import Broken, Verified, document
    from clientela.appdb.audit.verify import verify as verified
    from clientela.cli.shown.audit import verified_lines

    expected = None
    if head is not None:
        said = _HEAD.fullmatch(head.strip())
        if said is None:
            raise UsageError("--head is the number of an entry and its hash, N:HASH, as this command says them.")
        expected = Head(int(said[1]), said[2])
    with reading(workspace) as (database, _):
        if database is None:
            gone = None if expected is None or expected.seq == 0 else Broken(1, "is missing: there is no app database")
            found = Verified(entries=0, head=Head(0, BEGINNING), anchored=0, broken=gone)
        else:
            found = verified(database, expected=expected)
    if json:
        say_json(document(found))
    else:
        for line in verified_lines(found):
            say(line)
    return HANDLED if found.broken else OK


@audit.command("list")
def list_(
    user: Annotated[
        str | None,
        typer.Option("--user", metavar="NAME", help="Only what this user did; os:LOGIN for who was on the machine."),
    ] = None,
    action: Annotated[
        str | None, typer.Option("--action", metavar="NAME", help="Only this action, or all that begin so: grant.")
    ] = None,
    about: Annotated[
        str | None, typer.Option("--object", metavar="KIND:ID", help="Only what was done to this, customer:4711.")
    ] = None,
    since: Annotated[
        str | None, typer.Option("--since", metavar="DATE", help="Only from this day on, as YYYY-MM-DD.")
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, metavar="N", help="Show so many, the newest.")] = 100,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """List who did what, newest first."""
    from clientela.appdb import users
    from clientela.appdb.audit.listing import listed
    from clientela.cli.shown.audit import entered_document, entered_lines

    begins = _moment(since, workspace)
    found: tuple[Entered, ...] = ()
    names: dict[str, str] = {}
    with reading(workspace) as (database, _):
        if database is not None:
            with database.reading() as connection:
                names = users.names(connection)
                who = () if user is None else (user,) if ":" in user else (users.named(connection, user).actor,)
                found = listed(connection, actors=who, about=about, action=action, since=begins, limit=limit)
    if json:
        say_json({"entries": [entered_document(each, names) for each in found]})
    else:
        for line in entered_lines(found, names):
            say(line)
    return OK


def _moment(since: str | None, workspace: Path | None) -> datetime | None:
    begins = day(since)
    return None if begins is None else starts(begins, workspace)
