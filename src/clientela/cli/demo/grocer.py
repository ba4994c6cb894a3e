"""A grocer's published data through the ordinary way: it only copies files and writes the toml."""

from __future__ import annotations

from pathlib import Path

from clientela.cli.output import progress, say, say_json, tell
from clientela.errors import OK


def run_grocer(folder: Path, *, lang: str, json: bool) -> int:
    """Make the demo workspace in ``folder``, run it, write its report, say the next step."""
    from clientela.cli.shown.answers import run_document, run_lines
    from clientela.pipeline.intake import example
    from clientela.workspace import create
    from clientela.workspace import open as open_workspace

    example.data()
    folder = folder.resolve()
    if (folder / "clientela.toml").exists():
        tell(f"{folder} is there already; it is run again.")
    else:
        create(folder, name=example.NAME, currency=example.CURRENCY, timezone=example.ZONE)
        (folder / "clientela.toml").write_text(example.SETTINGS, encoding="utf-8")
    example.copy_files(folder)
    workspace = open_workspace(folder)
    with progress() as shown:
        done = workspace.run(progress=shown)
        written = workspace.report(lang=lang, progress=shown)
    if json:
        say_json({"workspace": str(folder), "report": str(written), "run": run_document(done)})
        return OK
    for line in run_lines(done):
        say(line)
    say(f"Report: {written}")
    say("")
    say("Next: open the report in a browser, or ask a question yourself:")
    say(f"  clientela ask churn-risk -w {short(folder)}")
    say(f"  clientela ask -w {short(folder)}          # lists the questions")
    say(f"  clientela serve -w {short(folder)}        # all of it in the browser")
    say("With your own orders: clientela init my-company")
    return OK


def short(folder: Path) -> str:
    """A folder as one types it from here."""
    try:
        return str(folder.relative_to(Path.cwd()))
    except ValueError:
        return str(folder)
