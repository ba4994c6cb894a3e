"""Invoices to business customers: when they are due, and whether they are paid early, late or never."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.buying.assortment import Cents
from clientela.testing.company.dealings.sales import NOBODY, Lines
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

TERMS = (14, 30, 60)  # days


@dataclass(frozen=True, slots=True, kw_only=True)
class Invoices:
    """The invoices of one week, one for each order of a company; days counted from the world's beginning.

    ``amount``: of its lines, before tax. ``paid``: infinite for what is never paid.
    """

    order: Indices
    customer: Indices
    amount: Cents
    issued: Indices
    due: Indices
    paid: Floats


def invoices(world: World, company: np.ndarray[tuple[int], np.dtype[np.bool_]], lines: Lines, week: int) -> Invoices:
    """The invoices for what companies bought in a week.

    Parameters
    ----------
    company : (customers,); who is one.
    """
    ours = np.flatnonzero((lines.customer != NOBODY) & (lines.returns < 0) & company[lines.customer])
    order, first, of = np.unique(lines.order[ours], return_index=True, return_inverse=True)
    customer = lines.customer[ours[first]]
    rng = stream(world.seed, "invoices", week)
    terms = np.asarray(TERMS)[customer % len(TERMS)]  # a customer's terms stay the same
    issued = np.floor(lines.at[ours[first]] * 7).astype(np.intp)
    return Invoices(
        order=order,
        customer=customer,
        amount=np.bincount(of, lines.revenue[ours], len(order)).astype(np.int64),
        issued=issued,
        due=issued + terms,
        paid=_paid(world, rng, issued, terms),
    )


def _paid(world: World, rng: np.random.Generator, issued: Indices, terms: Indices) -> Floats:
    """The day each is paid: on time is within its terms, late is up to three months after."""
    drawn, size = rng.random(len(issued)), len(issued)
    on_time = np.floor(terms * (1 - rng.beta(1.2, 3, size)))
    late = terms + 1 + np.floor(rng.exponential(18, size)).clip(max=90)
    after = np.where(drawn < world.never_paid + world.paid_late, late, on_time)
    return np.where(drawn < world.never_paid, np.inf, issued + after)
