"""What stands above every page: what one sees, to which day, of which run, of what quality."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from sqlglot import exp

from clientela import config
from clientela.access.area import EVERYTHING
from clientela.access.grants import Grant
from clientela.access.policy import FILE as POLICY
from clientela.contracts.text import Text, ntext, text
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.scoped import within
from clientela.errors import NothingPublishedError, SnapshotError
from clientela.pipeline import serving
from clientela.pipeline.asking.scope import Asker
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.care.status import Status, status
from clientela.pipeline.quality import told
from clientela.pipeline.quality.measures import stored
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader

MOST_NAMED = 3
FILES = ("snapshots/CURRENT", "runs.jsonl", config.FILE, POLICY)
"""What changes when the figures, or who sees which, may: the published snapshot, the runs, the settings, the policy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """What stands above every page.

    Parameters
    ----------
    sees : what the visitor sees, a part of the company each; empty: nothing
    whole : whether that is the whole company
    figures_to : the last day in the figures; None where nothing is published
    run_at, today : in the company's zone
    good, judged : of the properties of the data
    notices : what whoever reads the figures must know of the snapshot that serves
    stopped : why the last run published nothing; None where it did
    """

    company: str
    sees: tuple[Text, ...]
    whole: bool
    today: date
    snapshot: str | None = None
    figures_to: date | None = None
    run_at: datetime | None = None
    good: int = 0
    judged: int = 0
    notices: tuple[Text, ...] = ()
    stopped: str | None = None


def bar(folder: Path, asker: Asker | None) -> Bar:
    """What stands above the pages of one person; None: of the company itself."""
    found = _status(folder)
    names: Mapping[str, str] = {}
    rows: Sequence[bool] = ()
    notices: tuple[Text, ...] = ()
    try:
        names, rows, notices = serving.read(folder, _read(asker), people=False)
    except (NothingPublishedError, SnapshotError):
        notices = (text("{what}", what=found.damage),) if found.damage else ()
    whole = asker is None or any(asker.policy.role(each.role).everything and not each.within for each in asker.held)
    return Bar(
        company=found.company,
        sees=(text("the whole company"),) if whole else tuple(_parts(asker.held if asker else (), names)),
        whole=whole,
        today=date.fromisoformat(found.today),
        snapshot=found.snapshot,
        figures_to=date.fromisoformat(found.last_day) if found.last_day else None,
        run_at=datetime.fromisoformat(found.published_at) if found.published_at else None,
        good=sum(rows),
        judged=len(rows),
        notices=notices,
        stopped=found.last_failure,
    )


def _status(folder: Path) -> Status:
    """How the company stands, the same for everybody: looked at anew when a file changes, and with each minute."""

    def told() -> Status:
        return status(folder, config.load(folder), measured=False)

    minute = datetime.now(UTC).replace(second=0, microsecond=0)
    return serving.settled(folder, FILES, "status", told, at=minute)


Read = Callable[[Reader, Serving], tuple[Mapping[str, str], Sequence[bool], tuple[Text, ...]]]


def _read(asker: Asker | None) -> Read:
    """Reads the names of the asker's territories, the verdicts on the data, the notices."""
    held = asker.held if asker is not None else ()
    wanted = sorted({each for grant in held for each in grant.within.get("territory", ())})

    def read(reader: Reader, served: Serving) -> tuple[Mapping[str, str], Sequence[bool], tuple[Text, ...]]:
        shot = served.snapshot
        judged = serving.remembered(shot.folder.parent, shot.name, "judged", lambda: _judged(shot.manifest))
        named = _names(knowledge_in(reader, served.snapshot, None), wanted) if wanted else {}
        return named, judged, served.notices

    return read


def _judged(manifest: Mapping[str, Any]) -> tuple[bool, ...]:
    """Of each property of the data that was judged whether it is good."""
    measures = stored(manifest.get("quality", ()))
    return tuple(each.good for each in told.properties(measures) if each.good is not None)


def _names(whole: SnapshotKnowledge, wanted: Sequence[str]) -> Mapping[str, str]:
    tree = exp.select("territory_id", "name").from_("territory")
    named = {str(key): str(name or key) for key, name in whole.view.rows(within(tree, EVERYTHING), {})}
    return {each: named[each] for each in wanted if each in named}


def _parts(held: Sequence[Grant], names: Mapping[str, str]) -> Iterator[Text]:
    """What grants name, a part each, the first few of each kind by name."""
    for kind, said in _KINDS.items():
        values = _limits(held, kind)
        for value in values[:MOST_NAMED]:
            yield Text(said.id, {"name": names.get(value, value)})
        if len(values) > MOST_NAMED:
            yield text("{n} more", n=len(values) - MOST_NAMED)
    accounts = _limits(held, "customer")
    if accounts:
        yield ntext("{n} account", "{n} accounts", "n", n=len(accounts))


def _limits(held: Sequence[Grant], kind: str) -> list[str]:
    return list(dict.fromkeys(value for grant in held for value in grant.within.get(kind, ())))


_KINDS: Mapping[str, Text] = {
    "territory": text("{name}"),
    "category": text("{name}"),
    "subcategory": text("{name}"),
    "brand": text("the brand {name}"),
    "product": text("the product {name}"),
    "campaign": text("the campaign {name}"),
}
