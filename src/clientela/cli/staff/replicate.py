"""The command that makes a folder which holds only what somebody may see."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clientela.cli.output import progress, say, say_json, tell
from clientela.cli.shell import JsonOption, PurposeOption, WorkspaceOption, app
from clientela.errors import OK


@app.command()
def replicate(
    target: Annotated[
        Path, typer.Argument(metavar="DIR", help="The folder to make; not there yet, or empty.", show_default=False)
    ],
    user: Annotated[str, typer.Option("--as", metavar="ROLE|USER", help="For this user, or a role as such.")],
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Make a folder that holds only the rows, columns and figures somebody may see, and answers by itself."""
    from clientela.workspace import open as open_workspace

    with progress() as shown:
        done = open_workspace(workspace).replicate(target, user=user, purpose=purpose, progress=shown)
    if json:
        say_json(
            {
                "replica": str(done.folder),
                "says": done.says,
                "snapshot": done.snapshot,
                "of_snapshot": done.of_snapshot,
                "tables": dict(done.tables),
                "people": done.people,
                "size": done.size,
            }
        )
        return OK
    say(f"Made {done.folder}, {done.says}.")
    held = f"{sum(done.tables.values()):,} rows in {len(done.tables)} tables"
    say(f"It holds {held}, {'with' if done.people else 'without'} personal data; {done.size / 1e6:,.1f} MB.")
    tell("What is granted or taken back from now on does not reach it; delete it when it is no longer needed.")
    return OK
