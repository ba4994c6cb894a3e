"""The shell of every command: its options, its errors, its exit codes. The commands lie in the files beside it."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Annotated, Any

import typer

from clientela.cli.output import say, tell
from clientela.errors import INTERNAL, INTERRUPTED, OK, ClientelaError, MachineError, UsageError

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
    Path | None,
    typer.Option("-w", "--workspace", help="The workspace folder; else CLIENTELA_WORKSPACE, else the current folder."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Answer as one JSON document.")]
AsOfOption = Annotated[
    str | None,
    typer.Option("--as-of", metavar="DATE", help="As known before this day, as YYYY-MM-DD."),
]
AsUserOption = Annotated[
    str | None,
    typer.Option("--as", metavar="USER", help="As this user, or a role as such, sees it: a preview, no protection."),
]
PurposeOption = Annotated[
    str, typer.Option("--purpose", metavar="CODE", help="What for, such as annual-review; kept in the audit log.")
]
LangOption = Annotated[str, typer.Option("--lang", help="Language of the answer: en or es.")]


# typer carries its own click and does not name its base error; what typer does name derives from it
_ClickError: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")


def run(arguments: list[str]) -> int:
    """Run one command and give its exit code; every error a user can mend is one sentence on stderr."""
    try:
        code = _commands().main(args=arguments, prog_name="clientela", standalone_mode=False)
        sys.stdout.flush()
        if code == INTERRUPTED:  # so typer hands on what Ctrl+C raised
            raise KeyboardInterrupt
        return code if isinstance(code, int) else OK
    except ClientelaError as error:
        tell(f"clientela: {error}")
        return error.exit_code
    except typer.Exit as stop:
        return stop.exit_code
    except BaseException as error:  # noqa: BLE001 - the last door: whatever happened ends in one sentence and a code
        return _ended(error)


@cache
def _commands() -> Any:
    """All commands as one, put together once: for whoever runs several in a process, that takes the most of each."""
    return typer.main.get_command(app)


def _ended(error: BaseException) -> int:
    if isinstance(error, KeyboardInterrupt | typer.Abort):
        tell("clientela: interrupted; what was published before stays.")
        return INTERRUPTED
    if isinstance(error, _ClickError):
        said = str(error.format_message()).rstrip()
        tell(f"clientela: {said if said.endswith(('.', '!', '?')) else said + '.'} See 'clientela --help'.")
        return int(error.exit_code)
    if isinstance(error, OSError):
        _let_go_of_stdout()
    if isinstance(error, SystemExit) and isinstance(error.__context__, BrokenPipeError):  # so typer tells of it
        _let_go_of_stdout()
        return OK
    if isinstance(error, BrokenPipeError):
        return OK  # the reader of our output has gone; there is nobody left to tell
    trouble = _of_the_machine(error)
    if trouble is not None:
        tell(f"clientela: {trouble}")
        return trouble.exit_code
    import traceback

    tell("".join(traceback.format_exception(error)).rstrip())
    tell(
        f"clientela: internal error ({type(error).__name__}); what was published before stays. "
        "Please report it with the lines above."
    )
    return INTERNAL


def _of_the_machine(error: BaseException) -> MachineError | None:
    """What the system refused: it may do so at any line, also while a library is being loaded."""
    if isinstance(error, OSError | MemoryError):
        return MachineError.of(error)
    if isinstance(error, ImportError | RuntimeError | SystemError):
        said = str(error)
        if "failed to map segment" in said or "can't start new thread" in said:
            return MachineError.of(MemoryError())
        if isinstance(error, SystemError) and "without" in said and _address_space_is_limited():
            return MachineError.of(
                MemoryError()
            )  # native code failed and could not say why: nothing was left to say it in
        return MachineError.in_words(said)
    return None


def _address_space_is_limited() -> bool:
    """Whether memory can be refused to this process, and not only taken from it by ending it."""
    try:
        import resource
    except ImportError:  # a system without such limits
        return False
    return resource.getrlimit(resource.RLIMIT_AS)[0] != resource.RLIM_INFINITY


def _let_go_of_stdout() -> None:
    """Where stdout takes no more, because its reader has gone or its disk is full, Python shall not try at its end."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


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


def day(said: str | None) -> date | None:
    """The date a person typed, or None; one sentence when it is none."""
    if said is None:
        return None
    try:
        return date.fromisoformat(said)
    except ValueError:
        raise UsageError(f"'{said}' is not a date; write it as YYYY-MM-DD, for example 2017-12-31.") from None


def settings(said: list[str]) -> dict[str, str]:
    """``key=value`` pairs as typed."""
    pairs = {}
    for each in said:
        key, equals, value = each.partition("=")
        if not equals or not key:
            raise UsageError(f"'--set {each}' is not understood; write it as --set name=value.")
        pairs[key.strip()] = value.strip()
    return pairs


def moment(said: str | None) -> datetime | None:
    """The moment a person typed, or None; one sentence when it is none."""
    if said is None:
        return None
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        raise UsageError(
            f"'{said}' is no moment; write --known-at 2024-05-01T08:00, in UTC, or with an offset such as +02:00."
        ) from None


def write_csv(path: Path, text: str) -> None:
    """The file, whole or not at all; the mark tells a spreadsheet that it is UTF-8."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8-sig", newline="")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}. Name another file.") from None
