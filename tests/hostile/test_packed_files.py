"""Hostile files that are no plain text: whole and counted, or refused whole with one sentence; never a crash."""

from __future__ import annotations

from pathlib import Path
from time import perf_counter

import pytest

from clientela.capture.arrive import State
from clientela.errors import ConfigurationError
from clientela.warehouse.store.landing import Landing
from tests.hostile.packed import PACKED, Packed
from tests.hostile.test_text_files import settings_of
from tests.unit.capture.workspaces import Workspace, rows

LONGEST_SECONDS = 60  # of a machine that does other things too; alone each takes less than 10
pytestmark = pytest.mark.filterwarnings("ignore:Duplicate name")


def everything(folder: Path) -> set[Path]:
    return {path.relative_to(folder) for path in folder.rglob("*")}


@pytest.mark.parametrize("name", PACKED)
def test_a_file_of_another_kind_is_counted_or_refused_whole(name: str, tmp_path: Path) -> None:
    case = PACKED[name]
    folder = tmp_path / "company" / "workspace"
    folder.mkdir(parents=True)
    (folder / case.name).write_bytes(case.make())
    shop = Workspace(folder, settings_of({}, ("a", "b"), case.name))
    outside = everything(tmp_path) - {Path("company/workspace") / path for path in everything(folder)}
    began = perf_counter()
    if case.refused:
        assert_refused(shop, case)
    else:
        assert_counted(shop, case)
    assert perf_counter() - began < LONGEST_SECONDS
    assert everything(tmp_path) - {Path("company/workspace") / path for path in everything(folder)} == outside


def assert_refused(shop: Workspace, case: Packed) -> None:
    try:
        notes = [each.note for each in shop.run() if each.state is State.REFUSED]
    except ConfigurationError as error:
        notes = [str(error)]
    assert len(notes) == 1
    assert case.refused in notes[0]
    assert "\n" not in notes[0]
    assert Landing(shop.folder).arrivals() == ()


def assert_counted(shop: Workspace, case: Packed) -> None:
    assert [(each.state, each.note) for each in shop.run()] == [(State.LANDED, "")] * case.files
    found = shop.conform()
    counts = [each.count for each in found]
    assert sum(each.accepted for each in counts) == case.good
    assert sum(each.blank for each in counts) == case.blank
    bad = [row for each in found for row in rows(each.quarantine, "line", "rule")]
    assert [line for line, _ in bad] == list(case.bad)
    for line, rule in bad:
        assert case.bad[line] in rule


def test_a_date_of_a_mac_is_the_day_that_excel_shows(tmp_path: Path) -> None:
    case = PACKED["excel: dates of a Mac"]
    (tmp_path / "in.xlsx").write_bytes(case.make())
    shop = Workspace(tmp_path, settings_of({}, ("a", "b"), "in.xlsx"))
    assert [str(name)[:10] for (name,) in rows(shop.conformed().facts, "name")] == ["2024-02-29"]
