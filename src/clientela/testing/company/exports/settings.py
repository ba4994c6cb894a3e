"""The settings that read what a company sends."""

from __future__ import annotations

from clientela.testing.company.exports import dealings, ledger, reference, sales
from clientela.testing.company.exports.people.sources import SETTINGS as PEOPLE
from clientela.testing.company.world import DIRTY, World

_COMPANY = """\
[company]
name = "Synthetic company"
currency = "{currency}"
timezone = "{timezone}"
"""
_FORGIVING = """
[run]
max_bad = 0.5
"""

SOURCES = sales.SETTINGS + dealings.SETTINGS + ledger.SETTINGS + reference.SETTINGS
ALL = SOURCES + reference.RATES + PEOPLE  # also those of a world whose systems do not say who the customers are


def settings(world: World) -> str:
    """``clientela.toml`` for a workspace whose folder ``exports`` gets the exports of a world."""
    return (
        _COMPANY.format(currency=world.currency, timezone=world.timezone)
        + _run(world)
        + SOURCES
        + _rates(world)
        + _people(world)
    )


def _run(world: World) -> str:
    """Where files are dirty, small ones must not stay out for two bad rows."""
    return _FORGIVING if any(getattr(world, kind) for kind in DIRTY) else ""


def _rates(world: World) -> str:
    """What money is worth, where some is billed abroad."""
    return reference.RATES if world.abroad else ""


def _people(world: World) -> str:
    """Who the customers are, where the systems say it."""
    return PEOPLE if world.records else ""
