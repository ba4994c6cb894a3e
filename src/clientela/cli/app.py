"""All commands together, in the order the help shows them."""

from __future__ import annotations

from clientela.cli import begin  # isort: split

from clientela.cli import answers  # isort: split

from clientela.cli import identity  # isort: split

from clientela.cli import persons  # isort: split

from clientela.cli import care
from clientela.cli.shell import app, run

__all__ = ["answers", "app", "begin", "care", "identity", "persons", "run"]
