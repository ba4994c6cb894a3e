"""Where the customers stand in their life with the company, and how they move."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from clientela.analyse.abstain import abstain
from clientela.analyse.customer.segments.words import STATES
from clientela.contracts.analysis import Analysis, Arrays, FitContext, KnowledgeBase, Parameter
from clientela.contracts.insight import Chart, Figure, Insight, Level, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text

QUESTION = text("Where do our customers stand, and how do they move from state to state?")
_STAY = ("life:new", "life:active", "life:won-back")
_SAYS_ENOUGH = 30  # lost customers; of fewer, a share says little


def fit_life(tables: Mapping[str, Arrays], context: FitContext) -> Mapping[str, Arrays]:
    """See `life_fit.fit_moves`; numbers are imported when a run needs them."""
    from clientela.analyse.customer.segments import life_fit

    return life_fit.fit_moves(tables, context)


def tell_life_cycle(kb: KnowledgeBase, parameters: Mapping[str, Parameter]) -> Insight:
    """How many customers are in each state, and what became of each state within a horizon."""
    sizes = {str(name): int(str(n or 0)) for name, n in kb.query(("known_customers",), by=("life_state",)).rows}
    counts = {name: sizes[name] for name in STATES if sizes.get(name)}
    if not counts:
        return abstain(LIFE_CYCLE, kb, _why_not(kb))
    moves, became = _moves(kb)
    bought = sum(n for name, n in counts.items() if name not in ("life:competitors", "life:qualified", "life:prospect"))
    staying = sum(counts.get(name, 0) for name in _STAY)
    return Insight(
        analysis="life-cycle",
        area="customer",
        level=Level.HAPPENED,
        question=QUESTION,
        as_of=kb.as_of,
        snapshot=kb.snapshot,
        headline=_headline(staying, bought, counts),
        lead=(*_lead(moves, counts), *_won(moves, became), *_drift(kb, moves)),
        figure=Figure(value=Amount(staying, "count"), caption=text("customers are new, active or won back")),
        table=_table(counts, moves, became),
        chart=_chart(counts),
        details=_details(moves),
        sure=_sure(moves),
        caveats=(
            *_caveats(kb, moves),
            text(
                "A customer who will never return counts as lost only when that time is over, not from the day on "
                "which they decide."
            ),
        ),
        next=_next(moves, counts),
        computed=text(
            "Lost: no purchase for longer than the days after which customers count as lost (lapse_days). Lapsing: for "
            "longer than half of these. Won back: bought again after having been lost, no longer ago than these. New: "
            "first purchase no longer ago than these. Who never bought is a prospect; on a list, qualified market; on "
            "a list of a kind that names competitors, or with an opportunity lost to one, a competitor's customer. "
            "Moves are counted between dates one horizon apart; chances are shares, drawn towards those of all "
            "customers by one customer (Dirichlet). Intervals: Wilson, 95 %."
        ),
    )


def _why_not(kb: KnowledgeBase) -> Text:
    if kb.as_of != kb.run_as_of:
        return text(
            "No states were found as of {date}. To find them, run: {command}",
            date=kb.as_of,
            command=f"clientela run --as-of {kb.as_of.isoformat()}",
        )
    return text(
        "It is not known after how many days a customer counts as lost: no one has bought twice yet. Set 'lapse_days' "
        "in [company] of clientela.toml."
    )


def _moves(kb: KnowledgeBase) -> tuple[dict[str, Any] | None, dict[str, Any]]:
    """What the fit learned of moves up to this date, of the whole company; None without. And of who had not bought."""
    rows = [row for row in kb.evidence("life-cycle").models if row["as_of"] == kb.as_of]
    if not rows:
        return None, {}
    said = dict(json.loads(str(rows[0]["parameters"])))
    return (said if rows[0]["winner"] else None), dict(said.get("became", {}))


def _headline(staying: int, bought: int, counts: Mapping[str, int]) -> Text:
    if not bought:
        return ntext(
            "{n} person is known, and none has bought yet.",
            "{n} people are known, and none has bought yet.",
            "n",
            n=sum(counts.values()),
        )
    return ntext(
        "{staying} of {n} customer who ever bought is with us; {lapsing} lapsing, {lost} lost.",
        "{staying} of {n} customers who ever bought are with us; {lapsing} lapsing, {lost} lost.",
        "n",
        n=bought,
        staying=staying,
        lapsing=counts.get("life:lapsing", 0),
        lost=counts.get("life:lost", 0),
    )


def _lead(moves: Mapping[str, Any] | None, counts: Mapping[str, int]) -> tuple[Text, ...]:
    said: list[Text] = []
    if counts.get("life:won-back"):
        said.append(ntext("{n} was won back.", "{n} were won back.", "n", n=counts["life:won-back"]))
    if moves is not None:
        row = moves["newest"][moves["states"].index("life:active")]
        came = dict(zip(moves["states"], row, strict=True))
        if sum(row):
            said.append(
                text(
                    "Of the active of {days} before, {stayed} are active still and {left} lapsing or lost.",
                    days=Amount(moves["horizon_days"], "days"),
                    stayed=Amount((came["life:active"] + came["life:won-back"]) / sum(row), "share", digits=0),
                    left=Amount((came["life:lapsing"] + came["life:lost"]) / sum(row), "share", digits=0),
                )
            )
    return tuple(said)


def _won(moves: Mapping[str, Any] | None, became: Mapping[str, Any]) -> tuple[Text, ...]:
    """How many of those who had not bought became customers within a horizon."""
    people, bought = (sum(int(each[key]) for each in became.values()) for key in ("people", "bought"))
    if people < _SAYS_ENOUGH or moves is None:
        return ()
    share, low, high = (Amount(each, "share", digits=1) for each in _share(bought, people))
    return (
        text(
            "Of those known who had not bought, {share} became customers within {days} ({low} to {high}).",
            share=share,
            days=Amount(moves["horizon_days"], "days"),
            low=low,
            high=high,
        ),
    )


def _share(part: int, whole: int) -> tuple[float, float, float]:
    """A share with its 95 % interval."""
    from clientela.estimators.arrays import floats
    from clientela.estimators.calibration import share_interval

    low, high = share_interval(floats(part), floats(whole))
    return part / whole, float(low), float(high)


def _drift(kb: KnowledgeBase, moves: Mapping[str, Any] | None) -> tuple[Text, ...]:
    """What moving alone does to what all customers of the company spend, where moves were foreseen rightly before."""
    if moves is None or not _holds(moves) or moves["now_worth"] <= 0:
        return ()
    days = Amount(moves["horizon_days"], "days")
    change = moves["next_worth"] / moves["now_worth"] - 1
    if change < 0:
        return (
            text(
                "If the company's customers go on moving so, they will spend {change} less in the next {days} "
                "than in the last; new customers are not counted.",
                days=days,
                change=Amount(-change, "share"),
            ),
        )
    return (
        text(
            "If the company's customers go on moving so, they will spend {change} more in the next {days} than "
            "in the last; new customers are not counted.",
            days=days,
            change=Amount(change, "share"),
        ),
    )


def _table(counts: Mapping[str, int], moves: Mapping[str, Any] | None, became: Mapping[str, Any]) -> Table:
    total = sum(counts.values())
    shown = [] if moves is None else list(moves["states"])
    not_yet = [name for name in counts if shown and name in became]
    return Table(
        columns=(
            TableColumn(name="state", type=Type.TEXT, label=text("State")),
            TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            TableColumn(name="share", type=Type.SHARE, label=text("Share of customers")),
            *((TableColumn(name="not_yet", type=Type.SHARE, label=text("Then not bought yet")),) if not_yet else ()),
            *(
                TableColumn(
                    name=name.removeprefix("life:").replace("-", "_"),
                    type=Type.SHARE,
                    label=text("Then {state}", state=STATES[name]),
                )
                for name in shown
            ),
        ),
        rows=tuple(
            (
                STATES[name],
                n,
                (Decimal(n) / total).quantize(Decimal("0.000001")),
                *((_part(became[name]["not_yet"]) if name in not_yet else None,) if not_yet else ()),
                *_chances(name, moves, became, len(shown)),
            )
            for name, n in counts.items()
        ),
        total=(None, total, Decimal(1), *[None] * (len(shown) + bool(not_yet))),
        caption=text("Customers by state, and what becomes of each state within a horizon"),
        note=text("The shares of moves are those of the whole company."),
    )


def _part(share: float) -> Decimal:
    return Decimal(str(round(share, 6)))


def _chances(name: str, moves: Mapping[str, Any] | None, became: Mapping[str, Any], width: int) -> Sequence[Value]:
    """What becomes of a state, by state; of who had not bought, those they become customers in."""
    if moves is not None and name in became:
        return [_part(each) for each in became[name]["chances"]]
    if moves is None or name not in moves["states"]:
        return [None] * width
    return [round(each, 6) for each in moves["chances"][moves["states"].index(name)]]


def _chart(counts: Mapping[str, int]) -> Chart:
    largest = max(counts, key=lambda name: counts[name])
    return Chart(
        mark=Mark.BAR,
        title=text(
            "The largest state is {state}: {share}.",
            state=STATES[largest],
            share=Amount(counts[largest] / sum(counts.values()), "share", digits=0),
        ),
        subtitle=text("Customers by state"),
        data=Table(
            columns=(
                TableColumn(name="state", type=Type.TEXT, label=text("State")),
                TableColumn(name="customers", type=Type.INT, label=text("Customers"), unit="customers"),
            ),
            rows=tuple((STATES[name], n) for name, n in counts.items()),
            caption=text("Customers by state"),
        ),
        x="state",
        y="customers",
    )


def _details(moves: Mapping[str, Any] | None) -> tuple[Chart, ...]:
    """Where it leads if customers go on moving so; only where that was right before."""
    if moves is None or not _holds(moves):
        return ()
    return (
        Chart(
            mark=Mark.BAR,
            title=text(
                "If customers go on moving so, {share} end up lost.",
                share=Amount(moves["steady"][moves["states"].index("life:lost")], "share", digits=0),
            ),
            subtitle=text("Share of the customers who ever bought, by state, in the long run and without new ones"),
            data=Table(
                columns=(
                    TableColumn(name="state", type=Type.TEXT, label=text("State")),
                    TableColumn(name="share", type=Type.SHARE, label=text("Share of customers")),
                ),
                rows=tuple(
                    (STATES[name], round(share, 6))
                    for name, share in zip(moves["states"], moves["steady"], strict=True)
                    if name != "life:new"
                ),
                caption=text("States in the long run"),
            ),
            x="state",
            y="share",
        ),
    )


def _next(moves: Mapping[str, Any] | None, counts: Mapping[str, int]) -> tuple[Text, ...]:
    if moves is None or not counts.get("life:lapsing"):
        return (text("Look at who is about to be lost: ask churn-risk."),)
    lapsing = moves["states"].index("life:lapsing")
    lost = float(moves["chances"][lapsing][moves["states"].index("life:lost")])
    _, low, high = _share(round(lost * (moves["seen"][lapsing] + 1)), moves["seen"][lapsing] + 1)
    return (
        ntext(
            "Look at {n} lapsing customer first: of the lapsing, {share} were lost one horizon later ({low} to "
            "{high}).",
            "Look at the {n} lapsing customers first: of the lapsing, {share} were lost one horizon later ({low} to "
            "{high}).",
            "n",
            n=counts["life:lapsing"],
            share=Amount(lost, "share", digits=0),
            low=Amount(min(low, lost), "share", digits=0),
            high=Amount(max(high, lost), "share", digits=0),
        ),
    )


def _holds(moves: Mapping[str, Any]) -> bool:
    """Whether older moves foresaw the newest states better than saying that nothing changes."""
    test = moves["test"]
    return test is not None and test["error"] < test["naive"]


def _sure(moves: Mapping[str, Any] | None) -> tuple[Text, ...]:
    said = [text("Each customer is in one state; the states are counted, not estimated.")]
    if moves is not None and moves["test"] is not None:
        test = moves["test"]
        said.append(
            text(
                "We tested the moves on the newest horizon, which they had not seen: how many customers are in each "
                "state was foreseen but for {error} of them, against {naive} had we said that nothing changes.",
                error=Amount(test["error"], "share"),
                naive=Amount(test["naive"], "share"),
            )
        )
    return tuple(said)


def _caveats(kb: KnowledgeBase, moves: Mapping[str, Any] | None) -> tuple[Text, ...]:
    if kb.lapse_days is None:
        return ()
    said = [
        ntext(
            "A customer counts as lost after {n} day without a purchase.",
            "A customer counts as lost after {n} days without a purchase.",
            "n",
            n=kb.lapse_days,
        )
    ]
    row = [] if moves is None else moves["newest"][moves["states"].index("life:lost")]
    if moves is not None and sum(row) >= _SAYS_ENOUGH:
        said.append(
            text(
                "Lost means silent for long, not gone: of those who counted as lost {days} before, {share} are back.",
                days=Amount(moves["horizon_days"], "days"),
                share=Amount(1 - row[moves["states"].index("life:lost")] / sum(row), "share", digits=0),
            )
        )
    return tuple(said)


LIFE_CYCLE = Analysis(
    name="life-cycle",
    area="customer",
    level=Level.HAPPENED,
    question=QUESTION,
    needs=("order_line",),
    rests_on=("order_line.ordered_at",),
    fit=fit_life,
    answer=tell_life_cycle,
    reads=("life_move",),
    writes=("model",),
    overview=False,
)
