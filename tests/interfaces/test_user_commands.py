"""The commands about users and the audit log, as a person and a script use them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clientela.appdb import duties, organisation, tokens
from clientela.appdb.database import open_database
from clientela.cli.app import run as command
from clientela.workspace import create

Call = Callable[..., tuple[int, str, str]]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    create(tmp_path / "w", name="Corner Shop", currency="EUR", timezone="Europe/Madrid")
    return tmp_path / "w"


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Call:
    """A command in the workspace by the user root: its code, what it said, what it complained of."""
    monkeypatch.setenv("LOGNAME", "root")

    def called(*arguments: str) -> tuple[int, str, str]:
        code = command([*arguments, "-w", str(folder)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return called


def document(answer: tuple[int, str, str]) -> Any:
    assert answer[0] == 0, answer
    return json.loads(answer[1])


def test_before_anyone_was_added_nothing_is_made(folder: Path, call: Call) -> None:
    assert call("user", "list") == (0, "Nobody was added yet. Next: clientela user add NAME\n", "")
    assert document(call("user", "list", "--json")) == {"users": []}
    assert call("user", "show", "ana") == (2, "", "clientela: there is no user 'ana'; nobody was added yet.\n")
    assert call("audit", "verify") == (0, "Nothing was entered yet.\n", "")
    assert document(call("audit", "verify", "--json"))["entries"] == 0
    assert call("audit", "verify", "--head", f"3:{'a' * 64}")[0] == 1
    assert document(call("audit", "list", "--json")) == {"entries": []}
    assert not (folder / "app.sqlite").exists()


def test_a_user_from_the_first_day_to_the_last(call: Call) -> None:
    made = document(call("user", "add", "Ana", "--email", "ana@example.com", "--language", "es", "--json"))
    assert made | {"id": "", "made_at": ""} == {
        "id": "",
        "name": "Ana",
        "email": "ana@example.com",
        "language": "es",
        "state": "active",
        "made_at": "",
        "ended_at": None,
    }
    given = document(
        call("user", "grant", "ana", "--role", "sales", "--territory", "north", "--territory", "east", "--json")
    )
    assert (given["role"], given["scope"], given["state"]) == ("sales", {"territories": ["east", "north"]}, "in force")
    assert call("user", "list")[1] == "Ana  sales\n"
    assert document(call("user", "list", "--json"))["users"][0]["roles"] == ["sales"]
    assert document(call("user", "change", "ana", "--inactive", "--json"))["state"] == "inactive"
    assert call("user", "list")[1] == "Ana  inactive\n"
    assert call("user", "change", "ana", "--active", "--name", "Anna")[1] == "Changed Anna.\n"
    revoked = document(call("user", "revoke", "anna", "--role", "sales", "--json"))["revoked"]
    assert [(each["id"], each["state"], each["ended_by"]) for each in revoked] == [(given["id"], "revoked", "os:root")]
    assert call("user", "end", "anna")[1] == "anna has ended, with every grant, session and token.\n"
    assert document(call("user", "list", "--json")) == {"users": []}
    assert document(call("user", "list", "--all", "--json"))["users"][0]["state"] == "ended"


def test_a_grant_holds_on_the_days_of_the_company(call: Call) -> None:
    call("user", "add", "ana")
    call("unit", "add", "team-1")
    given = document(
        call(
            *("user", "grant", "ana", "--role", "manager", "--unit", "team-1", "--account", "4711"),
            *("--product-line", "wine", "--campaign", "spring", "--objective", "o1"),
            *("--from", "2099-01-01", "--until", "2099-07-31", "--json"),
        )
    )
    assert given["scope"] == {
        "units": ["team-1"],
        "accounts": ["4711"],
        "product_lines": ["wine"],
        "campaigns": ["spring"],
        "objectives": ["o1"],
    }
    assert (given["valid_from"], given["valid_to"], given["state"]) == (
        "2098-12-31T23:00:00+00:00",
        "2099-07-31T22:00:00+00:00",
        "to come",
    )


def test_a_user_is_shown_with_all_they_hold(folder: Path, call: Call) -> None:
    call("user", "add", "ana")
    call("user", "grant", "ana", "--role", "sales")
    now = datetime.now(UTC)
    with open_database(folder, now=now) as database, database.change(by="os:root", now=now) as change:
        organisation.add_unit(change, "north", name="North")
        organisation.join(change, "ana", "north")
        duties.answer_for(change, "ana", "product_line", ["wine"])
        duties.set_objective(change, "Win back", chance=bytes, unit_id="north", campaign_id="spring")
        tokens.make(change, "ana", kind="api", chance=bytes, lasting=timedelta(days=9), name="script")
    shown = call("user", "show", "ana")[1]
    for line in ("unit: north", "answers for: product line wine", "objective: Win back", "api script: until", "sales,"):
        assert f"  {line}" in shown or f": {line}" in shown, line
    told = document(call("user", "show", "ana", "--json"))
    assert (told["units"], told["responsibilities"]) == (["north"], [{"kind": "product_line", "id": "wine"}])
    assert (told["objectives"][0]["campaign"], told["tokens"][0]["name"]) == ("spring", "script")
    assert "token_hash" not in str(told)


def test_units_are_a_tree_with_users_in_them(call: Call) -> None:
    assert call("unit", "list")[1] == "No unit was added yet. Next: clientela unit add UNIT\n"
    call("user", "add", "ana")
    assert document(call("unit", "add", "north", "--name", "The north", "--json")) == {
        "id": "north",
        "name": "The north",
        "under": None,
    }
    assert call("unit", "add", "team-1", "--under", "north")[1] == "Added team-1.\n"
    assert call("unit", "add", "south")[1] == "Added south.\n"
    assert call("unit", "join", "team-1", "ana")[1] == "ana is in team-1.\n"
    assert call("unit", "list")[1] == "north  The north\n  team-1: ana\nsouth\n"
    assert call("unit", "move", "team-1", "--under", "south")[1] == "Moved team-1.\n"
    assert document(call("unit", "list", "--json"))["units"][2] == {
        "id": "team-1",
        "name": "team-1",
        "under": "south",
        "users": ["ana"],
    }
    assert call("unit", "leave", "team-1", "ana")[1] == "ana is no longer in team-1.\n"
    assert call("unit", "leave", "team-1", "ana") == (2, "", "clientela: 'ana' is not in 'team-1'.\n")


def test_a_user_answers_for_what_is_given_until_it_is_taken(call: Call) -> None:
    call("user", "add", "ana")
    told = document(
        call("user", "answers", "ana", "--territory", "t1", "--territory", "t2", "--account", "47", "--json")
    )
    assert [(each["kind"], each["id"]) for each in told["responsibilities"]] == [
        ("account", "47"),
        ("territory", "t1"),
        ("territory", "t2"),
    ]
    assert call("user", "answers", "ana", "--territory", "t1", "--account", "47", "--no-longer")[1] == (
        "ana answers for territory t2.\n"
    )
    assert call("user", "answers", "ana")[0] == 2
    assert call("user", "answers", "ana", "--account", "Eva") == (
        2,
        "",
        "clientela: a grant names customers by number; 'Eva' is none.\n",
    )


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["user", "add", "ANA"], 2, "there is already a user 'ana'"),
        (["user", "add", "bob", "--email", "x"], 2, "the e-mail address cannot be one"),
        (["user", "add", "bob", "--language", "xx"], 2, "unknown language 'xx'"),
        (["user", "show", "bob"], 2, "unknown user 'bob'; known: 'ana'"),
        (["user", "end", "bob"], 2, "unknown user 'bob'"),
        (["user", "change", "ana"], 2, "nothing to change"),
        (["user", "grant", "ana", "--role", "sale"], 2, "unknown role 'sale'"),
        (["user", "grant", "ana", "--role", "sales", "--unit", "nord"], 2, "unknown unit 'nord'"),
        (["user", "grant", "ana", "--role", "sales", "--account", "eva"], 2, "customers by number"),
        (["user", "grant", "ana", "--role", "sales", "--until", "2001-01-01"], 2, "is over already"),
        (["user", "grant", "ana", "--role", "sales", "--until", "soon"], 2, "'soon' is not a date"),
        (["user", "revoke", "ana"], 2, "one of --role, --grant or --all"),
        (["user", "revoke", "ana", "--role", "sales"], 2, "'ana' holds no role 'sales'; held: none"),
        (["audit", "list", "--user", "bob"], 2, "unknown user 'bob'"),
        (["audit", "verify", "--head", "x"], 2, "N:HASH"),
    ],
)
def test_a_mistake_gets_one_sentence_and_its_code(call: Call, arguments: list[str], code: int, said: str) -> None:
    call("user", "add", "ana")
    ended = call(*arguments)
    assert (ended[0], ended[1]) == (code, "")
    assert said in ended[2]
    assert len(ended[2].splitlines()) == 1


def test_the_log_is_listed_by_who_what_whom_and_when(call: Call) -> None:
    ana = document(call("user", "add", "ana", "--json"))["id"]
    call("user", "add", "bob")
    call("user", "grant", "ana", "--role", "sales", "--territory", "north")
    entries = document(call("audit", "list", "--json"))["entries"]
    assert [(each["entry"], each["actor"], each["action"]) for each in entries] == [
        (3, "os:root", "grant.given"),
        (2, "os:root", "user.added"),
        (1, "os:root", "user.added"),
    ]
    assert (entries[0]["objects"][0], entries[0]["counts"]) == (f"user:{ana}", {"territories": 1})

    def found(*more: str) -> list[int]:
        return [each["entry"] for each in document(call("audit", "list", "--json", *more))["entries"]]

    assert found("--action", "user") == [2, 1]
    assert found("--user", "os:root", "--limit", "1") == [3]
    assert found("--user", "ana") == []
    assert found("--object", f"user:{ana}") == [3, 1]
    assert found("--since", "2099-01-01") == []
    line = call("audit", "list", "--action", "grant")[1]
    assert line.split("  ")[-4:] == [
        "os:root",
        "grant.given",
        f"ana {entries[0]['objects'][1]} role:sales",
        "(territories 1)\n",
    ]


def test_a_changed_log_ends_with_1_and_the_first_broken_entry(folder: Path, call: Call) -> None:
    for name in ("ana", "bob", "cid"):
        call("user", "add", name)
    sound = document(call("audit", "verify", "--json"))
    assert (sound["sound"], sound["entries"], sound["anchored"], sound["broken"]) == (True, 3, 3, None)
    assert call("audit", "verify", "--head", sound["head"])[0] == 0
    with closing(sqlite3.connect(folder / "app.sqlite")) as connection, connection:
        connection.execute("drop trigger audit_keeps")
        connection.execute("update audit set actor = 'os:eve' where seq = 2")
    code, out, err = call("audit", "verify", "--json")
    assert (code, err) == (1, "")
    assert json.loads(out)["broken"] == {"entry": 2, "says": "was changed"}
    assert call("audit", "verify")[1].startswith("Broken: entry 2 was changed.\nEntries 1 to 1 are what was written.\n")


def test_a_file_of_a_newer_version_ends_with_3(folder: Path, call: Call) -> None:
    call("user", "add", "ana")
    with closing(sqlite3.connect(folder / "app.sqlite")) as connection, connection:
        connection.execute("update alembic_version set version_num = '0099'")
        connection.execute("insert into migration values ('0099', '2099-01-01T00:00:00.000000Z', '9.1')")
    for arguments in (["user", "list"], ["audit", "verify"], ["user", "add", "bob"]):
        ended = call(*arguments)
        assert ended[0] == 3
        assert "clientela 9.1" in ended[2]
