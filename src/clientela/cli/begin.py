"""Commands that make a workspace: init, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from clientela.cli.output import progress, say, say_json
from clientela.cli.shell import JsonOption, LangOption, app
from clientela.errors import OK, UsageError


@app.command()
def init(
    folder: Annotated[Path | None, typer.Argument(help="The new workspace; default the current folder.")] = None,
    exports: Annotated[
        Path | None,
        typer.Option("--from", metavar="FOLDER", help="Look at this folder of exports and propose the settings."),
    ] = None,
    name: Annotated[str | None, typer.Option(help="The company's name.")] = None,
    currency: Annotated[str | None, typer.Option(help="The company's currency, as an ISO 4217 code.")] = None,
    timezone: Annotated[str | None, typer.Option(help="The company's time zone, as an IANA name.")] = None,
    no_input: Annotated[bool, typer.Option("--no-input", help="Never ask, not even on a terminal.")] = False,
    json: JsonOption = False,
) -> int:
    """Make a new workspace: a folder with clientela.toml to fill in, or proposed from a folder of exports."""
    target = (folder or Path.cwd()).resolve()
    if exports is not None:
        return _init_from(target, exports, name, currency, timezone, json=json, ask=not (no_input or json))
    from clientela.workspace import create

    created = create(
        target,
        name="My company" if name is None else name,
        currency="EUR" if currency is None else currency,
        timezone="UTC" if timezone is None else timezone,
    )
    if json:
        say_json({"workspace": str(target), "created": [str(path) for path in created]})
    else:
        say(f"Made {target / 'clientela.toml'}.")
        say(f"Next: name your files of orders in it, then: clientela run -w {target}")
    return OK


def _init_from(
    target: Path,
    exports: Path,
    name: str | None,
    currency: str | None,
    timezone: str | None,
    *,
    json: bool,
    ask: bool,
) -> int:
    """Propose a workspace from a folder of exports and say what is not sure."""
    import sys

    from clientela.cli.shown.proposal import lines, question
    from clientela.workspace import create_from

    asked = question if ask and sys.stdin.isatty() else None
    with progress() as shown:
        made, created = create_from(
            target, exports, name=name, currency=currency, timezone=timezone, ask=asked, progress=shown
        )
    if json:
        document = {"workspace": str(target), "created": [str(path) for path in created], **made.document()}
        say_json(document)
    else:
        for line in lines(made, target):
            say(line)
    return OK


@app.command()
def demo(
    folder: Annotated[Path, typer.Argument(help="Where to make the demo workspace.")] = Path("clientela-demo"),
    data: Annotated[
        str, typer.Option(metavar="grocer|company", help="A grocer's published data, or a synthetic company.")
    ] = "grocer",
    customers: Annotated[
        int | None,
        typer.Option(metavar="N", help="Customers of the synthetic company; default 500."),
    ] = None,
    weeks: Annotated[
        int | None,
        typer.Option(metavar="W", help="Weeks that the synthetic company lives; default 20."),
    ] = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Make a workspace from a grocer's published data, or of a synthetic company; run it and write its report."""
    from clientela.workspace import language

    language(lang)
    if data == "company":
        from clientela.cli.demo.company import Size, live_company

        return live_company(folder, Size.of(customers, weeks), lang=lang, json=json)
    if data != "grocer":
        raise UsageError(f"there is no demo data '{data}'; known: 'grocer', 'company'.")
    if customers is not None or weeks is not None:
        raise UsageError("--customers and --weeks are for the synthetic company; say --data company with them.")
    from clientela.cli.demo.grocer import run_grocer

    return run_grocer(folder, lang=lang, json=json)
