"""What people are told of the data: lateness, the line of a table, who is told what."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from clientela import config
from clientela.access.grants import Grant
from clientela.access.policy import policy
from clientela.cube.declared.measure import MEASURES
from clientela.cube.scoped import nameable
from clientela.errors import UnknownNameError
from clientela.pipeline.asking.scope import Asker
from clientela.pipeline.create import create
from clientela.pipeline.intake.delivered import fitting, takes
from clientela.pipeline.overseen.lineage import line
from clientela.pipeline.overseen.published import Published
from clientela.pipeline.overseen.seen import Sight, sight
from clientela.pipeline.overseen.sources import sources
from clientela.pipeline.working import said
from clientela.warehouse.store.landing import Landing

NOW = datetime(2026, 3, 31, 9, 0, tzinfo=UTC)
SOURCE = '\n[[source]]\nname = "shop"\ntable = "order_line"\npath = "exports/o-*.csv"\ndelivery = "upsert"\n'


def asker(role: str, **within: tuple[str, ...]) -> Asker:
    columns, measures = nameable(MEASURES)
    roles = policy(None, columns=columns, measures=measures)
    return Asker(name="ana", now=NOW, policy=roles, held=(Grant(role=role, within=within),))


@pytest.mark.parametrize(
    ("role", "within", "told"),
    [
        ("administrator", {}, Sight(data=True, kept_out=True, records=True)),
        ("data-protection-officer", {}, Sight(data=True, kept_out=True, records=True)),
        ("executive", {}, Sight(data=True, kept_out=False, records=False)),
        ("manager", {"territory": ("T1",)}, Sight(data=True, kept_out=False, records=False)),
        ("administrator", {"territory": ("T1",)}, Sight(data=True, kept_out=False, records=False)),
    ],
)
def test_each_role_is_told_its_part(role: str, within: dict[str, tuple[str, ...]], told: Sight) -> None:
    assert sight(asker(role, **within)) == told


def workspace(folder: Path, more: str = "") -> config.Settings:
    create(folder, name="Shop", currency="EUR", timezone="UTC")
    toml = folder / "clientela.toml"
    toml.write_text(toml.read_text() + SOURCE + more)
    return config.load(folder)


def arrived(folder: Path, *days: date) -> None:
    landing = Landing(folder)

    def write(path: Path) -> int:
        return path.write_bytes(b"") + 3

    for number, day in enumerate(days, start=1):
        landing.add(
            source="shop",
            table="order_line",
            path=f"exports/o-{number}.csv",
            hash=f"{number:04x}",
            run=number,
            now=datetime(day.year, day.month, day.day, 6, tzinfo=UTC),
            format="text",
            write=write,
        )


def test_a_source_of_a_weekly_rhythm_is_late_after_a_week_and_a_half(tmp_path: Path) -> None:
    settings = workspace(tmp_path)
    arrived(tmp_path, date(2026, 3, 3), date(2026, 3, 10), date(2026, 3, 17))
    (told,) = sources(tmp_path, settings, Published(None, {}), now=NOW)
    assert told.expected_at == datetime(2026, 3, 27, 18, tzinfo=UTC)  # half as long again as the usual seven days
    assert (told.late, told.promised, told.files) == (True, False, 3)
    (before,) = sources(tmp_path, settings, Published(None, {}), now=NOW - timedelta(days=5))
    assert not before.late


def test_two_deliveries_tell_no_rhythm(tmp_path: Path) -> None:
    settings = workspace(tmp_path)
    arrived(tmp_path, date(2026, 3, 3), date(2026, 3, 10))
    (told,) = sources(tmp_path, settings, Published(None, {}), now=NOW)
    assert (told.expected_at, told.late) == (None, False)


def test_what_the_settings_promise_goes_before_what_was_usual(tmp_path: Path) -> None:
    settings = workspace(tmp_path, 'fresh_within = "2 days"\n')
    brought = {
        "source": "shop",
        "table": "order_line",
        "new_files": 1,
        "rows": 3,
        "quarantined": 0,
        "newest_on": "2026-03-28",
        "arrived_at": None,
    }
    (told,) = sources(tmp_path, settings, Published("1", {"sources": [brought]}), now=NOW)
    assert told.expected_at == datetime(2026, 3, 31, tzinfo=UTC)
    assert (told.promised, told.late) == (True, True)


def test_the_line_of_a_table_goes_up_to_what_is_delivered_and_down_to_what_is_made() -> None:
    steps = [
        ("order_line", ["landing.order_line"]),
        ("customer_feature", ["order_line"]),
        ("score", ["customer_feature"]),
    ]
    published = Published(
        "1",
        {
            "tables": {"order_line": 9, "customer_feature": 3, "score": 3, "lapse": 1},
            "lineage": [{"table": name, "step": name, "reads": reads, "seconds": 0.5} for name, reads in steps],
        },
    )
    found = line(published, "customer_feature")
    assert [[each.name for each in level] for level in found.above] == [["order_line"]]
    assert [each.name for each in found.below] == ["score"]
    assert [[each.name for each in level] for level in line(published, "score").above] == [
        ["customer_feature"],
        ["order_line"],
    ]
    with pytest.raises(UnknownNameError):
        line(published, "secrets")


def test_a_file_gets_no_name_that_its_source_would_not_find() -> None:
    assert fitting("o-7.csv", "o-*.csv", NOW) == "o-7.csv"
    assert fitting("march.csv", "o-*.csv", NOW) == "o-20260331-090000.csv"
    assert fitting("march.csv", "orders.csv", NOW) == "orders.csv"


def test_a_source_outside_the_workspace_takes_no_upload(tmp_path: Path) -> None:
    settings = workspace(tmp_path)
    (inside,) = settings.sources
    outside = inside.model_copy(update={"path": "/srv/exports/o-*.csv"})
    above = inside.model_copy(update={"path": "../o-*.csv"})
    assert [bool(takes(tmp_path, each)) for each in (inside, outside, above)] == [False, True, True]


@pytest.mark.parametrize(
    ("said_", "stage"),
    [
        ("Landing exports/o-1.csv", 0),
        ("Comparing customer records", 1),
        ("Writing order_line", 2),
        ("Computing churn-risk (fit)", 3),
        ("Publishing", 4),
        ("something new", 0),
        (None, 0),
    ],
)
def test_each_line_of_progress_belongs_to_a_stage(said_: str | None, stage: int) -> None:
    assert said.stage(said_) == stage
