"""What stands around every page: who looks, the places they may go, the scope, the path, the notices."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from clientela.contracts.text import Text, text
from clientela.errors import ClientelaError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.pipeline import serving
from clientela.pipeline.telling.bar import FILES, Bar
from clientela.web.kept import Kept

THEMES = ("light", "dark")
THEME_COOKIE = "theme"
PLACES: Mapping[str, Text] = {
    "overview": text("Overview"),
    "insights": text("Insights"),
    "explore": text("Explore"),
    "customers": text("Customers"),
    "data": text("Data"),
    "staff": text("Administration"),
}
_INSTEAD: Mapping[str, tuple[str, Text]] = {"staff": ("staff-audit", text("Audit log"))}  # for who may not do the rest
_OFFERED: dict[str, Page] = {}  # filled once all pages are known
BARS: Kept[Bar] = Kept(most=512, lasting=30.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One of the places of the top bar. ``here``: the page is in it."""

    name: str
    label: Text
    address: str
    here: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """What stands around one page.

    Parameters
    ----------
    company : its name; '' for who has not come in
    bar : the scope; None where nobody has come in, or it cannot be told
    places : those the visitor may use
    name, initials : of who came in
    seen_as : whose view is shown instead; '' for their own
    theme : ``light`` or ``dark`` where the visitor chose one, else ''
    here : the address of this page, to come back to
    """

    company: str = ""
    bar: Bar | None = None
    places: tuple[Place, ...] = ()
    name: str = ""
    initials: str = ""
    seen_as: str = ""
    theme: str = ""
    here: str = "/"


def frame_of(visit: Visit) -> Frame:
    """What stands around the page of this visit."""
    request = visit.request
    here = request.url.path + (f"?{request.url.query}" if request.url.query else "")
    if request.method != "GET":
        here = "/"
    said = request.cookies.get(THEME_COOKIE, "")
    theme = said if said in THEMES else ""
    if visit.visitor is None:
        return Frame(theme=theme, here=here)
    bar = bar_of(visit)
    came, seen_as = visit.visitor.came, visit.visitor.seen_as
    return Frame(
        company=bar.company if bar is not None else "",
        bar=bar,
        places=_places(visit),
        name=came.name,
        initials=initials(came.name),
        seen_as=seen_as.name if seen_as is not None else "",
        theme=theme,
        here=here,
    )


def bar_of(visit: Visit) -> Bar | None:
    """What stands above the pages of the visitor; None where it cannot be told."""
    key = (marks(visit.site.folder), scope_key(visit), visit.now.date())
    try:
        return BARS.get(key, lambda: visit.workspace.telling.bar(user=visit.user, now=visit.now))
    except ClientelaError:
        return None  # the page itself says what is wrong


def scope_key(visit: Visit) -> tuple[object, ...]:
    """What tells one scope from another: two visitors of one scope see the same."""
    return visit.workspace.telling.scope(user=visit.user, now=visit.now)


def marks(folder: Path) -> tuple[object, ...]:
    """What changes when the figures may: the published snapshot, the runs, the settings, the policy."""
    return (str(folder), *serving.marks(folder, FILES))


def initials(name: str) -> str:
    """At most two letters that stand for a name.

    Examples
    --------
    >>> initials("Marta Kowalska-Ruiz"), initials("ana")
    ('MK', 'A')
    """
    words = [word for word in name.replace(".", " ").replace("_", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def offer(pages: Sequence[Page]) -> None:
    """Let pages link to these, where their visitor may open them."""
    _OFFERED.update({each.name: each for each in pages})


def may_open(visit: Visit, name: str) -> bool:
    """Whether a page of that name is served, and the visitor's roles let them open it."""
    page = _OFFERED.get(name)
    if page is None:
        return False
    return page.may is None or (visit.visitor is not None and visit.visitor.may(page.may))


def _places(visit: Visit) -> tuple[Place, ...]:
    path = visit.request.url.path
    found = []
    for name, label in PLACES.items():
        page, said = (name, label) if may_open(visit, name) else _INSTEAD.get(name, (name, label))
        if may_open(visit, page):
            address = str(visit.request.app.url_path_for(page))
            here = path == address if address == "/" else path == address or path.startswith(address + "/")
            found.append(Place(name=name, label=said, address=address, here=here))
    return tuple(found)
