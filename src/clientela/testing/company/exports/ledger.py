"""What the sales office's books say: invoices, sent again when they are paid, and all subscriptions each week."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.dealings.invoices import Invoices, invoices
from clientela.testing.company.dealings.sales import Lines
from clientela.testing.company.dealings.subscriptions import Subscriptions, subscriptions
from clientela.testing.company.exports.billing.payment import TRANSFER_OR, paid_by
from clientela.testing.company.exports.forms import Csv, Sheet
from clientela.testing.company.exports.moments import days
from clientela.testing.company.exports.numbers import customer_numbers, newest_numbers, order_numbers
from clientela.testing.company.exports.spelling import blank, joined, money, whole_numbers
from clientela.testing.company.exports.still_open import StillOpen
from clientela.testing.company.people.accounts import OFFICE, SHOP, Accounts
from clientela.testing.company.world import World

_DAY = "%d/%m/%Y"

SETTINGS = """
[[source]]
name = "office"
table = "invoice"
path = "exports/office-invoices-*.csv"
delivery = "upsert"
format = { delimiter = ";", decimal = ",", date = "%d/%m/%Y" }
[source.columns]
invoice_id = "Rechnung"
customer_ref = "Konto"
order_id = "Beleg"
amount = "Betrag"
issued_on = "Datum"
due_on = "Fällig"
paid_on = "Bezahlt"
payment_method = "Zahlart"

[[source]]
name = "shop"
table = "subscription"
path = "exports/subscriptions.csv"
delivery = "full"
[source.columns]
subscription_id = "id"
customer_ref = "account"
started_on = "from"
ended_on = "to"
amount = "monthly"
[source.constants]
period = "month"
"""


@dataclass(slots=True)
class Ledger:
    """The books; weeks go forward one at a time. They are kept in the company's currency."""

    world: World
    latent: Latent
    accounts: Accounts
    subscribed: Subscriptions
    unpaid: StillOpen[Invoices] = field(default_factory=lambda: StillOpen("paid"))
    billed: Invoices | None = None  # of the last week

    @classmethod
    def begun(cls, world: World, latent: Latent, accounts: Accounts) -> Ledger:
        """Before the first week."""
        return cls(world, latent, accounts, subscriptions(world, latent))

    def files(self, lines: Lines, week: int, stamp: str) -> Mapping[str, Sheet]:
        """The files of a week, by name."""
        return {
            f"office-invoices-{stamp}.csv": self._invoices(lines, week),
            "subscriptions.csv": self._subscriptions(week),
        }

    def _invoices(self, lines: Lines, week: int) -> Sheet:
        self.billed = billed = invoices(self.world, self.latent.company, lines, week)
        sent = self.unpaid.sent(billed, 7 * (week + 1))
        paid = np.isfinite(sent.paid)
        return Sheet(
            {
                "Rechnung": joined("R", whole_numbers(sent.order + 1)),
                "Konto": customer_numbers(self.accounts.first[sent.customer], OFFICE),
                "Beleg": order_numbers(sent.order, OFFICE),
                "Betrag": money(sent.amount, ","),
                "Datum": days(self.world, sent.issued, _DAY),
                "Fällig": days(self.world, sent.due, _DAY),
                "Bezahlt": blank(days(self.world, np.where(paid, sent.paid, 0).astype(np.intp), _DAY), ~paid),
                "Zahlart": blank(paid_by(self.world, sent.order, TRANSFER_OR), ~paid),
            },
            Csv(";"),
        )

    def _subscriptions(self, week: int) -> Sheet:
        """All subscriptions begun so far, whole each week."""
        begun = np.flatnonzero(self.subscribed.starts < week + 1)
        starts, ends = self.subscribed.starts[begun], self.subscribed.ends[begun]
        ended = ends < week + 1
        last = np.floor(np.where(ended, ends, 0) * 7).astype(np.intp)
        return Sheet(
            {
                "id": joined("S", whole_numbers(self.subscribed.customer[begun] + 1)),
                "account": newest_numbers(self.accounts, self.subscribed.customer[begun], starts, SHOP),
                "from": days(self.world, np.floor(starts * 7).astype(np.intp), "%Y-%m-%d"),
                "to": blank(days(self.world, last, "%Y-%m-%d"), ~ended),
                "monthly": money(self.subscribed.amount[begun]),
            },
            Csv(","),
        )
