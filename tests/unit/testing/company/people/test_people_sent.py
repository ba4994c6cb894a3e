"""The systems write who their customers are, each in its own form, the same bytes each time."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from clientela.contracts.tables import CONTRACTS
from clientela.testing.company.company import Company
from clientela.testing.company.exports.forms import Csv, Json, content
from clientela.testing.company.exports.people.files import people_files
from clientela.testing.company.exports.people.sources import SETTINGS
from clientela.testing.company.people.population.people import People
from clientela.testing.company.world import World
from tests.unit.testing.company.people.peopled import people_of


@pytest.fixture(scope="module")
def people() -> People:
    return people_of(customers=3_000)


def sent(people: People) -> dict[str, str]:
    files = people_files(people, 0, "all", people.world.weeks)
    return {name: content(each).decode("cp1252" if "till" in name else "utf-8") for name, each in files.items()}


def test_tills_write_the_surname_first_in_capitals_and_the_day_first(people: People) -> None:
    head, *rows = sent(people)["till-cards-all.csv"].splitlines()
    assert head.replace('"', "").split(";")[:4] == ["Tarjeta", "Titular", "Sexo", "Nacimiento"]
    cells = [row.replace('"', "").split(";") for row in rows]
    surname, _, given = cells[0][1].partition(", ")
    assert surname == surname.upper()
    assert given
    days = [cell[3].split("/") for cell in cells if cell[3]]
    assert max(int(day) for day, _, _ in days) > 12 >= max(int(month) for _, month, _ in days)
    assert {cell[2] for cell in cells} == {"Hombre", "Mujer", ""}


def test_the_web_shop_writes_json_and_the_office_american_dates(people: People) -> None:
    files = sent(people)
    first = json.loads(files["shop-accounts-all.jsonl"].splitlines()[0])
    assert first["account"].startswith("u")
    assert first["registered"].endswith("Z")
    assert first["email"]
    entered = [row.split("\t")[-2].strip('"') for row in files["office-companies-all.tsv"].splitlines()[1:]]
    assert {each[-2:] for each in entered} == {"AM", "PM"}
    assert max(int(each[3:5]) for each in entered) > 12 >= max(int(each[:2]) for each in entered)


def test_all_that_is_sent_is_mapped_to_a_column_that_there_is(people: People) -> None:
    files = people_files(people, 0, "all", people.world.weeks)
    sources = tomllib.loads(SETTINGS)["source"]
    for source in sources:
        contract = CONTRACTS[source["table"]]
        (name,) = [name for name in files if Path(f"exports/{name}").match(source["path"])]
        assert set(source["columns"].values()) == set(files[name].columns), name
        assert {*source["columns"], *source["constants"]} <= set(contract.names) if "constants" in source else True
        assert isinstance(files[name].form, Csv | Json)
    assert len(sources) == len(files)


def test_relations_lead_from_a_record_that_was_sent_to_another(people: People) -> None:
    files = people_files(people, 0, "all", people.world.weeks)
    numbers = {
        "office": {
            *files["office-companies-all.tsv"].columns["Account"].to_pylist(),
            *files["office-contacts-all.tsv"].columns["Contact"].to_pylist(),
        },
        "till": set(files["till-cards-all.csv"].columns["Tarjeta"].to_pylist()),
    }
    work, family = files["office-relations-all.tsv"].columns, files["till-families-all.csv"].columns
    assert {*work["Who"].to_pylist(), *work["Whom"].to_pylist()} <= numbers["office"]
    assert {*family["Tarjeta"].to_pylist(), *family["Tarjeta principal"].to_pylist()} <= numbers["till"]
    keys = [*zip(work["Who"].to_pylist(), work["Whom"].to_pylist(), work["Is"].to_pylist(), strict=True)]
    assert len(keys) == len(set(keys))
    kinds = work["Is"].to_pylist()
    contacts = len(files["office-contacts-all.tsv"])
    assert (
        len({who for who, kind in zip(work["Who"].to_pylist(), kinds, strict=True) if kind == "works_at"}) == contacts
    )
    assert kinds.count("belongs_to_group") > 5
    ended = [to is not None for to in work["To"].to_pylist()]
    assert 0.05 < np.mean(ended) < 0.3


def test_nobody_has_another_s_e_mail_and_no_company_another_s_domain(people: People) -> None:
    emails = people.emails.to_pylist()
    assert len(set(emails)) == len(emails)
    firms = people.everybody.companies.customer
    assert len({emails[firm].split("@")[1] for firm in firms}) == len(firms)
    company = people.everybody.contacts.company
    for place, firm in enumerate(company):
        assert emails[people.everybody.customers + place].split("@")[1] == emails[firm].split("@")[1]


def test_consent_is_given_and_withdrawn_over_time(people: People) -> None:
    told = people.consents
    asked = len(np.unique(told.record)) / int((people.records.of_persons & (people.records.system != 3)).sum())
    assert asked == pytest.approx(0.6, abs=0.03)
    first = np.unique(told.record * 3 + told.channel, return_index=True)[1]
    assert told.given[first].mean() == pytest.approx(0.75, abs=0.02)
    again = np.setdiff1d(np.arange(len(told.record)), first)
    assert len(again) > 100
    assert told.given[again].mean() < 0.5  # a change is mostly a withdrawal
    assert (told.at[again] < people.world.weeks).all()


def hashes(folder: Path, **world: object) -> dict[str, str]:
    made = Company(World(**{"customers": 800, "weeks": 5, **world}), exports=folder / "e", truth=folder / "t")  # type: ignore[arg-type]
    made.deliver(made.world.ends)
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in (folder / "e").iterdir()}


def test_the_same_bytes_on_one_thread_and_on_two(tmp_path: Path) -> None:
    threads = pa.cpu_count()
    try:
        told = []
        for count in (1, 2):
            pa.set_cpu_count(count)
            told.append(hashes(tmp_path / str(count)))
    finally:
        pa.set_cpu_count(threads)
    assert told[0] == told[1]
    assert any(name.startswith("till-cards") for name in told[0])


def test_who_they_are_changes_nothing_in_what_they_do(tmp_path: Path) -> None:
    nobody, somebody = hashes(tmp_path / "a", records=False), hashes(tmp_path / "b", mistyped=0.9, couples=0.3)
    assert not any("cards" in name for name in nobody)
    assert len(nobody) > 20
    assert {name: somebody[name] for name in nobody} == nobody
