"""The rows that stay out, with what stands in them and why; and the same as a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from clientela.contracts.analysis import Result
from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Value, text
from clientela.errors import NotPermittedError, UnknownNameError
from clientela.http.guard import Page
from clientela.http.visit import Visit
from clientela.pipeline.quality.quarantine import STATUSES
from clientela.present.files import CSV_TYPE, csv_bytes
from clientela.web.data.broken import words
from clientela.web.shown import shown

SHOWN, FILED = 50, 10_000
_ORDER = ("source", "table_name", "path", "line", "column_name", "rule")
_COLUMNS = ("source", "table_name", "path", "line", "column_name", "value", "rule", "status", "run", "mended_in")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which rows are asked for."""

    source: str | None
    status: str | None
    rule: str | None

    @property
    def where(self) -> str | None:
        """As the filter language says it."""
        said = (("source", self.source), ("status", self.status), ("rule", self.rule))
        parts = [f"{name} = '{value.replace(chr(39), chr(39) * 2)}'" for name, value in said if value]
        return " and ".join(parts) or None


def _asked(visit: Visit) -> Asked:
    status = visit.param("status")
    if status is not None and status not in STATUSES:
        raise UnknownNameError("status", status, STATUSES)
    return Asked(source=visit.param("source"), status=status, rule=visit.param("rule"))


def _quarantine(visit: Visit) -> Response:
    data = visit.workspace.data.of(visit.user)
    if not data.sight.kept_out:
        counted = [each for each in data.sources(now=visit.now) if each.delivered and each.delivered.quarantined]
        return shown(visit, "data/quarantine.html", allowed=False, counted=counted, rows=(), asked=_asked(visit))
    asked = _asked(visit)
    found = _rows(visit, asked, SHOWN, visit.param("cursor"))
    return shown(
        visit,
        "data/quarantine.html",
        allowed=True,
        asked=asked,
        rows=[dict(zip(_COLUMNS, row, strict=True)) for row in found.rows],
        next_cursor=found.next_cursor,
        first=visit.param("cursor") is None,
        sources=sorted({each.name for each in data.sources(now=visit.now)}),
        statuses=STATUSES,
        broken=words,
    )


def _rows(visit: Visit, asked: Asked, limit: int, cursor: str | None) -> Result:
    """The rows that are asked for."""
    page = visit.workspace.rows.page(
        "quarantine",
        _COLUMNS,
        asked.where,
        order=_ORDER,
        limit=limit,
        cursor=cursor,
        user=visit.user,
        purpose="data-quality",
        now=visit.now,
    )
    return page.rows


def _file(visit: Visit) -> Response:
    """The same rows as a file that a spreadsheet opens and never computes."""
    if not visit.workspace.data.of(visit.user).sight.kept_out:
        raise NotPermittedError(text("your roles do not show the rows that stay out; ask an administrator."))
    page = visit.workspace.rows.page(
        "quarantine",
        _COLUMNS,
        _asked(visit).where,
        order=_ORDER,
        limit=FILED,
        user=visit.user,
        purpose="data-quality",
        now=visit.now,
    )
    visit.workspace.rows.exported(page, purpose="data-quality", now=visit.now)
    table = Table(
        columns=tuple(
            TableColumn(name=each, type=Type.INT if each in ("line", "run", "mended_in") else Type.TEXT, label=label)
            for each, label in zip(_COLUMNS, _LABELS, strict=True)
        ),
        rows=tuple(_worded(row) for row in page.rows.rows),
        caption=text("Rows that stay out"),
    )
    headers = {"content-disposition": 'attachment; filename="rows-kept-out.csv"', "cache-control": "no-store"}
    return Response(csv_bytes(table, visit.lang), media_type=CSV_TYPE, headers=headers)


def _worded(row: tuple[object, ...]) -> tuple[Value, ...]:
    """A row of the file, its rule in words."""
    told: dict[str, Any] = dict(zip(_COLUMNS, row, strict=True))
    return (*{**told, "rule": words(told["rule"])}.values(),)


_LABELS = (
    text("Source"),
    text("Table"),
    text("File"),
    text("Line"),
    text("Column"),
    text("What stands there"),
    text("Why it stays out"),
    text("State"),
    text("Run"),
    text("Mended in run"),
)

PAGES: tuple[Page, ...] = (
    Page(path="/data/kept-out", name="data-quarantine", answer=_quarantine, personal=True),
    Page(path="/data/kept-out.csv", name="data-quarantine-file", answer=_file, may="export", personal=True),
)
