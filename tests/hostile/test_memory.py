"""However large or odd a file is, reading and typing it takes at most 512 MB, in a process of its own."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.hostile.test_text_files import settings_of
from tests.unit.capture.workspaces import Workspace

MOST = 512 << 20
ROOT = Path(__file__).parents[2]
MB = b"x" * (1 << 20)


def long_csv(path: Path) -> None:
    """200 MB of ordinary rows."""
    with path.open("wb") as file:
        file.write(b"a,b,c,d\n")
        for number in range(2_000_000):
            row = b"k%09d,a name of some length that goes on and on,2024-01-31 10:00:00,%d.25 and more text to here\n"
            file.write(row % (number, number))


def long_quoted_csv(path: Path) -> None:
    """200 MB of rows with a quoted line end in each."""
    with path.open("wb") as file:
        file.write(b"a,b\n")
        for number in range(1_000_000):
            file.write(b'k%09d,"%s\nand a second line"\n' % (number, b"words " * 28))


def long_line(path: Path) -> None:
    """One line of 100 MB among three."""
    with path.open("wb") as file:
        file.write(b"a,b\n1,x\n2,")
        for _ in range(100):
            file.write(MB)
        file.write(b"\n3,z\n")


def long_line_of_delimiters(path: Path) -> None:
    """Lines of 15 MB of delimiters, under the limit of a line."""
    with path.open("wb") as file:
        file.write(b"a,b\n1,x\n")
        for _ in range(6):
            file.write(b"," * (15 << 20) + b"x\n")
        file.write(b"3,z\n")


def many_columns(path: Path) -> None:
    """20,000 columns in 1,000 rows: 120 MB."""
    with path.open("wb") as file:
        file.write(b",".join(b"c%d" % number for number in range(20_000)) + b"\n")
        for row in range(1_000):
            file.write(b"k%d," % row + b",".join([b"%05d" % row] * 19_999) + b"\n")


def many_quoted_columns(path: Path) -> None:
    """20,000 columns in 300 rows, each cell quoted and one of two lines."""
    with path.open("wb") as file:
        file.write(b",".join(b"c%d" % number for number in range(20_000)) + b"\n")
        for row in range(300):
            file.write(b'"k%d","x\ny",' % row + b",".join([b'"%05d"' % row] * 19_998) + b"\n")


def wide_rows(path: Path) -> None:
    """300 rows with a picture of a megabyte in each."""
    with path.open("wb") as file:
        file.write(b"a,b,picture\n")
        for row in range(300):
            file.write(b"k%d,x,%s\n" % (row, MB))


def tall_cells(path: Path) -> None:
    """Cells over 10,000 lines, closed and not."""
    with path.open("wb") as file:
        file.write(b"a,b\n")
        for row in range(50):
            file.write(b'k%d,"%s"\n' % (row, b"a line of text\n" * 9_999))
        file.write(b'k50,"' + b"a line of text\n" * 30_000)


def blanks(path: Path) -> None:
    """20 million blank lines and a row."""
    with path.open("wb") as file:
        file.write(b"a,b\n")
        for _ in range(20):
            file.write(b"\n" * 1_000_000)
        file.write(b"1,x\n")


def broken_quotes(path: Path) -> None:
    """A quote that is not closed on every line."""
    with path.open("wb") as file:
        file.write(b"a,b\n1,x\n")
        for row in range(300_000):
            file.write(b'k%d,"x\n' % row)


# what is written, and its records: accepted, quarantined, blank
FILES: dict[Callable[[Path], None], tuple[int, int, int]] = {
    long_line: (2, 1, 0),
    long_line_of_delimiters: (2, 6, 0),
    wide_rows: (300, 0, 0),
    tall_cells: (50, 30_000, 0),
    long_csv: (2_000_000, 0, 0),
    long_quoted_csv: (1_000_000, 0, 0),
    many_columns: (1_000, 0, 0),
    many_quoted_columns: (300, 0, 0),
    blanks: (1, 0, 20_000_000),
    broken_quotes: (1, 300_000, 0),
}
SLOW = (
    long_line_of_delimiters,
    wide_rows,
    long_csv,
    long_quoted_csv,
    many_columns,
    many_quoted_columns,
    blanks,
    broken_quotes,
)
EACH = [pytest.param(each, id=each.__name__, marks=[pytest.mark.slow] if each in SLOW else []) for each in FILES]


@pytest.mark.parametrize("write", EACH)
def test_memory_stays_below_512_mb(
    write: Callable[[Path], None], tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    write(tmp_path / "in.csv")
    columns = ("c0", "c19999") if "columns" in write.__name__ else ("a", "b")
    Workspace(tmp_path, settings_of({}, columns))
    done = subprocess.run(
        [sys.executable, "-m", "tests.hostile.child", str(tmp_path)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    megabytes = {name: value >> 20 for name, value in told.items() if isinstance(value, int)}
    assert told["states"] == ["landed"]
    assert tuple(told["count"]) == FILES[write]
    assert told["peak"] <= MOST, megabytes
    record_property("megabytes", megabytes)
