"""What people are called, where they live and how they are reached is in no file that may be shown, and in no message.

One person is delivered by three systems with words that nobody else has: twice so alike that a rule or the model joins
them, once so that a person would be asked. Everything the product writes is searched for these words.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from clientela.cli.app import run as called
from clientela.warehouse.store.snapshot import current
from tests.identity.delivery import found, workspace, write
from tests.identity.records import delivered

CANARY = {
    "given": "Qanarienne", "surname": "Vogelzwitscher", "email": "qanarienne.vogelzwitscher@zwitscher.example.org",
    "phone": "+34 612 987 123", "street": "Calle Pajarera 4711", "postal": "28099", "city": "Madrid",
    "born": date(1961, 2, 3), "tax": "47114711Q", "company": None,
}  # fmt: skip
# Each is about the person alone, in any form in which it is compared.
WORDS = (
    "qanarienne",
    "vogelzwitscher",
    "qanarienne.vogelzwitscher@",
    "612987123",
    "612 987 123",
    "pajarera",
    "47114711",
    "CANARYKEY",
    "1961-02-03",
)
# The only files that may hold them: what was delivered, the people file, and what lies sealed beside it in landing.
MAY_HOLD = ("exports/", "landing/", "people")


def company(folder: Path, extra: str = "", memory: str = "1200MB") -> pa.Table:
    """Eight hundred people and the canary in all three systems; what was delivered."""
    made = delivered(800, seed=31)
    plain = {
        **CANARY, "country": "ES", "kind": "person", "created": date(2020, 1, 1), "person": 10_000, "trap": "",
        "life": "",
    }  # fmt: skip
    rows = [
        {**plain, "system": "shop", "record_id": "CANARYKEY1"},
        {**plain, "system": "crm", "record_id": "CANARYKEY2", "surname": "Vogelzwitcher", "email": None},
        {**plain, "system": "till", "record_id": "CANARYKEY3", "email": None, "phone": None, "tax": None},
    ]
    table = pa.concat_tables([made.table, pa.Table.from_pylist(rows, schema=made.table.schema)])
    workspace(folder, extra=extra, memory=memory)
    write(folder, table)
    return table


def run(folder: Path) -> str:
    """One run as a user starts it: everything it said."""
    done = subprocess.run(
        [sys.executable, "-m", "clientela", "run", "-w", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout + done.stderr


def texts(path: Path) -> Iterator[str]:
    """Everything a file says: its bytes, and what stands compressed in its tables."""
    yield path.read_bytes().decode("utf-8", "replace")
    if path.suffix == ".parquet":
        yield str(pq.read_table(path).to_pylist())
        yield str(pq.read_metadata(path).metadata)
    if path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as connection:
            for (name,) in connection.execute("select table_name from information_schema.tables").fetchall():
                yield str(connection.sql(f'select * from "{name}"').fetchall())  # noqa: S608 - a name of our own


def words_in(text: str) -> set[str]:
    return {word for word in WORDS if word.casefold() in text.casefold()}


def telling(folder: Path) -> dict[str, set[str]]:
    """The files that say one of the words, with the words."""
    said: dict[str, set[str]] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            found_here = set().union(*(words_in(text) for text in texts(path)))
            if found_here:
                said[path.relative_to(folder).as_posix()] = found_here
    return said


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, pa.Table, str]:
    """Run twice, so that the second takes over what the first compared."""
    folder = tmp_path_factory.mktemp("canary") / "w"
    table = company(folder)
    said = run(folder)
    return folder, table, said + run(folder)


def test_the_canary_is_known_and_joined(ran: tuple[Path, pa.Table, str]) -> None:
    folder, table, _ = ran
    ids = found(folder, table).customer_id[-3:]
    assert ids[0] == ids[1]
    said = telling(folder)
    assert {"qanarienne", "47114711", "CANARYKEY"} <= set().union(*said.values()), "a canary that was nowhere"


def test_no_personal_value_is_in_the_facts_file(ran: tuple[Path, pa.Table, str]) -> None:
    published = current(ran[0])
    assert published is not None
    assert set().union(*(words_in(text) for text in texts(published.paths["facts"]))) == set()


def test_only_what_was_delivered_and_the_people_file_say_who_somebody_is(ran: tuple[Path, pa.Table, str]) -> None:
    said = telling(ran[0])
    shown = {name: words for name, words in said.items() if not any(part in name for part in MAY_HOLD)}
    assert shown == {}


def test_what_was_compared_decided_and_learned_says_nothing_of_anybody(ran: tuple[Path, pa.Table, str]) -> None:
    """Of what identity keeps in landing, only the sealed cache of compared records may."""
    folder = ran[0]
    kept = {name: words for name, words in telling(folder).items() if name.startswith("landing/")}
    for name, words in kept.items():
        assert not name.endswith((".json", ".jsonl")), (name, words)
        assert "/events" not in name, (name, words)
        assert "/models" not in name, (name, words)


def test_neither_progress_nor_fingerprints_nor_status_say_a_personal_word(
    ran: tuple[Path, pa.Table, str], capfd: pytest.CaptureFixture[str]
) -> None:
    folder, _, said = ran
    assert words_in(said) == set()
    for command in ("fingerprint", "status", "doctor", "quarantine"):
        called([command, "-w", str(folder)])
        shown = capfd.readouterr()
        assert shown.out + shown.err, command
        assert words_in(shown.out + shown.err) == set(), command


def test_a_run_without_memory_fails_without_naming_anybody(tmp_path: Path) -> None:
    company(tmp_path / "w", memory="30MB")
    done = subprocess.run(
        [sys.executable, "-m", "clientela", "run", "-w", str(tmp_path / "w")],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )
    assert done.returncode != 0
    assert words_in(done.stdout + done.stderr) == set()
    assert {name: w for name, w in telling(tmp_path / "w").items() if not any(p in name for p in MAY_HOLD)} == {}


def test_what_is_broken_of_an_earlier_run_costs_time_and_names_nobody(
    ran: tuple[Path, pa.Table, str], tmp_path: Path
) -> None:
    folder, table = Path(shutil.copytree(ran[0], tmp_path / "w")), ran[1]
    before = found(folder, table).customer_id.tolist()
    broken = [path for path in (folder / "landing").rglob("*") if path.is_file() and "linked" in path.as_posix()]
    assert broken
    for path in broken:
        path.chmod(0o600)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    said = run(folder)
    assert words_in(said) == set()
    assert found(folder, table).customer_id.tolist() == before


def test_a_damaged_journal_is_told_without_what_stands_in_it(ran: tuple[Path, pa.Table, str], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(ran[0], tmp_path / "w"))
    journal = folder / "landing" / "decisions.jsonl"
    told = {"kind": "join", "reason": "Qanarienne Vogelzwitscher told us", "pairs": []}
    journal.write_text(f"{json.dumps(told)[:-9]}\n{json.dumps(told)}\n", encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "clientela", "run", "-w", str(folder)], capture_output=True, text=True, check=False
    )
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    assert "decisions" in done.stderr
    assert words_in(done.stdout + done.stderr) == set()
