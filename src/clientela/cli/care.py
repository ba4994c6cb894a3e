"""Commands that look after a workspace: doctor, plan, rollback, backup, restore, schedule."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clientela.cli.output import say, say_json, say_line, say_now, tell
from clientela.cli.shell import AsOfOption, JsonOption, PurposeOption, WorkspaceOption, app, day
from clientela.errors import HANDLED, OK


@app.command()
def doctor(workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """Check this installation and the workspace; each finding says how to mend it."""
    from clientela.cli.shown.answers import doctor_lines
    from clientela.workspace import examine

    findings = examine(workspace)
    if json:
        say_json({"findings": [{"check": f.check, "state": f.state, "says": f.says, "fix": f.fix} for f in findings]})
    else:
        for line in doctor_lines(findings):
            say(line)
    return HANDLED if any(finding.state == "fail" for finding in findings) else OK


@app.command()
def plan(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    connect: Annotated[bool, typer.Option("--connect", help="Ask databases too what they have that is new.")] = False,
    json: JsonOption = False,
) -> int:
    """Say what a run would do: which files are new, what is computed, how much room it needs. Nothing is written."""
    from clientela.cli.shown.care import plan_document, plan_lines
    from clientela.workspace import open as open_workspace

    found = open_workspace(workspace).plan(as_of=day(as_of), connect=connect)
    if json:
        say_json(plan_document(found))
    else:
        for line in plan_lines(found):
            say(line)
    return HANDLED if found.warnings else OK


@app.command()
def rollback(
    workspace: WorkspaceOption = None,
    to: Annotated[
        str | None,
        typer.Option("--to", metavar="SNAPSHOT", help="Its name or number; default the one before."),
    ] = None,
    list_: Annotated[bool, typer.Option("--list", help="List the snapshots there are, and change nothing.")] = False,
    json: JsonOption = False,
) -> int:
    """Let an earlier snapshot serve again; the next run publishes a new one."""
    from dataclasses import asdict

    from clientela.cli.shown.care import kept_lines, went_back_lines
    from clientela.workspace import open as open_workspace

    opened = open_workspace(workspace)
    if list_:
        kept = opened.snapshots()
        if json:
            say_json({"snapshots": [asdict(each) for each in kept]})
        else:
            for line in kept_lines(kept):
                say(line)
        return OK
    done = opened.rollback(to)
    if json:
        say_json(asdict(done))
    else:
        for line in went_back_lines(done):
            say(line)
    return OK


@app.command()
def backup(
    file: Annotated[
        Path | None,
        typer.Argument(help="The file to write; left out, one named by the moment in the folder of [backup]."),
    ] = None,
    purpose: PurposeOption = "",
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Write everything the workspace needs to be restored to one file, also while a run is at work."""
    from clientela.cli.shown.care import backup_document, backup_lines
    from clientela.workspace import open as open_workspace

    done = open_workspace(workspace, purpose=purpose).backup(file)
    if json:
        say_json(backup_document(done))
    else:
        for line in backup_lines(done):
            say(line)
    return HANDLED if done.notes else OK


@app.command()
def restore(
    file: Annotated[Path, typer.Argument(help="A backup.")],
    folder: Annotated[Path, typer.Argument(help="The new workspace: a folder that is empty or not there yet.")],
    suppressed: Annotated[
        Path | None,
        typer.Option("--suppressed", metavar="FILE", help="A newer list of erased persons, who must not come back."),
    ] = None,
    json: JsonOption = False,
) -> int:
    """Make a workspace from a backup, whole or not at all."""
    from clientela.cli.shown.care import restored_document, restored_lines
    from clientela.workspace import restore_backup

    done = restore_backup(file, folder, suppressed=suppressed)
    if json:
        say_json(restored_document(done))
    else:
        for line in restored_lines(done):
            say(line)
    return HANDLED if done.notes else OK


@app.command()
def schedule(
    workspace: WorkspaceOption = None,
    once: Annotated[bool, typer.Option("--once", help="Do what is due now, and end.")] = False,
    json: JsonOption = False,
) -> int:
    """Run and back up when [schedule] says so, until stopped; one line for everything that happens."""
    from clientela.cli import collect_as_usual
    from clientela.cli.shown.care import event_document, event_line
    from clientela.cli.waiting import stopped_by_signals
    from clientela.workspace import open as open_workspace

    opened = open_workspace(workspace)
    collect_as_usual()
    with stopped_by_signals(tell) as wait:
        well = opened.schedule(
            say=lambda event: say_line(event_document(event)) if json else say_now(event_line(event)),
            sleep=wait,
            once=once,
        )
    return OK if well or not once else HANDLED
