"""The product reads who the customers of the synthetic company are: nothing is bad, and one person is one customer."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time

import duckdb
import numpy as np
import pyarrow.compute as pc
import pytest

from clientela.testing.company.buying.latent import latent
from clientela.testing.company.exports.forms import content
from clientela.testing.company.exports.people.files import people_files
from clientela.testing.company.exports.people.sources import SETTINGS
from clientela.testing.company.people.accounts import accounts
from clientela.testing.company.people.population.people import People
from clientela.testing.company.people.said import record_numbers, said
from clientela.testing.company.people.truth import who_is_who
from clientela.testing.company.world import World
from clientela.warehouse.store.snapshot import current
from clientela.workspace import Workspace, create
from clientela.workspace import open as open_workspace
from tests.identity.scoring import score

FIRST, LATER = 30, 10  # weeks, each sent at once


@dataclass(frozen=True, slots=True)
class Read:
    people: People
    workspace: Workspace

    def rows(self, query: str) -> list[tuple[object, ...]]:
        published = current(self.workspace.folder)
        assert published is not None
        with duckdb.connect() as connection:
            for name in ("facts", "people"):
                connection.execute(f"attach '{published.paths[name]}' as {name} (read_only)")
            return connection.sql(query).fetchall()


@pytest.fixture(scope="module")
def read(tmp_path_factory: pytest.TempPathFactory) -> Read:
    world = World(customers=300, weeks=FIRST + LATER, second_accounts=0.4, founders=1.0, moves=0.006)
    people = People.begun(world, latent(world), accounts(world, latent(world)))
    folder = tmp_path_factory.mktemp("people") / "w"
    create(folder, name="Synthetic", currency="EUR", timezone="Europe/Madrid")
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text(encoding="utf-8") + SETTINGS, encoding="utf-8")
    (folder / "exports").mkdir(exist_ok=True)
    workspace = open_workspace(folder)
    for week, weeks in ((0, FIRST), (FIRST, LATER)):
        for name, sheet in people_files(people, week, f"{week:02}", weeks).items():
            (folder / "exports" / name).write_bytes(content(sheet))
    workspace.run(now=datetime.combine(world.ends, time(6), UTC))
    return Read(people, workspace)


def test_nothing_that_was_sent_is_bad_and_each_record_is_somebodys(read: Read) -> None:
    assert read.workspace.quarantine().rows == ()
    truth = who_is_who(read.people)
    found = read.rows(
        "select fact.source, person.record_id from facts.identity as fact join people.identity as person "
        "using (customer_ref)"
    )
    assert set(found) == set(zip(truth["system"].to_pylist(), truth["record_id"].to_pylist(), strict=True))


def test_one_person_is_one_customer(read: Read) -> None:
    truth = who_is_who(read.people)
    of = {
        (system, record): customer
        for system, record, customer in read.rows(
            "select fact.source, person.record_id, fact.customer_id from facts.identity as fact "
            "join people.identity as person using (customer_ref)"
        )
    }
    keys = zip(truth["system"].to_pylist(), truth["record_id"].to_pylist(), strict=True)
    right = score(truth["person"].to_numpy(), np.array([of[key] for key in keys]))
    assert len(np.unique(truth["person"].to_numpy())) < 0.8 * truth.num_rows
    assert right.precision >= 0.95
    assert right.recall >= 0.75


def test_a_record_that_was_sent_again_says_what_it_says_now(read: Read) -> None:
    people = read.people
    rows, at = people.sent(FIRST, LATER)
    again = (people.records.since[rows] < FIRST) & (people.records.system[rows] == 1)
    rows, at = rows[again], at[again]
    assert len(rows) >= 3
    said_now = (
        "select person.record_id, record.street from people.customer_record as record join people.identity as person "
        "on person.customer_ref = record.record_id where record.source = 'shop' order by record.known_from"
    )
    now = dict(read.rows(said_now))
    streets = said(people, rows, at)["street"].to_pylist()
    assert [now[record] for record in record_numbers(people, rows).to_pylist()] == streets


def test_contacts_work_at_their_company_and_consent_is_that_of_the_customer(read: Read) -> None:
    counted = "select kind, count(*) from facts.customer_relation where basis = 'delivered' group by kind"
    kinds = dict(read.rows(counted))
    tied = read.people.ties
    assert kinds["works_at"] == len(np.unique(tied.one[tied.kind == 0]))
    told = dict(read.rows("select decision, count(*) from facts.customer_consent group by decision"))
    assert told["given"] > told["withdrawn"] > 50
    lists = read.rows("select list_id, records from facts.contact_list where known_until is null order by list_id")
    listed = who_is_who(read.people).filter(pc.equal(who_is_who(read.people)["system"], "addresses"))
    assert [name for name, _ in lists] == ["L1", "L2"]
    assert sum(int(str(count)) for _, count in lists) == listed.num_rows
