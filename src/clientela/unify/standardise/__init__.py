"""Records in one form: how a name, an address, a telephone number is written no longer tells records apart."""

from clientela.unify.standardise.record import LINKABLE, Standardised, standardise

__all__ = ["LINKABLE", "Standardised", "standardise"]
