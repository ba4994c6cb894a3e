"""The app database is a source: units, who works in them and what they answer for come into the next snapshot."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

import clientela
from clientela.cli.app import run as command
from clientela.workspace import Workspace, create

FIRST, SECOND, THIRD = (datetime(2027, month, 1, 8, tzinfo=UTC) for month in (3, 4, 5))
OPPORTUNITIES = """\
opportunity_id,customer_ref,owner_id,opened_at,amount,status
1,a,ana,2027-01-05,100,open
2,b,ana,2027-01-06,40,won
3,c,bo,2027-01-07,7,open
4,c,cy,2027-01-08,1,open
"""
SOURCES = """
[[source]]
name = "crm"
table = "opportunity"
path = "opportunities.csv"
delivery = "full"
"""
CHAIN = ["u1", "u2", "u3", "u4", "u5", "u6", "u7", "team-1"]  # eight levels


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("company") / "w"
    create(folder, name="Corner Shop", currency="EUR", timezone="UTC")
    (folder / "opportunities.csv").write_text(OPPORTUNITIES, "utf-8")
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text("utf-8") + SOURCES, "utf-8")

    def say(*arguments: str) -> None:
        assert command([*arguments, "-w", str(folder)]) == 0

    for above, unit in zip([None, *CHAIN], CHAIN, strict=False):
        say("unit", "add", unit, "--name", unit.upper(), *(["--under", above] if above else []))
    say("unit", "add", "team-2", "--name", "TEAM-2", "--under", "u2")
    for user, unit in (("ana", "team-1"), ("bo", "team-2"), ("cy", None)):
        say("user", "add", user, "--email", f"{user}@secret.example")
        if unit:
            say("unit", "join", unit, user)
    say("user", "answers", "ana", "--territory", "north", "--product-line", "brand:Acme")
    workspace = clientela.open(folder)
    workspace.run(now=FIRST)
    say("unit", "leave", "team-2", "bo")
    say("unit", "join", "team-1", "bo")
    say("user", "end", "cy")
    workspace.run(now=SECOND)
    workspace.run(now=THIRD)
    return workspace


def rows(workspace: Workspace, *names: str, **said: object) -> list[tuple[object, ...]]:
    return [tuple(map(str, row)) for row in workspace.query(*names, **said).table.rows]  # type: ignore[arg-type]


def test_a_person_lies_in_a_team_and_that_in_a_division_however_deep(opened: Workspace) -> None:
    assert rows(opened, "opportunities", "owner_id", "team", "division") == [
        ("ana", "TEAM-1", "U1", "2"),
        ("bo", "TEAM-1", "U1", "1"),
        ("cy", "None", "None", "1"),
    ]
    assert rows(opened, "opportunities", "team", where="division = 'U1'") == [("TEAM-1", "3")]


def test_who_moved_is_where_they_were_as_it_was_known_then(opened: Workspace) -> None:
    then = datetime(2027, 3, 15, tzinfo=UTC)
    assert rows(opened, "opportunities", "team", known_at=then) == [("TEAM-1", "2"), ("TEAM-2", "1"), ("None", "1")]


def test_what_they_answer_for_can_be_read_and_no_secret_is_there(opened: Workspace) -> None:
    told = opened.sql("select staff_id, kind, object_id from responsibility order by kind")
    assert told.rows == (("ana", "product_line", "brand:Acme"), ("ana", "territory", "north"))
    files = [path for path in opened.folder.rglob("*") if path.is_file() and not path.name.startswith("app.sqlite")]
    assert not [path for path in files if b"secret.example" in path.read_bytes()]


def test_an_unchanged_app_database_lands_nothing_new(opened: Workspace) -> None:
    batches = sorted((opened.folder / "landing" / "batches" / "clientela").rglob("*.parquet"))
    assert [path.parent.name for path in batches] == ["responsibility", "staff", "staff", "unit"]
    assert [each.table for each in opened.status().sources if each.source == "clientela"] == [
        "unit", "staff", "responsibility",
    ]  # fmt: skip


def test_a_dry_run_reads_it_too(opened: Workspace, tmp_path: Path) -> None:
    trial = opened.dry_run(now=THIRD)
    assert trial is not None
