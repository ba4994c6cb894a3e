"""Who may administer: the last of them can neither be ended, kept out nor have that taken away."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import TYPE_CHECKING

from clientela.access.policy import Policy
from clientela.contracts.text import text
from clientela.errors import UsageError

if TYPE_CHECKING:
    from clientela.appdb.database import Change
    from clientela.appdb.grants import Grant

DEED = "administer"


class LastAdministratorError(UsageError):
    """This is the last user who may administer; grant that to another first."""

    def __init__(self) -> None:
        super().__init__(text("this is the last user who may administer; grant that to another first."))


def refuse_last(change: Change, policy: Policy, user_id: str, *, without: Collection[str] | None = None) -> None:
    """Refuse what would leave nobody who may administer, for good and in force now.

    Parameters
    ----------
    without : the ids of the grants of that user that would end; None: all of them, as the user would

    Raises
    ------
    LastAdministratorError
        Nobody would be left.
    """
    from clientela.appdb import grants, users

    def held(name: str) -> set[str]:
        return _held(grants.in_force(change.connection, name, change.now), policy)

    mine = held(user_id)
    if not mine or (without is not None and mine - set(without)):
        return
    others = (each for each in users.listed(change.connection) if each.user_id != user_id)
    if not any(held(each.user_id) for each in others):
        raise LastAdministratorError


def _held(held: Iterable[Grant], policy: Policy) -> set[str]:
    """The ids of the grants that let one administer and do not end by themselves."""
    return {
        each.grant_id
        for each in held
        if each.valid_to is None and each.role in policy.roles and DEED in policy.roles[each.role].may
    }
