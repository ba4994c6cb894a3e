"""The pairs a person is asked about as one HTML file that needs nothing else: side by side, with their weights."""

from __future__ import annotations

from dataclasses import dataclass

from markupsafe import Markup

from clientela.contracts.identity import FieldSays, Line, PairSeen, Review
from clientela.contracts.insight import Chart, Mark, Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Amount, Text, Value, ntext, text
from clientela.present.chart.tokens import css
from clientela.present.say import say, say_value
from clientela.present.views import FigureView, figure_view, render, stylesheet

_LETTERS = 34  # of a name beside a bar, on paper too


@dataclass(frozen=True, slots=True)
class PairView:
    """One pair on the page: the question, the reason, the two records, the picture of its weights."""

    id: str
    question: str
    reason: str
    lines: tuple[tuple[Line, str, str], ...]
    figure: FigureView | None


def review_page(review: Review, locale: str = "en") -> str:
    """The page in a language."""
    return render(
        "review.html",
        locale,
        page=review,
        headline=headline(review),
        pairs=[pair_view(each, number, review.currency, locale) for number, each in enumerate(review.pairs, start=1)],
        style=Markup(css(".clientela") + stylesheet()),  # noqa: S704 - our own files
    )


def headline(review: Review) -> Text:
    """What is to be decided, in one sentence."""
    if not review.uncertain and not review.bridges:
        return text("Nothing is uncertain: there is nothing to decide.")
    if not review.uncertain:
        return ntext(
            "{n} pair alone holds a customer together.",
            "{n} pairs alone hold a customer together.",
            "n",
            n=Amount(review.bridges, "count"),
        )
    return ntext(
        "{n} pair of customers may be one.",
        "{n} pairs of customers may be one.",
        "n",
        n=Amount(review.uncertain, "count"),
    )


def pair_view(pair: PairSeen, number: int, currency: str, locale: str) -> PairView:
    """One pair as the page shows it."""
    reason = "; ".join(say(each, locale) for each in pair.reasons)
    drawn = chart(pair, locale)
    return PairView(
        id=f"pair-{number}",
        question=say(question(pair, currency), locale),
        reason=reason[:1].upper() + reason[1:] + "." if reason else "",
        lines=tuple((each, _cell(each.left, locale), _cell(each.right, locale)) for each in pair.lines),
        figure=None if drawn is None else figure_view(drawn, f"pair-{number}-chart", locale),
    )


def question(pair: PairSeen, currency: str) -> Text:
    """How likely the pair is one customer, and what is at stake."""
    likely = Amount(min(pair.match_probability, 0.9994), "share")
    said = (
        text("Joined by this pair alone: are they one customer?")
        if pair.status == "joined"
        else text("One customer with a probability of {likely}", likely=likely)
    )
    if pair.revenue is None:
        return said
    return text("{said} · {money} at stake", said=said, money=Amount(pair.revenue, "money", currency))


def chart(pair: PairSeen, locale: str) -> Chart | None:
    """What each field weighs, and all together; None where nothing was compared."""
    if not pair.evidence:
        return None
    rows: list[tuple[Value, ...]] = [(_named(each, locale), each.match_weight) for each in pair.evidence]
    if pair.match_weight is not None:
        rows.append((text("all together"), pair.match_weight))
    columns = (
        TableColumn(name="field", type=Type.TEXT, label=text("Field")),
        TableColumn(name="bits", type=Type.NUMBER, label=text("Weight"), unit="bits"),
    )
    return Chart(
        mark=Mark.BAR,
        title=text("What speaks for one customer, and what against it"),
        subtitle=text("The weight of each field in bits: one bit more doubles the odds, one less halves them"),
        data=Table(columns=columns, rows=tuple(rows), caption=text("What each field weighs")),
        x="field",
        y="bits",
    )


def _named(each: FieldSays, locale: str) -> Text:
    """A field with how alike it is, if there is room for both; the reason in words says the rest."""
    both = text("{field}: {likeness}", field=each.name, likeness=each.likeness)
    return both if len(say(both, locale)) <= _LETTERS else each.name


def _cell(value: Value, locale: str) -> str:
    return "–" if value is None else say_value(value, locale)
