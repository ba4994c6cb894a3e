"""Commands about the organisation: its units, who is in them, and what users answer for."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from clientela.cli.output import say, say_json
from clientela.cli.shell import JsonOption, WorkspaceOption, app
from clientela.cli.staff.user import NameArgument, changing, reading
from clientela.cli.staff.user import user as user_commands
from clientela.errors import OK, UsageError

unit = typer.Typer(
    name="unit",
    help="Say which units the company has, and who is in them.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(unit)

UnitArgument = Annotated[str, typer.Argument(metavar="UNIT", help="The unit's id.", show_default=False)]


@unit.command("add")
def add(
    unit_id: UnitArgument,
    name: Annotated[
        str | None, typer.Option("--name", metavar="TEXT", help="What people call it; default its id.")
    ] = None,
    under: Annotated[str | None, typer.Option("--under", metavar="UNIT", help="The unit it is part of.")] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Add a unit: a division, a branch, a team."""
    from clientela.appdb import organisation

    with changing(workspace) as change:
        made = organisation.add_unit(change, unit_id, name=name or unit_id, parent_id=under)
    return _told({"id": made.unit_id, "name": made.name, "under": made.parent_id}, f"Added {unit_id}.", json=json)


@unit.command("list")
def list_(workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """List the units as a tree, with who is in each."""
    from clientela.appdb import organisation, users
    from clientela.cli.shown.users import unit_documents, unit_lines

    found: tuple[organisation.Unit, ...] = ()
    inside: dict[str, list[str]] = {}
    with reading(workspace) as (database, now):
        if database is not None:
            with database.reading() as connection:
                found = organisation.units(connection)
                names = users.names(connection)
                for each in organisation.members(connection, now):
                    inside.setdefault(each.unit_id, []).append(names[f"user:{each.user_id}"])
    if json:
        say_json({"units": unit_documents(found, inside)})
    else:
        for line in unit_lines(found, inside):
            say(line)
    return OK


@unit.command("move")
def move(
    unit_id: UnitArgument,
    under: Annotated[
        str | None, typer.Option("--under", metavar="UNIT", help="The unit it is to be part of; left out, of none.")
    ] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Put a unit, with all that is under it, under another, or at the top."""
    from clientela.appdb import organisation

    with changing(workspace) as change:
        organisation.move_unit(change, unit_id, parent_id=under)
    return _told({"id": unit_id, "under": under}, f"Moved {unit_id}.", json=json)


@unit.command("join")
def join(unit_id: UnitArgument, name: NameArgument, workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """Let a user be in a unit from now on."""
    from clientela.appdb import organisation

    with changing(workspace) as change:
        organisation.join(change, name, unit_id)
    return _told({"unit": unit_id, "user": name}, f"{name} is in {unit_id}.", json=json)


@unit.command("leave")
def leave(
    unit_id: UnitArgument, name: NameArgument, workspace: WorkspaceOption = None, json: JsonOption = False
) -> int:
    """Let a user be in a unit no longer."""
    from clientela.appdb import organisation

    with changing(workspace) as change:
        organisation.leave(change, name, unit_id)
    return _told({"unit": unit_id, "user": name}, f"{name} is no longer in {unit_id}.", json=json)


@user_commands.command("answers")
def answers(
    name: NameArgument,
    territory: Annotated[
        list[str] | None, typer.Option("--territory", metavar="ID", help="For a territory; may be repeated.")
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option("--account", metavar="NUMBER", help="For a customer, by number.")
    ] = None,
    product_line: Annotated[
        list[str] | None, typer.Option("--product-line", metavar="ID", help="For a product line.")
    ] = None,
    no_longer: Annotated[bool, typer.Option("--no-longer", help="Take these away instead.")] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Say what a user answers for: territories, customers, product lines; limits of their grants may follow it."""
    from clientela.access.grants import checked
    from clientela.appdb import duties, users

    named = {"territory": territory or [], "account": account or [], "product_line": product_line or []}
    if not any(named.values()):
        raise UsageError("say for what: --territory, --account or --product-line.")
    if account:
        checked({"customer": tuple(account)})
    with changing(workspace) as change:
        who = users.named(change.connection, name)
        for kind in duties.KINDS:
            if no_longer:
                duties.answer_no_longer(change, name, kind, named[kind])
            else:
                duties.answer_for(change, name, kind, named[kind])
        held = duties.responsibilities(change.connection, who.user_id, change.now)
    shown = ", ".join(f"{each.kind.replace('_', ' ')} {each.object_id}" for each in held) or "nothing"
    document = {"user": who.name, "responsibilities": [{"kind": each.kind, "id": each.object_id} for each in held]}
    return _told(document, f"{who.name} answers for {shown}.", json=json)


def _told(document: Mapping[str, object], line: str, *, json: bool) -> int:
    if json:
        say_json(document)
    else:
        say(line)
    return OK
