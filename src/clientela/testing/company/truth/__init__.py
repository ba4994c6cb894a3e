"""What really is and happened in a synthetic company: tables with contracts, kept where the product cannot see them."""

from clientela.testing.company.truth.folder import Truth, read
from clientela.testing.company.truth.tables import TRUTH

__all__ = ["TRUTH", "Truth", "read"]
