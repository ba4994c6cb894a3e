"""A cursor tells nothing of the row it stands after, and serves nobody else and nothing else."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from clientela.access.area import EVERYTHING, Area
from clientela.access.rights import Names, Right, Scope
from clientela.access.sealed import opened, sealed, settled
from clientela.cube.records import records
from clientela.cube.view import View
from clientela.errors import QueryError
from clientela.pipeline.create import cursor_key
from clientela.warehouse.engine import Engine
from tests.access import cases
from tests.access.compare import MIDNIGHT
from tests.unit.cube.published import Published, line

CANARY = "CANARY-4711-OF-A-HIDDEN-ORDER"
SHOWN = "order_line.net_revenue"


def scope_of(*columns: str, reach: tuple[Area, ...] = EVERYTHING) -> Scope:
    return Scope((Right(reach=reach, columns=Names(columns), measures=Names(())),))


@pytest.fixture
def view() -> Iterator[View]:
    lines = [line(f"{CANARY}-{number}", number, "2024-01-10", str(number)) for number in range(1, 6)]
    with Engine.in_memory(threads=1) as engine:
        published = Published(engine).add(order_line=[{**row, "known_until": None} for row in lines])
        yield published.view(cases.ON, MIDNIGHT, scope=scope_of(SHOWN))


def first(view: View) -> str:
    cursor = records(view, "order_line", ["net_revenue"], limit=2).next_cursor
    assert cursor is not None
    return cursor


def readings(cursor: str) -> Iterator[bytes]:
    """What anybody may make of it: itself, and decoded from each place."""
    yield cursor.encode()
    for start in range(4):
        piece = cursor[start:]
        yield base64.urlsafe_b64decode(piece[: len(piece) // 4 * 4])


def test_a_hidden_key_is_not_in_the_cursor_and_the_pages_still_follow(view: View) -> None:
    cursor: str | None = first(view)
    assert cursor is not None
    for told in readings(cursor):
        assert not any(part in told for part in (b"CANARY", b"4711", b"HIDDEN", b"shop"))
    rows = [*records(view, "order_line", ["net_revenue"], limit=2).rows]
    while cursor is not None:
        page = records(view, "order_line", ["net_revenue"], limit=2, cursor=cursor)
        rows, cursor = [*rows, *page.rows], page.next_cursor
    assert [int(row[0]) for row in rows] == [1, 2, 3, 4, 5]
    assert first(view) == first(view)


def test_a_changed_cursor_is_refused(view: View) -> None:
    cursor = first(view)
    for place in range(0, len(cursor) - 1, 5):
        changed = cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :]
        with pytest.raises(QueryError, match=r"the cursor does not belong to this question; ask for the first page"):
            records(view, "order_line", ["net_revenue"], limit=2, cursor=changed)


def test_a_cursor_of_other_rights_or_of_another_workspace_is_refused(view: View) -> None:
    cursor = first(view)
    others = (
        replace(view, scope=scope_of("order_line.*")),
        replace(view, scope=None),
        replace(view, sealing=lambda: bytes(32)),
    )
    for other in others:
        with pytest.raises(QueryError, match="the cursor does not belong to this question"):
            records(other, "order_line", ["net_revenue"], limit=2, cursor=cursor)


def test_whoever_turns_pages_goes_on_in_a_newer_snapshot(view: View) -> None:
    cursor = first(view)
    newer = (
        replace(view, scope=scope_of(SHOWN)),
        replace(view, known_at=view.known_at + timedelta(hours=1)),
        replace(view, as_of=view.as_of + timedelta(days=1)),
    )
    for each in newer:
        assert len(records(each, "order_line", ["net_revenue"], limit=2, cursor=cursor).rows) == 2


def test_the_length_of_what_is_sealed_is_not_told() -> None:
    told = {len(sealed(bytes(32), "7" * length, "")) for length in range(60)}
    assert len(told) == 1
    assert opened(bytes(32), sealed(bytes(32), "ñ\0", "x"), "x") == "ñ\0"


def test_rights_are_said_alike_in_every_process() -> None:
    names = [f"t{number}" for number in range(50)]
    some, same = (Area(territories=frozenset(each)) for each in (names, reversed(names)))
    assert settled(scope_of(SHOWN, reach=(some,))) == settled(scope_of(SHOWN, reach=(same,)))
    assert "t0','t1','t10'" in settled(some)


def test_a_workspace_keeps_one_key_for_its_owner_alone(tmp_path: Path) -> None:
    key = cursor_key(tmp_path)
    assert cursor_key(tmp_path) == key
    assert len(key) == 32
    kept = tmp_path / "secrets" / "cursor.key"
    assert kept.stat().st_mode & 0o777 == 0o600
    assert [each.name for each in (tmp_path / "secrets").iterdir()] == ["cursor.key"]
    (tmp_path / "other").mkdir()
    assert cursor_key(tmp_path / "other") != key
    kept.write_text("damaged")
    assert cursor_key(tmp_path) == cursor_key(tmp_path / "gone" / "missing") != key
