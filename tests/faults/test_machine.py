"""What the machine may refuse: room, memory, files, rights. One sentence, the right code, and the snapshot serves."""

from __future__ import annotations

import json
import resource
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from clientela.cli.app import run as command
from clientela.workspace import Workspace
from tests.faults.commands import ROOT, clientela
from tests.faults.company import left_over, more, published, small
from tests.some import some

Disk = Callable[[str], Path]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published workspace, to be copied."""
    return small(tmp_path_factory.mktemp("made") / "w").folder


@pytest.fixture
def shop(made: Path, tmp_path: Path) -> Workspace:
    """A workspace of one's own, with a new file to run."""
    shutil.copytree(made, tmp_path / "w")
    more(tmp_path / "w" / "exports", 1)
    return Workspace(tmp_path / "w")


def last_run(folder: Path) -> dict[str, str]:
    return dict(json.loads((folder / "runs.jsonl").read_text().splitlines()[-1])[1])


def how_far(folder: Path, arrived: int) -> str:
    """Where in a run a disk was full, by what the run has left."""
    landing = folder / "landing"
    if len((landing / "arrivals.jsonl").read_text().splitlines()) == arrived:
        return "landing"
    typed = [path for path in (landing / "conformed").iterdir() if (path / "about.json").exists()]
    return "conform" if len(typed) <= arrived else "build or publish"


@pytest.mark.parametrize(
    "rooms",  # kB
    [(0, 300, 1500), pytest.param((0, 8, 48, 300, 500, 900, 1500, 3000), marks=pytest.mark.slow)],
    ids=["some", "many"],
)
def test_a_full_disk_ends_in_one_sentence_wherever_it_fills_up(
    small_disk: Disk, tmp_path: Path, rooms: tuple[int, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    disk = small_disk("400m")
    folder, exports = small(disk / "w", tmp_path / "exports").folder, tmp_path / "exports"
    before, fell = published(folder), Counter[str]()
    for delivery, room in enumerate(rooms, start=1):
        more(exports, delivery, lines=6_000)
        arrived = len((folder / "landing" / "arrivals.jsonl").read_text().splitlines())
        used = shutil.disk_usage(disk).used
        small_disk(f"{used // 1024 + room}k")
        ended = clientela("run", "-w", folder)
        assert ended.code == 1, ended
        assert ended.sentence.startswith("no room is left on the disk of ")
        assert str(disk) in ended.sentence
        assert ended.sentence.endswith("; free some space, then try again.")
        assert published(folder) == before
        assert not Workspace(folder).ask("sales-trend").said.damage
        fell[how_far(folder, arrived)] += 1
        small_disk("400m")
        Workspace(folder).run()
        assert left_over(folder) == []
        assert published(folder) != before
        before = published(folder)
    with capsys.disabled():
        print(f"\na full disk: {dict(fell)}")  # noqa: T201 - what was injected where is what this test shows
    assert {"landing", "conform", "build or publish"} <= set(fell)


def test_a_workspace_that_cannot_be_written_to_answers_all_the_same(
    small_disk: Disk, tmp_path: Path, made: Path
) -> None:
    disk = small_disk("200m")
    shutil.copytree(made, disk / "w")
    more(disk / "w" / "exports", 1)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)
    ended = clientela("run", "-w", disk / "w")
    assert ended.code == 1
    assert ended.sentence.endswith("is on a read-only disk; make it writable, then try again.")
    for said in (["ask", "sales-trend"], ["status"], ["doctor"], ["report", "--out", str(tmp_path / "r.html")]):
        assert command([*said, "-w", str(disk / "w")]) == (1 if said == ["doctor"] and _tight(disk) else 0), said
    subprocess.run(["mount", "-o", "remount,rw", disk], check=True)


def _tight(disk: Path) -> bool:
    """The doctor also fails where less than 200 MB are free."""
    return shutil.disk_usage(disk).free < 200_000_000


def test_another_user_may_read_and_is_told_that_he_may_not_run(shop: Workspace, nobody: tuple[str, ...]) -> None:
    for path in [shop.folder, *shop.folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() else 0o644)
    (shop.folder / "secrets" / "pseudonym.key").chmod(0o600)
    parents = [each for each in shop.folder.parents if each.name.startswith(("pytest", "popen", "test"))]
    for each in parents:
        each.chmod(0o755)
    if subprocess.run([*nobody, sys.executable, "-c", ""], capture_output=True, check=False).returncode:
        pytest.skip("this Python cannot be started by another user")
    ended = clientela("run", "-w", shop.folder, before=nobody)
    assert ended.code == 1
    assert "cannot be written to or read by this user" in ended.sentence
    assert clientela("ask", "sales-trend", "-w", shop.folder, before=nobody).code == 0
    assert clientela("status", "-w", shop.folder, before=nobody).code == 0
    assert "pseudonym.key" in clientela("doctor", "-w", shop.folder, before=nobody).out


@pytest.mark.parametrize("files", some([16, 24, 32], one_in=2))
def test_too_many_open_files_end_in_one_sentence(shop: Workspace, files: int) -> None:
    _handled(shop, (resource.RLIMIT_NOFILE, files), "too many files are open at once; raise the limit (ulimit -n)")


@pytest.mark.parametrize("kilobytes", some([4, 64, 400], one_in=2))
def test_a_limit_on_the_size_of_files_ends_in_one_sentence(shop: Workspace, kilobytes: int) -> None:
    _handled(shop, (resource.RLIMIT_FSIZE, kilobytes * 1024), "would be larger than the disk or a limit")


@pytest.mark.parametrize("megabytes", some([900, 1_100, 1_300], one_in=2))
def test_too_little_memory_harms_nothing_and_is_said_where_the_process_can_still_speak(
    shop: Workspace, megabytes: int
) -> None:
    before = published(shop.folder)
    ended = clientela("run", "-w", shop.folder, limit=(resource.RLIMIT_AS, megabytes * 1024 * 1024))
    if ended.code == 1:
        assert "memory" in ended.sentence
    else:  # a native library that gets no memory may end the process itself, by a signal or with 127
        assert ended.code in (0, 127) or ended.code < 0, ended
    assert published(shop.folder) == before or ended.code == 0
    shop.run()
    assert left_over(shop.folder) == []


def test_a_memory_limit_that_is_too_low_is_said(shop: Workspace) -> None:
    toml = shop.folder / "clientela.toml"
    toml.write_text(toml.read_text().replace("threads = 2", 'threads = 2\nmemory_limit = "1MB"'))
    ended = clientela("run", "-w", shop.folder)
    assert ended.code == 1
    assert "memory_limit in [run]" in ended.sentence
    assert last_run(shop.folder)["message"] == ended.sentence


def _handled(shop: Workspace, limit: tuple[int, int], said: str) -> None:
    """The run fails by the limit, or gets through within it; either way nothing is harmed."""
    before = published(shop.folder)
    ended = clientela("run", "-w", shop.folder, limit=limit)
    assert ended.code in (0, 1), ended
    if ended.code:
        assert said in ended.sentence
        assert published(shop.folder) == before
        shop.run()
    assert left_over(shop.folder) == []
    assert published(shop.folder) != before


def test_what_is_said_of_a_full_disk_below_the_output(shop: Workspace) -> None:
    ended = clientela("status", "-w", shop.folder, out=Path("/dev/full"))
    assert ended.code == 1
    assert ended.sentence.startswith("no room is left on the disk")


def _hear_signals() -> None:
    """A shell starts what it runs in the background deaf to Ctrl+C, and its children inherit that."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM])
def test_a_run_that_is_asked_to_end_does_so_tidily(shop: Workspace, asked: signal.Signals) -> None:
    before = published(shop.folder)
    with subprocess.Popen(
        [sys.executable, "-m", "clientela", "run", "-w", shop.folder],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        preexec_fn=_hear_signals,  # noqa: PLW1509 - this process has no other thread
    ) as process:
        while last_run(shop.folder)["outcome"] != "started":
            time.sleep(0.02)
        time.sleep(0.3)
        process.send_signal(asked)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert err.strip().splitlines()[-1] == "clientela: interrupted; what was published before stays."
    assert "Traceback" not in err
    assert (last_run(shop.folder)["outcome"], last_run(shop.folder)["message"]) == ("failed", "interrupted")
    assert published(shop.folder) == before
    assert left_over(shop.folder) == []
    shop.run()


STARTED_AT_ONCE = """
import sys
from clientela.cli.app import run
print("ready", flush=True)
sys.stdin.readline()
sys.exit(run(["run", "-w", sys.argv[1]]))
"""


@pytest.mark.parametrize("builders", [4, pytest.param(8, marks=pytest.mark.slow)])
def test_of_several_builders_one_builds_and_the_others_name_it(shop: Workspace, builders: int) -> None:
    pipe = subprocess.PIPE
    started = [
        subprocess.Popen(
            [sys.executable, "-c", STARTED_AT_ONCE, str(shop.folder)],
            stdin=pipe,
            stdout=pipe,
            stderr=pipe,
            text=True,
            cwd=ROOT,
        )
        for _ in range(builders)
    ]
    for each in started:
        assert each.stdout is not None
        each.stdout.readline()
    for each in started:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    ended = [(each, *each.communicate(timeout=120)) for each in started]
    built = [each for each, _, _ in ended if each.returncode == 0]
    assert len(built) == 1, [err for _, _, err in ended]
    for each, _, err in ended:
        if each is not built[0]:
            assert each.returncode == 5
            assert f"(process {built[0].pid} on " in err or "a process that has only begun" in err
    assert left_over(shop.folder) == []


def test_the_lock_of_a_killed_builder_is_taken_at_once(shop: Workspace) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "clientela", "run", "-w", shop.folder], stderr=subprocess.DEVNULL, cwd=ROOT
    ) as process:
        while last_run(shop.folder)["outcome"] != "started":
            time.sleep(0.02)
        held = clientela("run", "-w", shop.folder)
        process.kill()
    assert held.code == 5
    assert f"process {process.pid} on" in held.sentence
    shop.run()
