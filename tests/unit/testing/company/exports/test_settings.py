"""The settings read what a world sends, and ask for no file that it does not send."""

from __future__ import annotations

import tomllib

from clientela.testing.company.exports.settings import settings
from clientela.testing.company.world import World


def told(world: World) -> tuple[set[str], dict[str, float]]:
    read = tomllib.loads(settings(world))
    return {each["name"] for each in read["source"]}, read.get("run", {})


def test_rates_are_asked_for_only_where_something_is_billed_abroad() -> None:
    assert "bank" in told(World.messy())[0]
    assert "bank" not in told(World())[0]


def test_small_dirty_files_are_not_kept_out() -> None:
    assert told(World(truncated=0.01))[1] == {"max_bad": 0.5}
    assert told(World())[1] == {}
