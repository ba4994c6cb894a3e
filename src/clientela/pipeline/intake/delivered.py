"""A file uploaded for a source there is already: put whole into the folder its pattern looks in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from clientela.config import Settings, Source
from clientela.contracts.text import Text, text
from clientela.errors import UnknownNameError, UploadError, machine_trouble
from clientela.pipeline.intake.uploads import FOLDER, Sent, file_name, write
from clientela.warehouse.journal import fsync_folder


def takes(folder: Path, source: Source) -> Text | None:
    """Why no file can be uploaded for a source, in a sentence; None when one can."""
    if source.path is None:
        return text("it is read from a database, not from files.")
    if Path(source.path).is_absolute() or ".." in PurePosixPath(source.path).parts:
        return text("its files lie outside the workspace; put them there by hand.")
    if any(sign in part for part in PurePosixPath(source.path).parts[:-1] for sign in "*?["):
        return text("its files lie in several folders; put them there by hand.")
    return None


def place_for(folder: Path, settings: Settings, source: str, table: str | None, file: str) -> str:
    """The path of the one section of a source that takes a file of this name.

    Parameters
    ----------
    table : None where the source fills one table, or the name of the file tells which

    Raises
    ------
    UnknownNameError
        There is no such source, or it does not fill that table.
    UploadError
        It takes no files, or several tables could be meant.
    """
    of_source = [each for each in settings.sources if each.name == source]
    if not of_source:
        raise UnknownNameError("source", source, {each.name for each in settings.sources})
    found = [each for each in of_source if table in (None, each.table)]
    if not found:
        raise UnknownNameError(f"table of '{source}'", table or "", {each.table for each in of_source})
    able = [each for each in found if each.path is not None and not takes(folder, each)]
    if not able:
        raise UploadError(text("'{source}' takes no upload: {why}", source=source, why=takes(folder, found[0])))
    fit = [each for each in able if fnmatchcase(file_name(file), PurePosixPath(str(each.path)).name)]
    chosen = fit if fit and len(able) > 1 else able
    if len({each.path for each in chosen}) > 1:
        known = ", ".join(f"'{each.table}' ({each.path})" for each in chosen)
        raise UploadError(
            text(
                "'{source}' has several kinds of files: {known}; say the table, or name the file like them.",
                source=source,
                known=known,
            )
        )
    return str(chosen[0].path)


def deliver(
    folder: Path, settings: Settings, place: str, sent: Sent, *, now: datetime, chance: Callable[[int], bytes]
) -> str:
    """Put a file where the source with this path finds it at the next run; its path in the workspace.

    A source with a pattern gets one file more, under its own name or one that fits; a source of one file gets a new
    one in the old one's place. Until the file is whole, it has neither name.

    Raises
    ------
    UploadError
        The source takes no uploads, or the file is none of data.
    UnknownNameError
        There is no such source.
    """
    source = next((each for each in settings.sources if each.path == place), None)
    if source is None or source.path is None:
        raise UnknownNameError("source", place, [each.path for each in settings.sources if each.path])
    why = takes(folder, source)
    if why:
        raise UploadError(text("'{source}' takes no upload: {why}", source=source.name, why=why))
    pattern = PurePosixPath(source.path)
    target = folder / pattern.parent / fitting(file_name(sent.name), pattern.name, now)
    part = folder / FOLDER / f".{chance(8).hex()}{target.suffix}"
    with machine_trouble(folder):
        part.parent.mkdir(mode=0o700, exist_ok=True)
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        try:
            write(sent, part)
            part.replace(target)  # one of the same name was landed, and what was landed is kept
        finally:
            part.unlink(missing_ok=True)
        fsync_folder(target.parent)
    return target.relative_to(folder).as_posix()


def fitting(name: str, pattern: str, now: datetime) -> str:
    """A name that a pattern fits: the file's own when it does, else the pattern with the moment in its gap.

    Examples
    --------
    >>> from datetime import UTC
    >>> at = datetime(2024, 7, 1, 8, 30, tzinfo=UTC)
    >>> fitting("orders-07.csv", "orders-*.csv", at), fitting("export.csv", "orders-*.csv", at)
    ('orders-07.csv', 'orders-20240701-083000.csv')
    """
    if fnmatchcase(name, pattern):
        return name
    made = pattern.replace("[*]", "*", 1) if "[" in pattern else pattern
    made = made.replace("*", f"{now:%Y%m%d-%H%M%S}", 1).replace("*", "")
    endings = PurePosixPath(name).suffix.lower(), PurePosixPath(made).suffix.lower()
    if not fnmatchcase(made, pattern) or (endings[1] and endings[0] != endings[1]):
        raise UploadError(
            text(
                "'{name}' does not fit this source, whose files are called '{pattern}'; rename it.",
                name=name,
                pattern=pattern,
            )
        )
    return made
