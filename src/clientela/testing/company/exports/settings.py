"""The settings that read what a company sends."""

from __future__ import annotations

from clientela.testing.company.exports import dealings, reference, sales
from clientela.testing.company.world import World

_COMPANY = """\
[company]
name = "Synthetic company"
currency = "{currency}"
timezone = "{timezone}"
"""


def settings(world: World) -> str:
    """``clientela.toml`` for a workspace whose folder ``exports`` gets the exports of a world."""
    company = _COMPANY.format(currency=world.currency, timezone=world.timezone)
    return company + sales.SETTINGS + dealings.SETTINGS + reference.SETTINGS
