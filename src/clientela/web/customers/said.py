"""Values as the pages of customers write them, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from clientela.contracts.text import Amount
from clientela.pipeline.customers.words import way
from clientela.present import formats
from clientela.present.say import say


@dataclass(frozen=True, slots=True)
class Said:
    """What a template may call."""

    locale: str

    def money(self, value: Decimal, currency: str) -> str:
        """An amount of money without cents."""
        return formats.amount(Amount(value, "money", currency, digits=0), self.locale)

    def share(self, value: Decimal) -> str:
        """A chance in percent."""
        return formats.amount(Amount(value, "share", digits=1), self.locale)

    def day(self, value: date) -> str:
        """A day in short."""
        return formats.day_short(value.date() if isinstance(value, datetime) else value, self.locale)

    def way(self, channel: str) -> str:
        """A channel, beginning with a capital letter."""
        said = say(way(channel), self.locale)
        return said[:1].upper() + said[1:]
