"""What a synthetic company is like: every number that decides it, with its unit, in one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal, Self

from clientela.errors import ClientelaError

Process = Literal["pareto-nbd", "erlang"]


class ImpossibleWorldError(ClientelaError, ValueError):
    """A world that cannot be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """A retailer with shops and a web shop, from its first week to its last.

    The numbers as they stand make a company like many: per customer and three years about 12 orders and 30 lines.
    `World.plain` has none of what can be left out; set one number and the world has exactly one feature.

    Examples
    --------
    A world in which customers buy, leave, and nothing else happens, but for every twentieth line that comes back:

    >>> World.plain(customers=1_000, returned=0.05).returned
    0.05
    """

    seed: int = 1
    customers: int = 10_000  # persons and companies, each counted once
    begins: date = date(2023, 1, 2)  # a Monday
    weeks: int = 156
    timezone: str = "Europe/Madrid"
    currency: str = "EUR"

    # Who they are.
    organisations: float = 0.07  # share of customers that are companies
    nations: tuple[float, float, float] = (0.45, 0.33, 0.22)  # shares of Spain, Italy, the Netherlands
    second_accounts: float = 0.25  # share of persons that open a second account sooner or later

    # When they come, how often they buy, when they leave.
    founders: float = 0.4  # share of customers that come in the first four weeks; the others come evenly after
    process: Process = "pareto-nbd"  # erlang: gaps of three stages, more regular than chance
    rate_shape: float = 1.2  # r of the Gamma(r, α) of purchases a week
    rate_weeks: float = 7.4  # α, in weeks
    leaving_shape: float = 1.5  # s of the Gamma(s, β) of the hazard of leaving a week; 0: nobody leaves
    leaving_weeks: float = 110.0  # β, in weeks
    season: float = 0.25  # half the swing of purchases over the year, as a share of the usual week
    december: float = 0.6  # more purchases in the four weeks before Christmas, as a share

    # What they buy.
    products: int = 400
    lines: float = 2.5  # a purchase, mean
    pieces: float = 1.4  # of a line, mean
    spend_spread: float = 0.45  # standard deviation of the logarithm of what customers usually pay for a product
    promotions: float = 0.25  # share of weeks in which some category costs less
    promotion_depth: float = 0.2  # share of the price that is taken off
    price_response: float = 2.0  # mean elasticity: more purchases, in shares, per share taken off
    returned: float = 0.05  # share of lines that come back
    anonymous: float = 0.2  # sales without a customer, per sale with one
    online: float = 0.35  # share of persons that begin in the web shop

    # What else there is between them and the company.
    subscribers: float = 0.06  # share of customers that take a subscription
    subscription_shape: tuple[float, float] = (0.7, 6.0)  # Beta(a, b) of the chance to end it in a month
    paid_late: float = 0.25  # share of invoices
    never_paid: float = 0.015  # share of invoices
    visits: float = 0.29  # of the web shop, a customer and week
    calls: float = 0.022  # a customer and week
    mailings: float = 0.022  # a customer and week
    cases: float = 0.0072  # a customer and week
    surveys: float = 0.006  # a customer and week

    # How what happened reaches the company.
    late: float = 0.03  # share of orders that arrive a week late
    corrected: float = 0.02  # share of orders that come with wrong amounts and are put right within three weeks

    # What a message does.
    response: float = 0.3  # more purchases in the week after a contact, as a share, mean over customers
    fatigue: float = 0.15  # how much of the response each further contact within four weeks takes away, as a share

    def __post_init__(self) -> None:
        wrong = [said for said, right in self._demands() if not right]
        if wrong:
            raise ImpossibleWorldError(f"no such world: {'; '.join(wrong)}.")

    @classmethod
    def plain(cls, **given: object) -> Self:
        """A world in which customers come, buy and leave, and nothing else happens, but for what is given."""
        return replace(cls(**_NOTHING), **given)  # type: ignore[arg-type] # judged at once

    @property
    def ends(self) -> date:
        """The day after the last."""
        return self.begins + timedelta(weeks=self.weeks)

    def _demands(self) -> list[tuple[str, bool]]:
        said = [
            (f"{name} = {getattr(self, name)}, {what}", right(getattr(self, name)))
            for names, what, right in _DEMANDS
            for name in names
        ]
        said += [
            (f"begins = {self.begins}, it is a Monday", self.begins.weekday() == 0),
            (f"nations = {self.nations}, three shares that sum to 1", _are_shares(self.nations)),
            (
                f"subscription_shape = {self.subscription_shape}, both are more than 0",
                all(each > 0 for each in self.subscription_shape),
            ),
            (f"process = {self.process!r}, it is 'pareto-nbd' or 'erlang'", self.process in {"pareto-nbd", "erlang"}),
        ]
        return said


def _are_shares(said: tuple[float, ...]) -> bool:
    return len(said) == 3 and min(said) >= 0 and abs(sum(said) - 1) < 1e-9


_DEMANDS: tuple[tuple[tuple[str, ...], str, Callable[[float], bool]], ...] = (
    (("customers", "weeks", "products"), "it is 1 or more, and whole", lambda said: said >= 1 and int(said) == said),
    (("lines", "pieces"), "it is 1 or more", lambda said: said >= 1),
    (("rate_shape", "rate_weeks", "leaving_weeks"), "it is more than 0", lambda said: said > 0),
    (
        (
            *("leaving_shape", "december", "spend_spread", "price_response", "anonymous", "response"),
            *("visits", "calls", "mailings", "cases", "surveys"),
        ),
        "it is 0 or more",
        lambda said: said >= 0,
    ),
    (("season",), "it is 0 or more and below 1", lambda said: 0 <= said < 1),
    (
        (
            *("organisations", "founders", "promotions", "promotion_depth", "returned", "online", "fatigue"),
            *("second_accounts", "subscribers", "paid_late", "never_paid", "late", "corrected"),
        ),
        "it is a share from 0 to 1",
        lambda said: 0 <= said <= 1,
    ),
)
# What `World.plain` leaves out.
_NOTHING: dict[str, object] = {
    **dict.fromkeys(("season", "december", "promotions", "returned", "anonymous", "response", "spend_spread"), 0.0),
    **dict.fromkeys(("late", "corrected"), 0.0),
    **dict.fromkeys(
        ("organisations", "second_accounts", "subscribers", "visits", "calls", "mailings", "cases", "surveys"), 0.0
    ),
    "lines": 1.0,
    "pieces": 1.0,
}
