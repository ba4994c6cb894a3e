"""Commands that make a workspace: init, demo."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

from clientela.cli.output import say, say_json
from clientela.cli.shell import JsonOption, LangOption, app
from clientela.errors import OK


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
