"""What several files of tests begin with: built once in a session, copied for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import clientela
from tests.pipeline.acquainted import NOW, Company, acquainted


@pytest.fixture(scope="session")
def met_and_told(tmp_path_factory: pytest.TempPathFactory) -> tuple[Company, tuple[str, ...]]:
    """The company of two systems after its first run, only to be looked at, and what the run said."""
    made, said = acquainted(tmp_path_factory.mktemp("acquainted") / "w"), list[str]()
    made.workspace.run(now=NOW, progress=said.append)
    return made, tuple(said)


@pytest.fixture(scope="session")
def met(met_and_told: tuple[Company, tuple[str, ...]]) -> Company:
    """The company of two systems after its first run; only to be looked at."""
    return met_and_told[0]


@pytest.fixture
def known(met: Company, tmp_path: Path) -> Company:
    """A copy of one's own of the company of two systems, after its first run."""
    return Company(clientela.open(Path(shutil.copytree(met.folder, tmp_path / "w"))))
