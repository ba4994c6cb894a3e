"""The page of one customer, and taking a record out of them."""

from __future__ import annotations

from typing import Any

from starlette.responses import RedirectResponse, Response

from clientela.contracts.text import Text, text
from clientela.errors import UsageError
from clientela.http.visit import Visit
from clientela.pipeline.customers.told import CustomerSeen, Moved
from clientela.web.customers.facts import ABOUT, PERSONAL, VALUE, facts
from clientela.web.customers.picture import picture
from clientela.web.customers.said import Said
from clientela.web.shown import shown

KINDS: tuple[tuple[str, Text], ...] = (
    ("", text("Everything")),
    ("orders", text("Only orders")),
    ("contacts", text("Only contacts")),
    ("cases", text("Only cases")),
    ("changes", text("Only changes")),
)
PURPOSES: tuple[tuple[str, Text], ...] = (
    ("call", text("to call or visit them")),
    ("delivery", text("to deliver or repair something")),
    ("complaint", text("to answer a complaint")),
    ("correct-data", text("to correct what is kept of them")),
    ("their-request", text("they asked what is kept of them")),
)


def customer(visit: Visit) -> Response:
    """One customer; an earlier number leads to the one they bear now."""
    number = str(visit.request.path_params["customer"])
    purpose = visit.param("purpose") or ""
    found = visit.workspace.customers.one(
        number,
        user=visit.user,
        purpose=purpose,
        reveal=bool(purpose),
        only=visit.param("only") or "",
        before=visit.param("before"),
        now=visit.now,
    )
    if isinstance(found, Moved):
        return RedirectResponse(_address(visit, str(found.number)), status_code=303)
    return shown(visit, "customers/one.html", **_context(visit, found, purpose))


def _context(visit: Visit, found: CustomerSeen, purpose: str) -> dict[str, Any]:
    may_decide = visit.who.may("decide-identity") and visit.who.seen_as is None
    return {
        "customer": found,
        "purpose": purpose,
        "purposes": PURPOSES,
        "kinds": KINDS,
        "picture": picture(found, visit.lang),
        "worth": facts(found, VALUE),
        "personal": facts(found, PERSONAL),
        "about": facts(found, ABOUT),
        "first_page": visit.param("before") is None,
        "may_decide": may_decide,
        "said_as": Said(visit.lang),
        "done": visit.param("done") or "",
    }


def split(visit: Visit) -> Response:
    """Take records out of a customer: from the next run on they are another."""
    number = str(visit.request.path_params["customer"])
    found = visit.workspace.customers.one(number, user=visit.user, now=visit.now)
    if isinstance(found, Moved):
        return RedirectResponse(_address(visit, str(found.number)), status_code=303)
    known = {f"{each.source}:{each.key}" for each in found.records or () if each.key is not None}
    chosen = [each for each in visit.form.getlist("record") if isinstance(each, str) and each in known]
    reason = visit.param("reason") or ""
    if not chosen or len(chosen) == len(found.records or ()):
        raise UsageError(text("choose the records that are another customer: at least one, and not all of them."))
    if not reason.strip():
        raise UsageError(text("say why these records are another customer; who looks at it later wants to know."))
    visit.workspace.identity.split(number, *chosen, reason=reason, by=visit.who.came.name, later=True, now=visit.now)
    return RedirectResponse(f"{_address(visit, number)}?done=split", status_code=303)


def _address(visit: Visit, number: str) -> str:
    return str(visit.request.app.url_path_for("customer", customer=number))
