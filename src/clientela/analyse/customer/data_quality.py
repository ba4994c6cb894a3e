"""How good the customer data are: duplicates, what they distort, what the records know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from clientela.analyse.abstain import abstain
from clientela.analyse.customer.base_figures import COMPARED, RECORDS
from clientela.analyse.customer.record_fields import fields_chart, known_fields
from clientela.contracts.analysis import Analysis, KnowledgeBase, Parameter
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, Value, ntext, text

QUESTION = text("How good is our customer data, and what does it distort?")
YEAR = 365
SHARED = "values shared by too many records"  # a figure of identity_figure: these name nobody
FOUND_BY = ("rule", "model", "person")
TENTH, PAIRS_SHOWN = 10, 10


@dataclass(frozen=True, slots=True)
class Found:
    """What the search for duplicates found, and what it left open."""

    records: int
    customers: int
    duplicates: int
    by_pair: Mapping[str, int]
    by_finder: Mapping[str | None, int]
    expected_wrong: Decimal
    uncertain: int
    uncertain_revenue: Decimal
    bridges: int
    shared_values: int
    searched: bool


@dataclass(frozen=True, slots=True)
class Distorted:
    """The customers who bought in the year, as they are and as they would be counted record by record."""

    customers: int
    too_many: int
    revenue: Decimal
    returned: int
    returned_too_many: int
    hidden_best: int
    hidden_revenue: Decimal

    @property
    def counted(self) -> int:
        """How many customers there would be, did each record count."""
        return self.customers + self.too_many

    @property
    def returned_counted(self) -> int:
        """How many would have come back, did each record count."""
        return self.returned + self.returned_too_many


def tell_data_quality(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The duplicates among the records, what they distort in money, and what the records know of the customers."""
    found = _found(kb)
    if not found.searched:
        return abstain(
            DATA_QUALITY,
            kb,
            text(
                "The customer records were not compared with each other: no source delivers names, e-mail addresses or "
                "telephone numbers, or link is false in [identity] of clientela.toml."
            ),
        )
    year = Period(kb.as_of - timedelta(days=YEAR), kb.as_of - timedelta(days=1))
    distorted = _distorted(kb, year)
    fields = known_fields(kb, found.customers)
    charts = (*_pairs_chart(found), *fields_chart(fields))
    return Insight(
        analysis="data-quality",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(found),
        lead=(*_money(distorted, kb.currency), *_finders(found), *_open(found, kb.currency)),
        figure=Figure(
            value=Amount(found.duplicates, "count"),
            caption=text("duplicates"),
        ),
        table=_table(found, distorted, fields.copies, kb.currency),
        chart=charts[0] if charts else None,
        details=charts[1:],
        sure=_sure(found),
        caveats=_caveats(kb, found, distorted),
        next=_next(found, fields.weakest),
        computed=text(
            "A record is a duplicate when it is the same customer as an older record. Record by record counts each "
            "record as a customer, as if nothing had been found; as customers counts each customer once. Both look at "
            "the {days} before the date. The best customers are the tenth with the most revenue. How many joins are "
            "wrong is the sum of 1 − match probability over the duplicates (Fellegi and Sunter).",
            days=Amount(YEAR, "days"),
        ),
    )


def _found(kb: KnowledgeBase) -> Found:
    year = Condition("day", Operator.BETWEEN, (kb.as_of - timedelta(days=YEAR), kb.as_of - timedelta(days=1)))
    uncertain, bridges = _totals(kb, "uncertain_pairs", "bridges")  # of the whole company only: refused at once
    records, customers = _totals(kb, "records", "known_customers")
    (wrong,) = _totals(kb, "joins_expected_wrong")
    revenue = kb.query(("uncertain_revenue",), where=year).totals
    figures = kb.records("identity_figure", ("figure", "value"), limit=1000).rows
    return Found(
        records=_whole(records),
        customers=_whole(customers),
        duplicates=_whole(records) - _whole(customers),
        by_pair={str(pair): _whole(n) for pair, n in kb.query(("duplicate_records",), by=("system_pair",)).rows},
        by_finder={
            None if each is None else str(each): _whole(n)
            for each, n in kb.query(("duplicate_records",), by=("found_by",)).rows
        },
        expected_wrong=_number(wrong),
        uncertain=_whole(uncertain),
        uncertain_revenue=_number(revenue[0]) if revenue else Decimal(0),
        bridges=_whole(bridges),
        shared_values=sum(int(_number(value)) for name, value in figures if name == SHARED),
        searched=any(name == COMPARED for name, _ in figures) or records != customers,
    )


def _totals(kb: KnowledgeBase, *measures: str) -> tuple[Value, ...]:
    return kb.query(measures).totals or (None,) * len(measures)


def _distorted(kb: KnowledgeBase, year: Period) -> Distorted | None:
    """What the duplicates distort; None where nobody bought, or it was not counted for the date."""
    if kb.as_of < kb.run_as_of:
        return None
    during = Condition("day", Operator.BETWEEN, (year.first, year.last))
    bought = kb.query(("customers", "customer_revenue"), where=during).totals
    if bought is None or not _whole(bought[0]):
        return None
    too_many, gap, hidden, hidden_revenue = _totals(
        kb, "counted_twice", "repeat_gap", "hidden_best", "hidden_best_revenue"
    )
    return Distorted(
        customers=_whole(bought[0]),
        too_many=_whole(too_many),
        revenue=_number(bought[1]),
        returned=_whole(_totals(kb, "repeat_customers")[0]),
        returned_too_many=_whole(gap),
        hidden_best=_whole(hidden),
        hidden_revenue=_number(hidden_revenue),
    )


def _headline(found: Found) -> Text:
    if not found.duplicates:
        return ntext(
            "The {n} record is nobody's duplicate.",
            "None of the {n} records is the duplicate of another.",
            "n",
            n=found.records,
        )
    return ntext(
        "{n} of {records} records is a duplicate ({share}).",
        "{n} of {records} records are duplicates ({share}).",
        "n",
        n=found.duplicates,
        records=found.records,
        share=Amount(found.duplicates / found.records, "share"),
    )


def _money(distorted: Distorted | None, currency: str) -> tuple[Text, ...]:
    """What would be believed without merging, where that differs."""
    if distorted is None or not distorted.too_many:
        return ()
    each, counted = (distorted.revenue / n for n in (distorted.customers, distorted.counted))
    said = [
        text(
            "Record by record the company would count {counted} customers in the last 12 months instead of "
            "{customers}, and believe that each spends {before} instead of {each}.",
            counted=distorted.counted,
            customers=distorted.customers,
            before=Amount(counted, "money", currency),
            each=Amount(each, "money", currency),
        )
    ]
    if distorted.hidden_best:
        said.append(
            ntext(
                "{n} of the best customers would not be seen as such: {amount} of revenue.",
                "{n} of the best customers would not be seen as such: {amount} of revenue.",
                "n",
                n=distorted.hidden_best,
                amount=Amount(distorted.hidden_revenue, "money", currency, digits=0),
            )
        )
    return tuple(said)


def _finders(found: Found) -> tuple[Text, ...]:
    """How the duplicates were found."""
    if not found.duplicates:
        return ()
    rule, model, person = (found.by_finder.get(each, 0) for each in FOUND_BY)
    said: dict[str, Value] = {"rule": rule, "model": model}
    if not person:
        return (text("A rule found {rule} of them, the model {model}.", **said),)
    return (text("A rule found {rule} of them, the model {model}, a person {person}.", **said, person=person),)


def _open(found: Found, currency: str) -> tuple[Text, ...]:
    if not found.uncertain:
        return ()
    if not found.uncertain_revenue:
        return (
            ntext(
                "{n} pair waits for a person to decide.",
                "{n} pairs wait for a person to decide.",
                "n",
                n=found.uncertain,
            ),
        )
    return (
        ntext(
            "{n} pair waits for a person to decide; its customers brought {amount} in the last 12 months.",
            "{n} pairs wait for a person to decide; their customers brought {amount} in the last 12 months.",
            "n",
            n=found.uncertain,
            amount=Amount(found.uncertain_revenue, "money", currency, digits=0),
        ),
    )


def _pairs_chart(found: Found) -> tuple[Chart, ...]:
    if not found.duplicates:
        return ()
    ranked = sorted(found.by_pair.items(), key=lambda each: (-each[1], each[0]))
    one, _, other = ranked[0][0].partition(", ")
    title = text("Duplicates lie above all within {system}.", system=one)
    if other:
        title = text("Duplicates lie above all between {one} and {other}.", one=one, other=other)
    rows = tuple((_pair(names), n) for names, n in ranked[:PAIRS_SHOWN])
    subtitle = text("Duplicate records by the systems of the record and of the older one")
    return (
        Chart(
            mark=Mark.BAR,
            title=title,
            subtitle=subtitle,
            data=Table(
                columns=(
                    TableColumn(name="systems", type=Type.TEXT, label=text("Between")),
                    TableColumn(name="duplicates", type=Type.INT, label=text("Duplicate records")),
                ),
                rows=rows,
                caption=subtitle,
            ),
            x="systems",
            y="duplicates",
            highlight=(rows[0][0],) if len(rows) > 1 else (),
        ),
    )


def _pair(names: str) -> Text:
    """The systems of two duplicates in words."""
    one, _, other = names.partition(", ")
    if not other:
        return text("within {system}", system=one)
    return text("{one} and {other}", one=one, other=other)


def _table(found: Found, distorted: Distorted | None, copies: Mapping[str, int], currency: str) -> Table:
    """Each figure as it would be record by record, and as it is."""
    rows: list[tuple[Value, ...]] = [_row(text("Customers known"), found.records, found.customers, "count", None)]
    if distorted is not None:
        counted, customers = distorted.counted, distorted.customers
        rows += [
            _row(text("Customers who bought"), counted, customers, "count", None),
            _row(
                text("Revenue per customer"),
                distorted.revenue / counted,
                distorted.revenue / customers,
                "money",
                currency,
            ),
            _row(text("Customers who came back"), distorted.returned_counted, distorted.returned, "count", None),
            (
                text("Share who came back"),
                Amount(Decimal(distorted.returned_counted) / counted, "share"),
                Amount(Decimal(distorted.returned) / customers, "share"),
                None,  # a share of a share says nothing to a reader
            ),
        ]
        if customers >= TENTH:
            rows.append(_row(text("Best customers not seen"), distorted.hidden_best, 0, "count", None))
    rows += [
        _row(text("E-mails sent twice"), copies.get("email", 0), 0, "count", None),
        _row(text("Letters sent twice"), copies.get("street", 0), 0, "count", None),
    ]
    return Table(
        columns=(
            TableColumn(name="figure", type=Type.TEXT, label=text("Figure")),
            TableColumn(name="by_record", type=Type.NUMBER, label=text("Record by record")),
            TableColumn(name="by_customer", type=Type.NUMBER, label=text("As customers")),
            TableColumn(name="change", type=Type.SHARE, label=text("Difference")),
        ),
        rows=tuple(rows),
        caption=text("What duplicates distort"),
        note=text("Who bought and what they spent: in the {days} before the date.", days=Amount(YEAR, "days")),
    )


def _row(name: Text, before: Decimal | int, after: Decimal | int, unit: str, currency: str | None) -> tuple[Value, ...]:
    change = Decimal(after) / Decimal(before) - 1 if before else None
    said = None if change is None else change.quantize(Decimal("0.000001"))
    return (name, Amount(before, unit, currency), Amount(after, unit, currency), said)


def _sure(found: Found) -> tuple[Text, ...]:
    """How sure it is: counted, but for which records are one customer."""
    if not found.duplicates:
        return ()
    return (
        text("Records, values and revenue are counted."),
        text("Which records are one customer is estimated; any person who knows better can correct it."),
    )


def _caveats(kb: KnowledgeBase, found: Found, distorted: Distorted | None) -> tuple[Text, ...]:
    said = []
    if found.duplicates and found.expected_wrong < 1:
        said.append(
            text(
                "Nobody knows the truth. By the model's own probabilities we expect less than one of the {joins} joins "
                "to be wrong; what a rule or a person joined counts as certain.",
                joins=found.duplicates,
            )
        )
    elif found.duplicates:
        said.append(
            text(
                "Nobody knows the truth. By the model's own probabilities we expect about {n} of the {joins} joins "
                "to be wrong; what a rule or a person joined counts as certain.",
                n=Amount(found.expected_wrong, "count"),
                joins=found.duplicates,
            )
        )
    if found.bridges:
        said.append(
            ntext(
                "{n} pair alone holds two groups of records together; if it is wrong, one customer is two.",
                "{n} pairs each hold two groups of records together alone; where one is wrong, one customer is two.",
                "n",
                n=found.bridges,
            )
        )
    if found.shared_values:
        said.append(
            ntext(
                "By {n} value no duplicate was looked for, because too many records share it: it names nobody.",
                "By {n} values no duplicate was looked for, because too many records share them: they name nobody.",
                "n",
                n=found.shared_values,
            )
        )
    if kb.as_of < kb.run_as_of:
        said.append(
            text(
                "Duplicates are those known today. What they distort is counted only as of the last run, {day}.",
                day=kb.run_as_of,
            )
        )
    elif distorted is None:
        said.append(text("Nobody who is known bought in the last 12 months, so nothing is said about money."))
    return tuple(said)


def _next(found: Found, weakest: Text | None) -> tuple[Text, ...]:
    said = []
    if found.uncertain:
        said.append(
            ntext(
                "Decide on {n} uncertain pair: {command}.",
                "Decide on the {n} uncertain pairs, those with the most money first: {command}.",
                "n",
                n=found.uncertain,
                command="clientela identity review",
            )
        )
    if found.duplicates:
        said.append(text("Have the duplicates mended where they arise, in the systems that hold them."))
    if weakest is not None:
        said.append(weakest)
    return tuple(said) or (text("Keep the records as they are; nothing stands out."),)


def _whole(value: Value) -> int:
    return int(_number(value))


def _number(value: Value) -> Decimal:
    return Decimal(0) if value is None else Decimal(str(value))


DATA_QUALITY = Analysis(
    name="data-quality",
    area="customer",
    level=Level.HAPPENED,
    question=QUESTION,
    needs=(RECORDS,),
    rests_on=(f"{RECORDS}.record_id", "order_line.net_revenue", "order_line.ordered_at"),
    answer=tell_data_quality,
)
