"""An upload that is confirmed: its files in the exports of the workspace, its sources in the settings.

The files go first, the settings last and at once: a process that is killed between leaves files that nothing reads, and
the same confirmation ends what was begun.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from clientela import config
from clientela.capture.propose.proposal import Proposal
from clientela.capture.propose.toml import sources_text
from clientela.errors import ConfigurationError, machine_trouble
from clientela.pipeline.create import create_with
from clientela.pipeline.intake import fitted
from clientela.pipeline.intake.chosen import Choices, chosen
from clientela.pipeline.intake.proposed import proposal
from clientela.pipeline.intake.uploads import EXPORTS, place_of
from clientela.warehouse.journal import fsync_folder, write_durably

DONE = "settled"
_HEAD = """\
# The settings of one company. Everything clientela does in this folder follows from this file.
# The left name is clientela's, the right one the column in your file. All tables: docs/reference/tables.md

"""


def confirm(folder: Path, upload: str, choices: Choices) -> None:
    """Make the workspace read the files of an upload as chosen; done already, it changes nothing.

    Raises
    ------
    UploadError
        A choice is missing or none.
    ConfigurationError
        The settings could not be used so; nothing was changed.
    UnknownNameError
        There is no such upload.
    """
    place = place_of(folder, upload)
    if (place / DONE).exists():
        return
    config.check_company(name=choices.name, currency=choices.currency, timezone=choices.timezone)
    wanted = chosen(proposal(folder, upload), choices)
    before = _before(folder)
    text = _text(before, wanted)
    if text is not None:
        fitted.check(text, folder)
    with machine_trouble(folder):
        _move(place / EXPORTS, folder / EXPORTS, [name for each in wanted.sources for name in each.files])
        if text is not None and before is None:
            create_with(folder, text)
        elif text is not None:
            write_durably(folder / config.FILE, text.encode())
        write_durably(place / DONE, b"")


def _before(folder: Path) -> str | None:
    path = folder / config.FILE
    return path.read_text(encoding="utf-8-sig") if path.is_file() else None


def _text(before: str | None, wanted: Proposal) -> str | None:
    """The settings with the new sources below; None when they stand there already."""
    if before is None:
        return _HEAD + sources_text(wanted, company=True).lstrip("\n")
    added = sources_text(wanted, company=False)
    there, new = _sources(before), _sources(added)
    if all(each in there for each in new):
        return None
    text = before.rstrip("\n") + "\n\n" + added.lstrip("\n")
    if _sources(text) != [*there, *new]:
        raise ConfigurationError(
            f"{config.FILE} is written in a way that only a person can add a source to; write [[source]] there by hand."
        )
    return text


def _sources(text: str) -> list[Any]:
    try:
        found = tomllib.loads(text).get("source", [])
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{config.FILE} is not valid TOML: {error}.") from None
    return list(found) if isinstance(found, list) else []


def _move(staged: Path, exports: Path, names: Sequence[str]) -> None:
    """Move files into the exports, those that are still here; one that is there already was moved before."""
    exports.mkdir(mode=0o700, exist_ok=True)
    for name in dict.fromkeys(names):
        if (staged / name).exists():
            (staged / name).rename(exports / name)
    fsync_folder(exports)
