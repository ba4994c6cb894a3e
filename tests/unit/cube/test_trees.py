"""Territories as deep as a company likes: what a row lies in, and what a grant of a level reaches."""

from __future__ import annotations

import random
from datetime import date, datetime

import pytest

from clientela.access.grants import Company, Grant
from clientela.access.grants import scope as scope_of
from clientela.access.policy import policy
from clientela.cube.figures.query import query
from clientela.cube.records import records
from tests.unit.cube.published import Published, line, reference

ON = date(2024, 5, 1)
MIDNIGHT = datetime(2024, 5, 1)
LEVELS = (None, "nation", None, "region", None, "district", None, None)  # eight, the widest first


def _company(published: Published, seed: int) -> dict[str, str | None]:
    """A tree eight levels deep, whose levels have names at three of them; a line in each territory."""
    rng = random.Random(seed)  # noqa: S311 - a made-up company
    above: dict[str, str | None] = {"t0": None}
    depth = {"t0": 0}
    for number in range(1, 60):
        parent = f"t{number - 1}" if number < 8 else rng.choice([key for key, deep in depth.items() if deep < 7])
        above[f"t{number}"], depth[f"t{number}"] = parent, depth[parent] + 1
    territory = [
        reference(territory_id=key, name=key.upper(), level=LEVELS[depth[key]], parent_id=parent)
        for key, parent in above.items()
    ]
    lines = [
        {**line(f"o{key}", int(key[1:]), "2024-03-01", str(1 + int(key[1:])), kind="sale", territory_id=key),
         "known_from": datetime(2023, 1, 1), "known_until": None}
        for key in above
    ]  # fmt: skip
    home = [{"customer_id": int(key[1:]), "territory_id": key} for key in above]
    published.add(order_line=lines, territory=territory, customer_territory=home)
    return above


def _path(key: str | None, above: dict[str, str | None]) -> list[str]:
    path = []
    while key is not None:
        path.append(key)
        key = above[key]
    return path


@pytest.mark.parametrize("seed", range(5))
def test_a_row_lies_in_the_nearest_of_each_level_however_far_above(published: Published, seed: int) -> None:
    above = _company(published, seed)
    depth = {key: len(_path(key, above)) - 1 for key in above}
    found = query(published.view(ON, MIDNIGHT), ["revenue"], ["territory_id", "district", "region", "nation"])
    told = {row[0]: row[1:4] for row in found.rows}
    for key in above:
        for place, level in enumerate(("district", "region", "nation")):
            want = next((each.upper() for each in _path(key, above) if LEVELS[depth[each]] == level), None)
            assert told[key][place] == want, (key, level)


@pytest.mark.parametrize("seed", range(5))
def test_a_grant_of_any_level_reaches_all_below_it_in_figures_and_rows(published: Published, seed: int) -> None:
    above = _company(published, seed)
    roles = policy(columns={}, measures=frozenset())
    for root in random.Random(seed).sample(sorted(above), 12):  # noqa: S311 - as above
        held = [Grant(role="manager", within={"territory": (root,)})]
        scope = scope_of(held, roles, Company(above, lambda *_: ()), on=ON)
        view = published.view(ON, MIDNIGHT, scope=scope)
        inside = [key for key in above if root in _path(key, above)]
        (total,) = query(view, ["revenue"], []).totals or (0,)
        assert total == sum(1 + int(key[1:]) for key in inside), root
        rows = records(view, "order_line", ["order_id"], limit=100).rows
        assert sorted(str(row[0]) for row in rows) == sorted(f"o{key}" for key in inside), root


def test_a_tree_that_lies_in_itself_ends(published: Published) -> None:
    territory = [
        reference(territory_id=f"t{n}", name=f"T{n}", level="region", parent_id=f"t{(n + 1) % 3}") for n in range(3)
    ]
    row = {
        **line("o1", 1, "2024-03-01", "7", kind="sale", territory_id="t1"),
        "known_from": datetime(2023, 1, 1), "known_until": None,
    }  # fmt: skip
    published.add(order_line=[row], territory=territory)
    assert [each[0] for each in query(published.view(ON, MIDNIGHT), ["revenue"], ["region"]).rows] == ["T1"]
