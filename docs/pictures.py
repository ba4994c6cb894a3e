"""Which pictures of the pages the documentation shows: of what address, to whom, how wide, light or dark.

`shoot.py` takes them. Every page that can be looked at has one, or a reason for which it has none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

MARTA, JON, LUCIA, TOM, NORA = "Marta Ruiz", "Jon Etxeberria", "Lucía Ferrer", "Tom Becker", "Nora Vidal"
STAFF: Mapping[str, str | None] = {
    MARTA: "administrator",
    JON: "executive",
    LUCIA: "analyst",
    TOM: "marketing",
    NORA: None,  # is known, and holds no role yet
}
BY_MONTH = "measures=revenue&by=month"


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its name, the address it shows, and how.

    Parameters
    ----------
    address : with the places of `shoot.Found` in braces
    height : in pixels, of the picture at most; 0 for that of the window. A shorter page has a shorter picture.
    who : looks; '' for somebody who has not come in
    seen_as : whose view is shown instead
    status : with which the page is answered
    """

    name: str
    address: str
    lang: str = "en"
    dark: bool = False
    phone: bool = False
    height: int = 0
    who: str = MARTA
    seen_as: str = ""
    status: int = 200


GROCER = (
    Picture("overview", "/"),
    Picture("insight", "/insights/churn-risk"),
    Picture("insight-dark", "/insights/churn-risk", dark=True),
    Picture("insight-phone", "/insights/churn-risk", phone=True, height=1020),
    Picture("insight-spanish", "/insights/churn-risk", lang="es"),
    Picture("investment-tier", "/insights/investment-tier"),
    Picture("share-of-wallet", "/insights/share-of-wallet"),
    Picture("overview-phone-spanish", "/", lang="es", dark=True, phone=True, height=1020),
    Picture("explore", f"/explore?{BY_MONTH}"),
)
COMPANY = (
    Picture("administration-audit", "/administration/audit"),  # first: later on the log is full of pictures taken
    Picture("customer", "/customers/{customer}", height=1020),
    Picture("data", "/data/quality"),
    Picture("who-is-who", "/data/who-is-who", height=780),
    Picture("administration", "/administration"),
    # what one asks
    Picture("insights", "/insights", height=1200),
    Picture("insights-phone-dark", "/insights", dark=True, phone=True, height=1020),
    Picture("insight-refused", "/insights/customer-profit", who=TOM, status=403),
    Picture("insight-wrong", "/insights/churn-risk?list=-5", status=400),
    Picture("explore-start", "/explore"),
    Picture("explore-sql", f"/explore/sql?{BY_MONTH}"),
    Picture("explore-rows", "/explore/rows?table=order_line&measures=revenue&by=month&of=revenue"),
    Picture("explore-phone-dark", f"/explore?{BY_MONTH}", dark=True, phone=True, height=1600),
    Picture("customers", "/customers?q=garc"),
    Picture("customers-none", "/customers?q=xqzwkv"),
    Picture("customer-phone-dark", "/customers/{customer}", dark=True, phone=True, height=1020),
    # the data
    Picture("data-overview", "/data", height=1020),
    Picture("data-overview-phone-dark", "/data", dark=True, phone=True, height=1020),
    Picture("data-sources", "/data/sources"),
    Picture("data-source", "/data/sources/shop/order_line", height=1020),
    Picture("data-deliveries", "/data/deliveries"),
    Picture("data-kept-out", "/data/kept-out"),
    Picture("data-kept-out-phone-dark", "/data/kept-out", dark=True, phone=True, height=1400),
    Picture("data-decisions", "/data/decisions"),
    Picture("data-tables", "/data/tables"),
    Picture("data-table", "/data/tables/customer"),
    Picture("data-snapshots", "/data/snapshots"),
    Picture("data-go-back", "/data/snapshots/{snapshot}"),
    Picture("data-runs", "/data/runs"),
    # the people
    Picture("administration-user", "/administration/users/{user}", height=1200),
    Picture("administration-user-phone-dark", "/administration/users/{user}", dark=True, phone=True, height=1020),
    Picture("administration-end", "/administration/users/{user}/end"),
    Picture("administration-roles", "/administration/roles"),
    Picture("administration-organisation", "/administration/organisation"),
    Picture("administration-sight", "/administration/sight?customer={customer}"),
    Picture("view-as", "/", seen_as=JON),
    # oneself
    Picture("enter", "/enter", who=""),
    Picture("enter-phone-dark", "/enter", who="", dark=True, phone=True),
    Picture("link", "/enter/link/{link}", who=""),
    Picture("leave", "/leave"),
    Picture("me", "/me", height=1200),
    Picture("me-phone-dark", "/me", dark=True, phone=True, height=1020),
    Picture("help", "/help", height=1200),
    Picture("help-phone-dark", "/help", dark=True, phone=True, height=1020),
    Picture("glossary", "/glossary", height=1100),
    # what cannot be shown
    Picture("no-role", "/", who=NORA),
    Picture("may-not", "/administration", who=LUCIA, status=403),
    Picture("not-found", "/nowhere", status=404),
    Picture("not-found-phone-dark", "/nowhere", dark=True, phone=True, status=404),
)
FRESH = (  # a folder in which nothing is yet
    Picture("start", "/start", height=1130),
    Picture("start-phone-dark", "/start", dark=True, phone=True, height=1020),
)
SENT = (Picture("start-proposal", "/start/{upload}", height=1200),)
CONFIRMED = (Picture("nothing-yet", "/"),)
AT_WORK = (Picture("run-at-work", "/data/work/{job}"),)
DONE = (Picture("first-answer", "/data/work/{job}"),)
PICTURES = (*GROCER, *COMPANY, *FRESH, *SENT, *CONFIRMED, *AT_WORK, *DONE)

WITHOUT: Mapping[str, str] = {  # the name of a page → why there is no picture of it
    "static": "a file that pages are made of",
    "insight-table": "a file that is downloaded",
    "insight-chart": "a file that is downloaded",
    "explore-file": "a file that is downloaded",
    "explore-rows-file": "a file that is downloaded",
    "data-quarantine-file": "a file that is downloaded",
    "staff-audit-file": "a file that is downloaded",
    "explore-view": "leads on to Explore, with the question that was saved",
    "elsewhere": "leads on to where the company keeps its accounts",
    "elsewhere-back": "leads on to the overview, or back to where one comes in",
}
