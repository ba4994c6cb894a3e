"""Commands about who works with a workspace, and what each may."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from clientela.cli.output import say, say_json, tell
from clientela.cli.shell import JsonOption, WorkspaceOption, app, day
from clientela.errors import OK, OutdatedError, UsageError

if TYPE_CHECKING:
    from clientela.appdb.database import Change, Database

user = typer.Typer(
    name="user",
    help="Say who works with this workspace and which roles they hold.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(user)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="The user's name.", show_default=False)]
EmailOption = Annotated[str | None, typer.Option("--email", metavar="ADDRESS", help="Their e-mail address.")]


@user.command("add")
def add(
    name: NameArgument,
    email: EmailOption = None,
    language: Annotated[str, typer.Option("--language", help="Their language: en, es, it or nl.")] = "en",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Add a user, who may do nothing until a role is granted."""
    from secrets import token_bytes

    from clientela.appdb import users
    from clientela.cli.shown.users import user_document

    with changing(workspace) as change:
        made = users.add(change, name, chance=token_bytes, email=email, language=language)
    if json:
        say_json(user_document(made))
    else:
        say(f"Added {made.name}, who may do nothing yet. Next: clientela user grant {_quoted(made.name)} --role ROLE")
    return OK


@user.command("list")
def list_(
    ended: Annotated[bool, typer.Option("--all", help="Also those who have ended.")] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """List the users with the roles they hold now."""
    from clientela.appdb import grants, users
    from clientela.cli.shown.users import user_document, user_lines

    found = []
    with reading(workspace) as (database, now):
        if database is not None:
            with database.reading() as connection:
                listed = users.listed(connection, ended=ended)
                found = [(each, grants.in_force(connection, each.user_id, now)) for each in listed]
    if json:
        roles = [[grant.role for grant in held] for _, held in found]
        documents = [user_document(each) for each, _ in found]
        say_json({"users": [{**told, "roles": held} for told, held in zip(documents, roles, strict=True)]})
    else:
        for line in user_lines(found):
            say(line)
    return OK


@user.command("show")
def show(name: NameArgument, workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """Show a user with the grants, units, responsibilities, objectives and tokens they hold."""
    from clientela.appdb import duties, grants, organisation, tokens, users
    from clientela.cli.shown.users import Held, held_document, held_lines

    with reading(workspace) as (database, now):
        if database is None:
            raise UsageError(f"there is no user '{name}'; nobody was added yet.")
        with database.reading() as connection:
            who = users.named(connection, name)
            held = Held(
                user=who,
                now=now,
                grants=grants.of_user(connection, who.user_id),
                units=organisation.members(connection, now, user_id=who.user_id),
                responsibilities=duties.responsibilities(connection, who.user_id, now),
                objectives=duties.objectives(connection, who.user_id, now),
                tokens=tokens.of_user(connection, who.user_id),
            )
    if json:
        say_json(held_document(held))
    else:
        for line in held_lines(held):
            say(line)
    return OK


@user.command("change")
def change_(
    name: NameArgument,
    to: Annotated[str | None, typer.Option("--name", metavar="NEW", help="Another name.")] = None,
    email: Annotated[
        str | None, typer.Option("--email", metavar="ADDRESS", help="Another e-mail address; '' removes it.")
    ] = None,
    language: Annotated[str | None, typer.Option("--language", help="Another language: en, es, it or nl.")] = None,
    inactive: Annotated[
        bool, typer.Option("--inactive", help="Keep them out for a while; what they were granted stays.")
    ] = False,
    active: Annotated[bool, typer.Option("--active", help="Let them in again.")] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Change a user's name, address or language, or keep them out for a while."""
    from clientela.appdb import users
    from clientela.cli.shown.users import user_document

    if active and inactive:
        raise UsageError("say either --active or --inactive.")
    let_in = active if active or inactive else None
    with changing(workspace) as change:
        now_is = users.alter(change, name, to=to, email=email, language=language, active=let_in)
    if json:
        say_json(user_document(now_is))
    else:
        say(f"Changed {now_is.name}.")
    return OK


@user.command("end")
def end(
    name: NameArgument,
    forget: Annotated[
        bool, typer.Option("--forget", help="Also remove their name and address; the log keeps their id.")
    ] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Let a user be one no longer: their grants, sessions and tokens end at once; the audit log keeps naming them."""
    from clientela.appdb import users
    from clientela.cli.shown.users import user_document

    with changing(workspace) as change:
        ended = users.end(change, name, forget=forget)
    if json:
        say_json(user_document(ended))
    else:
        forgotten = f" Their name and address are gone; the log knows them as {ended.name}." if forget else ""
        say(f"{name} has ended, with every grant, session and token.{forgotten}")
    return OK


@user.command("link")
def link(name: NameArgument, workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """Make a link with which a user chooses a password: good once, for a quarter of an hour."""
    from secrets import token_bytes

    from clientela import config
    from clientela.appdb.entry import links
    from clientela.cli.doors import place as served

    folder = config.workspace_folder(workspace)
    settings = config.load(folder).serve
    place = settings.address or served.found(folder) or settings.place
    with changing(workspace) as change:
        text = links.for_user(change, name, chance=token_bytes)
        until = change.now + links.LASTING
    address = f"{place}/enter/link/{text}"
    if json:
        say_json({"link": address, "until": until.isoformat()})
    else:
        say(address)
        tell(f"Good once, until {until:%H:%M} UTC; hand it over so that nobody else reads it.")
    return OK


@user.command("grant")
def grant(
    name: NameArgument,
    role: Annotated[str, typer.Option("--role", metavar="ROLE", help="The role to grant.")],
    territory: Annotated[
        list[str] | None, typer.Option("--territory", metavar="ID", help="Limit it to a territory; may be repeated.")
    ] = None,
    unit: Annotated[
        list[str] | None, typer.Option("--unit", metavar="ID", help="Limit it to a unit of the organisation.")
    ] = None,
    account: Annotated[
        list[str] | None, typer.Option("--account", metavar="ID", help="Limit it to a customer, by number.")
    ] = None,
    product_line: Annotated[
        list[str] | None, typer.Option("--product-line", metavar="ID", help="Limit it to a product line.")
    ] = None,
    campaign: Annotated[
        list[str] | None, typer.Option("--campaign", metavar="ID", help="Limit it to a campaign.")
    ] = None,
    objective: Annotated[
        list[str] | None, typer.Option("--objective", metavar="ID", help="Limit it to an objective.")
    ] = None,
    from_: Annotated[
        str | None, typer.Option("--from", metavar="DATE", help="The first day it holds, as YYYY-MM-DD; default now.")
    ] = None,
    until: Annotated[
        str | None, typer.Option("--until", metavar="DATE", help="The last day it holds; default for good.")
    ] = None,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Grant a user a role: within territories, units, accounts, product lines, campaigns; or wherever it reaches."""
    from secrets import token_bytes

    from clientela import config
    from clientela.access.grants import checked
    from clientela.appdb import grants
    from clientela.cli.shown.users import grant_document, grant_line
    from clientela.pipeline.asking.scope import read_policy

    if account:
        checked({"customer": tuple(account)})
    named = {
        "territories": territory,
        "units": unit,
        "accounts": account,
        "product_lines": product_line,
        "campaigns": campaign,
        "objectives": objective,
    }
    begins, ends = day(from_), day(until)
    scope = {kind: ids for kind, ids in named.items() if ids}
    _refuse_unknown(config.workspace_folder(workspace), scope)
    with changing(workspace) as change:
        given = grants.give(
            change,
            name,
            role,
            roles=read_policy(config.workspace_folder(workspace)).roles,
            chance=token_bytes,
            scope=scope,
            valid_from=None if begins is None else starts(begins, workspace),
            valid_to=None if ends is None else starts(ends + timedelta(days=1), workspace),
        )
        now = change.now
    if json:
        say_json(grant_document(given, now))
    else:
        say(f"Granted {name}: {grant_line(given, now)}")
    return OK


def _refuse_unknown(folder: Path, scope: Mapping[str, Sequence[str]]) -> None:
    """Refuse a limit that the snapshot does not know; one of another version cannot be asked, and bars no grant."""
    from clientela.pipeline.staffing.limits import refuse_unknown

    with suppress(OutdatedError):
        refuse_unknown(folder, scope)


@user.command("revoke")
def revoke(
    name: NameArgument,
    role: Annotated[str | None, typer.Option("--role", metavar="ROLE", help="End every grant of this role.")] = None,
    grant: Annotated[
        str | None, typer.Option("--grant", metavar="ID", help="End this grant, as `clientela user show` names it.")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="End every grant they hold.")] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Take granted roles back; it takes effect on the next question."""
    from clientela.appdb import grants
    from clientela.cli.shown.users import grant_document, grant_line

    if sum((role is not None, grant is not None, everything)) != 1:
        raise UsageError("say what to revoke: one of --role, --grant or --all.")
    with changing(workspace) as change:
        ended = grants.revoke(change, name, role=role, grant_id=grant)
        now = change.now
    if json:
        say_json({"revoked": [grant_document(each, now) for each in ended]})
    else:
        for each in ended:
            say(f"Revoked {name}: {grant_line(each, now)}")
    return OK


@contextmanager
def changing(workspace: Path | None) -> Iterator[Change]:
    """A change of the app database, by who is at work on this machine."""
    from clientela import config
    from clientela.appdb.audit.chain import os_actor
    from clientela.appdb.database import open_database
    from clientela.pipeline.asking.replica import refuse_replica

    folder, now = config.workspace_folder(workspace), datetime.now(UTC)
    refuse_replica(folder, "to say who may do what")
    with open_database(folder, now=now) as database, database.change(by=os_actor(config.user()), now=now) as change:
        yield change


@contextmanager
def reading(workspace: Path | None) -> Iterator[tuple[Database | None, datetime]]:
    """The app database, None when there is none yet, and the moment."""
    from clientela import config
    from clientela.appdb.database import exists, open_database

    folder, now = config.workspace_folder(workspace), datetime.now(UTC)
    if not exists(folder):
        yield None, now
        return
    with open_database(folder, now=now) as database:
        yield database, now


def starts(begins: date, workspace: Path | None) -> datetime:
    """When a day begins in the company's zone."""
    from clientela import config

    zone = ZoneInfo(config.load(config.workspace_folder(workspace)).company.timezone)
    return datetime.combine(begins, time(), zone).astimezone(UTC)


def _quoted(name: str) -> str:
    from shlex import quote

    return quote(name)
