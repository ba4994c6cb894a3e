"""JSON lines, one object each, and a whole array of objects: every record accepted, quarantined or blank.

Objects within objects become columns (``address.city``), lists stay JSON text. Numbers never pass through a
float. What two readers could understand differently (a key twice, ``NaN``) makes the record bad.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from io import StringIO
from pathlib import Path
from typing import Any

from clientela.capture.files.cells import Cell, Row, as_json
from clientela.capture.files.text_blocks import LINE_LIMIT, Overlong, blocks, decoded, shown, unfit
from clientela.errors import SourceError

DEPTH = 50  # objects within objects
_SPACE = re.compile(r"[ \t\r\n]*")
_TOO_DEEP = f"objects or lists stand more than {DEPTH} deep in each other"
_NESTED = frozenset({dict, list})
_WHITE = " \t\r\n"


def json_rows(path: Path, encoding: str | None, *, name: str, source: str) -> Iterator[Row]:
    """The records of a file in order.

    Parameters
    ----------
    path
        The file.
    encoding
        As the settings say it; a byte order mark goes first.
    name, source
        The file and its source, for errors.

    Raises
    ------
    SourceError
        It is in another encoding, or is an array that breaks off or is broken in its middle.
    """
    start = next((text for text in decoded(path, encoding, source=source) if text.strip(_WHITE)), "")
    if start.lstrip(_WHITE).startswith("["):
        yield from _of_array(decoded(path, encoding, source=source), _Reader(), name, source)
    else:
        yield from _of_lines(blocks(path, encoding, source=source), _Reader())


def nothing_in(name: str, source: str) -> SourceError:
    """What to say of a file whose columns nobody can know."""
    return SourceError(source, f"{name} is empty: no line of it is a JSON object, so it has no columns.")


class _Reader:
    """Reads one object; ``problem`` is why it is none."""

    def __init__(self) -> None:
        self.problem: str | None = None
        self._decoder = json.JSONDecoder(
            object_pairs_hook=self._object, parse_float=self._decimal, parse_constant=self._constant
        )

    def line(self, text: str) -> dict[str, Cell] | None:
        """The cells of an object that a line holds."""
        self.problem = None
        try:
            value = self._decoder.decode(text)
        except json.JSONDecodeError as error:
            self.problem = f"no valid JSON: {error.msg} at character {error.pos + 1}"
            return None
        except RecursionError:
            self.problem = _TOO_DEEP
            return None
        except ValueError:  # Python reads no whole number of more digits
            self.problem = "a whole number has more than 4,300 digits"
            return None
        return self.cells(value, escaped="\\u" in text)

    def at(self, text: str, place: int) -> tuple[Any, int]:
        """The value at a place of a text, and where it ends."""
        self.problem = None
        return self._decoder.raw_decode(text, place)

    def cells(self, value: object, *, escaped: bool) -> dict[str, Cell] | None:
        """The cells of an object; None with ``problem`` when it is none."""
        if not isinstance(value, dict):
            self.problem = self.problem or "not a JSON object"
            return None
        flat = value
        if not _NESTED.isdisjoint(map(type, value.values())):
            flat = {}
            try:
                self._flatten(value, "", flat, 0)
            except RecursionError:
                self.problem = _TOO_DEEP
        if escaped:
            self._check(flat)
        if self.problem:
            return None
        return {key: None if each == "" else each for key, each in flat.items()} if "" in flat.values() else flat

    def _flatten(self, value: dict[str, Any], prefix: str, into: dict[str, Any], depth: int) -> None:
        if depth > DEPTH:
            self.problem = _TOO_DEEP
            return
        for key, each in value.items():
            name = prefix + key
            if isinstance(each, dict):
                self._flatten(each, name + ".", into, depth + 1)
                continue
            if name in into:
                self.problem = f"the key '{shown(name)}' stands there twice"
            into[name] = as_json(each) if isinstance(each, list) else each

    def _check(self, flat: dict[str, Any]) -> None:
        """No control character may come in as an escape."""
        for key, each in flat.items():
            found = unfit(key) or (unfit(each) if isinstance(each, str) else None)
            if found:
                self.problem = f"a text holds {found}"
                return

    def _object(self, pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        value = dict(pairs)
        if len(value) != len(pairs):
            keys = [key for key, _ in pairs]
            twice = next(key for key in keys if keys.count(key) > 1)
            self.problem = f"the key '{shown(twice)}' stands there twice"
        return value

    def _decimal(self, said: str) -> Decimal | str:
        try:
            return Decimal(said)
        except InvalidOperation:  # an exponent of twenty digits
            self.problem = "a number is too large"
            return said

    def _constant(self, said: str) -> None:
        self.problem = f"{said} is no number of JSON"


def _of_lines(texts: Iterable[str], reader: _Reader) -> Iterator[Row]:
    number = 0
    for text in texts:
        if isinstance(text, Overlong):
            number += 1
            yield Row(number, None, shown(text), f"the line is longer than {LINE_LIMIT:,} characters")
            continue
        suspicious = unfit(text) is not None
        for line in StringIO(text, newline=""):
            number += 1
            said = line.strip(_WHITE)
            if not said:
                yield Row(number, None)
                continue
            cells = reader.line(said)
            found = unfit(said) if suspicious else None
            problem = f"the line holds {found}" if found else reader.problem
            if problem:
                yield Row(number, None, shown(said), problem, size=len(said))
            else:
                yield Row(number, cells, size=len(said))


def _of_array(texts: Iterator[str], reader: _Reader, name: str, source: str) -> Iterator[Row]:
    """The objects of one array; where it is broken nobody knows where the next begins, so it is refused."""
    window = _Window(texts, reader, name, source)
    while True:
        found = window.after()
        if found is None:
            return
        line, lines, text, value = found
        problem = reader.problem
        if problem is None and (found_unfit := unfit(text)):
            problem = f"a text holds {found_unfit}"
        cells = None if problem else reader.cells(value, escaped="\\u" in text)
        problem = problem or reader.problem
        if problem:
            yield Row(line, None, shown(text), problem, lines, len(text))
        else:
            yield Row(line, cells, lines=lines, size=len(text))


class _Window:
    """The part of an array's text that is being read."""

    def __init__(self, texts: Iterator[str], reader: _Reader, name: str, source: str) -> None:
        self._texts, self._reader, self._name, self._source = texts, reader, name, source
        self._text, self._at, self._line = "", 0, 1
        self._whole = False  # whether all of the file has been read
        self._opened = self._comma = False

    def after(self) -> tuple[int, int, str, Any] | None:
        """The next value: its line, how many lines it has, its text and what it is; None behind the last."""
        if not self._opened:
            self._skip()
            self._at += 1  # the bracket
            self._opened = True
            self._skip()
        elif self._sign() == ",":
            self._at += 1
            if self._sign() == "]":
                raise self._broken("nothing follows a comma")
        elif self._sign() != "]":
            raise self._broken("a comma is missing")
        if self._sign() == "]":
            self._at += 1
            if self._sign():
                raise self._broken("something follows the end of the array")
            return None
        return self._value()

    def _value(self) -> tuple[int, int, str, Any]:
        tried = 0
        while True:
            try:
                value, end = self._reader.at(self._text, self._at)
            except (RecursionError, ValueError) as error:
                tried = max(LINE_LIMIT // 64, 2 * tried)
                if isinstance(error, RecursionError) or not self._more(tried):
                    raise self._broken("what should be a value is none") from None
                continue
            if end == len(self._text) and self._more(1):
                continue  # a number may go on
            text, line = self._text[self._at : end], self._line
            lines = text.count("\n")
            self._line += lines
            self._at = end
            return line, lines + 1, text, value

    def _sign(self) -> str:
        """The next character that is no space; empty at the end of the file."""
        self._skip()
        return self._text[self._at : self._at + 1]

    def _skip(self) -> None:
        while True:
            found = _SPACE.match(self._text, self._at)
            end = found.end() if found else self._at
            self._line += self._text.count("\n", self._at, end)
            self._at = end
            if end < len(self._text) or not self._more(1):
                return

    def _more(self, wanted: int) -> bool:
        """Whether there was more text to read, at least so many characters if there are."""
        if len(self._text) - self._at > LINE_LIMIT:
            return False
        parts = [self._text[self._at :]]
        added = 0
        while added < wanted and (text := next(self._texts, None)) is not None:
            parts.append(text)
            added += len(text)
        self._text, self._at = "".join(parts), 0
        return added > 0

    def _broken(self, said: str) -> SourceError:
        return SourceError(
            self._source,
            f"the JSON array in {self._name} is broken in line {self._line}: {said}; have it delivered again, "
            "or as JSON lines (one object a line), of which one broken line spoils only itself.",
        )
