"""One's own account: language, password, the sessions and API tokens there are."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from types import MappingProxyType

from starlette.responses import RedirectResponse, Response

from clientela.appdb import tokens, users
from clientela.appdb.entry import passwords
from clientela.appdb.tokens import Token
from clientela.contracts.text import Text, text
from clientela.errors import ClientelaError, NotPermittedError, UnknownNameError, UsageError
from clientela.http.visit import LANGUAGES, Visit
from clientela.present.say import worded
from clientela.web.entry.entering import new_password
from clientela.web.shown import shown

PERMISSIONS: Mapping[str, Text] = MappingProxyType(
    {
        "read": text("Ask for figures, insights, rows and customers, as you may see them"),
        "deliver": text("Send files and start runs"),
        "metrics": text("Read the counters of the server"),
    }
)
NEEDS: Mapping[str, str] = MappingProxyType({"deliver": "bring-data", "metrics": "administer"})
DAYS = (30, 90, 365)
_LONGEST_NAME = 60
_MOST_TOKENS = 20
DONE: Mapping[str, Text] = MappingProxyType(
    {
        "language": text("Your language is kept."),
        "password": text("Your password is another now; all your other sessions have ended."),
        "ended": text("It has ended and opens nothing more."),
    }
)


def me(visit: Visit) -> Response:
    """One's own account."""
    return _page(visit, done=DONE.get(visit.param("done") or ""))


def language(visit: Visit) -> Response:
    """Pages are in this language from now on."""
    chosen = visit.param("language") or ""
    if chosen not in LANGUAGES:
        raise UnknownNameError("language", chosen[:20], LANGUAGES)
    with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
        users.alter(change, visit.who.came.user_id, language=chosen)
    return _back("language")


def password(visit: Visit) -> Response:
    """Another password, for who knows the one before; every other session ends."""
    came, sent = visit.who.came, visit.form.get("before")
    account = users.key_of(came.name)
    visit.site.entering.take(account, visit.address, visit.now)
    before = sent if isinstance(sent, str) else ""
    if passwords.rightly_named(visit.site.database, came.name, before) is None:
        return _page(visit, problem=text("The password you have now is another. Write it again."), status=400)
    visit.site.entering.give_back(account, visit.address, visit.now)
    try:
        new = new_password(visit)
        with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
            passwords.set_password(change, came.user_id, new)
            tokens.end_all(change, user_id=came.user_id, kind="session", but=visit.who.token.token_id)
    except UsageError as error:
        return _page(visit, error=error, status=400)
    return _back("password")


def end(visit: Visit) -> Response:
    """One of one's own sessions or tokens ends."""
    wanted = visit.param("token") or ""
    with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
        theirs = {each.token_id for each in tokens.of_user(change.connection, visit.who.came.user_id)}
        if wanted not in theirs:
            raise UnknownNameError("session or token", wanted[:20], ())
        tokens.end(change, wanted)
    return _back("ended")


def end_all(visit: Visit) -> Response:
    """Every session but this one ends."""
    with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
        tokens.end_all(change, user_id=visit.who.came.user_id, kind="session", but=visit.who.token.token_id)
    return _back("ended")


def make_token(visit: Visit) -> Response:
    """A new API token, shown this once."""
    try:
        name, lasting, wanted = _asked(visit)
    except UsageError as error:
        return _page(visit, error=error, about="tokens", status=400)
    with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
        made = tokens.make(
            change,
            visit.who.came.user_id,
            kind="api",
            chance=visit.site.chance,
            lasting=lasting,
            name=name,
            permissions=wanted,
        )
    return _page(visit, secret=made.text)


def _asked(visit: Visit) -> tuple[str, timedelta, list[str]]:
    name = (visit.param("name") or "").strip()
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise UsageError(
            text("a token needs a name of 1 to {n} visible signs, such as what it is for.", n=_LONGEST_NAME)
        )
    days = visit.param("days") or ""
    if days not in map(str, DAYS):
        raise UsageError(text("a token lasts {days} days; choose one of these.", days=", ".join(map(str, DAYS))))
    wanted = [each for each in visit.form.getlist("permission") if isinstance(each, str)]
    unknown = [each for each in wanted if each not in PERMISSIONS]
    if unknown or not wanted:
        raise UsageError(text("choose what the token may be used for."))
    if any(each not in _possible(visit) for each in wanted):
        raise NotPermittedError(text("your roles do not let you do what this token should permit."))
    if sum(each.ended_at is None and each.expires_at > visit.now for each in _of(visit, "api")) >= _MOST_TOKENS:
        raise UsageError(text("you have {n} tokens, which is the most; end one first.", n=_MOST_TOKENS))
    return name, timedelta(days=int(days)), wanted


def _possible(visit: Visit) -> dict[str, Text]:
    """What a token of the visitor may permit: no more than they may themselves."""
    return {name: said for name, said in PERMISSIONS.items() if name not in NEEDS or visit.who.may(NEEDS[name])}


def _of(visit: Visit, kind: str) -> list[Token]:
    with visit.site.database.reading() as connection:
        found = tokens.of_user(connection, visit.who.came.user_id)
    return [each for each in found if each.kind == kind]


def _page(
    visit: Visit,
    *,
    done: Text | None = None,
    problem: Text | None = None,
    error: ClientelaError | None = None,
    about: str = "password",
    secret: str = "",
    status: int = 200,
) -> Response:
    now = visit.now
    return shown(
        visit,
        "entry/me.html",
        status=status,
        done=done,
        problem=problem,
        error=None if error is None else worded(error, visit.lang),
        about=about,
        secret=secret,
        sessions=[each for each in reversed(_of(visit, "session")) if tokens.is_good(each, now)],
        api=[each for each in reversed(_of(visit, "api")) if tokens.is_good(each, now)],
        this_session=visit.who.token.token_id,
        possible=_possible(visit),
        permissions=PERMISSIONS,
        days=DAYS,
        languages=(("en", "English"), ("es", "Español")),
        shortest=passwords.SHORTEST,
    )


def _back(done: str) -> Response:
    return RedirectResponse(f"/me?done={done}", status_code=303)
