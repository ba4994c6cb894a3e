"""A file about a person is written whole or not at all."""

from __future__ import annotations

from pathlib import Path

import pytest

from clientela.errors import UnknownNameError, UsageError
from clientela.pipeline.persons.export import write_for_owner


def test_what_could_not_be_put_in_place_stays_nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(self: Path, target: Path) -> Path:
        raise OSError(5, "Input/output error")

    (tmp_path / "before.json").write_text("of before")
    monkeypatch.setattr(Path, "replace", refused)
    with pytest.raises(UsageError, match=r"cannot write .*before\.json: Input/output error\. Choose another file\."):
        write_for_owner(tmp_path / "before.json", "Ada Lovelace")
    assert [each.name for each in tmp_path.iterdir()] == ["before.json"]
    assert (tmp_path / "before.json").read_text() == "of before"


def test_a_message_repeats_no_more_of_a_name_than_can_be_read() -> None:
    said = str(UnknownNameError("decision", "x" * 5_000, ["d1"]))
    assert said == f"unknown decision '{'x' * 80}…'; known: 'd1'."
