"""A run without its analyses: what was delivered, what of it counts, what was measured; a tenth of a whole run."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

from clientela import config
from clientela.pipeline import facts
from clientela.pipeline.clock import clock
from clientela.pipeline.create import read_secret
from clientela.pipeline.graph import models, read_by_models
from clientela.pipeline.quality import history
from clientela.pipeline.quality.measures import Measure, document, with_past
from clientela.pipeline.quality.measuring import measure
from clientela.pipeline.quality.notices import Notice, documents
from clientela.warehouse.build import Build
from clientela.warehouse.store.landing import Landing
from tests.pipeline.company import NOW, Shop

COUNTED = ("price_quality", "invoice_quality")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What a light run found: the rows of each table that are current, notices, measurements."""

    current: dict[str, int]
    notices: tuple[Notice, ...]
    measures: tuple[Measure, ...]

    @property
    def warnings(self) -> tuple[str, ...]:
        return tuple(each.detail for each in self.notices)

    def found(self, *place: str) -> tuple[int | None, int | None, str]:
        """Weak rows, rows looked at and verdict of the one measurement at source, table, column, property, rule."""
        names = ("source", "table_name", "column_name", "property", "rule")
        (each,) = [m for m in self.measures if tuple(getattr(m, name) for name in names)[: len(place)] == place]
        return each.found, each.checked, each.verdict


def take(made: Shop, number: int) -> Taken:
    """Land, conform, publish the base tables as run ``number``, a day after the one before, and measure."""
    folder = made.workspace.folder
    settings = config.load(folder)
    now = NOW + timedelta(days=number)
    zone = settings.company.timezone
    today = now.astimezone(ZoneInfo(zone)).date()
    with Build(folder, number, threads=1) as build:
        found = facts.delivered(
            build,
            settings,
            folder,
            Landing(folder),
            read_secret(folder),
            run=number,
            now=now,
            published=frozenset(range(1, number)),
            progress=lambda _: None,
        )
        facts.publish_tables(
            build,
            found,
            read_by_models(),
            settings=settings,
            landing=Landing(folder),
            now=now,
            progress=lambda _: None,
        )
        first, last = facts.days(build, today=today)
        dates = clock(now=now, asked=None, first_day=first, last_day=last, horizon_days=92, timezone=zone)
        for model in models():
            if model.name in COUNTED:
                build.run_model(model, as_of=dates.as_of, known_at=dates.known_at)
        before = history.read(folder, before=number)
        measured = with_past(measure(build, found.taken, settings, today=today, now=now), history.past(before))
        build.append("quality", history.arrays(before, number, measured))
        current = {
            name: _current(build, name) for name in ("order_line", "product", "invoice") if name in build.tables()
        }
        build.publish(
            {
                "run": number,
                "as_of": dates.as_of.isoformat(),
                "sources": [asdict(each) for each in facts.loaded(found)],
                "quality": document(measured),
                "warnings": documents(found.notices),
            }
        )
        history.write(folder, number, measured)
    return Taken(current=current, notices=found.notices, measures=measured)


def _current(build: Build, table: str) -> int:
    from sqlglot import exp

    counted = exp.select("count(*) as n").from_(exp.table_(table, db="main", catalog="facts"))
    return int(build.engine.fetch(counted.where("known_until is null"))["n"][0].as_py())
