"""An empty engine in memory to publish small tables in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from clientela.warehouse.engine import Engine
from tests.unit.cube.published import Published


@pytest.fixture
def published() -> Iterator[Published]:
    with Engine.in_memory() as engine:
        yield Published(engine)
