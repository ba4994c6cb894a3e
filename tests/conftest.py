"""What all tests share: where the published data sets are, if they are here at all."""

from __future__ import annotations

import os
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of published data sets, named by CLIENTELA_TEST_DATA."""
    folder = os.environ.get("CLIENTELA_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the published data sets: set CLIENTELA_TEST_DATA to their folder")
    return Path(folder)
