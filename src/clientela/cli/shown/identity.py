"""What the commands about who is who show on a terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from clientela.contracts.text import Amount, Text, ntext, text

if TYPE_CHECKING:
    from clientela.contracts.identity import FieldSays, Found, Happened, History, PairSeen, RecordSeen, Review, Why
    from clientela.contracts.text import Value
    from clientela.pipeline.identities.decide import Decided, Listed
    from clientela.pipeline.joining.learning import Learned

WIDTH = 96
_LABEL, _SIDE, _VALUE, _RUN = 46, 18, 37, 8
_BLOCKS, _PLAIN = ("█", "▌", "▐", "│", "≠"), ("#", "", "", "|", "!")


def blocks() -> bool:
    """Whether stdout can write what bars are drawn with."""
    try:
        "".join(_BLOCKS).encode(sys.stdout.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True


def review_lines(review: Review, *, drawn: bool, lang: str = "en") -> Iterator[str]:
    """The pairs a person is asked about, each with its records side by side and its weights."""
    if not review.pairs:
        yield _said(text("No pair of records is uncertain, and none alone holds a customer together."), lang)
        return
    asked = ntext("{n} pair of customers is uncertain", "{n} pairs of customers are uncertain", "n", n=review.uncertain)
    held = ntext(
        "{n} customer hangs on one pair", "{n} pairs each hold a customer together alone", "n", n=review.bridges
    )
    yield f"{_said(asked, lang)}; {_said(held, lang)}."
    yield _said(text("Shown: {n}, most money at stake first.", n=len(review.pairs)), lang)
    longest = scale(review.pairs)
    for number, pair in enumerate(review.pairs, start=1):
        yield ""
        yield _rule(f"{number}. {_headline(pair, review.currency, lang)}")
        yield from pair_lines(pair, longest=longest, drawn=drawn, lang=lang)
    yield ""
    one, two = "clientela identity join KEY KEY --reason TEXT", "clientela identity split CUSTOMER KEY --reason TEXT"
    yield _said(text("One customer? {command}", command=one), lang)
    yield _said(text("Two? {command}", command=two), lang)


def why_lines(why: Why, *, drawn: bool, currency: str = "", lang: str = "en") -> Iterator[str]:
    """Why customers are, or are not, one."""
    yield from _wrapped(_said(why.answer, lang))
    yield ""
    yield from record_lines(why.records)
    longest = scale(why.pairs)
    for pair in why.pairs:
        yield ""
        yield _rule(_headline(pair, currency, lang))
        yield from pair_lines(pair, longest=longest, drawn=drawn, lang=lang)


def history_lines(history: History, lang: str = "en") -> Iterator[str]:
    """What became of a number, a line for everything that happened."""
    asked, customer = str(history.asked), str(history.customer_id)
    if asked == customer:
        yield _said(text("Customer {customer}.", customer=customer), lang)
    else:
        yield _said(text("Customer {asked} is customer {customer} now.", asked=asked, customer=customer), lang)
    yield from record_lines(history.records)
    yield ""
    runs = [_said(text("run {run}", run=str(each.run)), lang) for each in history.happened]
    width = max(map(len, runs), default=0)
    for run, each in zip(runs, history.happened, strict=True):
        yield from _happened(each, f"{run:<{max(width, _RUN)}}", lang)


def found_lines(found: Found, lang: str = "en") -> Iterator[str]:
    """Who was meant."""
    if found.customer_id is not None:
        customer, sure = str(found.customer_id), probability(found.confidence, lang)
        if found.name:
            told = text(
                "Customer {customer}, {name}: {likely} sure, by {how}.",
                customer=customer,
                name=plain(found.name),
                likely=sure,
                how=found.how,
            )
        else:
            told = text("Customer {customer}: {likely} sure, by {how}.", customer=customer, likely=sure, how=found.how)
        yield _said(told, lang)
    else:
        how = _said(found.how, lang)
        yield f"{how[:1].upper()}{how[1:]}."
    if found.candidates:
        also = text("It may also be:") if found.customer_id is not None else text("It may be:")
        yield _said(also, lang)
    for each in found.candidates:
        name, likely = plain(each.name) if each.name else "-", probability(each.probability, lang)
        yield f"  {likely:>6}  {each.customer_id:>19}  {name:<30.30}  {_said(each.how, lang)}"


def record_lines(records: Iterable[RecordSeen]) -> Iterator[str]:
    """Records, a line each."""
    listed = list(records)
    width = max((len(plain(each.key)) for each in listed), default=0)
    for each in listed:
        says = ", ".join(
            plain(each.said[name]) for name in ("full_name", "company", "email", "city") if name in each.said
        )
        yield f"  {plain(each.key):<{width}}  {each.customer_id}  {says}".rstrip()


def decided_lines(done: Decided) -> Iterator[str]:
    """A decision that was kept, and who is who now."""
    said = {"join": "joined", "split": "kept apart", "undo": f"decision {done.of} taken back"}[done.kind]
    yield f"Decision {done.id}: {said}, by {plain(done.by)}" + (f", {plain(done.reason)}" if done.reason else "") + "."
    for each in done.records:
        before = "-" if each.before is None else str(each.before)
        after = "" if done.snapshot is None else f" -> {'-' if each.after is None else each.after}"
        yield f"  {plain(each.key or each.customer_ref[:12])}  {before}{after}"
    if done.snapshot is None:
        yield "The next run shows it. Next: clientela run"
    else:
        yield f"Published snapshot {done.snapshot}."
    if note := unheeded(done):
        yield f"! {note}"
    yield f"Take it back: clientela identity undo {done.id}" if done.kind != "undo" else "Decide anew: join or split."


def unheeded(done: Decided) -> str:
    """Why what was published is not what was decided; '' when it is, or nothing was published yet."""
    now = {each.after for each in done.records if each.after is not None}
    if done.snapshot is None:
        return ""
    if done.kind == "join" and len(now) > 1:
        return (
            "They are still two customers: as one they would have too many records, or a person parted others of them."
        )
    if done.kind == "split" and len(now) == 1 and len(done.records) > 1:
        return "They are still one customer: another decision joins them."
    return ""


def decisions_lines(listed: Sequence[Listed]) -> Iterator[str]:
    """Decisions, newest first."""
    if not listed:
        yield "Nobody has decided anything yet."
    for each in listed:
        state = {"stands": " ", "taken back": "x", "replaced": "-"}[each.state]
        when = each.at.isoformat(sep=" ", timespec="minutes")[:16]
        yield f"{state} {each.id}  {when}  {each.kind:<5}  {plain(each.by)}: {plain(each.reason)}"
        yield f"    {', '.join(map(plain, each.keys[:6]))}" + (
            f" and {len(each.keys) - 6} more" if len(each.keys) > 6 else ""
        )
    if any(each.state != "stands" for each in listed):
        yield "x taken back; - a later decision about the same records holds."


def learned_lines(done: Learned) -> Iterator[str]:
    """A model that was learned."""
    if done.basis == "learned":
        yield f"Learned model {done.version} from {_counted(done.records, 'record', 'records')}."
    else:
        yield f"{_counted(done.records, 'record is', 'records are')} too few to learn from: the shipped model holds."
    if done.before == done.version:
        yield "It weighs as before; nothing changes."
    else:
        yield "Customers may be joined and parted by it at the next run: look with clientela run --dry-run first."


def pair_lines(pair: PairSeen, *, longest: float, drawn: bool, lang: str = "en") -> Iterator[str]:
    """Two records side by side, the reason in words, a bar for what each field weighs."""
    differs = (_BLOCKS if drawn else _PLAIN)[4]
    reason = "; ".join(_said(each, lang) for each in pair.reasons)
    if reason:
        yield from _wrapped(reason[:1].upper() + reason[1:] + ".")
        yield ""
    yield f"  {'':<16}{plain(pair.left.key):<{_VALUE + 1}.{_VALUE}}{plain(pair.right.key):.{_VALUE}}"
    left, right = str(pair.left.customer_id), str(pair.right.customer_id)
    yield f"  {_said(text('customer'), lang):<16.15}{left:<{_VALUE + 1}}{right}"
    for line in pair.lines:
        mark = differs if line.differs else " "
        one, other = _value(line.left), _value(line.right)
        yield f"{mark} {_said(line.name, lang):<16.15}{one:<{_VALUE + 1}.{_VALUE}}{other:.{_VALUE}}".rstrip()
    if pair.evidence:
        yield ""
        for each in pair.evidence:
            yield bar_line(_label(each, lang), each.match_weight, longest=longest, drawn=drawn)
    if pair.evidence and pair.match_weight is not None:
        yield bar_line(_said(text("all together, in bits"), lang), pair.match_weight, longest=longest, drawn=drawn)


def bar_line(label: str, weight: float, *, longest: float, drawn: bool) -> str:
    """What one field weighs: bits, and a bar to the left of zero or to the right.

    Examples
    --------
    >>> bar_line("telephone: same", 9.0, longest=18.0, drawn=False)
    '  telephone: same                                   +9.0                   |#########'
    """
    full, half_right, half_left, axis, _ = _BLOCKS if drawn else _PLAIN
    halves = round(min(1.0, abs(weight) / longest) * _SIDE * 2) if longest else 0
    if not half_right:
        halves += halves % 2
    bar, half = full * (halves // 2), halves % 2
    left = (half_left * half + bar) if weight < 0 else ""
    right = (bar + half_right * half) if weight > 0 else ""
    shortened = label if len(label) <= _LABEL else label[: _LABEL - 1] + ("…" if drawn else ".")
    return f"  {shortened:<{_LABEL}} {weight:+7.1f} {left:>{_SIDE}}{axis}{right}".rstrip()


def scale(pairs: Iterable[PairSeen]) -> float:
    """The weight that fills one side of the chart: the largest there is, so that bars of all pairs compare."""
    weights = [abs(each.match_weight) for pair in pairs for each in pair.evidence]
    weights += [abs(pair.match_weight) for pair in pairs if pair.evidence and pair.match_weight is not None]
    return max(weights, default=0.0)


def probability(value: float, lang: str = "en") -> str:
    """A probability that is said to be certain only where it is.

    Examples
    --------
    >>> probability(1.0), probability(0.99996), probability(0.738), probability(0.0004)
    ('100%', '>99.9%', '73.8%', '<0.1%')
    """
    from clientela.present.say import say_value

    if value >= 1:
        return plain(say_value(Amount(1, "share", digits=0), lang))
    side, shown = (">", 0.999) if value > 0.9994 else ("<", 0.001) if value < 0.001 else ("", value)
    return side + plain(say_value(Amount(shown, "share"), lang))


def _headline(pair: PairSeen, currency: str, lang: str = "en") -> str:
    likely = probability(pair.match_probability, lang)
    parts: list[Text] = []
    if pair.status == "uncertain":
        parts.append(text("{likely} likely one customer", likely=likely))
    elif pair.status == "kept apart":
        decided = text("Kept apart by decision {decision}", decision=pair.decision)
        parts.append(decided if pair.decision else text("Kept apart"))
    else:
        parts += [_joined_by(pair), text("{likely} sure", likely=likely)]
        parts += [text("which alone holds the customer together")] if pair.is_bridge else []
    if pair.revenue is not None and currency:
        parts.append(text("{money} at stake", money=Amount(pair.revenue, "money", currency)))
    return ", ".join(_said(each, lang) for each in parts)


def _joined_by(pair: PairSeen) -> Text:
    if pair.decision:
        return text("Joined by decision {decision}", decision=pair.decision)
    return text("Joined by the rule '{rule}'", rule=pair.rule) if pair.rule else text("Joined by its evidence")


def _happened(each: Happened, run: str, lang: str) -> Iterator[str]:
    when = "" if each.at is None else each.at.isoformat(sep=" ", timespec="minutes")
    head = f"{run} {when:<16}  "
    yield head + _said(_by(each, _what(each)), lang)
    if each.reason:
        yield " " * len(head) + plain(each.reason)


def _what(each: Happened) -> Text:
    who = plain(each.record.key) if each.record else each.customer_ref[:12]
    now, before = str(each.to_customer_id), str(each.from_customer_id)
    if each.kind == "created":
        return text("{record} was first delivered, as customer {customer}", record=who, customer=now)
    if each.kind == "merged":
        return text("{record} became customer {customer} (was {before})", record=who, customer=now, before=before)
    return text("{record} left for customer {customer} (was {before})", record=who, customer=now, before=before)


def _by(each: Happened, what: Text) -> Text:
    if each.person:
        who, decision = plain(each.person), each.decision
        return text("{what}, by {person}, decision {decision}", what=what, person=who, decision=decision)
    by = {
        "rule": text("{what}, by a rule", what=what),
        "model": text("{what}, by the evidence", what=what),
        "person": text("{what}, by a person", what=what),
    }
    return what if each.by is None else by[each.by]


def plain(value: Value) -> str:
    """A value in one line that cannot steer the terminal, in signs that stdout can write."""
    from clientela.present.document import plain_value
    from clientela.present.plain import STEERING

    shown = plain_value(value)
    said = STEERING.sub(" ", "" if shown is None else str(shown))
    encoding = sys.stdout.encoding or "utf-8"
    return said.encode(encoding, "replace").decode(encoding)


def _value(value: Value) -> str:
    return "-" if value is None else plain(value)


def _label(each: FieldSays, lang: str) -> str:
    return f"{_said(each.name, lang)}: {_said(each.likeness, lang)}"


def _said(message: Text, lang: str = "en") -> str:
    from clientela.present.say import say

    return plain(say(message, lang))


def _rule(head: str) -> str:
    return head if len(head) >= WIDTH - 4 else f"{head} {'-' * (WIDTH - len(head) - 1)}"


def _wrapped(said: str) -> list[str]:
    from textwrap import wrap

    return wrap(said, WIDTH, break_long_words=False, break_on_hyphens=False)


def _counted(number: int, one: str, many: str) -> str:
    return f"{number:,} {one if number == 1 else many}"
