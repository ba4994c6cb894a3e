"""Records in one form: how a name, an address, a telephone number is written no longer tells records apart."""

from clientela.unify.standardise.record import (
    FLAGS,
    LINKABLE,
    Standardised,
    content,
    found,
    standardise,
    write_standard,
)

__all__ = ["FLAGS", "LINKABLE", "Standardised", "content", "found", "standardise", "write_standard"]
