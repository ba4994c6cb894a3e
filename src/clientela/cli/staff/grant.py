"""Commands about what a grant lets somebody see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Annotated

import typer

from clientela.cli.output import say, say_json
from clientela.cli.shell import JsonOption, WorkspaceOption, app
from clientela.errors import OK

grant = typer.Typer(
    name="grant",
    help="Say why somebody sees a customer, and which roles there are.",
    rich_markup_mode=None,
    no_args_is_help=True,
)
app.add_typer(grant)


@grant.command("why")
def why(
    user: Annotated[str, typer.Argument(metavar="USER", help="The user's name.", show_default=False)],
    customer: Annotated[str, typer.Option("--customer", metavar="ID", help="The customer's number.")],
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Say which grants of a user show a customer, and by what."""
    from clientela.workspace import open as open_workspace

    told = open_workspace(workspace).why_seen(user, customer)
    if json:
        say_json(asdict(told))
        return OK
    say(f"{user} {'sees' if told.shows else 'does not see'} customer {customer}.")
    if not told.grants:
        say("They hold no role. Next: clientela user grant NAME --role ROLE")
    for each in told.grants:
        limits = ", ".join(f"{name} {' or '.join(values)}" for name, values in each.within.items()) or "no limit"
        say(f"  {'+' if each.shows else '-'} {each.role} ({limits}): {each.because}.")
        if each.shows:
            say(f"      It shows {_in_words(each.columns, 'column')}; {_in_words(each.measures, 'measure')}.")
    return OK


def _in_words(patterns: Sequence[str], what: str) -> str:
    """What a role's patterns take in and take out, for who never wrote one.

    Examples
    --------
    >>> _in_words(("*", "@personal", "!*.tax_id", "!*.birth_date"), "column")
    'every column, personal data too, but not *.tax_id and *.birth_date'
    >>> _in_words(("revenue", "orders"), "measure"), _in_words((), "measure")
    ('the measures revenue and orders', 'no measure')
    """
    from clientela.access.rights import PERSONAL

    taken = [each for each in patterns if not each.startswith("!") and each not in ("*", PERSONAL)]
    out = [each.removeprefix("!") for each in patterns if each.startswith("!")]
    said = [f"every {what}"] if "*" in patterns else []
    said += ["personal data too" if said else "personal data"] if PERSONAL in patterns else []
    if taken:
        said.append(("of personal data " if "*" in patterns else f"the {what}s ") + _listed(taken))
    told = ", ".join(said) or f"no {what}"
    return f"{told}, but not {_listed(out)}" if out else told


def _listed(names: Sequence[str]) -> str:
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


@grant.command("roles")
def roles(workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """List the roles there are: the ready-made ones, and those of policy.toml."""
    from clientela.workspace import open as open_workspace

    policy = open_workspace(workspace).policy()
    if json:
        say_json(
            {
                "policy": policy.mark,
                "roles": [
                    {
                        "name": each.name,
                        "description": each.description,
                        "rows": "everything" if each.everything else "granted",
                        "columns": list(each.columns.patterns),
                        "measures": list(each.measures.patterns),
                        "least": each.least,
                        "peers": each.peers,
                        "own": each.name in policy.own,
                    }
                    for each in policy.roles.values()
                ],
            }
        )
        return OK
    width = max(map(len, policy.roles))
    for each in policy.roles.values():
        say(f"{each.name.ljust(width)}  {each.description}{' (policy.toml)' if each.name in policy.own else ''}")
    return OK
