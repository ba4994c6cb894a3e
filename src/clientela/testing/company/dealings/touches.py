"""Visits of the web shop, calls, messages, cases and answers to surveys: how many, when, with which plain fields."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

Kind = Literal["visits", "calls", "mailings", "cases", "surveys"]
KINDS: tuple[Kind, ...] = ("visits", "calls", "mailings", "cases", "surveys")
_LATE_HOURS = {"visits": 23.0, "calls": 19.0, "mailings": 18.0, "cases": 21.0, "surveys": 22.0}
# Who has left still looks in now and then: a share of what they did before.
_AFTER_LEAVING = 0.1
SEVERITIES = (0.4, 0.35, 0.2, 0.05)


@dataclass(frozen=True, slots=True, kw_only=True)
class Touches:
    """What happened in one week between customers and the company, by moment; moments in weeks from the beginning.

    ``size``: what is counted of it: pages of a visit, seconds of a call, severity of a case, score of an answer;
    1 for a mailing.
    """

    kind: Kind
    customer: Indices
    at: Floats
    size: Indices

    def __len__(self) -> int:
        return len(self.customer)


def touches(world: World, latent: Latent, kind: Kind, week: int) -> Touches:
    """The visits, calls, mailings, cases or answers of a week."""
    rng = stream(world.seed, kind, week)
    open_ = np.clip(week + 1 - np.maximum(latent.joins, week), 0, 1)
    stays = latent.leaves > week
    rate = getattr(world, kind) * open_ * np.where(stays, 1.0, _AFTER_LEAVING)
    if kind == "visits":
        rate = rate * np.where(latent.online, 2.0, 0.5)
    elif kind == "cases":
        rate = rate * np.exp(-0.5 * latent.content - 0.125)  # who is content has fewer; the mean stays
    counts = rng.poisson(rate)
    customer = np.repeat(np.arange(len(latent)), counts)
    start = np.maximum(latent.joins[customer], week)
    day = np.floor((start + rng.random(len(customer)) * (week + 1 - start)) * 7)
    at = (day + (8 + (_LATE_HOURS[kind] - 8) * rng.random(len(customer))) / 24) / 7
    order = np.argsort(at, kind="stable")
    customer, at = customer[order], at[order]
    return Touches(kind=kind, customer=customer, at=at, size=_size(rng, latent, kind, customer))


def _size(rng: np.random.Generator, latent: Latent, kind: Kind, customer: Indices) -> Indices:
    size = len(customer)
    if kind == "visits":
        return np.asarray(rng.geometric(0.25, size))
    if kind == "calls":
        return np.asarray(30 + rng.gamma(2.0, 110, size), np.intp)
    if kind == "cases":
        return np.asarray(rng.choice(4, size, p=SEVERITIES) + 1)
    if kind == "surveys":
        felt = 7.6 + 1.6 * latent.content[customer] + rng.normal(0, 1.2, size)
        return np.clip(np.round(felt), 0, 10).astype(np.intp)
    return np.ones(size, np.intp)
