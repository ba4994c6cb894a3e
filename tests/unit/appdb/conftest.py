"""What the tests of the app database share: an empty one, a moment, and chance that is the same each time."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from clientela.appdb.database import Database, open_database

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def chance() -> Callable[[int], bytes]:
    return random.Random(6).randbytes  # noqa: S311 - it shall be the same each time


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(tmp_path, now=NOW, patience_seconds=10) as opened:
        yield opened
