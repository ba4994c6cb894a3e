"""A run killed with -9 at each of its named points, and all its points passed in the order they are listed in."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from clientela.warehouse.moments import POINTS
from tests.faults.company import (
    Fingerprints,
    Killed,
    acknowledged_are_kept,
    arrivals,
    begun,
    deliver,
    left_over,
    published,
)
from tests.some import some

LINES = 400
FROM_THE_NEW = POINTS.index("current replaced")  # from here on what is published is the new snapshot


def test_a_run_passes_all_points_in_their_order(tmp_path: Path, killer: Callable[..., Killed]) -> None:
    begun(tmp_path / "w")
    deliver(tmp_path / "w", 0, LINES)
    done = killer(tmp_path / "w", 0)
    assert done.code == 0
    assert tuple(dict.fromkeys(done.points)) == POINTS


# Of the publication those on both sides of the moment from which the new snapshot serves; of the rest each fifth.
SOME = tuple(each for n, each in enumerate(POINTS) if n % 5 == 2 or n in (FROM_THE_NEW - 1, FROM_THE_NEW))


@pytest.mark.parametrize("points", [SOME, pytest.param(POINTS, marks=pytest.mark.slow)], ids=["some", "all"])
def test_killed_at_each_named_point_the_next_run_is_clean(
    tmp_path: Path, killer: Callable[..., Killed], points: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "w"
    begun(folder)
    deliver(folder, 0, LINES)
    assert killer(folder, 0).code == 0
    before, told = published(folder), []
    for delivery, point in enumerate(points, start=1):
        deliver(folder, delivery, LINES)
        acknowledged = arrivals(folder)
        killed = killer(folder, delivery, point=point)
        assert (killed.code, killed.points[-1]) == (-9, point)
        at_once = published(folder)
        acknowledged_are_kept(acknowledged, folder)
        recovered = killer(folder, delivery)
        assert recovered.code == 0, point
        after = published(folder)
        assert at_once == (after if POINTS.index(point) >= FROM_THE_NEW else before), point
        assert after != before
        assert left_over(folder) == [], point
        told.append(f"{point} ({recovered.seconds:.1f} s)")
        before = after
    with capsys.disabled():
        print(f"\nkilled at {len(told)} points, seconds of the next run: " + ", ".join(told))  # noqa: T201 - what was injected where is what this test shows


def _two_deliveries(folder: Path) -> Path:
    begun(folder)
    deliver(folder, 0, LINES)
    deliver(folder, 1, LINES)  # two files: the first of them lands before the kill
    return folder


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory, killer: Callable[..., Killed]) -> Fingerprints | None:
    """What a first run publishes that nobody kills."""
    folder = _two_deliveries(tmp_path_factory.mktemp("undisturbed") / "w")
    assert killer(folder, 1).code == 0
    return published(folder)


@pytest.mark.parametrize(
    "point", some(["arrival journalled", "batch named", "typed batch named", "manifest written"], one_in=2)
)
def test_a_first_run_that_was_killed_is_carried_on_as_if_nothing_had_happened(
    tmp_path: Path, killer: Callable[..., Killed], undisturbed: Fingerprints, point: str
) -> None:
    folder = _two_deliveries(tmp_path / "killed")
    assert killer(folder, 1, point=point).code == -9
    assert published(folder) is None
    assert killer(folder, 1).code == 0
    assert published(folder) == undisturbed
