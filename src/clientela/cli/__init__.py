"""The command line: parse, call, show. No rules and no queries live here."""

from __future__ import annotations

import sys
from typing import NoReturn


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its documented code (docs/reference/exit-codes.md)."""
    from clientela.cli.app import run

    sys.exit(run(sys.argv[1:] if arguments is None else arguments))
