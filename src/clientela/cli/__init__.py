"""The command line: parse, call, show. No rules and no queries live here."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its documented code (docs/reference/exit-codes.md)."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to end is ended like Ctrl+C: tidily, with 130
    from clientela.cli.app import run

    sys.exit(run(sys.argv[1:] if arguments is None else arguments))
