"""Files that chance wrote and chance spoiled: every record is counted as an independent reader counts it."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from clientela.capture.files import csv_reader, text_blocks
from clientela.capture.files.csv_reader import Dialect, read_csv
from clientela.errors import SourceError
from tests.hostile.generated import Written, mutated, tables
from tests.hostile.independent import Found, independently
from tests.some import examples

SHAPES = st.sampled_from([1, 2, 3, 7, 64, 2 << 20])  # of a block, in bytes
IN_CI = settings(
    max_examples=examples(200, one_in=2), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
IN_FULL = settings(IN_CI, max_examples=20_000)
WAYS = ("as it comes", "record by record", "by Python's reader, a block at a time")


def read(file: Written, folder: Path, block: int, way: str = WAYS[0]) -> list[Found]:
    """The records of a file, in order of lines; blank ones are only counted, at the end."""
    path, into = folder / "in.csv", folder / "out.parquet"
    path.write_bytes(file.content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(text_blocks, "BLOCK_BYTES", block)
        if way == WAYS[1]:
            patch.setattr(csv_reader, "_at_once", lambda *_: None)
        elif way == WAYS[2]:
            patch.setattr(csv_reader, "_unquoted", by_python)
        count = read_csv(path, file.dialect, source="shop", into=into)
    kept = pq.read_table(into).to_pylist()
    found = []
    for row in kept:
        *cells, line, lines, value, rule = row.values()
        assert (value is None) == (rule is None)
        state = "accepted" if rule is None else "quarantined"
        found.append(Found(line, lines, state, tuple(cells) if rule is None else ()))
    by_state = [sum(each.state == state for each in found) for state in ("accepted", "quarantined")]
    assert [count.accepted, count.quarantined] == by_state
    return [*found, *[Found(0, 0, "blank")] * count.blank]


def by_python(data: bytes, names: tuple[str, ...], dialect: Dialect) -> object:
    return csv_reader._quoted(data.decode(), names, dialect)


def expected(file: Written, *, header: bool = True) -> list[Found]:
    said = file.dialect
    found = independently(
        file.content, delimiter=said.delimiter, quote=said.quote, encoding=said.encoding, header=header
    )
    blank = sum(each.state == "blank" for each in found)
    return [*(each for each in found if each.state != "blank"), *[Found(0, 0, "blank")] * blank]


def keeps_the_law(file: Written, folder: Path, block: int) -> None:
    try:
        found = read(file, folder, block)
    except SourceError as error:
        assert "\n" not in str(error).replace(repr(file.content), "")
        assert has_no_header(file)
        return
    assert found == expected(file)
    for way in WAYS[1:]:
        assert read(file, folder, block, way) == found


def has_no_header(file: Written) -> bool:
    """Whether the file is no text at all, or its first record is not to be read."""
    try:
        first = expected(file, header=False)[0]
    except UnicodeDecodeError:
        return True
    except IndexError:
        return True
    return first.state != "accepted"


def gives_the_cells_back(file: Written, folder: Path, block: int) -> None:
    found = read(file, folder, block)
    assert [each.cells for each in found if each.state == "accepted"] == [row for row in file.rows if holds(row)]
    assert {each.state for each in found} <= {"accepted", "blank"}
    assert found == expected(file)


def holds(row: tuple[str, ...]) -> bool:
    return bool("".join(row).strip())


@IN_CI
@given(mutated(), SHAPES)
def test_a_spoiled_file_is_counted_as_an_independent_reader_counts_it(
    tmp_path: Path, file: Written, block: int
) -> None:
    keeps_the_law(file, tmp_path, block)


@IN_CI
@given(tables(), SHAPES)
def test_a_whole_file_gives_the_cells_back_that_were_written(tmp_path: Path, file: Written, block: int) -> None:
    gives_the_cells_back(file, tmp_path, block)


@pytest.mark.slow
@IN_FULL
@given(mutated(), SHAPES)
def test_20_000_spoiled_files(tmp_path: Path, file: Written, block: int) -> None:
    keeps_the_law(file, tmp_path, block)


@pytest.mark.slow
@IN_FULL
@given(tables(), SHAPES)
def test_20_000_whole_files(tmp_path: Path, file: Written, block: int) -> None:
    gives_the_cells_back(file, tmp_path, block)
