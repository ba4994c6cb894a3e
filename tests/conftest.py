"""What all tests share: where the published data sets are, and what of the machine must be there."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings as hypothesis_settings

from tests.some import examples

# Before numpy is loaded, for the tests and for every process they start: the matrices of a fit are small, and the
# threads that OpenBLAS begins for them wait for each other by turning, on the processor the other worker needs.
for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(_name, "1")

gc.disable()  # until all tests are collected: what is loaded until then stays, and would be looked through each time
SELDOM = (20_000, 20, 50)  # as a run and a server have it: statements are trees of many objects that go with the test

LONG = (
    "faults",
    "access",
    "pipeline",
    "identity",
    "oracle",
    "browser",
    "web",
    "interfaces",
    "hostile",
    "proposals",
    "promises",
    "joining",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Files that take minutes go first: begun last, one would keep one processor busy and the other idle."""

    def place(item: pytest.Item) -> int:
        parts = item.path.parts
        return next((number for number, name in enumerate(LONG) if name in parts), len(LONG))

    items.sort(key=place)


def pytest_collection_finish(session: pytest.Session) -> None:
    """What is loaded now stays to the end: the collector of garbage need not look at it again, thousands of times."""
    gc.set_threshold(*SELDOM)
    gc.enable()
    gc.collect()
    gc.freeze()


def pytest_unconfigure() -> None:
    """At the end all is given back: the engine reports what the collector may not look at as lost."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of published data sets, named by CLIENTELA_TEST_DATA."""
    folder = os.environ.get("CLIENTELA_TEST_DATA")
    if not folder or not Path(folder).is_dir():
        pytest.skip("needs the published data sets: set CLIENTELA_TEST_DATA to their folder")
    return Path(folder)


@pytest.fixture(scope="session")
def must() -> Callable[[str, bool, str], None]:
    """``must(name, there, reason)``: without it a test skips with the reason; named in CLIENTELA_TEST_MUST, it fails.

    The continuous integration names what it has installed (``strace tmpfs postgresql``), so that no test goes
    missing there unseen.
    """
    needed = os.environ.get("CLIENTELA_TEST_MUST", "").replace(",", " ").split()

    def check(name: str, there: bool, reason: str) -> None:
        if there:
            return
        if name in needed:
            pytest.fail(f"CLIENTELA_TEST_MUST names {name}: {reason}")
        pytest.skip(reason)

    return check


@pytest.fixture(scope="session")
def postgres(must: Callable[[str, bool, str], None]) -> str:
    """The URL of a PostgreSQL server's owner, named by CLIENTELA_TEST_POSTGRES."""
    url = os.environ.get("CLIENTELA_TEST_POSTGRES", "")
    must("postgresql", bool(url), "needs a PostgreSQL server: run `.ci/postgres make test`, which starts one")
    return url


# A busy machine is no failure: seconds are measured in tests/benchmarks.
hypothesis_settings.register_profile("clientela", deadline=None, max_examples=examples(100))
hypothesis_settings.load_profile("clientela")
