"""Which records are of one customer: rules, then a probabilistic model; pairs, not yet customers."""

from __future__ import annotations

from clientela.unify.linking.learning import learn
from clientela.unify.linking.model import Figure, Linked, LinkModel
from clientela.unify.linking.search import link, number

__all__ = ["Figure", "LinkModel", "Linked", "learn", "link", "number"]
