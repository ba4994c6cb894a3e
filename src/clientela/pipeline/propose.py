"""A workspace proposed from a folder of exports: looked at, written down with comments, checked, created."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path

from clientela import config
from clientela.capture.mapping import understand
from clientela.capture.propose.build import needs_nothing, propose
from clientela.capture.propose.proposal import Proposal, Question
from clientela.capture.propose.toml import settings_text
from clientela.pipeline.create import SETTINGS_FILE, create_with, refuse_existing

__all__ = ["Proposal", "Question", "create_from"]


def create_from(
    folder: Path,
    exports: Path,
    *,
    name: str | None,
    currency: str | None,
    timezone: str | None,
    ask: Callable[[Question], str | None] | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> tuple[Proposal, tuple[Path, ...]]:
    """Look at exports and make a workspace for them; what is proposed, and the files written.

    Parameters
    ----------
    folder
        The workspace to be.
    exports
        The folder to look at; nothing in it is changed or copied.
    name, currency, timezone
        Of the company; left out, what the files tell.
    ask
        Puts a question to a person, where one sits.
    progress
        Is told each file that is looked at.

    Raises
    ------
    ConfigurationError
        ``folder`` is a workspace already, ``exports`` cannot be looked at, or no file of it is known.
    """
    refuse_existing(folder)
    config.check_company(name=name or "a", currency=currency or "EUR", timezone=timezone or "UTC")
    made = propose(
        exports.resolve(), root=folder.resolve(), name=name, currency=currency, timezone=timezone, ask=ask,
        progress=progress,
    )  # fmt: skip
    needs_nothing(made)
    text = settings_text(made)
    check(text)
    return made, create_with(folder, text)


def check(text: str) -> None:
    """Load the settings as a run would, before anything is written."""
    with tempfile.TemporaryDirectory(prefix="clientela-proposed-") as folder:
        (Path(folder) / SETTINGS_FILE).write_text(text, encoding="utf-8")
        understand(config.load(Path(folder), {}))
