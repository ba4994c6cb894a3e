"""All pages there are."""

from __future__ import annotations

from clientela.http.guard import Page
from clientela.web.assets import PAGES as ASSETS
from clientela.web.customers.pages import PAGES as CUSTOMERS
from clientela.web.data.pages import PAGES as DATA
from clientela.web.entry.pages import PAGES as ENTRY
from clientela.web.explore.pages import PAGES as EXPLORE
from clientela.web.frame import offer
from clientela.web.help.pages import PAGES as HELP
from clientela.web.insights.pages import PAGES as INSIGHTS
from clientela.web.look import PAGES as LOOK
from clientela.web.overview.pages import PAGES as OVERVIEW
from clientela.web.staff.pages import PAGES as STAFF
from clientela.web.start.pages import PAGES as START

PAGES: tuple[Page, ...] = (
    *CUSTOMERS,  # they are looked through in this order: those asked most often first
    *OVERVIEW,
    *INSIGHTS,
    *EXPLORE,
    *ASSETS,
    *LOOK,
    *HELP,
    *ENTRY,
    *START,
    *DATA,
    *STAFF,
)
offer(PAGES)
