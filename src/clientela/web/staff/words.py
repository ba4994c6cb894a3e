"""Roles, grants and entries of the audit log in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from clientela.access.policy import Policy, Role
from clientela.appdb.grants import Grant
from clientela.appdb.users import User
from clientela.contracts.text import Text, ntext, text
from clientela.pipeline.staffing.limits import Limits

ROLES: Mapping[str, tuple[Text, Text]] = {
    "executive": (text("Executive"), text("Sees every figure of the whole company, and no personal data.")),
    "manager": (
        text("Manager"),
        text("Sees every figure of their own territories, units or accounts, and the people in them."),
    ),
    "analyst": (
        text("Analyst"),
        text("Sees every row of the whole company under a number, and no personal data."),
    ),
    "statistician": (
        text("Statistician"),
        text("Sees figures of ten customers or more, of the whole company, and never a row."),
    ),
    "marketing": (
        text("Marketing"),
        text("Sees who may be contacted, what they buy and what campaigns brought, and no cost of goods."),
    ),
    "sales": (
        text("Sales force"),
        text("Sees the accounts and territories that are theirs, with names, addresses and telephone numbers."),
    ),
    "service": (
        text("Service"),
        text("Sees cases, contacts and answers of the customers that are theirs, with names and telephone numbers."),
    ),
    "finance": (
        text("Finance"),
        text("Sees revenue, cost, invoices and their payment of the whole company, with names and tax numbers."),
    ),
    "data-protection-officer": (
        text("Data protection officer"),
        text("Sees what is kept of a person, to inform, correct and erase; no figures of sales."),
    ),
    "administrator": (
        text("Administrator"),
        text("Brings in data, gives rights and looks after the whole; sees everything."),
    ),
}
DEEDS: Mapping[str, Text] = {
    "export": text("take what one sees out as a file"),
    "bring-data": text("deliver files, correct how they are read, run, go back to an earlier snapshot"),
    "decide-identity": text("join and split customers"),
    "erase": text("inform a person of what is kept, and erase them"),
    "administer": text("add users, grant roles, see as another user sees"),
    "audit": text("read the audit log"),
}
KINDS: Mapping[str, Text] = {
    "territories": text("territories"),
    "units": text("what units answer for"),
    "accounts": text("customers"),
    "product_lines": text("product lines"),
    "campaigns": text("campaigns"),
    "objectives": text("objectives"),
}
_STATES: Mapping[str, Text] = {
    "active": text("active"),
    "inactive": text("kept out"),
    "ended": text("ended"),
    "in force": text("in force"),
    "revoked": text("taken back"),
    "to come": text("to come"),
    "over": text("over"),
}
ACTIONS: Mapping[str, Text] = {
    "user.added": text("added a user"),
    "user.changed": text("changed a user"),
    "user.linked": text("linked an account elsewhere to a user"),
    "user.ended": text("ended a user"),
    "user.forgotten": text("forgot a user"),
    "grant.given": text("granted a role"),
    "grant.revoked": text("took a role back"),
    "token.session-made": text("came in"),
    "token.api-made": text("made an API token"),
    "token.ended": text("ended a session or token"),
    "token.all-ended": text("ended all sessions and tokens"),
    "link.made": text("made an entry link"),
    "password.set": text("chose a password"),
    "session.outside": text("came in with an account elsewhere"),
    "session.view-as": text("began to see as another"),
    "session.view-as-ended": text("ended seeing as another"),
    "unit.added": text("added a unit"),
    "unit.renamed": text("renamed a unit"),
    "unit.moved": text("moved a unit"),
    "unit.joined": text("put a user into a unit"),
    "unit.left": text("took a user out of a unit"),
    "responsibility.given": text("let a user answer for something"),
    "responsibility.taken": text("let a user answer for something no longer"),
    "objective.set": text("set an objective"),
    "objective.ended": text("ended an objective"),
    "policy.recorded": text("brought in a policy"),
    "personal.read": text("looked at personal data"),
    "rows.read": text("looked at rows"),
    "figures.exported": text("took figures out as a file"),
    "replica.made": text("made a replica"),
    "view.saved": text("saved a view"),
    "view.shared": text("shared a view"),
    "view.unshared": text("shared a view no longer"),
    "view.changed": text("renamed a view"),
    "view.deleted": text("deleted a view"),
    "identity.reviewed": text("looked at pairs of records"),
    "identity.join": text("joined two customers"),
    "identity.split": text("split a customer"),
    "identity.undo": text("took a decision back"),
    "identity.found": text("looked for a customer"),
    "identity.explained": text("asked why records are one customer"),
    "person.exported": text("took out what is kept of a person"),
    "person.erased": text("erased a person"),
    "quarantine.read": text("looked at the quarantine"),
    "backup.made": text("made a backup"),
    "backup.restored": text("restored a backup"),
    "audit.exported": text("took the audit log out as a file"),
    "audit.verified": text("checked the audit log"),
}
_FEW = 4


def state_of(user: User) -> Text:
    """Whether a user is active, kept out, or has ended."""
    return _STATES["ended" if user.ended_at is not None else "active" if user.active else "inactive"]


def state_of_grant(grant: Grant, now: datetime) -> Text:
    """Whether a grant holds, and if not, why."""
    if grant.ended_at is not None:
        return _STATES["revoked"]
    if now < grant.valid_from:
        return _STATES["to come"]
    return _STATES["in force" if grant.in_force(now) else "over"]


def name_of_role(name: str) -> Text:
    """A role as people call it; one of a company's own by its own name."""
    return ROLES[name][0] if name in ROLES else Text(name)


def description_of(role: Role, policy: Policy) -> Text:
    """What a role shows, in a sentence; of a company's own, in its own words."""
    if role.name in ROLES and role.name not in policy.own:
        return ROLES[role.name][1]
    return Text(role.description)


def limits_of(grant: Grant, policy: Policy, known: Mapping[str, str]) -> list[Text]:
    """What a grant is limited to, a sentence for each kind; or that it is not, or to what its holder answers for.

    Parameters
    ----------
    known : the names of territories, units, campaigns and objectives by ``kind:id``
    """
    if not grant.scope:
        role = policy.roles.get(grant.role)
        whole = role is not None and role.everything
        return [text("the whole company") if whole else text("what they answer for themselves")]
    return [_limit(kind, ids, known) for kind, ids in grant.scope.items()]


def _limit(kind: str, ids: Sequence[str], known: Mapping[str, str]) -> Text:
    names = ", ".join(known.get(f"{kind}:{each}", each) for each in ids[:_FEW])
    more = len(ids) - _FEW
    said: Text | str = names
    if more > 0:
        said = ntext("{names} and {n} more", "{names} and {n} more", "n", names=names, n=more)
    return text("{kind}: {names}", kind=KINDS.get(kind, Text(kind)), names=said)


def names_in(found: Limits, units: Mapping[str, str], objectives: Mapping[str, str]) -> dict[str, str]:
    """The names of what grants are limited to, by ``kind:id``."""
    names = {f"territories:{each.key}": each.name for each in found.territories}
    names |= {f"campaigns:{key}": name for key, name in found.campaigns}
    names |= {f"units:{key}": name for key, name in units.items()}
    return names | {f"objectives:{key}": name for key, name in objectives.items()}


def action_in_words(action: str) -> Text:
    """What was done; by its own name where it has no words."""
    return ACTIONS.get(action, Text(action))
