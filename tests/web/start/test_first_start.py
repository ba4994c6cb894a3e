"""From an empty folder to the first answer: files sent, looked at, corrected, confirmed, run; nothing half-written."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from clientela.contracts.text import text
from clientela.errors import ConfigurationError, UploadError
from clientela.pipeline.create import create
from clientela.pipeline.working.work import work_once
from clientela.serve import company
from clientela.serve.application import application
from clientela.serve.worker import _company
from tests.pipeline.company import HEADER, NOW, buying
from tests.web.conftest import come_in

COMPANY = {"name": "Corner Shop", "currency": "EUR", "timezone": "Europe/Madrid"}


def orders(customers: int = 60) -> bytes:
    """A file of orders as a shop exports it, its dates with the day first and all days below 13."""
    lines = [",".join(HEADER)]
    for line in buying(customers):
        year, month, day = str(line[3])[:10].split("-")
        lines.append(",".join(map(str, [*line[:3], f"{int(day) % 12 + 1:02}/{month}/{year}", *line[4:]])))
    return "\n".join(lines).encode()


class Form(HTMLParser):
    """What a browser sends of the form of a page: its inputs, and what is chosen in its lists."""

    def __init__(self) -> None:
        super().__init__()
        self.sent: dict[str, str] = {}
        self._select, self._option = "", ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        on = said.get("type") not in ("checkbox", "radio") or "checked" in said
        if tag == "input" and said.get("name") and said.get("type") != "file" and on:
            self.sent[said["name"]] = said.get("value", "")
        elif tag == "select":
            self._select = said["name"]
        elif tag == "option" and self._select:
            value = said.get("value", "")
            if "selected" in said or self._select not in self.sent:
                self.sent[self._select] = value

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            self._select = ""


def filled(page: str) -> dict[str, str]:
    """The form of a page as a browser would send it unchanged."""
    form = Form()
    form.feed(page[page.index("<main") :])
    return form.sent


class Newcomer:
    """A browser of an administrator in an empty folder, and the worker beside the server."""

    def __init__(self, folder: Path, role: str = "administrator") -> None:
        self.folder = folder
        self.app = application(folder, clock=lambda: NOW)
        self.client: TestClient = come_in(self.app, "Ana", role)

    def token(self, path: str) -> dict[str, str]:
        page = self.client.get(path)
        assert page.status_code == 200, page.text
        found = re.search(r'name="form_token" value="([^"]+)"', page.text)
        once = re.search(r'name="once" value="([^"]+)"', page.text)
        assert found is not None and once is not None
        return {"form_token": found[1], "once": once[1]}

    def sends(self, name: str, content: bytes, **said: str) -> str:
        """The address to which sending a file leads."""
        data = {**self.token("/start"), **COMPANY, **said}
        sent = self.client.post("/start", data=data, files={"files": (name, content, "text/csv")})
        assert sent.status_code == 303, sent.text
        return str(sent.headers["location"])

    def works(self) -> None:
        while work_once(self.folder, self.app.state.site.database, lambda: NOW, "w"):
            pass

    def proposal(self, name: str = "orders.csv", content: bytes | None = None) -> str:
        """The address of the proposal for a file that was sent."""
        job = self.sends(name, orders() if content is None else content)
        self.works()
        return str(self.client.get(job).headers["location"])


@pytest.fixture
def newcomer(tmp_path: Path) -> Iterator[Newcomer]:
    made = Newcomer(tmp_path / "company")
    yield made
    made.app.state.site.database.close()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path) -> None:
    (tmp_path / "company").mkdir(mode=0o700)


def test_an_empty_folder_leads_to_the_start(newcomer: Newcomer) -> None:
    assert newcomer.client.get("/data").headers["location"] == "/start"
    page = newcomer.client.get("/start").text
    assert "From your orders to your first answer in a few minutes." in page
    assert 'name="currency"' in page and 'name="timezone"' in page


def test_from_a_file_to_the_first_answer(newcomer: Newcomer) -> None:
    job = newcomer.sends("orders.csv", orders())
    waiting = newcomer.client.get(job)
    assert "We look at your files in a moment" in waiting.text
    assert 'http-equiv="refresh"' in waiting.text
    newcomer.works()
    proposal = newcomer.client.get(job).headers["location"]
    page = newcomer.client.get(proposal).text
    assert "How are the dates in ordered_at written?" in page
    assert "dd/mm/yyyy" in page and "mm/dd/yyyy" in page

    missing = newcomer.client.post(proposal, data={**newcomer.token(proposal), **COMPANY, "use-0": "yes"})
    assert missing.status_code == 400
    assert "say how the dates in &#39;ordered_at&#39; are written" in missing.text
    assert not (newcomer.folder / "clientela.toml").exists()

    said = {**newcomer.token(proposal), **COMPANY, "use-0": "yes", "date-0": "%d/%m/%Y", "name-0": "till"}
    confirmed = newcomer.client.post(proposal, data=said)
    assert confirmed.status_code == 303, confirmed.text
    again = newcomer.client.post(proposal, data=said)
    assert again.headers["location"] == confirmed.headers["location"]

    run = confirmed.headers["location"]
    assert "The run begins in a moment" in newcomer.client.get(run).text
    newcomer.works()
    page = newcomer.client.get(run).text
    assert "Your first answer" in page
    assert "Revenue" in page
    assert 'http-equiv="refresh"' not in page
    settings = tomllib.loads((newcomer.folder / "clientela.toml").read_text())
    assert settings["company"] == COMPANY
    assert [(each["name"], each["path"]) for each in settings["source"]] == [("till", "exports/orders.csv")]
    assert newcomer.client.get("/data").status_code == 200


def test_a_column_is_corrected_in_the_form(newcomer: Newcomer) -> None:
    content = b"order,customer,date,product,amount,worth\n" + b"".join(
        b"o%d,c%d,2024-%02d-15,p1,%d.00,%d.00\n" % (n, n % 3, n % 12 + 1, n + 9, n + 5) for n in range(1, 40)
    )
    proposal = newcomer.proposal("orders.csv", content)
    said = {**filled(newcomer.client.get(proposal).text), "column-0-net_revenue": "=worth"}
    assert said["column-0-customer_ref"] == "=customer"
    assert newcomer.client.post(proposal, data=said).status_code == 303
    (source,) = tomllib.loads((newcomer.folder / "clientela.toml").read_text())["source"]
    assert (source["columns"]["net_revenue"], source["columns"]["customer_ref"]) == ("worth", "customer")


def test_the_table_of_a_file_is_corrected_and_it_is_looked_at_anew(newcomer: Newcomer) -> None:
    proposal = newcomer.proposal("things.csv", b"sku,label\np1,Bread\np2,Milk\np3,Salt\n")
    data = {**newcomer.token(proposal), **COMPANY}
    kind = "unused-0" if 'name="unused-0"' in newcomer.client.get(proposal).text else "table-0"
    job = newcomer.client.post(proposal + "/again", data={**data, kind: "product"}).headers["location"]
    newcomer.works()
    assert newcomer.client.get(job).headers["location"] == proposal
    assert re.search(r'<option value="product" selected>', newcomer.client.get(proposal).text)


def test_what_was_corrected_stays_when_the_files_are_looked_at_anew(newcomer: Newcomer) -> None:
    content = b"order,customer,date,product,amount,worth\n" + b"".join(
        b"o%d,c%d,2024-%02d-15,p1,%d.00,%d.00\n" % (n, n % 3, n % 12 + 1, n + 9, n + 5) for n in range(1, 40)
    )
    proposal = newcomer.proposal("orders.csv", content)
    before = filled(newcomer.client.get(proposal).text)
    said = {**before, "column-0-net_revenue": "=worth", "name-0": "till", "delivery-0": "full"}
    job = newcomer.client.post(proposal + "/again", data=said).headers["location"]
    newcomer.works()
    assert newcomer.client.get(job).headers["location"] == proposal
    after = filled(newcomer.client.get(proposal).text)
    told = {name: after[name] for name in ("column-0-net_revenue", "name-0", "delivery-0", "use-0")}
    assert told == {"column-0-net_revenue": "=worth", "name-0": "till", "delivery-0": "full", "use-0": "yes"}


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("orders.exe", b"MZ", "no file of data by its ending"),
        ("orders.csv", b"", "is empty"),
        ("orders.pdf.csv", b"%PDF-1.7", "is a PDF"),
        ("../../orders.xlsx", b"a,b\n1,2\n", "is not what its ending says"),
    ],
)
def test_a_bad_file_is_one_sentence_and_nothing_is_kept(
    newcomer: Newcomer, name: str, content: bytes, said: str
) -> None:
    data = {**newcomer.token("/start"), **COMPANY}
    sent = newcomer.client.post("/start", data=data, files={"files": (name, content, "text/csv")})
    assert sent.status_code == 400
    assert said in sent.text
    assert list((newcomer.folder / "incoming").iterdir()) == []


def test_a_file_without_a_table_offers_to_choose_others(newcomer: Newcomer) -> None:
    proposal = newcomer.proposal("notes.csv", b"a,b\nfoo,bar\nbaz,qux\n")
    page = newcomer.client.get(proposal).text
    assert "None of these files holds a table we know" in page
    gone = newcomer.client.post(proposal + "/forget", data=newcomer.token(proposal))
    assert gone.headers["location"] == "/start"
    assert newcomer.client.get(proposal).status_code == 404


def test_a_company_that_cannot_be_is_said_before_files_are_kept(newcomer: Newcomer) -> None:
    data = {**newcomer.token("/start"), **COMPANY, "timezone": "Moon/Base"}
    sent = newcomer.client.post("/start", data=data, files={"files": ("orders.csv", orders(), "text/csv")})
    assert (sent.status_code, "unknown time zone" in sent.text) == (400, True)
    assert not (newcomer.folder / "incoming").exists()


def test_sent_twice_it_is_looked_at_once(newcomer: Newcomer) -> None:
    data = {**newcomer.token("/start"), **COMPANY}
    places = {
        newcomer.client.post("/start", data=data, files={"files": ("o.csv", orders(), "text/csv")}).headers["location"]
        for _ in range(2)
    }
    assert len(places) == 1


def test_who_may_not_bring_data_may_not_begin(tmp_path: Path) -> None:
    made = Newcomer(tmp_path / "company", "executive")
    assert made.client.get("/start").status_code == 403
    assert made.client.post("/start", data=COMPANY).status_code == 403
    made.app.state.site.database.close()


def test_what_a_file_holds_is_escaped(newcomer: Newcomer) -> None:
    content = b"order_id,customer_ref,ordered_at,net_revenue,<script>x</script>\n" + b"".join(
        b"o%d,c%d,2024-01-15,%d.5,<img src=x onerror=alert(1)>\n" % (n, n, n) for n in range(30)
    )
    page = newcomer.client.get(newcomer.proposal("orders<b>.csv", content)).text
    assert "<script>x" not in page and "<img src=x" not in page
    assert "&lt;script&gt;x&lt;/script&gt;" in page


def test_in_spanish(newcomer: Newcomer) -> None:
    assert '<html lang="es"' in newcomer.client.get("/start?lang=es").text


def test_a_workspace_gets_further_files(newcomer: Newcomer) -> None:
    test_from_a_file_to_the_first_answer(newcomer)
    products = b"product_id,name,category\n" + b"".join(b"p%d,Thing %d,Food\n" % (n, n) for n in range(7))
    data = newcomer.token("/start")
    job = newcomer.client.post("/start", data=data, files={"files": ("products.csv", products, "text/csv")})
    newcomer.works()
    proposal = newcomer.client.get(job.headers["location"]).headers["location"]
    assert 'name="currency"' not in newcomer.client.get(proposal).text
    assert newcomer.client.post(proposal, data={**newcomer.token(proposal), "use-0": "yes"}).status_code == 303
    settings = tomllib.loads((newcomer.folder / "clientela.toml").read_text())
    assert [each["table"] for each in settings["source"]] == ["order_line", "product"]


@pytest.mark.parametrize("begun", [False, True])
def test_before_the_first_run_every_page_says_what_to_do(newcomer: Newcomer, begun: bool) -> None:
    if begun:
        create(newcomer.folder, name="Corner Shop", currency="EUR", timezone="UTC")
    for path in ("/data/runs", "/data/snapshots", "/data/sources", "/data/quality", "/data/tables"):
        page = newcomer.client.get(path)
        assert page.status_code == (200 if begun else 404), (path, page.text)
        if not begun:
            assert "There is no company here yet" in page.text
            assert 'href="/start"' in page.text


def test_a_made_up_company_is_offered_and_asked_for_once(newcomer: Newcomer) -> None:
    page = newcomer.client.get("/start").text
    assert 'name="which" value="company"' in page
    said = {**newcomer.token("/start"), "which": "company"}
    jobs = {newcomer.client.post("/start/example", data=said).headers["location"] for _ in range(2)}
    assert len(jobs) == 1
    waiting = newcomer.client.get(jobs.pop()).text
    assert "The synthetic company" in waiting and "The run begins in a moment" in waiting
    assert "Something is at work already." in newcomer.client.get("/start").text
    refused = newcomer.client.post("/start/example", data={**newcomer.token("/start"), "which": "run"})
    assert refused.status_code == 400


def test_a_job_that_stopped_says_why_in_the_readers_language(newcomer: Newcomer) -> None:
    job = newcomer.sends("orders.csv", orders())

    def refused(folder: Path, told: Mapping[str, Any], progress: Callable[[str], None]) -> None:
        raise UploadError(text("'{name}' is a PDF; deliver the table itself.", name="orders<i>.pdf"))

    site = newcomer.app.state.site  # type: ignore[attr-defined] # of Starlette
    assert work_once(newcomer.folder, site.database, lambda: NOW, "w", handlers={"proposal": refused})
    assert "&#39;orders&lt;i&gt;.pdf&#39; is a PDF; deliver the table itself." in newcomer.client.get(job).text
    assert "«orders&lt;i&gt;.pdf» es un PDF; entregue la tabla misma." in newcomer.client.get(f"{job}?lang=es").text


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(company, "CUSTOMERS", 10)
    monkeypatch.setattr(company, "WEEKS", 2)
    monkeypatch.setattr(company, "HORIZON_DAYS", 4)


def lived(folder: Path, job: int = 1) -> list[tuple[int, str]]:
    """Make the company, without its run: the job's number and what was said of how far it is."""
    ran: list[tuple[int, str]] = []

    def run(folder: Path, told: Mapping[str, Any], progress: Callable[[str], None]) -> dict[str, int]:
        ran.append((told["job"], "run"))
        return {}

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(company, "HANDLERS", {"run": run})
        company.make(folder, {"job": job}, lambda line: ran.append((job, line)))
    return ran


@pytest.mark.usefixtures("small")
def test_the_made_up_company_is_written_whole_then_run(newcomer: Newcomer) -> None:
    assert lived(newcomer.folder) == [(1, "Making up the company"), (1, "run")]
    told = tomllib.loads((newcomer.folder / "clientela.toml").read_text())
    assert told["run"]["horizon_days"] == 4
    assert {"order_line", "invoice", "service_case", "consent", "subscription"} <= {
        each["table"] for each in told["source"]
    }
    files = {each.name: each.read_bytes() for each in (newcomer.folder / "exports").iterdir()}
    assert len(files) > 20
    assert not (newcomer.folder / company.UNFINISHED).exists()
    assert lived(newcomer.folder, 2) == [(2, "run")]  # asked again after a crash it is only run
    (newcomer.folder / "clientela.toml").unlink()
    (newcomer.folder / company.UNFINISHED).touch()  # as one that was killed while its files were written leaves it
    (newcomer.folder / "exports" / "half.csv.part").touch()
    lived(newcomer.folder)
    assert {each.name: each.read_bytes() for each in (newcomer.folder / "exports").iterdir()} == files


@pytest.mark.usefixtures("small")
def test_no_company_is_made_up_where_one_is_or_where_files_lie(newcomer: Newcomer) -> None:
    (newcomer.folder / "exports").mkdir()
    (newcomer.folder / "exports" / "own.csv").write_text("mine")
    with pytest.raises(ConfigurationError, match="holds files already"):
        lived(newcomer.folder)
    assert (newcomer.folder / "exports" / "own.csv").read_text() == "mine"
    create(newcomer.folder, name="Corner Shop", currency="EUR", timezone="UTC")
    with pytest.raises(ConfigurationError, match="a company's already"):
        lived(newcomer.folder)


@pytest.mark.slow  # it runs a company of its own
@pytest.mark.usefixtures("small")
def test_the_worker_makes_up_a_company_and_its_pages_answer(newcomer: Newcomer) -> None:
    said = {**newcomer.token("/start"), "which": "company"}
    job = newcomer.client.post("/start/example", data=said).headers["location"]
    site = newcomer.app.state.site  # type: ignore[attr-defined] # of Starlette
    assert work_once(newcomer.folder, site.database, lambda: NOW, "w", more={"company": _company})
    assert "The figures are new" in newcomer.client.get(job).text
    assert newcomer.client.get("/customers").status_code == 200
