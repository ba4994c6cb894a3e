"""The kinds of dirt in one cell: where each can stand, what it makes of a text, and what is to be expected of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from clientela.contracts.schema import Type
from clientela.testing.company.exports.dirt.known import Field, File, position

# What the product is expected to do with what stands there.
QUARANTINE = "quarantine"  # the row stays out and is listed with file, line and column
MISSING = "missing"  # the value is unknown: it counts as not complete
WEAK = "weak"  # the row counts, and a rule counts it as not correct
DOUBLED = "doubled"  # the row counts once, and its copy as not unique
REFUSED = "refused"  # the file stays out: it is not accessible
READ = "read"  # it is read as it was meant
UNSEEN = "unseen"  # nothing in the file tells that it is wrong
EXPECTED = (QUARANTINE, MISSING, WEAK, DOUBLED, REFUSED, READ, UNSEEN)

EARLIER = 8  # years by which a date is wrong: so many keep a 29 February
NOWHERE = "X9999"  # a product that nobody sells
NOBODY = ("unknown", "000000", "-", "TEST")
JUNK = (" EUR", " ?", "*", ";;")


@dataclass(frozen=True, slots=True)
class Spoiled:
    """What stands in a cell instead, and what is expected of it; ``rule``: the one that a weak row breaks."""

    written: str | None
    expected: str
    rule: str = ""


Spoil = Callable[[str | None, Field, int], Spoiled | None]  # the text, its column, a number drawn; None: it stays


@dataclass(frozen=True, slots=True)
class Kind:
    """A way to spoil a cell, where it fits. ``loses``: it can cost the file the row."""

    fits: Callable[[Field, File], bool]
    spoil: Spoil
    loses: bool = True


def _unreadable_number(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    if text is None:
        return None
    return Spoiled((text[:-1] + "O", "?", "~" + text, "n.a.")[drawn % 4], QUARANTINE)


def _unreadable_date(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    if text is None:
        return None
    return Spoiled(("soon", text.replace("0", "o"), "??/??/????", text[: len(text) // 3])[drawn % 4], QUARANTINE)


def _impossible_date(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    if text is None:
        return None
    day, month = (("30", "02"), ("31", "04"), ("00", "05"), ("12", "13"))[drawn % 4]
    return Spoiled(_put(text, field, d=day, m=month), QUARANTINE)


def _swapped_date(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    """Day and month the other way round: seen only where there is no such month."""
    if text is None:
        return None
    day, month = (text[position(field.pattern, each)] for each in "dm")
    if day == month:
        return None
    return Spoiled(_put(text, field, d=month, m=day), QUARANTINE if int(day) > 12 else UNSEEN)


def _future_date(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    return _years(text, field, EARLIER, "future")


def _early_date(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    """An end before its beginning."""
    return _years(text, field, -EARLIER, "order")


def _years(text: str | None, field: Field, years: int, rule: str) -> Spoiled | None:
    if text is None:
        return None
    year = int(text[position(field.pattern, "Y")]) + years
    return Spoiled(_put(text, field, Y=str(year)), WEAK, rule)


def _negative(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    if text is None or text.startswith("-") or not text.strip("0,."):
        return None
    rule = _BELOW_ZERO[field.table.name, field.name]
    return Spoiled("-" + text, WEAK if rule else QUARANTINE, rule)


# Where nothing may be below zero; the rule that counts it, none where the row is bad.
_BELOW_ZERO = {
    ("order_line", "quantity"): "sign",
    ("order_line", "discount"): "discount",
    ("interaction", "duration_s"): "sign",
    ("subscription", "amount"): "sign",
    ("service_case", "severity"): "",
    ("survey_answer", "score"): "",
}


def _unit_slip(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    """Cents where euros are meant: a hundred times as much."""
    if text is None or text.startswith("-") or not text.strip("0,."):
        return None
    rule = _A_HUNDRED_TIMES.get((field.table.name, field.name), "")
    return Spoiled(str(int(text.replace(",", "").replace(".", ""))), WEAK if rule else UNSEEN, rule)


_A_HUNDRED_TIMES = {
    ("order_line", "net_revenue"): "price",
    ("order_line", "cost_of_goods"): "cost",
    ("invoice", "amount"): "billed",
    ("product", "unit_cost"): "cost",
}


def _lost(expected: str) -> Spoil:
    def spoil(text: str | None, field: Field, drawn: int) -> Spoiled | None:
        return None if text is None else Spoiled(None, expected)

    return spoil


def _unknown_product(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    return None if text is None else Spoiled(NOWHERE, WEAK, "refers")


def _stand_in(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    return Spoiled(NOBODY[drawn % len(NOBODY)], UNSEEN)


def _strange_word(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    return None if text is None else Spoiled(text + "s", QUARANTINE)


def _trailing_junk(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    return None if text is None else Spoiled(text + JUNK[drawn % len(JUNK)], QUARANTINE)


def _spaces(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    around = (" ", "  ", "\u00a0")[drawn % 3]
    return None if text is None else Spoiled(around + text + around, READ)


def _mojibake(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    """UTF-8 that was read as Latin-1 somewhere on its way."""
    if text is None or text.isascii():
        return None
    return Spoiled(text.encode().decode("latin-1").translate(_NO_CONTROLS), UNSEEN)


_NO_CONTROLS = dict.fromkeys((*range(0x20), *range(0x7F, 0xA0)), "¿")


def _embedded(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    """A delimiter, a quote or a line's end within a text, as it may stand there."""
    return None if text is None else Spoiled(text + ("; etc.", ", etc.", "\netc.", ' "etc."')[drawn % 4], UNSEEN)


def _spelt_null(text: str | None, field: Field, drawn: int) -> Spoiled | None:
    if text is not None:
        return None
    said = ("N/A", "NULL", "n/a", "-")[drawn % 4]
    return Spoiled(said, QUARANTINE if field.number or field.date else UNSEEN)


def _put(text: str, field: Field, **parts: str) -> str:
    """The date with some of its parts replaced."""
    for directive, said in parts.items():
        where = position(field.pattern, directive)
        text = text[: where.start] + said + text[where.stop :]
    return text


def _may_be_left_out(field: Field, file: File) -> bool:
    return not field.needed and field.name not in ("currency", field.table.event_time)


def _ends(field: Field) -> bool:
    """Whether it is the end of something whose beginning is known."""
    return field.name in ("due_on", "paid_on", "ended_on", "first_reply_at", "closed_at")


# By the world's field that says how often each is.
CELLS: Mapping[str, Kind] = {
    "unreadable_numbers": Kind(lambda field, file: field.number, _unreadable_number),
    "unreadable_dates": Kind(lambda field, file: field.date, _unreadable_date),
    "impossible_dates": Kind(lambda field, file: field.date, _impossible_date),
    "swapped_dates": Kind(lambda field, file: field.date and file.dates == 1, _swapped_date),
    "future_dates": Kind(
        lambda field, file: field.name == field.table.event_time and file.dates == 1, _future_date, loses=False
    ),
    "early_dates": Kind(lambda field, file: _ends(field), _early_date, loses=False),
    "negatives": Kind(lambda field, file: (field.table.name, field.name) in _BELOW_ZERO, _negative, loses=False),
    "unit_slips": Kind(lambda field, file: field.column.type is Type.MONEY, _unit_slip, loses=False),
    "lost_keys": Kind(lambda field, file: field.needed, _lost(QUARANTINE)),
    "lost_values": Kind(_may_be_left_out, _lost(MISSING), loses=False),
    "unknown_products": Kind(
        lambda field, file: field.name == "product_id" and not field.needed, _unknown_product, loses=False
    ),
    "stand_ins": Kind(lambda field, file: field.column.person, _stand_in, loses=False),
    "strange_words": Kind(lambda field, file: bool(field.column.choices), _strange_word),
    "trailing_junk": Kind(lambda field, file: field.number or field.date, _trailing_junk),
    "spaces": Kind(lambda field, file: not field.date, _spaces, loses=False),
    "mojibake": Kind(lambda field, file: field.words, _mojibake, loses=False),
    "embedded": Kind(lambda field, file: field.words and not field.column.personal, _embedded, loses=False),
    "spelt_nulls": Kind(_may_be_left_out, _spelt_null),
}
