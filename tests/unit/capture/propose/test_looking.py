"""What a look at a file finds: encoding, layout, numbers, dates; and what it does not dare to say."""

from __future__ import annotations

import gzip
import zipfile
from datetime import date, timedelta
from pathlib import Path

import pytest

from clientela.capture.propose.look.dates import dates_in
from clientela.capture.propose.look.dialect import encoding_of, written
from clientela.capture.propose.look.listing import listing
from clientela.capture.propose.look.sample import UnreadableError, sample
from clientela.capture.propose.look.values import Looks, profile
from clientela.errors import ConfigurationError


@pytest.mark.parametrize(
    ("values", "patterns"),
    [
        (["2024-01-31", "2024-02-01"], ("",)),
        (["2024-01-31T10:00:00Z", "2024-02-01T11:30:00Z"], ("",)),
        (["31/01/2024", "01/02/2024"], ("%d/%m/%Y",)),
        (["01/31/2024", "02/01/2024"], ("%m/%d/%Y",)),
        (["31.01.24 10:15", "01.02.24 9:05"], ("%d.%m.%y %H:%M",)),
        (["20240131", "20240201"], ("%Y%m%d",)),
        (["1/31/2024 1:05 PM", "2/1/2024 11:05 AM"], ("%m/%d/%Y %I:%M %p",)),
        (["05-Jan-2024", "31-Mar-2024"], ("%d-%b-%Y",)),
        (["03/04/2024", "05/06/2024"], ("%d/%m/%Y", "%m/%d/%Y")),
    ],
)
def test_dates_are_read_as_every_value_allows_and_two_readings_stay_two(
    values: list[str], patterns: tuple[str, ...]
) -> None:
    found = dates_in(values)
    assert found is not None
    assert found.patterns == patterns


def test_a_file_in_the_order_of_time_tells_day_from_month_and_says_so() -> None:
    days = [date(2024, 1, 1) + timedelta(days=each) for each in range(360)]
    values = [f"{day:%d/%m/%Y}" for day in days if day.day <= 12]
    assert dates_in(values) == dates_in(values, ordered=[])  # without the order two readings
    found = dates_in(values, ordered=values)
    assert found is not None
    assert found.patterns == ("%d/%m/%Y",)
    assert "order of time" in found.told_by


@pytest.mark.parametrize("values", [["12", "31"], ["1.234", "5.678"], ["a/b/2024"], ["99/99/2024", "98/97/2024"], []])
def test_what_is_no_date_is_none(values: list[str]) -> None:
    assert dates_in(values) is None


@pytest.mark.parametrize(
    ("values", "decimal", "either"),
    [
        (["1.234,56", "3,5"], ",", False),
        (["1,234.56", "3.5"], ".", False),
        (["2,55", "1,1"], ",", False),
        (["1.234", "5.678"], None, True),
        (["1,234", "5,678"], None, True),
        (["€ 12,50", "€ 3,10"], ",", False),
    ],
)
def test_the_decimal_sign_is_what_the_values_show_or_open(values: list[str], decimal: str | None, either: bool) -> None:
    found = profile("price", values)
    assert found.looks is Looks.NUMBER
    assert (found.decimal, found.either) == (decimal, either)


@pytest.mark.parametrize(
    ("values", "looks"),
    [
        (["00123", "00456"], Looks.TEXT),
        (["123", "456"], Looks.WHOLE),
        (["yes", "no"], Looks.BOOL),
        (["", "NULL", "n/a"], Looks.EMPTY),
        (["1234567890123456"], Looks.TEXT),
        (["a1", "b2"], Looks.TEXT),
    ],
)
def test_codes_are_no_numbers_and_placeholders_no_values(values: list[str], looks: Looks) -> None:
    assert profile("x", values).looks is looks


def test_encodings_are_told_by_their_bytes() -> None:
    assert encoding_of("Málaga".encode(), utf8=True) == (None, "")
    assert encoding_of("\ufeffa".encode(), utf8=True)[0] is None
    assert encoding_of("Málaga, Núñez, €".encode("cp1252"), utf8=False)[0] == "cp1252"
    assert encoding_of("Málaga y León, Peña y Ibáñez, más información".encode("cp850"), utf8=False)[0] == "cp850"
    assert encoding_of("a;b\n1;2\n".encode("utf-16-le"), utf8=False)[0] == "utf-16-le"


@pytest.mark.parametrize(
    ("text", "delimiter", "header", "skip"),
    [
        ("id;name\n1;a\n2;b\n", ";", True, 0),
        ("id\tname\n1\ta\n2\tb\n", "\t", True, 0),
        ('id,name\n1,"a, b"\n2,c\n', ",", True, 0),
        ("Report 2024\n\nid;amount\n1;2,5\n2;3,5\n3;1,0\n", ";", True, 2),
        ("1;2024-01-01;3\n2;2024-01-02;4\n", ";", False, 0),
        ("id|note\n1|a, b, c\n2|d, e, f\n", "|", True, 0),
    ],
)
def test_the_layout_is_the_one_that_comes_out_even(text: str, delimiter: str, header: bool, skip: int) -> None:
    found = written(text, encoding=None)
    assert found is not None
    assert (found.delimiter, found.header, found.skip) == (delimiter, header, skip)


def test_columns_of_fixed_width_are_found_where_no_line_has_a_sign() -> None:
    text = " id  day      amount\n" + "".join(f" {n:04d} 202401{n % 28 + 1:02d} {n * 1.5:8.2f}\n" for n in range(1, 40))
    found = written(text, encoding=None)
    assert found is not None
    assert found.kind == "fixed"
    assert len(found.fixed) == 3


def test_running_text_is_no_table() -> None:
    assert written("Dear reader,\nthis is a letter. It has no columns at all.\nYours\n", encoding=None) is None


def test_packed_files_are_looked_into(tmp_path: Path) -> None:
    text = b"id;name\n1;a\n2;b\n"
    with gzip.open(tmp_path / "a.csv.gz", "wb") as file:
        file.write(text)
    with zipfile.ZipFile(tmp_path / "b.zip", "w") as packed:
        packed.writestr("inner.csv", text)
    for name in ("a.csv.gz", "b.zip"):
        assert sample(tmp_path / name).names == ("id", "name")


def test_json_lines_are_looked_into_by_the_reader_of_a_run(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"order_id": "1", "amount": 2.5}\n{"order_id": "2", "amount": 3}\n')
    assert sample(tmp_path / "a.jsonl").names == ("order_id", "amount")


def test_a_workbook_is_looked_into_by_the_reader_of_a_run(tmp_path: Path) -> None:
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for row in (["order_id", "amount"], ["1", 2.5], ["2", 3]):
        sheet.append(row)
    book.save(tmp_path / "a.xlsx")
    assert sample(tmp_path / "a.xlsx").names == ("order_id", "amount")


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.csv", bytes(range(256)) * 20, "binary"),
        ("a.csv", b"id,name\n", "no row"),
        ("a.parquet", b"PAR1nothing", "damaged"),
        ("a.csv.gz", b"\x1f\x8b\x08\x00torn", "damaged"),
        ("a.zip", b"PK\x03\x04torn", "damaged"),
    ],
)
def test_a_file_that_is_no_table_says_why(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(UnreadableError, match=said):
        sample(tmp_path / name)


def test_one_series_is_one_pattern_and_links_and_hidden_files_are_left_out(tmp_path: Path) -> None:
    for name in ("orders-2024-01.csv", "orders-2024-02.csv", "people.csv", ".hidden.csv", "notes.pdf"):
        (tmp_path / name).write_text("a,b\n1,2\n")
    (tmp_path / "again").symlink_to(tmp_path)
    (tmp_path / "self").symlink_to(tmp_path / "self")
    found = listing(tmp_path)
    assert [each.pattern for each in found.series] == ["orders-*.csv", "people.csv"]
    assert found.passed_over == (("notes.pdf", "its ending is not that of data"),)


def test_ten_thousand_files_of_one_shape_are_one_series_and_far_too_many_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(10_000):
        (tmp_path / f"day-{number}.csv").write_text("a\n")
    assert [(each.pattern, len(each.files)) for each in listing(tmp_path).series] == [("day-*.csv", 10_000)]
    monkeypatch.setattr("clientela.capture.propose.look.listing.MOST_FILES", 9_999)
    with pytest.raises(ConfigurationError, match="name a folder inside it"):
        listing(tmp_path)
