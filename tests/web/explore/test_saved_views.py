"""Views under a name: saved, shared, renamed, deleted; who opens another's sees what they may see themselves."""

from __future__ import annotations

import re
from collections.abc import Callable

from starlette.testclient import TestClient

from tests.web.explore.test_cube_page import cells

Visitor = Callable[..., TestClient]
QUESTION = "measures=revenue&by=category"


def sent(client: TestClient, path: str, **fields: str) -> str:
    """Where one is led after a form of ours was sent."""
    token = re.search(r'name="form_token" value="([^"]+)"', client.get(f"/explore?{QUESTION}").text)
    assert token is not None
    answer = client.post(path, data={"form_token": token[1], **fields})
    assert answer.status_code == 303, answer.text
    return str(answer.headers["location"])


def number(address: str) -> str:
    found = re.search(r"view=([0-9a-f]+)", address)
    assert found is not None
    return found[1]


def test_a_shared_view_shows_to_others_what_they_may_see(exploring: Visitor) -> None:
    eva, nora = exploring("Eva 2", "executive"), exploring("Nora 2", "manager", territories=["S"])
    view = number(sent(eva, "/explore/views", name="By category", question=QUESTION, shared="1"))
    assert "By category" in nora.get("/explore").text
    page = nora.get(f"/explore/views/{view}", follow_redirects=True)
    assert cells(page.text)[-1] == ["Total", "€78.00"]
    mine = eva.get(f"/explore/views/{view}", follow_redirects=True)
    assert cells(mine.text)[-1] == ["Total", "€918"]
    refused = nora.post(
        f"/explore/views/{view}/change",
        data={
            "deed": "delete",
            "form_token": re.search(r'name="form_token" value="([^"]+)"', page.text)[1],  # type: ignore[index]
        },
    )
    assert refused.status_code == 403


def test_a_private_view_is_its_owners_alone(exploring: Visitor) -> None:
    eva, iris = exploring("Eva 3", "executive"), exploring("Iris", "executive")
    view = number(sent(eva, "/explore/views", name="Mine", question=QUESTION))
    assert "Mine" in eva.get("/explore").text
    assert "Mine" not in iris.get("/explore").text
    assert iris.get(f"/explore/views/{view}").status_code == 404


def test_a_view_is_renamed_shared_and_deleted(exploring: Visitor) -> None:
    eva, iris = exploring("Eva 4", "executive"), exploring("Iris 4", "executive")
    view = number(sent(eva, "/explore/views", name="First", question=QUESTION))
    sent(eva, f"/explore/views/{view}/change", deed="rename", name="Second")
    sent(eva, f"/explore/views/{view}/change", deed="share")
    assert "Second" in iris.get("/explore").text
    sent(eva, f"/explore/views/{view}/change", deed="unshare")
    assert "Second" not in iris.get("/explore").text
    sent(eva, f"/explore/views/{view}/change", deed="delete")
    assert eva.get(f"/explore/views/{view}").status_code == 404


def test_only_a_question_of_this_page_is_kept(exploring: Visitor) -> None:
    eva = exploring("Eva 5", "executive")
    address = sent(eva, "/explore/views", name="Odd", question=f"{QUESTION}&next=https://evil.test&lang=xx")
    assert "evil" not in address
    assert address.startswith("/explore?measures=revenue")
