"""A company that programs ask, and their tokens."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from secrets import token_bytes

import pytest
from starlette.testclient import TestClient

from clientela.api.application import api
from clientela.appdb import grants, tokens, users
from clientela.appdb.database import open_database
from clientela.http.site import Site
from clientela.pipeline.asking.scope import read_policy
from tests.alone import held_open, with_users_of_its_own
from tests.pipeline.company import NOW, buying, shop

Program = Callable[..., TestClient]
ADDRESS = "http://127.0.0.1"


@pytest.fixture(scope="session")
def asked(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a small shop, published; nobody changes it."""
    made = shop(tmp_path_factory.mktemp("asked") / "company")
    made.deliver("orders-1.csv", buying(120))
    made.workspace.run(now=NOW)
    return made.workspace.folder


@pytest.fixture
def site(asked: Path) -> Iterator[Site]:
    """The small shop, served."""
    with with_users_of_its_own(asked), open_database(asked, now=NOW) as database, held_open(asked, database):
        yield Site(folder=asked, database=database, clock=lambda: NOW)


@pytest.fixture
def program(site: Site) -> Program:
    """``program("ana", "executive")``: what sends requests with a token of hers; "" sends none."""

    def made(
        name: str, role: str | None = None, permissions: Sequence[str] = ("read",), **scope: list[str]
    ) -> TestClient:
        headers = {"authorization": f"Bearer {token_of(site, name, role, permissions, **scope)}"} if name else {}
        return TestClient(api(site), base_url=ADDRESS, headers=headers, raise_server_exceptions=False)

    return made


def token_of(
    site: Site, name: str, role: str | None = None, permissions: Sequence[str] = ("read",), **scope: list[str]
) -> str:
    """The text of a new token of a user, who is made, with the role, when there is none of that name."""
    with site.database.change(by="test:api", now=NOW) as change:
        if not users.is_known(change.connection, name):
            users.add(change, name, chance=token_bytes)
            if role is not None:
                roles = read_policy(site.folder).roles
                grants.give(change, name, role, roles=roles, chance=token_bytes, scope=scope)
        lasting = timedelta(days=30)
        return tokens.make(change, name, kind="api", chance=token_bytes, lasting=lasting, permissions=permissions).text
