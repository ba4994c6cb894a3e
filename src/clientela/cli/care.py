"""Commands that look after a workspace: doctor."""

from __future__ import annotations

from clientela.cli.output import say, say_json
from clientela.cli.shell import JsonOption, WorkspaceOption, app
from clientela.errors import HANDLED, OK


@app.command()
def doctor(workspace: WorkspaceOption = None, json: JsonOption = False) -> int:
    """Check this installation and the workspace; each finding says how to mend it."""
    from clientela.cli.show import doctor_lines
    from clientela.workspace import examine

    findings = examine(workspace)
    if json:
        say_json({"findings": [{"check": f.check, "state": f.state, "says": f.says, "fix": f.fix} for f in findings]})
    else:
        for line in doctor_lines(findings):
            say(line)
    return HANDLED if any(finding.state == "fail" for finding in findings) else OK
