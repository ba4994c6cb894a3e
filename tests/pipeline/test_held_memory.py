"""A process that holds a snapshot open keeps little of it in memory, and asks again where a question needs more."""

from __future__ import annotations

import pytest
from sqlglot import exp, parse_one

from clientela.errors import TooLargeError
from clientela.pipeline import serving
from clientela.pipeline.serving import Serving
from clientela.pipeline.serving import held as held_open
from clientela.warehouse.store.snapshot import Reader
from tests.pipeline.acquainted import Company

DISTINCT = 2_000_000
LITTLE = "20MB"


def limit_of(reader: Reader) -> str:
    told = reader.fetch(parse_one("select current_setting('memory_limit') as said", dialect="duckdb"))
    return str(told["said"][0].as_py())


def distinct() -> exp.Expr:
    return parse_one("select count(distinct range) as n from range(2000000)", dialect="duckdb")


def test_what_is_too_large_for_a_held_reader_is_asked_again_of_one_opened_for_it(
    met: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_open, "KEPT_MEMORY", LITTLE)
    asked: list[str] = []

    def work(reader: Reader, _: Serving) -> int:
        asked.append(limit_of(reader))
        return int(reader.fetch(distinct())["n"][0].as_py())

    with serving.hold(met.folder):
        assert serving.read(met.folder, work) == DISTINCT
        assert len(asked) == 2
        assert asked[0] == "19.0 MiB" != asked[1]
        assert serving.read(met.folder, lambda reader, _: limit_of(reader)) == "19.0 MiB"


def test_a_limit_that_was_set_is_the_last_word(met: Company) -> None:
    with serving.hold(met.folder, memory_limit=LITTLE), pytest.raises(TooLargeError, match="ask for fewer rows"):
        serving.read(met.folder, lambda reader, _: reader.fetch(distinct()))


def test_a_block_that_cannot_be_asked_again_has_the_memory_at_once(
    met: Company, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_open, "KEPT_MEMORY", LITTLE)
    with serving.hold(met.folder), serving.opened(met.folder) as (reader, _):
        assert reader.fetch(distinct())["n"][0].as_py() == DISTINCT
