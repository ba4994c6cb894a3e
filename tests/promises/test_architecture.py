"""What ARCHITECTURE.md claims is so."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.promises.source import ROOT, SOURCE, fenced, modules, page, pyproject

ARCHITECTURE = page("ARCHITECTURE.md")
CLAIMS = re.findall(r"`(tests/[\w/]+\.py)::(test_\w+)`", ARCHITECTURE)


def layers() -> list[str]:
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    return next(each["layers"] for each in contracts if each["id"] == "layers")


def names(layer: str) -> set[str]:
    return {each.strip(" ()") for each in layer.split("|")}


def test_the_picture_of_the_layers_is_the_one_that_is_checked():
    assert fenced(ARCHITECTURE, "layers")[0].splitlines() == layers()


def test_a_layer_stands_in_parentheses_as_long_as_it_is_not_written():
    written = {path.stem for path in SOURCE.iterdir()}
    for layer in layers():
        for each in layer.split("|"):
            assert (each.strip()[0] != "(") == (each.strip(" ()") in written), each


def test_every_package_has_its_line():
    lines = set(re.findall(r"^\| `(\w+)` \|", ARCHITECTURE, re.MULTILINE))
    packages = {path.stem for path in SOURCE.iterdir() if path.suffix in {"", ".py"}}
    assert lines == packages - {"__init__", "__main__", "_version", "__pycache__"}
    assert lines <= set.union(*(names(layer) for layer in layers()))


def test_no_import_breaks_the_layers():
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout


def test_only_the_demo_and_the_example_may_import_the_synthetic_company():
    contracts = pyproject()["tool"]["importlinter"]["contracts"]
    known = next(each for each in contracts if each["id"] == "known-truth")
    assert known["ignore_imports"] == [
        "clientela.cli.demo.** -> clientela.testing.**",
        "clientela.serve.company -> clientela.testing.**",
    ]
    above = layers()[: next(place for place, layer in enumerate(layers()) if "testing" in names(layer))]
    written = {path.stem for path in SOURCE.iterdir()}
    could = {each for layer in above for each in names(layer)} & written  # what the layers alone would let import it
    assert {f"clientela.{each}" for each in could} == set(known["source_modules"])
    importers = {path.relative_to(SOURCE) for path in modules() if "clientela.testing" in path.read_text("utf-8")}
    demo = {path for path in importers if path.parts[:2] in {("cli", "demo"), ("serve", "company.py")}}
    assert len(demo) >= 2
    assert {path for path in importers - demo if path.parts[0] != "testing"} == set()


@pytest.mark.parametrize(("path", "name"), CLAIMS)
def test_every_claim_has_its_test(path: str, name: str):
    assert f"def {name}(" in page(path)


def test_there_are_claims():
    assert len(CLAIMS) >= 10
