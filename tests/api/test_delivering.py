"""Programs bring files: each is kept once, whole or not at all, and one sees what became of it."""

from __future__ import annotations

import csv
import hashlib
import io
import shutil
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from clientela.api.application import api
from clientela.appdb.audit import listing
from clientela.appdb.database import open_database
from clientela.config import Serve
from clientela.http.site import Site
from clientela.pipeline.working import asked as working
from clientela.pipeline.working.work import work_once
from clientela.serve.application import application
from clientela.workspace.connected import Connected
from tests.api.conftest import ADDRESS, token_of
from tests.api.test_connected import connected
from tests.pipeline.company import HEADER, NOW, buying

LATER = NOW + timedelta(hours=2)
PLACE = "/sources/shop/batches"


def a_file(lines: list[list[object]]) -> bytes:
    written = io.StringIO()
    csv.writer(written).writerows([HEADER, *lines])
    return written.getvalue().encode()


NEW = a_file(buying(5, days=20, seed=7, last=date(2024, 6, 29)))


@pytest.fixture
def own(asked: Path, tmp_path: Path) -> Iterator[Site]:
    """A copy of the small shop, served, to bring files to."""
    folder = Path(shutil.copytree(asked, tmp_path / "company"))
    with open_database(folder, now=NOW) as database:
        yield Site(folder=folder, database=database, clock=lambda: LATER)


def program(site: Site, *permissions: str, name: str = "erp", role: str = "administrator") -> TestClient:
    token = token_of(site, name, role, permissions)
    headers = {"authorization": f"Bearer {token}"}
    return TestClient(api(site), base_url=ADDRESS, headers=headers, raise_server_exceptions=False)


@pytest.fixture
def erp(own: Site) -> TestClient:
    return program(own, "read", "deliver")


def exports(site: Site) -> set[str]:
    return {each.name for each in (site.folder / "exports").iterdir()}


def work(site: Site) -> None:
    assert work_once(site.folder, site.database, lambda: LATER, "test:1")


def test_a_file_is_taken_and_the_run_it_asks_for_takes_it_in(erp: TestClient, own: Site) -> None:
    bad = buying(3, days=20, seed=9)
    bad[0][3] = "no day at all"
    sent = a_file(bad)
    told = erp.post(PLACE, params={"file": "orders-9.csv"}, content=sent)
    assert told.status_code == 202, told.text
    job = told.json()["job"]
    assert told.json() == {
        "source": "shop",
        "file": "exports/orders-9.csv",
        "sha256": hashlib.sha256(sent).hexdigest(),
        "job": {"job": job["job"], "address": f"/jobs/{job['job']}"},
    }
    assert told.headers["location"] == job["address"]
    assert (own.folder / "exports/orders-9.csv").read_bytes() == sent
    assert erp.get(job["address"]).json()["state"] == "queued"
    assert erp.get("/batches", params={"file": "exports/orders-9.csv"}).json()["batches"] == []
    work(own)
    assert erp.get(job["address"]).json()["state"] == "done"
    [batch] = erp.get("/batches", params={"file": "exports/orders-9.csv"}).json()["batches"]
    assert (batch["rows"], batch["kept_out"], batch["verdict"]) == (len(bad), 1, "some-out")
    assert batch["sha256"] == told.json()["sha256"]
    assert erp.get(f"/batches/{batch['batch']}").json() == batch
    kept_out = erp.get(f"/batches/{batch['batch']}/kept-out").json()
    names = [each["name"] for each in kept_out["columns"]]
    [row] = [dict(zip(names, row, strict=True)) for row in kept_out["rows"]]
    assert (row["path"], row["line"], row["column_name"], row["value"]) == (
        "exports/orders-9.csv", 2, "ordered_at", "no day at all",
    )  # fmt: skip


def test_rows_that_stay_out_come_page_by_page(erp: TestClient, own: Site) -> None:
    bad = buying(20, days=20, seed=9)
    for line in bad[::2]:
        line[5] = "many"
    assert erp.post(PLACE, params={"file": "orders-9.csv"}, content=a_file(bad)).status_code == 202
    work(own)
    [batch] = erp.get("/batches", params={"file": "exports/orders-9.csv"}).json()["batches"]
    seen: list[int] = []
    address: str | None = f"/batches/{batch['batch']}/kept-out?limit=3"
    while address is not None:
        told = erp.get(address)
        seen += [row[1] for row in told.json()["rows"]]
        link = told.headers.get("link")
        address = None if link is None else link[1 : link.index(">")]
    assert seen == [2 + at for at in range(0, len(bad), 2)]


def test_a_form_with_one_file_does_as_well(erp: TestClient, own: Site) -> None:
    told = erp.post(PLACE, params={"run": "false"}, files={"file": ("orders-8.csv", NEW, "text/csv")})
    assert (told.status_code, told.json()["file"], told.json()["job"]) == (202, "exports/orders-8.csv", None)
    assert "location" not in told.headers
    assert working.newest(own.database) == ()
    both = {"one": ("orders-1.csv", NEW), "two": ("orders-2.csv", NEW)}
    assert erp.post(PLACE, files=both).status_code == 400
    assert erp.post(PLACE, data={"file": "no file"}, files={"x": ("", b"")}).status_code == 400


def test_the_name_may_stand_in_a_header(erp: TestClient) -> None:
    headers = {"content-disposition": "attachment; filename*=UTF-8''orders-a%C3%B1o.csv"}
    told = erp.post(PLACE, params={"run": "false"}, content=NEW, headers=headers)
    assert told.json()["file"] == "exports/orders-año.csv"


def test_sent_again_under_its_key_it_is_answered_as_the_first_time(erp: TestClient, own: Site) -> None:
    def send(content: bytes, file: str = "new.csv", key: str = "night-17") -> Any:
        return erp.post(PLACE, params={"file": file}, content=content, headers={"idempotency-key": key})

    first = send(NEW)
    files = exports(own)
    work(own)
    again = send(NEW)
    assert (again.status_code, again.json(), again.headers["location"]) == (
        202, first.json(), first.headers["location"],
    )  # fmt: skip
    assert exports(own) == files
    assert len(working.newest(own.database)) == 1
    for refused in (send(NEW + b"\n"), send(NEW, file="other.csv")):
        assert (refused.status_code, refused.headers["content-type"]) == (422, "application/problem+json")
        assert "sent before, with something else" in refused.json()["detail"]
    assert send(NEW, key="night-18").json()["job"] != first.json()["job"]


def test_a_key_is_of_one_user_and_for_a_day(erp: TestClient, own: Site) -> None:
    headers = {"idempotency-key": "night-17"}
    assert erp.post(PLACE, params={"file": "orders-5.csv"}, content=NEW, headers=headers).status_code == 202
    other = program(own, "deliver", name="shop-system")
    assert other.post(PLACE, params={"file": "orders-6.csv"}, content=NEW, headers=headers).status_code == 202
    tomorrow = Site(folder=own.folder, database=own.database, clock=lambda: LATER + timedelta(hours=24))
    late = program(tomorrow, "deliver")
    assert late.post(PLACE, params={"file": "orders-7.csv"}, content=NEW, headers=headers).status_code == 202


def test_what_was_refused_may_be_sent_again_under_its_key(erp: TestClient) -> None:
    headers = {"idempotency-key": "night-17"}
    assert erp.post(PLACE, params={"file": "orders-5.csv"}, content=b"", headers=headers).status_code == 400
    assert erp.post(PLACE, params={"file": "orders-5.csv"}, content=NEW, headers=headers).status_code == 202


@pytest.mark.parametrize("key", ["", "two words", "x" * 201, "ñ".encode()])
def test_a_key_that_is_none_is_refused(erp: TestClient, key: str | bytes) -> None:
    told = erp.post(PLACE, params={"file": "orders-5.csv"}, content=NEW, headers={b"idempotency-key": key})
    assert told.status_code == 422


def test_who_may_not_bring_data_brings_none(own: Site) -> None:
    before = exports(own)
    for told in (program(own, "read"), program(own, "deliver", name="mia", role="executive")):
        refused = told.post(PLACE, params={"file": "orders-5.csv"}, content=NEW)
        assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert exports(own) == before
    assert program(own, "deliver", name="rita", role="executive").get("/batches").status_code == 403


def test_somebody_elses_work_is_not_told(erp: TestClient, own: Site) -> None:
    address = erp.post(PLACE, params={"file": "orders-5.csv"}, content=NEW).json()["job"]["address"]
    assert program(own, "read", name="mia", role="executive").get(address).status_code == 403
    assert program(own, "deliver", name="colleague").get(address).status_code == 200
    assert erp.get("/jobs/999").status_code == 404


@pytest.mark.parametrize(
    ("place", "params", "content", "status", "said"),
    [
        ("/sources/none/batches", {"file": "a.csv"}, NEW, 404, "unknown source 'none'"),
        (PLACE, {"file": "a.csv", "table": "product"}, NEW, 404, "unknown table of 'shop'"),
        (PLACE, {}, NEW, 400, "say what the file is called"),
        (PLACE, {"file": "a.exe"}, NEW, 400, "is no file of data by its ending"),
        (PLACE, {"file": "a.csv"}, b"", 400, "is empty"),
        (PLACE, {"file": "a.csv"}, b"MZ" + NEW, 400, "is a program or a page"),
        (PLACE, {"file": "a.parquet"}, b"PAR1", 400, "does not fit this source"),
        (PLACE, {"file": "../../orders-0.csv"}, NEW, 202, "exports/orders-0.csv"),
    ],
)
def test_what_cannot_be_taken_is_said_in_one_sentence(
    erp: TestClient, own: Site, place: str, params: dict[str, str], content: bytes, status: int, said: str
) -> None:
    before = exports(own)
    told = erp.post(place, params=params, content=content)
    assert (told.status_code, said in told.text) == (status, True), told.text
    assert exports(own) - before == ({"orders-0.csv"} if status == 202 else set())
    assert [each.name for each in (own.folder / "incoming").glob("*")] == []


def test_a_file_larger_than_the_limit_is_refused_before_it_is_kept(own: Site) -> None:
    app = application(own.folder, settings=Serve(upload_limit="3MB"), clock=lambda: LATER)
    headers = {"authorization": f"Bearer {token_of(own, 'erp', 'administrator', ['deliver'])}"}
    client = TestClient(app, base_url=ADDRESS, headers=headers, raise_server_exceptions=False)
    before = exports(own)

    def pieces(size: int) -> Iterator[bytes]:
        yield NEW
        for _ in range(size // 65536):
            yield b"\n" * 65536

    place = f"/api/v1{PLACE}?file=orders-large.csv"
    assert client.post(place, content=pieces(2_500_000)).status_code == 202  # more than a form may have
    assert client.post(place.replace("large", "larger"), content=pieces(4_000_000)).status_code == 413
    whole = client.post(place.replace("large", "largest"), content=NEW + b"\n" * 4_000_000)
    assert whole.status_code == 413
    assert exports(own) - before == {"orders-large.csv"}
    refused = client.post(f"/api/v1{PLACE}", files={"file": ("orders-form.csv", NEW + b"\n" * 4_000_000)})
    assert refused.status_code == 413
    app.state.site.database.close()


def test_a_run_is_asked_for_and_followed(erp: TestClient, own: Site) -> None:
    told = erp.post("/runs")
    assert (told.status_code, told.headers["cache-control"]) == (202, "no-store"), told.text
    job = told.json()
    assert job == {"job": job["job"], "address": f"/jobs/{job['job']}"}
    assert told.headers["location"] == job["address"]
    assert erp.post("/runs").json() == job  # it waits still: one run does for both
    work(own)
    done = erp.get(job["address"]).json()
    assert (done["kind"], done["state"], done["result"]["run"]) == ("run", "done", 2)
    assert erp.post("/runs").json() != job


def test_a_run_asked_for_again_under_its_key_is_the_first(erp: TestClient, own: Site) -> None:
    headers = {"idempotency-key": "night-17"}
    first = erp.post("/runs", headers=headers)
    work(own)
    again = erp.post("/runs", headers=headers)
    assert (again.status_code, again.json(), again.headers["location"]) == (
        202, first.json(), first.headers["location"],
    )  # fmt: skip
    assert len(working.newest(own.database)) == 1
    refused = erp.post(PLACE, params={"file": "new.csv"}, content=NEW, headers=headers)
    assert refused.status_code == 422  # the key was a run's
    other = program(own, "deliver", name="shop-system").post("/runs", headers=headers)
    assert other.json() != first.json()


def test_who_may_not_bring_data_starts_no_run(own: Site) -> None:
    for told in (program(own, "read"), program(own, "deliver", name="mia", role="executive")):
        refused = told.post("/runs")
        assert (refused.status_code, refused.headers["content-type"]) == (403, "application/problem+json")
    assert working.newest(own.database) == ()


def test_what_is_brought_is_entered_in_the_audit_log(erp: TestClient, own: Site) -> None:
    erp.post(PLACE, params={"file": "orders-5.csv"}, content=NEW)
    with own.database.reading() as connection:
        actions = [each.action for each in listing.listed(connection)]
    assert {"data.delivered", "job.asked"} <= {*actions}


@pytest.fixture
def there(own: Site) -> Iterator[Connected]:
    with connected(own, token_of(own, "erp", "administrator", ["read", "deliver"])) as found:
        yield found


def test_python_delivers_a_file_and_waits_for_what_comes_of_it(there: Connected, own: Site, tmp_path: Path) -> None:
    path = tmp_path / "orders-5.csv"
    path.write_bytes(NEW)
    told = there.deliver("shop", path)
    assert told["file"] == "exports/orders-5.csv"
    assert there.deliver("shop", path)["job"] == told["job"]  # the key is that of the file
    assert there.job(told["job"]["job"])["state"] == "queued"
    assert there.run() == told["job"]  # it waits already
    done = there.wait(told["job"]["job"], every=0, look=lambda: work(own))
    assert (done["state"], done["result"]["run"]) == ("done", 2)
    [batch] = there.batches(file=told["file"])
    assert batch["verdict"] == "used"
    assert there.kept_out(batch["batch"]).table.num_rows == 0
