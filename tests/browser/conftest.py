"""A company that is served on this machine, and browsers in which somebody has come in.

They drive the system's chromium; where there is none, these tests skip and say so. CI installs it.
"""

from __future__ import annotations

import csv
import shutil
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
import uvicorn

from clientela.appdb import grants, tokens, users
from clientela.appdb.database import Database, open_database
from clientela.pipeline.asking.scope import read_policy
from clientela.pipeline.working.work import work_once
from clientela.serve.application import application
from tests.pipeline.company import HEADER, buying
from tests.web.customers.dealings import NOW, lived

WAIT_SECONDS = 90.0
PATIENCE_MS = 90_000  # for whatever a page waits for: a machine with other work takes long, and no test is about that
DARK = "rgb(19, 22, 25)"  # what lies behind a page that is shown dark
PASSWORD = "a long-enough pass phrase 7"  # noqa: S105 - of a test
LOCALES = {"en": "en-US", "es": "es-ES"}
WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}


@dataclass(frozen=True, slots=True)
class Served:
    """A workspace that is served at an address."""

    folder: Path
    address: str

    def cookie(self, name: str, role: str | None = None, language: str = "en", **scope: list[str]) -> dict[str, Any]:
        """The cookie of a new session of a user, who now reads that language.

        The user is made, with the role, when there is none of that name.
        """
        now = datetime.now(UTC)
        with open_database(self.folder, now=now) as database, database.change(by="test:browser", now=now) as change:
            if not users.is_known(change.connection, name):
                users.add(change, name, chance=token_bytes, language=language)
                if role is not None:
                    roles = read_policy(self.folder).roles
                    grants.give(change, name, role, roles=roles, chance=token_bytes, scope=scope)
            users.alter(change, name, language=language)
            made = tokens.make(change, name, kind="session", chance=token_bytes, lasting=timedelta(hours=1))
        return {"name": "clientela", "value": made.text, "url": self.address, "httpOnly": True, "sameSite": "Lax"}


class Running:
    """The application, served in a thread until the block ends, at a port that is its own from the first moment."""

    def __init__(self, folder: Path) -> None:
        self._door = socket.create_server(("127.0.0.1", 0))
        self._server = uvicorn.Server(uvicorn.Config(application(folder), log_level="error", access_log=False))
        self._thread = threading.Thread(target=lambda: self._server.run(sockets=[self._door]), daemon=True)

    def __enter__(self) -> str:
        self._thread.start()
        until = time.monotonic() + WAIT_SECONDS
        while not self._server.started:
            if time.monotonic() > until or not self._thread.is_alive():
                raise RuntimeError("the server did not start")
            time.sleep(0.02)
        return f"http://127.0.0.1:{self._door.getsockname()[1]}"

    def __exit__(self, *_: object) -> None:
        self._server.should_exit = True
        self._thread.join(WAIT_SECONDS)
        self._door.close()


@contextmanager
def working(folder: Path, database: Database) -> Iterator[None]:
    """A worker that takes up what is asked for, until the block ends."""
    ended = threading.Event()

    def work() -> None:
        while not ended.wait(0.05):
            work_once(folder, database, lambda: datetime.now(UTC), "test")

    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


CROWD = """
[[source]]
name = "crowd"
table = "order_line"
path = "crowd.csv"
delivery = "full"
"""


@pytest.fixture(scope="session")
def company(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A few people of whom much is known, and a crowd that makes forecasts possible; published."""
    workspace = lived(tmp_path_factory.mktemp("browser") / "company")
    toml = workspace.folder / "clientela.toml"
    toml.write_text(toml.read_text("utf-8") + CROWD, "utf-8")
    with (workspace.folder / "crowd.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([HEADER, *buying(150)])
    workspace.run(now=NOW)
    return workspace.folder


@pytest.fixture(scope="module")
def served(company: Path) -> Iterator[Served]:
    """The company, served on this machine."""
    with Running(company) as address:
        yield Served(company, address)


@pytest.fixture(scope="session")
def chromium(must: Callable[[str, bool, str], None]) -> str:
    """The path of the system's chromium."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    must("chromium", found is not None, "needs chromium: on Debian, apt install chromium")
    assert found is not None
    return found


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Any]:
    """One browser; each test opens windows of its own in it."""
    sync = pytest.importorskip("playwright.sync_api", reason="needs playwright, of the extra dev")
    with sync.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        yield opened
        opened.close()


@pytest.fixture
def window(browser: Any, served: Served) -> Iterator[Callable[..., Any]]:
    """``window("Ana", "executive", lang="es", scheme="dark", script=False, phone=True)``: a page where Ana is in.

    Nothing may be asked of another machine, no script may fail, and nothing that the page itself breaks may be refused.
    """
    contexts: list[Any] = []
    wrong: list[str] = []

    def opened(
        name: str = "",
        role: str | None = None,
        *,
        lang: str = "en",
        scheme: str = "light",
        script: bool = True,
        phone: bool = False,
        **scope: list[str],
    ) -> Any:
        context = browser.new_context(
            base_url=served.address,
            locale=LOCALES[lang],
            color_scheme=scheme,
            java_script_enabled=script,
            viewport=PHONE if phone else WIDE,
            reduced_motion="reduce",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        if name:
            context.add_cookies([served.cookie(name, role, lang, **scope)])
        page = context.new_page()
        page.on(
            "request",
            lambda sent: None if sent.url.startswith((served.address, "data:", "blob:")) else wrong.append(sent.url),
        )
        page.on("pageerror", lambda error: wrong.append(f"script: {error}"))
        page.on("console", lambda said: wrong.append(said.text) if "Content Security Policy" in said.text else None)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []
