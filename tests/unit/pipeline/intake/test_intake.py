"""Files that people upload: kept whole, looked at in a process with limits, confirmed into settings that run."""

from __future__ import annotations

import io
import tomllib
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from clientela.errors import ConfigurationError, UnknownNameError, UploadError
from clientela.pipeline.create import create
from clientela.pipeline.intake import fitted, proposed, settled, uploads
from clientela.pipeline.intake.chosen import Choices, SourceChoice, dates, slots
from clientela.pipeline.intake.uploads import Sent

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ORDERS = (
    "order,customer,date,product,amount\n"
    "o1,c1,03/01/2026,p1,10.50\no2,c2,04/02/2026,p2,3.00\no3,c1,05/02/2026,p1,7.25\n"
)
COMPANY = Choices(name="Corner Shop", currency="EUR", timezone="Europe/Madrid")


def kept(folder: Path, **files: bytes) -> str:
    numbers = iter(range(1, 100))
    sent = [Sent(name=name.replace("__", "."), stream=io.BytesIO(content)) for name, content in files.items()]
    return uploads.keep(folder, sent, now=NOW, chance=lambda n: bytes([next(numbers)] * n))


def looked_at(folder: Path, **files: bytes) -> str:
    upload = kept(folder, **files)
    proposed.look(folder, upload, progress=lambda _: None)
    return upload


def chosen(**choice: object) -> Choices:
    return Choices(name="Corner Shop", currency="EUR", timezone="Europe/Madrid", sources=[SourceChoice(**choice)])  # type: ignore[arg-type] # by name


def sources(folder: Path) -> list[dict[str, Any]]:
    """Every ``[[source]]`` of the settings that were written."""
    found: list[dict[str, Any]] = tomllib.loads((folder / "clientela.toml").read_text())["source"]
    return found


def test_an_upload_is_kept_under_a_random_name(tmp_path: Path) -> None:
    upload = kept(tmp_path, orders__csv=b"a,b\n1,2\n")
    assert (tmp_path / "incoming" / upload / "exports" / "orders.csv").read_bytes() == b"a,b\n1,2\n"


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("run.exe", b"MZ", "no file of data by its ending"),
        ("orders.csv", b"", "is empty"),
        ("orders.csv", b"MZ\x90\x00", "is a program"),
        ("orders.csv", b"<!DOCTYPE html><html>", "is a program or a page"),
        ("orders.csv", b"%PDF-1.7", "is a PDF"),
        ("orders.xlsx", b"id,amount\n1,2\n", "is not what its ending says"),
        ("orders.parquet", b"PK\x03\x04", "is not what its ending says"),
        ("../../etc/passwd", b"root", "no file of data"),
        (".csv", b"a,b\n", "no file of data"),
    ],
)
def test_what_is_no_data_is_refused_and_nothing_stays(tmp_path: Path, name: str, content: bytes, said: str) -> None:
    sent = [Sent(name="good.csv", stream=io.BytesIO(b"a,b\n1,2\n")), Sent(name=name, stream=io.BytesIO(content))]
    with pytest.raises(UploadError, match=said):
        uploads.keep(tmp_path, sent, now=NOW, chance=lambda n: b"\1" * n)
    assert list((tmp_path / "incoming").iterdir()) == []


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 10)
    with pytest.raises(UploadError, match="is larger than"):
        kept(tmp_path, orders__csv=b"a,b\n" + b"1,2\n" * 10)


def test_the_name_of_an_upload_reaches_no_other_folder(tmp_path: Path) -> None:
    (tmp_path / "incoming").mkdir()
    for name in ("..", "../secrets", "", "0" * 16):
        with pytest.raises(UnknownNameError):
            uploads.place_of(tmp_path, name)


def test_an_old_upload_goes_when_the_next_one_comes(tmp_path: Path) -> None:
    first = kept(tmp_path, orders__csv=b"a,b\n1,2\n")
    later = datetime.now(UTC) + timedelta(days=8)
    uploads.keep(tmp_path, [Sent("b.csv", io.BytesIO(b"a\n1\n"))], now=later, chance=lambda n: b"\7" * n)
    assert not (tmp_path / "incoming" / first).exists()


def test_what_is_ambiguous_is_asked_and_then_confirmed_into_settings(tmp_path: Path) -> None:
    upload = looked_at(tmp_path, orders__csv=ORDERS.encode())
    (source,) = proposed.proposal(tmp_path, upload).sources
    assert source.question is not None
    assert dates(source)[:2] == ("%d/%m/%Y", "%m/%d/%Y")
    with pytest.raises(UploadError, match="say how the dates in 'date' are written"):
        settled.confirm(tmp_path, upload, COMPANY)
    assert not (tmp_path / "clientela.toml").exists()
    settled.confirm(tmp_path, upload, chosen(date="%d/%m/%Y"))
    (written,) = sources(tmp_path)
    assert (written["table"], written["path"], written["format"]) == (
        "order_line",
        "exports/orders.csv",
        {"date": "%d/%m/%Y"},
    )
    assert written["columns"]["net_revenue"] == "amount"
    assert (tmp_path / "exports" / "orders.csv").read_text() == ORDERS


def test_a_column_can_be_chosen_or_left_empty(tmp_path: Path) -> None:
    upload = looked_at(tmp_path, orders__csv=ORDERS.encode())
    (source,) = proposed.proposal(tmp_path, upload).sources
    assert {each.name for each in slots(source) if each.needed} == {"order_id", "ordered_at", "net_revenue"}
    settled.confirm(
        tmp_path, upload, chosen(date="%m/%d/%Y", columns={"channel": "product", "product_id": ""}, name="till")
    )
    (written,) = sources(tmp_path)
    assert (written["name"], written["columns"]["channel"]) == ("till", "product")
    assert "product_id" not in written["columns"]


def test_a_needed_column_must_be_chosen_and_exist(tmp_path: Path) -> None:
    upload = looked_at(tmp_path, orders__csv=ORDERS.encode())
    with pytest.raises(UploadError, match=r"orders\.csv: choose the column for net_revenue"):
        settled.confirm(tmp_path, upload, chosen(date="%d/%m/%Y", columns={"net_revenue": ""}))
    with pytest.raises(UploadError, match="unknown column 'price'"):
        settled.confirm(tmp_path, upload, chosen(date="%d/%m/%Y", columns={"net_revenue": "price"}))


def test_confirmed_twice_it_is_written_once(tmp_path: Path) -> None:
    upload = looked_at(tmp_path, orders__csv=ORDERS.encode())
    settled.confirm(tmp_path, upload, chosen(date="%d/%m/%Y"))
    before = (tmp_path / "clientela.toml").read_bytes()
    settled.confirm(tmp_path, upload, chosen(date="%d/%m/%Y"))
    (tmp_path / "incoming" / upload / "settled").unlink()  # as if the process had been killed just before its end
    settled.confirm(tmp_path, upload, chosen(date="%d/%m/%Y"))
    assert (tmp_path / "clientela.toml").read_bytes() == before


def test_a_workspace_keeps_what_its_settings_say_and_gets_a_source_more(tmp_path: Path) -> None:
    create(tmp_path, name="Corner Shop", currency="EUR", timezone="UTC")
    before = (tmp_path / "clientela.toml").read_text()
    upload = looked_at(tmp_path, orders__csv=ORDERS.encode())
    settled.confirm(tmp_path, upload, chosen(date="%d/%m/%Y"))
    after = (tmp_path / "clientela.toml").read_text()
    assert after.startswith(before)
    assert len(sources(tmp_path)) == 1


def test_a_person_may_say_which_table_a_file_fills(tmp_path: Path) -> None:
    upload = kept(tmp_path, stuff__csv=b"sku,label\np1,Bread\np2,Milk\n")
    proposed.say(tmp_path, upload, {"tables": {"exports/stuff.csv": "x", "stuff.csv": "product"}})
    proposed.look(tmp_path, upload, progress=lambda _: None)
    (source,) = proposed.proposal(tmp_path, upload).sources
    assert source.table == "product"


def test_a_workbook_that_is_a_bomb_is_contained_and_said(tmp_path: Path) -> None:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("[Content_Types].xml", "<Types/>")
        packed.writestr("xl/workbook.xml", "<workbook/>")
        packed.writestr("xl/worksheets/sheet1.xml", b"0" * (200 << 20))
    upload = looked_at(tmp_path, orders__xlsx=book.getvalue())
    found = proposed.proposal(tmp_path, upload)
    assert found.sources == ()
    assert [each.path for each in found.unused] == ["orders.xlsx"]


def test_parameters_are_set_in_place_and_every_comment_stays() -> None:
    said = (
        '# ours\n[company]\nname = "A"  # name\n\n[analysis.churn-risk]\nhorizon = 30  # days\n\n[run]\nthreads = 1\n'
    )
    made = fitted.with_keys(said, ("analysis", "churn-risk"), {"horizon": 60, "method": "tree"})
    assert made == said.replace("horizon = 30  # days\n", 'horizon = 60  # days\nmethod = "tree"\n')
    assert fitted.with_keys(made, ("analysis", "churn-risk"), {"horizon": 60, "method": "tree"}) == made


def test_a_section_that_is_not_there_is_added_at_the_end() -> None:
    assert fitted.with_keys('[company]\nname = "A"\n', ("analysis", "x"), {"k": 2}) == (
        '[company]\nname = "A"\n\n[analysis.x]\nk = 2\n'
    )


def test_what_is_written_otherwise_is_left_to_a_person() -> None:
    with pytest.raises(ConfigurationError, match="only a person can change"):
        fitted.with_keys("analysis = { x = { k = 1 } }\n", ("analysis", "x"), {"k": 2})
