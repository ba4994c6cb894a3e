"""What a run would find: which files are new, which batches it would type again. Nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from clientela.capture import arrive
from clientela.capture.arriving import Arriving
from clientela.capture.conform.arrivals import EXCHANGE_RATE, arrivals, rates
from clientela.capture.conform.batches import TypedBatches
from clientela.capture.mapping import Section, understand
from clientela.config import Settings
from clientela.warehouse.engine import Engine
from clientela.warehouse.store.landing import Landing

NEW, CHANGED, UNCHANGED, REPLAYED = "new", "changed", "unchanged", "replayed"
REFUSED, MISSING, NOT_ASKED = "refused", "missing", "not asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Foreseen:
    """One thing a source delivers now. ``state``: one of the names above; ``size`` in bytes, None where unknown."""

    source: str
    table: str
    path: str
    state: str
    size: int | None = None
    note: str = ""


def foresee(
    settings: Settings, folder: Path, landing: Landing, stage: Path, *, connect: bool
) -> tuple[tuple[Foreseen, ...], tuple[str, ...]]:
    """What each source delivers now, and what is wrong with the columns of its files, in sentences.

    Parameters
    ----------
    stage : an empty folder outside the workspace, for what has to be unpacked.
    connect : ask databases too; else each is only named.
    """
    found: list[Foreseen] = []
    problems: list[str] = []
    groups: dict[tuple[str, str], list[Section]] = {}
    for section in understand(settings):
        if section.source.database is not None and not connect:
            found.append(_said(section, section.source.place, NOT_ASKED))
            continue
        groups.setdefault((section.source.name, section.contract.name), []).append(section)
    for group in groups.values():
        looked = arrive.look(group, folder, landing, stage)
        problems += looked.problems
        for each in looked.left_out:
            # a database that has nothing new brings no arrival, only this
            said = {arrive.State.MISSING: MISSING, arrive.State.UNCHANGED: UNCHANGED}
            state = said.get(each.state, REFUSED)
            found.append(_said(group[0], each.path, state, note=each.note))
        found += (
            _whole(looked.arriving, folder, landing)
            if group[0].source.delivery == "full"
            else [_one(each, folder, landing) for each in looked.arriving]
        )
    return tuple(found), tuple(problems)


def typed_again(settings: Settings, landing: Landing, engine: Engine, secret: bytes) -> tuple[str, ...]:
    """The files whose landed batches a run would type again: their mapping, the rates or the code changed."""
    work = TypedBatches(engine, landing, secret, landing.folder / "conformed", lambda _: None, looking=True)
    chosen = list(arrivals(understand(settings), landing))
    money = [each for each in chosen if each[1].table == EXCHANGE_RATE]
    if all(work.has(*each) for each in money):
        found = work.all(money, workers=1)
        work.rates = rates(engine, [each for each in found.values() if not each.kept_out])
    return tuple(dict.fromkeys(batch.path for section, batch in chosen if not work.has(section, batch)))


def _one(arriving: Arriving, folder: Path, landing: Landing) -> Foreseen:
    source, table = arriving.section.source.name, arriving.section.contract.name
    last = landing.last_of(source, arriving.shown, table=table)
    if last is not None and last.hash == arriving.batch_hash:
        return _arriving(arriving, UNCHANGED, folder)
    same = [each for each in landing.arrivals() if (each.source, each.table) == (source, table)]
    if last is None and any(each.hash == arriving.batch_hash for each in same):
        return _arriving(arriving, REPLAYED, folder)
    return _arriving(arriving, NEW if last is None else CHANGED, folder)


def _whole(files: Sequence[Arriving], folder: Path, landing: Landing) -> Iterator[Foreseen]:
    """Of a source that delivers in full: when one file differs, the whole delivery is journalled again."""
    for each in files:
        known = landing.has(each.section.source.name, each.batch_hash, table=each.section.contract.name)
        before = landing.last_of(each.section.source.name, each.shown, table=each.section.contract.name)
        yield _arriving(each, UNCHANGED if known else NEW if before is None else CHANGED, folder)


def _arriving(arriving: Arriving, state: str, folder: Path) -> Foreseen:
    path = folder / arriving.shown
    size = path.stat().st_size if path.is_file() else None
    return _said(arriving.section, arriving.shown, state, size=size)


def _said(section: Section, path: str, state: str, *, size: int | None = None, note: str = "") -> Foreseen:
    return Foreseen(
        source=section.source.name, table=section.contract.name, path=path, state=state, size=size, note=note
    )
