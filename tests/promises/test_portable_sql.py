"""Every SQL file of the package is portable, says what it is for, and bears the name of the table it makes."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlglot
from sqlglot import exp
from sqlglot.errors import ErrorLevel

import clientela
from clientela.warehouse.model import parse_file
from clientela.warehouse.portable import ALLOWED, DIALECTS, FUNCTIONS

PACKAGE = Path(clientela.__file__).parent
FILES = sorted(PACKAGE.rglob("*.sql"))


def name_of(path: Path) -> str:
    return path.relative_to(PACKAGE).as_posix()


def test_there_are_sql_files_to_check() -> None:
    assert FILES


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_the_file_is_one_portable_select_with_a_whole_header(path: Path) -> None:
    model = parse_file(path.read_text("utf-8"), path.stem)
    assert model.purpose.endswith(".")
    assert set(model.grain) - {"as_of", "analysis"} <= set(model.tree.named_selects)


@pytest.mark.parametrize("path", FILES, ids=name_of)
@pytest.mark.parametrize("dialect", DIALECTS)
def test_what_is_generated_is_read_back_alike_and_stays_in_the_allow_list(path: Path, dialect: str) -> None:
    tree = parse_file(path.read_text("utf-8"), path.stem).tree
    said = tree.sql(dialect=dialect, unsupported_level=ErrorLevel.RAISE)
    read = sqlglot.parse_one(said, read=dialect)
    assert read.sql(dialect=dialect) == said
    foreign = {type(node).__name__ for node in tree.walk() if type(node) not in ALLOWED}
    assert not foreign
    assert {node.name.lower() for node in tree.find_all(exp.Anonymous)} <= FUNCTIONS


def test_the_allow_list_lets_no_unknown_function_or_command_in() -> None:
    assert exp.Command not in ALLOWED
    assert exp.ReadParquet not in ALLOWED
    assert exp.Rand not in ALLOWED
    assert list(FUNCTIONS) == ["id63"]
