"""The command line: parse, call, show. No rules and no queries live here."""

from __future__ import annotations

import gc
import signal
import sys
from typing import NoReturn

# A command loads two thousand modules, does one thing and ends. How often Python looks for what can be given back is
# right for a program that lives: the looks at what was only just loaded took a tenth of a command's time.
SELDOM = (50_000, 20, 50)
_usual = gc.get_threshold()


def main(arguments: list[str] | None = None) -> NoReturn:
    """Run the command line and exit with its documented code (docs/reference/exit-codes.md)."""
    gc.set_threshold(*SELDOM)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # asked to end is ended like Ctrl+C: tidily, with 130
    from clientela.cli.app import run

    try:
        sys.exit(run(sys.argv[1:] if arguments is None else arguments))
    finally:
        collect_as_usual()


def collect_as_usual() -> None:
    """Let Python look for what can be given back as often as it does by itself: for a command that lives long."""
    gc.set_threshold(*_usual)
