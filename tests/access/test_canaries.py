"""Nobody without the right is told what is personal: not by any command, error, file, log, or temporary file."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anyio
import pytest
import typer.main

from clientela.cli.app import app
from clientela.contracts.tables import CONTRACTS
from clientela.errors import INTERNAL
from clientela.workspace import analyses
from tests.access.told import PLAIN, called, columns, found, held, personal, told

# Commands that are told to somebody: `--as`, or the user whose grants they explain. Each is called below.
TO_SOMEBODY = {
    *("ask", "query", "sql", "records", "members", "replicate", "grant why"),
    *("segment list", "segment show", "segment count", "segment members", "segment why"),
    "mcp",
}
# Commands of whoever owns the folder, who can read its files anyway. Those of the first table are about the whole and
# show nobody: they are called below, and must not show a canary either. Those of the second are there to show people.
ABOUT_THE_WHOLE: Mapping[str, tuple[str, ...]] = {
    "status": ("--fingerprints",), "doctor": (), "plan": (), "report": (), "rollback": ("--list",), "grant roles": (),
    "audit list": (), "audit verify": (), "user list": ("--all",), "user show": ("none",), "unit list": (),
    "identity decisions": (), "run": ("--dry-run",),
}  # fmt: skip
SHOWS_PEOPLE = {
    "export": "gives one person all that is kept of them; the purpose is entered in the audit log",
    "erase": "names the records it found before it takes them away",
    "backup": "is a copy of everything, the people file among it",
    "restore": "brings a backup back",
    "serve": "shows pages to who came in, each what their rights show: proved by tests/web/crawl",
    "identity review": "shows two records beside each other, for a person to decide",
    "identity why": "shows the fields by which two records were joined",
    "identity history": "finds by what is personal and shows keys",
    "identity find": "finds by what is personal and shows keys",
    "identity join": "takes keys and says them back",
    "identity split": "takes keys and says them back",
}
CHANGES_ONLY = {
    "init": "makes a workspace; with --from it shows samples of the files it is given",
    "demo": "makes a workspace of invented people",
    "schedule": "calls run and backup when they are due",
    "identity undo": "takes a number of a decision",
    "identity learn": "learns weights from decisions",
    **dict.fromkeys(
        ("user add", "user change", "user end", "user link", "user grant", "user revoke", "user answers"),
        "users, not customers",
    ),
    **dict.fromkeys(("unit add", "unit move", "unit join", "unit leave"), "units, not customers"),
}
# What is personal and shown all the same, by role, as its description says; everything else is hidden from it.
SHOWN = {
    "role:executive": (),
    "role:analyst": (),
    "role:statistician": (),
    "role:finance": ("full_name", "tax_id"),
    "nobody": (),
    "over": (),
    "marketer": ("full_name", "first_name", "last_name", "email"),
    "seller": ("full_name", "first_name", "last_name", "street", "postal_code", "email", "phone"),
    "helper": ("full_name", "email", "phone", "text", "comment"),
    "chief": tuple(name for name in columns() if name not in ("tax_id", "birth_date")),
}
GRANTED = {"marketer": "marketing", "seller": "sales", "helper": "service", "chief": "manager"}
WITHOUT = ("role:executive", "role:analyst", "role:statistician", "nobody", "over")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = told(tmp_path_factory.mktemp("canaries") / "w")
    for name in ("nobody", "over", *GRANTED):
        assert called("user", "add", name, folder=made) == 0
    for name, role in GRANTED.items():
        assert called("user", "grant", name, "--role", role, "--territory", "t1", folder=made) == 0
    assert called("user", "grant", "over", "--role", "administrator", folder=made) == 0
    assert called("user", "revoke", "over", "--all", folder=made) == 0
    return made


@pytest.fixture
def heard(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfdbinary: pytest.CaptureFixture[bytes]
) -> Callable[..., bytes]:
    """Calls a command and gives all that it said and left: output, errors, files of the workspace, temporary files."""
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setenv("TMPDIR", str(scratch))
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    monkeypatch.chdir(tmp_path)

    def call(*arguments: str) -> bytes:
        code = called(*arguments, folder=folder)
        said = capfdbinary.readouterr()
        assert code != INTERNAL, said.err
        left = b"".join(path.read_bytes() for path in sorted(tmp_path.rglob("*")) if path.is_file())
        return said.out + said.err + left

    return call


def commands() -> dict[str, set[str]]:
    """Every command with its options."""

    def walked(one: object, path: tuple[str, ...]) -> dict[str, set[str]]:
        below = getattr(one, "commands", None)
        if below is None:
            return {" ".join(path): {said for each in one.params for said in each.opts}}  # type: ignore[attr-defined] # click's
        return {name: told for key, each in below.items() for name, told in walked(each, (*path, key)).items()}

    return walked(typer.main.get_command(app), ())


def test_every_command_is_one_of_these() -> None:
    listed = [*TO_SOMEBODY, *ABOUT_THE_WHOLE, *SHOWS_PEOPLE, *CHANGES_ONLY]
    assert sorted(listed) == sorted(set(listed))
    assert {*listed} == {*commands()}, "say of a new command to whom it shows what, and call it here"
    assert {name for name, options in commands().items() if "--as" in options} == TO_SOMEBODY - {"grant why"}


def test_every_personal_column_of_every_contract_holds_a_canary(folder: Path) -> None:
    assert {*personal()} <= {*PLAIN}
    delivered = b"".join(path.read_bytes() for path in (folder / "exports").iterdir())
    people = b"".join(path.read_bytes() for path in folder.rglob("people-*.duckdb"))
    assert found(delivered, columns()) == [*columns()]
    assert {*columns()} - {*found(people, columns())} <= {"birth_date"}  # a date is no text in the file


def test_what_a_role_does_show_is_found(heard: Callable[..., bytes]) -> None:
    """Else nothing would be found where something is told."""
    assert found(heard("records", "customer_record", "full_name", "--as", "chief"), columns()) == ["full_name"]


def test_no_file_beside_that_of_the_people_holds_a_canary(folder: Path) -> None:
    looked = 0
    for path, said in held(folder):
        assert not found(said, columns()), path
        looked += 1
    assert looked > 8


def all_told(user: str, heard: Callable[..., bytes], fields: tuple[str, ...]) -> bytes:
    """All that somebody is told when they ask by every way there is, and wrongly."""
    said = b"".join(heard("ask", each.name, "--as", user, "--json") for each in analyses())
    for names in (("revenue", "customers", "--by", "customer"), ("cases", "contacts", "--by", "month")):
        said += heard("query", *names, "--as", user, "--csv", "out.csv")
    said += heard("members", "customer", "--like", "canary", "--as", user)
    for table, names in personal().items():
        for name in (each for each in names if each in fields):
            said += heard("records", table, name, "--as", user, "--csv", "rows.csv")
            said += heard("records", table, "--where", f"starts_with({name}, 'Canary')", "--as", user)
        said += heard("records", table, "--as", user, "--json")
    for name in fields:
        said += heard("query", "revenue", "--where", f"{name} <> ''", "--as", user)
        said += heard("members", name, "--as", user)
    for name in ("big", "none"):
        said += heard("segment", "show", name, "--as", user) + heard(
            "segment", "why", name, "--customer", "1", "--as", user
        )
        said += heard("segment", "members", name, "full_name", "--as", user) + heard(
            "segment", "members", name, "--as", user
        )
    said += heard("segment", "list", "--as", user) + heard("segment", "count", "full_name = 'x'", "--as", user)
    for wrong in ("contains(customer, '1')", "day > 'x'", "channel in (select full_name from customer)"):
        said += heard("query", "revenue", "--by", "customer", "--where", wrong, "--as", user)
    return said


def tools(fields: tuple[str, ...]) -> list[tuple[str, dict[str, Any]]]:
    """Every tool of an assistant, with all it can be asked that could tell of a person, rightly and wrongly."""
    wrong = ("contains(customer, '1')", "channel in (select full_name from customer)", "full_name = 'x'")
    asked: list[tuple[str, dict[str, Any]]] = [
        ("list_insights", {}),
        ("list_measures", {}),
        ("query_figures", {"measures": ["revenue", "customers"], "by": ["customer"], "limit": 1000}),
        ("query_figures", {"measures": ["cases", "contacts"], "by": ["customer", "month"]}),
        ("list_members", {"dimension": "customer", "like": "canary"}),
        ("list_members", {"dimension": "customer", "limit": 1000}),
    ]
    asked += [("ask_insight", {"name": each.name, "lang": lang}) for each in analyses() for lang in ("en", "es")]
    asked += [("query_figures", {"measures": ["revenue"], "where": each}) for each in wrong]
    for name in fields:
        asked.append(("query_figures", {"measures": ["revenue"], "by": [name]}))
        asked.append(("query_figures", {"measures": ["revenue"], "where": f"{name} <> ''"}))
        asked.append(("list_members", {"dimension": name, "like": "canary"}))
    return asked


@pytest.fixture
def assistant(monkeypatch: pytest.MonkeyPatch, heard: Callable[..., bytes]) -> Callable[..., bytes]:
    """Lets the command `mcp` answer an assistant who asks all this, and gives what it heard and what was left."""
    mcp = pytest.importorskip("mcp", reason="needs the extra mcp")
    from clientela.mcp import serving

    def told(user: str, asked: Sequence[tuple[str, dict[str, Any]]]) -> bytes:
        made = serving.server

        class Talk:
            def __init__(self, who: Any) -> None:
                self.server = made(who)

            def run(self, transport: str) -> None:
                assert transport == "stdio"
                anyio.run(self.talk)

            async def talk(self) -> None:
                async with mcp.Client(self.server) as client:
                    offered = {each.name for each in (await client.list_tools()).tools}
                    assert offered == {name for name, _ in asked}, "ask a new tool here too"
                    for name, arguments in asked:
                        sys.stdout.write((await client.call_tool(name, arguments)).model_dump_json() + "\n")

        with monkeypatch.context() as patch:
            patch.setattr(serving, "server", Talk)
            return heard("mcp", "--as", user)

    return told


@pytest.mark.parametrize("user", ["role:analyst", "nobody"])
def test_an_assistant_of_who_has_no_right_hears_nothing_that_is_personal(
    user: str, assistant: Callable[..., bytes]
) -> None:
    asked = tools(columns()[1:])
    said = assistant(user, asked)
    assert said.count(b'"content"') == len(asked)
    assert not found(said, columns())
    answered = said.count(b'"is_error":false')
    assert answered == 2 if user == "nobody" else answered > 2 * len(analyses())  # what there is to ask, all may know


@pytest.mark.slow
@pytest.mark.parametrize("user", [*SHOWN])
def test_an_assistant_hears_of_the_fields_of_its_user_alone(user: str, assistant: Callable[..., bytes]) -> None:
    assert {*found(assistant(user, tools(columns()[1:])), columns())} <= {*SHOWN[user]}


@pytest.mark.parametrize("user", ["role:analyst", "nobody"])
def test_who_has_no_right_is_told_nothing_that_is_personal(user: str, heard: Callable[..., bytes]) -> None:
    assert not found(all_told(user, heard, ("full_name", "text")), columns())


@pytest.mark.slow
@pytest.mark.parametrize("user", WITHOUT)
def test_who_has_no_right_is_told_nothing_of_any_field(user: str, heard: Callable[..., bytes]) -> None:
    assert not found(all_told(user, heard, columns()[1:]), columns())


@pytest.mark.slow
@pytest.mark.parametrize("user", [each for each in SHOWN if each not in WITHOUT])
def test_a_role_is_told_of_its_own_fields_alone(user: str, heard: Callable[..., bytes]) -> None:
    assert {*found(all_told(user, heard, columns()[1:]), columns())} <= {*SHOWN[user]}


STATEMENTS = (
    "select * from people.{table}", "select {column} from people.{table}", "select * from {table}",
    "select count({column}) from people.{table}", "select cast({column} as int) from people.{table}",
)  # fmt: skip
TRICKS = (
    "select record_id, customer_ref from people.identity", "select * from people.identifier",
    "select * from people.quarantine",
    "select * from people.main.customer", "select * from identity_evidence",
    "select * from identity", "select * from customer",
    "select * from model", "select * from run", "select * from quality", "select * from customer_lineage",
    "select kind from customer where kind in (select full_name from people.customer)",
    "select (select max(email) from people.customer) as e from customer", "select cast(kind as int) from customer",
    "with customer as (select * from people.customer) select * from customer", "select c from customer c",
    "select customer.* from customer left join people.customer as p using (customer_id)",
)  # fmt: skip


def test_no_sql_of_who_has_no_right_reads_what_is_personal(heard: Callable[..., bytes]) -> None:
    asked = (each.format(table="customer_record", column="full_name") for each in STATEMENTS[:2])
    said = b"".join(heard("sql", each, "--as", "role:analyst", "--show") for each in (*asked, *TRICKS[:4]))
    assert not found(said, columns())


@pytest.mark.slow
@pytest.mark.parametrize("user", [*SHOWN])
def test_sql_shows_the_personal_columns_of_one_s_role_and_no_other(user: str, heard: Callable[..., bytes]) -> None:
    tables = {**personal(), "customer": personal()["customer_record"]}
    asked = [
        each.format(table=table, column=name)
        for table, names in tables.items()
        for name in names
        for each in STATEMENTS
    ]
    said = b"".join(heard("sql", each, "--as", user, "--json", "--purpose", "test") for each in (*asked, *TRICKS))
    assert {*found(said, columns())} <= {*SHOWN[user]}


def test_an_error_does_not_tell_what_somebody_else_s_row_holds(folder: Path, heard: Callable[..., bytes]) -> None:
    """A cast that fails on a row outside one's scope, if the engine tried it there first, must not name its value."""
    assert called("user", "add", "lone", folder=folder) == 0
    assert called("user", "grant", "lone", "--role", "manager", "--account", "1", folder=folder) == 0
    said = b"".join(
        heard("sql", each, "--as", "lone")
        for each in (
            "select full_name from people.customer where cast(full_name as int) = 1",
            "select cast(text as date) from people.service_case",
        )
    )
    assert not found(said, columns())


@pytest.mark.parametrize("role", ["executive"])
def test_a_replica_for_a_role_holds_nothing_that_is_personal(
    role: str, tmp_path: Path, heard: Callable[..., bytes]
) -> None:
    said = heard("replicate", "copy", "--as", role)  # all that it wrote is read too
    assert not found(said, columns())
    assert any(path.is_file() for path in (tmp_path / "copy").rglob("*"))


def test_what_is_about_the_whole_names_nobody(folder: Path, heard: Callable[..., bytes]) -> None:
    said = b""
    for name, more in ABOUT_THE_WHOLE.items():
        said += heard(*name.split(), *more)
    said += heard("grant", "why", "chief", "--customer", "1") + heard("grant", "why", "nobody", "--customer", "1")
    assert not found(said, columns())
    test_no_file_beside_that_of_the_people_holds_a_canary(folder)


def test_there_is_no_personal_table_that_is_not_delivered_here() -> None:
    assert {each.name for each in CONTRACTS.values() if any(c.personal for c in each.columns)} == {*personal()}
