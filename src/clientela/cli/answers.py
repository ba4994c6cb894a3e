"""Commands that make figures and tell them: run, status, ask, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from clientela.cli.output import progress, say, say_json, tell
from clientela.cli.shell import AsOfOption, JsonOption, LangOption, WorkspaceOption, app, day, settings
from clientela.errors import HANDLED, OK


@app.command("run")
def run_(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Publish nothing when a file had to stay out.")] = False,
    json: JsonOption = False,
) -> int:
    """Read what the sources delivered and publish a new snapshot of the knowledge base."""
    from clientela.cli.show import run_document, run_lines
    from clientela.workspace import open as open_workspace

    with progress() as shown:
        done = open_workspace(workspace).run(as_of=day(as_of), strict=strict, progress=shown)
    if json:
        say_json(run_document(done))
    else:
        for line in run_lines(done):
            say(line)
    return HANDLED if done.warnings else OK


@app.command()
def status(
    workspace: WorkspaceOption = None,
    fingerprints: Annotated[
        bool, typer.Option("--fingerprints", help="Also the digest of each table: equal tables have equal ones.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Say what is published: to which day, from which sources, with which quality."""
    from clientela.cli.show import status_document, status_lines
    from clientela.workspace import open as open_workspace

    opened = open_workspace(workspace)
    found = opened.status()
    digests = opened.fingerprints() if fingerprints else None
    if json:
        say_json(status_document(found, digests))
    else:
        for line in status_lines(found, digests):
            say(line)
    return OK


@app.command()
def ask(
    name: Annotated[Optional[str], typer.Argument(help="The analysis; left out, lists them.")] = None,  # noqa: UP045
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    set_: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--set", metavar="KEY=VALUE", help="Set a parameter of the answer; may be repeated."),
    ] = None,
    chart: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--chart", metavar="FILE", help="Write the picture to FILE, .svg or .png."),
    ] = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Ask a question; without a name, list the questions there are."""
    from clientela.cli.show import analyses_document, analyses_lines
    from clientela.workspace import analyses
    from clientela.workspace import open as open_workspace

    if name is None:
        if json:
            say_json(analyses_document(analyses(), lang))
        else:
            for line in analyses_lines(analyses(), lang):
                say(line)
        return OK
    insight = open_workspace(workspace).ask(name, as_of=day(as_of), parameters=settings(set_ or []))
    if chart is not None:
        insight.save_chart(chart, lang=lang)
        tell(f"Wrote {chart}.")
    if json:
        say_json(insight.to_dict(lang))
    else:
        say(insight.to_text(lang))
    return OK


@app.command()
def report(
    workspace: WorkspaceOption = None,
    lang: LangOption = "en",
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option("--out", metavar="FILE", help="Where to write it; default report.html in the workspace."),
    ] = None,
    as_of: AsOfOption = None,
    json: JsonOption = False,
) -> int:
    """Write the report to the management: one HTML file that needs nothing else."""
    from clientela.workspace import open as open_workspace

    with progress() as shown:
        written = open_workspace(workspace).report(lang=lang, out=out, as_of=day(as_of), progress=shown)
    if json:
        say_json({"report": str(written), "lang": lang})
    else:
        say(str(written))
    return OK
