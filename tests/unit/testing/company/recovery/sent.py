"""What a company sent, read with plain readers by the settings it gives, and nothing of the truth."""

from __future__ import annotations

import csv
import json
import re
import tomllib
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from python_calamine import CalamineWorkbook

from clientela.testing.company.exports.settings import settings
from clientela.testing.company.world import World

_ISO = "%Y-%m-%dT%H:%M:%SZ"
Columns = dict[str, np.ndarray]


class Sent:
    """The files of a world, table by table, in the columns that its settings name.

    Parameters
    ----------
    folder : the workspace's, with the exports in it
    """

    def __init__(self, folder: Path, world: World) -> None:
        self.folder, self.begins = folder, world.begins
        self._settings = tomllib.loads(settings(world))
        self._zone = self._settings["company"]["timezone"]

    def table(self, name: str, *sources: str, money: tuple[str, ...] = (), moments: tuple[str, ...] = ()) -> Columns:
        """All rows of a table as texts, with its ``source``, and the ``week`` in which each was sent.

        Parameters
        ----------
        sources : only these
        money : columns that are read as cents
        moments : columns that are read as weeks from the world's beginning, by the company's clock
        """
        parts = []
        for source in self._settings["source"]:
            if source["table"] == name and (not sources or source["name"] in sources):
                columns = self._columns(source)
                for each in money:
                    columns[each] = _cents(columns[each], source.get("format", {}).get("decimal", "."))
                for each in moments:
                    columns[each] = self._weeks(columns[each], source)
                parts.append(columns)
        shared = set.intersection(*(set(each) for each in parts))
        return {each: np.concatenate([part[each] for part in parts]) for each in shared}

    def _columns(self, source: dict[str, Any]) -> Columns:
        wanted = source["columns"]
        rows = list(self._rows(source["path"], source.get("format", {})))
        if "join" in source:
            on = source["join"]["on"]
            heads = {row[on]: row for row in self._rows(source["join"]["path"], source["join"].get("format", {}))}
            rows = [{**heads[row[on]], **row} for row in rows if row[on] in heads]
        made = {name: np.array([_said(row[theirs]) for row in rows], object) for name, theirs in wanted.items()}
        made["week"] = np.array([row["week"] for row in rows], np.intp)
        made["source"] = np.full(len(rows), source["name"], object)
        return made

    def _rows(self, pattern: str, form: dict[str, Any]) -> Iterator[dict[str, Any]]:
        """The rows of all files, in the order in which they were sent."""
        for path in sorted(self.folder.glob(pattern)):
            week = self._week(path.name)
            if path.suffix == ".xlsx":
                found: Any = _sheet(path, form)
            elif path.suffix == ".jsonl":
                found = map(json.loads, path.read_text(encoding="utf-8").splitlines())
            else:
                lines = path.read_bytes().decode(form.get("encoding", "utf-8")).splitlines()
                found = csv.DictReader(lines, delimiter=form.get("delimiter", ","))
            for row in found:
                yield {**row, "week": week}

    def _week(self, name: str) -> int:
        found = re.search(r"(\d{4})-W(\d{2})", name)
        if found is None:
            return -1
        return (date.fromisocalendar(int(found[1]), int(found[2]), 1) - self.begins).days // 7

    def _weeks(self, texts: np.ndarray, source: dict[str, Any]) -> np.ndarray:
        form = source.get("format", {}).get("date", _ISO)
        values = pa.array([None if text in (None, "") else text for text in texts], pa.string())
        if source.get("format", {}).get("date") is None and len(values) and len(values.drop_null()[0].as_py()) == 10:
            form = "%Y-%m-%d"
        said = pc.strptime(values, format=form, unit="s")
        if "%H" in form or "%I" in form:
            zone = source.get("timezone", self._zone)
            there = pc.assume_timezone(said, zone, ambiguous="earliest", nonexistent="latest")
            said = pc.local_timestamp(there.cast(pa.timestamp("s", tz=self._zone)))
        since = said.cast(pa.timestamp("s")).to_numpy(zero_copy_only=False) - np.datetime64(self.begins, "s")
        return np.where(np.isnat(since), np.nan, since / np.timedelta64(1, "W"))


def _sheet(path: Path, form: dict[str, Any]) -> Iterator[dict[str, Any]]:
    workbook = CalamineWorkbook.from_path(path)
    rows = workbook.get_sheet_by_name(form.get("sheet", workbook.sheet_names[0])).to_python()
    head, *filled = [row for row in rows if any(each != "" for each in row)][form.get("skip", 0) :]
    for row in filled:
        said = (each.strftime(form["date"]) if isinstance(each, datetime) else each for each in row)
        yield dict(zip(head, said, strict=True))


def numbered(texts: np.ndarray) -> np.ndarray:
    """The same number for the same text, from 0."""
    return np.unique(texts.astype(str), return_inverse=True)[1]


def _said(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def _cents(texts: np.ndarray, decimal: str) -> np.ndarray:
    return np.array([round(float(text.replace(decimal, ".")) * 100) for text in texts], np.int64)
