"""Records of a CSV text, one after the other: a quote that is not closed spoils its first line only."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO

from clientela.capture.files.text_blocks import LINE_LIMIT, UNFIT, Overlong

RECORD_LINES = 10_000  # a quoted cell over more lines is a quote that was not closed
MOST_COLUMNS = 20_000  # more are no table


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its first line, its text, how many lines it has. ``cells`` is None when it cannot be split.

    ``wide``: how many cells it has, when they are more than any table's and so were not made.
    """

    line: int
    text: str
    lines: int
    cells: list[str] | None
    wide: int = 0

    @property
    def blank(self) -> bool:
        """Whether there is nothing in it but white space."""
        return self.cells is not None and not any(map(str.strip, self.cells))

    @property
    def broken(self) -> str:
        """Why it cannot be split into cells."""
        if isinstance(self.text, Overlong):
            return f"line {self.line} is longer than {LINE_LIMIT:,} characters"
        if self.wide:
            return f"line {self.line} has {self.wide:,} cells, and a table has at most {MOST_COLUMNS:,} columns"
        return f"in line {self.line} a quote is opened and not closed, or text follows a closing quote"


class _TooWideError(Exception):
    """A line without quotes that has more cells than any table: a list of them could fill the memory."""

    def __init__(self, cells: int, *, blank: bool) -> None:
        super().__init__(cells)
        self.cells, self.blank = cells, blank


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

    def skip(self, lines: int) -> None:
        """Pass over lines, whatever stands in them."""
        for _ in range(lines):
            if self._next_line() is None:
                return
            self.line += 1

    def rest(self) -> str:
        """What is left of the block in which the header stood, to be read at once; empty when nothing is."""
        if not isinstance(self._lines, StringIO):
            return ""
        text = "".join(self._ahead) + self._lines.read()
        self._ahead.clear()
        return text

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
        except _TooWideError as error:
            return self._finish(1, [] if error.blank else None, error.cells)
        except csv.Error:
            return self._finish(1, None)
        return self._finish(len(self._taken), cells)

    def __iter__(self) -> RecordReader:
        return self

    def __next__(self) -> str:
        line = self._next_line()
        if line is None:
            raise StopIteration
        self._taken.append(line)
        self._length += len(line)
        if isinstance(line, Overlong) or len(self._taken) > RECORD_LINES or self._length > LINE_LIMIT:
            raise csv.Error
        if len(self._taken) == 1 and len(line) > MOST_COLUMNS and self._quote not in line:
            cells = line.count(self._delimiter) + 1
            if cells > MOST_COLUMNS:
                raise _TooWideError(cells, blank=not line.replace(self._delimiter, "").strip())
        return line

    def _next_line(self) -> str | None:
        while not self.within_block:
            text = next(self._texts, None)
            if text is None:
                return None
            self.suspicious = self.suspicious or UNFIT.search(text) is not None
            self._open(text)
        return self._ahead.popleft()

    def _open(self, text: str) -> None:
        self._lines = iter((text,)) if isinstance(text, Overlong) else StringIO(text, newline="")

    def _finish(self, lines: int, cells: list[str] | None, wide: int = 0) -> Record:
        first, rest = self._taken[:lines], self._taken[lines:]
        record = Record(self.line, first[0] if lines == 1 else "".join(first), lines, cells, wide)
        self._ahead.extendleft(reversed(rest))
        self._taken, self._length = [], 0
        self.line += lines
        return record
