"""What is not sure of a file and why work stopped is said in every language: each form that is written is known."""

from __future__ import annotations

import csv
import errno
from pathlib import Path

import pytest

from clientela.capture.propose.build import propose
from clientela.contracts.text import Text
from clientela.errors import ConfigurationError, LandingError, LockedError, MachineError
from clientela.present.say import say
from clientela.web.data import stopped
from clientela.web.start import doubts

DOUBTS = (
    "its values are whole numbers, not dates",
    "its values (a, b, c) are not those the table takes: sale, return",
    "left empty: its name says quantity, but its values are dates, not numbers",
    "it is nearest to order_line, but no column says who bought or what",
    "'a' and 'b' would be its key, but 12% of the rows repeat one",
    "the zip holds 3 files; only a.csv was looked at",
    "it has 12,000 columns; more than 2,000 are no table of the contracts",
    "only the first 400 kinds of files are looked at",
    "of the groups 'family' has 1,200 values, so it was put here",
    "about 2.5% of its rows hold a value that cannot be read; they will be refused",
    "0.4% of its 'order' have no row in heads.csv; those are refused",
    "'made' may be dd/mm/yyyy or mm/dd/yyyy: no day is above 12 (for example 01/02/2024). Say which, then take the "
    "comment signs away.",
    "read as dd/mm/yyyy, as 'paid' must be; its own days are all below 13",
    "read as dd/mm/yyyy: only so does the file stand in the order of time",
    "no column is a key; this makes one, and 3% of the rows repeat it: of those the last one stays; it holds an e-mail "
    "address in the clear",
    "it cannot be read: book.xlsx is a damaged workbook; have it delivered again",
)


@pytest.mark.parametrize("said", DOUBTS)
def test_a_doubt_is_said_as_it_was_written(said: str) -> None:
    found = doubts.words(said)
    assert isinstance(found, Text)
    assert say(found, "en") == said


def test_what_is_proposed_for_files_is_all_of_known_forms(tmp_path: Path) -> None:
    """Files in which most that can be doubtful is so."""
    _write(tmp_path / "ventas.csv", [
        {"Pedido": f"P{n}", "Fecha": f"0{1 + n % 9}/0{1 + n % 7}/2024", "Cantidad": 1 + n % 3, "Precio PVP": f"{n},50",
         "Tipo": ("uno", "otro")[n % 2], "Descuento": "0,10", "Dto. 2": "0,20", "Otra": "x" if n % 4 else ""}
        for n in range(40)
    ])  # fmt: skip
    _write(tmp_path / "visitas.csv", [
        {"Cliente": f"a{n}@example.org", "Fecha": f"2024-01-{1 + n % 28:02} 10:00", "Canal": "web"} for n in range(40)
    ])  # fmt: skip
    _write(tmp_path / "notas.csv", [{"una": n, "otra": "a b c"} for n in range(9)])
    (tmp_path / "vacio.csv").write_text("")
    (tmp_path / "solo.csv").write_text("a,b\n")
    (tmp_path / "foto.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "roto.xlsx").write_bytes(b"PK\x03\x04 this is no workbook")
    (tmp_path / "roto.parquet").write_bytes(b"PAR1 this is no table")
    made = propose(tmp_path, root=tmp_path)
    said = [each.reason for each in made.unused]
    for source in made.sources:
        said += [*source.doubts, source.held, *(each.doubt for each in source.fields)]
        said += [why for _, why in source.constants.values()]
    said = [each for each in said if each]
    assert len(said) >= 8
    assert [each for each in said if not isinstance(doubts.words(each), Text)] == []
    assert [say(doubts.words(each), "en") for each in said] == said  # type: ignore[arg-type] # each is of a known form


@pytest.mark.parametrize(
    "error",
    [
        *(MachineError.numbered(number, "shop") for number in (errno.ENOSPC, errno.EACCES, errno.EIO, errno.ENOMEM)),
        LockedError("process 12"),
        LandingError("damaged or missing: landing/a.parquet; restore from a backup, nothing else holds it."),
        ConfigurationError(
            "the files do not fit clientela.toml: [[source]] 'shop' (order_line): a.csv has no column 'when'; known: "
            "'day', 'order'. Did you mean 'day'?"
        ),
        ConfigurationError("clientela.toml cannot be used: it names no [[source]]; add one for each table"),
        "It was killed, or the machine stopped.",
        "internal error (KeyError); please report it.",
    ],
)
def test_why_work_stopped_is_said_as_it_was_written(error: Exception | str) -> None:
    found = stopped.words(str(error))
    assert isinstance(found, Text)
    assert say(found, "en") == str(error)


def test_what_is_of_no_known_form_stands_as_it_is() -> None:
    assert doubts.words("it is blue") == stopped.words("it is blue") == "it is blue"
    assert doubts.words(None) == stopped.words("") == ""


def _write(path: Path, rows: list[dict[str, object]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, [*rows[0]])
        writer.writeheader()
        writer.writerows(rows)
