"""A company whose people one looks for, and browsers of those who may see different parts of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from clientela.serve.application import application
from tests.alone import held_open, with_users_of_its_own
from tests.web.conftest import come_in
from tests.web.customers.dealings import NOW, lived

Seer = Callable[..., TestClient]
LATER = NOW + timedelta(hours=1)


@pytest.fixture(scope="session")
def lived_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the company, published; nobody changes it but by decisions for the next run."""
    return lived(tmp_path_factory.mktemp("lived") / "company").folder


@pytest.fixture(scope="session")
def numbers(lived_folder: Path) -> dict[str, str]:
    """The customer's number by the shop's own key."""
    import clientela

    told = clientela.open(lived_folder).rows.page("identity", ["record_id", "customer_id"]).rows.rows
    return {str(key): str(number) for key, number in told}


@pytest.fixture
def seer(lived_folder: Path) -> Iterator[Seer]:
    """``seer("Nora", "manager", territories=["north"])``: a browser with which Nora has come in."""
    with with_users_of_its_own(lived_folder):
        app = application(lived_folder, clock=lambda: LATER)

        def made(name: str, role: str | None = "administrator", **scope: list[str]) -> TestClient:
            return come_in(app, name, role, now=LATER, **scope)

        with held_open(lived_folder, app.state.site.database):
            yield made
        app.state.site.database.close()
