"""What a test does to a company that many tests share must not reach the next one on the same worker.

And what a server does once, and a test would do for each of its questions.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from clientela.appdb.database import Database, open_database
from clientela.pipeline import serving
from tests.pipeline.company import NOW


@cache
def _nobody() -> Mapping[str, bytes]:
    """The files of an app database without anybody in it; to make one takes the time of a page."""
    with tempfile.TemporaryDirectory() as folder:
        open_database(Path(folder), now=NOW).close()
        return {each.name: each.read_bytes() for each in Path(folder).iterdir()}


@contextmanager
def with_users_of_its_own(folder: Path) -> Iterator[None]:
    """Within the block the company has an app database with nobody in it; before and after it has none.

    So no test finds the users, sessions or notes of another, and who copies the folder copies the company alone.
    """
    found = [name for name in _nobody() if (folder / name).exists()]
    assert not found, f"{folder} is shared and has {found}: a test made it outside of its own"
    for name, content in _nobody().items():
        (folder / name).write_bytes(content)
    try:
        yield
    finally:
        for path in (*folder.glob("app.sqlite*"), folder / "audit.anchor"):
            path.unlink(missing_ok=True)


@contextmanager
def held_open(folder: Path, database: Database) -> Iterator[None]:
    """Within the block the snapshot and the app database stay open, as a server that runs has them.

    To open them for each question takes the most of a page's time; what is read of them is no other.
    """
    with database.held(), serving.hold(folder):
        yield
