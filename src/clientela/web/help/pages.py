"""The pages of this part."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from clientela.contracts.text import Text, text
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.present.views import Show
from clientela.web.help.words import WORDS
from clientela.web.shown import shown

KEYS: tuple[tuple[str, Text], ...] = (
    ("g o", text("To the overview")),
    ("g i", text("To the insights")),
    ("g e", text("To explore")),
    ("g c", text("To the customers")),
    ("g d", text("To the data")),
    ("/", text("To the first field of a search or a filter")),
    ("?", text("This help")),
    ("Esc", text("Close what is open")),
)
LEVELS: tuple[tuple[str, Text, Text], ...] = (
    ("happened", text("What happened"), text("Counted from what your systems delivered.")),
    ("why", text("Why"), text("Effects that add up exactly, or that an experiment showed; else it says “went with”.")),
    ("forecast", text("What will happen"), text("Expected, with its range, tested on months the method had not seen.")),
    ("alert", text("To watch"), text("Something went another way than usual.")),
    ("alternatives", text("Alternatives"), text("What one could do, and what each would bring.")),
    ("unanswered", text("Not answered yet"), text("Too little is known for an answer; it says what is missing.")),
)
ROLES: Mapping[str, Text] = {  # the ready-made ones; a company's own are told in its own words
    "executive": text("Sees every figure of the whole company, and no personal data."),
    "manager": text("Sees every figure of their own territories, units or accounts, and the people in them."),
    "analyst": text("Sees every row of the whole company under a number, and no personal data."),
    "statistician": text("Sees figures of ten customers or more, of the whole company, and never a row."),
    "marketing": text("Sees who may be contacted, what they buy and what campaigns brought, and no cost of goods."),
    "sales": text("Sees the accounts and territories that are theirs, with names, addresses and telephone numbers."),
    "service": text(
        "Sees cases, contacts and answers of the customers that are theirs, with names and telephone numbers."
    ),
    "finance": text("Sees revenue, cost, invoices and their payment of the whole company, with names and tax numbers."),
    "data-protection-officer": text(
        "Sees what is kept of a person, to inform, correct and erase; no figures of sales."
    ),
    "administrator": text("Brings in data, gives rights and looks after the whole; sees everything."),
}


def _help(visit: Visit) -> Response:
    policy, show = visit.workspace.policy(), Show(visit.lang)
    roles = [
        (name, show.say(ROLES[name]) if name in ROLES and name not in policy.own else role.description)
        for name, role in sorted(policy.roles.items())
    ]
    return shown(visit, "help/help.html", keys=KEYS, levels=LEVELS, roles=roles)


def _glossary(visit: Visit) -> Response:
    return shown(visit, "help/glossary.html", words=WORDS)


PAGES: tuple[Page, ...] = (
    Page(path="/help", name="help", answer=_help),
    Page(path="/glossary", name="glossary", answer=_glossary),
)
