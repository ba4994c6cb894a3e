"""Every sentence with a place, said with 0, 1, 2 and 1,234.5 in every language.

``python -m tests.golden.sentences`` writes the golden file anew; read the difference before you keep it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

from clientela.contracts.text import Amount, Period, Text, Value
from clientela.present.extract import Message, messages
from clientela.present.formats import LANGUAGES
from clientela.present.say import PLACE, say

GOLDEN = Path(__file__).with_suffix(".txt")
NUMBERS = (Decimal(0), Decimal(1), Decimal(2), Decimal("1234.5"))
DAY, QUARTER = date(2017, 12, 31), Period(date(2017, 10, 1), date(2017, 12, 31))
EARLIER = Period(date(2017, 7, 1), date(2017, 9, 30))


def _money(number: Decimal) -> Value:
    return Amount(number, "money", "USD")


def _share(number: Decimal) -> Value:
    return Amount(number / 100, "share")


def _fixed(value: Value) -> Callable[[Decimal], Value]:
    return lambda _: value


PLACES: dict[str, Callable[[Decimal], Value]] = {  # what stands in a place, by its name; elsewhere the number itself
    **dict.fromkeys(("revenue", "before", "amount", "basket", "each", "loss"), _money),
    **dict.fromkeys(("share", "change", "said", "came"), _share),
    **dict.fromkeys(("period", "what"), _fixed(QUARTER)),
    **dict.fromkeys(("previous", "earlier"), _fixed(EARLIER)),
    **dict.fromkeys(("day", "date"), _fixed(DAY)),
    "moment": _fixed(datetime(2018, 1, 1, 5, 12, tzinfo=UTC)),
    **dict.fromkeys(("where", "where_low", "where_high"), _fixed("Dec")),
    **dict.fromkeys(("method", "baseline"), _fixed("longest silent first")),
    **dict.fromkeys(("reason", "warning"), _fixed("One year is too short.")),
    "source": _fixed("shop"),
    "owner": _fixed("Ana Ruiz"),
    "path": _fixed("orders-2.csv"),
    "place": _fixed("order_line.net_revenue"),
    "property": _fixed("Correct"),
    "missing": _fixed("the product"),
    "other": _fixed("product"),
    **dict.fromkeys(("age", "measured"), _fixed("3 days")),
    **dict.fromkeys(("finding", "notice"), _fixed("Rows of order_line from shop that broke a rule")),
    **dict.fromkeys(("system", "one"), _fixed("crm")),
    "systems": _fixed("crm, shop"),
    "known": _fixed("4,812 records in 3 systems are 4,103 customers"),
    "bought": _fixed("1,240 bought in the last 12 months"),
    "table": _fixed("order_line"),
    "metric": _fixed("auc"),
    "snapshot": _fixed("7c1e"),
    "currency": _fixed("USD"),
    "command": _fixed("clientela run"),
}


def filled(message: Message, number: Decimal) -> Text:
    """The message with the number in the place that is counted and in every place that takes numbers."""
    places = PLACE.findall(message.id) + PLACE.findall(message.plural or "")
    values: dict[str, Value] = {name: PLACES[name](number) if name in PLACES else number for name in places}
    if message.plural is None:
        return Text(message.id, values)
    values[message.count or ""] = number
    return Text(message.id, values, message.plural, message.count)


def rendered() -> str:
    """The golden text."""
    lines: list[str] = []
    for message in messages():
        if not PLACE.search(message.id):
            continue
        lines.append(message.id)
        for locale in LANGUAGES:
            lines += [f"  {locale}  {say(filled(message, number), locale)}" for number in NUMBERS]
        lines.append("")
    return "\n".join(lines)


if __name__ == "__main__":
    GOLDEN.write_text(rendered(), encoding="utf-8")
