"""Which contracts will end, what goes with them, and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from typing import Any

from clientela.analyse.abstain import abstain
from clientela.analyse.asked import whole_number
from clientela.analyse.customer.subscriptions.evidence import Kept, Outlook, evidence, read_kept, why_not
from clientela.contracts.analysis import Analysis, Arrays, FitContext, KnowledgeBase, Parameter, Result
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.errors import NotPermittedError

QUESTION = text("Which contracts will end, and what goes with them?")
FIGURE = text("contracts may end")
OF_A_PART = text("The method was tested on the whole company; how far it is right for a part of it is not known.")
LONGEST_LIST = 5000
_COLUMNS = ("subscription_id", "customer_id", "amount_a_month", "probability", "tenure_days", "reason", "move")
_MARGIN, _REVENUE = ("margin_at_stake", "year_margin"), ("at_stake", "year_value")
_MONTH_DAYS = 365.25 / 12


def fit_subscriptions(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `fit.fit_subscriptions`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.subscriptions import fit

    return fit.fit_subscriptions(tables, context)


def tell_subscriptions(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The contracts that may end within the horizon, those with most at stake first.

    Parameters
    ----------
    parameters :
        ``list``: how many contracts to list.
    """
    listed = whole_number(parameters, "list", 1, LONGEST_LIST)
    test = kb.evidence("subscription-churn")
    found = Outlook.read(test, kb.as_of)
    if found is None:
        return abstain(SUBSCRIPTION_CHURN, kb, why_not(test, kb.as_of))
    seen = _seen(kb)
    if not seen:
        return abstain(SUBSCRIPTION_CHURN, kb, text("None of the contracts you see runs on this date."))
    whole = seen == int(found.said["contracts"])
    kept = read_kept(kb) if whole else None
    in_margin, rows = _rows(kb, listed)
    return Insight(
        analysis="subscription-churn",
        area="customer",
        level=Level.FORECAST,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(kb, found) if whole else _headline_of(kb, found, seen),
        lead=_lead(kb, found, kept) if whole else (),
        figure=_figure(found) if whole else None,
        table=_table(kb, rows, in_margin=in_margin),
        chart=_chart(found),
        evidence=evidence(found, kept),
        caveats=_caveats(found) if whole else (*_caveats(found), OF_A_PART),
        next=_next(kb, rows, found),
        computed=_computed(found),
    )


def _seen(kb: KnowledgeBase) -> int:
    """How many running contracts whoever asks may see."""
    result = kb.query(("subscriptions",))
    known = result.rows[0] if result.rows else result.totals or (0,)
    return int(str(known[0] or 0))


def _headline(kb: KnowledgeBase, found: Outlook) -> Text:
    number, low, high = (_count(each) for each in found.said["expected_to_end"])
    return ntext(
        "About {number} of {n} contract may end before {date} ({low} to {high}).",
        "About {number} of {n} contracts may end before {date} ({low} to {high}).",
        "n",
        number=number,
        n=int(found.said["contracts"]),
        date=kb.as_of + timedelta(days=found.horizon_days),
        low=low,
        high=high,
    )


def _headline_of(kb: KnowledgeBase, found: Outlook, seen: int) -> Text:
    return ntext(
        "The {n} contract you see, with what its ending before {date} would cost.",
        "Of the {n} contracts you see, these would cost most if they ended before {date}.",
        "n",
        n=seen,
        date=kb.as_of + timedelta(days=found.horizon_days),
    )


def _lead(kb: KnowledgeBase, found: Outlook, kept: Kept | None) -> tuple[Text, ...]:
    said = found.said
    told = _of_margin(kb, kept) if kept is not None else _of_revenue(kb, said)
    if said["expected_unpaid"] >= 0.5:
        told.append(
            text(
                "About {unpaid} of them would end for want of payment: there a reminder or a new card helps, not an "
                "offer.",
                unpaid=_count(said["expected_unpaid"]),
            )
        )
    stays = _count(100 * said["stays_a_year"])
    told.append(
        text("Of 100 contracts by the month that begin now, about {n} will still be there in a year.", n=stays)
        if said["new_by_month"]
        else text("Of 100 contracts by the year that begin now, about {n} will still be there in a year.", n=stays)
    )
    return tuple(told)


def _of_margin(kb: KnowledgeBase, kept: Kept) -> list[Text]:
    """What would go with those that end, and what all of them leave in a year."""
    told = []
    if kept.margin_a_month > 0:
        loss, low, high = (Amount(_about(each), "money", kb.currency, digits=0) for each in kept.lost)
        told.append(
            text(
                "With them would go {loss} of margin a month ({low} to {high}): {share} of what contracts leave.",
                loss=loss,
                low=low,
                high=high,
                share=Amount(kept.lost[0] / kept.margin_a_month, "share"),
            )
        )
    year, low, high = (Amount(_about(each), "money", kb.currency, digits=0) for each in kept.year)
    told.append(
        text(
            "In the next twelve months all that run are expected to leave {year} of margin ({low} to {high}).",
            year=year,
            low=low,
            high=high,
        )
    )
    return told


def _of_revenue(kb: KnowledgeBase, said: Mapping[str, Any]) -> list[Text]:
    if not said["money_a_month"] > 0:
        return []
    loss, low, high = (Amount(_about(each), "money", kb.currency, digits=0) for each in said["expected_loss"])
    return [
        text(
            "With them would go {loss} a month ({low} to {high}): {share} of what contracts bring.",
            loss=loss,
            low=low,
            high=high,
            share=Amount(said["expected_loss"][0] / said["money_a_month"], "share"),
        )
    ]


def _figure(found: Outlook) -> Figure:
    number, low, high = (_count(each) for each in found.said["expected_to_end"])
    return Figure(value=number, low=low, high=high, caption=FIGURE)


def _records(kb: KnowledgeBase, listed: int) -> tuple[bool, Sequence[tuple[Value, ...]]]:
    """Contracts by the margin at stake where that is known and the asker's to see, else by the revenue; and which."""
    with suppress(NotPermittedError):
        rows = _listed(kb, _MARGIN, listed)
        if any(row[len(_COLUMNS)] is not None for row in rows):
            return True, rows
    return False, _listed(kb, _REVENUE, listed)


def _listed(kb: KnowledgeBase, money: tuple[str, ...], listed: int) -> Sequence[tuple[Value, ...]]:
    """Contracts by what is at stake; with the key their source knows the customer by, where that may be seen."""

    def asked(*more: str) -> Result:
        order = (f"-{money[0]}", "-probability", "subscription_id")
        return kb.records("subscription_risk", (*_COLUMNS, *money, *more), order=order, limit=listed)

    try:
        return asked("customer_key").rows
    except NotPermittedError:
        return asked().rows


def _rows(kb: KnowledgeBase, listed: int) -> tuple[bool, list[tuple[Value, ...]]]:
    """Whether money is margin; and contract, customer, amount, chance, at stake, the year's value, why."""
    rows: list[tuple[Value, ...]] = []
    in_margin, found = _records(kb, listed)
    for contract, customer, amount, chance, tenure, reason, move, stake, value, *key in found:
        named = str(key[0]) if key and key[0] is not None else "" if customer is None else str(customer)
        why = _why(kb, str(reason) if reason is not None else None, int(str(tenure)), amount, move)
        rows.append((str(contract), named or None, _cents(amount), chance, _cents(stake), _cents(value), why))
    return in_margin, rows


def _why(kb: KnowledgeBase, reason: str | None, tenure_days: int, amount: Value, move: Value) -> Text:
    """Why a contract stands on the list, with the points of a hundred that it makes.

    The points are the chance less what it would be with only this at the median, or without the end of the year.
    """
    if reason is None:
        return text("No likelier to end than others; listed because of its price")
    points = Amount(round(100 * float(str(move))), "count")
    if reason == "renewal":
        return text("{reason} (+{points})", reason=text("Its year ends in this time"), points=points)
    if reason == "amount":
        paid = Amount(Decimal(str(amount or 0)), "money", kb.currency)
        return text("{reason} (+{points})", reason=text("Pays {amount} a month", amount=paid), points=points)
    months = int(tenure_days // _MONTH_DAYS)
    aged = ntext("{n} month old", "{n} months old", "n", n=months)
    return text("{reason} (+{points})", reason=aged, points=points)


def _table(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]], *, in_margin: bool) -> Table:
    def money(name: str, label: Text) -> TableColumn:
        return TableColumn(name=name, type=Type.MONEY, label=label, unit=kb.currency)

    at_stake = text("Margin at stake a month") if in_margin else text("At stake a month")
    year_value = text("Margin expected in a year") if in_margin else text("Expected in a year")
    note = (
        text(
            "At stake is the chance to end times what the contract leaves in a month, after what it costs. Expected in "
            "a year: what it is likely to leave in twelve months, later payments discounted. +5: with this as it is "
            "with the contract in the middle, the chance would be 5 points lower."
        )
        if in_margin
        else text(
            "At stake is the chance to end times what the contract brings in a month. Expected in a year: what it is "
            "likely to pay in twelve months, later payments discounted; revenue, as costs are not known, or not yours "
            "to see. +5: with this as it is with the contract in the middle, the chance would be 5 points lower."
        )
    )
    return Table(
        columns=(
            TableColumn(name="contract", type=Type.TEXT, label=text("Contract")),
            TableColumn(name="customer", type=Type.TEXT, label=text("Customer")),
            money("amount", text("A month")),
            TableColumn(name="chance", type=Type.SHARE, label=text("Chance to end")),
            money("at_stake", at_stake),
            money("year_value", year_value),
            TableColumn(name="why", type=Type.TEXT, label=text("Why it is on the list")),
        ),
        rows=tuple(rows),
        caption=text("Contracts to look at first, by what is at stake"),
        note=note,
    )


def _chart(found: Outlook) -> Chart:
    said = found.said
    points = _by_month([float(each) for each in said["stays"]], float(said["part_days"]))
    return Chart(
        mark=Mark.LINE,
        title=text(
            "Of 100 new contracts, about {n} will still be there in a year.",
            n=_count(100 * float(said["stays_a_year"])),
        ),
        subtitle=text("Share of contracts that are still there, by months since they began"),
        data=Table(
            columns=(
                TableColumn(name="months", type=Type.INT, label=text("Months")),
                TableColumn(name="there", type=Type.SHARE, label=text("Still there")),
            ),
            rows=tuple(points),
            caption=text("Share of contracts that are still there, by months since they began"),
        ),
        x="months",
        y="there",
    )


def _by_month(stays: Sequence[float], part_days: float) -> list[tuple[int, Decimal]]:
    """The share that is still there after whole months; within a part of the horizon as many leave each day.

    Examples
    --------
    >>> _by_month([0.9, 0.81, 0.729], 30.6875)
    [(0, Decimal('1.0000')), (1, Decimal('0.9008')), (2, Decimal('0.8114')), (3, Decimal('0.7309'))]
    """
    known = [1.0, *stays]
    points = []
    for month in range(int(len(stays) * part_days / _MONTH_DAYS) + 1):
        at, after = divmod(month * _MONTH_DAYS / part_days, 1.0)
        before, then = known[int(at)], known[min(int(at) + 1, len(stays))]
        share = before * (then / before) ** after if before > 0 else 0.0
        points.append((month, Decimal(str(share)).quantize(Decimal("0.0001"))))
    return points


def _caveats(found: Outlook) -> tuple[Text, ...]:
    told = [
        text(
            "A contract whose end was agreed before the date, for a day after it, counts as running: what lies ahead "
            "is not looked at."
        )
    ]
    if not float(found.said["unpaid_a_part"]) > 0:
        told.append(
            text(
                "No reason of an end says that a payment was missing, so those who could not pay are among those who "
                "left."
            )
        )
    return tuple(told)


def _next(kb: KnowledgeBase, rows: Sequence[tuple[Value, ...]], found: Outlook) -> tuple[Text, ...]:
    known = len({row[1] for row in rows if row[1]})  # a contract may name nobody
    nobodys = _nobodys(sum(row[1] is None for row in rows))
    if not known:
        return nobodys
    return (
        ntext(
            "Speak to the customer at the top of the list before {date}.",
            "Speak to the {n} customers on the list before {date}, those at the top first.",
            "n",
            n=known,
            date=kb.as_of + timedelta(days=found.horizon_days),
        ),
        *nobodys,
        text("Leave one in ten out at random, so that you can see what the contact earned."),
    )


def _nobodys(contracts: int) -> tuple[Text, ...]:
    if not contracts:
        return ()
    return (
        ntext(
            "Find out whose {n} contract on the list is: it names no customer that is known.",
            "Find out whose {n} contracts on the list are: they name no customer that is known.",
            "n",
            n=contracts,
        ),
    )


def _computed(found: Outlook) -> Text:
    return text(
        "The {days} after the date are divided into parts of about a month. In each part, a share of the contracts "
        "still there ends; it is learned from contracts that ran on earlier dates, by their age, price and whether "
        "their year ends. Who ends for want of payment is counted apart. In the test the calibration error was "
        "{error}, the slope {slope}. Of the methods that rank better than the simplest and have a smaller log loss, "
        "one serves with which contacting the right customers earns most (expected maximum profit); of those that "
        "chance alone may part, the one with the smallest log loss.",
        days=Amount(found.horizon_days, "days"),
        error=Amount(found.tested(found.candidate, "ece"), digits=3),
        slope=Amount(found.tested(found.candidate, "slope"), digits=2),
    )


def _about(value: float) -> int:
    """A figure to three digits: its interval does not carry more."""
    return round(float(f"{value:.3g}"))


def _count(value: float) -> Amount:
    return Amount(round(value), "count")


def _cents(value: Value) -> Decimal | None:
    return None if value is None else Decimal(str(value)).quantize(Decimal("0.0001"))


SUBSCRIPTION_CHURN = Analysis(
    name="subscription-churn",
    area="customer",
    level=Level.FORECAST,
    question=QUESTION,
    needs=("subscription",),
    rests_on=("subscription.started_on", "subscription.ended_on"),
    fit=fit_subscriptions,
    answer=tell_subscriptions,
    reads=("subscription_period", "lifetime_basis", "lifetime_period"),
    writes=("subscription_cell", "subscription_value", "contract_outlook", "model", "backtest"),
    fit_parameters={
        "discount_rate": 0.1,
        "worth_kept": 200.0,
        "offer_cost": 10.0,
        "contact_cost": 1.0,
        "accepting": 6.0,
        "refusing": 14.0,
    },
    parameters={"list": 20},
    overview=False,
)
