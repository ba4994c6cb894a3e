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
    `World.second` is another world, to which the models that fit the first do not fit.

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
    shock: float = 0.0  # share of purchases that are not made while it lasts
    shock_begins: int = 110  # the world's week, counted from 0; a shock may lie beyond its end
    shock_weeks: int = 12  # how long it lasts

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

    # What is wrong in the files: the share of rows each kind is in, in the files that have a cell for it. No row has
    # two; where the cell that is drawn has nothing to spoil, it stays.
    unreadable_numbers: float = 0.0  # "12,5O"
    unreadable_dates: float = 0.0  # "soon"
    impossible_dates: float = 0.0  # 30 February
    swapped_dates: float = 0.0  # day and month the other way round
    future_dates: float = 0.0  # eight years late
    early_dates: float = 0.0  # an end eight years early, before its beginning
    negatives: float = 0.0  # below zero, where nothing may be
    unit_slips: float = 0.0  # cents where euros are meant
    lost_keys: float = 0.0  # nothing where something is required
    lost_values: float = 0.0  # nothing where something may be left out
    unknown_products: float = 0.0  # one that nobody sells
    stand_ins: float = 0.0  # "unknown" or 000000 for a customer
    strange_words: float = 0.0  # another word than those agreed on
    trailing_junk: float = 0.0  # "12,50 EUR"
    spaces: float = 0.0  # white space around
    mojibake: float = 0.0  # "Ã©" for "é"
    embedded: float = 0.0  # a delimiter, a quote or a line's end in a text, rightly quoted
    spelt_nulls: float = 0.0  # "N/A" where nothing is
    doubled_rows: float = 0.0  # the same row twice
    clashing_rows: float = 0.0  # twice, with another number
    broken_bytes: float = 0.0  # a byte that is no character
    misquoted: float = 0.0  # a quote that is not closed, a delimiter without quotes
    truncated: float = 0.0  # a row that breaks off
    empty_files: float = 0.0  # share of files that arrive empty, and whole a week later

    # Money: what is billed in other currencies, and taxed.
    abroad: float = 0.0  # share of companies that are billed in pounds, dollars or francs; untaxed
    rate_swing: float = 0.008  # standard deviation of the logarithm of a week's change of an exchange rate
    tax: tuple[float, float, float] = (0.21, 0.22, 0.21)  # of the net price in Spain, Italy, the Netherlands
    reduced_tax: tuple[float, float, float] = (0.10, 0.10, 0.09)  # of the net price, of some products
    reduced: float = 0.2  # share of products that are taxed less

    # What a message does.
    response: float = 0.3  # more purchases in the week after a contact, as a share, mean over customers
    fatigue: float = 0.15  # how much of the response each further contact within four weeks takes away, as a share

    # Who they are by name, and what the systems wrote down of them.
    records: bool = True  # whether the systems send who their customers are
    similar_at_address: float = 0.04  # share of addresses with two similar persons: parent and child, twins, siblings
    couples: float = 0.12  # share of addresses with two customers who are a couple
    flat_shares: float = 0.02  # share of addresses with two customers who have nothing in common but the door
    shared_contacts: float = 0.35  # share of two who live together that share a telephone; half as many an e-mail
    nothing_shared: float = 0.35  # share of pairs of records of a person that share neither e-mail nor telephone
    changed_between: float = 0.1  # share of pairs of records of a person with another surname or address
    moves: float = 0.0012  # moves and marriages that the systems hear of, a person and week
    new_contacts: float = 0.0015  # new telephones and addresses for e-mail, a person and week
    unknown: float = 1.0  # how often a system does not know a field, times as often as usual; 0: it knows all
    placeholders: float = 0.02  # share of unknown e-mails, telephones, birth dates where a clerk wrote something anyway
    mistyped: float = 0.1  # share of records with a typing error
    nicknames: float = 0.05  # share of records of persons whose name friends say otherwise
    careless: float = 0.15  # share of records without accents; as many more in capitals
    contacts: float = 2.0  # persons in the sales office's book, a company, mean
    grouped: float = 0.15  # share of companies that belong to a group
    sisters: float = 0.4  # share of groups whose companies bear one name
    entered_twice: float = 0.06  # share of companies that the sales office has a second record of
    bought: float = 0.1  # records of bought address lists, a customer
    bought_known: float = 0.3  # share of these who were customers already
    consents: float = 0.6  # share of records that say for which channels they may be contacted
    consent_changes: float = 0.003  # of a record and channel a week

    def __post_init__(self) -> None:
        wrong = [said for said, right in self._demands() if not right]
        if wrong:
            raise ImpossibleWorldError(f"no such world: {'; '.join(wrong)}.")

    @classmethod
    def plain(cls, **given: object) -> Self:
        """A world in which customers come, buy and leave, and nothing else happens, but for what is given."""
        return replace(cls(**_NOTHING), **given)  # type: ignore[arg-type] # judged at once

    @classmethod
    def second(cls, **given: object) -> Self:
        """A world that is not Pareto/NBD: gaps of three stages, a season, one shock; in all else as given."""
        return replace(cls(process="erlang", shock=0.35), **given)  # type: ignore[arg-type] # judged at once

    @classmethod
    def messy(cls, **given: object) -> Self:
        """A company like many with files like many: a little of everything is wrong, some is billed in francs."""
        return replace(cls(**_MESSY), **given)  # type: ignore[arg-type] # judged at once

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
            (f"tax = {self.tax}, three shares from 0 to 1", _are_taxes(self.tax)),
            (f"reduced_tax = {self.reduced_tax}, three shares from 0 to 1", _are_taxes(self.reduced_tax)),
            (
                f"currency = {self.currency}, none of those in which companies abroad are billed",
                not self.abroad or self.currency not in ("GBP", "USD", "CHF"),
            ),
            ("the shares of all kinds of dirt sum to 1 or less", sum(getattr(self, name) for name in DIRTY) <= 1),
            (f"process = {self.process!r}, it is 'pareto-nbd' or 'erlang'", self.process in {"pareto-nbd", "erlang"}),
        ]
        return said


def _are_shares(said: tuple[float, ...]) -> bool:
    return len(said) == 3 and min(said) >= 0 and abs(sum(said) - 1) < 1e-9


def _are_taxes(said: tuple[float, ...]) -> bool:
    return len(said) == 3 and all(0 <= each <= 1 for each in said)


# The kinds of dirt, and how often each is in files like many: about 1 row in 200 cannot be used.
_USUAL: dict[str, float] = {
    **dict.fromkeys(("unreadable_numbers", "unreadable_dates", "impossible_dates", "lost_keys"), 0.0006),
    **dict.fromkeys(("broken_bytes", "misquoted", "truncated", "clashing_rows", "strange_words"), 0.0004),
    **dict.fromkeys(("trailing_junk", "spelt_nulls"), 0.0005),
    **dict.fromkeys(("swapped_dates", "future_dates", "early_dates", "negatives", "unit_slips"), 0.001),
    **dict.fromkeys(("unknown_products", "stand_ins", "doubled_rows", "mojibake", "embedded"), 0.002),
    **dict.fromkeys(("lost_values", "spaces"), 0.01),
}
DIRTY = tuple(_USUAL)
_MESSY: dict[str, object] = {**_USUAL, "empty_files": 0.002, "abroad": 0.15}
_SHARES_OF_PEOPLE = (
    *("similar_at_address", "couples", "flat_shares", "shared_contacts", "nothing_shared", "changed_between"),
    *("placeholders", "mistyped", "nicknames", "careless", "grouped", "sisters", "entered_twice", "bought_known"),
    "consents",
)
_RATES_OF_PEOPLE = ("moves", "new_contacts", "unknown", "contacts", "bought", "consent_changes")
_DEMANDS: tuple[tuple[tuple[str, ...], str, Callable[[float], bool]], ...] = (
    (_RATES_OF_PEOPLE, "it is 0 or more", lambda said: said >= 0),
    (_SHARES_OF_PEOPLE, "it is a share from 0 to 1", lambda said: 0 <= said <= 1),
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
    (
        (*DIRTY, "empty_files", "abroad", "reduced"),
        "it is a share from 0 to 1",
        lambda said: 0 <= said <= 1,
    ),
    (("rate_swing",), "it is 0 or more", lambda said: said >= 0),
    (("season", "shock"), "it is 0 or more and below 1", lambda said: 0 <= said < 1),
    (("shock_begins", "shock_weeks"), "it is 0 or more, and whole", lambda said: said >= 0 and int(said) == said),
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
    **dict.fromkeys(_SHARES_OF_PEOPLE + _RATES_OF_PEOPLE, 0.0),
    "records": False,
    **dict.fromkeys(("season", "december", "promotions", "returned", "anonymous", "response", "spend_spread"), 0.0),
    **dict.fromkeys(("late", "corrected"), 0.0),
    **dict.fromkeys(
        ("organisations", "second_accounts", "subscribers", "visits", "calls", "mailings", "cases", "surveys"), 0.0
    ),
    **dict.fromkeys((*DIRTY, "empty_files", "abroad", "rate_swing", "reduced"), 0.0),
    "tax": (0.0, 0.0, 0.0),
    "lines": 1.0,
    "pieces": 1.0,
}
