"""What a stage computes depends on its arguments alone: no environment, no clock, no global chance."""

import ast
from functools import cache
from pathlib import Path

import pytest

from tests.promises.source import SOURCE, dotted, modules, nodes

ENVIRONMENT = {"os.environ", "os.environb", "os.getenv", "os.getenvb", "environ", "getenv"}
CLOCK = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "datetime.datetime.now",
    "datetime.datetime.utcnow",
    "datetime.datetime.today",
    "date.today",
    "datetime.date.today",
    "time.time",
    "time.time_ns",
    "time.localtime",
    "time.gmtime",
}
CHANCE = {"np.random.seed", "numpy.random.seed", "random.seed", "np.random.default_rng", "numpy.random.default_rng"}
WITHOUT_CLOCK = (
    "contracts",
    "estimators",
    "appdb",
    "cube",
    "capture",
    "unify",
    "features",
    "analyse",
    "study",
    "decide",
    "act",
    "evaluate",
    "present",
)


@cache
def named(path: Path) -> frozenset[str]:
    """Each dotted name a module uses, and ``module.name`` of everything it imports by name."""
    used = {dotted(node) for node in nodes(path) if isinstance(node, ast.Attribute | ast.Name)}
    imported = {
        f"{node.module}.{each.name}"
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.module
        for each in node.names
    }
    return frozenset(used | imported)


def found(path: Path, forbidden: set[str]) -> set[str]:
    return forbidden & named(path)


def stage_modules() -> list[Path]:
    return [path for package in WITHOUT_CLOCK if (SOURCE / package).is_dir() for path in modules(package)]


@pytest.mark.parametrize("path", list(modules()), ids=lambda path: str(path.relative_to(SOURCE)))
def test_only_config_reads_the_environment(path: Path):
    uses = found(path, ENVIRONMENT)
    if path == SOURCE / "config" / "__init__.py":
        assert uses, "if config reads no environment, this test looks for the wrong thing"
    else:
        assert uses == set()


@pytest.mark.parametrize("path", stage_modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_stage_looks_at_a_clock(path: Path):
    assert found(path, CLOCK | {"time.time", "time.localtime"}) == set()


@pytest.mark.parametrize("path", stage_modules(), ids=lambda path: str(path.relative_to(SOURCE)))
def test_no_stage_makes_its_own_chance(path: Path):
    assert found(path, CHANCE) == set()
    assert not any(isinstance(n, ast.Import) and any(a.name == "random" for a in n.names) for n in nodes(path))


def test_the_search_finds_what_it_looks_for(tmp_path: Path):
    bad = tmp_path / "bad.py"
    bad.write_text("import os\nfrom datetime import datetime\nhome = os.environ['HOME']\nnow = datetime.now()\n")
    assert found(bad, ENVIRONMENT) == {"os.environ"}
    assert found(bad, CLOCK) == {"datetime.now"}
