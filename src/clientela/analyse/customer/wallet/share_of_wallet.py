"""Which part of what customers could spend they spend here, and where there is room to grow."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from clientela.analyse.abstain import NO_SALES, abstain, left_out
from clientela.analyse.asked import whole_number
from clientela.analyse.customer.tested import too_short
from clientela.contracts.analysis import Analysis, Arrays, BackTest, FitContext, KnowledgeBase, Parameter, Result
from clientela.contracts.filter import Condition, Operator
from clientela.contracts.insight import Chart, Evidence, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Period, Text, Value, ntext, text
from clientela.errors import NotPermittedError

QUESTION = text("Which share of what our customers could spend do they spend with us?")
LONGEST_LIST = 5000
_EVERYBODY, _AVERAGE = "everybody", "average"
_OTHER = text("Other")


@dataclass(frozen=True, slots=True)
class Room:
    """What is spent, of one category or of all, and the room beside it with its range."""

    category: str | None
    spent: Decimal
    room: Decimal
    low: Decimal
    high: Decimal

    @property
    def share(self) -> float:
        """The part of the wallet that is spent here."""
        whole = self.spent + self.room
        return float(self.spent / whole) if whole > 0 else 1.0

    @property
    def between(self) -> tuple[float, float]:
        """The share at the upper and at the lower end of the room."""
        ends = (self.spent + self.high, self.spent + self.low)
        return float(self.spent / ends[0]) if ends[0] > 0 else 1.0, float(self.spent / ends[1]) if ends[1] > 0 else 1.0


def fit_share_of_wallet(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `fit.fit_share_of_wallet`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.wallet import fit

    return fit.fit_share_of_wallet(tables, context)


def tell_share_of_wallet(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """The share of the wallet that is assumed, the room left by category, and the customers with most of it.

    Parameters
    ----------
    parameters :
        ``list``: how many customers and categories to list.
    """
    listed = whole_number(parameters, "list", 1, LONGEST_LIST)
    if kb.first_day is None:
        return abstain(SHARE_OF_WALLET, kb, NO_SALES)
    kb.query(("room_to_grow",))  # refuses who may not see it
    test = kb.evidence("share-of-wallet")
    said = _model(test, kb.as_of)
    if isinstance(said, Text):
        return abstain(SHARE_OF_WALLET, kb, said)
    customers, whole, rooms, hidden = _rooms(kb)
    if not customers:
        return abstain(
            SHARE_OF_WALLET, kb, text("None of the customers you see has bought for long enough to be compared.")
        )
    days = Amount(said["window_days"], "days")
    return Insight(
        analysis="share-of-wallet",
        area="customer",
        level=Level.FORECAST,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(kb, customers, whole, days),
        lead=(
            text(
                "What they spend elsewhere is not observed: their wallet is assumed to be what the best served of "
                "customers like them spend, the most that {share} of these do not exceed.",
                share=Amount(said["quantile"], "share", digits=0),
            ),
            *_largest(kb, rooms),
        ),
        figure=_figure(whole),
        table=_table(kb, _most_room(kb, listed), days),
        chart=_chart(kb, rooms, days),
        evidence=_evidence(test, said, kb),
        caveats=(*hidden, *_caveats(said)),
        next=(
            text("Ask those with most room what they buy elsewhere and why, before you offer anything."),
            text("Deliver what you learn as a stated wallet (preference, topic “wallet”): it replaces the assumption."),
        ),
        computed=text(
            "Compared are customers who bought before the last {days} began. Peers share kind and sector, or the size "
            "of the household, and then their size, where these are known and telling them apart came nearer in the "
            "test. {how}; the frontier is the quantile {quantile} of it. The room of a category is what is missing to "
            "its frontier, all categories together no more than what is missing to the frontier of all.",
            days=days,
            how=_drawn(int(said["weight"])),
            quantile=Amount(said["quantile"], digits=2),
        ),
    )


def _drawn(weight: int) -> Text:
    """How what a group spends was made steadier; without a weight all customers are one group."""
    if not weight:
        return text("Here all customers are one group, and what each of them spends counts alike")
    return text(
        "How a group spends is drawn towards the larger group it belongs to, by {weight} of its members (Dirichlet "
        "process)",
        weight=Amount(weight, "count"),
    )


def _model(test: BackTest, as_of: date) -> dict[str, Any] | Text:
    """What was learned for the date; or why nothing is assumed."""
    models = [row for row in test.models if row["as_of"] == as_of]
    if not models:
        return text(
            "No wallet was assumed as of {date}. To do so, run: {command}",
            date=as_of,
            command=f"clientela run --as-of {as_of.isoformat()}",
        )
    said = dict(json.loads(str(models[0]["parameters"])))
    return said if models[0]["winner"] else _why_not(said)


def _why_not(said: Mapping[str, Any]) -> Text:
    match said["reason"]:
        case "too_short" if said["days"] >= said["needed"]:
            return too_short(said)
        case "too_short":
            return ntext(
                "We cannot say yet: {days} day of history is too short. To learn what the best served spend and test "
                "it on another time, it needs {needed}.",
                "We cannot say yet: {days} days of history are too short. To learn what the best served spend and test "
                "it on another time, it needs {needed}.",
                "days",
                days=said["days"],
                needed=said["needed"],
            )
        case "few":
            return ntext(
                "We cannot say yet: only {n} customer bought in each of the times compared. To tell the best served "
                "from chance, it needs {needed}.",
                "We cannot say yet: only {n} customers bought in each of the times compared. To tell the best served "
                "from chance, it needs {needed}.",
                "n",
                n=said["customers"],
                needed=said["needed"],
            )
        case "no_better":
            return text(
                "In the test, what the best served spend came no nearer to what customers spend at most than what they "
                "spend on average. So we assume no wallet."
            )
    return text(
        "What the best served spend changes too much from one time to the next: in the test {share} stayed under it, "
        "not {quantile}. So we assume no wallet.",
        share=Amount(said["covered"], "share", digits=0),
        quantile=Amount(said["quantile"], "share", digits=0),
    )


def _rooms(kb: KnowledgeBase) -> tuple[int, Room, list[Room], tuple[Text, ...]]:
    """How many customers are compared, all of it, by category (the largest room first), and what is hidden of it."""
    measures = ("wallet_customers", "wallet_spent", "room_to_grow", "room_to_grow_low", "room_to_grow_high")
    result = kb.query(measures, by=("wallet_category",))
    rooms = [Room(str(row[0]), *_decimals(row[2:])) for row in result.rows if row[0] is not None and row[1] is not None]
    totals = result.totals or (None, 0, 0, 0, 0, 0)
    rooms.sort(key=lambda each: (-each.room, str(each.category)))
    return int(str(totals[1] or 0)), Room(None, *_decimals(totals[2:])), rooms, left_out((result,))


def _decimals(values: Sequence[Value]) -> tuple[Decimal, Decimal, Decimal, Decimal]:
    spent, room, low, high = (Decimal(str(each or 0)) for each in values)
    return spent, room, low, high


def _headline(kb: KnowledgeBase, customers: int, whole: Room, days: Amount) -> Text:
    low, high = whole.between
    return ntext(
        "{n} customer spends about {share} of the assumed wallet with us ({low} to {high}); in {days} there is room "
        "for {room}.",
        "{n} customers spend about {share} of the assumed wallet with us ({low} to {high}); in {days} there is room "
        "for {room}.",
        "n",
        n=Amount(customers, "count"),
        share=Amount(whole.share, "share", digits=0),
        low=Amount(low, "share", digits=0),
        high=Amount(high, "share", digits=0),
        days=days,
        room=_money(kb, whole.room),
    )


def _largest(kb: KnowledgeBase, rooms: Sequence[Room]) -> tuple[Text, ...]:
    if len(rooms) < 2 or rooms[0].room <= 0:
        return ()
    return (
        text(
            "Most room is in {category}: {room} ({low} to {high}).",
            category=_named(rooms[0].category),
            room=_money(kb, rooms[0].room),
            low=_money(kb, rooms[0].low),
            high=_money(kb, rooms[0].high),
        ),
    )


def _figure(whole: Room) -> Figure:
    low, high = (Amount(each, "share", digits=0) for each in whole.between)
    value = Amount(whole.share, "share", digits=0)
    return Figure(value=value, low=low, high=high, caption=text("of the assumed wallet is spent with us"))


def _most_room(kb: KnowledgeBase, listed: int) -> Sequence[tuple[Value, ...]]:
    """Customer, category, spent, room, at least, at most; most room first. None for who may see figures only."""
    asked = Condition("room", Operator.GT, Decimal(0))
    columns = ("customer_id", "category", "spent", "room", "room_low", "room_high", "basis")

    def told(*more: str) -> Result:
        order = ("-room", "customer_id", "category")
        return kb.records("customer_wallet", (*columns, *more), asked, order=order, limit=listed)

    try:
        return told("customer_key").rows
    except NotPermittedError:
        pass
    try:
        return told().rows
    except NotPermittedError:
        return ()


def _table(kb: KnowledgeBase, found: Sequence[tuple[Value, ...]], days: Amount) -> Table | None:
    if not found:
        return None
    basis = {"peers": text("What peers spend"), "stated": text("What was stated")}
    return Table(
        columns=(
            TableColumn(name="customer", type=Type.TEXT, label=text("Customer")),
            TableColumn(name="category", type=Type.TEXT, label=text("Category")),
            TableColumn(name="spent", type=Type.MONEY, label=text("Spent"), unit=kb.currency),
            TableColumn(name="room", type=Type.MONEY, label=text("Room to grow"), unit=kb.currency),
            TableColumn(name="low", type=Type.MONEY, label=text("At least"), unit=kb.currency),
            TableColumn(name="high", type=Type.MONEY, label=text("At most"), unit=kb.currency),
            TableColumn(name="basis", type=Type.TEXT, label=text("Assumed from")),
        ),
        rows=tuple(
            (
                str(key[0]) if key and key[0] is not None else str(customer),
                _named(str(category)),
                spent,
                room,
                low,
                high,
                basis[str(from_)],
            )
            for customer, category, spent, room, low, high, from_, *key in found
        ),
        caption=text("Where there is most room"),
        note=text(
            "In {days}. The range says how exactly it is known what the best served spend, not whether the assumption "
            "holds.",
            days=days,
        ),
    )


def _chart(kb: KnowledgeBase, rooms: Sequence[Room], days: Amount) -> Chart | None:
    if len(rooms) < 2 or rooms[0].room <= 0:
        return None
    cents = Decimal("0.01")
    return Chart(
        mark=Mark.BAR,
        title=text(
            "In {category}, {share} of the assumed wallet is spent with us.",
            category=_named(rooms[0].category),
            share=Amount(rooms[0].share, "share", digits=0),
        ),
        subtitle=text("Room to grow in {days}, by category", days=days),
        data=Table(
            columns=(
                TableColumn(name="category", type=Type.TEXT, label=text("Category")),
                TableColumn(name="room", type=Type.MONEY, label=text("Room to grow"), unit=kb.currency),
                TableColumn(name="low", type=Type.MONEY, label=text("At least"), unit=kb.currency),
                TableColumn(name="high", type=Type.MONEY, label=text("At most"), unit=kb.currency),
                TableColumn(name="spent", type=Type.MONEY, label=text("Spent"), unit=kb.currency),
                TableColumn(name="share", type=Type.SHARE, label=text("Share of the assumed wallet")),
            ),
            rows=tuple(
                (
                    _named(each.category),
                    *(value.quantize(cents) for value in (each.room, each.low, each.high, each.spent)),
                    round(each.share, 6),
                )
                for each in rooms
            ),
            caption=text("Room to grow, by category"),
        ),
        x="category",
        y="room",
        interval=("low", "high"),
    )


def _evidence(test: BackTest, said: Mapping[str, Any], kb: KnowledgeBase) -> Evidence:
    found = said["test"]
    mine = next(str(row["candidate"]) for row in test.models if row["as_of"] == kb.as_of)
    ours, rival = found[mine], _AVERAGE
    origin = date.fromisoformat(said["tested_at"])
    period = Period(origin, kb.as_of - timedelta(days=1))
    half = 1.96 * ours["error"]
    return Evidence(
        method=_method(mine),
        baseline=_method(rival),
        metric="pinball_loss",
        value=ours["loss"],
        baseline_value=found[rival]["loss"],
        interval=(ours["loss"] - half, ours["loss"] + half),
        n=said["customers"],
        parameters={"origin": origin, "covered": ours["covered"], "quantile": said["quantile"]},
        sentences=(
            text(
                "We tested the frontier on {period}, which it had not seen: {covered} of the customers stayed under "
                "it, where {quantile} should.",
                period=period,
                covered=Amount(ours["covered"], "share", digits=0),
                quantile=Amount(said["quantile"], "share", digits=0),
            ),
            text("What this cannot test is the assumption itself: nobody sees what customers spend elsewhere."),
        ),
        candidates=Table(
            columns=(
                TableColumn(name="method", type=Type.TEXT, label=text("Method")),
                TableColumn(name="loss", type=Type.MONEY, label=text("Loss (pinball)"), unit=kb.currency),
                TableColumn(name="covered", type=Type.SHARE, label=text("Stayed under it")),
            ),
            rows=tuple(
                (_method(name), round(found[name]["loss"], 4), round(found[name]["covered"], 6))
                for name in sorted(found, key=lambda name: (found[name]["loss"], name))
            ),
            caption=text("The best first, tested on {period}", period=period),
        ),
    )


def _method(name: str) -> Text:
    if name == _EVERYBODY:
        return text("One frontier for all customers")
    if name == _AVERAGE:
        return text("What a customer spends on average")
    _, depth, weight = name.split("-")
    if depth == "1":
        return text("Peers by kind and sector or household, drawn to all by {weight}", weight=weight)
    return text("Peers by sector or household and size, drawn to the larger group by {weight}", weight=weight)


def _caveats(said: Mapping[str, Any]) -> tuple[Text, ...]:
    told = [
        text(
            "The wallet is an assumption, not a measurement: some customers need less than the best served of their "
            "peers, and some spend more elsewhere than any of them here."
        ),
        text("The ranges by category are added up, as one frontier holds for all its peers; they err together."),
    ]
    if not said["depth"]:
        told.append(
            text(
                "All customers count as alike: no sector, household or size is known, or telling them apart came no "
                "nearer in the test."
            )
        )
    return tuple(told)


def _named(category: str | None) -> Value:
    return _OTHER if category is None or category == "other" else category


def _money(kb: KnowledgeBase, value: Decimal) -> Amount:
    """A figure to three digits: its interval does not carry more."""
    return Amount(round(float(f"{value:.3g}")), "money", kb.currency, digits=0)


SHARE_OF_WALLET = Analysis(
    name="share-of-wallet",
    area="customer",
    level=Level.FORECAST,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.net_revenue", "order_line.ordered_at"),
    fit=fit_share_of_wallet,
    answer=tell_share_of_wallet,
    reads=("wallet_window", "wallet_count"),
    writes=("wallet_frontier", "model", "backtest"),
    fit_parameters={"best_served": 0.8},
    parameters={"list": 20},
    overview=False,
)
