"""gzip and zip: unpacked to their end or refused, and nothing is ever written elsewhere."""

from __future__ import annotations

import gzip
import io
import stat
import struct
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from clientela.capture.files import packed
from clientela.capture.files.kinds import parts_of
from clientela.config import Format
from clientela.errors import SourceError
from tests.unit.capture.files.reading import land, land_all

Damage = Callable[[bytes], bytes]
CSV = b"id,total\no1,5\n"


def zipped(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as made:
        for name, content in members.items():
            made.writestr(name, content)
    return path


@pytest.mark.parametrize(
    ("name", "content", "rows"),
    [
        ("a.csv.gz", CSV, [("o1", "5")]),
        ("a.tsv.gz", CSV.replace(b",", b"\t"), [("o1", "5")]),
        ("a.jsonl.gz", b'{"id": "o1", "total": 5}', [("o1", 5)]),
    ],
)
def test_a_gzip_of_any_kind_is_read(name: str, content: bytes, rows: list[object], tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(gzip.compress(content))
    assert land(path).rows == rows


@pytest.mark.parametrize(
    "damage", [lambda data: data[:-6], lambda data: data[:-5] + b"x" + data[-4:], lambda data: data + b"x"]
)
def test_a_gzip_that_does_not_end_well_is_refused_whole(damage: Damage, tmp_path: Path) -> None:
    path = tmp_path / "a.csv.gz"
    path.write_bytes(damage(gzip.compress(CSV * 1000)))
    with pytest.raises(SourceError, match=r"a.csv.gz cannot be unpacked to its end: it is cut off or damaged"):
        land(path)


def test_the_files_of_a_zip_are_files_of_their_own_in_the_order_of_names(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "may.zip",
        {"b/2.csv": CSV.replace(b"o1", b"o2"), "1.csv": CSV, "__MACOSX/._1.csv": b"x", "b/.DS_Store": b"x", "b/": b""},
    )
    found = land_all(path)
    assert [(each.name, each.rows) for each in found] == [("1.csv", [("o1", "5")]), ("b/2.csv", [("o2", "5")])]


def test_content_is_that_of_the_unpacked_bytes(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(CSV)
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(CSV, 1))
    zipped(tmp_path / "a.zip", {"any.csv": CSV})
    hashes = {
        part.content
        for name in ("a.csv", "a.csv.gz", "a.zip")
        for part in parts_of(tmp_path / name, Format(), stage=tmp_path / "stage", source="shop")
    }
    assert len(hashes) == 1


def test_a_pattern_chooses_among_the_members(tmp_path: Path) -> None:
    path = zipped(tmp_path / "may.zip", {"in/lines.csv": CSV, "in/heads.csv": b"x\n1\n", "readme.txt": b"hello"})
    assert [each.name for each in land_all(path, member="lines*.csv")] == ["in/lines.csv"]
    assert [each.name for each in land_all(path, member="in/*.csv")] == ["in/heads.csv", "in/lines.csv"]
    with pytest.raises(
        SourceError, match=r"no file in may.zip fits format.member = 'line.csv'; known: .*'in/lines.csv'"
    ):
        land_all(path, member="line.csv")
    with pytest.raises(SourceError, match=r"may.zip holds files of several kinds \(.csv, .txt\); say which are meant"):
        land_all(path)


@pytest.mark.parametrize(
    "name", ["../evil.csv", "a/../../evil.csv", "/etc/evil.csv", "..\\evil.csv", "C:\\evil.csv", "a\nb.csv"]
)
def test_a_name_that_leads_elsewhere_is_refused_and_nothing_is_written(name: str, tmp_path: Path) -> None:
    inside = tmp_path / "workspace"
    inside.mkdir()
    path = zipped(inside / "slip.zip", {"good.csv": CSV, name: CSV})
    with pytest.raises(
        SourceError, match=r"slip.zip is refused: its entry .*evil.csv' leads out|has a control character"
    ):
        land_all(path)
    assert [each.name for each in tmp_path.iterdir()] == ["workspace"]


def test_links_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "link.zip"
    with zipfile.ZipFile(path, "w") as made:
        entry = zipfile.ZipInfo("orders.csv")
        entry.external_attr = (stat.S_IFLNK | 0o777) << 16
        made.writestr(entry, "/etc/passwd")
    with pytest.raises(SourceError, match=r"'orders.csv' is a link"):
        land(path)


def test_an_encrypted_zip_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "secret.zip", {"orders.csv": CSV}, zipfile.ZIP_STORED)
    data = bytearray(path.read_bytes())
    for mark, place in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(mark) + place] |= 1
    path.write_bytes(data)
    with pytest.raises(SourceError, match=r"'orders.csv' is encrypted; deliver it without a password"):
        land(path)


@pytest.mark.parametrize("inner", ["inner.zip", "inner.csv.gz"])
def test_an_archive_within_an_archive_is_refused(inner: str, tmp_path: Path) -> None:
    held = gzip.compress(CSV) if inner.endswith(".gz") else zipped(tmp_path / "inner.zip", {"a.csv": CSV}).read_bytes()
    with pytest.raises(
        SourceError, match=f"outer.zip holds {inner}, an archive within an archive; pack the files once"
    ):
        land(zipped(tmp_path / "outer.zip", {inner: held}))


def test_a_tar_is_refused_with_what_to_do(tmp_path: Path) -> None:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w") as tar:
        entry = tarfile.TarInfo("a.csv")
        entry.size = len(CSV)
        tar.addfile(entry, io.BytesIO(CSV))
    (tmp_path / "a.tar.gz").write_bytes(gzip.compress(made.getvalue()))
    with pytest.raises(SourceError, match=r"a.tar is a tar archive; deliver it as zip or gzip"):
        land(tmp_path / "a.tar.gz")


@pytest.mark.parametrize("kind", ["zip", "gz"])
def test_a_bomb_is_refused_before_it_fills_the_disk(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "ALWAYS_FINE", 1 << 20)
    content = b"id\n" + b"1,1\n" * (2 << 20)
    path = tmp_path / f"bomb.csv.{kind}"
    if kind == "zip":
        zipped(path, {"bomb.csv": content})
    else:
        path.write_bytes(gzip.compress(content))
    with pytest.raises(SourceError, match=r"unpacked it is more than 200 times its size, as no export is"):
        land(path)
    written = sum(each.stat().st_size for each in (tmp_path / "stage").rglob("*") if each.is_file())
    assert written <= 200 * path.stat().st_size + (1 << 20)


def test_a_zip_that_understates_its_sizes_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "lie.zip", {"a.csv": CSV * 1000})
    data = path.read_bytes()
    real, said = struct.pack("<L", len(CSV) * 1000), struct.pack("<L", 100)
    path.write_bytes(data.replace(real, said))
    with pytest.raises(SourceError, match=r"a.csv cannot be unpacked to its end"):
        land(path)


def test_more_than_fits_on_the_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packed, "room_in", lambda _: 100)
    with pytest.raises(SourceError, match=r"more than half of the room on the disk"):
        land(zipped(tmp_path / "a.zip", {"a.csv": CSV * 100}))


def test_a_hundred_thousand_entries_are_refused_before_they_are_listed(tmp_path: Path) -> None:
    path = tmp_path / "many.zip"
    with zipfile.ZipFile(path, "w") as made:
        for number in range(100_000):
            made.writestr(f"{number}.csv", b"")
    with pytest.raises(SourceError, match=r"many.zip has 100,000 entries; a zip may have at most 10,000"):
        land(path)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:-10], "is a damaged zip file"),
        (lambda data: data[:40] + b"\xff\xff\xff" + data[43:], "cannot be unpacked to its end|is a damaged zip file"),
        (lambda data: data[:4] + bytes(len(data) - 4), "is a damaged zip file"),
    ],
)
def test_a_damaged_zip_is_refused_whole(damage: Damage, said: str, tmp_path: Path) -> None:
    path = zipped(tmp_path / "a.zip", {"a.csv": CSV * 100})
    path.write_bytes(damage(path.read_bytes()))
    with pytest.raises(SourceError, match=said):
        land(path)


def test_an_empty_zip_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match=r"a.zip is empty: it holds no file"):
        land(zipped(tmp_path / "a.zip", {}))
