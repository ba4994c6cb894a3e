"""What may be wrong with this installation or this workspace, and how to mend it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import datetime
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

from clientela import config
from clientela.errors import WorkspaceError
from clientela.pipeline.care import checks
from clientela.pipeline.care.checks import Finding


def examine(folder: Path | None, *, now: datetime) -> tuple[Finding, ...]:
    """Everything looked at, in the order a person would mend it."""
    found = [*_installation()]
    try:
        workspace = config.workspace_folder(folder)
    except WorkspaceError as error:
        return (*found, Finding("workspace", "fail" if folder else "warn", str(error), "clientela init"))
    found += [Finding("workspace", "ok", str(workspace)), *checks.workspace(workspace, now)]
    return tuple(found)


def _installation() -> Iterator[Finding]:
    python = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info >= (3, 11):  # noqa: UP036 - what runs the command may be older than what installed it
        yield Finding("python", "ok", python)
    else:
        yield Finding("python", "fail", python, "install Python 3.11 or newer")
    missing = []
    for requirement in requires("clientela") or ():
        if "extra ==" in requirement:
            continue
        name = requirement.split(">")[0].split("[")[0].strip()
        try:
            version(name)
        except PackageNotFoundError:
            missing.append(name)
    if missing:
        yield Finding("packages", "fail", "missing: " + ", ".join(missing), "pip install --upgrade clientela")
    else:
        yield Finding("packages", "ok", f"clientela {version('clientela')}, duckdb {version('duckdb')}")
