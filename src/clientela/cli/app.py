"""The verbs of the command line. Imports are inside the verbs: ``--help`` must answer at once."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Optional

import typer

from clientela.cli.output import progress, say, say_json, tell
from clientela.errors import HANDLED, INTERNAL, INTERRUPTED, OK, ClientelaError, UsageError

app = typer.Typer(
    name="clientela",
    help="An analytical CRM: one knowledge base of your customers, and answers you can act on.",
    epilog="Exit codes: 0 ok, 1 finished with handled errors, 2 usage, 3 configuration or contract, 4 quality gate, "
    "5 another run is at work, 6 not permitted, 70 internal error, 130 interrupted.",
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    no_args_is_help=True,
    add_completion=True,
    context_settings={"help_option_names": ["-h", "--help"]},
)

WorkspaceOption = Annotated[
    Optional[Path],  # noqa: UP045 - typer reads the annotation at run time
    typer.Option("-w", "--workspace", help="The workspace folder; else CLIENTELA_WORKSPACE, else the current folder."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
AsOfOption = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option("--as-of", metavar="DATE", help="As known before this day, as YYYY-MM-DD."),
]
LangOption = Annotated[str, typer.Option("--lang", help="Language of the answer: en or es.")]


# typer carries its own click and does not name its base error; what typer does name derives from it
_ClickError: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def run(arguments: list[str]) -> int:
    """Run one command and give its exit code; every error a user can mend is one sentence on stderr."""
    command = typer.main.get_command(app)
    try:
        code = command.main(args=arguments, prog_name="clientela", standalone_mode=False)
        return code if isinstance(code, int) else OK
    except ClientelaError as error:
        tell(f"clientela: {error}")
        return error.exit_code
    except typer.Exit as stop:
        return stop.exit_code
    except BaseException as error:  # noqa: BLE001 - the last door: whatever happened ends in one sentence and a code
        return _ended(error)


def _ended(error: BaseException) -> int:
    import traceback

    if isinstance(error, KeyboardInterrupt | typer.Abort):
        tell("clientela: interrupted; what was published before stays.")
        return INTERRUPTED
    if isinstance(error, _ClickError):
        tell(f"clientela: {error.format_message()} See 'clientela --help'.")
        return int(error.exit_code)
    if isinstance(error, BrokenPipeError):
        sys.stderr.close()  # the reader of our output has gone; there is nobody left to tell
        return OK
    tell("".join(traceback.format_exception(error)).rstrip())
    tell(
        f"clientela: internal error ({type(error).__name__}); what was published before stays. "
        "Please report it with the lines above."
    )
    return INTERNAL


def _version(asked: bool) -> None:
    if asked:
        from clientela._version import __version__

        say(__version__)
        raise typer.Exit(OK)


@app.callback()
def _clientela(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """An analytical CRM: one knowledge base of your customers, and answers you can act on."""


@app.command()
def init(
    folder: Annotated[Optional[Path], typer.Argument(help="The new workspace; default the current folder.")] = None,  # noqa: UP045
    name: Annotated[str, typer.Option(help="The company's name.")] = "My company",
    currency: Annotated[str, typer.Option(help="The company's currency, as an ISO 4217 code.")] = "EUR",
    timezone: Annotated[str, typer.Option(help="The company's time zone, as an IANA name.")] = "UTC",
    json: JsonOption = False,
) -> int:
    """Make a new workspace: a folder with clientela.toml to fill in."""
    from clientela.workspace import create

    target = (folder or Path.cwd()).resolve()
    created = create(target, name=name, currency=currency, timezone=timezone)
    if json:
        say_json({"workspace": str(target), "created": [str(path) for path in created]})
    else:
        say(f"Made {target / 'clientela.toml'}.")
        say(f"Next: name your files of orders in it, then: clientela run -w {target}")
    return OK


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to make the demo workspace.")] = Path("clientela-demo"),
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Make a workspace from a grocer's published data, run it and write its report."""
    from clientela.cli.demo import make_demo

    return make_demo(folder, lang=lang, json=json)


@app.command("run")
def run_(
    workspace: WorkspaceOption = None,
    as_of: AsOfOption = None,
    strict: Annotated[bool, typer.Option("--strict", help="Publish nothing when a file had to stay out.")] = False,
    json: JsonOption = False,
) -> int:
    """Read what the sources delivered and publish a new knowledge facts."""
    from clientela.cli.show import run_document, run_lines
    from clientela.workspace import open as open_workspace

    with progress() as shown:
        done = open_workspace(workspace).run(as_of=_day(as_of), strict=strict, progress=shown)
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
    insight = open_workspace(workspace).ask(name, as_of=_day(as_of), parameters=_settings(set_ or []))
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
        written = open_workspace(workspace).report(lang=lang, out=out, as_of=_day(as_of), progress=shown)
    if json:
        say_json({"report": str(written), "lang": lang})
    else:
        say(str(written))
    return OK


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


def _day(said: str | None) -> date | None:
    """The date a person typed, or None; one sentence when it is none."""
    if said is None:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise UsageError(f"'{said}' is not a date; write it as YYYY-MM-DD, for example 2017-12-31.") from None


def _settings(said: list[str]) -> dict[str, str]:
    """``key=value`` pairs as typed."""
    pairs = {}
    for each in said:
        key, equals, value = each.partition("=")
        if not equals or not key:
            raise UsageError(f"'--set {each}' is not understood; write it as --set name=value.")
        pairs[key.strip()] = value.strip()
    return pairs
