"""Wall clocks and instants: DST gaps, doubled hours, and agreement with Python's own zone arithmetic."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlglot import exp

from clientela.capture.zone import day, define, local_day, to_local, to_utc, utc
from clientela.warehouse.engine import Engine

ZONES = ("Europe/Madrid", "America/New_York", "America/Sao_Paulo", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")


def converted(moments: list[datetime], expression: exp.Expr) -> list[object]:
    with Engine.in_memory(threads=1) as engine:
        engine.register("moments", pa.table({"t": pa.array(moments, pa.timestamp("us"))}))
        return engine.fetch(exp.select(exp.alias_(expression, "v")).from_("moments"))["v"].to_pylist()


@pytest.mark.parametrize(
    ("local", "utc", "shown"),
    [
        ((2024, 3, 31, 1, 59), (2024, 3, 31, 0, 59), (2024, 3, 31, 1, 59)),
        ((2024, 3, 31, 2, 30), (2024, 3, 31, 1, 30), (2024, 3, 31, 3, 30)),  # missing: moves forward
        ((2024, 3, 31, 3, 0), (2024, 3, 31, 1, 0), (2024, 3, 31, 3, 0)),
        ((2024, 10, 27, 2, 30), (2024, 10, 27, 0, 30), (2024, 10, 27, 2, 30)),  # doubled: the first
        ((2024, 10, 27, 3, 0), (2024, 10, 27, 2, 0), (2024, 10, 27, 3, 0)),
        ((2024, 2, 29, 0, 0), (2024, 2, 28, 23, 0), (2024, 2, 29, 0, 0)),
    ],
)
def test_a_missing_hour_moves_forward_and_a_doubled_hour_is_the_first(
    local: tuple[int, ...], utc: tuple[int, ...], shown: tuple[int, ...]
) -> None:
    column = exp.column("t")
    assert converted([datetime(*local)], to_utc(column, "Europe/Madrid")) == [datetime(*utc)]
    assert converted([datetime(*utc)], to_local(column, "Europe/Madrid")) == [datetime(*shown)]


def test_the_day_of_an_instant_is_the_companys() -> None:
    evening = [datetime(2024, 7, 1, 22, 30)]
    assert [str(each) for each in converted(evening, local_day(exp.column("t"), "Europe/Madrid"))] == ["2024-07-02"]
    assert [str(each) for each in converted(evening, local_day(exp.column("t"), "America/New_York"))] == ["2024-07-01"]


@pytest.mark.parametrize("zone", ZONES)
def test_an_engine_that_knows_a_zone_says_the_same_in_one_word(zone: str) -> None:
    moments = [datetime(1999, 12, 31, 23, 59), datetime(2024, 3, 31, 2, 30), datetime(2024, 10, 27, 2, 30), None]
    with Engine.in_memory(threads=1) as engine:
        define(engine, "UTC", zone)
        engine.register("moments", pa.table({"t": pa.array(moments, pa.timestamp("us"))}))
        t = exp.column("t")
        for short, long in ((utc(t, zone), to_utc(t, zone)), (day(t, zone), local_day(t, zone))):
            listed = exp.select(exp.alias_(short, "short"), exp.alias_(long, "long")).from_("moments")
            found = engine.fetch(listed)
            assert found["short"].to_pylist() == found["long"].to_pylist()
            assert len(short.sql()) < 200


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from(ZONES),
    st.lists(st.datetimes(datetime(1901, 1, 1), datetime(2099, 12, 31)), min_size=1, max_size=40),
)
def test_zones_agree_with_python(zone: str, moments: list[datetime]) -> None:
    clock = ZoneInfo(zone)
    there = [each.replace(tzinfo=UTC).astimezone(clock).replace(tzinfo=None) for each in moments]
    assert converted(moments, to_local(exp.column("t"), zone)) == there
    back = [each.replace(tzinfo=clock, fold=0).astimezone(UTC).replace(tzinfo=None) for each in moments]
    assert converted(moments, to_utc(exp.column("t"), zone)) == back
