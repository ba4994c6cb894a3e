"""The trees: the organisation with who is in it, the territories with who answers for them; and the roles in words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from clientela.access.policy import Role
from clientela.appdb import duties, organisation, users
from clientela.contracts.text import Text, text
from clientela.errors import UsageError
from clientela.http.visit import Visit
from clientela.pipeline.staffing.limits import Territory, limits
from clientela.present.say import say, worded
from clientela.web.shown import shown
from clientela.web.staff import words


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A unit or a territory in its tree, with those in it, or who answer for it, and what lies below."""

    key: str
    name: str
    told: str
    people: tuple[tuple[str, str], ...]
    below: tuple[Node, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A role in words."""

    role: Role
    name: Text
    description: Text
    is_own: bool
    may: tuple[Text, ...]


def organisation_page(
    visit: Visit, *, wrong: str = "", sent: Mapping[str, str] | None = None, status: int = 200
) -> Response:
    """Both trees, and the forms to change the organisation."""
    found = limits(visit.site.folder)
    with visit.site.database.reading() as connection:
        units = organisation.units(connection)
        listed = users.listed(connection)
        names = {each.user_id: each.name for each in listed}
        inside: dict[str, list[tuple[str, str]]] = {}
        for each in organisation.members(connection, visit.now):
            inside.setdefault(each.unit_id, []).append((each.user_id, names.get(each.user_id, each.user_id)))
        answering: dict[str, list[tuple[str, str]]] = {}
        for user in listed:
            for duty in duties.responsibilities(connection, user.user_id, visit.now):
                if duty.kind == "territory":
                    answering.setdefault(duty.object_id, []).append((user.user_id, user.name))
    return shown(
        visit,
        "staff/organisation.html",
        status=status,
        tree_of=_units(units, inside, None),
        territories=_territories(found.territories, answering, None),
        units=units,
        users=listed,
        wrong=wrong,
        sent=sent or {},
        done=visit.param("done") or "",
    )


def _units(
    units: Sequence[organisation.Unit], inside: Mapping[str, Sequence[tuple[str, str]]], parent: str | None
) -> tuple[Node, ...]:
    return tuple(
        Node(
            key=each.unit_id,
            name=each.name,
            told="" if each.name == each.unit_id else each.unit_id,
            people=tuple(inside.get(each.unit_id, ())),
            below=_units(units, inside, each.unit_id),
        )
        for each in sorted(units, key=lambda unit: unit.name)
        if each.parent_id == parent
    )


def _territories(
    found: Sequence[Territory], answering: Mapping[str, Sequence[tuple[str, str]]], parent: str | None
) -> tuple[Node, ...]:
    return tuple(
        Node(
            key=each.key,
            name=each.name,
            told=each.key if each.key != each.name else "",
            people=tuple(answering.get(each.key, ())),
            below=_territories(found, answering, each.key),
        )
        for each in found
        if each.parent == parent
    )


def change_units(visit: Visit) -> Response:
    """Add, rename or move a unit; let a user be in one, or no longer."""
    deed = visit.param("deed") or ""
    sent = {name: visit.param(name) or "" for name in ("deed", "unit", "name", "parent", "user")}
    unit, parent = sent["unit"], sent["parent"] or None
    try:
        with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
            if deed == "add":
                organisation.add_unit(change, unit, name=sent["name"] or unit, parent_id=parent)
            elif deed == "rename":
                organisation.rename_unit(change, unit, name=sent["name"])
            elif deed == "move":
                organisation.move_unit(change, unit, parent_id=parent)
            elif deed == "join":
                organisation.join(change, sent["user"], unit)
            elif deed == "leave":
                organisation.leave(change, sent["user"], unit)
            else:
                raise UsageError(text("'{deed}' is nothing that can be done with a unit.", deed=deed[:40]))
    except UsageError as error:
        return organisation_page(visit, wrong=worded(error, visit.lang), sent=sent, status=400)
    place = visit.request.app.url_path_for("staff-organisation")
    return RedirectResponse(f"{place}?done={deed}", status_code=303)


def roles(visit: Visit) -> Response:
    """The roles there are, in words; they are changed in the file ``policy.toml``."""
    policy = visit.workspace.policy()
    told = [
        Told(
            role=each,
            name=words.name_of_role(each.name),
            description=words.description_of(each, policy),
            is_own=each.name in policy.own,
            may=tuple(words.DEEDS[deed] for deed in words.DEEDS if deed in each.may),
        )
        for each in policy.roles.values()
    ]
    told.sort(key=lambda each: (not each.is_own, say(each.name, visit.lang)))
    return shown(visit, "staff/roles.html", roles=told, mark=policy.mark)
