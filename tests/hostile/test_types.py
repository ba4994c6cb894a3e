"""Numbers and dates as four languages write them: each is read right or quarantined, and never another value."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from tests.unit.capture.workspaces import Workspace, rows

D = Decimal
# How a file is written, by the settings.
UNSTATED, ENGLISH, CONTINENTAL = "", 'decimal = "."', 'decimal = ","'
FORMATS = {"unstated": UNSTATED, "English": ENGLISH, "Spanish, Italian, Dutch": CONTINENTAL}

# cell: what it is when nothing is stated, with a decimal point, with a decimal comma; None is quarantined.
AMOUNTS: dict[str, tuple[Decimal | None, Decimal | None, Decimal | None]] = {
    "0": (D(0), D(0), D(0)),
    "-0": (D(0), D(0), D(0)),
    "12": (D(12), D(12), D(12)),
    "+12": (D(12), D(12), D(12)),
    "-12": (D(-12), D(-12), D(-12)),
    "000012": (D(12), D(12), D(12)),
    " 12 ": (D(12), D(12), D(12)),
    "\u00a012\u202f": (D(12), D(12), D(12)),
    "\u202a12\u202c": (D(12), D(12), D(12)),  # marks of direction that nobody sees
    "12\t": (D(12), D(12), D(12)),
    "1.5": (D("1.5"), D("1.5"), None),
    "1,5": (None, None, D("1.5")),
    "12.34": (D("12.34"), D("12.34"), None),
    "12,34": (None, None, D("12.34")),
    "1.234": (D("1.234"), D("1.234"), D(1234)),  # the same signs, two values: the settings decide
    "1,234": (None, D(1234), D("1.234")),
    "1.234,56": (None, None, D("1234.56")),
    "1,234.56": (None, D("1234.56"), None),
    "1.234.567": (None, None, D(1234567)),
    "1,234,567": (None, D(1234567), None),
    "1.234.567,89": (None, None, D("1234567.89")),
    "1,234,567.89": (None, D("1234567.89"), None),
    "12.345.67": (None, None, None),
    "12,345,67": (None, None, None),
    "1,2345.6": (None, None, None),
    "1234,567.8": (None, None, None),
    "1 234": (D(1234), D(1234), D(1234)),
    "1\u202f234,5": (None, None, D("1234.5")),
    "1'234.50": (D("1234.5"), D("1234.5"), None),
    "1 23": (None, None, None),
    "1_000": (None, None, None),
    "0x10": (None, None, None),
    "1e5": (D(100000), D(100000), D(100000)),
    "1E-2": (D("0.01"), D("0.01"), D("0.01")),
    "1,5e3": (None, None, D(1500)),
    "1e400": (None, None, None),
    "inf": (None, None, None),
    "-Infinity": (None, None, None),
    "nan": (None, None, None),
    "NULL": (None, None, None),
    "N/A": (None, None, None),
    "-": (None, None, None),
    ".": (None, None, None),
    ",": (None, None, None),
    "true": (None, None, None),
    "١٢": (None, None, None),  # twelve in Arabic digits
    "１２": (None, None, None),  # twelve in wide digits
    "½": (None, None, None),
    "\u221212": (None, None, None),  # a typographic minus
    "12-": (None, None, None),  # a minus behind, as SAP writes
    "(12)": (None, None, None),  # a bookkeeper's minus
    "--12": (None, None, None),
    "+-12": (None, None, None),
    "€12": (None, None, None),
    "12 €": (None, None, None),
    "$1,234.56": (None, None, None),
    "12 EUR": (None, None, None),
    "12%": (None, None, None),
    "12 34": (None, None, None),
    "1.00005": (D("1.0001"), D("1.0001"), None),  # half a last digit goes up, away from zero
    "-1.00005": (D("-1.0001"), D("-1.0001"), None),
    "1,00005": (None, None, D("1.0001")),
    "1.0000499999999999999999999999999999999999999": (D(1), D(1), None),
    "99999999999999.9999": (D("99999999999999.9999"), D("99999999999999.9999"), None),
    "99999999999999.99995": (None, None, None),  # rounded it has 15 digits
    "100000000000000": (None, None, None),
    "-100000000000000": (None, None, None),
    "=1+1": (None, None, None),
    "1.5.2024": (None, None, None),
    "1/2": (None, None, None),
}
WHOLE: dict[str, tuple[int | None, int | None, int | None]] = {
    "7": (7, 7, 7),
    "007": (7, 7, 7),
    "7.0": (7, 7, None),
    "7,0": (None, None, 7),
    "7.00": (7, 7, None),
    "7.000": (None, None, 7000),  # seven, or seven thousand
    "7,000": (None, 7000, None),
    "1.5": (None, None, None),
    "1,5": (None, None, None),
    "0.9999999999999999999999": (None, None, None),
    "1e5": (None, None, None),
    "1_000": (None, None, None),
    "0x10": (None, None, None),
    "0b1": (None, None, None),
    "inf": (None, None, None),
    "nan": (None, None, None),
    "٧": (None, None, None),
    "9223372036854775807": (2**63 - 1,) * 3,
    "9223372036854775808": (None, None, None),
    "-9223372036854775809": (None, None, None),
    "1,234.0": (None, 1234, None),
    "1.234,0": (None, None, 1234),
}
ISO, DAY_FIRST, MONTH_FIRST, DOTS, SHORT, JOINED = (
    None,
    "%d/%m/%Y",
    "%m/%d/%Y",
    "%d.%m.%Y",
    "%d-%m-%y",
    "%d%m%Y",
)
# cell: its date by each pattern; a pattern that is not named quarantines it.
DAYS: dict[str, dict[str | None, date]] = {
    "2024-02-01": {ISO: date(2024, 2, 1)},
    "01/02/2024": {DAY_FIRST: date(2024, 2, 1), MONTH_FIRST: date(2024, 1, 2)},  # two dates: the settings decide
    "13/02/2024": {DAY_FIRST: date(2024, 2, 13)},
    "02/13/2024": {MONTH_FIRST: date(2024, 2, 13)},
    "1/2/2024": {DAY_FIRST: date(2024, 2, 1), MONTH_FIRST: date(2024, 1, 2)},
    "01.02.2024": {DOTS: date(2024, 2, 1)},
    "01-02-2024": {},
    "01-02-24": {SHORT: date(2024, 2, 1)},
    "01/02/24": {},  # the year 24 is no year where four digits are stated
    "01022024": {JOINED: date(2024, 2, 1)},
    "1022024": {},  # a zero that a spreadsheet took away: 1 February, or 10 February
    "2024/02/01": {},
    "20240201": {},  # day 20, month 24: no
    "29/02/2024": {DAY_FIRST: date(2024, 2, 29)},
    "29/02/2023": {},
    "02/29/2023": {},
    "2024-02-29": {ISO: date(2024, 2, 29)},
    "2023-02-29": {},
    "1900-02-29": {},
    "2000-02-29": {ISO: date(2000, 2, 29)},
    "2024-02-30": {},
    "31/04/2024": {},
    "00/01/2024": {},
    "01/00/2024": {},
    "0000-00-00": {},
    "0000-01-01": {},
    "0024-02-01": {},
    "24-02-01": {SHORT: date(2001, 2, 24)},  # as it is stated
    "9999-12-31": {ISO: date(9999, 12, 31)},
    "10000-01-01": {},
    "2024-2-1": {},
    "2024-02-01 00:00:00": {ISO: date(2024, 2, 1)},
    "2024-02-01 10:00": {},  # a date never rounds
    "1 Feb 2024": {},
    "1 febrero 2024": {},
    "45323": {},  # what Excel calls 1 February 2024
    "1706745600": {},
    "today": {},
    "٢٠٢٤-٠٢-٠١": {},
    "2024-02-01T00:00:00Z": {},
}
PATTERNS = (ISO, DAY_FIRST, MONTH_FIRST, DOTS, SHORT, JOINED)
# cell: the instant in UTC, in a company of Madrid
MOMENTS: dict[str, datetime | None] = {
    "2024-01-31": datetime(2024, 1, 30, 23),
    "2024-01-31 10:00": datetime(2024, 1, 31, 9),
    "2024-07-31T10:00:00": datetime(2024, 7, 31, 8),
    "2024-03-31 02:30:00": datetime(2024, 3, 31, 1, 30),  # the clock jumped over it: it moves forward
    "2024-10-27 02:30:00": datetime(2024, 10, 27, 0, 30),  # the clock showed it twice: it is the first
    "2024-10-27 02:30:00+01:00": datetime(2024, 10, 27, 1, 30),  # the second, as it says
    "2024-10-27T02:30:00+02:00": datetime(2024, 10, 27, 0, 30),
    "2024-01-31T10:00:00Z": datetime(2024, 1, 31, 10),
    "2024-01-31T10:00:00-0530": datetime(2024, 1, 31, 15, 30),
    "2024-01-31T10:00:00 +02": datetime(2024, 1, 31, 8),
    "2024-01-31 10:00:00.123456789": datetime(2024, 1, 31, 9, 0, 0, 123456),  # what is under a microsecond goes
    "2024-01-31 10:00:00,5": datetime(2024, 1, 31, 9, 0, 0, 500000),
    "2024-12-31T23:59:59.999999Z": datetime(2024, 12, 31, 23, 59, 59, 999999),
    "2024-01-31 24:00:00": None,
    "2024-01-31 23:59:60": None,
    "2024-01-31 23:60": None,
    "2024-01-31 10:00+15:00": None,
    "2024-01-31 10:00 CET": None,
    "2024-01-31 10": None,
    "2024-01-31 10:00 AM": None,
    "2024-01-31 1:00": None,
    "31/01/2024 10:00": None,
    "1706691600": None,
    "1706691600000": None,
    "2023-02-29 10:00": None,
    "10:00": None,
    "2024-01-31T10:00:00z": None,
    "2024-01-31T10:00:00.1234567890": None,
}
BOOKED = '[source.columns]\norder_id = "id"\nnet_revenue = "cell"\n[source.constants]\nordered_at = "2024-01-31"\n'
SEEN = '[source.columns]\ninteraction_id = "id"\npages = "cell"\n[source.constants]\nstarted_at = "2024-01-31"\n'
BILLED = '[source.columns]\ninvoice_id = "id"\nissued_on = "cell"\n[source.constants]\namount = "1"\n'
ORDERED = '[source.columns]\norder_id = "id"\nordered_at = "cell"\n[source.constants]\nnet_revenue = "1"\n'


def read(folder: Path, table: str, form: str, columns: str, name: str, cells: list[str]) -> dict[str, object]:
    """What each cell becomes on its way through a file; None is quarantined."""
    shop = Workspace(
        folder,
        f'[[source]]\nname = "shop"\ntable = "{table}"\npath = "in.csv"\ndelivery = "append"\nmax_bad = 1.0\n'
        f'format = {{ delimiter = "|"{form and ", " + form} }}\n{columns}',
    )
    shop.write("in.csv", "id|cell", *(f"{number}|{cell}" for number, cell in enumerate(cells)))
    shop.run()
    (found,) = shop.conform()
    good: dict[object, object] = dict(rows(found.facts, "_line", name))
    bad = {line for line, value in rows(found.quarantine, "line", "value")}
    assert sorted([*good, *bad]) == list(range(2, len(cells) + 2))
    return {cell: good.get(number + 2) for number, cell in enumerate(cells)}


@pytest.mark.parametrize("place", range(3), ids=list(FORMATS))
def test_amounts_are_read_as_the_settings_say_or_quarantined(place: int, tmp_path: Path) -> None:
    form = list(FORMATS.values())[place]
    found = read(tmp_path, "order_line", form, BOOKED, "net_revenue", list(AMOUNTS))
    assert found == {cell: values[place] for cell, values in AMOUNTS.items()}


@pytest.mark.parametrize("place", range(3), ids=list(FORMATS))
def test_whole_numbers_are_whole_or_quarantined(place: int, tmp_path: Path) -> None:
    form = list(FORMATS.values())[place]
    found = read(tmp_path, "interaction", form, SEEN, "pages", list(WHOLE))
    assert found == {cell: values[place] for cell, values in WHOLE.items()}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_dates_are_read_as_the_settings_say_or_quarantined(pattern: str | None, tmp_path: Path) -> None:
    form = f'date = "{pattern}"' if pattern else ""
    found = read(tmp_path, "invoice", form, BILLED, "issued_on", list(DAYS))
    assert found == {cell: values.get(pattern) for cell, values in DAYS.items()}


def test_moments_are_put_into_utc_or_quarantined(tmp_path: Path) -> None:
    found = read(tmp_path, "order_line", "", ORDERED, "ordered_at", list(MOMENTS))
    assert found == MOMENTS


@pytest.mark.parametrize("pattern", ["%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y%m%d", "%d%m%Y", "%d/%m/%y"])
def test_every_day_of_a_leap_year_comes_back_as_it_was_written(pattern: str, tmp_path: Path) -> None:
    days = [date.fromordinal(date(2024, 1, 1).toordinal() + number) for number in range(366)]
    cells = [day.strftime(pattern) for day in days]
    found = read(tmp_path, "invoice", f'date = "{pattern}"', BILLED, "issued_on", cells)
    assert list(found.values()) == days


@pytest.mark.parametrize(
    ("form", "point", "mark"), [(ENGLISH, ".", ","), (CONTINENTAL, ",", "."), (UNSTATED, ".", " ")]
)
def test_amounts_written_in_full_come_back_as_they_were(form: str, point: str, mark: str, tmp_path: Path) -> None:
    wanted = [D(number * 37_373 - 999_999) / 100 for number in range(500)]
    signs = str.maketrans({",": mark, ".": point})
    cells = [f"{each:,.2f}".translate(signs) for each in wanted]
    found = read(tmp_path, "order_line", form, BOOKED, "net_revenue", cells)
    assert list(found.values()) == wanted
