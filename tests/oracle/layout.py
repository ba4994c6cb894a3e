"""The systems of the company: which table each delivers, how, and what one row of it looks like."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from typing import Any

Row = dict[str, Any]
Makes = Callable[[random.Random, Any], Row]

PLACES = (None, "n1", "r1", "r2", "d1", "d2", "d3", "d4", "x1", "x2", "x3", "x4", "r5", "zz")
PRODUCTS = (None, "p1", "p2", "p3", "p4", "p5", "p6", "p7", "p99")
CAMPAIGNS = (None, "c0", "c1", "c2", "c3", "c4", "c77")


@dataclass(frozen=True)
class Source:
    """One section of the settings. ``keys``: the system whose customers' keys it uses; ``often``: rows at first."""

    name: str
    table: str
    key: tuple[str, ...]
    delivery: str = "upsert"
    known: str | None = None
    keys: str | None = None
    makes: Makes | None = None
    often: int = 0
    splits: bool = False

    @property
    def toml(self) -> str:
        """Its section in clientela.toml."""
        known = "" if self.known is None else f'known = "{self.known}"\n'
        keys = "" if self.keys in (None, self.name) else f'keys_of = "{self.keys}"\n'
        return (
            f'\n[[source]]\nname = "{self.name}"\ntable = "{self.table}"\n'
            f'path = "exports/{self.name}-{self.table}-*.csv"\ndelivery = "{self.delivery}"\n'
            f"max_bad = 0.9\n{known}{keys}"
        )


def money(rng: random.Random) -> Decimal:
    return Decimal(rng.randrange(1, 99_999)) / 100


def maybe(rng: random.Random, value: Any) -> Any:
    return None if rng.random() < 0.2 else value


def order_line(rng: random.Random, at: Any) -> Row:
    kind = rng.choice((None, None, "sale", "sale", "sale", "return", "cancellation", "shipping", "fee"))
    sign = -1 if kind in ("return", "cancellation") or (kind is None and rng.random() < 0.15) else 1
    return {
        "order_id": f"o{at.number}-{at.index // 2}", "line_no": str(at.index % 2 + 1), "customer_ref": at.who(rng),
        "ordered_at": at.at(rng), "kind": kind, "product_id": rng.choice(PRODUCTS),
        "returns_order_id": f"o0-{rng.randrange(40)}" if sign < 0 else None,
        "quantity": maybe(rng, sign * Decimal(rng.randrange(1, 9))), "net_revenue": sign * money(rng),
        "discount": maybe(rng, money(rng)), "cost_of_goods": maybe(rng, sign * money(rng)),
        "currency": rng.choice((None, "EUR", "EUR", "EUR", "USD", "GBP", "CHF")),
        "channel": rng.choice((None, "web", "store", "a_b", "a%b", "O'Hara")), "territory_id": rng.choice(PLACES),
        "campaign_id": rng.choice(CAMPAIGNS), "payment_method": rng.choice((None, "card", "cash")),
    }  # fmt: skip


def invoice(rng: random.Random, at: Any) -> Row:
    issued = at.on(rng)
    due = maybe(rng, issued + timedelta(days=30))
    return {
        "invoice_id": at.key("i"), "customer_ref": at.who(rng), "order_id": f"o0-{rng.randrange(60)}",
        "amount": maybe(rng, money(rng)), "issued_on": issued, "due_on": due,
        "paid_on": rng.choice((None, issued + timedelta(days=rng.randrange(70)))),
        "payment_method": rng.choice((None, "card", "cash")),
    }  # fmt: skip


def subscription(rng: random.Random, at: Any) -> Row:
    began = at.on(rng)
    return {
        "subscription_id": at.key("u"), "customer_ref": at.who(rng), "product_id": rng.choice(PRODUCTS),
        "started_on": began, "ended_on": rng.choice((None, began + timedelta(days=rng.randrange(200)))),
        "period": rng.choice((None, "month", "year")), "amount": maybe(rng, money(rng)),
        "end_reason": rng.choice((None, "price", "moved")),
    }  # fmt: skip


def opportunity(rng: random.Random, at: Any) -> Row:
    opened = at.at(rng)
    status = rng.choice((None, "open", "won", "lost"))
    decided = status in ("won", "lost")
    return {
        "opportunity_id": at.key("q"), "customer_ref": at.who(rng), "owner_id": rng.choice((None, "ann", "ben")),
        "territory_id": rng.choice(PLACES), "opened_at": opened, "amount": maybe(rng, money(rng)), "margin": None,
        "closed_at": opened + timedelta(days=rng.randrange(90)) if decided else None, "status": status,
        "lost_reason": "price" if status == "lost" else None, "product_id": rng.choice(PRODUCTS),
    }  # fmt: skip


def interaction(rng: random.Random, at: Any) -> Row:
    return {
        "interaction_id": at.key("n"), "customer_ref": at.who(rng), "started_at": at.at(rng),
        "channel": rng.choice((None, "web", "phone", "e-mail")), "direction": rng.choice((None, "in", "out")),
        "kind": rng.choice((None, "visit", "call", "sales_call", "open")), "duration_s": maybe(rng, rng.randrange(900)),
        "pages": maybe(rng, rng.randrange(20)), "device": rng.choice((None, "phone", "desktop")),
        "agent_id": rng.choice((None, "ann", "ben")), "campaign_id": rng.choice(CAMPAIGNS),
        "outcome": rng.choice((None, "sold", "later")), "cost": maybe(rng, money(rng)),
    }  # fmt: skip


def service_case(rng: random.Random, at: Any) -> Row:
    opened = at.at(rng)
    replied = maybe(rng, opened + timedelta(days=rng.randrange(9)))
    closed = rng.choice((None, opened + timedelta(days=rng.randrange(60))))
    return {
        "case_id": at.key("k"), "customer_ref": at.who(rng),
        "kind": rng.choice((None, "complaint", "request", "return", "repair")), "opened_at": opened,
        "first_reply_at": replied, "closed_at": closed, "reason": rng.choice((None, "broken", "late")),
        "severity": rng.choice((None, 1, 2, 3, 4)), "product_id": rng.choice(PRODUCTS),
        "channel": rng.choice((None, "phone", "e-mail")),
        "handling_minutes": maybe(rng, Decimal(rng.randrange(1, 500)) / 4),
        "cost": maybe(rng, money(rng)), "outcome": rng.choice((None, "sold", "later")),
        "seen_at": maybe(rng, opened + timedelta(days=rng.randrange(40))),
    }  # fmt: skip


def survey_answer(rng: random.Random, at: Any) -> Row:
    instrument, most = rng.choice((("nps", 10), ("csat", 5), ("ces", 7)))
    return {
        "answer_id": at.key("a"), "customer_ref": at.who(rng), "answered_at": at.at(rng), "instrument": instrument,
        "about": rng.choice((None, "product", "service")), "score": maybe(rng, rng.randrange(1, most + 1)),
        "product_id": rng.choice(PRODUCTS),
    }  # fmt: skip


def contact(rng: random.Random, at: Any) -> Row:
    return {
        "contact_id": at.key("m"), "campaign_id": rng.choice(CAMPAIGNS), "customer_ref": at.who(rng),
        "arm": rng.choice((None, "treated", "treated", "control")), "sent_at": at.at(rng),
        "status": rng.choice((None, "sent", "sent", "bounced", "refused", "held")), "cost": maybe(rng, money(rng)),
    }  # fmt: skip


def response(rng: random.Random, at: Any) -> Row:
    return {
        "response_id": at.key("w"), "contact_id": rng.choice((None, "m-none", f"m0-{rng.randrange(70)}")),
        "customer_ref": at.who(rng), "at": at.at(rng), "kind": rng.choice((None, "open", "click", "opt_out")),
        "value": maybe(rng, money(rng)),
    }  # fmt: skip


def consent(rng: random.Random, at: Any) -> Row:
    return {
        "record_id": at.who(rng) or "s1", "purpose": rng.choice(("offers", "surveys")), "channel": "e-mail",
        "at": at.at(rng), "decision": rng.choice(("given", "withdrawn")),
    }  # fmt: skip


LINE = ("order_id", "line_no")
SOURCES = (
    Source("office", "territory", ("territory_id",), delivery="full"),
    Source("office", "product", ("product_id",), delivery="full"),
    Source("office", "exchange_rate", ("currency", "on")),
    Source("office", "target", ("measure", "territory_id", "period")),
    Source("mailer", "campaign", ("campaign_id",)),
    Source("mailer", "contact_list", ("list_id",)),
    Source("shop", "customer_record", ("record_id",)),
    Source("office", "customer_record", ("record_id",)),
    Source("shop", "order_line", LINE, keys="shop", makes=order_line, often=260, splits=True),
    Source("office", "order_line", LINE, keys="office", makes=order_line, often=70, known="arrival"),
    Source("till", "order_line", LINE, keys="shop", makes=order_line, often=60, known="happened"),
    Source("office", "invoice", ("invoice_id",), keys="office", makes=invoice, often=80, known="arrival"),
    Source("shop", "subscription", ("subscription_id",), keys="shop", makes=subscription, often=60),
    Source("office", "opportunity", ("opportunity_id",), keys="office", makes=opportunity, often=70),
    Source("desk", "interaction", ("interaction_id",), delivery="append", keys="shop", makes=interaction, often=90),
    Source("desk", "service_case", ("case_id",), keys="shop", makes=service_case, often=90, known="seen_at"),
    Source("desk", "survey_answer", ("answer_id",), keys="shop", makes=survey_answer, often=90),
    Source("mailer", "contact", ("contact_id",), keys="shop", makes=contact, often=90),
    Source("mailer", "response", ("response_id",), keys="shop", makes=response, often=60),
    Source("mailer", "consent", ("record_id", "purpose", "channel", "at"), keys="shop", makes=consent, often=30),
)
