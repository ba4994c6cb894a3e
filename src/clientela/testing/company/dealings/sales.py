"""The lines of the purchases: products, pieces, prices, what comes back, and sales to nobody known."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.assortment import (
    PRICE_SPREAD,
    RETURN_WEEKS,
    Assortment,
    Cents,
    assortment,
    pick,
    promoted,
)
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.buying.purchases import Purchases
from clientela.testing.company.people.accounts import Accounts, used
from clientela.testing.company.rows import put_together, taken
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

NOBODY = -1
STORE, WEB, PHONE = 0, 1, 2
CHANNELS = ("store", "web", "phone")
_CHANNEL_OF = np.array([STORE, WEB, PHONE])  # of a loyalty card, a web account, a company's account
_OPEN = (9, 21)  # hours of a shop's day


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Lines of sales and returns; money in cents of the company's currency, before tax, after discount.

    ``order``: its number, unique over the world. ``line``: its place in the order, from 1. ``account``: the one it
    was bought under; -1 for nobody's. ``at``: in weeks from the world's beginning. ``returns``: the order that it
    brings back, or -1; then pieces and money are below 0.
    """

    order: Indices
    line: Indices
    customer: Indices
    account: Indices
    at: Floats
    channel: Indices
    product: Indices
    pieces: Indices
    revenue: Cents
    discount: Cents
    cost: Cents
    returns: Indices

    def __len__(self) -> int:
        return len(self.order)

    def taken(self, which: Indices) -> Lines:
        """Some of them, in the order asked for."""
        made: Lines = taken(self, which)
        return made


def together(parts: list[Lines]) -> Lines:
    """Several parts as one, in their order."""
    made: Lines = put_together(parts)
    return made


@dataclass(slots=True)
class Tills:
    """Where purchases become lines; it remembers what is going to be brought back."""

    world: World
    latent: Latent
    accounts: Accounts
    assortment: Assortment
    promoted: Indices
    orders: int
    to_come: Lines | None

    @classmethod
    def opened(cls, world: World, latent: Latent, accounts: Accounts) -> Tills:
        """Before the first week."""
        return cls(world, latent, accounts, assortment(world), promoted(world), 0, None)

    def ring_up(self, bought: Purchases, week: int) -> Lines:
        """All lines of a week: the sales by order, and the returns of this and earlier weeks' sales that fall due."""
        rng = stream(self.world.seed, "lines", week)
        customer, at = self._with_nobody(rng, bought, week)
        sold = self._lines(rng, customer, self._hours(rng, at), week)
        due = self._returns(rng, sold, week)
        return together([sold, due])

    def _with_nobody(self, rng: np.random.Generator, bought: Purchases, week: int) -> tuple[Indices, Floats]:
        """The purchases and, beside them, the sales to customers nobody asks for a name."""
        more = int(rng.poisson(len(bought) * self.world.anonymous))
        customer = np.concatenate([bought.customer, np.full(more, NOBODY)])
        at = np.concatenate([bought.at, week + rng.random(more)])
        order = np.argsort(at, kind="stable")
        return customer[order], at[order]

    def _hours(self, rng: np.random.Generator, at: Floats) -> Floats:
        """The same days, at hours at which shops are open: mornings and evenings are busier."""
        day = np.floor(at * 7)
        hour = _OPEN[0] + (_OPEN[1] - _OPEN[0]) * rng.beta(1.8, 1.6, len(at))
        return np.asarray((day + hour / 24) / 7)

    def _lines(self, rng: np.random.Generator, customer: Indices, at: Floats, week: int) -> Lines:
        size = len(customer)
        known = customer != NOBODY
        account = used(self.accounts, rng, customer, at)
        channel = np.where(known, _CHANNEL_OF[self.accounts.system[account]], STORE)
        lines = 1 + rng.poisson(self.world.lines - 1, size)
        of = np.repeat(np.arange(size), lines)
        spend = np.where(known, self.latent.spend[customer], 1.0)[of]
        product = pick(self.assortment, np.log(spend) / PRICE_SPREAD + rng.normal(size=len(of)), week)
        pieces = 1 + rng.poisson(self.world.pieces - 1, len(of))
        full = self.assortment.list_price[product] * pieces
        less = self.assortment.category[product] == self.promoted[week]
        discount = np.where(less, np.round(full * self.world.promotion_depth), 0).astype(np.int64)
        order = self.orders + np.arange(size)
        self.orders += size
        return Lines(
            order=order[of],
            line=np.arange(len(of)) - np.repeat(np.cumsum(lines) - lines, lines) + 1,
            customer=customer[of],
            account=account[of],
            at=at[of],
            channel=channel[of],
            product=product,
            pieces=pieces,
            revenue=full - discount,
            discount=discount,
            cost=self.assortment.unit_cost[product] * pieces,
            returns=np.full(len(of), -1),
        )

    def _returns(self, rng: np.random.Generator, sold: Lines, week: int) -> Lines:
        """The returns that fall into this week; the others are kept for theirs."""
        back = sold.taken(np.flatnonzero(rng.random(len(sold)) < self.world.returned))
        later = self._hours(rng, back.at + rng.uniform(*RETURN_WEEKS, len(back)))
        coming = Lines(
            order=back.order,
            line=back.line,
            customer=back.customer,
            account=back.account,
            at=later,
            channel=back.channel,
            product=back.product,
            pieces=-back.pieces,
            revenue=-back.revenue,
            discount=-back.discount,
            cost=-back.cost,
            returns=back.order,
        )
        if self.to_come is not None:
            coming = together([self.to_come, coming])
        due = coming.at < week + 1
        self.to_come = coming.taken(np.flatnonzero(~due))
        falling = coming.taken(np.flatnonzero(due))
        number = self.orders + np.arange(len(falling))
        self.orders += len(falling)
        return Lines(
            **{
                **{name: getattr(falling, name) for name in Lines.__dataclass_fields__},
                "order": number,
                "line": np.ones(len(falling), np.intp),
            }
        )
