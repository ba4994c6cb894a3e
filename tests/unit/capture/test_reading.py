"""Cells become values of a contract's type, or nothing: an engine's kindness is not trusted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from decimal import Decimal

import pyarrow as pa
import pytest
from sqlglot import exp

from clientela.capture.reading import Raw, Reading, date_problem, moment, raw_of, read
from clientela.contracts.schema import Type
from clientela.warehouse.engine import Engine

POINT, COMMA, UNSTATED = Reading(decimal="."), Reading(decimal=","), Reading()
SPANISH = Reading(date="%d/%m/%Y")


@pytest.fixture(scope="module")
def engine() -> Iterator[Engine]:
    with Engine.in_memory(threads=1) as opened:
        yield opened


def one(engine: Engine, cell: object, wanted: Type, reading: Reading, kind: pa.DataType | None = None) -> object:
    """What a cell is read as."""
    kind = kind or pa.string()
    engine.register("cells", pa.table({"cell": pa.array([cell], kind)}))
    column = exp.column("cell")
    if wanted is Type.INSTANT:
        found = moment(column, raw_of(kind), reading)
        parts = [part if part is not None else exp.null() for part in (found.clock, found.offset, found.is_day)]
        row = engine.fetch(exp.select(*(exp.alias_(part, f"p{n}") for n, part in enumerate(parts))).from_("cells"))
        clock, offset, is_day = (row[name][0].as_py() for name in row.column_names)
        return None if clock is None else (clock, offset, bool(is_day))
    value = read(column, raw_of(kind), wanted, reading)
    return engine.fetch(exp.select(exp.alias_(value, "value")).from_("cells"))["value"][0].as_py()


WHOLE = [
    ("1", UNSTATED, 1),
    ("-5", UNSTATED, -5),
    ("+1", UNSTATED, 1),
    ("007", UNSTATED, 7),
    ("5.0", UNSTATED, 5),
    ("1 000", UNSTATED, 1000),
    ("9223372036854775807", UNSTATED, 9223372036854775807),
    ("9223372036854775808", UNSTATED, None),
    ("1.5", UNSTATED, None),
    ("1.000", UNSTATED, None),  # a thousand to some
    ("1,000", UNSTATED, None),
    ("1,000", POINT, 1000),
    ("1.000", COMMA, 1000),
    ("1.000.000", COMMA, 1000000),
    ("10.00", COMMA, None),
    ("0x10", UNSTATED, None),
    ("1_000", UNSTATED, None),
    ("inf", UNSTATED, None),
    ("1e3", UNSTATED, None),
    ("１", UNSTATED, None),
]
AMOUNTS = [
    ("1.00005", UNSTATED, Decimal("1.0001")),
    ("-1.00005", UNSTATED, Decimal("-1.0001")),
    ("1.00004999", UNSTATED, Decimal("1.0000")),
    (".5", UNSTATED, Decimal("0.5")),
    ("5.", UNSTATED, Decimal("5")),
    ("1e-3", UNSTATED, Decimal("0.001")),
    ("1 234.5", UNSTATED, Decimal("1234.5")),
    ("1\u00a0234.5", UNSTATED, Decimal("1234.5")),
    ("1'234.50", UNSTATED, Decimal("1234.5")),
    ("1,234", UNSTATED, None),  # 1.234 or 1234: nobody said
    ("1,234.50", UNSTATED, None),
    ("1,234.50", POINT, Decimal("1234.5")),
    ("12,34.50", POINT, None),
    ("1,23", POINT, None),
    ("1,23", COMMA, Decimal("1.23")),
    ("1.234,56", COMMA, Decimal("1234.56")),
    ("1.234", COMMA, Decimal("1234")),
    ("1.23", COMMA, None),
    ("-,5", COMMA, Decimal("-0.5")),
    ("99999999999999.9999", UNSTATED, Decimal("99999999999999.9999")),
    ("123456789012345", UNSTATED, None),
    ("inf", UNSTATED, None),
    ("nan", UNSTATED, None),
    ("0x10", UNSTATED, None),
    ("1_000", UNSTATED, None),
    ("€ 5", UNSTATED, None),
    ("-", UNSTATED, None),
    (".", UNSTATED, None),
]
DAYS = [
    ("2024-02-29", UNSTATED, date(2024, 2, 29)),
    ("2023-02-29", UNSTATED, None),
    ("2024-2-9", UNSTATED, None),
    ("24-02-01", UNSTATED, None),
    ("0024-02-01", UNSTATED, None),
    ("2024-02-01T00:00:00", UNSTATED, date(2024, 2, 1)),
    ("2024-02-01 10:00", UNSTATED, None),  # a date never rounds
    ("01/02/2024", UNSTATED, None),
    ("01/02/2024", SPANISH, date(2024, 2, 1)),
    ("1/2/2024", SPANISH, date(2024, 2, 1)),
    ("02/29/2024", SPANISH, None),
    ("01/02/24", SPANISH, None),
    ("2024-02-01", SPANISH, None),
    ("31/04/2024", SPANISH, None),
    ("01/02/24", Reading(date="%d/%m/%y"), date(2024, 2, 1)),
    ("20240201", Reading(date="%Y%m%d"), date(2024, 2, 1)),
    ("05-Mar-2024", Reading(date="%d-%b-%Y"), date(2024, 3, 5)),
    ("01022024", Reading(date="%d%m%Y"), date(2024, 2, 1)),
    ("1022024", Reading(date="%d%m%Y"), None),  # a lost zero: 1 February, or 10 February
    ("2024111", Reading(date="%Y%m%d"), None),  # 11 January, or 1 November
]
MOMENTS = [
    ("2024-03-31", UNSTATED, (datetime(2024, 3, 31), None, True)),
    ("2024-03-31 02:30", UNSTATED, (datetime(2024, 3, 31, 2, 30), None, False)),
    ("2024-03-31T02:30:00Z", UNSTATED, (datetime(2024, 3, 31, 2, 30), 0, False)),
    ("2024-03-31T02:30:00.5+02:00", UNSTATED, (datetime(2024, 3, 31, 2, 30, 0, 500000), 7200, False)),
    ("2024-03-31 02:30:00-0530", UNSTATED, (datetime(2024, 3, 31, 2, 30), -19800, False)),
    ("2024-03-31 02:30:00 +02", UNSTATED, (datetime(2024, 3, 31, 2, 30), 7200, False)),
    ("2024-03-31 24:00:00", UNSTATED, None),
    ("2024-03-31 10:61", UNSTATED, None),
    ("2024-03-31 10:00+15:00", UNSTATED, None),
    ("1711929600", UNSTATED, None),
    ("31/03/2024", SPANISH, (datetime(2024, 3, 31), None, True)),
    ("31/03/2024 02:30", SPANISH, (datetime(2024, 3, 31, 2, 30), None, False)),
    ("31/03/2024 25:30", SPANISH, None),
    ("31.03.24 14:05", Reading(date="%d.%m.%y %H:%M"), (datetime(2024, 3, 31, 14, 5), None, False)),
    ("31.03.24", Reading(date="%d.%m.%y %H:%M"), (datetime(2024, 3, 31), None, True)),
    ("3/31/2024 2:05 PM", Reading(date="%m/%d/%Y %I:%M %p"), (datetime(2024, 3, 31, 14, 5), None, False)),
]
WORDS = [
    ("true", UNSTATED, True),
    ("SÍ", UNSTATED, True),
    ("nee", UNSTATED, False),
    ("0", UNSTATED, False),
    ("2", UNSTATED, None),
    ("maybe", UNSTATED, None),
]
TEXTS = [
    ("\tx\u200b", UNSTATED, "x"),  # what nobody sees would make another customer
    ("\u202ax\ny\u202c\r\n", UNSTATED, "x\ny"),
    ("\ufeff \n", UNSTATED, None),
    ("é\u00a0", UNSTATED, "é"),
    ("  x y ", UNSTATED, "x y"),
    ("   ", UNSTATED, None),
    ("00017", UNSTATED, "00017"),
]


@pytest.mark.parametrize(
    ("wanted", "cell", "reading", "expected"),
    [
        *((Type.INT, *row) for row in WHOLE),
        *((Type.MONEY, *row) for row in AMOUNTS),
        *((Type.DATE, *row) for row in DAYS),
        *((Type.INSTANT, *row) for row in MOMENTS),
        *((Type.BOOL, *row) for row in WORDS),
        *((Type.TEXT, *row) for row in TEXTS),
        (Type.NUMBER, "0.0000005", UNSTATED, Decimal("0.000001")),
        (Type.SHARE, "0,25", COMMA, Decimal("0.25")),
    ],
)
def test_a_text_is_read_by_the_pattern_of_its_type(
    engine: Engine, wanted: Type, cell: str, reading: Reading, expected: object
) -> None:
    assert one(engine, cell, wanted, reading) == expected


@pytest.mark.parametrize(
    ("wanted", "cell", "kind", "expected"),
    [
        (Type.TEXT, 17850.0, pa.float64(), "17850"),
        (Type.TEXT, 1.5, pa.float64(), "1.5"),
        (Type.TEXT, float("nan"), pa.float64(), None),
        (Type.TEXT, 17850, pa.int64(), "17850"),
        (Type.TEXT, Decimal("5.00"), pa.decimal128(9, 2), "5"),
        (Type.INT, 5.0, pa.float64(), 5),
        (Type.INT, 5.5, pa.float64(), None),
        (Type.INT, float("inf"), pa.float64(), None),
        (Type.INT, 2**63, pa.uint64(), None),
        (Type.MONEY, 2.00005, pa.float64(), Decimal("2.0001")),
        (Type.MONEY, 0.1 + 0.2, pa.float64(), Decimal("0.3")),
        (Type.MONEY, float("nan"), pa.float64(), None),
        (Type.MONEY, 1e20, pa.float64(), None),
        (Type.MONEY, Decimal("1.00005"), pa.decimal128(20, 5), Decimal("1.0001")),
        (Type.DATE, date(2024, 2, 29), pa.date32(), date(2024, 2, 29)),
        (Type.DATE, datetime(2024, 2, 29), pa.timestamp("us"), date(2024, 2, 29)),
        (Type.DATE, datetime(2024, 2, 29, 1), pa.timestamp("us"), None),
        (Type.BOOL, True, pa.bool_(), True),
        (Type.BOOL, 1, pa.int8(), True),
        (Type.INSTANT, date(2024, 2, 29), pa.date32(), (datetime(2024, 2, 29), None, True)),
        (Type.INSTANT, datetime(2024, 2, 29, 1), pa.timestamp("ns"), (datetime(2024, 2, 29, 1), None, False)),
        (Type.INSTANT, datetime(2024, 2, 29, 1), pa.timestamp("us", "UTC"), (datetime(2024, 2, 29, 1), 0, False)),
        (Type.INSTANT, 1711929600, pa.int64(), None),
    ],
)
def test_a_typed_column_is_taken_as_it_is_and_never_rounded_to_a_whole(
    engine: Engine, wanted: Type, cell: object, kind: pa.DataType, expected: object
) -> None:
    assert one(engine, cell, wanted, UNSTATED, kind) == expected


def test_a_whole_number_can_be_a_date_when_the_settings_say_so(engine: Engine) -> None:
    assert one(engine, 19970101, Type.DATE, Reading(date="%Y%m%d"), pa.int64()) == date(1997, 1, 1)


@pytest.mark.parametrize(
    ("pattern", "said"),
    [("%d/%m/%Q", "%Q is not known"), ("dd/mm", "no directive"), ("%H:%M", "no day"), ("%d/%m/%Y", None)],
)
def test_a_date_pattern_that_cannot_be_is_said_when_the_settings_are_read(pattern: str, said: str | None) -> None:
    found = date_problem(pattern)
    assert found is None if said is None else said in (found or "")


def test_arrow_types_are_known() -> None:
    kinds = {
        pa.dictionary(pa.int8(), pa.string()): Raw.TEXT,
        pa.large_string(): Raw.TEXT,
        pa.timestamp("us", "Europe/Madrid"): Raw.INSTANT,
        pa.list_(pa.int8()): Raw.OTHER,
    }
    assert {kind: raw_of(kind) for kind in kinds} == kinds
