"""How many customers there really are: records counted as the customers they are, and how their number grows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from decimal import Decimal

from clientela.analyse.abstain import abstain
from clientela.analyse.customer.base_figures import Base, Bought, base_of, bought_by, day_of, whole
from clientela.analyse.sales.period import period_of
from clientela.contracts.analysis import Analysis, KnowledgeBase, Parameter
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, Value, ntext, text

QUESTION = text("How many customers have we really, and how is their number growing?")
MONTHS_SHOWN, MONTHS_LISTED, SYSTEMS_SHOWN = 24, 12, 8
STEADY = 0.005  # a change of less than half a percent is said to be none


def tell_customer_base(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The customers behind the records, who of them buys, and how many came month by month."""
    base = base_of(kb)
    if not base.customers:
        return abstain(
            CUSTOMER_BASE,
            kb,
            text(
                "No customer is known yet. Deliver orders that name who bought, or customer records, and run "
                "clientela again."
            ),
        )
    bought = bought_by(kb)
    months = _chart(kb, base)
    others = (*_records_chart(base), *_systems_chart(base))
    charts = (*months, *others)
    return Insight(
        analysis="customer-base",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(base, bought),
        lead=(*_several(base), *_kinds(base), *_activity(kb, base), *_anonymous(kb, bought)),
        figure=_figure(base, bought),
        table=_table(kb, base),
        chart=charts[0] if charts else None,
        details=charts[1:],
        sure=_sure(base),
        caveats=_caveats(kb, base),
        next=_next(base),
        computed=text(
            "A record is a key by which a system knows somebody; records that were found to be one customer count "
            "once. A customer is new on the day of the first purchase; one who never bought, on the day the oldest "
            "record was made. Who bought counts different customers with at least one sale in the period."
        ),
    )


def _headline(base: Base, bought: Bought | None) -> Text:
    known = _known(base)
    if bought is None:
        return text("{known}.", known=known)
    return text("{known}; {bought}.", known=known, bought=_said(bought))


def _known(base: Base) -> Text:
    if not base.delivered:
        return ntext(
            "{n} customer is known, by a key of their own",
            "{n} customers are known, each by a key of their own",
            "n",
            n=base.customers,
        )
    return ntext(
        "{records} record in {systems} is {customers}",
        "{records} records in {systems} are {customers}",
        "records",
        records=base.records,
        systems=ntext("{n} system", "{n} systems", "n", n=len(base.systems)),
        customers=ntext("{n} customer", "{n} customers", "n", n=base.customers),
    )


def _said(bought: Bought) -> Text:
    """How many bought, and how that compares with the year before."""
    if not bought.whole:
        return text("{n} bought since {day}", n=bought.customers, day=bought.period.first)
    change = bought.change
    if change is None:
        return text("{n} bought in the last 12 months", n=bought.customers)
    if abs(change) < STEADY:
        return text("{n} bought in the last 12 months, as many as in the year before", n=bought.customers)
    share = Amount(abs(change), "share")
    if change > 0:
        return text(
            "{n} bought in the last 12 months, {change} more than the year before", n=bought.customers, change=share
        )
    return text(
        "{n} bought in the last 12 months, {change} less than the year before", n=bought.customers, change=share
    )


def _several(base: Base) -> tuple[Text, ...]:
    """How many are known by several records, and to several systems."""
    if not base.compared:
        return ()
    doubled = base.customers - base.by_records.get(1, 0)
    if not doubled:
        return (text("Each of them has one record: no duplicate was found."),)
    said = [
        ntext(
            "{n} customer has several records ({share} of all).",
            "{n} customers have several records ({share} of all).",
            "n",
            n=doubled,
            share=Amount(doubled / base.customers, "share"),
        )
    ]
    overlap = sum(n for names, n in base.by_systems.items() if ", " in names)
    if len(base.systems) > 1:
        said.append(
            ntext("{n} is known to more than one system.", "{n} are known to more than one system.", "n", n=overlap)
        )
    return tuple(said)


def _kinds(base: Base) -> tuple[Text, ...]:
    persons, organisations = base.by_kind.get("person", 0), base.by_kind.get("organisation", 0)
    unknown = base.by_kind.get(None, 0)
    if not persons + organisations:
        return ()
    said = [ntext("{n} is a person", "{n} are persons", "n", n=persons)] if persons else []
    if organisations:
        said.append(ntext("{n} is an organisation", "{n} are organisations", "n", n=organisations))
    known = said[0] if len(said) == 1 else text("{one} and {other}", one=said[0], other=said[1])
    if not unknown:
        return (text("{known}.", known=known),)
    return (text("{known}; of {unknown} no record says which.", known=known, unknown=unknown),)


def _activity(kb: KnowledgeBase, base: Base) -> tuple[Text, ...]:
    """Active, lapsed, never bought."""
    if not base.buyers or base.active is None or kb.lapse_days is None:
        return ()
    said = [
        ntext(
            "{n} is active: the last purchase is no more than {days} ago.",
            "{n} are active: their last purchase is no more than {days} ago.",
            "n",
            n=base.active,
            days=Amount(kb.lapse_days, "days"),
        ),
    ]
    if lapsed := base.buyers - base.active:
        said.append(
            ntext("{n} bought before and has lapsed.", "{n} bought before and have lapsed.", "n", n=lapsed),
        )
    if never := base.customers - base.buyers:
        said.append(text("{n} never bought.", n=never))
    return tuple(said)


def _anonymous(kb: KnowledgeBase, bought: Bought | None) -> tuple[Text, ...]:
    """How much of the revenue names nobody, when it is worth a word."""
    if bought is None:
        return ()
    during = Condition("day", Operator.BETWEEN, (bought.period.first, bought.period.last))
    totals = kb.query(("anonymous_share",), where=during).totals
    share = Decimal(str(totals[0])) if totals and totals[0] is not None else Decimal(0)
    if abs(share) < Decimal("0.005"):
        return ()
    return (
        text(
            "Beside them, {share} of the revenue of that time names no customer.",
            share=Amount(share, "share", digits=0),
        ),
    )


def _figure(base: Base, bought: Bought | None) -> Figure:
    if bought is None or not bought.whole:
        return Figure(value=Amount(base.customers, "count"), caption=text("customers"))
    change = bought.change
    steady = change is None or abs(change) < STEADY
    return Figure(
        value=Amount(bought.customers, "count"),
        caption=text("customers bought in the last 12 months"),
        change=change,
        compared_with=None if change is None else text("the year before"),
        better=None if steady or change is None else change > 0,
    )


def _chart(kb: KnowledgeBase, base: Base) -> tuple[Chart, ...]:
    """Who came month by month; the month that is not over is hollow."""
    dated = sorted(month for month in base.months if month is not None)
    if len(dated) < 2:
        return ()
    shown = _months(dated[0], kb.as_of - timedelta(days=1))[-MONTHS_SHOWN:]
    running = period_of(shown[-1], "month").last >= kb.as_of
    return (
        Chart(
            mark=Mark.BAR,
            title=text("New customers month by month"),
            subtitle=text("Customers by the month in which they came, to {day}", day=kb.as_of - timedelta(days=1)),
            data=Table(
                columns=(
                    TableColumn(name="month", type=Type.DATE, label=text("Month")),
                    TableColumn(name="new", type=Type.INT, label=text("New customers")),
                ),
                rows=tuple((month, base.months.get(month, 0)) for month in shown),
                caption=text("New customers, oldest month first"),
            ),
            x="month",
            y="new",
            incomplete=(shown[-1],) if running else (),
        ),
    )


def _records_chart(base: Base) -> tuple[Chart, ...]:
    if not base.compared or base.customers == base.by_records.get(1, 0):
        return ()
    names = {1: text("1 record"), 2: text("2 records"), 3: text("3 records"), 4: text("4 or more")}
    rows = tuple((names[each], base.by_records.get(each, 0)) for each in names if each <= max(base.by_records))
    title = text(
        "{share} of the customers have one record.",
        share=Amount(base.by_records.get(1, 0) / base.customers, "share"),
    )
    return (_bars(title, text("Customers by how many records they have"), text("Records each"), rows),)


def _systems_chart(base: Base) -> tuple[Chart, ...]:
    """Who is known to which systems: each group once, the smallest of many together."""
    if len(base.systems) < 2:
        return ()
    ranked = sorted(base.by_systems.items(), key=lambda each: (-each[1], each[0]))
    rows: list[tuple[Value, ...]] = [(_systems(names), n) for names, n in ranked[:SYSTEMS_SHOWN]]
    if rest := ranked[SYSTEMS_SHOWN:]:
        rows.append((text("Others"), sum(n for _, n in rest)))
    title = text("No customer is known to more than one system.")
    if overlap := sum(n for names, n in ranked if ", " in names):
        title = text(
            "{share} of the customers are known to more than one system.",
            share=Amount(overlap / base.customers, "share"),
        )
    return (_bars(title, text("Customers by the systems that know them"), text("Known to"), tuple(rows)),)


def _systems(names: str) -> Text:
    if ", " not in names:
        return text("{system} only", system=names)
    return text("{systems}", systems=names)


def _bars(title: Text, subtitle: Text, label: Text, rows: tuple[tuple[Value, ...], ...]) -> Chart:
    return Chart(
        mark=Mark.BAR,
        title=title,
        subtitle=subtitle,
        data=Table(
            columns=(
                TableColumn(name="what", type=Type.TEXT, label=label),
                TableColumn(name="customers", type=Type.INT, label=text("Customers")),
            ),
            rows=rows,
            caption=subtitle,
        ),
        x="what",
        y="customers",
    )


def _table(kb: KnowledgeBase, base: Base) -> Table:
    """The last months: who came, who bought, how many there were at their end; then those of an unknown day."""
    dated = sorted(month for month in base.months if month is not None)
    bought = {day_of(month): whole(n) for month, n in kb.query(("customers",), by=("month",)).rows}
    unknown = base.months.get(None, 0)
    total, rows = unknown, list[tuple[Value, ...]]()
    for month in _months(dated[0], kb.as_of - timedelta(days=1)) if dated else ():
        total += base.months.get(month, 0)
        rows.append((_so_far(month, kb.as_of), base.months.get(month, 0), bought.get(month, 0), total))
    rows = rows[::-1][: MONTHS_LISTED - bool(unknown)]
    if unknown:
        rows.append((text("Day unknown"), unknown, None, None))
    return Table(
        columns=(
            TableColumn(name="month", type=Type.TEXT, label=text("Month")),
            TableColumn(name="new", type=Type.INT, label=text("New")),
            TableColumn(name="bought", type=Type.INT, label=text("Who bought")),
            TableColumn(name="customers", type=Type.INT, label=text("In all")),
        ),
        rows=tuple(rows),
        caption=text("Customers by month, the latest first"),
        note=text("Who came on an unknown day counts in all months of the last column.") if unknown else None,
    )


def _sure(base: Base) -> tuple[Text, ...]:
    """How sure it is: counted, but for which records are one customer."""
    if not base.duplicates:
        return ()
    wrong = text(
        "Which records are one customer is estimated: less than one join of {joins} should be wrong.",
        joins=base.duplicates,
    )
    if base.expected_wrong >= 1:
        wrong = text(
            "Which records are one customer is estimated: about {wrong} of {joins} joins may be wrong.",
            wrong=Amount(base.expected_wrong, "count"),
            joins=base.duplicates,
        )
    return (text("Customers, purchases and records are counted."), wrong)


def _caveats(kb: KnowledgeBase, base: Base) -> tuple[Text, ...]:
    said = []
    if kb.first_day is not None and base.buyers:
        said.append(
            text(
                "Purchases are known from {day} on: who bought before counts as new on the first purchase since.",
                day=kb.first_day,
            )
        )
    if base.delivered and not base.compared:
        said.append(text("The customer records were not compared with each other, so each counts as a customer."))
    if not base.delivered:
        said.append(
            text(
                "No system delivers customer records, so no key could be compared with another: some of these "
                "customers may be one and the same."
            )
        )
    if unknown := base.months.get(None, 0):
        said.append(
            ntext(
                "Of {n} customer it is not known when they came: they never bought, and no record says when it was "
                "made.",
                "Of {n} customers it is not known when they came: they never bought, and no record says when it was "
                "made.",
                "n",
                n=unknown,
            )
        )
    if base.undated:
        said.append(
            ntext(
                "{n} customer is left out here, as it is not known whether they were there before {day}.",
                "{n} customers are left out here, as it is not known whether they were there before {day}.",
                "n",
                n=base.undated,
                day=kb.as_of,
            )
        )
    if base.uncertain:
        said.append(
            ntext(
                "{n} pair of records is uncertain: if it is one customer, there is one customer less.",
                "{n} pairs of records are uncertain: each that is one customer makes one customer less.",
                "n",
                n=base.uncertain,
            )
        )
    if kb.as_of < kb.run_as_of and base.compared:
        said.append(
            text(
                "Which records are one customer is taken as it is known today, not as it was known on {day}.",
                day=kb.as_of,
            )
        )
    return tuple(said)


def _next(base: Base) -> tuple[Text, ...]:
    if not base.delivered:
        return (text("Deliver customer records (table customer_record), so that duplicates can be found."),)
    if base.uncertain:
        return (text("Decide on the uncertain pairs: {command}.", command="clientela identity review"),)
    return (text("Look at who carries the revenue, and at who may leave."),)


def _months(first: date, last: date) -> list[date]:
    """The first days of the months from that of ``first`` to that of ``last``."""
    months, month = [], period_of(first, "month")
    while month.first <= last:
        months.append(month.first)
        month = period_of(month.last + timedelta(days=1), "month")
    return months


def _so_far(month: date, as_of: date) -> Period:
    """The month, as far as it is over."""
    return Period(month, min(period_of(month, "month").last, as_of - timedelta(days=1)))


CUSTOMER_BASE = Analysis(
    name="customer-base",
    area="customer",
    level=Level.HAPPENED,
    question=QUESTION,
    rests_on=("order_line.ordered_at",),
    answer=tell_customer_base,
)
