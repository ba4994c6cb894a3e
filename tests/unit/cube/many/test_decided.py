"""What is hidden of few is decided once for all questions of a view, and anew for another."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from clientela.access.area import EVERYTHING
from clientela.access.rights import Names, Right, Scope
from clientela.cube.many import answer
from tests.unit.cube.published import Published, line

ON, MIDNIGHT = date(2024, 5, 1), datetime(2024, 5, 1)


def test_cells_are_counted_once_for_several_questions_of_a_view(
    published: Published, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        {**line(f"o{n}", n, f"2024-03-{1 + n % 20:02}", "5", kind="sale", channel="web" if n % 4 else "store"),
         "known_from": datetime(2023, 1, 1), "known_until": None}
        for n in range(1, 60)
    ]  # fmt: skip
    published.add(order_line=rows)
    counted = []
    customers = answer.counted_cells

    def noted(*given: object) -> object:
        counted.append(given[1:])
        return customers(*given)  # type: ignore[arg-type] # handed on as it came

    monkeypatch.setattr(answer, "counted_cells", noted)
    scope = Scope((Right(reach=EVERYTHING, columns=Names(("*",)), measures=Names(("*",)), least=10),))
    assert scope.of_many is not None
    view = published.view(ON, MIDNIGHT, scope=scope)
    first = answer.of_many(view, scope.of_many, ["revenue"], ["month", "channel"])
    again = answer.of_many(view, scope.of_many, ["orders", "revenue"], ["channel"])
    assert len(counted) == 1
    assert first.least == again.least == 10
    answer.of_many(published.view(ON, MIDNIGHT, scope=scope), scope.of_many, ["revenue"], ["month", "channel"])
    assert len(counted) == 2
