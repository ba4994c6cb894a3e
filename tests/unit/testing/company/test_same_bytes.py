"""The same world is the same bytes: in a new process, with one thread or two, on a lesser processor."""

from __future__ import annotations

import hashlib
import os
import platform
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from clientela.testing.company.company import Company
from clientela.testing.company.world import World

# Made with these versions; with others the bytes of Parquet and of chance may be others.
LOCKED = {"numpy": "2.4.6", "pyarrow": "26.0.1", "scipy": "1.17.1", "tzdata": "2026.6"}
GOLDEN = {
    "exports": "9fd1554e6ff818ea3696e24aaca75ba789b8af9932ad6fce28e24857947d6e52",
    "truth": "7e887ed50391fbc88aba4e5ac57be9e4337e6d3e4d83abbd0f7881ca7a667e7c",
}
WIDER = "X86_V3 X86_V4 AVX512_ICL AVX512_SPR"  # what numpy else uses where the processor has it
HERE = "from tests.unit.testing.company.test_same_bytes import lived; print(*lived(__import__('sys').argv[1]).values())"


def lived(folder: str) -> dict[str, str]:
    """One hash of all exports and one of the truth of a world with a little of everything."""
    place = Path(folder)
    world = World.messy(customers=400, weeks=14, process="erlang", shock=0.3, shock_begins=6, seed=5)
    company = Company(world, exports=place / "w" / "exports", truth=place / "truth")
    company.deliver(company.world.begins.fromordinal(world.begins.toordinal() + 7 * 9))
    company.receive(["u0000002", "600900000001", *(f"u{number:07}" for number in range(200))])
    company.expect(8)
    company.deliver(world.ends)
    return {name: hashed(place / path) for name, path in (("exports", "w/exports"), ("truth", "truth"))}


def hashed(folder: Path) -> str:
    """Of the names and contents of all files."""
    all_of_it = hashlib.sha256()
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        all_of_it.update(f"{path.relative_to(folder)}\0{path.stat().st_size}\0".encode())
        all_of_it.update(path.read_bytes())
    return all_of_it.hexdigest()


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    return lived(str(tmp_path_factory.mktemp("here")))


@pytest.mark.parametrize(
    "settings",
    [
        {"OMP_NUM_THREADS": "1", "PYTHONHASHSEED": "1"},
        {"OMP_NUM_THREADS": "2", "PYTHONHASHSEED": "2", "TZ": "America/Lima", "LC_ALL": "C"},
        {"NPY_DISABLE_CPU_FEATURES": WIDER},
    ],
    ids=["one thread", "two threads", "a lesser processor"],
)
def test_another_process_writes_the_same_bytes(settings: dict[str, str], here: dict[str, str], tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", HERE, str(tmp_path)],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[4],
    )
    assert done.returncode == 0, done.stderr[-2_000:]
    assert done.stdout.split() == list(here.values())


def test_the_bytes_are_those_that_were_written_when_this_was_made(here: dict[str, str]) -> None:
    if sys.platform != "linux" or platform.machine() != "x86_64":
        pytest.skip("the bytes are promised on Linux x86-64")
    other = {name: version(name) for name, locked in LOCKED.items() if version(name) != locked}
    if other:
        pytest.skip(f"made with {LOCKED}, here are {other}")
    assert here == GOLDEN, "if the world was meant to change: put these hashes in GOLDEN, and say so in the changelog"
