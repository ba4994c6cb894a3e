"""What several files of tests begin with: built once in a session, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import clientela
from tests.pipeline.acquainted import NOW, Company, acquainted


@pytest.fixture(scope="session")
def met(tmp_path_factory: pytest.TempPathFactory) -> Company:
    """The company of two systems after its first run; only to be looked at."""
    made = acquainted(tmp_path_factory.mktemp("acquainted") / "w")
    made.workspace.run(now=NOW)
    return made


@pytest.fixture
def known(met: Company, tmp_path: Path) -> Company:
    """A copy of one's own of the company of two systems, after its first run."""
    return Company(clientela.open(Path(shutil.copytree(met.folder, tmp_path / "w"))))
