"""Users: who there is, and one of them with all they hold and what can be done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import RedirectResponse, Response

from clientela import config
from clientela.appdb import duties, grants, organisation, tokens, users
from clientela.appdb.duties import Objective, Responsibility
from clientela.appdb.entry import links
from clientela.appdb.users import User
from clientela.contracts.text import Text, text
from clientela.errors import UsageError
from clientela.http.visit import Visit
from clientela.pipeline.staffing.limits import Limits, limits
from clientela.pipeline.staffing.staying import refuse_last
from clientela.present.say import say, worded
from clientela.web.shown import linked, shown
from clientela.web.staff import words

LANGUAGES = (("en", "English"), ("es", "Español"), ("it", "Italiano"), ("nl", "Nederlands"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One user in the list."""

    user: User
    state: Text
    roles: tuple[Text, ...]
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One grant in words."""

    grant: grants.Grant
    role: Text
    shows: Text
    limits: tuple[Text, ...]
    state: Text
    in_force: bool
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """One user with all they hold."""

    user: User
    state: Text
    grants: tuple[Held, ...]
    units: tuple[tuple[str, str], ...]
    duties: tuple[Responsibility, ...]
    objectives: tuple[Objective, ...]
    tokens: tuple[tokens.Token, ...]
    known: Mapping[str, str] = field(default_factory=dict)


def people(visit: Visit, *, wrong: str = "", sent: Mapping[str, str] | None = None, status: int = 200) -> Response:
    """All users, with the roles they hold now, and the form to add one."""
    ended = visit.request.query_params.get("ended") == "1"
    with visit.site.database.reading() as connection:
        found = users.listed(connection, ended=ended)
        lines = [
            Line(
                user=each,
                state=words.state_of(each),
                roles=tuple(
                    words.name_of_role(name)
                    for name in dict.fromkeys(g.role for g in grants.in_force(connection, each.user_id, visit.now))
                ),
                address=linked(visit, "staff-user", user=each.user_id),
            )
            for each in found
        ]
    return shown(
        visit,
        "staff/people.html",
        status=status,
        lines=lines,
        ended=ended,
        wrong=wrong,
        sent=sent or {},
        languages=LANGUAGES,
        done=visit.param("done") or "",
    )


def add(visit: Visit) -> Response:
    """Add a user; then one grants them a role."""
    sent = {name: visit.param(name) or "" for name in ("name", "email", "language")}
    site = visit.site
    try:
        with site.database.change(by=visit.who.actor, now=visit.now) as change:
            made = users.add(
                change, sent["name"], chance=site.chance, email=sent["email"] or None, language=sent["language"] or "en"
            )
    except UsageError as error:
        return people(visit, wrong=worded(error, visit.lang), sent=sent, status=400)
    return to_user(visit, made.user_id, "added")


def person(visit: Visit, *, wrong: Mapping[str, str] | None = None, link: str = "", status: int = 200) -> Response:
    """One user.

    Parameters
    ----------
    wrong : why a form was refused, by the form
    link : an entry link that was made this moment; it is shown once
    """
    found = limits(visit.site.folder)
    who = _person(visit, visit.request.path_params["user"], found)
    policy = visit.workspace.policy()
    with visit.site.database.reading() as connection:
        units = organisation.units(connection)
        theirs = duties.objectives(connection, who.user.user_id, visit.now)
    sent: dict[str, list[str]] = {}
    for name, value in visit.form.multi_items():
        if isinstance(value, str):
            sent.setdefault(name, []).append(value)
    return shown(
        visit,
        "staff/person.html",
        status=status,
        person=who,
        roles=[
            (
                each.name,
                say(words.name_of_role(each.name), visit.lang),
                words.description_of(each, policy),
                each.everything,
            )
            for each in policy.roles.values()
        ],
        limits=found,
        units=units,
        objectives=theirs,
        wrong=wrong or {},
        sent=sent,
        link=link,
        lasting=int(links.LASTING.total_seconds() // 60),
        languages=LANGUAGES,
        done=visit.param("done") or "",
        is_me=who.user.user_id == visit.who.came.user_id,
        this_session=visit.who.token.token_id,
    )


def _person(visit: Visit, name: str, found: Limits) -> Person:
    policy = visit.workspace.policy()
    with visit.site.database.reading() as connection:
        user = users.named(connection, name)
        units = {each.unit_id: each.name for each in organisation.units(connection)}
        theirs = duties.objectives(connection, user.user_id, visit.now)
        known = words.names_in(found, units, {each.objective_id: each.name for each in theirs})
        every = sorted(grants.of_user(connection, user.user_id), key=lambda g: (not g.in_force(visit.now), g.made_at))
        return Person(
            user=user,
            state=words.state_of(user),
            grants=tuple(
                Held(
                    grant=each,
                    role=words.name_of_role(each.role),
                    shows=words.description_of(policy.roles[each.role], policy)
                    if each.role in policy.roles
                    else Text(""),
                    limits=tuple(words.limits_of(each, policy, known)),
                    state=words.state_of_grant(each, visit.now),
                    in_force=each.in_force(visit.now),
                    until=last_day(visit, each.valid_to),
                )
                for each in every
            ),
            units=tuple(
                (each.unit_id, units.get(each.unit_id, each.unit_id))
                for each in organisation.members(connection, visit.now, user_id=user.user_id)
            ),
            duties=duties.responsibilities(connection, user.user_id, visit.now),
            objectives=theirs,
            tokens=tuple(
                each
                for each in tokens.of_user(connection, user.user_id)
                if each.ended_at is None and each.expires_at > visit.now
            ),
            known=known,
        )


def last_day(visit: Visit, before: datetime | None) -> date | None:
    """The last day, in the company's zone, of what holds to before a moment."""
    if before is None:
        return None
    zone = ZoneInfo(config.load(visit.site.folder).company.timezone)
    return (before - timedelta(microseconds=1)).astimezone(zone).date()


def alter(visit: Visit) -> Response:
    """Change a user's name, address or language; keep them out, let them in; end sessions; make an entry link."""
    name, deed = visit.request.path_params["user"], visit.param("deed") or ""
    site, link = visit.site, ""
    try:
        with site.database.change(by=visit.who.actor, now=visit.now) as change:
            user = users.named(change.connection, name)
            if deed == "change":
                users.alter(
                    change,
                    name,
                    to=visit.param("name"),
                    email=str(visit.form.get("email") or ""),
                    language=visit.param("language"),
                )
            elif deed == "keep-out":
                refuse_last(change, visit.workspace.policy(), user.user_id)
                users.alter(change, name, active=False)
            elif deed == "let-in":
                users.alter(change, name, active=True)
            elif deed == "end-tokens":
                tokens.end_all(change, user_id=user.user_id, but=visit.who.token.token_id)
            elif deed == "end-token":
                _end_token(visit, change.connection, user)
                tokens.end(change, visit.param("token") or "")
            elif deed == "link":
                link = links.for_user(change, name, chance=site.chance)
            else:
                raise UsageError(text("'{deed}' is nothing that can be done with a user.", deed=deed[:40]))
    except UsageError as error:
        return person(visit, wrong={deed: worded(error, visit.lang)}, status=400)
    if link:
        address = (site.address or str(visit.request.base_url)).rstrip("/")
        path = str(visit.request.app.url_path_for("link", link=link))
        return person(visit, link=address + path)
    return to_user(visit, user.user_id, deed)


def _end_token(visit: Visit, connection: object, user: User) -> None:
    """Refuse a session or token that is not this user's."""
    with visit.site.database.reading() as reading:
        held = {each.token_id for each in tokens.of_user(reading, user.user_id)}
    if (visit.param("token") or "") not in held:
        raise UsageError(text("this user has no such session or token."))


def ending(visit: Visit) -> Response:
    """Whether a user is really to be ended, or forgotten: it cannot be undone."""
    with visit.site.database.reading() as connection:
        user = users.named(connection, visit.request.path_params["user"])
    return shown(visit, "staff/ending.html", user=user, forget=visit.param("forget") == "1", wrong="")


def end(visit: Visit) -> Response:
    """End a user, and forget them where that was asked."""
    name, forget = visit.request.path_params["user"], visit.param("forget") == "1"
    try:
        with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
            user = users.named(change.connection, name)
            if user.ended_at is None:
                refuse_last(change, visit.workspace.policy(), user.user_id)
            users.end(change, name, forget=forget)
    except UsageError as error:
        with visit.site.database.reading() as connection:
            user = users.named(connection, name)
        return shown(visit, "staff/ending.html", status=400, user=user, forget=forget, wrong=worded(error, visit.lang))
    return to_user(visit, user.user_id, "forgotten" if forget else "ended")


def to_user(visit: Visit, user_id: str, done: str) -> Response:
    """The page of a user, which says what was done."""
    place = visit.request.app.url_path_for("staff-user", user=user_id)
    return RedirectResponse(f"{place}?done={done}", status_code=303)
