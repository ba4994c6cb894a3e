"""How right a proposal is: each column of each file against the truth, and whether what is wrong says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from clientela.capture.propose.build import propose
from clientela.capture.propose.proposal import Proposal, ProposedSource

NOTHING = ""


@dataclass
class Score:
    """Of one folder. ``mapped`` counts only the columns that the truth gives a place."""

    name: str
    columns: int = 0
    right: int = 0
    mapped: int = 0
    mapped_right: int = 0
    tables: int = 0
    tables_right: int = 0
    formats: int = 0
    formats_right: int = 0
    wrong: list[str] = field(default_factory=list)
    silent: list[str] = field(default_factory=list)  # wrong, and nothing says so

    @property
    def share(self) -> float:
        return self.right / self.columns if self.columns else 1.0


def score(name: str, folder: Path, truths: Sequence[dict[str, Any]], proposal: Proposal | None = None) -> Score:
    """The score of what is proposed for a folder."""
    made = proposal or propose(folder, root=folder.parent / "nowhere")
    result = Score(name)
    for truth in truths:
        _score_file(result, made, truth)
    return result


def total(scores: Sequence[Score]) -> Score:
    """All scores together."""
    whole = Score("all")
    for each in scores:
        for key in ("columns", "right", "mapped", "mapped_right", "tables", "tables_right", "formats", "formats_right"):
            setattr(whole, key, getattr(whole, key) + getattr(each, key))
        whole.wrong += each.wrong
        whole.silent += each.silent
    return whole


def table_of(scores: Sequence[Score]) -> str:
    """The scores as a table for a page."""
    lines = [
        "| set | columns | right | of those to be mapped | tables | formats | wrong without a mark |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for each in [*scores, total(scores)]:
        lines.append(
            f"| {each.name} | {each.columns} | {each.right} ({each.share:.0%}) | "
            f"{each.mapped_right} of {each.mapped} | "
            f"{each.tables_right} of {each.tables} | {each.formats_right} of {each.formats} | {len(each.silent)} |"
        )
    return "\n".join(lines)


def source_of(made: Proposal, path: str) -> ProposedSource | None:
    """The source that reads a file, its own before one that only joins it."""
    readers = [each for each in made.sources if path in each.files]
    return min(readers, key=lambda each: (bool(each.held), each.files.index(path)), default=None)


def _score_file(result: Score, made: Proposal, truth: dict[str, Any]) -> None:
    path = truth["path"]
    source = source_of(made, path)
    table = source.table if source is not None else "none"
    result.tables += 1
    if table in truth["table"] and not (truth.get("apart") and source is not None and len(source.files) > 1):
        result.tables_right += 1
    else:
        result.wrong.append(f"{path}: table {table}, right is {' or '.join(truth['table'])}")
        if source is not None and not source.doubts and not source.held:
            result.silent.append(result.wrong[-1])
    for column, said in truth["columns"].items():
        allowed = [said] if isinstance(said, str) else list(said)
        found, marked = _filled(source, column, truth)
        result.columns += 1
        good = (table in truth["table"] and found in allowed) or (source is None and NOTHING in allowed)
        result.right += good
        if NOTHING not in allowed:
            result.mapped += 1
            result.mapped_right += good
        if not good:
            text = f"{path}: {column} -> {table}.{found or 'not mapped'}, right is {' or '.join(allowed)}"
            result.wrong.append(text)
            if found and not marked:
                result.silent.append(text)
    if source is not None:
        _score_format(result, source, truth)


def _filled(source: ProposedSource | None, column: str, truth: dict[str, Any]) -> tuple[str, bool]:
    """What a column of a file is said to fill, and whether that is marked as unsure."""
    if source is None:
        return NOTHING, True
    held = bool(source.held)
    reading = [each for each in source.fields if column in each.reads]
    straight = [each for each in reading if len(each.reads) == 1]
    made_up = [name for name, parts in truth.get("computed", {}).items() if column in parts]
    for each in straight or [one for one in reading if not one.doubt.startswith("no column is a key")]:
        if each.name in made_up and straight and len(reading) > 1:
            continue
        return each.name, bool(each.doubt) or held or bool(source.doubts)
    return NOTHING, True


def _score_format(result: Score, source: ProposedSource, truth: dict[str, Any]) -> None:
    wanted = truth.get("format", {})
    for key in ("delimiter", "decimal", "date", "encoding"):
        if key not in wanted and "format" not in truth:
            continue
        found = source.format.get(key)
        if key == "delimiter" and source.format.get("header") == ("line",):
            found = None
        result.formats += 1
        right = found == wanted.get(key) or (key == "decimal" and (found or ".") == (wanted.get(key) or "."))
        right = right or (key not in wanted)
        result.formats_right += right
        if not right:
            result.wrong.append(f"{truth['path']}: format.{key} = {found!r}, right is {wanted.get(key)!r}")
            result.silent.append(result.wrong[-1])
    for name, parts in truth.get("computed", {}).items():
        made = next((each for each in source.fields if each.name == name), None)
        result.formats += 1
        if made is not None and set(made.reads) == set(parts):
            result.formats_right += 1
        else:
            result.wrong.append(
                f"{truth['path']}: {name} is computed from {made.reads if made else None}, right is {parts}"
            )
            if made is None or not made.doubt:
                result.silent.append(result.wrong[-1])
    if source.delivery not in truth.get("delivery", [source.delivery]):
        result.wrong.append(f"{truth['path']}: delivery {source.delivery}, right is {truth['delivery']}")
    if truth.get("date_unknown") and ("date" in source.format or not source.held):
        result.silent.append(f"{truth['path']}: the order of its dates was guessed")
    if "join" in truth and source.join is None:
        result.wrong.append(f"{truth['path']}: not joined with {truth['join']}")
