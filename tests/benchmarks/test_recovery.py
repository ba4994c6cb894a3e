"""How long the next run takes after one that was killed, beside one that was not."""

from __future__ import annotations

import pytest

from tests.faults.company import begun, deliver
from tests.faults.conftest import killer  # noqa: F401 - a fixture

pytestmark = pytest.mark.benchmark
LINES, MORE, SECONDS = 20_000, 8_000, 10
POINTS = ("batch named", "typed batch named", "table written", "facts renamed", "published")


def test_the_run_after_a_kill_takes_seconds(tmp_path, killer, note):  # noqa: F811 - the fixture
    begun(tmp_path)
    deliver(tmp_path, 0, LINES)
    assert killer(tmp_path, 0).code == 0
    deliver(tmp_path, 1, MORE)
    whole = killer(tmp_path, 1)
    assert whole.code == 0
    after = {}
    for delivery, point in enumerate(POINTS, start=2):
        deliver(tmp_path, delivery, MORE)
        assert killer(tmp_path, delivery, point=point).code == -9
        recovered = killer(tmp_path, delivery)
        assert recovered.code == 0
        after[point] = recovered.seconds
    note(undisturbed=whole.seconds, **{point.replace(" ", "_"): seconds for point, seconds in after.items()})
    assert max(after.values()) <= SECONDS, after
