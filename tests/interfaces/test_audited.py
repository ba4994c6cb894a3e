"""Every look at personal data, every export and every change of who may what leaves an entry with its purpose."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import anyio
import pytest
import typer

from clientela.cli.app import run as command
from clientela.cli.shell import app
from clientela.pipeline import serving
from clientela.pipeline.asking.noted import Noting
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.asking.watched import look
from tests.pipeline import placed as company
from tests.pipeline.company import NOW, buying, shop

Call = Callable[..., tuple[int, str, str]]

# Each command, with what it enters in the log when it shows personal data, takes something out or changes who may what.
ENTERS = {
    "ask": "personal.read",
    "report": "personal.read",
    "query": "figures.exported",
    "sql": "personal.read",
    "replicate": "replica.made",
    "status": "quarantine.read",
    "export": "person.exported",
    "erase": "person.erasure-asked",
    "backup": "backup.made",
    "restore": "backup.restored",
    "identity review": "identity.reviewed",
    "identity why": "identity.explained",
    "identity history": "identity.history",
    "identity find": "identity.found",
    "identity join": "identity.join",
    "identity split": "identity.split",
    "identity undo": "identity.undo",
    "identity learn": "identity.learn",
    "user add": "user.added",
    "user change": "user.changed",
    "user end": "user.ended",
    "user grant": "grant.given",
    "user revoke": "grant.revoked",
    "user link": "link.made",
    "user answers": "responsibility.given",
    "unit add": "unit.added",
    "unit move": "unit.moved",
    "unit join": "unit.joined",
    "unit leave": "unit.left",
    "mcp": "personal.read",
}
# And those that do not, with why.
QUIET = {
    "init": "makes an empty workspace",
    "demo": "made-up data",
    "run": "its journal says what it did; it shows nobody",
    "plan": "file names and counts",
    "doctor": "what is wrong with files",
    "rollback": "its journal says what it did; it shows nobody",
    "schedule": "runs, and backups by themselves, which are entered as backups",
    "identity decisions": "numbers, and reasons that name nobody",
    "user list": "who works here",
    "user show": "who works here",
    "unit list": "who works here",
    "grant why": "a customer by number, and their district",
    "grant roles": "the policy",
    "audit list": "the log itself",
    "audit verify": "the log itself",
    "serve": "each page enters by itself what it shows and changes, as the tests of the pages say",
}
OF_OTHERS = ("segment", "records", "members", "measure")  # groups that come with tests of their own


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made: Path = tmp_path_factory.mktemp("audited") / "w"
    company.placed(made)
    return made


@pytest.fixture
def call(folder: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = command([*arguments, "-w", str(folder)])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return called


def verbs() -> Iterator[str]:
    root: Any = typer.main.get_command(app)
    for name, each in root.commands.items():
        inner = getattr(each, "commands", None)
        if inner is None:
            yield name
        else:
            yield from (f"{name} {below}" for below in inner)


def entries(call: Call, action: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(call("audit", "list", "--action", action, "--json")[1])["entries"]
    return found


def test_every_command_either_enters_or_has_nothing_to_enter() -> None:
    named = {each for each in verbs() if each.split()[0] not in OF_OTHERS}
    assert named == ENTERS.keys() | QUIET.keys(), "say of a new command what it enters in the audit log, or why nothing"
    assert not ENTERS.keys() & QUIET.keys()


@pytest.mark.parametrize(
    "arguments",
    [
        ("sql", "select full_name from people.customer"),
        ("query", "revenue", "--by", "month", "--csv", "{tmp}/figures.csv"),
        ("identity", "review"),
        ("identity", "review", "--csv", "{tmp}/pairs.csv"),
        ("identity", "why", "shop:c1"),
        ("identity", "history", "shop:c1"),
        ("identity", "find", "shop:c1"),
        ("identity", "learn"),
        ("export", "shop:c1"),
        ("export", "shop:c1", "--out", "{tmp}/person.json"),
        ("erase", "shop:c2", "--dry-run"),
        ("backup", "{tmp}/backup.tar.zst"),
        ("status", "--quarantine"),
        ("replicate", "{tmp}/replica", "--as", "nora"),
    ],
    ids=lambda each: " ".join(each[:2]),
)
def test_a_look_or_an_export_is_entered_with_its_purpose(
    call: Call, tmp_path: Path, arguments: tuple[str, ...]
) -> None:
    said = tuple(each.format(tmp=tmp_path) for each in arguments)
    purpose = "test-" + "-".join(each for each in said[:2] if each.isalpha())
    code, _, told = call(*said, "--purpose", purpose)
    assert code == 0, told
    verb = next(each for each in (" ".join(said[:2]), said[0]) if each in ENTERS)
    action = "person.erasure-foreseen" if "--dry-run" in said else ENTERS[verb]
    found = [each for each in entries(call, action) if each["purpose"] == purpose]
    assert found, action
    assert found[0]["actor"].startswith("os:")
    assert not any(sign in json.dumps(found[0]) for sign in ("Nachname", "canary.example"))


def test_rows_that_show_whose_they_are_are_entered(folder: Path, call: Call) -> None:
    """As an analysis reads them: the snapshot notes which personal tables were named."""
    with serving.opened(folder) as (reader, served):
        noting = Noting(reader)
        kb = seen_by(noting, served.snapshot, None, asker=None)
        kb.records("order_line", ["order_id", "net_revenue"], limit=2)
        noting.enter(folder, look("nothing-personal", None), snapshot=served.snapshot.name, rows=2)
        kb.records("order_line", ["order_id", "customer_key"], limit=2)
        noting.enter(folder, look("list-of-keys", None), snapshot=served.snapshot.name, rows=2)
    told = {each["purpose"]: each for each in entries(call, "personal.read")}
    assert "nothing-personal" not in told
    assert told["list-of-keys"]["objects"] == ["table:identity"]
    assert told["list-of-keys"]["counts"] == {"rows": 2}


def test_a_link_with_which_a_user_comes_in_is_entered(call: Call) -> None:
    before = len(entries(call, ENTERS["user link"]))
    code, link, told = call("user", "link", "nora")
    assert code == 0, told
    found = entries(call, ENTERS["user link"])
    assert len(found) == before + 1
    assert link.strip().rpartition("/")[2] not in json.dumps(found)


def test_the_customers_that_an_assistant_is_shown_are_entered(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    mcp = pytest.importorskip("mcp", reason="needs the extra mcp")
    from clientela.mcp.tools import Asking, server
    from clientela.workspace import Workspace

    made = shop(tmp_path / "w")
    made.deliver("orders-1.csv", buying(200))
    made.workspace.run(now=NOW)
    folder = made.workspace.folder
    assert command(["user", "add", "nora", "-w", str(folder)]) == 0  # from then on there is a log
    asking = Asking(workspace=Workspace(folder, "assistant"), user=None, actor="")  # as the command mcp asks

    async def asked() -> Any:
        async with mcp.Client(server(lambda _: asking)) as client:
            return (await client.call_tool("ask_insight", {"name": "churn-risk"})).structured_content

    assert len(anyio.run(asked)["table"]["rows"]) == 20
    capsys.readouterr()
    assert command(["audit", "list", "--action", ENTERS["mcp"], "--json", "-w", str(folder)]) == 0
    [found] = json.loads(capsys.readouterr().out)["entries"]
    assert (found["purpose"], found["objects"], found["counts"]) == ("assistant", ["table:identity"], {"rows": 20})


def test_an_erasure_is_entered_before_and_after(call: Call) -> None:
    assert call("erase", "shop:c39", "--yes", "--purpose", "asked-by-letter")[0] == 0
    assert [each["purpose"] for each in entries(call, "person.erasure-asked")] == ["asked-by-letter"]
    done = entries(call, "person.erased")[0]
    assert done["purpose"] == "asked-by-letter" and done["counts"]["keys"] == 1


@pytest.mark.parametrize("purpose", ["Because Ana asked", "ana@example.com", "UPPER", "x" * 65])
def test_a_purpose_that_could_name_somebody_is_refused_before_anything_is_done(
    call: Call, tmp_path: Path, purpose: str
) -> None:
    for said in (
        ("export", "shop:c1", "--out", str(tmp_path / "p.json")),
        ("backup", str(tmp_path / "b.tar.zst")),
        ("erase", "shop:c3", "--yes"),
        ("identity", "join", "shop:c4", "shop:c5", "--reason", "same"),
        ("replicate", str(tmp_path / "r"), "--as", "nora"),
    ):
        code, _, told = call(*said, "--purpose", purpose)
        assert code == 2 and "a purpose is a code" in told, said
    assert list(tmp_path.iterdir()) == []
    assert call("identity", "find", "shop:c3", "--purpose", "still-there")[0] == 0


def test_a_changed_policy_is_entered_with_the_next_question(call: Call, folder: Path) -> None:
    policy = folder / "policy.toml"
    before = len(entries(call, "policy.recorded"))
    policy.write_text(policy.read_text("utf-8") + "\n# one line more\n", "utf-8")
    assert call("query", "revenue", "--as", "nora")[0] == 0
    assert call("query", "revenue", "--as", "nora")[0] == 0
    assert len(entries(call, "policy.recorded")) == before + 1


def test_a_restored_workspace_says_so(call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert call("backup", str(tmp_path / "b.tar.zst"))[0] == 0
    assert command(["restore", str(tmp_path / "b.tar.zst"), str(tmp_path / "again")]) in (0, 1)
    capsys.readouterr()
    assert command(["audit", "list", "--action", "backup.restored", "--json", "-w", str(tmp_path / "again")]) == 0
    assert len(json.loads(capsys.readouterr().out)["entries"]) == 1
