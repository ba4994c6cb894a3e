"""All commands together, in the order the help shows them."""

from __future__ import annotations

from clientela.cli import begin  # isort: split

from clientela.cli import answers  # isort: split

from clientela.cli import figures  # isort: split

from clientela.cli import rows  # isort: split

from clientela.cli import segment  # isort: split

from clientela.cli import identity  # isort: split

from clientela.cli import persons  # isort: split

from clientela.cli.staff import user  # isort: split

from clientela.cli.staff import unit  # isort: split

from clientela.cli.staff import grant  # isort: split

from clientela.cli.staff import audit  # isort: split

from clientela.cli.staff import replicate  # isort: split

from clientela.cli.doors import serve  # isort: split

from clientela.cli.doors import mcp  # isort: split

from clientela.cli import care
from clientela.cli.shell import app, run

__all__ = [
    "answers",
    "app",
    "audit",
    "begin",
    "care",
    "figures",
    "grant",
    "identity",
    "mcp",
    "persons",
    "replicate",
    "rows",
    "run",
    "segment",
    "serve",
    "unit",
    "user",
]
