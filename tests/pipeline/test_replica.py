"""A replica holds what one person may see, answers as they would be answered, and nothing else."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

import clientela
from clientela.cli.app import run as command
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.cube.declared.facts import FACTS
from clientela.cube.declared.measure import MEASURES, parts_of
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.errors import NotPermittedError, QueryError, UsageError
from clientela.pipeline import serving
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.asking.watched import asker
from clientela.workspace import Workspace
from tests.pipeline import placed as company
from tests.pipeline.placed import CUSTOMERS, NOW, canaries

Call = Callable[..., tuple[int, str, str]]
EACH = 70  # questions for each of four people


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return company.placed(tmp_path_factory.mktemp("placed") / "w")


@pytest.fixture(scope="module")
def of(whole: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Workspace]:
    made: dict[str, Workspace] = {}
    place = tmp_path_factory.mktemp("replicas")

    def replica(user: str) -> Workspace:
        if user not in made:
            whole.replicate(place / user, user=user, purpose="test", now=NOW)
            made[user] = clientela.open(place / user)
        return made[user]

    return replica


@pytest.fixture
def call(capsys: pytest.CaptureFixture[str]) -> Call:
    def called(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        code = command([*arguments])
        shown = capsys.readouterr()
        return code, shown.out, shown.err

    return called


@contextmanager
def knowledge(workspace: Workspace, user: str | None) -> Iterator[SnapshotKnowledge]:
    with serving.opened(workspace.folder) as (reader, served):
        yield seen_by(reader, served.snapshot, None, asker=asker(workspace.folder, user, NOW))


def answered(kb: SnapshotKnowledge, question: tuple[list[str], list[str]]) -> Any:
    try:
        found = kb.query(*question)
    except (NotPermittedError, QueryError) as error:
        return str(error)
    return (sorted(found.rows, key=str), found.totals)


def question(rng: random.Random, user: str) -> tuple[list[str], list[str]]:
    known = ("customers", "orders", "revenue", "sales") if user == "stu" and rng.random() < 0.7 else sorted(MEASURES)
    names = rng.sample(known, rng.choice((1, 1, 2)))
    facts = [FACTS[part.fact] for name in names for part in parts_of(MEASURES[name])]
    shared = sorted(frozenset.intersection(*(fact.dimensions for fact in facts)) & DIMENSIONS.keys())
    return names, rng.sample(shared, min(len(shared), rng.choice((0, 1, 1, 2))))


@pytest.mark.parametrize("user", ["nora", "bea", "sam", "stu"])
def test_a_replica_answers_as_its_reader_is_answered(
    whole: Workspace, of: Callable[[str], Workspace], user: str
) -> None:
    rng = random.Random(user)  # noqa: S311 - questions, no secret
    told = {"same": 0, "not permitted": 0, "in figures only": 0}
    with knowledge(whole, user) as there, knowledge(of(user), None) as here:
        for _ in range(EACH):
            asked = question(rng, user)
            mine, theirs = answered(here, asked), answered(there, asked)
            if isinstance(mine, str) and ("counted in a replica" in mine or "invoice.payment_method" in mine):
                told["in figures only"] += not isinstance(theirs, str)  # else refused there too, for another reason
                continue
            assert mine == theirs, asked
            told["not permitted" if isinstance(mine, str) else "same"] += 1
    assert told["same"] >= (5 if user == "stu" else 25), told
    assert told["in figures only"] == 0 or user in ("bea", "sam", "stu"), told


def test_rows_are_those_of_its_reader(whole: Workspace, of: Callable[[str], Workspace]) -> None:
    for user, said in (
        ("nora", "select full_name, email from people.customer"),
        ("nora", "select order_id, net_revenue, cost_of_goods, territory_id from order_line"),
        ("sam", "select order_id, net_revenue, cost_of_goods from order_line"),
        ("bea", "select order_id, channel, cost_of_goods, net_revenue from order_line"),
        ("nora", "select name from product"),
    ):
        there, here = whole.sql(said, user=user, now=NOW), of(user).sql(said, now=NOW)
        assert sorted(map(str, here.rows)) == sorted(map(str, there.rows)), said
        assert here.rows, said


def test_answers_of_analyses_and_the_report_are_those_of_its_reader(
    whole: Workspace, of: Callable[[str], Workspace]
) -> None:
    for name in ("customer-value", "what-happened", "churn-risk"):
        try:
            there = whole.ask(name, user="nora", now=NOW).to_dict()
        except UsageError:
            continue
        here = of("nora").ask(name, now=NOW).to_dict()
        for told in (there, here):
            told.pop("snapshot", None)
        assert here == there
    assert of("nora").report().read_text("utf-8").startswith("<!doctype html>")
    assert "what nora may see" in (of("nora").folder / "report.html").read_text("utf-8")


def test_no_byte_of_a_replica_tells_of_others(whole: Workspace, of: Callable[[str], Workspace]) -> None:
    inside = {"north": {"oslo", "bergen", "roros"}, "plain": {"rome", "bari"}}
    bytes_of = {
        user: b"".join(path.read_bytes() for path in _files(of(user).folder)) for user in ("nora", "sam", "ivy")
    }
    everything = b"".join(path.read_bytes() for path in _files(whole.folder / "snapshots"))
    homes = dict(zip(*zip(*_homes(whole), strict=True), strict=True))
    found = dict.fromkeys(bytes_of, 0)
    for customer in range(CUSTOMERS):
        name, mail, street = (each.encode() for each in canaries(customer))
        assert name in everything, "else the test could find nothing"
        for user, region in (("nora", "north"), ("sam", "plain"), ("ivy", "")):
            theirs = homes.get(customer) in inside.get(region, ())
            assert (name in bytes_of[user]) == theirs, (user, customer)
            assert (mail in bytes_of[user]) == (theirs and user == "nora"), (user, customer)
            assert (street in bytes_of[user]) == (theirs and user == "nora"), (user, customer)
            assert f"Zq{customer:03}Wortlaut".encode() not in bytes_of["sam"]
            found[user] += theirs
    assert found["nora"] > 5 and found["sam"] > 5 and not found["ivy"]


def test_a_column_that_is_taken_out_is_nowhere_in_the_files(of: Callable[[str], Workspace]) -> None:
    told = of("sam").sql("select count(cost_of_goods) as costs, count(*) as lines from order_line", now=NOW)
    assert told.rows[0][0] == 0 and told.rows[0][1] > 20
    from clientela.warehouse.store.snapshot import Reader, current

    snapshot = current(of("sam").folder)
    assert snapshot is not None
    with Reader(snapshot) as reader:  # as any program would, past the cube
        import sqlglot

        stored = reader.fetch(sqlglot.parse_one("select count(cost_of_goods) as n from order_line", dialect="duckdb"))
        paid = reader.fetch(sqlglot.parse_one("select count(paid_on) as n from invoice", dialect="duckdb"))
    assert stored.column("n")[0].as_py() == 0
    assert paid.column("n")[0].as_py() == 0


def test_what_is_seen_in_figures_only_is_refused_in_one_sentence(of: Callable[[str], Workspace], call: Call) -> None:
    code, _, said = call("query", "margin", "-w", str(of("sam").folder))
    assert code == 6
    assert said == (
        "clientela: 'margin' cannot be counted in a replica: it rests on 'order_line.cost_of_goods', which the role "
        "shows in figures only, never row by row; ask where the replica was made.\n"
    )


def test_without_a_right_to_people_there_is_no_file_of_them(of: Callable[[str], Workspace]) -> None:
    assert [path.name.split("-")[0] for path in _files(of("ivy").folder / "snapshots")].count("people") == 0
    with pytest.raises(NotPermittedError, match="is personal"):
        of("ivy").sql("select full_name from people.customer", now=NOW)


def test_it_holds_no_secret_no_landing_no_users_and_no_journal(of: Callable[[str], Workspace]) -> None:
    names = {path.relative_to(of("bea").folder).as_posix().split("-")[0] for path in _files(of("bea").folder)}
    assert names <= {"clientela.toml", "snapshots/CURRENT", "snapshots/facts", "snapshots/people", "snapshots/snapshot"}
    assert "[[source]]" not in (of("bea").folder / "clientela.toml").read_text("utf-8")
    assert (of("bea").folder.stat().st_mode & 0o077) == 0


def test_status_says_what_it_is_and_a_run_is_refused(of: Callable[[str], Workspace], call: Call) -> None:
    folder = str(of("nora").folder)
    code, out, _ = call("status", "-w", folder)
    assert code == 0
    assert "This is a replica of Placed: what 'nora' could see of snapshot 1-" in out
    assert "on 2024-07-01 at 08:00 UTC." in out
    assert "replica of Placed" in json.loads(call("status", "-w", folder, "--json")[1])["replica"]
    code, _, said = call("run", "-w", folder)
    assert code == 2
    assert said.startswith("clientela: a run is not for a replica: this folder is a replica of Placed")
    assert len(said.splitlines()) == 1


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "--dry-run"), ("plan",), ("rollback",), ("backup",), ("erase", "c1"), ("export", "c1"),
        ("identity", "review"), ("identity", "why", "1"), ("identity", "history", "1"), ("identity", "find", "x"),
        ("identity", "decisions"), ("user", "add", "eve"), ("status", "--quarantine"), ("schedule", "--once"),
        ("query", "revenue", "--as", "nora"), ("replicate", "x", "--as", "nora"),
    ],
)  # fmt: skip
def test_what_only_a_workspace_can_do_is_refused(
    of: Callable[[str], Workspace], call: Call, arguments: tuple[str, ...]
) -> None:
    before = _files(of("nora").folder)
    code, _, said = call(*arguments, "-w", str(of("nora").folder))
    assert code == 2 and "is not for a replica" in said, said
    assert [path for path in _files(of("nora").folder) if path not in before] == []


def test_figures_of_many_only_are_refused(whole: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotPermittedError, match="figures of many customers only cannot be replicated"):
        whole.replicate(tmp_path / "r", user="many", now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_role_that_hides_whose_a_row_is_is_refused(whole: Workspace, tmp_path: Path) -> None:
    with pytest.raises(NotPermittedError, match=r"'order_line\.territory_id' says which rows are theirs"):
        whole.replicate(tmp_path / "r", user="blind", now=NOW)
    assert list(tmp_path.iterdir()) == []


def test_a_role_as_such_may_be_named(whole: Workspace, tmp_path: Path) -> None:
    whole.replicate(tmp_path / "r", user="executive", now=NOW)
    told = clientela.open(tmp_path / "r").query("revenue", now=NOW).table.rows
    assert (
        told == whole.query("revenue", user="role:executive", now=NOW).table.rows == whole.query("revenue").table.rows
    )
    with pytest.raises(UsageError, match="shows what a grant names, and by itself nothing"):
        whole.replicate(tmp_path / "s", user="role:manager", now=NOW)


def test_a_folder_that_holds_something_is_left_alone(whole: Workspace, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "mine.txt").write_text("mine", "utf-8")
    with pytest.raises(UsageError, match="is not empty"):
        whole.replicate(tmp_path / "full", user="nora", now=NOW)
    with pytest.raises(UsageError, match="lies in the workspace itself"):
        whole.replicate(whole.folder / "inside", user="nora", now=NOW)
    with pytest.raises(UsageError, match="is no folder"):
        whole.replicate(tmp_path / "no" / "r", user="nora", now=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["full"]


def test_it_is_entered_as_an_export_with_its_purpose(
    whole: Workspace, of: Callable[[str], Workspace], call: Call
) -> None:
    of("nora")
    told = json.loads(call("audit", "list", "--action", "replica", "--json", "-w", str(whole.folder))[1])["entries"]
    ours = next(each for each in told if each["purpose"] == "test" and each["counts"].get("people") == 1)
    assert ours["action"] == "replica.made" and ours["objects"][0].startswith("user:")
    assert ours["counts"]["rows"] > 100


def test_a_killed_one_leaves_nothing_that_looks_like_a_replica(whole: Workspace, tmp_path: Path) -> None:
    target = tmp_path / "r"
    script = (
        "import clientela, os, signal, sys\n"
        "from clientela.pipeline.asking import replicate\n"
        "def killed(*a, **k): os.kill(os.getpid(), signal.SIGKILL)\n"
        "replicate.write_durably = killed\n"
        "clientela.open(sys.argv[1]).replicate(sys.argv[2], user='nora')\n"
    )
    ended = subprocess.run([sys.executable, "-c", script, str(whole.folder), str(target)], env=os.environ, check=False)
    assert ended.returncode == -signal.SIGKILL
    assert not target.exists() and len(list(tmp_path.iterdir())) == 1  # the unfinished one, hidden
    whole.replicate(target, user="nora", now=NOW)
    assert [path.name for path in tmp_path.iterdir()] == ["r"]


def test_rights_that_change_later_do_not_reach_a_replica(whole: Workspace, tmp_path: Path, call: Call) -> None:
    where = str(whole.folder)
    assert call("user", "add", "tim", "-w", where)[0] == 0
    assert call("user", "grant", "tim", "--role", "manager", "--territory", "rome", "-w", where)[0] == 0
    whole.replicate(tmp_path / "r", user="tim", now=None)
    before = clientela.open(tmp_path / "r").query("revenue").table.rows
    assert call("user", "revoke", "tim", "--all", "-w", where)[0] == 0
    assert call("query", "revenue", "--as", "tim", "-w", where)[0] == 6
    assert clientela.open(tmp_path / "r").query("revenue").table.rows == before


def _files(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file() and path.name != "report.html")


def _bytes(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in _files(folder))


def _homes(whole: Workspace) -> list[tuple[int, str]]:
    said = """
    select who.record_id, home.territory_id
    from identity as known
    inner join people.identity as who on who.customer_ref = known.customer_ref
    inner join customer_territory as home on home.customer_id = known.customer_id
    """
    return [(int(str(key).removeprefix("c")), str(where)) for key, where in whole.sql(said).rows]


def test_a_change_of_rights_holds_from_the_next_question_also_where_a_workspace_is_open(
    whole: Workspace, call: Call
) -> None:
    where = str(whole.folder)
    script = (
        "import clientela, sys\n"
        "opened = clientela.open(sys.argv[1])\n"
        "for line in sys.stdin:\n"
        "    try: print(opened.query('revenue', user='kim').table.rows, flush=True)\n"
        "    except clientela.errors.ClientelaError as error: print('refused', flush=True)\n"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", "import clientela.errors\n" + script, where],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert other.stdin is not None and other.stdout is not None

    def asked() -> str:
        other.stdin.write("\n")  # type: ignore[union-attr] # it is a pipe
        other.stdin.flush()  # type: ignore[union-attr] # it is a pipe
        return other.stdout.readline().strip()  # type: ignore[union-attr] # it is a pipe

    try:
        assert asked() == "refused"
        assert call("user", "add", "kim", "-w", where)[0] == 0
        assert asked() == "refused"
        assert call("user", "grant", "kim", "--role", "manager", "--territory", "rome", "-w", where)[0] == 0
        rome = asked()
        assert "Decimal" in rome
        policy = whole.folder / "policy.toml"
        said = policy.read_text("utf-8")
        policy.write_text(
            said + '\n[roles.manager]\nrows = "granted"\ncolumns = ["*"]\nmeasures = ["orders"]\n', "utf-8"
        )
        assert asked() == "refused"
        policy.write_text(said, "utf-8")
        assert asked() == rome
        assert call("user", "change", "kim", "--inactive", "-w", where)[0] == 0
        assert asked() == "refused"
    finally:
        other.stdin.close()
        other.wait(30)
        other.stdout.close()
