"""What is kept is checked against what was written."""

from __future__ import annotations

import os
from pathlib import Path
from time import sleep

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.errors import NewerError
from clientela.warehouse.store import check
from clientela.warehouse.store.check import (
    CHUNK,
    changed,
    chunk_sums,
    contracts_version,
    refuse_newer,
    sealed,
    sums,
    unsealed,
)


@given(content=st.binary(min_size=1, max_size=300), place=st.integers(0, 299), bit=st.integers(0, 7))
def test_every_flipped_bit_is_found(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, place: int, bit: int
) -> None:
    path = tmp_path_factory.mktemp("sums") / "file"
    path.write_bytes(content)
    _, parts = sums(path)
    assert not changed(path, parts)
    harmed = bytearray(content)
    harmed[place % len(content)] ^= 1 << bit
    path.write_bytes(harmed)
    assert changed(path, parts)


def test_a_bit_in_any_chunk_is_found(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(40 * CHUNK + 5))
    digest, parts = sums(path)
    assert (len(parts), len(digest)) == (41, 64)
    for chunk in range(41):
        with path.open("r+b") as file:
            file.seek(chunk * CHUNK)
            file.write(b"\1")
        assert changed(path, parts), chunk
        with path.open("r+b") as file:
            file.seek(chunk * CHUNK)
            file.write(b"\0")


def test_the_sums_alone_are_those_beside_the_hash(tmp_path: Path) -> None:
    path = tmp_path / "file"
    for size in (0, 5, CHUNK, 2 * CHUNK + 5, 17 * CHUNK + 5):
        path.write_bytes(os.urandom(size))
        assert chunk_sums(path) == sums(path)[1]


def test_of_a_large_file_no_more_is_read_than_allowed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(bytes(9 * CHUNK))
    _, parts = sums(path)
    with path.open("r+b") as file:
        file.seek(1 * CHUNK)
        file.write(b"\1")
    assert not changed(path, parts, most=5 * CHUNK)  # every second chunk, and the last
    assert changed(path, parts)


def test_a_file_that_stands_as_it_did_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check, "_JUST_NOW", 0)
    path = tmp_path / "file"
    path.write_bytes(b"ab")
    _, parts = sums(path)
    read: list[Path] = []

    def unharmed(path: Path, *_: object) -> bool:
        read.append(path)
        return False

    monkeypatch.setattr(check, "_differ", unharmed)
    assert not any(changed(path, parts) for _ in range(3))
    assert read == [path]
    before = path.stat()
    sleep(0.02)  # longer than a tick of the file system's clock
    path.write_bytes(b"cd")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # who hides that, cannot hide it
    changed(path, parts)
    assert read == [path, path]


def test_a_file_written_to_just_now_is_read_each_time(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"ab")
    _, parts = sums(path)
    assert not changed(path, parts)
    path.write_bytes(b"cd")  # perhaps in the same tick
    assert changed(path, parts)


def test_an_empty_file_is_what_it_was(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert not changed(tmp_path / "file", sums(tmp_path / "file")[1])


@pytest.mark.parametrize("harm", [{"as_of": "2017-10-02"}, {"seal": "0"}, {"more": 1}])
def test_a_changed_document_breaks_its_seal(harm: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="seal"):
        unsealed({**sealed({"as_of": "2017-10-01", "n": 1.5}), **harm})


def test_the_contracts_have_one_short_version() -> None:
    assert len(contracts_version()) == 12
    assert contracts_version() == contracts_version()


def test_what_a_newer_version_keeps_is_refused_with_its_version() -> None:
    refuse_newer({"format": 1, "version": "0.1.0"})
    refuse_newer({"version": "0.1.0"})
    with pytest.raises(NewerError, match=r"2\.0"):
        refuse_newer({"format": 2, "version": "2.0"})
