"""Writes the pictures of the pages that the documentation shows, into docs/images/web.

Two workspaces that were run are served from copies: the demo grocer, and the synthetic company for the pages of
customers and data. The browser is the system's chromium, so letters are those of the machine it runs on.

    clientela demo -w grocer; clientela demo --data company -w company
    python docs/shoot.py grocer company
"""

from __future__ import annotations

import base64
import shutil
import socket
import struct
import sys
import tempfile
import threading
import time
import zlib
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING, Any

import numpy as np
import uvicorn
from playwright.sync_api import sync_playwright

import clientela
from clientela.appdb import grants, tokens, users
from clientela.appdb.database import open_database
from clientela.pipeline.asking.scope import read_policy
from clientela.serve.application import application

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET = Path(__file__).parent / "images" / "web"
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
MOST_BYTES = 150_000
PIXELS = """async shot => {
    const read = await createImageBitmap(new Blob([Uint8Array.from(atob(shot), each => each.charCodeAt(0))]));
    const drawn = new OffscreenCanvas(read.width, read.height).getContext("2d");
    drawn.drawImage(read, 0, 0);
    const bytes = new Uint8Array(drawn.getImageData(0, 0, read.width, read.height).data.buffer);
    let said = "";
    for (let at = 0; at < bytes.length; at += 32768) said += String.fromCharCode(...bytes.subarray(at, at + 32768));
    return [read.width, read.height, btoa(said)];
}"""
LEFT_BEHIND = ("report.html", "run.lock", "app.db*", "*.db-*")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture: its name, the address it shows, and how."""

    name: str
    address: str
    lang: str = "en"
    dark: bool = False
    phone: bool = False
    height: int = 0  # of the picture; 0 for that of the window


GROCER = (
    Picture("overview", "/"),
    Picture("insight", "/insights/churn-risk"),
    Picture("insight-dark", "/insights/churn-risk", dark=True),
    Picture("insight-phone", "/insights/churn-risk", phone=True, height=1020),
    Picture("insight-spanish", "/insights/churn-risk", lang="es"),
    Picture("investment-tier", "/insights/investment-tier"),
    Picture("share-of-wallet", "/insights/share-of-wallet"),
    Picture("overview-phone-spanish", "/", lang="es", dark=True, phone=True, height=1020),
    Picture("explore", "/explore?measures=revenue&by=month"),
)
COMPANY = (
    Picture("customer", "/customers/{customer}", height=1020),
    Picture("data", "/data/quality"),
    Picture("who-is-who", "/data/who-is-who", height=780),
    Picture("administration", "/administration"),
)
FRESH = (Picture("start", "/start", height=1130),)
STAFF = (
    ("Marta Ruiz", "administrator"),
    ("Jon Etxeberria", "executive"),
    ("Lucía Ferrer", "analyst"),
    ("Tom Becker", "marketing"),
)


def main(grocer: Path, company: Path) -> None:
    """All pictures, from copies of two workspaces and one new folder."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        driver = stack.enter_context(sync_playwright())
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--hide-scrollbars"])
        stack.callback(chromium.close)
        for number, (source, pictures) in enumerate(((grocer, GROCER), (company, COMPANY), (None, FRESH))):
            folder = Path(scratch) / str(number)
            if source is None:
                folder.mkdir()
            else:
                shutil.copytree(source, folder, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
            first = enrolled(folder)
            with served(folder) as address:
                for picture in pictures:
                    take(chromium, folder, address, first, picture)


def enrolled(folder: Path) -> str:
    """The name of the administrator, after the users of the picture were added."""
    now = datetime.now(UTC)
    with open_database(folder, now=now) as database, database.change(by="docs:pictures", now=now) as change:
        roles = read_policy(folder).roles
        for name, role in STAFF:
            if not users.is_known(change.connection, name):
                users.add(change, name, chance=token_bytes, language="en")
                if role in roles:
                    grants.give(change, name, role, roles=roles, chance=token_bytes, scope={})
    return STAFF[0][0]


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address at which a workspace is served until the block ends."""
    with closing(socket.socket()) as door:
        door.bind(("127.0.0.1", 0))
        port = int(door.getsockname()[1])
    server = uvicorn.Server(uvicorn.Config(application(folder), host="127.0.0.1", port=port, log_level="error"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{port}"
    server.should_exit = True
    thread.join()


def take(chromium: Any, folder: Path, address: str, who: str, picture: Picture) -> None:
    """One picture, written."""
    context = chromium.new_context(
        viewport=PHONE if picture.phone else WIDE,
        color_scheme="dark" if picture.dark else "light",
        reduced_motion="reduce",
        locale="es-ES" if picture.lang == "es" else "en-US",
    )
    context.add_cookies([{"name": "clientela", "value": session(folder, who, picture.lang), "url": address}])
    page = context.new_page()
    response = page.goto(address + picture.address.replace("{customer}", looked_at(folder, picture)))
    if response is None or response.status != 200:
        raise SystemExit(f"{picture.address} answers {response and response.status}.")
    page.evaluate("document.fonts.ready")
    size = page.viewport_size
    path = TARGET / f"{picture.name}.png"
    clip = {"x": 0, "y": 0, "width": size["width"], "height": picture.height or size["height"]}
    shot = page.screenshot(full_page=bool(picture.height), clip=clip)
    path.write_bytes(reduced(chromium.new_page(), shot))
    context.close()
    if path.stat().st_size > MOST_BYTES:
        raise SystemExit(f"{path.name} has {path.stat().st_size:,} bytes; {MOST_BYTES:,} at most.")


def session(folder: Path, who: str, lang: str) -> str:
    """The cookie of a new session, in which the user reads a language."""
    now = datetime.now(UTC)
    with open_database(folder, now=now) as database, database.change(by="docs:pictures", now=now) as change:
        users.alter(change, who, language=lang)
        return tokens.make(change, who, kind="session", chance=token_bytes, lasting=timedelta(hours=1)).text


def looked_at(folder: Path, picture: Picture) -> str:
    """The number of the customer of whom the page tells most, where one is shown."""
    if "{customer}" not in picture.address:
        return ""
    rows = clientela.open(folder).rows
    told = rows.page("customer_page", ["customer_id"], "records >= 2 and cases >= 1 and orders >= 5", limit=5).rows.rows
    return str(told[-1][0])


def reduced(page: Any, shot: bytes) -> bytes:
    """A picture with the 256 colours it uses most; each other pixel takes the nearest of them.

    The browser reads the pixels, so that nothing beside it needs to know PNG.
    """
    width, height, pixels = page.evaluate(PIXELS, base64.b64encode(shot).decode())
    rgb = np.frombuffer(base64.b64decode(pixels), np.uint8).reshape(-1, 4)[:, :3].astype(np.int32)
    codes, place, count = np.unique(rgb @ (65536, 256, 1), return_inverse=True, return_counts=True)
    colours = np.stack([codes >> 16, codes >> 8 & 255, codes & 255], axis=1)
    kept = colours[np.argsort(-count, kind="stable")[:256]]
    nearest = np.concatenate(
        [((part[:, None] - kept) ** 2).sum(2).argmin(1) for part in np.array_split(colours, len(colours) // 500 + 1)]
    )
    rows = np.zeros((height, width + 1), np.uint8)
    rows[:, 1:] = nearest[place].reshape(height, width)
    parts = (
        (b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
        (b"PLTE", kept.astype(np.uint8).tobytes()),
        (b"IDAT", zlib.compress(rows.tobytes(), 9)),
        (b"IEND", b""),
    )
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data)) for kind, data in parts
    )


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
