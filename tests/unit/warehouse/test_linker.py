"""What Splink cannot learn stops no run: the rule that would teach it is left out."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest

from clientela.warehouse.engine import Engine
from clientela.warehouse.linker import splink

ALIKE, OTHER = 0.9, 0.1


@pytest.fixture
def engine() -> Iterator[Engine]:
    with Engine.in_memory(threads=1) as engine:
        rows = range(40)
        # of every second two of one name both town and street differ
        place = [row // 2 if row // 2 % 2 else row for row in rows]
        engine.register(
            "person", pa.table({"id": list(rows), "name": [row // 2 for row in rows], "town": place, "street": place})
        )
        yield engine


def settings(never: float) -> dict[str, Any]:
    """``never``: m of other towns."""
    levels = {"name": (ALIKE, OTHER), "town": (ALIKE, never), "street": (ALIKE, OTHER)}
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "id",
        "probability_two_random_records_match": 0.01,
        "blocking_rules_to_generate_predictions": [],
        "comparisons": [
            {
                "output_column_name": name,
                "comparison_levels": [
                    {"sql_condition": f"{name}_l = {name}_r", "m_probability": m, "u_probability": 0.3, **fixed},
                    {"sql_condition": "ELSE", "m_probability": other, "u_probability": 0.7, **fixed},
                ],
            }
            for name, (m, other) in levels.items()
            for fixed in [dict.fromkeys(("fix_m_probability", "fix_u_probability"), name == "town")]
        ],
    }


def learned(engine: Engine, never: float, rules: list[str]) -> dict[str, list[float]]:
    with splink(engine) as scorer:
        told = scorer.habits("person", settings(never), rules)
    return {
        each["output_column_name"]: [level["m_probability"] for level in each["comparison_levels"]]
        for each in told["comparisons"]
    }


def test_a_rule_that_runs_down_to_nothing_teaches_nothing(engine: Engine) -> None:
    found = learned(engine, 1e-299, ["l.name = r.name"])
    assert found == {"name": [ALIKE, OTHER], "town": [ALIKE, 1e-299], "street": [ALIKE, OTHER]}


def test_a_rule_that_can_be_learned_from_teaches(engine: Engine) -> None:
    assert learned(engine, OTHER, ["l.name = r.name"])["street"] != [ALIKE, OTHER]
