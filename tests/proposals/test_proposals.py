"""How right the proposals of ``init --from`` are, on published sets and on folders in four languages."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from clientela.capture.propose.build import propose
from tests.proposals import systems
from tests.proposals.folders import FOLDERS
from tests.proposals.scoring import Score, score, source_of, table_of, total

HERE = Path(__file__).parent


def truths(name: str) -> dict[str, list[dict[str, Any]]]:
    sets: dict[str, list[dict[str, Any]]] = {}
    for each in tomllib.loads((HERE / name).read_text(encoding="utf-8"))["file"]:
        sets.setdefault(each["set"], []).append(each)
    return sets


def published(name: str, data: Path) -> list[Score]:
    return [score(each, data / each, files) for each, files in truths(name).items()]


def test_nine_of_ten_columns_of_the_published_sets_are_right_and_nothing_wrong_is_silent(
    shared_data: Path, record_property: Callable[[str, object], None]
) -> None:
    scores = published("truth.toml", shared_data)
    record_property("scores", table_of(scores))
    whole = total(scores)
    assert whole.columns == 165
    assert whole.share >= 0.9
    assert whole.mapped_right >= 0.9 * whole.mapped
    assert whole.silent == []


def test_sets_that_were_not_looked_at_get_no_table_they_do_not_fill(shared_data: Path) -> None:
    whole = total(published("unseen.toml", shared_data))
    assert whole.columns == 53
    assert whole.share >= 0.9
    assert whole.silent == []


@pytest.mark.parametrize("name", sorted(FOLDERS))
def test_a_folder_in_spanish_italian_dutch_or_english_is_understood(name: str, tmp_path: Path) -> None:
    files = FOLDERS[name](tmp_path / name)
    found = score(name, tmp_path / name, files)
    assert found.wrong == []
    assert found.silent == []
    assert found.right == found.columns


def test_headers_of_other_systems_are_mostly_understood_and_never_wrong_in_silence(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    scores = []
    for truth in systems.write(tmp_path):
        path = Path(truth["path"])
        scores.append(score(path.parent.name, tmp_path / path.parent, [{**truth, "path": path.name}]))
    record_property("scores", table_of(scores))
    whole = total(scores)
    assert whole.share >= 0.9
    assert whole.silent == []


def test_files_of_one_month_each_are_one_source_and_two_registers_with_the_same_keys_are_not(
    tmp_path: Path, shared_data: Path
) -> None:
    FOLDERS["dutch_shop"](tmp_path / "shop")
    monthly = source_of(propose(tmp_path / "shop", root=tmp_path / "w"), "bestellingen-2024-02.csv")
    assert monthly is not None
    assert monthly.path.endswith("bestellingen-*.csv")
    registers = propose(shared_data / "febrl", root=tmp_path / "w")
    assert len({each.name for each in registers.sources}) == 5


def test_heads_and_lines_are_joined_by_their_order(tmp_path: Path) -> None:
    FOLDERS["spanish_shop"](tmp_path / "shop")
    made = propose(tmp_path / "shop", root=tmp_path)
    lines = source_of(made, "líneas_pedido.csv")
    assert lines is not None
    assert lines.path == "shop/líneas_pedido.csv"
    assert lines.join == ("shop/pedidos.csv", "Núm. pedido")
    assert {each.name: each.column for each in lines.fields}["ordered_at"] == "Fecha pedido"
