"""The last step before a file leaves: it is written, with the dirt of its world, and what is wrong is noted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pyarrow as pa

from clientela.testing.company.exports.dirt.kinds import REFUSED
from clientela.testing.company.exports.dirt.known import File, known
from clientela.testing.company.exports.dirt.spoiled import DIRT, spoilt
from clientela.testing.company.exports.forms import Json, Sheet, content
from clientela.testing.company.exports.settings import ALL
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

EMPTY = "empty_files"


@dataclass(frozen=True, slots=True)
class Sent:
    """The files of a week by name, and what is wrong in them, as rows of `DIRT`."""

    files: Mapping[str, bytes]
    wrong: pa.Table


@dataclass(slots=True)
class Outbox:
    """Where the systems' files leave; it remembers those that arrived empty. Weeks go forward one at a time."""

    world: World
    waiting: dict[str, bytes] = field(default_factory=dict)

    def send(self, sheets: Mapping[str, Sheet], week: int) -> Sent:
        """The files of a week as they arrive, and those of the week before that had arrived empty.

        JSON without a row has not even a header: nothing is sent then.
        """
        files, self.waiting = self.waiting, {}
        wrong = []
        for name, sheet in sheets.items():
            if isinstance(sheet.form, Json) and not len(sheet):
                continue
            told = known(ALL, name, tuple(sheet.columns))
            if told is None:
                files[name] = content(sheet)
            elif not told.whole and not told.joined and self._is_lost(name):
                self.waiting[name], files[name] = content(sheet), b""
                wrong.append(_empty(week, name, told))
            else:
                spoiled = spoilt(self.world, week, name, sheet, told)
                files[name] = spoiled.content
                wrong.append(spoiled.wrong)
        return Sent(files, pa.concat_tables(wrong) if wrong else DIRT.empty_table())

    def _is_lost(self, name: str) -> bool:
        return bool(stream(self.world.seed, EMPTY, name).random() < self.world.empty_files)


def _empty(week: int, name: str, file: File) -> pa.Table:
    table = next(iter(file.fields.values())).table.name
    row = (week, file.source, table, name, 0, "", EMPTY, "", None, None, REFUSED, "")
    return pa.table([[each] for each in row], schema=DIRT)
