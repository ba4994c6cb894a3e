"""A company made up as an example to look around in: with names, cases, consents, invoices, contracts and surveys.

Only the worker imports this: a server that was asked for no example never loads what makes one.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from clientela import config
from clientela.errors import ConfigurationError, machine_trouble
from clientela.pipeline.create import create_with
from clientela.pipeline.working.handlers import HANDLERS
from clientela.testing.company.company import Company
from clientela.testing.company.exports.settings import settings
from clientela.testing.company.world import World

CUSTOMERS, WEEKS = 300, 26
HORIZON_DAYS = 56  # a forecast needs three of them, and the company lives for half a year
_KEPT_RIGHT = {  # what is dated after the last week would be its end: all is delivered at once, and years later
    "empty_files": 0.0,
    "swapped_dates": 0.0,
    "future_dates": 0.0,
}
UNFINISHED = ".example-unfinished"  # in the folder as long as its files are written

Progress = Callable[[str], None]


def make(folder: Path, told: Mapping[str, Any], progress: Progress) -> dict[str, Any]:
    """Let a synthetic company live in the folder of a workspace that is none yet, and run it.

    Asked again after a crash it is ended: files that were half written are written anew, the same to the byte.

    Raises
    ------
    ConfigurationError
        The folder is another company's, or holds files of one.
    """
    world = World.messy(customers=CUSTOMERS, weeks=WEEKS, **_KEPT_RIGHT)
    with machine_trouble(folder):
        _live(folder, world, progress)
    done: dict[str, Any] = HANDLERS["run"](folder, told, progress)
    return done


def _live(folder: Path, world: World, progress: Progress) -> None:
    said = settings(world).replace("[run]\n", f"[run]\nhorizon_days = {HORIZON_DAYS}\n")
    place, sign, exports = folder / config.FILE, folder / UNFINISHED, folder / "exports"
    if place.exists():
        if place.read_text(encoding="utf-8") != said:
            raise ConfigurationError("this folder is a company's already; try the example in an empty one.")
        sign.unlink(missing_ok=True)
        return
    if exports.exists() and any(exports.iterdir()) and not sign.exists():
        raise ConfigurationError("the folder 'exports' holds files already; try the example in an empty one.")
    progress("Making up the company")
    sign.touch()  # from here on the exports are ours, and may go
    shutil.rmtree(exports, ignore_errors=True)
    with tempfile.TemporaryDirectory() as truth:  # what is true of it interests tests alone
        company = Company(world, exports=exports, truth=Path(truth))
        company.deliver(world.ends)
    create_with(folder, said)
    sign.unlink()
