"""Coming in with a name and a password, or once with a link; and going out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from types import MappingProxyType
from urllib.parse import urlsplit

from starlette.responses import HTMLResponse, RedirectResponse, Response

from clientela.appdb import grants, tokens, users
from clientela.appdb.database import Change
from clientela.appdb.entry import links, outside, passwords
from clientela.appdb.users import User
from clientela.contracts.text import Text, text
from clientela.errors import ClientelaError, NotPermittedError, OutsideError, TooManyError, UsageError
from clientela.http.attempts import network_of
from clientela.http.cookies import give_session, take_session
from clientela.http.visit import LANGUAGES, Visit
from clientela.pipeline.asking.scope import read_policy
from clientela.present.say import worded
from clientela.web.frame import Frame
from clientela.web.shown import filled, shown

NOBODY = "web:entry"  # who is at work, in the audit log, before it is known who comes in
_LONGEST_NAME = 200
_LOG = logging.getLogger("clientela.serve")
ELSEWHERE: Mapping[str, Text] = MappingProxyType(
    {
        "state": text("This took too long, or was begun in another window. Try again."),
        "refused": text("You were not let in there. Try again, or ask an administrator."),
        "token": text("What came back cannot be believed. Try again; if it goes on, ask an administrator."),
        "silent": text("The server with your account does not answer. Try again in a moment."),
        "name": text("Your account gives no name that can be used here. Ask an administrator."),
        "taken": text("There is a user of your name already who is not linked to your account. Ask an administrator."),
        "role": text("Your account has no role here. Ask an administrator to put you into a group that has one."),
        "inactive": text("You may not come in at present. Ask an administrator."),
    }
)


def enter(visit: Visit) -> Response:
    """The form with which one comes in; who is in goes on."""
    if visit.visitor is not None:
        return RedirectResponse(wanted(visit), status_code=303)
    return form(visit, said=ELSEWHERE.get(visit.param("why") or ""))


def enter_try(visit: Visit) -> Response:
    """In with the right name and password; else the form again, which says no more than that it was not right."""
    if not visit.site.passwords:
        raise NotPermittedError(text("nobody comes in with a password here; use your account."))
    name = (visit.param("name") or "")[:_LONGEST_NAME]
    sent = visit.form.get("password")
    password = sent if isinstance(sent, str) else ""
    account = users.key_of(name.strip())
    try:
        visit.site.entering.take(account, visit.address, visit.now)
    except TooManyError as error:
        return form(visit, name=name, wait=error.seconds, status=429)
    user = passwords.rightly_named(visit.site.database, name, password)
    if user is None:
        return form(visit, name=name, wrong=True, status=401)
    visit.site.entering.give_back(account, visit.address, visit.now)
    with visit.site.database.change(by=user.actor, now=visit.now) as change:
        made = new_session(visit, change, user)
    return let_in(visit, made.text, wanted(visit))


def link(visit: Visit) -> Response:
    """What a link is for: the first administrator's name and password, or a new password."""
    text = visit.request.path_params["link"]
    with visit.site.database.reading() as connection:
        found = links.found(connection, text, visit.now)
        user = None if found.user_id is None else users.named(connection, found.user_id)
    return _link_form(visit, user)


def link_use(visit: Visit) -> Response:
    """The link is spent on what was chosen, in one transaction, and whoever used it is in."""
    text = visit.request.path_params["link"]
    visit.site.entering.address.take(network_of(visit.address), visit.now)
    user: User | None = None
    try:
        password = new_password(visit)
        with visit.site.database.change(by=NOBODY, now=visit.now) as change:
            spent = links.spend(change, text)
            first = spent.user_id is None
            user = _first(visit, change) if first else users.named(change.connection, str(spent.user_id))
            change.by = user.actor
            passwords.set_password(change, user.user_id, password)
            tokens.end_all(change, user_id=user.user_id, kind="session")
            made = new_session(visit, change, user)
    except UsageError as error:
        with visit.site.database.reading() as connection:
            found = links.found(connection, text, visit.now)
            user = None if found.user_id is None else users.named(connection, found.user_id)
        return _link_form(visit, user, error=error, status=400)
    return let_in(visit, made.text, "/")


def leave(visit: Visit) -> Response:
    """Whether one really goes."""
    return shown(visit, "entry/leave.html")


def leave_do(visit: Visit) -> Response:
    """Out: the session opens nothing from now on; one that began elsewhere is ended there too."""
    session = visit.who.token.token_id
    with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
        id_token = outside.forget(change, session)
        tokens.end(change, session)
    there = None if id_token is None else _there(visit, id_token)
    response = _leads_on(visit, *there) if there else RedirectResponse("/enter", status_code=303)
    take_session(response, visit.site)
    response.headers["clear-site-data"] = '"cache"'
    return response


def _there(visit: Visit, id_token: str) -> tuple[str, str] | None:
    """Where a session ends at its provider, and what that is called; None where it cannot, which keeps nobody here."""
    provider = visit.site.elsewhere
    try:
        place = None if provider is None else provider.leave(id_token, visit.now)
    except OutsideError as error:
        told = {"reason": error.reason, "detail": error.detail}
        _LOG.warning("a session could not be ended elsewhere", extra={"told": told})
        return None
    return None if provider is None or place is None else (place, provider.label)


def _leads_on(visit: Visit, place: str, account: str) -> Response:
    """A page that goes on to the provider by itself.

    Not a redirect: browsers hold ``form-action`` against every address that a form leads to, and it is ours alone.
    """
    page = filled(visit, "entry/left.html", frame=Frame(), place=place, account=account)
    return HTMLResponse(page, headers={"refresh": f"0;url={place}", "cache-control": "no-store"})


def wanted(visit: Visit) -> str:
    """Where one wanted to go before one came in: a page of ours, or the first one."""
    place = visit.param("next") or "/"
    parts = urlsplit(place)
    ours = place.startswith("/") and not place.startswith(("//", "/\\")) and place.isprintable() and "\\" not in place
    return place if ours and not parts.scheme and not parts.netloc and not place.startswith("/enter") else "/"


def form(
    visit: Visit, *, name: str = "", wrong: bool = False, wait: int = 0, said: Text | None = None, status: int = 200
) -> Response:
    """The form with which one comes in, and what was wrong before."""
    elsewhere = visit.site.elsewhere
    response = shown(
        visit,
        "entry/enter.html",
        status=status,
        name=name,
        wrong=wrong,
        wait=wait,
        said=said,
        wanted=wanted(visit),
        passwords=visit.site.passwords,
        elsewhere=None if elsewhere is None else elsewhere.label,
    )
    if wait:
        response.headers["retry-after"] = str(wait)
    return response


def _link_form(visit: Visit, user: User | None, *, error: ClientelaError | None = None, status: int = 200) -> Response:
    return shown(
        visit,
        "entry/link.html",
        status=status,
        user=user,
        error=None if error is None else worded(error, visit.lang),
        name=visit.param("name") or "",
        shortest=passwords.SHORTEST,
    )


def new_password(visit: Visit) -> str:
    """The password that a form says twice.

    Raises
    ------
    UsageError
        It is missing, or not the same both times.
    """
    new, again = visit.form.get("password"), visit.form.get("again")
    if not isinstance(new, str) or not new:
        raise UsageError(text("write a password."))
    if new != again:
        raise UsageError(text("the two passwords are not the same; write it twice."))
    return new


def _first(visit: Visit, change: Change) -> User:
    """The first administrator, made with the rights to look after the whole."""
    roles = read_policy(visit.site.folder).roles
    able = [name for name, role in roles.items() if "administer" in role.may and role.everything]
    if not able:
        raise NotPermittedError(text('no role of policy.toml may administer; give one of them may = ["administer"].'))
    user = users.add(change, visit.param("name") or "", chance=visit.site.chance, language=_language(visit))
    change.by = user.actor
    role = "administrator" if "administrator" in able else able[0]
    grants.give(change, user.user_id, role, roles=roles, chance=visit.site.chance, scope={})
    return user


def _language(visit: Visit) -> str:
    return visit.lang if visit.lang in LANGUAGES else "en"


def new_session(visit: Visit, change: Change, user: User) -> tokens.Made:
    """A new session; the one the browser had before opens nothing more."""
    if visit.visitor is not None:
        tokens.end(change, visit.visitor.token.token_id)
    return tokens.make(
        change,
        user.user_id,
        kind="session",
        chance=visit.site.chance,
        lasting=visit.site.lasting,
        idle=visit.site.idle,
        name=_browser(visit),
    )


def _browser(visit: Visit) -> str:
    """What the browser says it is, in a word or two: so that one knows one's own sessions apart."""
    said = visit.request.headers.get("user-agent", "")
    name = next((word for sign, word in _BROWSERS if sign in said), "")
    system = next((word for sign, word in _SYSTEMS if sign in said), "")
    return ", ".join(each for each in (name, system) if each)


_BROWSERS = (("Edg/", "Edge"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


def let_in(visit: Visit, secret: str, place: str) -> Response:
    """On to a page, with the cookie of the session."""
    response = RedirectResponse(place, status_code=303)
    give_session(response, visit.site, secret)
    return response
