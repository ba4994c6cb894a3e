"""A synthetic company lived through as its users would: its files come week by week, and the truth is laid beside."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Self

from clientela.cli.output import Progress, progress, say, say_json, tell
from clientela.errors import OK, UsageError, machine_trouble

if TYPE_CHECKING:
    from clientela.testing.company.world import World
    from clientela.workspace import Workspace

CUSTOMERS, WEEKS = 500, 20
MOST_CUSTOMERS, MOST_WEEKS, FEWEST = 100_000, 156, 10
SINGLE = 2  # so many of the last weeks are run one by one
USUAL_HORIZON = 92  # days
UNFINISHED = ".demo-unfinished"  # in the folder as long as the demo is at work


@dataclass(frozen=True, slots=True)
class Size:
    """How many customers the company has, and how long it lives."""

    customers: int
    weeks: int

    @classmethod
    def of(cls, customers: int | None, weeks: int | None) -> Self:
        """The size that was asked for, else the default.

        Raises
        ------
        UsageError
            There is no such company.

        Examples
        --------
        >>> Size.of(None, 6)
        Size(customers=500, weeks=6)
        """
        size = cls(CUSTOMERS if customers is None else customers, WEEKS if weeks is None else weeks)
        for option, said, least, most in (
            ("--customers", size.customers, FEWEST, MOST_CUSTOMERS),
            ("--weeks", size.weeks, 1, MOST_WEEKS),
        ):
            if not least <= said <= most:
                raise UsageError(f"{option} is {said}; it is a whole number from {least} to {most:,}.")
        return size

    @property
    def runs(self) -> tuple[int, ...]:
        """After how many weeks the product is run: after most of them at once, then after each.

        Examples
        --------
        >>> Size(500, 20).runs, Size(60, 2).runs
        ((18, 19, 20), (1, 2))
        """
        return tuple(range(max(1, self.weeks - SINGLE), self.weeks + 1))


def live_company(folder: Path, size: Size, *, lang: str, json: bool) -> int:
    """Let a synthetic company live in ``folder``, run the product, and say what it found beside what is true."""
    from clientela.cli.demo.told import Told, document, lines
    from clientela.testing.company.world import World

    world = World.messy(customers=size.customers, weeks=size.weeks, empty_files=0.0)
    folder = folder.resolve()
    truth = folder.with_name(folder.name + "-truth")
    with progress() as shown, machine_trouble(folder):
        step = _calmly(shown)
        workspace, report = _lived(folder, truth, world, size.runs, lang, step)
        step("Laying the truth beside what was found")
        told = Told.of(workspace, truth, world, size.runs, report)
        (folder / UNFINISHED).unlink()
    if json:
        say_json(document(told))
        return OK
    for line in lines(told):
        say(line)
    return OK


def _lived(
    folder: Path, truth: Path, world: World, runs: Sequence[int], lang: str, step: Callable[[str], None]
) -> tuple[Workspace, Path]:
    """The workspace and its report, after the company has lived and the product was run after these weeks."""
    from clientela.testing.company.company import Company
    from clientela.workspace import create
    from clientela.workspace import open as open_workspace

    _refuse_others(folder, truth)
    company = Company(world, exports=folder / "exports", truth=truth)
    _begin(folder, truth)
    create(folder, name="Synthetic company", currency=world.currency, timezone=world.timezone)
    (folder / "clientela.toml").write_text(_settings(world), encoding="utf-8")
    workspace = open_workspace(folder)
    for weeks in runs:
        until = world.begins + timedelta(weeks=weeks)
        step(f"The company lives until {until}")
        company.deliver(until)
        step(f"A run on {until}")
        workspace.run(now=datetime.combine(until, time(6), UTC), progress=step)
    step("Writing the report")
    return workspace, workspace.report(lang=lang, progress=step)


def _settings(world: World) -> str:
    """What reads the company's files; a short life gets a short horizon, as a forecast needs three of them."""
    from clientela.testing.company.exports.settings import settings

    days = min(USUAL_HORIZON, max(1, (7 * world.weeks - 1) // 3))
    return settings(world).replace("[run]\n", f"[run]\nhorizon_days = {days}\n")


def _refuse_others(folder: Path, truth: Path) -> None:
    """Refuse folders in which something lies that is not an unfinished demo's.

    Raises
    ------
    UsageError
        One of them is not empty, or no folder.
    """
    if (folder / UNFINISHED).is_file():
        return
    for each in (folder, truth):
        if each.is_symlink() or (each.exists() and not each.is_dir()):
            raise UsageError(f"{each} is no folder; the demo needs a new or an empty one.")
        if each.is_dir() and any(each.iterdir()):
            raise UsageError(f"{each} is not empty; the demo needs a new or an empty folder. Choose another one.")


def _begin(folder: Path, truth: Path) -> None:
    """Make the folder, empty but for the sign that the demo is at work; what an interrupted one left goes."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    sign = folder / UNFINISHED
    if sign.exists():
        tell(f"{folder} holds a demo that was interrupted; it begins anew.")
        shutil.rmtree(truth, ignore_errors=True)
    sign.touch()  # first: whatever is made from here on may go when it is interrupted
    for each in folder.iterdir():
        if each != sign:
            shutil.rmtree(each) if each.is_dir() and not each.is_symlink() else each.unlink()


def _calmly(shown: Progress) -> Callable[[str], None]:
    """Progress without a line for each of hundreds of files, where lines stay."""
    files = ("Looking at ", "Landing ", "Reading ")
    return lambda step: None if step.startswith(files) and not sys.stderr.isatty() else shown(step)
