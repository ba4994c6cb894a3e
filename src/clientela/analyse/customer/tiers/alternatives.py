"""What could be done with an extra action, beside doing nothing: whom it would go to, its cost, what it may leave."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from clientela.contracts.analysis import KnowledgeBase
from clientela.contracts.insight import Chart, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, text

_FIGURES = ("customers_in_tiers", "customers_sure_of_tier", "margin_at_stake", "margin_from_actions")


@dataclass(frozen=True, slots=True, kw_only=True)
class Tier:
    """The customers of one tier: how many, of how many it is sure; money at stake, and what an action may earn."""

    customers: int = 0
    sure: int = 0
    at_stake: float = 0.0
    gain: float = 0.0

    def with_(self, other: Tier) -> Tier:
        """Both together."""
        return Tier(
            customers=self.customers + other.customers,
            sure=self.sure + other.sure,
            at_stake=self.at_stake + other.at_stake,
            gain=self.gain + other.gain,
        )


def tiers(kb: KnowledgeBase) -> Mapping[str, Tier]:
    """The tiers that have customers of whoever asks, by name."""
    found = {}
    for name, *figures in kb.query(_FIGURES, by=("investment_tier",)).rows:
        customers, sure, at_stake, gain = (0.0 if each is None else float(str(each)) for each in figures)
        if name is not None and customers:
            found[str(name)] = Tier(customers=round(customers), sure=round(sure), at_stake=at_stake, gain=gain)
    return found


def whole(found: Mapping[str, Tier]) -> Tier:
    """All tiers together."""
    all_of_them = Tier()
    for each in found.values():
        all_of_them = all_of_them.with_(each)
    return all_of_them


@dataclass(frozen=True, slots=True, kw_only=True)
class Alternative:
    """One way to spend: ``stray`` is how far what customers bring may fall short of and exceed what is expected."""

    name: Text
    customers: int
    cost: float
    gain: float
    stray: tuple[float, float] | None

    @property
    def left(self) -> float:
        """What it earns beyond its cost."""
        return self.gain - self.cost

    @property
    def between(self) -> tuple[float | None, float | None]:
        """The range of that; unknown for a part of the company."""
        if self.stray is None:
            return None, None
        return self.gain * self.stray[0] - self.cost, self.gain * self.stray[1] - self.cost


def alternatives(
    found: Mapping[str, Tier], cost: float, stray: tuple[float, float] | None
) -> tuple[Alternative, Alternative, Alternative]:
    """An extra action for those in whom it pays to invest, for everybody, for nobody."""
    chosen, everybody = found.get("tier:invest", Tier()), whole(found)
    told = ((text("As the tiers say"), chosen), (text("Everybody"), everybody), (text("Nobody"), Tier()))
    first, second, third = (
        Alternative(name=name, customers=who.customers, cost=cost * who.customers, gain=who.gain, stray=stray)
        for name, who in told
    )
    return first, second, third


def chart(told: Sequence[Alternative], currency: str) -> Chart:
    """What each of them may leave."""
    best = max(told, key=lambda each: each.left)
    columns = [
        TableColumn(name="whom", type=Type.TEXT, label=text("Whom the action goes to")),
        TableColumn(name="left", type=Type.MONEY, label=text("Left after its cost"), unit=currency),
        TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
        TableColumn(name="cost", type=Type.MONEY, label=text("Cost"), unit=currency),
        TableColumn(name="gain", type=Type.MONEY, label=text("May earn"), unit=currency),
    ]
    ranged = told[0].stray is not None
    if ranged:
        columns += [
            TableColumn(name="low", type=Type.MONEY, label=text("At least"), unit=currency),
            TableColumn(name="high", type=Type.MONEY, label=text("At most"), unit=currency),
        ]
    return Chart(
        mark=Mark.BAR,
        title=text(
            "“{whom}” may leave the most: {left}.",
            whom=best.name,
            left=Amount(round(float(f"{best.left:.3g}")), "money", currency, digits=0),
        ),
        subtitle=text("What an extra action may earn beyond its cost, by whom it goes to"),
        data=Table(
            columns=tuple(columns),
            rows=tuple(_row(each, ranged) for each in told),
            caption=text("What an extra action may leave"),
            note=text("It follows from what an action is assumed to change; no experiment has shown it yet."),
        ),
        x="whom",
        y="left",
        interval=("low", "high") if ranged else None,
    )


def _row(each: Alternative, ranged: bool) -> tuple[Value, ...]:
    figures: list[float | None] = [each.cost, each.gain]
    if ranged:
        figures += each.between
    return (each.name, _cents(each.left), each.customers, *map(_cents, figures))


def _cents(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(str(round(value, 2)))
