"""Pairs of records that may be one customer, side by side; what persons decided; taking a decision back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from starlette.responses import RedirectResponse, Response

from clientela.contracts.identity import PairSeen
from clientela.contracts.text import text
from clientela.errors import NotPermittedError, UsageError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.pipeline.working import asked
from clientela.present.identity.page import PairView, chart, headline, pair_view
from clientela.present.views import FigureView, Show
from clientela.web.data.jobs import ask_for, nonce, once, to_job
from clientela.web.shown import shown

SHOWN = 5
LONGEST_REASON = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A pair on the page: what is seen, how it is drawn, and what the form of a decision sends."""

    seen: PairSeen
    view: PairView
    picture: FigureView | None
    join: tuple[str, str]
    split: tuple[str, str]


def _review(visit: Visit) -> Response:
    """The pairs that wait for a decision, most money at stake first."""
    _refuse_who_sees_a_part(visit)
    later = _set_aside(visit)
    waiting = _in_work(visit)
    decided = visit.workspace.identity.decisions()
    settled = {frozenset(each.keys) for each in decided if each.state == "stands"}
    review = visit.workspace.identity.review(limit=SHOWN + len(waiting) + len(settled) + len(later))
    open_ = [each for each in review.pairs if _key(each) not in later and not _is_settled(each, waiting, settled)]
    aside = sum(_key(each) in later for each in review.pairs)
    pairs = [_pair(each, number, review.currency, visit.lang) for number, each in enumerate(open_[:SHOWN], start=1)]
    return shown(
        visit,
        "data/review.html",
        headline=headline(review),
        review=review,
        pairs=pairs,
        aside=aside,
        waiting=len(waiting),
        unpublished=sum(each.state == "stands" and str(each.at.isoformat()) > _published_at(visit) for each in decided),
        decided=len(decided),
        longest=LONGEST_REASON,
        once=nonce(visit),
        said=visit.param("said"),
    )


def _pair(seen: PairSeen, number: int, currency: str, lang: str) -> Pair:
    joined = seen.status == "joined"
    left, right = seen.left, seen.right
    drawn = chart(seen, lang)
    customers = str(left.customer_id), str(right.customer_id)
    return Pair(
        seen=seen,
        view=pair_view(seen, number, currency, lang),
        picture=None if drawn is None else Show(lang).drawn(drawn, f"pair-{number}-weights", "column"),
        join=(left.key, right.key) if joined else customers,
        split=(str(left.customer_id), right.key) if joined else customers,
    )


def _key(seen: PairSeen) -> str:
    """A pair as the address of the page names it: no value of a person."""
    return f"{seen.left.customer_ref[:8]}-{seen.right.customer_ref[:8]}"


def _set_aside(visit: Visit) -> frozenset[str]:
    """The pairs that the visitor wants to see later, as the address says."""
    said = visit.request.query_params.get("later", "")
    return frozenset(each for each in said.split(",")[:200] if each)


def _in_work(visit: Visit) -> Sequence[Mapping[str, Any]]:
    """The decisions that are being entered."""
    return [each.arguments for each in asked.open_jobs(visit.site.database, "identity")]


def _is_settled(seen: PairSeen, waiting: Sequence[Mapping[str, Any]], settled: set[frozenset[str]]) -> bool:
    keys = {seen.left.key, seen.right.key}
    customers = {str(seen.left.customer_id), str(seen.right.customer_id)}
    if any({each.get("one"), each.get("other")} <= keys | customers for each in waiting):
        return True
    return any(keys <= each for each in settled)


def _published_at(visit: Visit) -> str:
    kept = next((each for each in visit.workspace.snapshots() if each.serves), None)
    return (kept.published_at or "") if kept is not None else ""


def _decide(visit: Visit) -> Response:
    """Enter a decision; the next run shows it, or one that begins at once."""
    _refuse_who_sees_a_part(visit)
    verb, reason = visit.param("verb"), (visit.param("reason") or "").strip()
    if verb not in ("join", "split"):
        raise UsageError(text("say whether they are one customer or two."))
    if not reason or len(reason) > LONGEST_REASON or not reason.isprintable():
        raise UsageError(
            text(
                "say why, in one line of at most {most} letters; others read it later.",
                most=LONGEST_REASON,
            )
        )
    one, _, other = (visit.param(verb) or "").partition("|")
    if not one or not other:
        raise UsageError(text("this form is damaged; load the page anew and send it again."))
    publish = visit.param("publish") == "yes"
    number = ask_for(
        visit,
        "identity",
        {"verb": verb, "one": one, "other": other, "reason": reason, "publish": publish, "name": visit.who.came.name},
    )
    return to_job(visit, number) if publish else _back(visit, "entered")


def _undo(visit: Visit) -> Response:
    """Take a decision back."""
    _refuse_who_sees_a_part(visit)
    decision = visit.param("decision") or ""
    if not any(each.id == decision for each in visit.workspace.identity.decisions()):
        raise UsageError(text("there is no such decision; load the page anew."))
    arguments = {"verb": "undo", "decision": decision, "name": visit.who.came.name}
    ask_for(visit, "identity", arguments)
    return RedirectResponse(str(visit.request.app.url_path_for("data-decisions")) + "?said=undone", status_code=303)


def _decisions(visit: Visit) -> Response:
    """What persons decided about who is who, newest first."""
    _refuse_who_sees_a_part(visit)
    undoing = {each.get("decision") for each in _in_work(visit)}
    return shown(
        visit,
        "data/decisions.html",
        decisions=visit.workspace.identity.decisions(),
        undoing=undoing,
        once=nonce(visit),
        said=visit.param("said"),
    )


def _publish(visit: Visit) -> Response:
    """Run, so that what was decided shows."""
    number = asked.ask_run(visit.site.database, by=visit.who.actor, now=visit.now, key=once(visit, "run"))
    return to_job(visit, number)


def _back(visit: Visit, said: str) -> Response:
    later = visit.param("later")
    query = f"?said={said}" + (f"&later={later}" if later and all(c.isalnum() or c in ",-" for c in later) else "")
    return RedirectResponse(str(visit.request.app.url_path_for("data-review")) + query, status_code=303)


def _refuse_who_sees_a_part(visit: Visit) -> None:
    if not visit.workspace.data.of(visit.user).sight.records:
        raise NotPermittedError(
            text(
                "the records of customers side by side are for who sees the whole company with its personal "
                "data; ask an "
                "administrator."
            )
        )


PAGES: tuple[Page, ...] = (
    Page(path="/data/who-is-who", name="data-review", answer=_review, may="decide-identity", personal=True),
    Page(
        path="/data/who-is-who/decide",
        name="data-decide",
        answer=_decide,
        method="POST",
        may="decide-identity",
        personal=True,
    ),
    Page(path="/data/who-is-who/publish", name="data-publish", answer=_publish, method="POST", may="decide-identity"),
    Page(path="/data/decisions", name="data-decisions", answer=_decisions, may="decide-identity", personal=True),
    Page(
        path="/data/decisions/undo", name="data-undo", answer=_undo, method="POST", may="decide-identity", personal=True
    ),
)
