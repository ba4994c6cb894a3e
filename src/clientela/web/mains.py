"""The part of a page that everybody of one scope sees alike: made once, kept until the figures may change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from markupsafe import Markup

from clientela.http.visit import Visit
from clientela.web.frame import marks, scope_key
from clientela.web.kept import Kept

MOST_CHARACTERS = 64_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Main:
    """The part of a page that all of one scope see alike. ``personal``: it shows personal data, so it is never kept."""

    title: str
    html: Markup
    personal: bool


MAINS: Kept[Main] = Kept(most=MOST_CHARACTERS, size=lambda main: len(main.html), fit=lambda main: not main.personal)


def kept_main(visit: Visit, what: tuple[object, ...], make: Callable[[], Main]) -> Main:
    """The main part of a page, kept for those of the visitor's scope until the figures may change.

    Parameters
    ----------
    what : the page and all that its address says
    """
    key = (what, marks(visit.site.folder), scope_key(visit), visit.now.date(), visit.lang)
    return MAINS.get(key, make)
