"""Records of a CSV text, one after the other: a quote that is not closed spoils its first line only."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from clientela.capture.files.text_blocks import LINE_LIMIT, UNFIT, Overlong

RECORD_LINES = 10_000  # a quoted cell over more lines is a quote that was not closed


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its first line, its text, how many lines it has. ``cells`` is None when it cannot be split."""

    line: int
    text: str
    lines: int
    cells: list[str] | None

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it."""
        return self.cells is not None and not any(map(str.strip, self.cells))


class RecordReader:
    """Hands out the blocks of a file whole, or record by record, in order.

    Examples
    --------
    >>> reader = RecordReader(iter(['a,"b\\nc,d\\ne,f\\n']), ",", '"')
    >>> [(each.line, each.cells) for each in iter(reader.record, None)]
    [(1, None), (2, ['c', 'd']), (3, ['e', 'f'])]
    """

    def __init__(self, texts: Iterator[str], delimiter: str, quote: str) -> None:
        self._texts = texts
        self._delimiter, self._quote = delimiter, quote
        self._ahead: deque[str] = deque()  # lines that were looked at and given back
        self._lines: Iterator[str] = iter(())  # what is left of the last block
        self._taken: list[str] = []  # the lines of the record under way
        self._length = 0
        self.line = 1  # of the next record
        self.suspicious = False  # whether the last block holds what no cell may hold

    def block(self) -> str | None:
        """The next block, when all records of the last are done; None at the end of the file."""
        return next(self._texts, None)

    def give_back(self, text: str) -> None:
        """Hand out a block record by record after all."""
        self.suspicious = UNFIT.search(text) is not None
        self._open(text)

    @property
    def within_block(self) -> bool:
        """Whether records of the last block are left."""
        if not self._ahead:
            line = next(self._lines, None)
            if line is None:
                return False
            self._ahead.append(line)
        return True

    def record(self) -> Record | None:
        """The next record; None at the end of the file."""
        parser = csv.reader(self, delimiter=self._delimiter, quotechar=self._quote, strict=True)
        try:
            cells = next(parser)
        except StopIteration:
            return None
        except csv.Error:
            return self._finish(1, None)
        return self._finish(len(self._taken), cells)

    def __iter__(self) -> RecordReader:
        return self

    def __next__(self) -> str:
        while not self.within_block:
            text = next(self._texts, None)
            if text is None:
                raise StopIteration
            self.suspicious = self.suspicious or UNFIT.search(text) is not None
            self._open(text)
        line = self._ahead.popleft()
        self._taken.append(line)
        self._length += len(line)
        if isinstance(line, Overlong) or len(self._taken) > RECORD_LINES or self._length > LINE_LIMIT:
            raise csv.Error
        return line

    def _open(self, text: str) -> None:
        self._lines = iter((text,)) if isinstance(text, Overlong) else StringIO(text, newline="")

    def _finish(self, lines: int, cells: list[str] | None) -> Record:
        first, rest = self._taken[:lines], self._taken[lines:]
        record = Record(self.line, first[0] if lines == 1 else "".join(first), lines, cells)
        self._ahead.extendleft(reversed(rest))
        self._taken, self._length = [], 0
        self.line += lines
        return record
