"""The command that serves the pages: serve."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from clientela.cli.output import say_now
from clientela.cli.shell import WorkspaceOption, app
from clientela.errors import OK

if TYPE_CHECKING:
    from clientela.serve.running import Started


@app.command()
def serve(
    workspace: WorkspaceOption = None,
    host: Annotated[
        str | None, typer.Option("--host", metavar="ADDRESS", help="Where to listen; default 127.0.0.1, this machine.")
    ] = None,
    port: Annotated[int | None, typer.Option("--port", metavar="N", help="At which port; default 8080.")] = None,
    requests: Annotated[bool, typer.Option("--log-requests", help="Write a line for each request to stderr.")] = False,
) -> int:
    """Serve the pages and the API of a workspace, and keep its schedule, until stopped."""
    from contextlib import ExitStack

    from clientela import config
    from clientela.cli import collect_as_usual
    from clientela.cli.doors import place
    from clientela.serve.running import run

    collect_as_usual()
    folder = config.workspace_folder(workspace)
    with ExitStack() as until_it_ends:

        def begun(started: Started) -> None:
            until_it_ends.enter_context(place.kept(folder, started.place))
            _say(started)

        run(folder, host=host, port=port, requests=requests, say=begun)
    return OK


def _say(started: Started) -> None:
    say_now(f"Serving at {started.place}; Ctrl+C ends it.")
    if started.link is not None:
        say_now(f"Nobody is here yet. Open this within 15 minutes to be the first administrator:\n  {started.link}")
    elif started.nobody_can_enter:
        say_now("Nobody has a password yet. Make a link for a user: clientela user link NAME")
    if started.open_to_all:
        say_now(
            'Passwords cross the network unprotected: put a proxy with TLS in front, and say address = "https://…".'
        )
