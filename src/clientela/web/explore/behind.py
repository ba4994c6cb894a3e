"""The rows behind a figure, page by page, with the columns the visitor may see."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlencode

from starlette.responses import Response

from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.text import Text, Value, text
from clientela.cube.declared.dimension import DIMENSIONS
from clientela.errors import UnknownNameError, UsageError
from clientela.http.visit import Visit
from clientela.pipeline.asking.rows import Page
from clientela.present import cells
from clientela.present.files import CSV_TYPE, XLSX_TYPE, csv_bytes, xlsx_bytes
from clientela.present.say import say
from clientela.web.explore.cube import offered_to
from clientela.web.explore.question import Asking, asked
from clientela.web.explore.said import chips
from clientela.web.shown import linked, shown

AT_ONCE = 50
MOST_IN_FILE = 10_000
_TECHNICAL = frozenset({"known_from", "known_assumed", "happened_at"})
_FIRST = ("happened_on", "customer_id", "order_id", "line_no", "product_id")
_LABELS: dict[str, Text] = {
    "order_id": text("Order"),
    "line_no": text("Line"),
    "net_revenue": text("Revenue"),
    "quantity": text("Quantity"),
    "happened_on": text("Day"),
    "customer_id": text("Customer"),
    "cost_of_goods": text("Cost of goods"),
    "discount": text("Discount"),
    "tax": text("Tax"),
    "currency": text("Currency"),
    "cost_assumed": text("Cost by the piece of the product"),
}
_TABLES: dict[str, Text] = {
    "order_line": text("Order lines"),
    "invoice": text("Invoices"),
    "subscription": text("Subscriptions"),
    "interaction": text("Contacts with customers"),
    "service_case": text("Cases"),
    "survey_answer": text("Answers to surveys"),
    "opportunity": text("Opportunities"),
    "contact": text("Messages of campaigns"),
    "campaign": text("Campaigns"),
    "contact_list": text("Address lists"),
    "target": text("Targets"),
    "allocated_cost": text("Shared costs"),
}


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell; ``address`` is that of the customer it names."""

    said: str
    address: str = ""
    hidden: bool = False


def rows(visit: Visit) -> Response:
    """The page of the rows."""
    page = _page(visit, AT_ONCE, visit.param("cursor"))
    table = _table(page, visit.lang)
    asking = _asking(visit)
    offered = offered_to(visit, asking)
    measure = next((each for each in offered.measures if each.name == visit.param("of")), None)
    kept = sorted(
        (at for at in range(len(table.columns)) if _is_shown(page, at)),
        key=lambda at: _FIRST.index(table.columns[at].name) if table.columns[at].name in _FIRST else len(_FIRST) + at,
    )
    said = _said(table, visit.lang)
    params = dict(visit.request.query_params)
    params.pop("cursor", None)
    return shown(
        visit,
        "explore/rows.html",
        name=say(_TABLES.get(page.table, Text(page.table)), visit.lang),
        measure=measure,
        heads=[(cells.head(table.columns[at], visit.lang)[0], cells.is_number(table.columns[at])) for at in kept],
        rows=[[_cell(visit, page, words[at], row, at) for at in kept] for row, words in enumerate(said)],
        chips=chips(asking, offered, visit.lang) if _plain(asking) else [],
        where=asking.where,
        back=_back(visit, asking),
        cursor=page.rows.next_cursor or "",
        is_first=visit.param("cursor") is None,
        file=linked(visit, "explore-rows-file") if visit.who.may("export") else "",
        query=urlencode(params),
        most=MOST_IN_FILE,
    )


def rows_file(visit: Visit) -> Response:
    """The first of these rows as a file for a spreadsheet; entered in the audit log."""
    kind = visit.param("format") or "csv"
    if kind not in ("csv", "xlsx"):
        raise UsageError(text("a file is 'csv' or 'xlsx', not '{kind}'.", kind=kind[:20]))
    page = _page(visit, MOST_IN_FILE, None)
    visit.workspace.rows.exported(page, now=visit.now)
    make, media = (csv_bytes, CSV_TYPE) if kind == "csv" else (xlsx_bytes, XLSX_TYPE)
    headers = {
        "content-disposition": f'attachment; filename="clientela-{page.table}.{kind}"',
        "cache-control": "no-store",
    }
    return Response(make(_table(page, visit.lang), visit.lang), media_type=media, headers=headers)


def _asking(visit: Visit) -> Asking:
    return asked(visit.request.query_params)


def _plain(asking: Asking) -> bool:
    return bool(asking.where)


def _page(visit: Visit, limit: int, cursor: str | None) -> Page:
    table = visit.param("table") or ""
    if table not in _TABLES:
        raise UnknownNameError("table", table, _TABLES)
    asking = _asking(visit)
    columns = tuple(each for said in visit.request.query_params.getlist("columns") for each in said.split(",") if each)
    return visit.workspace.rows.page(
        table,
        columns,
        asking.where or None,
        limit=limit,
        cursor=cursor,
        as_of=asking.day,
        known_at=asking.moment,
        user=visit.user,
        now=visit.now,
    )


def _back(visit: Visit, asking: Asking) -> str:
    """The question one came from; only ever one of the page of the cube."""
    said = visit.param("back") or "?"
    return str(visit.request.app.url_path_for("explore")) + (said if said.startswith("?") else "?")


def _said(table: Table, locale: str) -> list[list[str]]:
    """The cells as they are read: each day as a day, whatever the others are."""
    digits = [cells.digits_of(column, [row[at] for row in table.rows]) for at, column in enumerate(table.columns)]
    return [
        [
            cells.cell(value, column, locale, places)
            for value, column, places in zip(row, table.columns, digits, strict=True)
        ]
        for row in table.rows
    ]


def _is_shown(page: Page, at: int) -> bool:
    """Whether a column says something on this page; what machines need alone is left to the file."""
    name = page.rows.columns[at].name
    if name == "cost_assumed" and not any(row[at] for row in page.rows.rows):
        return False
    if name in _TECHNICAL or (name.endswith("_on") and name != "happened_on"):
        return False
    return any(row[at] is not None for row in page.rows.rows) or any(place == at for _, place in page.rows.hidden)


def _cell(visit: Visit, page: Page, words: list[str] | str, row: int, at: int) -> Cell:
    said = words if isinstance(words, str) else words[at]
    if (row, at) in page.rows.hidden:
        return Cell(say(text("outside your scope"), visit.lang), hidden=True)
    value = page.rows.rows[row][at]
    address = ""
    if page.rows.columns[at].name == "customer_id" and value is not None:
        address = linked(visit, "customer", customer=value)
    return Cell(said, address)


def _table(page: Page, locale: str) -> Table:
    """The rows as a table to show, a hidden cell saying that it is."""
    columns = tuple(
        TableColumn(name=each.name, type=each.type, label=_label(each.name), unit=each.unit)
        for each in page.rows.columns
    )
    told: list[tuple[Value, ...]] = [
        tuple(text("outside your scope") if (number, at) in page.rows.hidden else value for at, value in enumerate(row))
        for number, row in enumerate(page.rows.rows)
    ]
    return Table(
        columns=columns,
        rows=tuple(told),
        caption=_TABLES.get(page.table, Text(page.table)),
        hidden=page.rows.hidden,
    )


def _label(name: str) -> Text:
    if name in _LABELS:
        return _LABELS[name]
    return DIMENSIONS[name].label if name in DIMENSIONS else Text(name.replace("_", " ").capitalize())
