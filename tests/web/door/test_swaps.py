"""D5: snapshots that take over while questions are asked fail none of them, and leave nothing open."""

from __future__ import annotations

import shutil
import threading
import time
from pathlib import Path

import pytest

from clientela.appdb.database import open_database
from clientela.pipeline import serving
from clientela.serve.application import application
from clientela.warehouse.store.snapshot import point_to, retained
from tests.pipeline.company import NOW, buying, shop
from tests.web.conftest import come_in


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small shop with two snapshots to go back and forth between."""
    made = shop(tmp_path_factory.mktemp("swaps") / "company")
    made.deliver("orders-1.csv", buying(60))
    made.workspace.run(now=NOW)
    made.deliver("orders-2.csv", buying(90, seed=2))
    made.workspace.run(now=NOW)
    assert len(retained(made.workspace.folder)) == 2
    return made.workspace.folder


def asked_while_swapping(folder: Path, *, swaps: int, threads: int = 6) -> tuple[int, list[object]]:
    """How many questions were answered while snapshots took turns, and which were not."""
    app = application(folder, clock=lambda: NOW)
    site, stop, failed, answered = app.state.site, threading.Event(), [], []

    def ask(number: int) -> None:
        browser = come_in(app, f"Ana {number}", "executive")
        while not stop.is_set():
            for place in ("/", "/me", "/insights", "/customers"):
                found = browser.get(place)
                answered.append(found.status_code)
                if found.status_code != 200:
                    failed.append((place, found.status_code, found.text[:500]))

    with site.database.held(), serving.hold(folder):
        workers = [threading.Thread(target=ask, args=(number,)) for number in range(threads)]
        for each in workers:
            each.start()
        for turn in range(swaps):
            before, until = len(answered), time.monotonic() + 60
            while len(answered) < before + 2 and time.monotonic() < until:
                time.sleep(0.02)
            point_to(retained(folder)[turn % 2])
        stop.set()
        for each in workers:
            each.join(60)
    site.database.close()
    return len(answered), failed


def open_files(folder: Path) -> list[str]:
    links = (str(each.readlink()) for each in Path("/proc/self/fd").iterdir() if each.is_symlink())
    return [each for each in links if each.startswith(str(folder))]


@pytest.mark.parametrize("swaps", [5, pytest.param(50, marks=pytest.mark.slow)])
def test_no_question_fails_while_snapshots_take_over(two: Path, tmp_path: Path, swaps: int) -> None:
    folder = tmp_path / "company"
    shutil.copytree(two, folder)
    open_database(folder, now=NOW).close()
    answered, failed = asked_while_swapping(folder, swaps=swaps)
    assert failed == []
    assert answered >= 2 * swaps
    assert open_files(folder) == []
