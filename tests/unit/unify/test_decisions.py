"""What persons decided is kept, the last word on a pair counts, and what is taken back never was."""

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.errors import LandingError, UnknownNameError, UsageError
from clientela.unify.decisions import (
    Decision,
    Undo,
    decide,
    forget,
    pairs_between,
    read,
    standing,
    undo,
)
from clientela.warehouse.journal import JsonLines
from clientela.warehouse.store.journals import counted
from clientela.warehouse.store.landing import Landing

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def join(landing: Landing, *pairs: tuple[str, str], reason: str = "one address") -> Decision:
    return decide(landing, "join", pairs, by="ana", now=NOW, reason=reason)


def test_a_decision_is_kept_with_who_when_and_why(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    made = join(landing, ("r2", "r1"))
    assert made.pairs == (("r1", "r2"),)
    assert (made.by, made.at, made.reason, len(made.id)) == ("ana", NOW, "one address", 8)
    assert read(landing) == (made,)
    assert counted(tmp_path) == {"landing/decisions.jsonl": 1}  # so that a lost one is missed


def test_an_id_depends_on_what_was_decided_and_on_its_place_alone(tmp_path: Path) -> None:
    ids = []
    for name in ("one", "other"):
        landing = Landing(tmp_path / name)
        ids.append([join(landing, ("r1", "r2")).id, join(landing, ("r1", "r2")).id])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 2


def test_the_last_word_on_a_pair_counts(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    first = join(landing, ("r1", "r2"), ("r1", "r3"))
    split = decide(landing, "split", [("r1", "r2")], by="ben", now=NOW, reason="brothers")
    holds = standing(read(landing))
    assert (holds.joined, holds.parted) == ({("r1", "r3"): first.id}, {("r1", "r2"): split.id})
    assert holds.apart_since == {("r1", "r2"): (split.id, NOW)}


def test_taking_back_removes_one_decision_and_what_it_had_replaced_counts_again(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    first = join(landing, ("r1", "r2"))
    split = decide(landing, "split", [("r1", "r2")], by="ben", now=NOW, reason="brothers")
    undo(landing, split.id, by="ana", now=NOW)
    assert standing(read(landing)).joined == {("r1", "r2"): first.id}
    back = undo(landing, first.id, by="ana", now=NOW)
    holds = standing(read(landing))
    assert not holds
    assert holds.apart_since == {("r1", "r2"): (back.id, NOW)}


def test_taking_back_is_refused_where_there_is_nothing_to_take_back(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    made = join(landing, ("r1", "r2"))
    back = undo(landing, made.id, by="ana", now=NOW)
    with pytest.raises(UsageError, match=rf"'{back.id}' took the decision '{made.id}' back, and that stays so"):
        undo(landing, back.id, by="ana", now=NOW)
    with pytest.raises(UsageError, match="was taken back already"):
        undo(landing, made.id, by="ana", now=NOW)
    with pytest.raises(UnknownNameError, match="unknown decision 'none'"):
        undo(landing, "none", by="ana", now=NOW)
    assert len(read(landing)) == 2


def test_a_decision_needs_two_records(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="cannot be joined with itself"):
        join(Landing(tmp_path), ("r1", "r1"))
    with pytest.raises(UsageError, match="no pair of records was named"):
        join(Landing(tmp_path))
    assert read(Landing(tmp_path)) == ()


def test_a_split_keeps_each_of_some_records_from_each_of_the_others() -> None:
    assert pairs_between(["c", "a"], ["a", "b", "c", "d"]) == (("a", "b"), ("a", "d"), ("b", "c"), ("c", "d"))


def test_an_erased_person_leaves_the_decisions_and_no_line_is_lost(tmp_path: Path) -> None:
    landing = Landing(tmp_path)
    first = join(landing, ("r1", "r2"), ("r1", "gone"), reason="Maria said so")
    second = join(landing, ("r1", "r2"))
    assert forget(landing, lambda ref: ref == "gone", now=NOW) == (first.id,)
    kept, other = read(landing)
    assert isinstance(kept, Decision)
    assert (kept.id, kept.pairs, kept.reason) == (first.id, (("r1", "r2"),), "")
    assert other == second
    content = (landing.folder / "decisions.jsonl").read_text()
    assert "gone" not in content.replace("forgotten_at", "")
    assert "Maria" not in content
    assert forget(landing, lambda ref: ref == "gone", now=NOW) == ()


SOUND = {"id": "a1", "kind": "join", "pairs": [["r1", "r2"]], "by": "ana", "at": NOW.isoformat(), "reason": "one"}


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        ({"id": None}, "its 'id' is not text"),
        ({"kind": "merge"}, "its 'kind' is none of join, split, undo"),
        ({"kind": ["join"]}, "its 'kind' is not text"),
        ({"kind": "undo"}, "it has no 'of'"),
        ({"pairs": "r1 r2"}, "its 'pairs' is not a list"),
        ({"pairs": [["r1"]]}, "its 'pairs' are not two records each"),
        ({"pairs": [["r1", 2]]}, "its 'pairs' are not two records each"),
        ({"pairs": [["r2", "r1"]]}, "its 'pairs' are not in order"),
        ({"at": "yesterday"}, "its 'at' is not a time"),
        ({"at": 7}, "its 'at' is not a time"),
        ({"reason": 1}, "its 'reason' is not text"),
    ],
)
def test_a_line_that_is_no_decision_is_named_with_its_file(tmp_path: Path, harm: dict[str, object], said: str) -> None:
    landing = Landing(tmp_path)
    made = join(landing, ("r1", "r2"))
    JsonLines(landing.folder / "decisions.jsonl").append(SOUND | harm)
    for work in (
        lambda: read(landing),
        lambda: join(landing, ("r1", "r3")),
        lambda: undo(landing, made.id, by="ana", now=NOW),
        lambda: forget(landing, lambda _: True, now=NOW),
    ):
        with pytest.raises(LandingError) as caught:
            work()
        assert str(caught.value) == (
            f"line 2 of landing/decisions.jsonl is not a decision: {said}; restore the file from a backup."
        )
        assert caught.value.exit_code == 1


@pytest.mark.parametrize("name", SOUND)
def test_a_line_that_lacks_a_part_is_no_decision(tmp_path: Path, name: str) -> None:
    landing = Landing(tmp_path)
    JsonLines(landing.folder / "decisions.jsonl").append({key: value for key, value in SOUND.items() if key != name})
    with pytest.raises(LandingError, match=f"it has no '{name}'|'at' is not a time"):
        read(landing)


REFS = st.sampled_from(["r1", "r2", "r3"])
PAIRS = st.tuples(REFS, REFS).filter(lambda pair: pair[0] < pair[1])
MADE = st.lists(st.tuples(st.sampled_from(["join", "split"]), st.lists(PAIRS, min_size=1, unique=True)), max_size=6)


@given(MADE, st.data())
def test_what_is_taken_back_never_was(made, data) -> None:  # type: ignore[no-untyped-def]  # drawn
    entries: list[Decision | Undo] = [
        Decision(id=str(number), kind=kind, pairs=tuple(pairs), by="ana", at=NOW, reason="")
        for number, (kind, pairs) in enumerate(made)
    ]
    undone = data.draw(st.sets(st.sampled_from(range(len(made))))) if made else set()
    undos: list[Undo] = [Undo(id=f"u{number}", of=str(number), by="ben", at=NOW) for number in sorted(undone)]
    left = [each for number, each in enumerate(entries) if number not in undone]
    holds, expected = standing([*entries, *undos]), standing(left)
    assert (holds.joined, holds.parted) == (expected.joined, expected.parted)
    assert not set(holds.joined) & set(holds.parted)
    assert not set(holds.joined) & set(holds.apart_since)
