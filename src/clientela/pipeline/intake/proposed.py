"""What an upload may fill: asked of a process with limits, kept beside the upload until somebody confirms it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from clientela import config
from clientela.capture.propose.proposal import Proposal
from clientela.contracts.text import text
from clientela.errors import NothingPublishedError, SandboxError, UploadError
from clientela.pipeline.intake.uploads import EXPORTS, place_of
from clientela.sandbox import run_limited
from clientela.warehouse.journal import write_durably

PROPOSAL, SAID = "proposal.json", "said.json"
_MEMORY_BYTES = 4 << 30  # of address space; what it keeps of a file is bounded far below
_CPU_SECONDS, _WALL_SECONDS = 240.0, 480.0
_FILE_BYTES = 2 << 30


def look(folder: Path, upload: str, *, progress: Callable[[str], None]) -> dict[str, Any]:
    """Look at the files of an upload; how many may be used and how many not. Asked again, it looks anew.

    Raises
    ------
    UploadError
        Nothing of it can be read.
    """
    place = place_of(folder, upload)
    progress("Looking at your files")
    part = place / f"{PROPOSAL}.part"
    arguments = {"folder": str(place / EXPORTS), "root": str(place), "into": str(part), "said": said(folder, upload)}
    try:
        counted: dict[str, int] = run_limited(
            "clientela.pipeline.intake.looking:look",
            arguments,
            memory_bytes=_MEMORY_BYTES,
            cpu_seconds=_CPU_SECONDS,
            wall_seconds=_WALL_SECONDS,
            file_bytes=_FILE_BYTES,
        )
    except SandboxError as error:
        part.unlink(missing_ok=True)
        why = error.said.replace(str(place / EXPORTS), "the upload")
        raise UploadError(
            text("the files could not be looked at: {why}; save them as CSV and send them again.", why=why)
        ) from None
    part.replace(place / PROPOSAL)
    return {"upload": upload, **counted}


def said(folder: Path, upload: str) -> dict[str, Any]:
    """What somebody said of an upload: the company, tables of files, how dates are read."""
    path = place_of(folder, upload) / SAID
    found: dict[str, Any] = json.loads(path.read_bytes()) if path.exists() else {}
    if (folder / config.FILE).is_file():
        company = config.load(folder).company
        found |= {"name": company.name, "currency": company.currency, "timezone": company.timezone}
    return found


def say(folder: Path, upload: str, told: Mapping[str, Any]) -> None:
    """Keep what somebody says of an upload, for the next look at it."""
    content = json.dumps(dict(told), ensure_ascii=False).encode()
    write_durably(place_of(folder, upload) / SAID, content)


def proposal(folder: Path, upload: str) -> Proposal:
    """What was proposed for an upload.

    Raises
    ------
    NothingPublishedError
        It has not been looked at yet.
    """
    from clientela.pipeline.intake.looking import proposal_of

    path = place_of(folder, upload) / PROPOSAL
    if not path.exists():
        raise NothingPublishedError("these files have not been looked at yet; wait a moment, then load the page anew.")
    return proposal_of(json.loads(path.read_bytes()))
