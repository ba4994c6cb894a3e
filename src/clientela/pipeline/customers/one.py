"""One customer, as somebody may see them: each field within their rights, what is personal covered or entered."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from clientela.analyse.customer.churn import words as leaving
from clientela.analyse.customer.segments.words import BY, group_named
from clientela.capture.suppression import suppressed
from clientela.contracts.text import Text, text
from clientela.cube.customer.asked import OF_ONE, cells, reach_of, rows, rows_written, sees_every_customer
from clientela.cube.customer.of_one import One
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.view import View
from clientela.errors import NotPermittedError, UnknownCustomerError, UsageError
from clientela.pipeline import erasures, serving
from clientela.pipeline.asking.scope import Asker, opens_people
from clientela.pipeline.asking.seen import seen_by
from clientela.pipeline.asking.watched import Look, entered
from clientela.pipeline.create import read_secret
from clientela.pipeline.customers.events import timeline
from clientela.pipeline.customers.masks import OPEN, masked
from clientela.pipeline.customers.told import (
    CustomerSeen,
    InGroup,
    InSegment,
    Likeness,
    Moved,
    Permission,
    Record,
    Seen,
    Week,
)
from clientela.pipeline.customers.words import cause, next_steps, scores, sentence
from clientela.pipeline.identities import words as likeness
from clientela.pipeline.pages import happened, questions
from clientela.pipeline.pages.parts import PARTS
from clientela.pipeline.serving import Serving
from clientela.unify import decisions
from clientela.unify.decisions import Decision
from clientela.warehouse.store.landing import Landing
from clientela.warehouse.store.snapshot import Reader

WEEKS = 53  # a year of bars
FEW_RECORDS = 4  # each of which is looked up by itself
FEW = 300  # orders of a customer, all of which are read at once
_BITS = 63


def one(
    folder: Path,
    number: str,
    *,
    look: Look,
    asker: Asker | None,
    reveal: bool = False,
    only: str = "",
    before: str | None = None,
) -> CustomerSeen | Moved:
    """One customer; where the number is an earlier one, the number that they bear now.

    Parameters
    ----------
    reveal : show what names the person without covering it; then the purpose must be said
    only, before : of the timeline (`clientela.pipeline.customers.events.timeline`)

    Raises
    ------
    NotPermittedError
        The customer is outside what the asker may see, or there is none: who sees a part is not told which.
    UnknownCustomerError
        There is no such customer, or no longer; said to who sees all.
    UsageError
        What is personal is to be shown, and no purpose is said.
    """
    if reveal and not look.purpose:
        raise UsageError(text("say what you need the personal data for: a word such as complaint or delivery."))

    def told(reader: Reader, served: Serving) -> CustomerSeen | Moved:
        kb = seen_by(reader, served.snapshot, None, asker=asker)
        refuse_many(kb)
        wanted = _number(number)
        one = One(kb.view, wanted, PARTS)
        page, fields = _page(one)
        if page is None:
            return _elsewhere(kb.view, wanted, number)
        if _is_being_erased(folder, kb.view, reader, wanted):
            raise missing(kb.view, number)
        found = _Reading(kb, one, fields, served, folder).customer(reveal=reveal, only=only, before=before)
        _enter(folder, look, found, kb.snapshot)
        return found

    return serving.read(folder, told, people=opens_people(asker))


def refuse_many(kb: SnapshotKnowledge) -> None:
    """Refuse who sees figures of many customers only."""
    if kb.view.scope is not None and kb.view.scope.of_many is not None:
        raise NotPermittedError(text("who sees figures of many customers only sees no customer by themselves."))


def missing(view: View, number: str) -> Exception:
    """What is said of a customer who is not there, or not for the asker."""
    if sees_every_customer(view):
        return UnknownCustomerError(number)
    return NotPermittedError("this customer is outside what you may see, or there is none of this number.")


def _number(said: str) -> int:
    """The number; one that nobody bears where it is none."""
    plain = said.strip()
    number = int(plain) if plain.isascii() and plain.isdigit() and len(plain) < 20 else -1
    return number if number < 2**_BITS else -1


def _page(one: One) -> tuple[Mapping[str, Any] | None, Seen]:
    found, hidden = cells(one.view, "customer_page", questions.PAGE, OF_ONE, one)
    if not found:
        return None, Seen()
    return found[0], Seen(values=found[0], hidden=hidden | ({*questions.PAGE} - found[0].keys()))


def _elsewhere(view: View, number: int, said: str) -> Moved:
    """The number that a customer bears now who bore this one.

    Raises
    ------
    NotPermittedError, UnknownCustomerError
        Nobody whom the asker sees ever bore it.
    """
    first = f"{max(number, 0):015x}"
    found = rows(view, questions.NOW, first=first, after=first + "g") if number >= 0 else None
    if not found:
        raise missing(view, said)
    return Moved(number=found[0]["customer_id"])


class _Reading:
    """The parts of one customer's page, read from one snapshot."""

    def __init__(self, kb: SnapshotKnowledge, one: One, page: Seen, served: Serving, folder: Path) -> None:
        self.folder = folder
        self.view, self.one, self.page = kb.view, one, page
        self.manifest, self.snapshot, self.currency = served.snapshot.manifest, kb.snapshot, kb.currency

    def customer(self, *, reveal: bool, only: str, before: str | None) -> CustomerSeen:
        """All of it."""
        view, page, as_of = self.view, self.page, self.view.as_of
        horizon = self.manifest.get("horizon_days")
        personal = self._personal(reveal=reveal)
        allowed, own, orders = self._permissions(), self._records(), self._orders(only)
        refs = [] if own is None else [ref for ref, _ in own]
        likenesses = self._likenesses(refs) if own is not None and len(own) > 1 else ()
        return CustomerSeen(
            number=self.one.number,
            as_of=as_of,
            currency=self.currency,
            snapshot=self.snapshot,
            horizon_days=horizon,
            page=page,
            personal=personal,
            masked=not reveal,
            place=self._place(),
            sentence=sentence(page, as_of, self.currency),
            next=next_steps(page, allowed, as_of),
            scores=scores(page, as_of, self.currency, horizon, self._why_leaving(horizon)),
            permissions=allowed,
            segments=self._segments(),
            groups=self._groups(),
            weeks=self._weeks(orders),
            timeline=timeline(
                view,
                self.one,
                only=only,
                before=before,
                without=self._untold(allowed),
                known=self._known(orders, before),
            ),
            records=None if own is None else tuple(each for _, each in own),
            likenesses=likenesses,
            after=_decided_since(self.folder, self.manifest, {*refs}),
        )

    def _personal(self, *, reveal: bool) -> Seen:
        names = (*questions.PERSONAL, *questions.ABOUT)
        found, hidden = cells(self.view, "customer", names, OF_ONE, self.one)
        values = {name: value for name, value in (found[0] if found else {}).items() if name != "customer_id"}
        if not reveal:
            covered = {*questions.PERSONAL}
            values = {name: masked(name, value) if name in covered else value for name, value in values.items()}
        return Seen(values=values, hidden=hidden | ({*names} - values.keys()))

    def _permissions(self) -> tuple[Permission, ...] | None:
        told = rows(self.view, questions.PERMISSIONS, self.one)
        if told is None:
            return None
        said = {(row["channel"], row["purpose"]): row for row in told}
        asked = {(channel, purpose) for channel, purpose in self.manifest.get("consent_asked", ())} | said.keys()
        return tuple(
            Permission(
                channel=channel,
                purpose=purpose,
                decision=said[channel, purpose]["decision"] if (channel, purpose) in said else "",
                at=said[channel, purpose]["at"] if (channel, purpose) in said else None,
                records=said[channel, purpose]["records"] if (channel, purpose) in said else 0,
            )
            for channel, purpose in sorted(asked)
        )

    def _why_leaving(self, horizon_days: int | None) -> Text | None:
        """What raises their chance of leaving; None where nothing does, or it is hidden."""
        told, habits = rows(self.view, questions.REASONS, self.one), rows(self.view, questions.HABIT, self.one)
        if not told or not habits or not horizon_days:
            return None
        found = {**told[0], **habits[0]}
        habit = {name: int(found[name]) for name in leaving.HABIT}
        return leaving.raising([found[name] for name in leaving.REASON_COLUMNS], habit, horizon_days)

    def _segments(self) -> tuple[InSegment, ...] | None:
        told = rows(self.view, questions.SEGMENTS, self.one)
        if told is None:
            return None
        return tuple(InSegment(name=row["segment"], since=row["valid_from"], because=_because(row)) for row in told)

    def _groups(self) -> tuple[InGroup, ...] | None:
        told = rows(self.view, questions.GROUPS, self.one)
        if told is None:
            return None
        return tuple(
            InGroup(by=BY[row["family"]], name=group_named(row["segment"]), since=row["valid_from"]) for row in told
        )

    def _place(self) -> Text | None:
        territory = self.page["territory_id"]
        if territory is None:
            return None
        name = serving.remembered(
            self.folder, self.snapshot, ("place", self.view.scope, territory), lambda: (self._name_of(territory),)
        )[0]
        return text("{place}", place=name) if name else text("Territory {number}", number=territory)

    def _name_of(self, territory: str) -> str | None:
        named = rows(self.view, questions.PLACE, territory=territory)
        return named[0]["name"] if named else None

    def _orders(self, only: str) -> list[dict[str, Any]] | None:
        """All that was ordered and returned, where it is little and the same rows show what was spent; else None."""
        few = self.page["orders"] is not None and self.page["orders"] <= FEW
        same = reach_of(self.view, happened.ORDERS.rests_on) == reach_of(self.view, questions.DAYS.rests_on)
        return rows(self.view, happened.ORDERS, self.one) if few and same and only in ("", "orders") else None

    def _known(
        self, orders: Sequence[Mapping[str, Any]] | None, before: str | None
    ) -> dict[str, Sequence[Mapping[str, Any]]]:
        """What need not be asked again for the timeline: all orders, and for its first page the newest interactions."""
        known = {} if orders is None else {"order_line": orders}
        newest = rows_written(self.view, happened.EVERY_INTERACTION, self.one) if before is None else None
        return known if newest is None else {**known, "interaction": newest}

    def _weeks(self, orders: Sequence[Mapping[str, Any]] | None) -> tuple[Week, ...] | None:
        """What they spent week by week, the last year up to the last day looked at.

        Parameters
        ----------
        orders : all of theirs; None: to be asked
        """
        last = self.view.as_of - timedelta(days=1)
        start = last - timedelta(days=last.weekday() + 7 * (WEEKS - 1))
        if orders is None:
            told = rows(self.view, questions.DAYS, self.one, first=start)
            if told is None:
                return None
            days = [(row["day"], row["revenue"]) for row in told]
        else:
            days = [(row["day"], row["money"]) for row in orders if row["day"] >= start]
        spent: dict[date, Decimal] = dict.fromkeys(_weeks_from(start), Decimal(0))
        for day, revenue in days:
            spent[day - timedelta(days=day.weekday())] += revenue
        return tuple(Week(first=first, revenue=revenue) for first, revenue in spent.items())

    def _records(self) -> list[tuple[str, Record]] | None:
        told = rows(self.view, questions.RECORDS, self.one)
        if told is None:
            return None
        refs = [row["customer_ref"] for row in told]
        if len(refs) <= FEW_RECORDS:
            found = [row for ref in refs for row in rows(self.view, questions.KEY, self.one, ref=ref) or ()]
        else:
            found = rows(self.view, questions.KEYS, self.one, refs=refs) or []
        keys = {row["customer_ref"]: row["record_id"] for row in found}
        return [
            (
                row["customer_ref"],
                Record(
                    source=row["source"],
                    key=keys.get(row["customer_ref"]),
                    first_run=row["first_run"],
                    match_probability=float(row["match_probability"]),
                ),
            )
            for row in told
        ]

    def _likenesses(self, refs: Sequence[str]) -> tuple[Likeness, ...]:
        """Of the pairs that hold the records together those that are least sure, with what they have in common."""
        pairs = rows(self.view, questions.PAIRS, self.one) or []
        said = self._said([*dict.fromkeys(each["customer_ref_l"] for each in pairs if each["customer_ref_l"] in refs)])
        return tuple(
            Likeness(
                probability=pair["match_probability"],
                reasons=_reasons(pair, said.get((pair["customer_ref_l"], pair["customer_ref_r"]), ())),
            )
            for pair in pairs
        )

    def _said(self, refs: Sequence[str]) -> dict[tuple[str, str], list[Mapping[str, Any]]]:
        """What is alike in the pairs of these first records, by pair, what weighs most first."""
        if len(refs) <= FEW_RECORDS:
            found = [row for ref in refs for row in rows(self.view, questions.SAID, self.one, ref=ref) or ()]
        else:
            found = rows(self.view, questions.SAID_OF_MANY, self.one, refs=list(refs)) or []
        said: dict[tuple[str, str], list[Mapping[str, Any]]] = {}
        for row in found:
            said.setdefault((row["customer_ref_l"], row["customer_ref_r"]), []).append(row)
        return said

    def _untold(self, allowed: Sequence[Permission] | None) -> frozenset[str]:
        """The tables that hold nothing of a customer, as is known already: these need not be asked."""
        page = self.page
        told = {
            "service_case": page["cases"] == 0,
            "interaction": page["interactions"] == 0,
            "survey_answer": page.sees("last_answer_on") and page["last_answer_on"] is None,
            "consent": allowed is not None and not any(each.records for each in allowed),
            "identity_event": not self.one.has_events,
        }
        return frozenset(name for name, nothing in told.items() if nothing)


@lru_cache(maxsize=8)
def _weeks_from(start: date) -> tuple[date, ...]:
    """The first day of each week of a year."""
    return tuple(start + timedelta(weeks=n) for n in range(WEEKS))


def _reasons(pair: Mapping[str, Any], said: Sequence[Mapping[str, Any]]) -> tuple[Text, ...]:
    """Why two records are one, in words: who said so, else what is alike, what weighs most first."""
    if pair["decision"] is not None:
        return (text("a person said so"),)
    alike = [(row["field"], row["likeness"], float(row["weight"])) for row in said]
    weight = None if pair["match_weight"] is None else float(pair["match_weight"])
    fields = likeness.evidence(alike, weight)
    return likeness.reasons(fields, (), pair["rule"], open_=False)


def _because(row: Mapping[str, Any]) -> Text | None:
    if row["by"]:
        return text("{cause}: {condition}", cause=cause(row["because"]), condition=row["by"])
    return cause(row["because"])


def _decided_since(folder: Path, manifest: Mapping[str, Any], refs: set[str]) -> int:
    """How many decisions about these records were made after the run that published what is shown."""
    landing = Landing(folder)
    if not refs or not (landing.folder / decisions.NAME).exists():
        return 0
    run = datetime.fromisoformat(manifest["now"])
    return sum(
        each.at.replace(tzinfo=None) > run and any(refs & {*pair} for pair in each.pairs)
        for each in decisions.read(landing)
        if isinstance(each, Decision)
    )


def _is_being_erased(folder: Path, view: View, reader: Reader, number: int) -> bool:
    """Whether an erasure of this customer was begun and the next run is to end it."""
    if not (folder / erasures.NAME).exists() or not erasures.unfinished(folder):
        return False
    from clientela.pipeline.identities.shown import records_of

    listed = suppressed(Landing(folder), read_secret(folder))
    own = records_of(reader, [number]).values() if reader.people else ()
    return any(each.record_id and listed.names(each.source, each.record_id) for each in own)


def _enter(folder: Path, look: Look, found: CustomerSeen, snapshot: str) -> None:
    """Enter in the audit log whose page was looked at, and which personal columns were not covered."""
    shown = {*questions.PERSONAL} & found.personal.values.keys()
    if found.masked:
        shown &= OPEN
    seen = sorted(name for name in shown if found.personal[name] is not None)
    keys = any(each.key is not None for each in found.records or ())
    columns = [*(f"column:customer.{name}" for name in seen), *(["column:identity.record_id"] if keys else [])]
    entered(
        folder,
        look,
        "personal.read" if columns else "rows.read",
        objects=[f"customer:{found.number}", "table:customer_page", *columns],
        counts={"rows": 1},
        snapshot=snapshot,
    )


def may_see_names(view: View) -> bool:
    """Whether the asker may see what anybody is called."""
    return view.people is not None and any(reach_of(view, (f"customer.{name}",)) for name in questions.NAME)
