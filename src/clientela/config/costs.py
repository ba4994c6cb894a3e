"""``[[cost_pool]]``: a cost of the company, and by what it is shared out over customers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Literal, Self, get_args

from pydantic import AfterValidator, Field, model_validator

from clientela.config.sections import Name, Section

CostLine = Literal["payment", "delivery", "service", "contact", "acquisition", "other"]
# fmt: off
Driver = Literal[
    "orders", "lines", "pieces", "revenue", "returns", "contacts", "visits", "calls", "cases", "minutes", "messages",
    "new_customers", "none",
]
# fmt: on
LINES: tuple[str, ...] = get_args(CostLine)
DRIVERS: tuple[str, ...] = get_args(Driver)
WITHOUT_CHANNEL = frozenset({"messages", "new_customers", "none"})
MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "year": 12}
_OWN = ("campaign ", "list ")  # how the pools begin that campaigns and lists have by themselves
_PERIOD = re.compile(r"(\d{4})(?:-(0[1-9]|1[0-2]))?")


def _month(said: str) -> str:
    found = _PERIOD.fullmatch(said)
    if found is None or found[2] is None or not 1900 <= int(found[1]) <= 2200:
        raise ValueError(f"'{said}' is no month; write year and month, for example \"2025-01\"")
    return said


def _figures(said: Mapping[str, Decimal]) -> Mapping[str, Decimal]:
    for period in said:
        found = _PERIOD.fullmatch(period)
        if found is None or not 1900 <= int(found[1]) <= 2200:
            raise ValueError(f'\'{period}\' is no period of a figure; write a year, "2025", or a month, "2025-03"')
    return said


class CostPool(Section):
    """A pool of costs. Its amounts are ``figures``, by year or month, or those delivered in the table ``cost_pool``.

    ``line``: where it stands in the account of a customer. ``driver``: what it is shared out by; ``none`` leaves it
    unallocated. ``channel``: only what happened there drives it. ``period``: how long a delivered amount lasts.
    ``since``: the first month of this rule, where a pool has several. ``contains_budgets``: its amounts contain what
    campaigns, their contacts and bought lists cost, where this is delivered: it is taken out, as it counts by itself.
    """

    name: Name
    line: CostLine = "other"
    driver: Driver
    channel: str | None = None
    period: Literal["month", "quarter", "year"] | None = None
    since: Annotated[str, AfterValidator(_month)] | None = None
    contains_budgets: bool = False
    figures: Annotated[
        dict[str, Annotated[Decimal, Field(max_digits=14, decimal_places=4)]], AfterValidator(_figures)
    ] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _channel_has_sense(self) -> Self:
        if self.channel is not None and self.driver in WITHOUT_CHANNEL:
            raise ValueError(f"'{self.driver}' happen on no channel; leave channel out, or share out by something else")
        return self


def cost_problems(pools: Sequence[CostPool]) -> Iterator[str]:
    """What sections contradict each other in, a sentence each."""
    containing = sorted({pool.name for pool in pools if pool.contains_budgets})
    if len(containing) > 1:
        yield (
            f"two [[cost_pool]] say contains_budgets = true: '{containing[0]}' and '{containing[1]}'; what campaigns "
            "and lists cost can be taken out of one pool only: leave the key out of the other"
        )
    rules: set[tuple[str, str | None]] = set()
    months: set[tuple[str, str]] = set()
    for pool in pools:
        if pool.name.startswith(_OWN):
            yield (
                f"[[cost_pool]] '{pool.name}' is called like a campaign's or a list's own pool, which begin with "
                "'campaign ' and 'list '; give it another name, such as "
                f"'{pool.name[0].upper()}{pool.name[1:]}'"
            )
        if (pool.name, pool.since) in rules:
            yield (
                f"two [[cost_pool]] are '{pool.name}'{f' since {pool.since}' if pool.since else ''}; "
                "say in one of them from which month on it holds: since"
            )
        rules.add((pool.name, pool.since))
        for period in pool.figures:
            covered = {period} if "-" in period else {f"{period}-{month:02}" for month in range(1, 13)}
            twice = sorted(month for month in covered if (pool.name, month) in months)
            if twice:
                yield f"[[cost_pool]] '{pool.name}' has two figures for {twice[0]}; leave one out"
            months |= {(pool.name, month) for month in covered}
