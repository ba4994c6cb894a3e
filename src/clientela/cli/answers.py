"""Commands that make figures and tell them: run, status, ask, report."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from clientela.cli.output import progress, say, say_json, tell
from clientela.cli.shell import (
    AsOfOption,
    AsUserOption,
    JsonOption,
    LangOption,
    PurposeOption,
    WorkspaceOption,
    app,
    day,
    settings,
)
from clientela.errors import HANDLED, OK, UsageError


@app.command("run")
def run_(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Publish nothing when a file had to stay out.")] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Do everything but publish; say what would differ. Nothing is changed.")
    ] = False,
    json: JsonOption = False,
) -> int:
    """Read what the sources delivered and publish a new snapshot of the knowledge base."""
    from clientela.cli.shown.answers import run_document, run_lines
    from clientela.cli.shown.care import trial_document, trial_lines
    from clientela.workspace import open as open_workspace

    if dry_run:
        with progress() as shown:
            trial = open_workspace(workspace).dry_run(as_of=day(as_of), strict=strict, progress=shown)
        if json:
            say_json(trial_document(trial))
        else:
            for line in trial_lines(trial):
                say(line)
        return HANDLED if trial.done.warnings else OK
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
    quarantine: Annotated[
        bool, typer.Option("--quarantine", help="In place of it: the rows that broke a rule, and what became of them.")
    ] = False,
    source: Annotated[
        str | None,
        typer.Option("--source", metavar="NAME", help="With --quarantine: only the rows of this source."),
    ] = None,
    state: Annotated[
        str | None,
        typer.Option("--state", metavar="STATE", help="With --quarantine: only rows that are open, held or mended."),
    ] = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="With --quarantine: show so many rows.")] = 50,
    purpose: PurposeOption = "",
    json: JsonOption = False,
) -> int:
    """Say what is published: to which day, from which sources, with which quality."""
    from clientela.cli.shown.answers import status_document, status_lines
    from clientela.cli.shown.quality import quarantine_document, quarantine_lines
    from clientela.workspace import open as open_workspace

    opened = open_workspace(workspace, purpose=purpose)
    if quarantine:
        listed = opened.quarantine(source=source, status=state, limit=limit)
        if json:
            say_json(quarantine_document(listed))
        else:
            for line in quarantine_lines(listed):
                say(line)
        return OK
    if source is not None or state is not None:
        raise UsageError("--source and --state choose rows of the quarantine; add --quarantine.")
    found = opened.status()
    digests = opened.fingerprints() if fingerprints else None
    if json:
        say_json(status_document(found, digests))
    else:
        for line in status_lines(found, digests):
            say(line)
    return HANDLED if found.damage else OK


@app.command()
def ask(
    name: Annotated[str | None, typer.Argument(help="The analysis; left out, lists them.")] = None,
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    set_: Annotated[
        Optional[list[str]],  # noqa: UP045
        typer.Option("--set", metavar="KEY=VALUE", help="Set a parameter of the answer; may be repeated."),
    ] = None,
    chart: Annotated[
        Path | None,
        typer.Option("--chart", metavar="FILE", help="Write the picture to FILE, .svg or .png."),
    ] = None,
    user: AsUserOption = None,
    purpose: PurposeOption = "",
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Ask a question; without a name, list the questions there are."""
    from clientela.cli.shown.answers import analyses_lines
    from clientela.present.document import analyses_json
    from clientela.workspace import analyses, language
    from clientela.workspace import open as open_workspace

    language(lang)
    if name is None:
        if json:
            say_json(analyses_json(analyses(), lang))
        else:
            for line in analyses_lines(analyses(), lang):
                say(line)
        return OK
    opened = open_workspace(workspace, purpose=purpose)
    insight = opened.ask(name, as_of=day(as_of), parameters=settings(set_ or []), user=user)
    if chart is not None:
        insight.save_chart(chart, lang=lang)
        tell(f"Wrote {chart}.")
    if json:
        say_json(insight.to_dict(lang))
    else:
        say(insight.to_text(lang))
    return HANDLED if insight.said.damage else OK


@app.command()
def report(
    workspace: WorkspaceOption = None,
    lang: LangOption = "en",
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where to write it; default report.html in the workspace."),
    ] = None,
    as_of: AsOfOption = None,
    purpose: PurposeOption = "",
    json: JsonOption = False,
) -> int:
    """Write the report to the management: one HTML file that needs nothing else."""
    from clientela.workspace import open as open_workspace

    with progress() as shown:
        opened = open_workspace(workspace, purpose=purpose)
        written = opened.report(lang=lang, out=out, as_of=day(as_of), progress=shown)
    if json:
        say_json({"report": str(written), "lang": lang})
    else:
        say(str(written))
    return HANDLED if open_workspace(workspace).damage() else OK
