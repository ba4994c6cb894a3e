"""What users may: roles granted within limits, what they answer for, what they are to reach; given and taken back."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from starlette.responses import Response

from clientela import config
from clientela.access.grants import checked
from clientela.appdb import duties, grants, users
from clientela.contracts.text import text
from clientela.errors import UnknownNameError, UsageError
from clientela.http.visit import Visit
from clientela.pipeline.staffing.limits import refuse_unknown
from clientela.pipeline.staffing.staying import refuse_last
from clientela.present.say import worded
from clientela.web.staff.people import person, to_user

KINDS = ("territories", "units", "accounts", "product_lines", "campaigns", "objectives")


def give(visit: Visit) -> Response:
    """Grant a role, within limits, for a time."""
    name, role, site = visit.request.path_params["user"], visit.param("role") or "", visit.site
    policy = visit.workspace.policy()
    try:
        scope = {kind: ids for kind in KINDS if (ids := named(visit, kind))}
        refuse_unknown(site.folder, scope)
        if "accounts" in scope:
            checked({"customer": tuple(scope["accounts"])})
        if role not in policy.roles:
            raise UnknownNameError("role", role, policy.roles)
        if scope and policy.roles[role].everything and visit.param("sure") != "1":
            raise UsageError(
                text(
                    "the role '{role}' shows the whole company by itself; confirm that this grant shall be "
                    "limited, or choose "
                    "a role that shows what a grant names.",
                    role=role,
                )
            )
        begins, ends = day(visit.param("from")), day(visit.param("until"))
        with site.database.change(by=visit.who.actor, now=visit.now) as change:
            user = users.named(change.connection, name)
            grants.give(
                change,
                name,
                role,
                roles=policy.roles,
                chance=site.chance,
                scope=scope,
                valid_from=None if begins is None else starts(visit, begins),
                valid_to=None if ends is None else starts(visit, ends + timedelta(days=1)),
            )
    except UsageError as error:
        return person(visit, wrong={"grant": worded(error, visit.lang)}, status=400)
    return to_user(visit, user.user_id, "granted")


def revoke(visit: Visit) -> Response:
    """Take a grant back."""
    name, grant_id = visit.request.path_params["user"], visit.param("grant") or ""
    try:
        with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
            user = users.named(change.connection, name)
            refuse_last(change, visit.workspace.policy(), user.user_id, without=[grant_id])
            grants.revoke(change, name, grant_id=grant_id)
    except UsageError as error:
        return person(visit, wrong={"revoke": worded(error, visit.lang)}, status=400)
    return to_user(visit, user.user_id, "revoked")


def answer_for(visit: Visit) -> Response:
    """Let a user answer for territories, customers or product lines, or no longer."""
    name, kind, deed = visit.request.path_params["user"], visit.param("kind") or "", visit.param("deed") or ""
    ids = named(visit, "ids")
    try:
        if not ids:
            raise UsageError(text("name at least one."))
        if deed == "give":
            kinds = {"territory": "territories", "product_line": "product_lines"}
            refuse_unknown(visit.site.folder, {kinds[kind]: ids} if kind in kinds else {})
            if kind == "account":
                checked({"customer": tuple(ids)})
        with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
            user = users.named(change.connection, name)
            if deed == "give":
                duties.answer_for(change, name, kind, ids)  # type: ignore[arg-type] # it refuses another kind
            else:
                duties.answer_no_longer(change, name, kind, ids)  # type: ignore[arg-type] # it refuses another kind
    except UsageError as error:
        return person(visit, wrong={"duty": worded(error, visit.lang)}, status=400)
    return to_user(visit, user.user_id, "duty")


def objective(visit: Visit) -> Response:
    """Give a user an objective, or end one."""
    name, deed, site = visit.request.path_params["user"], visit.param("deed") or "", visit.site
    try:
        with site.database.change(by=visit.who.actor, now=visit.now) as change:
            user = users.named(change.connection, name)
            if deed == "end":
                theirs = {each.objective_id for each in duties.objectives(change.connection, user.user_id, visit.now)}
                if (visit.param("objective") or "") not in theirs:
                    raise UsageError(text("this user has no such objective."))
                duties.end_objective(change, visit.param("objective") or "")
            else:
                duties.set_objective(
                    change,
                    visit.param("name") or "",
                    chance=site.chance,
                    user=name,
                    campaign_id=visit.param("campaign"),
                    measure=visit.param("measure"),
                    territory_id=visit.param("territory"),
                )
    except UsageError as error:
        return person(visit, wrong={"objective": worded(error, visit.lang)}, status=400)
    return to_user(visit, user.user_id, "objective")


def named(visit: Visit, field: str) -> list[str]:
    """The ids that a form names: chosen ones, and those typed with commas or in lines of their own."""
    said = [each for each in visit.form.getlist(field) if isinstance(each, str)]
    typed = visit.form.get(f"{field}-typed")
    if isinstance(typed, str):
        said += typed.replace("\n", ",").split(",")
    return list(dict.fromkeys(each.strip() for each in said if each.strip()))


def day(said: str | None) -> date | None:
    """The day of a form.

    Raises
    ------
    UsageError
        It is none.
    """
    try:
        return date.fromisoformat(said) if said else None
    except ValueError:
        raise UsageError(text("'{said}' is no date; write it as 2024-05-01.", said=(said or "")[:40])) from None


def starts(visit: Visit, begins: date) -> datetime:
    """When a day begins in the company's zone."""
    zone = ZoneInfo(config.load(visit.site.folder).company.timezone)
    return datetime.combine(begins, time(), zone).astimezone(UTC)
