"""Folders and files stay small enough to be read, and nothing bears a name that says nothing."""

from collections import Counter
from pathlib import Path

import pytest

from tests.promises.source import ROOT, SOURCE, modules

VAGUE = {"util", "utils", "common", "core", "helper", "helpers", "base", "manager", "misc"}


def test_no_folder_has_more_than_twelve_modules():
    counted = Counter(path.parent for path in modules() if path.name != "__init__.py")
    assert {str(folder.relative_to(ROOT)): n for folder, n in counted.items() if n > 12} == {}


def test_no_file_is_longer_than_five_hundred_lines():
    files = [*modules(), *(ROOT / "tests").rglob("*.py"), *SOURCE.rglob("*.sql")]
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in files}
    assert {path: n for path, n in lines.items() if n > 500} == {}


def test_no_vague_names():
    assert [str(path) for path in SOURCE.rglob("*") if path.stem in VAGUE] == []


def test_a_package_is_in_the_tree_when_it_has_content():
    folders = [path for path in SOURCE.rglob("*") if path.is_dir() and "__pycache__" not in path.parts]
    files = [path for path in SOURCE.rglob("*") if path.is_file() and path.suffix != ".pyc" and path.stat().st_size]
    empty = [str(folder.relative_to(ROOT)) for folder in folders if not any(folder in path.parents for path in files)]
    assert empty == []


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.sql")), ids=lambda path: str(path.relative_to(SOURCE)))
def test_a_sql_file_is_named_as_its_table_and_lies_beside_python(path: Path):
    first, second, *_ = path.read_text(encoding="utf-8").splitlines()
    assert first == f"-- {path.stem}", "its first line is its name"
    assert second.startswith("-- "), "its second line is its purpose"
    assert list(path.parent.glob("*.py")) != []
