"""What is remembered of questions: their kind, and nothing of whoever asked or what for."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

from clientela.access.area import Area
from clientela.access.rights import WHOLE, Names, Right, Scope
from clientela.contracts.filter import And, Condition, Operator
from clientela.cube.explore import Wanted
from clientela.cube.rollup.shape import Shape
from clientela.pipeline.rolling.asked import JOURNAL, MOST_BYTES, asked, limits_of, note, shapes_of

WEB = Condition("channel", Operator.EQ, "web")
LATE = Condition("month", Operator.GE, date(2024, 1, 1))
NORTH = Scope((Right(reach=(Area(territories=frozenset({"north"})),), columns=Names(("*",)), measures=Names(("*",))),))


def test_a_kind_of_question_has_no_value_and_no_name(tmp_path: Path) -> None:
    note(tmp_path, shapes_of(["revenue"], ["month"], And((WEB, LATE)), Wanted(), NORTH), 12)
    said = (tmp_path / JOURNAL).read_text()
    assert json.loads(said) == {
        "measures": ["revenue"],
        "by": ["month"],
        "filtered": ["channel", "month"],
        "pinned": [],
        "limits": ["territories"],
        "often": 1,
        "milliseconds": 12,
    }
    assert "web" not in said
    assert "north" not in said


def test_what_holds_one_member_fast_is_told_apart() -> None:
    (shape,) = shapes_of(["customers"], ["month"], And((WEB,)), Wanted(), None)
    assert shape == Shape(measures=("customers",), by=("month",), filtered=("channel",), pinned=("channel",))


def test_shares_and_the_rest_are_questions_of_their_own() -> None:
    assert [each.by for each in shapes_of(["revenue"], ["region", "month"], None, Wanted(share=True), None)] == [
        ("region", "month"),
        ("region",),
    ]
    _, rest = shapes_of(["revenue"], ["category"], None, Wanted(top=3), None)
    assert (rest.by, rest.filtered) == ((), ("category",))


def test_questions_are_counted(tmp_path: Path) -> None:
    for _ in range(3):
        note(tmp_path, shapes_of(["revenue"], ["month"], None, Wanted(), None), 1)
    note(tmp_path, shapes_of(["revenue"], [], None, Wanted(), None), 1)
    assert sorted(asked(tmp_path).values()) == [1, 3]


def test_a_torn_line_is_passed_over(tmp_path: Path) -> None:
    note(tmp_path, shapes_of(["revenue"], ["month"], None, Wanted(), None), 1)
    with (tmp_path / JOURNAL).open("a") as file:
        file.write('{"measures": ["rev')
    assert list(asked(tmp_path).values()) == [1]


def test_the_journal_stays_small_and_keeps_what_is_asked_most(tmp_path: Path) -> None:
    path = tmp_path / JOURNAL
    for number in range(40):
        shapes = (Shape(measures=("revenue",), by=(f"d{number}_{each}",)) for each in range(100))
        note(tmp_path, shapes, 1)
        note(tmp_path, iter([Shape(measures=("orders",))]), 1)
    assert path.stat().st_size <= MOST_BYTES
    told = asked(tmp_path)
    assert max(told, key=lambda each: told[each]) == Shape(measures=("orders",))


def test_a_folder_that_cannot_be_written_to_is_no_error(tmp_path: Path) -> None:
    note(tmp_path / "gone", shapes_of(["revenue"], [], None, Wanted(), None), 1)
    assert asked(tmp_path / "gone") == {}


def test_who_sees_all_is_limited_by_nothing() -> None:
    assert limits_of(WHOLE) == limits_of(None) == ()
    assert limits_of(NORTH) == ("territories",)
