"""What the demo of the company says at its end: lines for a person, a document for a program."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from clientela.cli.demo import compared
from clientela.cli.demo.compared import Customers, Quarantined, Revenue, Volume
from clientela.cli.demo.grocer import short
from clientela.testing.company.world import World
from clientela.workspace import Workspace


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """All that is said; ``runs``: after how many weeks the product was run."""

    workspace: Path
    truth: Path
    report: Path
    world: World
    runs: tuple[int, ...]
    volumes: tuple[Volume, ...]
    customers: Customers
    revenue: tuple[Revenue, ...]
    quarantine: Quarantined

    @classmethod
    def of(cls, workspace: Workspace, truth: Path, world: World, runs: Sequence[int], report: Path) -> Self:
        """What was found, beside what is true."""
        return cls(
            workspace=workspace.folder,
            truth=truth,
            report=report,
            world=world,
            runs=tuple(runs),
            volumes=compared.volumes(truth, world.customers),
            customers=compared.customers(workspace, truth, world.weeks),
            revenue=compared.revenue(workspace, truth, world.begins, runs),
            quarantine=compared.quarantined(workspace, truth, world.weeks),
        )


def document(told: Told) -> dict[str, Any]:
    """All of it as plain data; decimals are strings."""
    return {
        "workspace": str(told.workspace),
        "truth": str(told.truth),
        "report": str(told.report),
        "world": asdict(told.world),
        "runs": told.runs,
        "volumes": [asdict(each) for each in told.volumes],
        "customers": asdict(told.customers),
        "revenue": [
            {**asdict(each), "readable": each.truth.best, "unexplained": each.unexplained} for each in told.revenue
        ],
        "quarantine": asdict(told.quarantine),
    }


def lines(told: Told) -> Iterator[str]:
    """All of it for a person."""
    world = told.world
    yield f"A company of {world.customers:,} customers, from {world.begins} to {world.ends} (weeks: {world.weeks}):"
    for each in told.volumes:
        yield f"  {each.number:>9,} {each.what:<8}  {each.each:6.1f} a customer"
    yield ""
    yield f"Found, beside what is true (runs: {len(told.runs)}, the last on {told.revenue[-1].on}):"
    yield from _who(told.customers)
    yield from _money(told.revenue[-1], world.currency)
    yield from _kept_out(told.quarantine)
    yield ""
    yield from _then(told.revenue, world.currency)
    place = short(told.workspace)
    yield f"Report: {told.report}"
    yield f"Truth:  {told.truth} (the product never sees it)"
    yield ""
    yield "Next: open the report in a browser, or ask a question yourself:"
    yield f"  clientela ask churn-risk -w {place}"
    yield f"  clientela identity review -w {place}"
    yield f"  clientela status --quarantine -w {place}"
    yield f"  clientela serve -w {place}"
    yield f"  clientela ask sales-trend --as-of {told.revenue[0].on} -w {place}   # as it was known then"


def _who(found: Customers) -> Iterator[str]:
    yield (
        f"  Customers: {found.found:,} found in {found.records:,} records; they are of {found.true:,} persons and "
        "companies."
    )
    if found.precision is not None and found.recall is not None:
        right, joined = f"{found.precision:.1%}", f"{found.recall:.1%}"
        yield f"    Of the pairs of records joined {right} are right; of the true pairs {joined} are joined."


def _money(last: Revenue, currency: str) -> Iterator[str]:
    truth = last.truth
    yield f"  Revenue: {last.found:,.2f} {currency} found, {truth.true:,.2f} true."
    steps = (
        (truth.late, "not arrived yet, or not yet put right"),
        (truth.unusable, "in rows that cannot be used"),
        (truth.slipped, "written wrongly in a way that can be read"),
        (last.unexplained, "not accounted for"),
    )
    for amount, why in steps:
        yield f"    {amount:>+14,.2f} {why}"


def _kept_out(rows: Quarantined) -> Iterator[str]:
    yield (
        f"  Quarantine: {rows.found:,} of the {rows.planted:,} rows that cannot be used, and {rows.elsewhere:,} others."
    )


def _then(told: Sequence[Revenue], currency: str) -> Iterator[str]:
    """What was known after each run, and what is known now of the same time."""
    if len(told) < 2:
        return
    yield f"Revenue before each run ({currency}), as it was known then, as it is known now, and what is true:"
    for each in told:
        yield f"  {each.on}  {each.found:>14,.2f}  {each.found_now:>14,.2f}  {each.truth.true:>14,.2f}"
    yield ""
