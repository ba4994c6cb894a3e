"""What the measurements share: the recorder, the generated orders, the peer's interpreter, workspaces."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.benchmarks.harness import ROOT, Measured, Recorder

MINE = pytest.StashKey[Recorder]()
SECRET = "5d" * 32
NOW = "2024-12-31T06:00:00+00:00"
AS_OF = "2024-12-31"
SETTINGS = """\
[company]
name = "Measured"
currency = "EUR"
timezone = "UTC"

[run]
threads = 2
memory_limit = "{memory_limit}"

[[source]]
name = "shop"
table = "order_line"
path = "exports/*.{ending}"
delivery = "append"

[source.columns]
order_id = "order_id"
line_no = "line_no"
customer_ref = "customer_key"
ordered_at = "ordered_at"
product_id = "product_id"
quantity = "quantity"
net_revenue = "net_revenue"
cost_of_goods = "cost_of_goods"
"""


def pytest_configure(config: pytest.Config) -> None:
    config.stash[MINE] = Recorder()


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    recorder = config.stash[MINE]
    if not recorder.measured and not recorder.figures:
        return
    terminalreporter.section("measured")
    for each in recorder.measured:
        gb = each["peak_bytes"] / 1e9
        terminalreporter.write_line(
            f"{each['test']}: {each['job']} {each['seconds']:.2f} s ({each['cpu_seconds']:.1f} s of processor), "
            f"{gb:.2f} GB, load {each['load']}"
        )
    for test, figures in recorder.figures.items():
        said = ", ".join(
            f"{name} {value:.3g}" if isinstance(value, float) else f"{name} {value}" for name, value in figures.items()
        )
        terminalreporter.write_line(f"{test}: {said}")
    terminalreporter.write_line(f"kept in {recorder.write()}")


@pytest.fixture(scope="session")
def recorder(pytestconfig: pytest.Config) -> Recorder:
    return pytestconfig.stash[MINE]


@pytest.fixture
def run_job(recorder: Recorder, request: pytest.FixtureRequest) -> Callable[..., Measured]:
    """Carry out a job in a child process, noted under the name of the test."""

    def run(job: str, *positional: object, **named: object) -> Measured:
        return recorder.run(request.node.name, job, *positional, **named)  # type: ignore[arg-type]

    return run


@pytest.fixture
def note(recorder: Recorder, request: pytest.FixtureRequest) -> Callable[..., None]:
    """Keep figures under the name of the test."""

    def keep(**figures: float | str) -> None:
        recorder.say(request.node.name, **figures)

    return keep


@pytest.fixture(scope="session")
def orders(recorder: Recorder) -> Callable[[int, int, str], Path]:
    """The folder of generated orders of a size and a format: made once, kept in CLIENTELA_BENCH_DATA."""
    named = os.environ.get("CLIENTELA_BENCH_DATA")
    kept = Path(named) if named else Path(tempfile.gettempdir()) / "clientela-benchmarks"

    def folder(lines: int, customers: int, ending: str) -> Path:
        made = kept / f"{lines}-lines-{customers}-customers-{ending}"
        if not made.exists():
            unfinished = made.with_name(made.name + ".unfinished")
            shutil.rmtree(unfinished, ignore_errors=True)
            recorder.run("orders", "orders:write_orders", unfinished, lines, customers, ending)
            unfinished.rename(made)
        return made

    return folder


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Callable[[Path, str], Path]]:
    """A workspace over a folder of orders, with a known secret; removed afterwards, as it is large."""
    made = tmp_path / "workspace"

    def make(orders: Path, memory_limit: str) -> Path:
        shutil.rmtree(made, ignore_errors=True)
        (made / "secrets").mkdir(parents=True)
        (made / "exports").mkdir()
        ending = {path.suffix for path in orders.iterdir()}.pop().removeprefix(".")
        (made / "clientela.toml").write_text(
            SETTINGS.format(memory_limit=memory_limit, ending=ending), encoding="utf-8"
        )
        secret = made / "secrets" / "pseudonym.key"
        secret.touch(mode=0o600)
        secret.write_text(SECRET + "\n", encoding="ascii")
        for path in orders.iterdir():
            (made / "exports" / path.name).symlink_to(path)
        return made

    yield make
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture(scope="session")
def peer_python() -> str:
    """An interpreter with pandas and lifetimes."""
    python = os.environ.get("CLIENTELA_BENCH_PEER_PYTHON", sys.executable)
    tried = subprocess.run([python, "-c", "import lifetimes, pandas"], cwd=ROOT, capture_output=True, check=False)
    if tried.returncode:
        pytest.skip(f"lifetimes cannot be imported by {python}: name another in CLIENTELA_BENCH_PEER_PYTHON")
    return python
