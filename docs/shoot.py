"""Writes the pictures of the pages that the documentation shows, into docs/images/web.

Two workspaces that were run are served from copies: the demo grocer, and the synthetic company for the pages of
customers and data; a third begins with nothing. The browser is the system's chromium, so letters are those of the
machine it runs on. Names of pictures (`pictures.py`) after the workspaces: only these are taken.

    clientela demo grocer; clientela demo company --data company
    python docs/shoot.py grocer company
"""

from __future__ import annotations

import base64
import csv
import shutil
import socket
import struct
import sys
import tempfile
import threading
import time
import zlib
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import TYPE_CHECKING, Any

import numpy as np
import uvicorn
from pictures import AT_WORK, COMPANY, CONFIRMED, DONE, FRESH, GROCER, LUCIA, MARTA, SENT, STAFF, TOM, Picture
from playwright.sync_api import sync_playwright

import clientela
from clientela.appdb import duties, grants, organisation, tokens, users
from clientela.appdb.database import Change, open_database
from clientela.appdb.entry import links
from clientela.pipeline.asking.scope import read_policy
from clientela.pipeline.working import asked, said
from clientela.pipeline.working.work import work_once
from clientela.serve.application import application

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
LEFT_BEHIND = ("report.html", "run.lock", "app*.sqlite*", "audit.anchor")
UNITS = (("company", "The company", None), ("sales", "Sales", "company"), ("centre", "Sales centre", "sales"))
WAITS_SECONDS = 120.0
WRITES = 2  # the stage of a run in which it writes tables


def main(grocer: Path, company: Path, *names: str) -> None:
    """All pictures, or those named, from copies of two workspaces and one new folder; what went wrong is said last."""
    TARGET.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as scratch, ExitStack() as stack:
        driver = stack.enter_context(sync_playwright())
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        chromium = driver.chromium.launch(executable_path=path, args=["--no-sandbox", "--hide-scrollbars"])
        stack.callback(chromium.close)
        begun = (*SENT, *CONFIRMED, *AT_WORK, *DONE)
        for number, (source, pictures) in enumerate(((grocer, GROCER), (company, COMPANY), (None, (*FRESH, *begun)))):
            if names and not {each.name for each in pictures} & {*names}:
                continue
            folder = Path(scratch) / str(number)
            if source is None:
                folder.mkdir()
            else:
                shutil.copytree(source, folder, symlinks=True, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
            enrolled(folder)
            with served(folder) as address:
                studio = Studio(chromium, folder, address, names)
                studio.take(*(each for each in pictures if each not in begun))
                if source is None:
                    begin(studio)
            wrong += studio.wrong
    if wrong:
        raise SystemExit("\n".join(wrong))


def enrolled(folder: Path) -> None:
    """Add the users of the pictures; where figures are published, also what one of them answers for."""
    roles, territories = read_policy(folder).roles, known_territories(folder)
    with changing(folder) as change:
        for name, role in STAFF.items():
            made = users.add(change, name, chance=token_bytes, language="en")
            change.by = made.actor if name == MARTA else change.by  # from here on she does it all
            if role in roles:
                scope = {"territories": territories[:1]} if name == TOM and territories else {}
                grants.give(change, name, role, roles=roles, chance=token_bytes, scope=scope)
        for unit, name, above in UNITS:
            organisation.add_unit(change, unit, name=name, parent_id=above)
        for name, unit in ((MARTA, "company"), (TOM, "sales"), (LUCIA, "centre")):
            organisation.join(change, name, unit)
        if territories:
            own = {"territories": territories[1:]}
            duties.answer_for(change, LUCIA, "territory", territories[1:])
            grants.give(change, LUCIA, "manager", roles=roles, chance=token_bytes, scope=own)
        duties.set_objective(change, "Revenue of the centre", chance=token_bytes, user=LUCIA, measure="revenue")
        for kind, name in (("session", "Firefox, Android"), ("api", "Sales dashboard")):
            tokens.make(
                change,
                MARTA,
                kind=kind,
                chance=token_bytes,
                lasting=timedelta(days=30),
                name=name,
                permissions=["read"],
            )


def known_territories(folder: Path) -> list[str]:
    """Three that the company has; none where nothing is published, or where it has none."""
    if not (folder / "snapshots" / "CURRENT").exists():
        return []
    return [str(each[0]) for each in clientela.open(folder).rows.page("territory", ["territory_id"]).rows.rows][:3]


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


@dataclass(slots=True)
class Found:
    """What places in an address stand for; each is looked up when the first address needs it."""

    folder: Path
    known: dict[str, str] = field(default_factory=dict)

    def put_into(self, address: str) -> str:
        """The address with its places filled."""
        for place in ("customer", "user", "snapshot", "link"):
            if f"{{{place}}}" in address and place not in self.known:
                self.known[place] = getattr(self, f"_{place}")()
        return address.format_map(self.known)

    def _customer(self) -> str:
        """The number of the customer of whom the page tells most."""
        rows, wanted = clientela.open(self.folder).rows, "records >= 2 and cases >= 1 and year_orders >= 5"
        return str(rows.page("customer_page", ["customer_id"], wanted, limit=5).rows.rows[-1][0])

    def _user(self) -> str:
        with open_database(self.folder, now=datetime.now(UTC)) as database, database.reading() as connection:
            return users.named(connection, LUCIA).user_id

    def _snapshot(self) -> str:
        """The newest that can be gone back to."""
        opened = clientela.open(self.folder)
        names = [each.name for each in opened.snapshots()]
        return next((each for each in names if each != opened.status().snapshot), names[0])

    def _link(self) -> str:
        with changing(self.folder) as change:
            return links.for_user(change, TOM, chance=token_bytes)


@contextmanager
def changing(folder: Path) -> Iterator[Change]:
    """A change of the app database of a workspace."""
    now = datetime.now(UTC)
    with open_database(folder, now=now) as database, database.change(by="docs:pictures", now=now) as change:
        yield change


class Studio:
    """Where the pictures of one workspace are taken. ``names``: only of these, where there are any."""

    def __init__(self, chromium: Any, folder: Path, address: str, names: Sequence[str]) -> None:
        self.chromium, self.folder, self.address, self.names = chromium, folder, address, names
        self.found = Found(folder)
        self.wrong: list[str] = []

    def wants(self, *pictures: Picture) -> bool:
        """Whether one of them is to be taken."""
        return not self.names or any(each.name in self.names for each in pictures)

    def take(self, *pictures: Picture) -> None:
        """Take those that are wanted."""
        for picture in pictures:
            if self.wants(picture):
                self._take(picture)

    def window(self, picture: Picture) -> Any:
        """A page of a new browser window, in which whoever looks has come in."""
        context = self.chromium.new_context(
            base_url=self.address,
            viewport=PHONE if picture.phone else WIDE,
            color_scheme="dark" if picture.dark else "light",
            reduced_motion="reduce",
            locale="es-ES" if picture.lang == "es" else "en-US",
        )
        context.set_default_timeout(WAITS_SECONDS * 1_000)
        if picture.who:
            made = session(self.folder, picture)
            context.add_cookies([{"name": "clientela", "value": made.text, "url": self.address}])
            context.on("close", lambda _: ended(self.folder, made))
        return context.new_page()

    def _take(self, picture: Picture) -> None:
        page = self.window(picture)
        response = page.goto(self.found.put_into(picture.address))
        if response is None or response.status != picture.status:
            self.wrong.append(f"{picture.name}: {picture.address} answers {response and response.status}.")
        page.evaluate("document.fonts.ready")
        size = page.viewport_size
        long = page.evaluate("Math.ceil(document.body.getBoundingClientRect().bottom)")
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(picture.height or size["height"], long)}
        shot = page.screenshot(full_page=True, clip=clip)
        path = TARGET / f"{picture.name}.png"
        drawing = self.chromium.new_page()
        path.write_bytes(reduced(drawing, shot))
        drawing.close()
        page.context.close()
        if path.stat().st_size > MOST_BYTES:
            self.wrong.append(f"{path.name} has {path.stat().st_size:,} bytes; {MOST_BYTES:,} at most.")


def session(folder: Path, picture: Picture) -> tokens.Made:
    """A new session, in which whoever looks reads the language, and sees as somebody else where asked."""
    with changing(folder) as change:
        user = users.named(change.connection, picture.who)
        change.by = user.actor
        if user.language != picture.lang:
            users.alter(change, picture.who, language=picture.lang)
        lasting = timedelta(hours=1)
        made = tokens.make(
            change, picture.who, kind="session", chance=token_bytes, lasting=lasting, name="Chrome, Linux"
        )
        if picture.seen_as:
            tokens.view_as(change, made.token.token_id, picture.seen_as)
        return made


def ended(folder: Path, made: tokens.Made) -> None:
    """End a session, so that a page of sessions does not show those of all pictures."""
    with changing(folder) as change:
        change.by = users.named(change.connection, made.token.user_id).actor
        tokens.end(change, made.token.token_id)


def begin(studio: Studio) -> None:
    """From a file of orders to the first answer, with a picture of each step."""
    if not studio.wants(*SENT, *CONFIRMED, *AT_WORK, *DONE):
        return
    orders = studio.folder.with_name("orders-2024.csv")
    write_orders(orders)
    page = studio.window(FRESH[0])
    page.goto("/start")
    for name, typed in (("name", "Nora's tea shop"), ("currency", "EUR"), ("zone", "Europe/Madrid")):
        page.locator(f"#company-{name}").fill(typed)
    page.locator("input[type=file]").set_input_files(orders)
    page.locator("form[enctype] button.primary").click()
    page.wait_for_url("**/data/work/*")
    with open_database(studio.folder, now=datetime.now(UTC)) as database:

        def work() -> None:
            work_once(studio.folder, database, lambda: datetime.now(UTC), "docs:pictures")

        work()
        page.wait_for_url("**/start/*")
        studio.found.known["upload"] = page.url.rsplit("/", 1)[-1]
        studio.take(*SENT)
        page.locator("section.next button.primary").click()
        page.wait_for_url("**/data/work/*")
        job = page.url.rsplit("/", 1)[-1]
        studio.found.known["job"] = job
        studio.take(*CONFIRMED)
        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        until = time.monotonic() + WAITS_SECONDS
        while (
            said.stage(asked.one(database, int(job)).progress) < WRITES
            and worker.is_alive()
            and time.monotonic() < until
        ):
            time.sleep(0.2)
        studio.take(*AT_WORK)
        worker.join()
        studio.take(*DONE)
    page.context.close()


def write_orders(path: Path) -> None:
    """Two years of orders of 120 customers who come at their own pace, and now and then for good no more."""
    rng = np.random.default_rng(7)
    begins, number = date(2023, 1, 2), 0
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(("Order no", "Date", "Customer", "Article", "Pieces", "Amount"))
        for customer in range(120):
            pace, day = float(rng.gamma(3.0, 14.0)) + 4.0, float(rng.integers(0, 330))
            while day < 728 and rng.random() > 0.03:
                number += 1
                pieces = int(rng.integers(1, 5))
                article = f"T{int(rng.integers(1, 25)):03d}"
                bought = (begins + timedelta(days=int(day))).isoformat()
                amount = f"{pieces * float(rng.uniform(4, 18)):.2f}"
                writer.writerow((f"A{number:05d}", bought, f"C{customer:04d}", article, pieces, amount))
                day += float(rng.exponential(pace)) + 1.0


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
    main(Path(sys.argv[1]), Path(sys.argv[2]), *sys.argv[3:])
