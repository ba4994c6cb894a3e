"""System calls that fail, and kills between them, injected by strace into a run: nothing is harmed, one sentence."""

from __future__ import annotations

import re
import shutil
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from clientela.workspace import Workspace
from tests.faults.commands import clientela
from tests.faults.company import Fingerprints, left_over, more, published, small

WRITING = ("write", "pwrite64", "fsync", "rename", "openat")
RENAMES = "rename,renameat,renameat2"
FAULTS = {
    "write": ("ENOSPC",),
    "pwrite64": ("ENOSPC", "EIO"),
    "fsync": ("EIO",),
    "rename": ("EIO",),
    "openat": ("EMFILE",),
}
ALL_FAULTS = {
    "write": ("EIO", "ENOSPC", "EDQUOT"),
    "pwrite64": ("EIO", "ENOSPC", "EDQUOT"),
    "fsync": ("EIO", "ENOSPC"),
    "rename": ("EIO", "ENOSPC", "EACCES"),
    "openat": ("EMFILE", "EACCES", "ESTALE", "EIO"),
}
ABORTED = -6
KILLED = (-9, 137)  # strace ends by the signal its child ended by


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A published workspace with a new file to run, to be copied."""
    folder = small(tmp_path_factory.mktemp("made") / "w").folder
    more(folder / "exports", 1)
    return folder


@pytest.fixture(scope="module")
def calls(made: Path, strace: str, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[int]]:
    """Of each system call those of a whole run that touch the workspace, by their number in their thread."""
    folder = tmp_path_factory.mktemp("traced")
    shutil.copytree(made, folder / "w")
    watch = (
        "-f",
        "-y",
        "-qq",
        "--seccomp-bpf",
        "-e",
        f"trace={','.join(WRITING)},renameat,renameat2",
        "-o",
        str(folder / "log"),
    )
    assert clientela("run", "-w", folder / "w", before=(strace, *watch)).code == 0
    return dict(_touching((folder / "log").read_text().splitlines(), str(folder / "w")))


def _touching(log: Sequence[str], place: str) -> Iterator[tuple[str, list[int]]]:
    counted: Counter[tuple[str, str]] = Counter()
    found: dict[str, set[int]] = {name: set() for name in WRITING}
    for line in log:
        told = re.match(r"(\d+) +(\w+)\(", line)
        if told is None:
            continue
        name = "rename" if told[2].startswith("rename") else told[2]
        counted[told[1], name] += 1
        if place in line and (name != "openat" or "O_WRONLY" in line or "O_RDWR" in line or "snapshots" in line):
            found[name].add(counted[told[1], name])
    return ((name, sorted(numbers)) for name, numbers in found.items())


def _spread(numbers: Sequence[int], n: int, *, nth: int) -> list[int]:
    """The first, the last and ``n`` - 2 between them; of one alone the last, or where ``nth`` is odd the first."""
    if n == 1:
        return [numbers[0 if nth % 2 else -1]] if numbers else []
    return sorted({numbers[round(k * (len(numbers) - 1) / (n - 1))] for k in range(n)}) if numbers else []


def _one(made: Path, place: Path, strace: str, inject: str, before: Fingerprints | None) -> tuple[str, int]:
    """Run a copy under a fault; what became of it, once it is proved that nothing was harmed."""
    shutil.copytree(made, place)
    only = ("--seccomp-bpf", "-e", f"trace={inject.partition(':')[0]}")  # the others pass at full speed
    ended = clientela(
        "run", "-w", place, before=(strace, "-f", "-qq", *only, "-o", "/dev/null", "-e", f"inject={inject}")
    )
    if ended.code == ABORTED and "openat" in inject:
        said = "the engine ended the process"  # DuckDB 2.0.0 does where it cannot open the file of its CPU quota
    else:
        assert ended.code in (0, 1, *KILLED), (inject, ended)
        said = "got through" if ended.code == 0 else "killed" if ended.code in KILLED else ended.sentence.split(";")[0]
    at_once = published(place)
    Workspace(place).run()
    after = published(place)
    assert at_once in (before, after), inject
    assert ended.code != 0 or at_once == after, f"it said that it had published: {inject}"
    assert after != before, inject
    assert left_over(place) == [], inject
    shutil.rmtree(place)
    return said.replace(str(place), "…"), ended.code


@pytest.mark.parametrize("each", [1, pytest.param(12, marks=pytest.mark.slow)])
def test_a_system_call_that_fails_harms_nothing(
    made: Path,
    tmp_path: Path,
    strace: str,
    calls: dict[str, list[int]],
    each: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told, before = [], published(made)
    faults = [(name, error) for name, errors in (FAULTS if each == 1 else ALL_FAULTS).items() for error in errors]
    for nth, (name, error) in enumerate(faults):
        real = RENAMES if name == "rename" else name
        for number in _spread(calls[name], each, nth=nth):
            said, code = _one(made, tmp_path / "w", strace, f"{real}:error={error}:when={number}", before)
            told.append(f"{name:9} {error:7} call {number:5} code {code}  {said}")
    with capsys.disabled():
        print(f"\n{len(told)} faults injected:\n  " + "\n  ".join(told))  # noqa: T201 - what was injected where is what this test shows
    assert any(" code 1 " in line for line in told), "no fault was met"


@pytest.mark.parametrize("each", [1, pytest.param(12, marks=pytest.mark.slow)])
def test_killed_between_system_calls_nothing_is_harmed(
    made: Path,
    tmp_path: Path,
    strace: str,
    calls: dict[str, list[int]],
    each: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = published(made)
    told = Counter(
        f"{name}: {_one(made, tmp_path / 'w', strace, f'{real}:signal=KILL:when={number}', before)[0]}"
        for name, real in (("rename", RENAMES), ("fsync", "fsync"))
        for number in _spread(calls[name], each, nth=1)  # the last may be of a thread that ends before it
    )
    with capsys.disabled():
        print(f"\n{sum(told.values())} kills injected: " + ", ".join(f"{said} {n}" for said, n in told.items()))  # noqa: T201 - what was injected where is what this test shows
