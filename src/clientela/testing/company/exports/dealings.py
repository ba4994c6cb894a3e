"""What passes between customers and the company beside sales: visits, calls, mailings, cases, answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa

from clientela.estimators.arrays import Floats
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.dealings.cases import KINDS, REASONS, Cases, cases
from clientela.testing.company.dealings.invoices import Invoices
from clientela.testing.company.dealings.sales import Lines
from clientela.testing.company.dealings.subscriptions import Subscriptions
from clientela.testing.company.dealings.touches import KINDS as TOUCHES
from clientela.testing.company.dealings.touches import Kind, Touches, touches
from clientela.testing.company.exports.forms import Csv, Json, Sheet, Workbook
from clientela.testing.company.exports.ledger import Ledger
from clientela.testing.company.exports.moments import instants, written
from clientela.testing.company.exports.numbers import newest_numbers
from clientela.testing.company.exports.spelling import blank, joined, whole_numbers
from clientela.testing.company.exports.still_open import StillOpen
from clientela.testing.company.people.accounts import SHOP, TILL, Accounts
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
path = "exports/answers-*.xlsx"
delivery = "append"
keys_of = "till"
format = { kind = "excel", sheet = "Respuestas", skip = 1, date = "%d/%m/%Y %H:%M:%S" }
[source.columns]
answer_id = "Nr"
customer_ref = "Tarjeta"
answered_at = "Fecha"
score = "Nota"
[source.constants]
instrument = "nps"
about = "company"
"""


@dataclass(slots=True)
class Dealings:
    """What the other systems know; weeks go forward one at a time."""

    world: World
    latent: Latent
    accounts: Accounts
    ledger: Ledger
    unsolved: StillOpen[Cases] = field(default_factory=lambda: StillOpen("closed"))
    cases_so_far: int = 0
    seen: Mapping[Kind, Touches] = field(default_factory=dict)  # of the last week

    @classmethod
    def begun(cls, world: World, latent: Latent, accounts: Accounts) -> Dealings:
        """Before the first week."""
        return cls(world, latent, accounts, Ledger.begun(world, latent, accounts))

    @property
    def subscribed(self) -> Subscriptions:
        """All subscriptions of the world."""
        return self.ledger.subscribed

    @property
    def billed(self) -> Invoices | None:
        """The invoices of the last week."""
        return self.ledger.billed

    def files(self, lines: Lines, week: int, stamp: str) -> Mapping[str, Sheet]:
        """The files of a week, by name."""
        self.seen = seen = {kind: touches(self.world, self.latent, kind, week) for kind in TOUCHES}
        return {
            f"web-visits-{stamp}.csv": self._visits(seen["visits"], week, stamp),
            f"calls-{stamp}.csv": self._calls(seen["calls"], week, stamp),
            f"mailings-{stamp}.csv": self._mailings(seen["mailings"], stamp),
            f"answers-{stamp}.xlsx": self._answers(seen["surveys"], stamp),
            f"cases-{stamp}.jsonl": self._cases(seen["cases"], week),
            **self.ledger.files(lines, week, stamp),
        }

    def _visits(self, seen: Touches, week: int, stamp: str) -> Sheet:
        rng = stream(self.world.seed, "visit", week)
        return Sheet(
            {
                "visit": _numbered("V", stamp, seen),
                "account": newest_numbers(self.accounts, seen.customer, seen.at, SHOP),
                "began": written(instants(self.world, seen.at), _ISO, "UTC"),
                "pages": whole_numbers(seen.size),
                "entry": _one_of(rng, PAGES, len(seen)),
                "device": _one_of(rng, DEVICES, len(seen)),
            },
            Csv(","),
        )

    def _calls(self, seen: Touches, week: int, stamp: str) -> Sheet:
        rng = stream(self.world.seed, "call", week)
        return Sheet(
            {
                "Call": _numbered("C", stamp, seen),
                "Card": newest_numbers(self.accounts, seen.customer, seen.at, TILL),
                "Start": written(instants(self.world, seen.at), f"{_DAY} %H:%M:%S", "Europe/London"),
                "Seconds": whole_numbers(seen.size),
                "Agent": joined("A", whole_numbers(rng.integers(1, 13, len(seen)))),
                "Result": _one_of(rng, OUTCOMES, len(seen)),
            },
            Csv(";"),
        )

    def _mailings(self, seen: Touches, stamp: str) -> Sheet:
        return Sheet(
            {
                "message": _numbered("M", stamp, seen),
                "recipient": newest_numbers(self.accounts, seen.customer, seen.at, SHOP),
                "sent": written(instants(self.world, seen.at), _ISO, "UTC"),
            },
            Csv(","),
        )

    def _answers(self, seen: Touches, stamp: str) -> Sheet:
        return Sheet(
            {
                "Nr": _numbered("N", stamp, seen),
                "Tarjeta": newest_numbers(self.accounts, seen.customer, seen.at, TILL),
                "Fecha": written(instants(self.world, seen.at), f"{_DAY} %H:%M:%S", self.world.timezone),
                "Nota": whole_numbers(seen.size),
            },
            Workbook(
                sheet="Respuestas",
                title=f"Encuesta de satisfacción, {stamp}",
                notes=("Nota: de 0 (nunca) a 10 (seguro)", "Tarjeta: vacía si no se conoce"),
                numbers=frozenset({"Nota"}),
                moments={"Fecha": f"{_DAY} %H:%M:%S"},
            ),
        )

    def _cases(self, opened: Touches, week: int) -> Sheet:
        begun = cases(self.world, opened, week, self.cases_so_far)
        self.cases_so_far += len(opened)
        sent = self.unsolved.sent(begun, week + 1)
        return Sheet(
            {
                "id": joined("H", whole_numbers(sent.number + 1)),
                "requester": newest_numbers(self.accounts, sent.customer, sent.opened, SHOP),
                "type": pa.array(KINDS).take(pa.array(sent.kind)),
                "created": written(instants(self.world, sent.opened), _ISO, "UTC"),
                "replied": self._by_now(sent.replied, week),
                "solved": self._by_now(sent.closed, week),
                "topic": pa.array(REASONS).take(pa.array(sent.reason)),
                "priority": whole_numbers(sent.severity),
                "minutes": blank(whole_numbers(sent.minutes), ~np.isfinite(sent.closed)),
            },
            Json(frozenset({"priority", "minutes"})),
        )

    def _by_now(self, at: Floats, week: int) -> pa.Array:
        """Moments as texts, null for what is still to come after a week."""
        come = at < week + 1
        return blank(written(instants(self.world, np.where(come, at, 0.0)), _ISO, "UTC"), ~come)


def _numbered(sign: str, stamp: str, seen: Touches) -> pa.Array:
    return joined(f"{sign}{stamp}-", whole_numbers(np.arange(1, len(seen) + 1)))


def _one_of(rng: np.random.Generator, words: tuple[str, ...], size: int) -> pa.Array:
    return pa.array(words).take(pa.array(rng.integers(0, len(words), size)))
