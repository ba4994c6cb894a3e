"""Who may see a customer and why; and seeing as another user sees, to read only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import RedirectResponse, Response

from clientela.appdb import tokens, users
from clientela.contracts.text import Text, text
from clientela.errors import NotPermittedError, UsageError
from clientela.http.visit import Visit
from clientela.pipeline.staffing.limits import limits
from clientela.present.say import worded
from clientela.web.shown import linked, shown
from clientela.web.staff import words

if TYPE_CHECKING:
    from clientela.pipeline.asking.why_seen import Explained, Judged


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One grant: whether it shows the customer, and why, in words."""

    role: Text
    shows: bool
    because: Text
    personal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Seer:
    """One user: whether they see the customer, and by which grants."""

    name: str
    address: str
    shows: bool
    personal: bool
    reasons: tuple[Reason, ...]


def sight(visit: Visit) -> Response:
    """All users who may see a customer, or one user, each with why."""
    customer, user = (visit.param("customer") or "").strip(), visit.param("user") or ""
    with visit.site.database.reading() as connection:
        listed = [each for each in users.listed(connection) if each.active]
    wrong, seers, home, status = "", list[Seer](), list[str](), 200
    if customer:
        try:
            chosen = [each for each in listed if not user or user in (each.user_id, each.name)]
            if not chosen:
                raise UsageError(text("there is no user '{user}' who could come in.", user=user[:64]))
            told = visit.workspace.staffing.who_sees(customer, *(each.user_id for each in chosen), now=visit.now)
            names = words.names_in(limits(visit.site.folder), {}, {})
            seers = [
                _seer(visit, one, linked(visit, "staff-user", user=each.user_id), names)
                for one, each in zip(told, chosen, strict=True)
            ]
            home = [names.get(f"territories:{key}", key) for key in told[0].home]
        except UsageError as error:
            wrong, status = worded(error, visit.lang), 400
    seers.sort(key=lambda each: (not each.shows, each.name.casefold()))
    return shown(
        visit,
        "staff/sight.html",
        status=status,
        users=listed,
        customer=customer,
        user=user,
        seers=seers,
        home=home,
        wrong=wrong,
        page=linked(visit, "customer", customer=customer) if customer.isdigit() and len(customer) < 20 else "",
    )


def _seer(visit: Visit, told: Explained, address: str, names: Mapping[str, str]) -> Seer:
    reasons = tuple(_reason(each, told, names) for each in told.grants)
    return Seer(
        name=told.user,
        address=address,
        shows=told.shows,
        personal=any(each.shows and each.personal for each in reasons),
        reasons=reasons,
    )


def _reason(each: Judged, told: Explained, names: Mapping[str, str]) -> Reason:
    return Reason(
        role=words.name_of_role(each.role),
        shows=each.shows,
        because=_because(each, told, names),
        personal=each.personal,
    )


def _because(each: Judged, told: Explained, names: Mapping[str, str]) -> Text:
    """Why, in words that are translated; what is too involved for these is said as it is told."""

    def named(key: str) -> str:
        return names.get(f"territories:{key}", key)

    if each.because == "the role sees the whole company":
        return text("the role sees the whole company")
    granted = each.within.get("territory", ())
    if [*each.within] == ["territory"] and told.home:
        inside = next((key for key in told.home if key in granted), None)
        if inside is not None:
            return text("at home in {home}, which lies in {granted}", home=named(told.home[0]), granted=named(inside))
        return text(
            "at home in {home}, which does not lie in {granted}",
            home=named(told.home[0]),
            granted=", ".join(map(named, granted)),
        )
    known = {
        "one of the accounts that were granted": text("one of the accounts that were granted"),
        "none of the accounts that were granted": text("none of the accounts that were granted"),
        "contacted by a campaign that was granted": text("contacted by a campaign that was granted"),
        "contacted by no campaign granted": text("contacted by no campaign granted"),
        "the role shows what a grant names, and this one names nothing": text(
            "the role shows what a grant names, and this one names nothing"
        ),
    }
    return known.get(each.because, Text(each.because))


def see_as(visit: Visit) -> Response:
    """Begin to see as another user sees; nothing can be changed meanwhile."""
    if visit.who.seen_as is not None:
        raise NotPermittedError(text("you see as somebody else already; end that first."))
    with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
        tokens.view_as(change, visit.who.token.token_id, _named(visit))
    return RedirectResponse("/", status_code=303)


def _named(visit: Visit) -> str:
    said = visit.param("user")
    if said is None:
        raise UsageError(text("say as whom you want to see."))
    return said


def see_as_oneself(visit: Visit) -> Response:
    """End seeing as another."""
    shown_before = visit.who.seen_as
    with visit.site.database.change(by=visit.who.actor, now=visit.now) as change:
        tokens.view_as(change, visit.who.token.token_id, None)
    target = "/"
    if shown_before is not None:
        target = str(visit.request.app.url_path_for("staff-user", user=shown_before.user_id))
    return RedirectResponse(target, status_code=303)
