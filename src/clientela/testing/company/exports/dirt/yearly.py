"""The files of a company by the year instead of by the week: much the same rows in a few files, which are read sooner.

Dirt is drawn for each file, so a few rows differ from those of the weekly files.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import PurePosixPath

import pyarrow as pa

from clientela.contracts.tables import CONTRACTS
from clientela.testing.company.exports.dirt.outbox import Outbox, Sent
from clientela.testing.company.exports.forms import Sheet
from clientela.testing.company.exports.settings import ALL
from clientela.testing.company.world import World

_WEEKS = 52
_WEEK = re.compile(r"-\d{4}-W\d\d")
_ROW = "row of the year"


@dataclass(slots=True)
class Yearly:
    """Where the systems' files leave, gathered until a year is over or ``weeks`` are; after these, week by week.

    A row that was put right within the year is sent as it stands at its end: two versions in one file would contradict
    each other, and neither would be believed.
    """

    world: World
    weeks: int
    gathered: dict[str, list[Sheet]] = field(default_factory=dict)
    weekly: Outbox = field(init=False)

    def __post_init__(self) -> None:
        self.weekly = Outbox(self.world)

    def send(self, sheets: Mapping[str, Sheet], week: int) -> Sent:
        """Nothing but in the last week of a year; then all the files of that year, with their dirt."""
        if week >= self.weeks:
            return self.weekly.send(sheets, week)
        for name, sheet in sheets.items():
            whole = _WEEK.search(name) is None  # it holds all its source has, so the newest one is enough
            called = name if whole else _WEEK.sub(f"-{week // _WEEKS + 1}", name)
            before = [] if whole else self.gathered.get(called, [])
            self.gathered[called] = [*before, sheet]
        if (week + 1) % _WEEKS and week + 1 < self.weeks:
            return Sent({}, Outbox(self.world).send({}, week).wrong)
        found, self.gathered = self.gathered, {}
        year = {name: _as_it_stands(parts, _key(name, parts[0].columns)) for name, parts in found.items()}
        return Outbox(self.world).send(year, week)


def _as_it_stands(parts: list[Sheet], key: list[str]) -> Sheet:
    """The rows of several sheets one after the other, of each key the newest."""
    told = pa.concat_tables(
        [pa.table({name: pa.array(texts, pa.string()) for name, texts in part.columns.items()}) for part in parts]
    ).combine_chunks()
    if key and told.num_rows:
        numbered = told.append_column(_ROW, pa.array(range(told.num_rows)))
        newest = numbered.group_by(key).aggregate([(_ROW, "max")]).column(f"{_ROW}_max")
        told = told.take(newest.combine_chunks().sort())
    columns = {name: pa.array(told.column(name).combine_chunks(), pa.string()) for name in told.column_names}
    return Sheet(columns, parts[0].form)


def _key(name: str, labels: Iterable[str]) -> list[str]:
    """What a file calls the columns that tell its rows apart; none where nothing tells it."""
    file = str(PurePosixPath("exports") / name)
    for told in tomllib.loads(ALL)["source"]:
        if fnmatchcase(file, told["path"]):
            key = CONTRACTS[told["table"]].key
            return [label for column, label in told["columns"].items() if column in key and label in labels]
        if fnmatchcase(file, told.get("join", {}).get("path", "")):
            return [told["join"]["on"]]
    return []
