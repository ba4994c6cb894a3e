"""What classes of payers, and the rules that put a customer into one, are called."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.text import Text, text

CLASSES: Mapping[str, Text] = MappingProxyType(
    {
        "sound": text("Sound"),
        "watch": text("To watch"),
        "weak": text("Weak"),
        "unknown": text("Not known yet"),
    }
)
"""From the safest to the least safe; of the last too little is known."""
REASONS: Mapping[str, Text] = MappingProxyType(
    {
        "low score": text("The bought score is low"),
        "long overdue": text("An invoice has been overdue for long"),
        "few invoices": text("Too few invoices fell due"),
        "much overdue": text("Much of what fell due is overdue"),
        "very late": text("Pays very late on average"),
        "over limit": text("Owes more than the credit limit"),
        "some overdue": text("Some of what fell due is overdue"),
        "late": text("Pays late on average"),
        "later than before": text("Pays later than half a year ago"),
        "on time": text("Pays in time"),
    }
)
TO_DO: Mapping[str, Text] = MappingProxyType(
    {
        "sound": text("Longer terms may be offered."),
        "watch": text("Remind early; do not raise the limit."),
        "weak": text("Agree on instalments or payment in advance."),
        "unknown": text("Begin with small amounts or short terms."),
    }
)
