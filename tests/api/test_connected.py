"""Asked from afar, a workspace answers as it does at home."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

import clientela
from clientela.api.application import api
from clientela.cube.explore import Wanted
from clientela.errors import NotPermittedError, TokenError, UsageError
from clientela.http.site import Site
from clientela.present.arrow import arrow_table
from clientela.workspace.connected import Connected
from tests.api.conftest import token_of
from tests.pipeline.company import NOW


def connected(site: Site, token: str) -> Connected:
    there = TestClient(Starlette(routes=[Mount("/api/v1", app=api(site))]))
    return Connected("http://127.0.0.1", token, client=there)


@pytest.fixture
def there(site: Site) -> Iterator[Connected]:
    with connected(site, token_of(site, "celia", "executive")) as found:
        yield found


def test_figures_from_afar_are_those_at_home(there: Connected, asked: Path) -> None:
    at_home = clientela.open(asked)
    told = there.query("revenue", "orders", "customers", by=["quarter"], compare="last-year")
    own = at_home.query("revenue", "orders", "customers", by=["quarter"], wanted=Wanted(compare="last-year"))
    assert told.table.equals(arrow_table(own.table), check_metadata=True)
    assert told.total == own.table.total
    assert (told.snapshot, told.as_of) == (own.snapshot, own.as_of)


def test_an_answer_from_afar_is_the_one_at_home(there: Connected, asked: Path) -> None:
    own = clientela.open(asked).ask("customer-value", user="celia", now=NOW, lang="es", parameters={"days": 180})
    told = there.ask("customer-value", lang="es", parameters={"days": 180})
    assert told.headline == own.headline
    assert told.table.equals(own.table, check_metadata=True)
    assert told.to_dict() == json.loads(json.dumps(own.to_dict()))


def test_all_rows_come_page_by_page(there: Connected, asked: Path) -> None:
    pages = list(there.pages("order_line", ["order_id", "net_revenue"], order=["order_id"], limit=300))
    assert len(pages) > 1
    assert sum(page.table.num_rows for page in pages) == clientela.open(asked).status().sources[0].rows
    home = clientela.open(asked).rows.page("order_line", ["order_id"], order=["order_id"], limit=300)
    assert pages[0].table["order_id"].to_pylist() == [row[0] for row in home.rows.rows]


def test_what_may_not_be_seen_is_the_same_error(there: Connected, site: Site) -> None:
    with pytest.raises(UsageError, match="unknown measure 'revenu'"):
        there.query("revenu")
    with connected(site, "cla_wrong") as wrong, pytest.raises(TokenError, match="not known"):
        wrong.status()
    with connected(site, token_of(site, "stan", "statistician")) as stan, pytest.raises(NotPermittedError):
        stan.rows("order_line")
    assert "cla_" not in repr(there)


@pytest.mark.parametrize(
    "url", ["http://crm.example.com", "http://localhost.example.com", "ftp://127.0.0.1", "crm.example.com"]
)
def test_a_token_is_not_sent_in_the_clear(url: str) -> None:
    with pytest.raises(UsageError, match="not safe to send a token to"):
        clientela.connect(url, "cla_x")


def test_measures_members_analyses_and_status(there: Connected) -> None:
    assert "revenue" in {each["name"] for each in there.measures()["measures"]}
    assert there.members("year") == ("2023-01-01", "2024-01-01")
    assert "churn-risk" in {each["name"] for each in there.analyses()}
    assert there.status()["company"] == "Corner Shop"
