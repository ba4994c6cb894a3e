"""Every hostile text file, from its bytes to typed rows: nothing is lost, nothing bad passes, every line is right."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from clientela.capture.arrive import State
from clientela.errors import ConfigurationError
from clientela.warehouse.store.landing import Landing
from tests.hostile.corpus import TEXTS, Case
from tests.hostile.independent import independently
from tests.unit.capture.workspaces import Workspace, rows

CASES = [pytest.param(case, id=f"{kind}: {name}") for kind, cases in TEXTS.items() for name, case in cases.items()]
READ = [each for each in CASES if not each.values[0].refused]
ADDED = ("_line", "_lines", "_value", "_rule")


def toml(value: object) -> str:
    """A value of the settings; JSON's texts, numbers and lists are TOML's too."""
    return json.dumps(value).replace("\\ufeff", "\ufeff")


def settings_of(form: Mapping[str, object], columns: tuple[str, str], path: str = "in.csv") -> str:
    said = ", ".join(f"{name} = {toml(value)}" for name, value in form.items())
    return f"""
[[source]]
name = "shop"
table = "product"
path = {toml(path)}
delivery = "append"
max_bad = 1.0
format = {{ {said} }}
[source.columns]
product_id = {toml(columns[0])}
name = {toml(columns[1])}
"""


def landed(folder: Path) -> list[dict[str, object]]:
    landing = Landing(folder)
    return pq.read_table(landing.path_of(landing.arrivals()[0])).to_pylist()


@pytest.mark.parametrize("case", READ)
def test_the_corpus_says_what_the_independent_reader_finds(case: Case) -> None:
    header = case.form.get("header", True)
    found = independently(
        case.content,
        delimiter=str(case.form.get("delimiter", ",")),
        quote=str(case.form.get("quote", '"')),
        encoding=str(case.form["encoding"]) if "encoding" in case.form else None,
        header=header if isinstance(header, (bool, tuple)) else True,
        skip=case.above,
    )
    by_state = {state: [each.line for each in found if each.state == state] for state in ("accepted", "quarantined")}
    assert by_state == {"accepted": list(case.good), "quarantined": sorted(case.bad)}
    assert sum(each.state == "blank" for each in found) == case.blank


@pytest.mark.parametrize("case", CASES)
def test_every_record_of_a_hostile_file_has_its_place(case: Case, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(case.content)
    shop = Workspace(tmp_path, settings_of(case.form, case.columns))
    if case.refused:
        assert_refused_whole(shop, case.refused)
        return
    deliveries = shop.run()
    assert [(each.state, each.note) for each in deliveries] == [(State.LANDED, "")]
    (conformed,) = shop.conform()
    quarantined = rows(conformed.quarantine, "line", "rule")
    for line, rule in quarantined:
        assert {**case.bad, **case.by_type}[line] in rule
    assert sorted(line for line, _ in quarantined) == sorted([*case.bad, *case.by_type])
    assert [line for (line,) in rows(conformed.facts, "_line")] == [
        line for line in case.good if line not in case.by_type
    ]
    count = conformed.count
    assert (count.accepted, count.quarantined, count.blank, count.doubled) == (
        len(case.good) - len(case.by_type),
        len(quarantined),
        case.blank,
        0,
    )


@pytest.mark.parametrize("case", READ)
def test_the_landing_holds_each_cell_as_it_was_written(case: Case, tmp_path: Path) -> None:
    (tmp_path / "in.csv").write_bytes(case.content)
    Workspace(tmp_path, settings_of(case.form, case.columns)).run()
    header = case.form.get("header", True)
    found = independently(
        case.content,
        delimiter=str(case.form.get("delimiter", ",")),
        quote=str(case.form.get("quote", '"')),
        encoding=str(case.form["encoding"]) if "encoding" in case.form else None,
        header=header if isinstance(header, (bool, tuple)) else True,
        skip=case.above,
    )
    kept = landed(tmp_path)
    assert [(row["_line"], row["_lines"]) for row in kept] == [
        (each.line, each.lines) for each in found if each.state != "blank"
    ]
    cells = [tuple(value for name, value in row.items() if name not in ADDED) for row in kept if row["_rule"] is None]
    assert cells == [each.cells for each in found if each.state == "accepted"]


def assert_refused_whole(shop: Workspace, said: str) -> None:
    """Nothing of it was landed, and a sentence says why."""
    try:
        (delivery,) = shop.run()
    except ConfigurationError as error:
        note = str(error)
    else:
        assert (delivery.state, delivery.batch) == (State.REFUSED, None)
        note = delivery.note
    assert said in note
    assert "\n" not in note.replace(shop.folder.as_posix(), "")
    assert Landing(shop.folder).arrivals() == ()
    assert not list(shop.folder.rglob("*.part*"))
    assert not [path for path in shop.folder.rglob("*.parquet") if path.is_file()]
