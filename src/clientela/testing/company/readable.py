"""What a perfect reader of the files would make of the sales: the truth, less what is late, wrong, or spoiled."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from clientela.testing.company.truth import read

_AMOUNTS = ("Importe", "total", "Net")
_WHEN = {"Fecha": "%d/%m/%Y %H:%M:%S", "Entered": "%m/%d/%Y %I:%M:%S %p", "placed": "%Y-%m-%dT%H:%M:%SZ"}
_CURRENCY = "Currency"
_CENT = 100  # in ten-thousandths of the company's currency, in which all is counted here

Spoiled = Sequence[Mapping[str, Any]]
Line = tuple[int, int]  # order and line; line 0 is the head of the order


@dataclass(frozen=True, slots=True, kw_only=True)
class Readable:
    """Revenue in the company's currency: what is true, and the steps from it to what can be read.

    ``true``: of all lines that happened; ``late``: more or less because an order has not arrived yet, or not yet as it
    should be; ``unusable``: because a row cannot be used; ``slipped``: because something else was written that can be
    read too.
    """

    true: Decimal
    late: Decimal
    unusable: Decimal
    slipped: Decimal

    @property
    def best(self) -> Decimal:
        """What a product finds at best."""
        return self.true + self.late + self.unusable + self.slipped


@dataclass(frozen=True, slots=True)
class _Sent:
    """A line as it arrived after a week: what it is worth, and in what it was billed when that is another currency."""

    week: int
    cents: int
    worth: int
    billed: int | None


def readable(folder: Path, *, weeks: int, until: date) -> Readable:
    """The revenue that a perfect reader of all files finds after so many weeks.

    Files that arrived empty are not looked at.

    Parameters
    ----------
    folder : of the truth
    until : a line that by what is written is not before this day does not count yet
    """
    sent, wrong = _sent(folder, weeks), _wrong(folder, weeks)
    steps = [0, 0, 0, 0]
    for each in read(folder, "line", range(weeks)).select(["order", "line", "revenue"]).to_pylist():
        key, cents = (each["order"], each["line"]), each["revenue"]
        came = sent.get(key, [])
        true = next((one.worth for one in came if one.cents == cents), cents * _CENT)
        usable = [one for one in came if not _is_lost(_of(wrong, key, one.week))]
        arrived = came[-1].worth if came else 0
        whole = usable[-1].worth if usable else 0
        seen = _as_written(usable[-1], _of(wrong, key, usable[-1].week), until) if usable else 0
        for place, step in enumerate((true, arrived - true, whole - arrived, seen - whole)):
            steps[place] += step
    true, late, unusable, slipped = (Decimal(each) / (100 * _CENT) for each in steps)
    return Readable(true=true, late=late, unusable=unusable, slipped=slipped)


def _sent(folder: Path, weeks: int) -> Mapping[Line, list[_Sent]]:
    """Each line as often as it arrived, in the order in which it did."""
    names = ("order", "line", "week")
    abroad = {
        tuple(each[name] for name in names): each for each in read(folder, "billed_abroad", range(weeks)).to_pylist()
    }
    found = defaultdict(list)
    for each in read(folder, "arrived_line", range(weeks)).select([*names, "revenue"]).to_pylist():
        bill = abroad.get(tuple(each[name] for name in names))
        cents = each["revenue"]
        one = _Sent(each["week"], cents, cents * _CENT, None)
        if bill is not None:
            one = _Sent(each["week"], cents, bill["revenue"], bill["billed"])
        found[each["order"], each["line"]].append(one)
    return found


def _wrong(folder: Path, weeks: int) -> Mapping[tuple[int, int, int], Spoiled]:
    """What is wrong in lines and heads of orders, by order, line and week."""
    found = defaultdict(list)
    for each in read(folder, "dirt", range(weeks)).to_pylist():
        if each["table_name"] == "order_line" and each["key"]:
            number, _, line = each["key"].partition("|")
            order = int("".join(filter(str.isdigit, number))) - 1
            found[order, int(line or 0), each["week"]].append(each)
    return found


def _of(wrong: Mapping[tuple[int, int, int], Spoiled], key: Line, week: int) -> Spoiled:
    order, line = key
    return [*wrong.get((order, line, week), ()), *wrong.get((order, 0, week), ())]


def _is_lost(said: Spoiled) -> bool:
    return any(each["expected"] == "quarantine" for each in said)


def _as_written(sent: _Sent, said: Spoiled, until: date) -> int:
    """What a line brings by what is written of it; 0 where it is said to lie ahead."""
    worth, rate = sent.worth, Decimal(1)
    if sent.billed is not None:
        rate = Decimal(sent.worth) / (sent.billed * _CENT) if sent.billed else Decimal(0)
    for each in said:
        column, written = each["column"], each["written"]
        if column in _WHEN and each["expected"] in ("weak", "unseen"):
            if datetime.strptime(written, _WHEN[column]).date() >= until:  # noqa: DTZ007 - the day alone is asked for
                return 0
        elif column in _AMOUNTS and each["expected"] in ("weak", "unseen"):
            worth = round(Decimal(written.replace(",", ".")) * 100 * _CENT * rate)
        elif column == _CURRENCY and written is None and sent.billed is not None:
            worth = sent.billed * _CENT
    return worth
