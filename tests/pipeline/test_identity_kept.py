"""What is kept of who is who: it survives a kill and a backup; an erased person is not in it."""

from __future__ import annotations

import hashlib
import json
import shutil
from datetime import timedelta
from pathlib import Path

import duckdb
import pyarrow.parquet as pq
import pytest

import clientela
from clientela import config
from clientela.errors import LandingError
from clientela.pipeline.joining import models
from clientela.unify import decisions
from clientela.warehouse.moments import IDENTITY, watched
from clientela.warehouse.store import orphans
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import current
from clientela.workspace import restore_backup
from tests.pipeline.acquainted import NOW, OFFICE, SHOP, Company, acquainted
from tests.pipeline.canary import hits

MARTA = ("Quintanilla", "marta.q@gmail.com", "600111222", "699888777")
DAY = timedelta(days=1)


class Killed(BaseException):
    """The run ends here."""


def refs(made: Company, *keys: str) -> list[str]:
    """The pseudonyms of some keys."""
    of = {key: ref for ref, key in made.rows("identity", "customer_ref", "record_id", people=True)}
    return [of[key] for key in keys]


def everything(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


@pytest.mark.slow
def test_killed_at_each_point_the_next_run_is_as_if_nothing_had_happened(met: Company, tmp_path: Path) -> None:
    for point in IDENTITY[:-1]:
        made = acquainted(tmp_path / point.replace(" ", "-"))

        def kill(passed: str, point: str = point) -> None:
            if passed == point:
                raise Killed

        with pytest.raises(Killed), watched(kill):
            made.workspace.run(now=NOW)
        made.workspace.run(now=NOW)
        assert made.workspace.fingerprints() == met.workspace.fingerprints(), point
        assert orphans.orphans(made.folder, now=NOW + DAY) == (), point
        assert {run for (run,) in made.rows("identity_event", "run")} == {2}, point


def test_a_trial_tells_what_would_be_joined_and_changes_nothing(known: Company) -> None:
    known.deliver("office-2.csv", [("9005", "Juan", "Ibarra", "juan.ibarra@gmail.com", "", "", "", "", "1990-01-01")])
    before = everything(known.folder)
    trial = known.workspace.dry_run(now=NOW + DAY)
    assert everything(known.folder) == before
    told = {each.name: (each.published, each.would_be) for each in trial.tables}
    assert told["identity"] == (8, 9)
    assert told["customer"] == (5, 5)
    assert told["identity_event"] == (3, 4)


def test_a_backup_holds_who_is_who(known: Company, tmp_path: Path) -> None:
    decisions.decide(
        Landing(known.folder), "split", [tuple(refs(known, "s3", "9003"))], by="Ana", now=NOW, reason="not she"
    )
    known.workspace.run(now=NOW + DAY)
    kept, of = known.workspace.fingerprints(), known.customers()
    assert of["s3"] != of["9003"]

    known.workspace.backup(tmp_path / "b.tar.zst", now=NOW + DAY)
    shutil.rmtree(known.folder)
    restore_backup(tmp_path / "b.tar.zst", tmp_path / "again")
    again = Company(clientela.open(tmp_path / "again"))
    assert again.workspace.fingerprints() == kept
    assert len(models.files(Landing(again.folder))) == 1
    again.workspace.run(now=NOW + 2 * DAY)
    assert again.customers() == of
    assert again.workspace.fingerprints() == kept


def test_an_erased_person_goes_with_all_records_and_leaves_no_pseudonym(known: Company, tmp_path: Path) -> None:
    theirs = refs(known, "s1", "9001")
    decisions.decide(
        Landing(known.folder), "join", [(theirs[0], theirs[1])], by="Ana", now=NOW, reason="Marta Quintanilla moved"
    )
    known.workspace.run(now=NOW + DAY)
    known.workspace.backup(tmp_path / "b.tar.zst", now=NOW + DAY)

    done = known.workspace.persons.erase("shop:s1", reason="asked for", now=NOW + 2 * DAY)
    assert done.records == 2
    assert {"s1", "9001"}.isdisjoint(known.customers())
    assert len({*known.customers().values()}) == 4
    assert hits(known.folder, (*MARTA, *theirs)) == {}

    restore_backup(tmp_path / "b.tar.zst", tmp_path / "again", suppressed=known.folder / "landing/suppressed.jsonl")
    assert hits(tmp_path / "again", (*MARTA, *theirs)) == {}
    again = Company(clientela.open(tmp_path / "again"))
    again.workspace.run(now=NOW + 3 * DAY)
    assert again.customers() == known.customers()


def test_an_erasure_killed_while_it_forgets_is_finished_by_the_next_run(known: Company) -> None:
    theirs = refs(known, "s1", "9001")

    def kill(passed: str) -> None:
        if passed == "identities forgotten":
            raise Killed

    with pytest.raises(Killed), watched(kill):
        known.workspace.persons.erase("marta.q@gmail.com", reason="asked for", now=NOW + DAY)
    known.workspace.run(now=NOW + 2 * DAY)
    assert hits(known.folder, (*MARTA, *theirs)) == {}


@pytest.fixture(scope="module")
def twice(
    met_and_told: tuple[Company, tuple[str, ...]], tmp_path_factory: pytest.TempPathFactory
) -> tuple[Company, tuple[str, ...]]:
    """The company after two runs, only to be looked at, and what both said."""
    met, first = met_and_told
    made = Company(clientela.open(Path(shutil.copytree(met.folder, tmp_path_factory.mktemp("twice") / "w"))))
    said = list(first)
    made.workspace.run(now=NOW + DAY, progress=said.append)
    return made, tuple(said)


def test_nothing_personal_stands_where_only_pseudonyms_belong(twice: tuple[Company, tuple[str, ...]]) -> None:
    made, said = twice
    words = {str(cell).casefold() for row in (*SHOP, *OFFICE) for cell in row[1:6] if len(str(cell)) > 3}
    words |= {"34600111222", "fernandez ochoa", "fernandes", "marta.q", "calle mayor", "luna 9"}
    landing = made.folder / "landing"
    texts = [path.read_text("utf-8") for path in (*landing.glob("*.jsonl"), *made.folder.glob("*.jsonl"))]
    texts += [path.read_text("utf-8") for path in models.files(Landing(made.folder))]
    texts += [str(pq.read_table(path).to_pylist()) for path in (landing / "identity").glob("*.parquet")]
    snapshot = current(made.folder)
    assert snapshot is not None
    with duckdb.connect(str(snapshot.paths["facts"]), read_only=True) as connection:
        for (name,) in connection.execute("select table_name from information_schema.tables").fetchall():
            texts.append(str(connection.sql(f'select * from "{name}"').fetchall()))  # noqa: S608 - a name of our own
    texts += [json.dumps(snapshot.manifest, default=str), *said]
    assert {word for word in words for text in texts if word in text.casefold()} == set()
    assert hits(made.folder, ("Quintanilla",))["Quintanilla"], "the canary is there to be found"


def test_a_damaged_model_is_not_replaced_in_silence(known: Company) -> None:
    (path,) = models.files(Landing(known.folder))
    path.write_text(path.read_text().replace('"records": 8', '"records": 9'))
    with pytest.raises(LandingError, match=path.name):
        known.workspace.run(now=NOW + DAY)
    assert current(known.folder) is not None


def test_a_model_is_learned_once_and_again_when_a_person_asks(
    twice: tuple[Company, tuple[str, ...]], tmp_path: Path
) -> None:
    ran, said = twice
    made = Company(clientela.open(Path(shutil.copytree(ran.folder, tmp_path / "w"))))
    assert [each for each in said if each.startswith("Learning")] == [
        "Learning how to compare records: there is no model yet"
    ]
    before = models.newest(Landing(made.folder))
    assert before is not None
    done = made.workspace.identity.learn(now=NOW + 2 * DAY)
    assert (done.before, done.records, done.basis) == (before.model.version, 8, "shipped")
    after = models.newest(Landing(made.folder))
    assert after is not None
    assert (after.number, after.model.version) == (2, done.version)
    assert config.load(made.folder).identity.link
