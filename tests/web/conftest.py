"""A company that is served, and visitors who have come in."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from secrets import token_bytes

import pytest
from starlette.testclient import TestClient

from clientela.appdb import grants, tokens, users
from clientela.pipeline.asking.scope import read_policy
from clientela.serve.application import application
from tests.alone import held_open, with_users_of_its_own
from tests.pipeline.company import NOW, buying, shop

Visitor = Callable[..., TestClient]
ADDRESS = "http://127.0.0.1:8000"


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small shop, published; nobody changes it, and each visitor's users are of their test alone."""
    made = shop(tmp_path_factory.mktemp("served") / "company")
    made.deliver("orders-1.csv", buying(120))
    made.workspace.run(now=NOW)
    return made.workspace.folder


def come_in(app: object, name: str, role: str | None, *, now: datetime = NOW, **scope: list[str]) -> TestClient:
    """A browser of a user who has come in; the user is made, with the role, when there is none of that name."""
    site = app.state.site  # type: ignore[attr-defined] # of Starlette
    with site.database.change(by="test:web", now=now) as change:
        if not users.is_known(change.connection, name):
            users.add(change, name, chance=token_bytes)
            if role is not None:
                roles = read_policy(site.folder).roles
                grants.give(change, name, role, roles=roles, chance=token_bytes, scope=scope)
        made = tokens.make(change, name, kind="session", chance=token_bytes, lasting=timedelta(hours=12))
    client = TestClient(app, base_url=ADDRESS, follow_redirects=False)  # type: ignore[arg-type] # an ASGI application
    client.cookies.set(site.session_cookie, made.text)
    return client


@contextmanager
def visitors(folder: Path) -> Iterator[Visitor]:
    """Browsers of people who come in to a company that tests share; with the block their accounts are gone."""
    with with_users_of_its_own(folder):
        app = application(folder, clock=lambda: NOW)

        def made(name: str, role: str | None = "administrator", **scope: list[str]) -> TestClient:
            return come_in(app, name, role, **scope)

        with held_open(folder, app.state.site.database):
            yield made
        app.state.site.database.close()


@pytest.fixture
def visitor(served: Path) -> Iterator[Visitor]:
    """``visitor("Ana", "executive")``: a browser with which Ana has come in to the small shop."""
    with visitors(served) as made:
        yield made
