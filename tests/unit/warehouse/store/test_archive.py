"""A backup's file holds what it says, or is refused before anything can be seen."""

from __future__ import annotations

import hashlib
import io
import json
import random
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from clientela.errors import BackupError, NewerError
from clientela.warehouse.store.archive import LIST, Member, new_file, unpack, write
from clientela.warehouse.store.check import sealed

CONTENTS = {"clientela.toml": b"[company]", "landing/batches/shop/t/a.parquet": bytes(range(256)) * 40, "empty": b""}


def made(path: Path) -> Path:
    with new_file(path) as part:
        write(part, [Member.of(name, content) for name, content in CONTENTS.items()], {"format": 1, "company": "Shop"})
    return path


def unpacked(path: Path, into: Path) -> dict[str, Any]:
    into.mkdir()
    return unpack(path, into, allowed=lambda name: name != "forbidden")


def test_what_was_written_comes_back(tmp_path: Path) -> None:
    told = unpacked(made(tmp_path / "b"), tmp_path / "w")
    assert told["company"] == "Shop"
    found = {p.relative_to(tmp_path / "w").as_posix(): p for p in (tmp_path / "w").rglob("*") if p.is_file()}
    assert {name: path.read_bytes() for name, path in found.items()} == CONTENTS
    assert {path.stat().st_mode & 0o777 for path in found.values()} == {0o600}


def test_it_is_its_owners_alone_and_never_overwrites(tmp_path: Path) -> None:
    path = made(tmp_path / "b")
    assert path.stat().st_mode & 0o777 == 0o600
    with pytest.raises(BackupError, match="nothing was overwritten"):
        made(path)
    assert list(tmp_path.iterdir()) == [path]


def test_a_member_that_is_not_what_it_should_be_is_named(tmp_path: Path) -> None:
    member = Member.of("landing/a", b"abc")
    for content in (b"abd", b"ab"):
        other = Member(name=member.name, size=3, sha256=member.sha256, opened=lambda c=content: io.BytesIO(c))  # type: ignore[misc]  # a default argument
        with pytest.raises(BackupError, match="landing/a is missing, damaged"), new_file(tmp_path / "b") as part:
            write(part, [other], {})
    assert list(tmp_path.iterdir()) == []


def test_two_at_once_do_not_mix(tmp_path: Path) -> None:
    with new_file(tmp_path / "b") as part:
        with pytest.raises(BackupError, match="another backup"), new_file(tmp_path / "b"):
            pytest.fail("two writers")
        part.write_bytes(b"x")
    assert (tmp_path / "b").read_bytes() == b"x"


def test_no_cut_and_no_flipped_bit_is_taken_for_a_backup(tmp_path: Path) -> None:
    content = made(tmp_path / "b").read_bytes()
    chance = random.Random(1)  # noqa: S311 - where bits flip
    cuts = [content[: chance.randrange(len(content))] for _ in range(20)] + [content[:-1], b""]
    flips = []
    for _ in range(60):
        harmed = bytearray(content)
        harmed[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        flips.append(bytes(harmed))
    silent = []
    for number, each in enumerate([*cuts, *flips]):
        (tmp_path / "harmed").write_bytes(each)
        try:
            unpacked(tmp_path / "harmed", tmp_path / f"w{number}")
        except BackupError:
            continue
        silent.append(number)
        found = {p.relative_to(tmp_path / f"w{number}").as_posix() for p in (tmp_path / f"w{number}").rglob("*")}
        assert found >= set(CONTENTS)
    for number in silent:  # the bit lay where nothing is stored: what came out is what was put in
        assert number >= len(cuts)
        for name, content in CONTENTS.items():
            assert (tmp_path / f"w{number}" / name).read_bytes() == content


def tar_of(path: Path, add: Callable[[tarfile.TarFile], None]) -> Path:
    with (
        pa.OSFile(str(path), "wb") as file,
        pa.CompressedOutputStream(file, "zstd") as stream,
        tarfile.open(fileobj=stream, mode="w|") as tar,
    ):
        add(tar)
    return path


def listed(*members: tuple[str, bytes], **more: object) -> bytes:
    told = [{"name": n, "size": len(c), "sha256": hashlib.sha256(c).hexdigest()} for n, c in members]
    return json.dumps(sealed({"format": 1, "members": told, **more})).encode()


def add_file(tar: tarfile.TarFile, name: str, content: bytes, kind: bytes = tarfile.REGTYPE, link: str = "") -> None:
    about = tarfile.TarInfo(name)
    about.size, about.type, about.linkname = len(content), kind, link
    tar.addfile(about, io.BytesIO(content))


@pytest.mark.parametrize(
    "name", ["../outside", "/etc/outside", "a/../../outside", "a\\b", "a//b", "./a", "", "a\nb", "forbidden"]
)
def test_no_name_leaves_the_folder(tmp_path: Path, name: str) -> None:
    def add(tar: tarfile.TarFile) -> None:
        add_file(tar, LIST, listed((name, b"x")))
        add_file(tar, name, b"x")

    with pytest.raises(BackupError, match="which no workspace has"):
        unpacked(tar_of(tmp_path / "b", add), tmp_path / "w")
    assert list((tmp_path / "w").iterdir()) == []


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.DIRTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE])
def test_only_plain_files_are_unpacked(tmp_path: Path, kind: bytes) -> None:
    def add(tar: tarfile.TarFile) -> None:
        add_file(tar, LIST, listed(("a", b"")))
        add_file(tar, "a", b"", kind, "/etc/passwd")

    with pytest.raises(BackupError, match="no backup of clientela"):
        unpacked(tar_of(tmp_path / "b", add), tmp_path / "w")


def test_what_the_list_does_not_name_or_names_twice_is_refused(tmp_path: Path) -> None:
    def more(tar: tarfile.TarFile) -> None:
        add_file(tar, LIST, listed(("a", b"x")))
        add_file(tar, "a", b"x")
        add_file(tar, "b", b"y")

    with pytest.raises(BackupError, match="more than its list says"):
        unpacked(tar_of(tmp_path / "b", more), tmp_path / "w")
    with pytest.raises(BackupError, match="a name twice"):
        unpacked(
            tar_of(tmp_path / "c", lambda tar: add_file(tar, LIST, listed(("a", b"x"), ("a", b"x")))), tmp_path / "v"
        )


def test_a_bomb_is_not_unpacked(tmp_path: Path) -> None:
    def add(tar: tarfile.TarFile) -> None:
        add_file(tar, LIST, listed(("a", b"x")))
        add_file(tar, "a", bytes(300_000_000))

    with pytest.raises(BackupError):
        unpacked(tar_of(tmp_path / "b", add), tmp_path / "w")
    assert sum(path.stat().st_size for path in (tmp_path / "w").rglob("*")) < 1000


def test_more_than_the_disk_has_is_said_before_anything_is_written(tmp_path: Path) -> None:
    told = [{"name": "a", "size": 10**17, "sha256": "0"}]
    content = json.dumps(sealed({"format": 1, "members": told})).encode()
    with pytest.raises(BackupError, match="GB free"):
        unpacked(tar_of(tmp_path / "b", lambda tar: add_file(tar, LIST, content)), tmp_path / "w")


def test_a_foreign_file_is_one_sentence(tmp_path: Path) -> None:
    for number, content in enumerate([b"", b"PK\x03\x04" + bytes(100), b"hello" * 1000]):
        (tmp_path / "b").write_bytes(content)
        with pytest.raises(BackupError, match="no backup of clientela"):
            unpacked(tmp_path / "b", tmp_path / f"w{number}")
    with pytest.raises(BackupError, match="no backup of clientela"):
        unpacked(tar_of(tmp_path / "c", lambda tar: add_file(tar, "a", b"x")), tmp_path / "v")


def test_a_backup_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    content = listed(format=99, version="9.1")
    with pytest.raises(NewerError, match=r"9\.1"):
        unpacked(tar_of(tmp_path / "b", lambda tar: add_file(tar, LIST, content)), tmp_path / "w")
