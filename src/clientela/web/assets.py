"""The files that pages load: styles, scripts, letters; each under an address that names its content."""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from starlette.responses import Response

from clientela.errors import UnknownNameError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.present.chart.tokens import css
from clientela.present.views import stylesheet

STYLE, SCRIPT, HTMX, LETTERS, ICON = "style.css", "script.js", "htmx.js", "inter.woff2", "icon.svg"
FIRST = (
    "letters.css",
    "shell.css",
    "parts.css",
    "controls.css",
    "tables.css",
)  # those of the parts of the pages follow
FETCHED: Mapping[str, str] = {HTMX: "htmx.min.js", LETTERS: "inter-latin-wght-normal.woff2"}  # by the build, if at all
KINDS: Mapping[str, str] = {
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "svg": "image/svg+xml",
    "woff2": "font/woff2",
}
A_YEAR = "public, max-age=31536000, immutable"
ICON_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24"><rect width="24" height="24" rx="6" fill="#0b5a8a"/>'
    '<path d="M16.2 8.6a5.4 5.4 0 1 0 0 6.8" fill="none" stroke="#fff" stroke-width="2.6" stroke-linecap="round"/>'
    '<circle cx="12.4" cy="12" r="1.9" fill="#fff"/></svg>'
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asset:
    """One file. ``address``: where it is had; another content has another. ``packed``: with gzip, where that helps."""

    name: str
    address: str
    content: bytes
    packed: bytes | None
    kind: str


def address(name: str) -> str:
    """Where a file is had; '' where this installation does not have it."""
    asset = assets().get(name)
    return asset.address if asset is not None else ""


@cache
def assets() -> Mapping[str, Asset]:
    """All files by name, made once a process."""
    found = {ICON: _asset(ICON, ICON_SVG.encode())}
    for name, file in FETCHED.items():
        fetched = _static() / "fetched" / file
        if fetched.is_file():
            found[name] = _asset(name, fetched.read_bytes())
    letters = found[LETTERS].address if LETTERS in found else ""
    found[STYLE] = _asset(STYLE, "\n".join(_styles(letters)).encode())
    found[SCRIPT] = _asset(SCRIPT, "\n".join(_scripts()).encode())
    return found


def _asset(name: str, content: bytes) -> Asset:
    stem, _, ending = name.rpartition(".")
    mark = hashlib.sha256(content).hexdigest()[:12]
    packed = None if ending == "woff2" else gzip.compress(content, 9, mtime=0)
    return Asset(
        name=name, address=f"/static/{stem}.{mark}.{ending}", content=content, packed=packed, kind=KINDS[ending]
    )


def _styles(letters: str) -> Iterator[str]:
    """The tokens, what the report shows too, then the pages' own; without letters no mention of them."""
    yield css(switched=True)
    yield stylesheet()
    folder = _static() / "style"
    named = sorted(each.name for each in folder.iterdir() if each.name.endswith(".css"))
    for name in (*FIRST, *(each for each in named if each not in FIRST)):
        said = (folder / name).read_text("utf-8")
        if not letters:
            said = "\n".join(line for line in said.splitlines() if not line.startswith("@font-face"))
        yield said.replace("{{inter}}", letters)


def _scripts() -> Iterator[str]:
    folder = _static() / "script"
    for each in sorted(folder.iterdir(), key=lambda file: file.name):
        if each.name.endswith(".js"):
            yield each.read_text("utf-8")


def _static() -> Traversable:
    return files("clientela.web") / "static"


def _served(visit: Visit) -> Response:
    wanted = visit.request.url.path
    asset = next((each for each in assets().values() if each.address == wanted), None)
    if asset is None:
        raise UnknownNameError("file", visit.request.path_params["file"], ())
    headers = {"cache-control": A_YEAR, "vary": "accept-encoding"}
    if asset.packed is not None and "gzip" in visit.request.headers.get("accept-encoding", ""):
        return Response(asset.packed, media_type=asset.kind, headers={**headers, "content-encoding": "gzip"})
    return Response(asset.content, media_type=asset.kind, headers=headers)


PAGES: tuple[Page, ...] = (Page(path="/static/{file}", name="static", answer=_served, open=True),)
