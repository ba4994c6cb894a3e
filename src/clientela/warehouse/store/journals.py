"""The journals of a workspace: which there are, and whether one has lost lines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from clientela.errors import LandingError
from clientela.warehouse.journal import JsonLines


def journals(workspace: Path) -> tuple[Path, ...]:
    """The files of all journals, in the order of their names."""
    return tuple(sorted([*workspace.glob("*.jsonl"), *(workspace / "landing").glob("*.jsonl")]))


def counted(workspace: Path) -> dict[str, int]:
    """How many lines each journal has; a snapshot keeps it, so that lines lost later are missed."""
    return {path.relative_to(workspace).as_posix(): JsonLines(path).count() for path in journals(workspace)}


def shortened(workspace: Path, told: Mapping[str, Any]) -> Iterator[str]:
    """The journals that have fewer lines than the manifest ``told`` says they had."""
    for name, lines in told.get("journals", {}).items():
        path = workspace / name
        if JsonLines(path).count() < int(lines):
            yield name


def refuse_shortened(workspace: Path, told: Mapping[str, Any]) -> None:
    """Refuse to work on journals that have lost lines.

    Raises
    ------
    LandingError
        It names them.
    """
    short = list(shortened(workspace, told))
    if short:
        raise LandingError(f"{' and '.join(short)} lost lines since the last run; restore the file from a backup.")
