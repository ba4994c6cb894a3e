"""Personal values with their letters covered: enough to recognise what one knows, too little to learn it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

COVER = "•••••"


def email(value: str) -> str:
    """The first letter, and where the mailbox is.

    Examples
    --------
    >>> email("sample.person@example.org")
    's•••••@example.org'
    """
    local, at, domain = value.rpartition("@")
    return f"{local[:1]}{COVER}@{domain}" if at else COVER


def ending(value: str) -> str:
    """The last two signs.

    Examples
    --------
    >>> ending("+34 600 123 456"), ending("7")
    ('•••••56', '•••••')
    """
    bare = "".join(each for each in value if each.isalnum())
    return f"{COVER}{bare[-2:]}" if len(bare) > 4 else COVER


def beginning(value: str) -> str:
    """The first two signs.

    Examples
    --------
    >>> beginning("41013")
    '41•••••'
    """
    return f"{value[:2]}{COVER}" if len(value) > 3 else COVER


def whole(_: object) -> str:
    """Nothing of it."""
    return COVER


_MASKS: Mapping[str, Callable[[Any], str]] = MappingProxyType(
    {"email": email, "phone": ending, "tax_id": ending, "postal_code": beginning}
)
OPEN = frozenset({"full_name", "first_name", "last_name"})


def masked(name: str, value: str | date | None) -> str | date | None:
    """A personal field as it is shown until somebody says what they need it for; names are not covered."""
    if value is None or name in OPEN:
        return value
    return _MASKS.get(name, whole)(value)
