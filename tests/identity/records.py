"""The generated records on which the proofs of identity rest; the generator is part of the product's test company."""

from __future__ import annotations

from clientela.testing.company.people.mixed.records import PLACEHOLDERS, SYSTEMS, Delivered, delivered

__all__ = ["PLACEHOLDERS", "SYSTEMS", "Delivered", "delivered"]
