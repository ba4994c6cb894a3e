"""What happened, newest first: only the newest are looked at, and none of the same moment is lost."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from clientela.pipeline.customers.events import _mark, _newest

things = st.lists(st.tuples(st.sampled_from("ab"), st.integers(1, 9)), max_size=30).map(
    lambda told: [(part, {"moment": datetime(2024, 1, day), "mark": str(n)}) for n, (part, day) in enumerate(told)]
)


def first(every: list[tuple[str, Any]], many: int) -> list[tuple[datetime, str]]:
    """The first of them on a page."""
    told = [(row["moment"], _mark(part, row["mark"])) for part, row in every]
    told.sort(key=lambda each: each[1])
    told.sort(key=lambda each: each[0], reverse=True)
    return told[:many]


@given(things, st.integers(1, 13))
def test_the_newest_are_those_that_all_would_begin_with(every: list[tuple[str, Any]], many: int) -> None:
    assert first(_newest(every, many), many) == first(every, many)
