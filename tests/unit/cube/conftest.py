"""An empty engine in memory to publish small tables in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.unit.cube.published import Published, emptied


@pytest.fixture
def published() -> Iterator[Published]:
    with emptied() as engine:
        yield Published(engine)
