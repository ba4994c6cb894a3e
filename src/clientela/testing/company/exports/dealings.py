"""What beside sales is sent: visits, calls, mailings, cases, answers, invoices, subscriptions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.dealings.cases import KINDS, REASONS, Cases, cases
from clientela.testing.company.dealings.invoices import Invoices, invoices
from clientela.testing.company.dealings.sales import Lines
from clientela.testing.company.dealings.subscriptions import Subscriptions, subscriptions
from clientela.testing.company.dealings.touches import KINDS as TOUCHES
from clientela.testing.company.dealings.touches import Touches, touches
from clientela.testing.company.exports.moments import days, instants, written
from clientela.testing.company.exports.numbers import customer_numbers, order_numbers
from clientela.testing.company.exports.spelling import blank, csv, joined, json_lines, money, whole_numbers
from clientela.testing.company.exports.still_open import StillOpen
from clientela.testing.company.people.accounts import OFFICE, SHOP, TILL, Accounts
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

PAGES = ("/", "/garden", "/kitchen", "/sale", "/blog/ideas", "/account")
DEVICES = ("phone", "desktop", "tablet")
OUTCOMES = ("answered", "order", "complaint", "no answer")
_ISO, _DAY = "%Y-%m-%dT%H:%M:%SZ", "%d/%m/%Y"

SETTINGS = """
[[source]]
name = "web"
table = "interaction"
path = "exports/web-visits-*.csv"
delivery = "append"
keys_of = "shop"
timezone = "UTC"
[source.columns]
interaction_id = "visit"
customer_ref = "account"
started_at = "began"
pages = "pages"
entry_page = "entry"
device = "device"
[source.constants]
channel = "web"
direction = "in"
kind = "visit"

[[source]]
name = "callcentre"
table = "interaction"
path = "exports/calls-*.csv"
delivery = "append"
keys_of = "till"
timezone = "Europe/London"
format = { delimiter = ";", date = "%d/%m/%Y %H:%M:%S" }
[source.columns]
interaction_id = "Call"
customer_ref = "Card"
started_at = "Start"
duration_s = "Seconds"
agent_id = "Agent"
outcome = "Result"
[source.constants]
channel = "phone"
direction = "in"
kind = "call"

[[source]]
name = "mailer"
table = "interaction"
path = "exports/mailings-*.csv"
delivery = "append"
keys_of = "shop"
timezone = "UTC"
[source.columns]
interaction_id = "message"
customer_ref = "recipient"
started_at = "sent"
[source.constants]
channel = "e-mail"
direction = "out"
kind = "mailing"

[[source]]
name = "helpdesk"
table = "service_case"
path = "exports/cases-*.jsonl"
delivery = "upsert"
keys_of = "shop"
timezone = "UTC"
[source.columns]
case_id = "id"
customer_ref = "requester"
kind = "type"
opened_at = "created"
first_reply_at = "replied"
closed_at = "solved"
reason = "topic"
severity = "priority"
handling_minutes = "minutes"

[[source]]
name = "survey"
table = "survey_answer"
path = "exports/answers-*.csv"
delivery = "append"
keys_of = "till"
format = { delimiter = ";", date = "%d/%m/%Y %H:%M:%S" }
[source.columns]
answer_id = "Nr"
customer_ref = "Tarjeta"
answered_at = "Fecha"
score = "Nota"
[source.constants]
instrument = "nps"
about = "company"

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
class Dealings:
    """What the other systems know; weeks go forward one at a time."""

    world: World
    latent: Latent
    accounts: Accounts
    subscribed: Subscriptions
    unpaid: StillOpen[Invoices] = field(default_factory=lambda: StillOpen("paid"))
    unsolved: StillOpen[Cases] = field(default_factory=lambda: StillOpen("closed"))
    cases_so_far: int = 0

    @classmethod
    def begun(cls, world: World, latent: Latent, accounts: Accounts) -> Dealings:
        """Before the first week."""
        return cls(world, latent, accounts, subscriptions(world, latent))

    def files(self, lines: Lines, week: int, stamp: str) -> Mapping[str, bytes]:
        """The files of a week, by name."""
        seen = {kind: touches(self.world, self.latent, kind, week) for kind in TOUCHES}
        return {
            f"web-visits-{stamp}.csv": self._visits(seen["visits"], week, stamp),
            f"calls-{stamp}.csv": self._calls(seen["calls"], week, stamp),
            f"mailings-{stamp}.csv": self._mailings(seen["mailings"], stamp),
            f"answers-{stamp}.csv": self._answers(seen["surveys"], stamp),
            f"cases-{stamp}.jsonl": self._cases(seen["cases"], week),
            f"office-invoices-{stamp}.csv": self._invoices(lines, week),
            "subscriptions.csv": self._subscriptions(week),
        }

    def _visits(self, seen: Touches, week: int, stamp: str) -> bytes:
        rng = stream(self.world.seed, "visit", week)
        return csv(
            {
                "visit": _numbered("V", stamp, seen),
                "account": self._numbers(seen.customer, seen.at, SHOP),
                "began": written(instants(self.world, seen.at), _ISO, "UTC"),
                "pages": whole_numbers(seen.size),
                "entry": _one_of(rng, PAGES, len(seen)),
                "device": _one_of(rng, DEVICES, len(seen)),
            },
            ",",
        )

    def _calls(self, seen: Touches, week: int, stamp: str) -> bytes:
        rng = stream(self.world.seed, "call", week)
        return csv(
            {
                "Call": _numbered("C", stamp, seen),
                "Card": self._numbers(seen.customer, seen.at, TILL),
                "Start": written(instants(self.world, seen.at), f"{_DAY} %H:%M:%S", "Europe/London"),
                "Seconds": whole_numbers(seen.size),
                "Agent": joined("A", whole_numbers(rng.integers(1, 13, len(seen)))),
                "Result": _one_of(rng, OUTCOMES, len(seen)),
            },
            ";",
        )

    def _mailings(self, seen: Touches, stamp: str) -> bytes:
        return csv(
            {
                "message": _numbered("M", stamp, seen),
                "recipient": self._numbers(seen.customer, seen.at, SHOP),
                "sent": written(instants(self.world, seen.at), _ISO, "UTC"),
            },
            ",",
        )

    def _answers(self, seen: Touches, stamp: str) -> bytes:
        return csv(
            {
                "Nr": _numbered("N", stamp, seen),
                "Tarjeta": self._numbers(seen.customer, seen.at, TILL),
                "Fecha": written(instants(self.world, seen.at), f"{_DAY} %H:%M:%S", self.world.timezone),
                "Nota": whole_numbers(seen.size),
            },
            ";",
        )

    def _cases(self, opened: Touches, week: int) -> bytes:
        begun = cases(self.world, opened, week, self.cases_so_far)
        self.cases_so_far += len(opened)
        sent = self.unsolved.sent(begun, week + 1)
        return json_lines(
            {
                "id": joined("H", whole_numbers(sent.number + 1)),
                "requester": self._numbers(sent.customer, sent.opened, SHOP),
                "type": pa.array(KINDS).take(pa.array(sent.kind)),
                "created": written(instants(self.world, sent.opened), _ISO, "UTC"),
                "replied": self._by_now(sent.replied, week),
                "solved": self._by_now(sent.closed, week),
                "topic": pa.array(REASONS).take(pa.array(sent.reason)),
                "priority": whole_numbers(sent.severity),
                "minutes": blank(whole_numbers(sent.minutes), ~np.isfinite(sent.closed)),
            },
            numbers=frozenset({"priority", "minutes"}),
        )

    def _by_now(self, at: Floats, week: int) -> pa.Array:
        """Moments as texts, null for what is still to come after a week."""
        come = at < week + 1
        return blank(written(instants(self.world, np.where(come, at, 0.0)), _ISO, "UTC"), ~come)

    def _invoices(self, lines: Lines, week: int) -> bytes:
        sent = self.unpaid.sent(invoices(self.world, self.latent.company, lines, week), 7 * (week + 1))
        paid = np.isfinite(sent.paid)
        return csv(
            {
                "Rechnung": joined("R", whole_numbers(sent.order + 1)),
                "Konto": customer_numbers(self.accounts.first[sent.customer], OFFICE),
                "Beleg": order_numbers(sent.order, OFFICE),
                "Betrag": money(sent.amount, ","),
                "Datum": days(self.world, sent.issued, _DAY),
                "Fällig": days(self.world, sent.due, _DAY),
                "Bezahlt": blank(days(self.world, np.where(paid, sent.paid, 0).astype(np.intp), _DAY), ~paid),
            },
            ";",
        )

    def _subscriptions(self, week: int) -> bytes:
        """All subscriptions begun so far, whole each week."""
        begun = np.flatnonzero(self.subscribed.starts < week + 1)
        starts, ends = self.subscribed.starts[begun], self.subscribed.ends[begun]
        ended = ends < week + 1
        last = np.floor(np.where(ended, ends, 0) * 7).astype(np.intp)
        return csv(
            {
                "id": joined("S", whole_numbers(self.subscribed.customer[begun] + 1)),
                "account": self._numbers(self.subscribed.customer[begun], starts, SHOP),
                "from": days(self.world, np.floor(starts * 7).astype(np.intp), "%Y-%m-%d"),
                "to": blank(days(self.world, last, "%Y-%m-%d"), ~ended),
                "monthly": money(self.subscribed.amount[begun]),
            },
            ",",
        )

    def _numbers(self, customer: Indices, at: Floats, system: int) -> pa.Array:
        """What a system calls customers: their newest account there by then; null for who has none."""
        account = np.full(len(customer), -1)
        first = self.accounts.first[customer]
        count = self.accounts.first[customer + 1] - first
        for place in range(int(count.max(initial=0))):
            here = first + np.minimum(place, count - 1)
            there = (place < count) & (self.accounts.system[here] == system) & (self.accounts.since[here] <= at)
            account = np.where(there, here, account)
        return customer_numbers(account, system)


def _numbered(sign: str, stamp: str, seen: Touches) -> pa.Array:
    return joined(f"{sign}{stamp}-", whole_numbers(np.arange(1, len(seen) + 1)))


def _one_of(rng: np.random.Generator, words: tuple[str, ...], size: int) -> pa.Array:
    return pa.array(words).take(pa.array(rng.integers(0, len(words), size)))
