"""Which share of the customers who came in a month still buy so many months later."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from clientela.analyse.abstain import NO_SALES, abstain
from clientela.analyse.asked import whole_number
from clientela.contracts.analysis import Analysis, KnowledgeBase, Parameter
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text

QUESTION = text("Of the customers who come, how many still buy so many months later?")
LONGEST = 36
_FEWEST = 30  # customers behind a share that is said in the headline
_SMALL = 30  # a cohort of fewer is marked
_LISTED, _DRAWN = 24, 6
_SHOWN = (1, 2, 3, 6, 12, 24)
Share = tuple[float, float, float]


@dataclass(frozen=True, slots=True)
class Cohort:
    """Those whose first purchase fell in ``month``: how many bought, by months after it; 0 is all of them."""

    month: date
    months: int
    bought: Mapping[int, int]

    @property
    def customers(self) -> int:
        """How many they are."""
        return self.bought.get(0, 0)


def tell_retention(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The share of each monthly cohort that still buys, month after month.

    Parameters
    ----------
    parameters :
        ``month``: the month after the first purchase that the sentence speaks of.
    """
    asked = whole_number(parameters, "month", 1, LONGEST)
    if kb.first_day is None:
        return abstain(RETENTION, kb, NO_SALES)
    every = _cohorts(kb)
    later = [each for each in every if each.month > kb.first_day.replace(day=1)]
    told = _told(later, asked)
    if told is None:
        return abstain(RETENTION, kb, _too_little(later))
    curve = {month: share for month in range(1, LONGEST + 1) if (share := pooled(later, month)) is not None}
    return Insight(
        analysis="retention",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(told, curve[told]),
        lead=_lead(later, told),
        figure=_figure(told, curve[told]),
        table=_table(every, kb.first_day),
        chart=_chart(curve, told),
        details=_details(later),
        sure=(
            text("Purchases that were delivered are counted; the ranges say how exactly so many customers tell it."),
        ),
        caveats=_caveats(later),
        next=_next(curve),
        computed=text(
            "The month of a customer's first purchase is their cohort. Of each cohort we count who bought in the "
            "first, second, third month after it, and so on; a month that is not over is left out. Cohorts are put "
            "together by adding customers, not by averaging shares. Intervals: Wilson, 95 %. The month in which the "
            "data begin is not counted as a cohort: its customers may have bought before."
        ),
    )


def pooled(cohorts: Sequence[Cohort], month: int) -> Share | None:
    """The share of all customers seen so long who bought in that month after the first, with its 95 % interval.

    Examples
    --------
    >>> old, young = Cohort(date(2024, 1, 1), 3, {0: 40, 1: 10}), Cohort(date(2024, 3, 1), 1, {0: 60, 1: 30})
    >>> [round(each, 2) for each in pooled([old, young], 1)], pooled([young], 2)
    ([0.4, 0.31, 0.5], None)
    """
    seen = [each for each in cohorts if each.months >= month and each.customers]
    if not seen:
        return None
    return _share(sum(each.bought.get(month, 0) for each in seen), sum(each.customers for each in seen))


def _share(bought: int, customers: int) -> Share:
    from clientela.estimators.arrays import floats
    from clientela.estimators.calibration import share_interval

    low, high = share_interval(floats(bought), floats(customers))
    return bought / customers, float(low), float(high)


def _cohorts(kb: KnowledgeBase) -> list[Cohort]:
    """Every cohort, the oldest first, with the whole months it has been seen for."""
    found: dict[date, dict[int, int]] = {}
    for first, since, n in kb.query(("buyers_of_cohort",), by=("first_month", "months_since_first")).rows:
        if isinstance(first, date) and since is not None:
            found.setdefault(first, {})[int(str(since))] = int(str(n or 0))
    end = kb.as_of.replace(day=1)
    return [Cohort(first, _months(first, end) - 1, found[first]) for first in sorted(found)]


def _months(since: date, until: date) -> int:
    return 12 * (until.year - since.year) + until.month - since.month


def _told(cohorts: Sequence[Cohort], asked: int) -> int | None:
    """The month to speak of: the one asked for, or the latest before it that enough customers were seen for."""
    for month in range(asked, 0, -1):
        if sum(each.customers for each in cohorts if each.months >= month) >= _FEWEST:
            return month
    return None


def _too_little(cohorts: Sequence[Cohort]) -> Text:
    customers = sum(each.customers for each in cohorts if each.months >= 1)
    return ntext(
        "We cannot say yet: only {n} customer was seen from the first purchase through a whole month after it. A share "
        "that can be trusted needs {needed}.",
        "We cannot say yet: only {n} customers were seen from the first purchase through a whole month after it. A "
        "share that can be trusted needs {needed}.",
        "n",
        n=customers,
        needed=_FEWEST,
    )


def _headline(month: int, share: Share) -> Text:
    now, low, high = (Amount(round(100 * each), "count") for each in share)
    return text(
        "Of 100 new customers, {now} buy in month {month} after the first purchase ({low} to {high}).",
        now=now,
        low=low,
        high=high,
        month=month,
    )


def _lead(cohorts: Sequence[Cohort], month: int) -> tuple[Text, ...]:
    """Whether the newer half of the customers does better than the older half; said where the difference is clear."""
    seen = [each for each in cohorts if each.months >= month and each.customers]
    older, newer = seen[: len(seen) // 2], seen[len(seen) // 2 :]
    before, since = pooled(older, month), pooled(newer, month)
    if before is None or since is None or min(sum(c.customers for c in half) for half in (older, newer)) < _FEWEST:
        return ()
    new, old = Amount(since[0], "share", digits=0), Amount(before[0], "share", digits=0)
    n, m = sum(each.customers for each in newer), sum(each.customers for each in older)
    half = 1.96 * ((since[0] * (1 - since[0])) / n + (before[0] * (1 - before[0])) / m) ** 0.5
    if abs(since[0] - before[0]) <= half:
        return (
            text("Those who came in the newer half of the time stay as long as those before: no clear difference."),
        )
    if since[0] > before[0]:
        return (text("Newer customers stay longer: {since}, against {before} of those before.", since=new, before=old),)
    return (text("Newer customers stay less: {since}, against {before} of those before.", since=new, before=old),)


def _figure(month: int, share: Share) -> Figure:
    value, low, high = (Amount(each, "share", digits=0) for each in share)
    caption = ntext(
        "still buy {n} month after the first purchase", "still buy {n} months after the first purchase", "n", n=month
    )
    return Figure(value=value, low=low, high=high, caption=caption)


def _table(cohorts: Sequence[Cohort], first_day: date) -> Table:
    longest = max((each.months for each in cohorts), default=0)
    months = [month for month in _SHOWN if month <= longest]
    return Table(
        columns=(
            TableColumn(name="first_month", type=Type.DATE, label=text("Month of the first purchase")),
            TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            *(
                TableColumn(
                    name=f"month_{month}",
                    type=Type.SHARE,
                    label=ntext("After {n} month", "After {n} months", "n", n=month),
                )
                for month in months
            ),
            TableColumn(name="note", type=Type.TEXT, label=text("Note")),
        ),
        rows=tuple(
            (
                each.month,
                each.customers,
                *(_cell(each, month) for month in months),
                _note(each, first_day),
            )
            for each in sorted(cohorts, key=lambda each: each.month, reverse=True)[:_LISTED]
        ),
        caption=text("Share that still buys, by month of the first purchase"),
        note=text("A dash is a month that is not over yet."),
    )


def _cell(cohort: Cohort, month: int) -> Decimal | None:
    if cohort.months < month or not cohort.customers:
        return None
    return (Decimal(cohort.bought.get(month, 0)) / cohort.customers).quantize(Decimal("0.000001"))


def _note(cohort: Cohort, first_day: date) -> Text | None:
    if cohort.month <= first_day:
        return text("The data begin here: they may have bought before.")
    if 0 < cohort.customers < _SMALL and cohort.months >= 1:
        _, low, high = _share(cohort.bought.get(1, 0), cohort.customers)
        return text(
            "Few customers: after a month it may be {low} to {high}.",
            low=Amount(low, "share", digits=0),
            high=Amount(high, "share", digits=0),
        )
    return None


def _chart(curve: Mapping[int, Share], told: int) -> Chart:
    return Chart(
        mark=Mark.LINE,
        title=ntext(
            "After {n} month, {share} still buy.",
            "After {n} months, {share} still buy.",
            "n",
            n=told,
            share=Amount(curve[told][0], "share", digits=0),
        ),
        subtitle=text("Share of customers who bought in that month after the first purchase; band: 95% interval"),
        data=Table(
            columns=(
                TableColumn(name="month", type=Type.INT, label=text("Months since the first purchase")),
                TableColumn(name="share", type=Type.SHARE, label=text("Share that buys")),
                TableColumn(name="low", type=Type.SHARE, label=text("At least")),
                TableColumn(name="high", type=Type.SHARE, label=text("At most")),
            ),
            rows=tuple((month, *(round(each, 6) for each in share)) for month, share in sorted(curve.items())),
            caption=text("Share of customers who buy, by months since the first purchase"),
        ),
        x="month",
        y="share",
        interval=("low", "high"),
        highlight=(told,),
    )


def _details(cohorts: Sequence[Cohort]) -> tuple[Chart, ...]:
    """The curves of half-years of cohorts, each a line of its own."""
    grouped: dict[str, list[Cohort]] = {}
    for each in cohorts:
        if each.months >= 1:
            grouped.setdefault(f"{each.month.year} {'I' if each.month.month <= 6 else 'II'}", []).append(each)
    large = {name: those for name, those in grouped.items() if sum(each.customers for each in those) >= _FEWEST}
    if len(large) < 2:
        return ()
    rows: list[tuple[Value, ...]] = []
    for name in sorted(large)[-_DRAWN:]:
        shortest = min(each.months for each in large[name])
        if shortest < 2:  # one month is a point, and no curve
            continue
        for month in range(1, min(shortest, LONGEST) + 1):
            share = pooled(large[name], month)
            if share is not None:
                rows.append((name, month, round(share[0], 6)))
    if len({row[0] for row in rows}) < 2:
        return ()
    return (
        Chart(
            mark=Mark.LINE,
            title=text("Each half-year of new customers has its own curve."),
            subtitle=text("Share of customers who bought in that month after the first purchase"),
            data=Table(
                columns=(
                    TableColumn(name="came", type=Type.TEXT, label=text("Half-year they came")),
                    TableColumn(name="month", type=Type.INT, label=text("Months since the first purchase")),
                    TableColumn(name="share", type=Type.SHARE, label=text("Share that buys")),
                ),
                rows=tuple(rows),
                caption=text("Share of customers who buy, by half-year they came"),
            ),
            x="month",
            y="share",
            series="came",
        ),
    )


def _caveats(cohorts: Sequence[Cohort]) -> tuple[Text, ...]:
    said = [text("A customer who skips a month and comes back later counts in that later month again.")]
    if any(0 < each.customers < _SMALL for each in cohorts):
        said.append(text("Months with few new customers swing by chance; their interval is in the table."))
    return tuple(said)


def _next(curve: Mapping[int, Share]) -> tuple[Text, ...]:
    drops = {month: curve[month - 1][0] - curve[month][0] for month in sorted(curve) if month - 1 in curve}
    if not drops or max(drops.values()) <= 0:
        return (text("Most who do not come back are lost at once: begin with what happens after the first purchase."),)
    first = text("Begin with what happens after the first purchase: that is where most are lost.")
    clear = {month: by for month, by in drops.items() if curve[month][2] < curve[month - 1][1]}  # more than chance
    if not clear:
        return (first,)
    worst = max(clear, key=lambda month: clear[month])
    return (
        first,
        text("After that the largest step down is in month {month}: a reminder belongs before it.", month=worst),
    )


RETENTION = Analysis(
    name="retention",
    area="customer",
    level=Level.HAPPENED,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.ordered_at",),
    answer=tell_retention,
    parameters={"month": 3},
    overview=False,
)
