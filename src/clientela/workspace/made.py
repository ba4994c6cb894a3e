"""Opening a workspace, and making one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from clientela import config
from clientela.contracts.analysis import Analysis
from clientela.errors import WorkspaceError
from clientela.pipeline import questions
from clientela.pipeline.care import doctor, restore
from clientela.pipeline.create import create as _create
from clientela.pipeline.declared.catalogue import catalogue_of
from clientela.workspace.opened import Workspace
from clientela.workspace.watching import Progress, silent

if TYPE_CHECKING:
    from clientela.cube.figures.question import Described
    from clientela.pipeline.care.checks import Finding
    from clientela.pipeline.propose import Proposal, Question


def open(folder: Path | str | None = None, *, purpose: str = "") -> Workspace:
    """The workspace in ``folder``, else in CLIENTELA_WORKSPACE, else in the current folder.

    Parameters
    ----------
    purpose : what for one looks, a code such as ``complaint``: the audit log keeps it with every look and export

    Raises
    ------
    WorkspaceError
        There is no clientela.toml.
    """
    return Workspace(config.workspace_folder(Path(folder) if folder is not None else None), purpose)


def create(folder: Path | str, *, name: str, currency: str, timezone: str) -> tuple[Path, ...]:
    """Make a new workspace; the files written. Nothing is ever overwritten."""
    config.check_company(name=name, currency=currency, timezone=timezone)
    return _create(Path(folder), name=name, currency=currency, timezone=timezone)


def create_from(
    folder: Path | str,
    exports: Path | str,
    *,
    name: str | None = None,
    currency: str | None = None,
    timezone: str | None = None,
    ask: Callable[[Question], str | None] | None = None,
    progress: Progress = silent,
) -> tuple[Proposal, tuple[Path, ...]]:
    """Make a new workspace for a folder of exports; what is proposed for it, and the files written."""
    from clientela.pipeline.propose import create_from as _create_from

    return _create_from(
        Path(folder), Path(exports), name=name, currency=currency, timezone=timezone, ask=ask, progress=progress
    )


def restore_backup(path: Path | str, folder: Path | str, *, suppressed: Path | str | None = None) -> restore.Restored:
    """A workspace from its backup, in a new folder; whom the list ``suppressed`` names does not come back."""
    listed = Path(suppressed) if suppressed is not None else None
    return restore.restore(Path(path), Path(folder), suppressed=listed, now=datetime.now(UTC))


def analyses() -> tuple[Analysis, ...]:
    """The questions there are."""
    return questions.questions().all()


def examine(folder: Path | None) -> tuple[Finding, ...]:
    """What the doctor finds in this installation and in the workspace, when there is one."""
    return doctor.examine(folder, now=datetime.now(UTC))


def describe(folder: Path | str | None = None) -> tuple[Described, ...]:
    """Every measure and dimension there is to ask for, those that the workspace declares itself among them.

    Without a workspace, the built-in ones.

    Raises
    ------
    WorkspaceError
        The folder that was named is no workspace.
    ConfigurationError
        Its settings declare a measure that is none.
    """
    from clientela.cube.figures.question import describe as described

    try:
        found = config.workspace_folder(folder)
    except WorkspaceError:
        if folder is not None:
            raise
        return described()
    return described(catalogue_of(found).measures)
