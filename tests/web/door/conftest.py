"""An empty company that is served, a clock that moves, and browsers that read forms."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from secrets import token_bytes
from typing import Any

import pytest
from argon2 import PasswordHasher
from starlette.testclient import TestClient

from clientela.appdb import grants, users
from clientela.appdb.database import open_database
from clientela.appdb.entry import passwords
from clientela.config import Serve
from clientela.http.site import Site
from clientela.pipeline.asking.scope import read_policy
from clientela.serve.application import application
from clientela.workspace import create

PASSWORD = "four small words here"  # noqa: S105 - of a test
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
ADDRESS = "http://127.0.0.1:8000"


@dataclass(slots=True)
class House:
    """A served workspace, with a clock of its own."""

    folder: Path
    settings: Serve
    now: datetime = NOON
    app: Any = None
    address: str = ADDRESS
    chance: Callable[[int], bytes] = field(default=token_bytes)

    def open(self) -> House:
        self.app = application(self.folder, settings=self.settings, clock=lambda: self.now)
        return self

    @property
    def site(self) -> Site:
        site: Site = self.app.state.site
        return site

    def add(self, name: str, role: str | None = "executive", password: str | None = PASSWORD) -> users.User:
        with self.site.database.change(by="test:door", now=self.now) as change:
            user = users.add(change, name, chance=token_bytes)
            if role is not None:
                roles = read_policy(self.folder).roles
                grants.give(change, name, role, roles=roles, chance=token_bytes, scope={})
            if password is not None:
                passwords.set_password(change, name, password)
        return user

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)

    def browser(self, **headers: str) -> Browser:
        return Browser(TestClient(self.app, base_url=self.address, follow_redirects=False, headers=headers))

    def inside(self, name: str = "Ana") -> Browser:
        browser = self.browser()
        assert browser.enter(name).status_code == 303
        return browser


@dataclass(slots=True)
class Browser:
    """A browser: it sends the forms of the pages it has loaded."""

    client: TestClient

    def get(self, place: str, **more: Any) -> Any:
        return self.client.get(place, **more)

    def send(self, place: str, page: str | None = None, /, headers: dict[str, str] | None = None, **fields: Any) -> Any:
        """Load a page, then send its form to a place."""
        token = form_token(self.client.get(page or place).text)
        return self.client.post(place, data={"form_token": token, **fields}, headers=headers)

    def enter(self, name: str, password: str = PASSWORD, **fields: str) -> Any:
        return self.send("/enter", name=name, password=password, **fields)

    @property
    def secret(self) -> str | None:
        return self.client.cookies.get("clientela")


def form_token(page: str) -> str:
    found = re.search(r'name="form_token" value="([^"]*)"', page)
    assert found is not None, page[:2000]
    return found[1]


@pytest.fixture(autouse=True)
def _quick_passwords(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Iterator[None]:
    """Passwords that cost next to nothing; what they cost is tested by itself."""
    if "real_cost" in request.keywords:
        yield
        return
    passwords._nobodys.cache_clear()
    monkeypatch.setattr(passwords, "_hasher", lambda: PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
    yield
    passwords._nobodys.cache_clear()


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A company in which nothing happened yet, with its app database."""
    folder = tmp_path_factory.mktemp("empty") / "company"
    create(folder, name="Corner Shop", currency="EUR", timezone="UTC")
    open_database(folder, now=NOON).close()
    return folder


@pytest.fixture
def house(empty: Path, tmp_path: Path) -> Iterator[House]:
    yield from _opened(empty, tmp_path / "company", Serve(), ADDRESS)


@pytest.fixture
def guarded(empty: Path, tmp_path: Path) -> Iterator[House]:
    """The same behind TLS."""
    secure = "https://crm.example.com"
    yield from _opened(empty, tmp_path / "guarded", Serve(address=secure), secure)


def _opened(empty: Path, folder: Path, settings: Serve, address: str) -> Iterator[House]:
    shutil.copytree(empty, folder)
    made = House(folder, settings, address=address).open()
    yield made
    made.site.database.close()
