"""Looking for a customer: a box to type in, what was found, and lists to begin with."""

from __future__ import annotations

from starlette.responses import RedirectResponse, Response

from clientela.contracts.text import Text, text
from clientela.http.visit import Visit
from clientela.pipeline.customers.told import Listing
from clientela.web.customers.said import Said
from clientela.web.shown import shown

LISTS: tuple[tuple[str, Text, Text], ...] = (
    ("risk", text("At risk"), text("With whom we would lose most")),
    ("valuable", text("Most valuable"), text("Who brought most in the last 12 months")),
    ("recent", text("Bought last"), text("Who bought last")),
)
LONGEST = 200


def customers(visit: Visit) -> Response:
    """Who fits what was typed; with nothing typed, a list to begin with."""
    said = (visit.param("q") or "").strip()[:LONGEST]
    asked = visit.param("list")
    which = next((name for name, _, _ in LISTS if name == asked), LISTS[0][0])
    door = visit.workspace.customers
    if said:
        found = door.find(said, user=visit.user, now=visit.now)
        if found.certain:
            return RedirectResponse(_address(visit, found), status_code=303)
    else:
        found = door.listed(which, most=20, user=visit.user, now=visit.now)
    return shown(
        visit, "customers/list.html", said=said, which=which, lists=LISTS, found=found, said_as=Said(visit.lang)
    )


def _address(visit: Visit, found: Listing) -> str:
    return str(visit.request.app.url_path_for("customer", customer=str(found.lines[0].number)))
