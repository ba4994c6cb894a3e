"""A journal loses no acknowledged line, whatever a crash leaves behind it."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.errors import WarehouseError
from clientela.warehouse.journal import JsonLines, write_durably


@given(records=st.lists(st.dictionaries(st.text(max_size=5), st.text() | st.integers() | st.none())), torn=st.binary())
def test_what_was_appended_is_read_and_what_was_torn_is_not(
    tmp_path_factory: pytest.TempPathFactory, records: list[dict[str, object]], torn: bytes
) -> None:
    path = tmp_path_factory.mktemp("journal") / "lines.jsonl"
    for record in records:
        JsonLines(path).append(record)
    with path.open("ab") as file:
        file.write(torn.replace(b"\n", b""))
    assert list(JsonLines(path).read()) == records
    JsonLines(path).append({"after": "the crash"})
    assert list(JsonLines(path).read()) == [*records, {"after": "the crash"}]


def test_a_long_torn_line_is_removed_too(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "lines.jsonl")
    lines.append({"a": 1})
    with lines.path.open("ab") as file:
        file.write(b"x" * 10_000)
    lines.append({"a": 2})
    assert lines.read() == ({"a": 1}, {"a": 2})


def test_a_broken_line_in_the_middle_is_told_by_number(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text('{"a": 1}\nrubbish\n{"a": 2}\n')
    with pytest.raises(WarehouseError, match=r"line 2 of runs\.jsonl is not what was written"):
        JsonLines(path).read()


def test_a_line_that_lacks_what_it_is_asked_for_is_told_by_number(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "runs.jsonl")
    lines.append({"run": 1})
    lines.append({"hello": 1})
    first, second = lines.read()
    assert (first["run"], first.get("state"), "run" in second) == (1, None, False)
    with pytest.raises(WarehouseError) as caught:
        second["run"]
    assert str(caught.value) == "line 2 of runs.jsonl has no 'run'; restore the file from a backup."


def test_days_moments_and_decimals_are_kept_as_text_and_nothing_else_is(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "lines.jsonl")
    lines.append({"run": 1, "started_at": datetime(2017, 10, 1, tzinfo=UTC), "rate": Decimal("0.10")})
    with pytest.raises(TypeError, match="does not keep set"):
        lines.append({"run": 2, "bad": {1}})
    assert lines.read() == ({"run": 1, "started_at": "2017-10-01T00:00:00+00:00", "rate": "0.10"},)


def test_who_wants_the_newest_reads_no_older_line(tmp_path: Path) -> None:
    path = tmp_path / "runs.jsonl"
    path.write_text('rubbish\n{"run": 2}\n{"run": 3}\n')
    newest = JsonLines(path).newest()
    assert [next(newest), next(newest)] == [{"run": 3}, {"run": 2}]
    with pytest.raises(WarehouseError, match=r"line 1 of runs\.jsonl is not what was written"):
        next(newest)


def test_lines_are_counted_only_as_long_as_they_are_what_was_written(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "lines.jsonl")
    assert lines.count() == 0
    for number in range(3):
        lines.append({"number": number})
    assert lines.count() == 3
    lines.path.write_bytes(lines.path.read_bytes().replace(b'"number": 1', b'"number": 7'))
    with pytest.raises(WarehouseError, match=r"line 2 of lines\.jsonl is not what was written"):
        lines.count()


def test_a_file_is_written_whole(tmp_path: Path) -> None:
    path = tmp_path / "a"
    write_durably(path, b"old")
    write_durably(path, b"new")
    assert path.read_bytes() == b"new"
    assert [each.name for each in tmp_path.iterdir()] == ["a"]


def test_a_rewritten_journal_has_as_many_lines_as_before(tmp_path: Path) -> None:
    lines = JsonLines(tmp_path / "decisions.jsonl")
    lines.append({"pairs": ["r1", "r2"]})
    with pytest.raises(WarehouseError, match=r"decisions\.jsonl may not gain or lose lines"):
        lines.rewrite([])
    lines.rewrite([{"pairs": []}])
    assert lines.read() == ({"pairs": []},)
