"""The linking model: what each likeness of two records weighs, as a value that is kept and used again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from clientela.unify.linking.comparing import Comparing, Field, Level

Weights = Mapping[tuple[str, str], tuple[float, float]]  # (field, likeness) → (m, u)


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkModel:
    """What agreement and disagreement of each field weigh.

    Parameters
    ----------
    version : the hash of ``document`` without the moment it was learned
    document : JSON; ``splink`` in it is what Splink itself reads; no value in it is of fewer than ten records
    """

    version: str
    document: Mapping[str, Any]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> LinkModel:
        """The model of a document that was kept."""
        said = {name: each for name, each in document.items() if name != "learned_at"}
        text = json.dumps(said, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
        return cls(version=hashlib.sha256(text.encode()).hexdigest()[:16], document=document)

    def fits(self, comparing: Comparing) -> bool:
        """Whether it was learned by this way of comparing; else it has to be learned anew."""
        return bool(self.document["code"] == comparing.code)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One row of ``identity_figure``."""

    figure: str
    about: str
    value: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Linked:
    """What the search for pairs did.

    Parameters
    ----------
    pairs : how many pairs are in ``scored_pair``
    figures : pairs compared per blocking rule, values left out because too many records share them, rules refused
    refused : the blocking rules left out because they would compare too much
    """

    pairs: int
    figures: tuple[Figure, ...]
    refused: tuple[str, ...]


def shipped(comparing: Comparing, known: Mapping[str, int]) -> dict[tuple[str, str], tuple[float, float]]:
    """m and u of each likeness where no data teach them; ``known``: records in which each field's column is known."""
    return {
        (field.name, level.likeness): (level.m, shipped_u(level, known[field.name]))
        for field in comparing.fields
        for level in field.levels
    }


def shipped_u(level: Level, known: int) -> float:
    """How often two customers are so alike."""
    return level.u if level.others is None else min(level.others / max(known, 100), 0.01)


def settings(
    comparing: Comparing, weights: Weights, prior: float, *, rare: Mapping[str, float] | None = None
) -> dict[str, Any]:
    """What Splink reads; ``rare``: the share of the records that a value has which is not frequent, by column."""
    return {
        "link_type": "dedupe_only",
        "unique_id_column_name": "id",
        "probability_two_random_records_match": prior,
        "retain_matching_columns": True,  # else Splink does not tell the likeness
        "retain_intermediate_calculation_columns": True,
        "blocking_rules_to_generate_predictions": [],
        "comparisons": [_comparison(field, weights, rare) for field in comparing.fields],
    }


def _comparison(field: Field, weights: Weights, rare: Mapping[str, float] | None) -> dict[str, Any]:
    levels: list[dict[str, Any]] = []
    if field.unknown is not None:
        unknown = field.unknown.sql(dialect="duckdb")
        levels.append({"sql_condition": unknown, "is_null_level": True, "label_for_charts": "unknown"})
    for level in field.levels:
        m, u = weights[field.name, level.likeness]
        told: dict[str, Any] = {
            "sql_condition": "ELSE" if level.when is None else level.when.sql(dialect="duckdb"),
            "label_for_charts": level.likeness or "nothing",
            "m_probability": m,
            "u_probability": u,
            "fix_m_probability": level.fixed,
            "fix_u_probability": level.fixed,
        }
        if level.term and rare is not None:
            # u of a rare value stands in the level; Splink puts a frequent value's own share in its place.
            told |= {
                "u_probability": rare[level.term],
                "tf_adjustment_column": level.term,
                "tf_adjustment_weight": 1.0,
                "disable_tf_exact_match_detection": True,
            }
        levels.append(told)
    return {"output_column_name": field.name, "comparison_levels": levels}
