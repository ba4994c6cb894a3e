"""A run killed with -9 at moments spread evenly over it: what was published serves, the next run is clean."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from clientela.capture.arrive import land
from clientela.config import load
from clientela.warehouse.store.landing import Landing
from tests.faults.company import (
    Killed,
    acknowledged_are_kept,
    arrivals,
    begun,
    deliver,
    left_over,
    now,
    published,
)


# Two hundred kills are ten companies of twenty, each killed a little later than the one before: what was delivered
# stays and is built anew each time, so that one company of two hundred deliveries would take for hours.
@pytest.mark.parametrize(
    ("kills", "later", "lines", "more"),
    [
        (4, 0.5, 2_000, 500),
        pytest.param(10, 0.5, 8_000, 1_500, marks=pytest.mark.slow),
        pytest.param(20, 0.5, 20_000, 8_000, marks=pytest.mark.slow),
        *(pytest.param(20, (turn + 0.5) / 10, 20_000, 1_000, marks=pytest.mark.slow) for turn in range(10)),
    ],
)
def test_killed_at_any_moment_nothing_is_lost_and_the_next_run_is_clean(
    tmp_path: Path,
    killer: Callable[..., Killed],
    kills: int,
    later: float,
    lines: int,
    more: int,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder, twin = tmp_path / "killed", tmp_path / "undisturbed"
    for each in (folder, twin):
        begun(each, whole=kills > 5)
        deliver(each, 0, lines)
        assert killer(each, 0).code == 0
    whole = _measured(folder, twin, killer, more)
    before, fell, recoveries, early = published(folder), Counter[str](), [], 0
    delivery = 1
    while sum(fell.values()) < kills:
        delivery += 1
        _delivered_to_both(folder, twin, delivery, more)
        acknowledged = arrivals(folder)
        moment = whole * (sum(fell.values()) + later) / kills
        killed = killer(folder, delivery, after=moment * 0.9**early)
        early = 0 if killed.code else early + 1  # it had ended already: this moment once more, a little earlier
        if killed.code:
            assert killed.code == -9
            fell[killed.points[-1] if killed.points else "begin"] += 1
        at_once = published(folder)
        acknowledged_are_kept(acknowledged, folder)
        recovered = killer(folder, delivery)
        recoveries.append(recovered.seconds)
        assert recovered.code == 0
        after = published(folder)
        assert at_once in (before, after)
        assert left_over(folder) == []
        assert len(arrivals(folder)) >= len(acknowledged) + 1
        before = after
    assert killer(twin, delivery).code == 0
    assert published(twin) == before
    with capsys.disabled():
        print(f"\n{kills} kills over a run of {whole:.1f} s; recovery ≤ {max(recoveries):.1f} s; last point passed:")  # noqa: T201 - what was injected where is what this test shows
        print("  " + ", ".join(f"{point} {n}" for point, n in fell.items()))  # noqa: T201 - what was injected where is what this test shows


def _measured(folder: Path, twin: Path, killer: Callable[..., Killed], more: int) -> float:
    """The seconds of an undisturbed run of one more delivery."""
    _delivered_to_both(folder, twin, 1, more)
    done = killer(folder, 1)
    assert done.code == 0
    return done.seconds


def _delivered_to_both(folder: Path, twin: Path, delivery: int, more: int) -> None:
    """The twin lands what comes when it comes; what it publishes in the end depends on nothing else."""
    for each in (folder, twin):
        deliver(each, delivery, more)
    land(load(twin, {}), twin, Landing(twin), run=delivery + 1, now=now(delivery))
