"""Views somebody saved under a name: the address of a page with all that was asked, for themselves or for others too.

A view holds a question and no figure: whoever opens it is answered within what they may see.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, or_, select, update

from clientela.appdb import users
from clientela.appdb.database import Change
from clientela.appdb.tables import SAVED_VIEW, USER
from clientela.contracts.text import text
from clientela.errors import ExistsError, NotPermittedError, UnknownNameError, UsageError

LONGEST_NAME = 80
LONGEST_QUESTION = 6_000
MOST = 200  # of one user on one page
_ID_BYTES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """One view. ``question``: the query string that shows it again; ``owner``: the name of who saved it."""

    view_id: str
    user_id: str
    owner: str
    name: str
    page: str
    question: str
    shared: bool
    made_at: datetime


def listed(connection: Connection, user_id: str, page: str) -> tuple[Saved, ...]:
    """The views of a page that a user sees in their list: their own, and those others share; by name."""
    theirs = or_(SAVED_VIEW.c.user_id == user_id, SAVED_VIEW.c.shared.is_(True))
    return _saved(connection, theirs & (SAVED_VIEW.c.page == page))


def of_id(connection: Connection, view_id: str, user_id: str) -> Saved:
    """A view that a user may open.

    Raises
    ------
    UnknownNameError
        There is none that they see; whether another has one is not told.
    """
    theirs = or_(SAVED_VIEW.c.user_id == user_id, SAVED_VIEW.c.shared.is_(True))
    found = _saved(connection, theirs & (SAVED_VIEW.c.view_id == view_id))
    if not found:
        raise UnknownNameError("view", view_id, ())
    return found[0]


def save(
    change: Change, user: str, *, page: str, name: str, question: str, shared: bool = False, chance: users.Chance
) -> Saved:
    """Keep a view under a name.

    Raises
    ------
    ExistsError
        They have one of this name on this page.
    UsageError
        The name cannot be one, the question is too long, or they have too many.
    """
    who = users.named(change.connection, user)
    plain = _name(name)
    if len(question) > LONGEST_QUESTION:
        raise UsageError(text("this view asks for too much to be kept; leave some of its filter out."))
    theirs = _saved(change.connection, (SAVED_VIEW.c.user_id == who.user_id) & (SAVED_VIEW.c.page == page))
    _refuse_taken(theirs, plain)
    if len(theirs) >= MOST:
        raise UsageError(text("you have {most} views already; delete one first.", most=MOST))
    view_id = chance(_ID_BYTES).hex()
    row = {"view_id": view_id, "user_id": who.user_id, "name": plain, "page": page, "question": question}
    change.connection.execute(insert(SAVED_VIEW).values({**row, "shared": shared, "made_at": change.now}))
    change.audit("view.shared" if shared else "view.saved", f"view:{view_id}")
    return of_id(change.connection, view_id, who.user_id)


def alter(change: Change, user: str, view_id: str, *, name: str | None = None, shared: bool | None = None) -> Saved:
    """Give a view of one's own another name, share it or share it no longer.

    Raises
    ------
    NotPermittedError
        It is another's.
    """
    who = users.named(change.connection, user)
    view = _own(change.connection, who.user_id, view_id)
    new: dict[str, Any] = {}
    if name is not None and _name(name) != view.name:
        others = _saved(change.connection, (SAVED_VIEW.c.user_id == who.user_id) & (SAVED_VIEW.c.page == view.page))
        _refuse_taken([each for each in others if each.view_id != view_id], _name(name))
        new["name"] = _name(name)
    if shared is not None and shared != view.shared:
        new["shared"] = shared
    if new:
        change.connection.execute(update(SAVED_VIEW).where(SAVED_VIEW.c.view_id == view_id).values(new))
        told = "view.changed" if "shared" not in new else "view.shared" if shared else "view.unshared"
        change.audit(told, f"view:{view_id}")
    return of_id(change.connection, view_id, who.user_id)


def remove(change: Change, user: str, view_id: str) -> Saved:
    """Delete a view of one's own; what it was.

    Raises
    ------
    NotPermittedError
        It is another's.
    """
    view = _own(change.connection, users.named(change.connection, user).user_id, view_id)
    change.connection.execute(delete(SAVED_VIEW).where(SAVED_VIEW.c.view_id == view_id))
    change.audit("view.deleted", f"view:{view_id}")
    return view


def _own(connection: Connection, user_id: str, view_id: str) -> Saved:
    view = of_id(connection, view_id, user_id)
    if view.user_id != user_id:
        raise NotPermittedError(text("this view is another's; save one of your own."))
    return view


def _refuse_taken(theirs: Any, name: str) -> None:
    if any(users.key_of(each.name) == users.key_of(name) for each in theirs):
        raise ExistsError(text("you have a view '{name}' already; choose another name.", name=name))


def _name(name: str) -> str:
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME or not plain.isprintable():
        raise UsageError(text("a view's name has 1 to {most} visible signs; choose another.", most=LONGEST_NAME))
    return plain


def _saved(connection: Connection, which: Any) -> tuple[Saved, ...]:
    asked = select(SAVED_VIEW, USER.c.name.label("owner")).join(USER, USER.c.user_id == SAVED_VIEW.c.user_id)
    rows = connection.execute(asked.where(which).order_by(SAVED_VIEW.c.name, SAVED_VIEW.c.made_at))
    return tuple(
        Saved(
            view_id=row.view_id,
            user_id=row.user_id,
            owner=row.owner,
            name=row.name,
            page=row.page,
            question=row.question,
            shared=row.shared,
            made_at=row.made_at,
        )
        for row in rows
    )
