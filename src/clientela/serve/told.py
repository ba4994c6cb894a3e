"""What settings say in words, as the server takes it."""

from __future__ import annotations

from datetime import timedelta

_UNITS = {"K": 1_000, "M": 1_000_000, "G": 1_000_000_000}


def lasting(said: str) -> timedelta:
    """A length of time.

    Examples
    --------
    >>> lasting("30 minutes")
    datetime.timedelta(seconds=1800)
    """
    number, unit = said.split()
    return timedelta(**{unit.removesuffix("s") + "s": int(number)})


def size(said: str) -> int:
    """A number of bytes.

    Examples
    --------
    >>> size("200MB")
    200000000
    """
    return int(said[:-2]) * _UNITS[said[-2]]
