"""A person who is everywhere in a company's data is erased from all of it, stays away, and gets all that is held."""

from __future__ import annotations

import json
import shutil
from datetime import timedelta
from decimal import Decimal

import pytest

from clientela.capture.kept import collected
from clientela.errors import ClientelaError, PersonError
from clientela.pipeline import erasures
from clientela.warehouse.moments import ERASURE, watched
from clientela.warehouse.store.landing import Landing
from tests.pipeline.canary import CRM_KEY, EMAIL, HEADER, KEY, NOW, PHONE, WORDS, canary, hits, orders

LATER = NOW + timedelta(hours=1)


@pytest.fixture(scope="module", autouse=True)
def two_are_many():
    """Batches are kept together as soon as there are two of them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(collected, "FAN", 2)
        yield


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    made = canary(tmp_path_factory.mktemp("canary") / "w")
    made.workspace.run(now=NOW)
    made.workspace.run(now=NOW + timedelta(minutes=5))
    made.workspace.report()
    assert list((made.folder / "landing" / "conformed").glob("together-*")), "an erasure goes through them too"
    return made


@pytest.fixture
def company(published, tmp_path):
    """A copy of the company, as it was after two runs."""
    folder = tmp_path / "w"
    shutil.copytree(published.folder, folder)
    return type(published)(type(published.workspace)(folder), published.others)


@pytest.fixture(scope="module")
def numbers(published) -> tuple[str, ...]:
    """The customer numbers of the canary in both systems, the same in every copy."""
    held = [published.workspace.persons.export(key)["customers"][0] for key in (f"shop:{KEY}", f"crm:{CRM_KEY}")]
    return tuple(map(str, held))


def test_the_canary_is_everywhere_before_and_nowhere_after(company, numbers):
    words = (*WORDS, KEY, EMAIL, str(CRM_KEY), *numbers)
    refs = tuple(row["customer_ref"] for row in company.workspace.persons.export(*numbers)["held"][0]["rows"])
    assert set(hits(company.folder, words)) == set(words), "a canary that was nowhere proves nothing"
    revenue = company.revenue()
    (company.folder / "notes.txt").write_text(f"call {EMAIL} back")

    receipt = company.workspace.persons.erase(*numbers, reason="asked in writing", now=LATER)

    assert receipt.still_held["elsewhere"] == ["notes.txt"]
    (company.folder / "notes.txt").unlink()
    assert hits(company.folder, (*words, *refs)) == {}
    assert company.revenue() == revenue, "the sales stay, to nobody"
    assert receipt.tables == {
        "order_line": {"removed": 2, "anonymised": 6, "mentions": 2, "broken": 2},
        "customer_record": {"removed": 3, "anonymised": 0, "mentions": 0, "broken": 0},
        "service_case": {"removed": 0, "anonymised": 1, "mentions": 0, "broken": 0},
        "survey_answer": {"removed": 0, "anonymised": 1, "mentions": 0, "broken": 0},
        "interaction": {"removed": 0, "anonymised": 1, "mentions": 0, "broken": 0},
        "consent": {"removed": 1, "anonymised": 0, "mentions": 0, "broken": 0},
        "relation": {"removed": 1, "anonymised": 0, "mentions": 0, "broken": 0},
    }
    assert receipt.shared == 1, "the telephone is Leo's too, so it stays his"
    assert PHONE in json.dumps(company.workspace.persons.export("c2"))
    assert len(receipt.snapshots_dropped) == 2
    assert receipt.reports_removed == ("report.html",)
    assert [each["path"] for each in receipt.still_held["files"]] == sorted(
        f"exports/{name}"
        for name in (
            "orders-1.csv",
            "orders-2.csv",
            "people-1.jsonl",
            "crm.parquet",
            "cases.csv",
            "answers.csv",
            "visits.csv",
            "consent.csv",
            "families.csv",
        )
    )
    assert Landing(company.folder).damaged() == ()


def test_what_is_delivered_again_stays_without_them(company, numbers):
    company.workspace.persons.erase(*numbers, now=LATER)
    revenue = company.revenue()
    for name in ("orders-1.csv", "people-1.jsonl"):
        source = company.exports / name
        shutil.copy(source, source.with_name(source.name.replace("1", "1-again")))
    company.write("orders-3.csv", HEADER, *orders(2), "x37;1;c1;2024-06-05;p1;1;1.00;;", *orders(3))
    company.write("cases.csv", "Case,Customer,Opened,Words", f"k3,{KEY},2024-06-01,CANARY-complaint")

    done = company.workspace.run(now=LATER + timedelta(hours=1))

    assert hits(company.folder, (*WORDS, KEY, EMAIL)) == {}
    assert company.revenue() - revenue == Decimal("37.25")  # only what is new counts
    notes = {each.table: each.note for each in done.sources if "erased" in each.note}
    assert notes["order_line"].endswith("10 rows of erased persons were left out or made anonymous.")
    with pytest.raises(PersonError, match="nobody here is known"):
        company.workspace.persons.export(KEY)


def test_the_export_gives_everything_that_is_held(company, numbers):
    said = json.dumps(company.workspace.persons.export(*numbers), ensure_ascii=False)
    assert [word for word in (*WORDS, KEY, EMAIL, str(CRM_KEY), PHONE) if word not in said] == []
    names = [each["name"] for each in json.loads(said)["held"]]
    assert {"keys", "facts.customer_feature", "people.quarantine", "people.customer_record"} <= set(names)
    assert "eva@example.org" not in said
    assert "Leo" not in said, "what is held of others is theirs"


MOMENTS = (*ERASURE[:-1], "current replaced")


class Killed(BaseException):
    """The process ends here."""


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_killed_erasure_is_finished_by_the_next_run(company, numbers, moment):
    revenue, asked = company.revenue(), numbers

    def kill(point: str) -> None:
        if point == moment:
            raise Killed

    with watched(kill), pytest.raises(Killed):
        company.workspace.persons.erase(*asked, now=LATER)

    assert erasures.unfinished(company.folder) != ()
    company.workspace.run(now=LATER + timedelta(hours=1))
    assert erasures.unfinished(company.folder) == ()
    assert hits(company.folder, (*WORDS, KEY, EMAIL, *asked)) == {}
    assert company.revenue() == revenue
    assert Landing(company.folder).damaged() == ()


def test_an_erasure_whose_run_fails_says_that_it_has_begun(company, numbers):
    (company.exports / "cases.csv").write_text("Something,Else\n1,2\n")
    with pytest.raises(ClientelaError, match="The erasure has begun; `clientela run` finishes it"):
        company.workspace.persons.erase(*numbers, now=LATER)
    (company.exports / "cases.csv").unlink()
    company.workspace.run(now=LATER + timedelta(hours=1))
    assert hits(company.folder, (*WORDS, KEY, EMAIL)) == {}


def test_a_restored_backup_does_not_bring_them_back(company, numbers, tmp_path):
    backup = company.workspace.backup(now=NOW + timedelta(minutes=30))
    receipt = company.workspace.persons.erase(*numbers, now=LATER)
    assert receipt.still_held["backups"] == [backup.path.name]
    from clientela.workspace import open as open_workspace
    from clientela.workspace import restore_backup

    restored = restore_backup(backup.path, tmp_path / "again")
    assert restored.forgotten == 1
    assert hits(tmp_path / "again", (*WORDS, KEY, EMAIL)) == {}
    shutil.copytree(company.exports, tmp_path / "again" / "exports")
    open_workspace(tmp_path / "again").run(now=LATER + timedelta(hours=1))
    assert hits(tmp_path / "again", (*WORDS, KEY, EMAIL)) == {}
