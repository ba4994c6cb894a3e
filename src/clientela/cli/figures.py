"""The command that asks the cube: query."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Annotated

import typer

from clientela.cli.output import say, say_json, tell
from clientela.cli.shell import AsOfOption, JsonOption, LangOption, WorkspaceOption, app, day
from clientela.errors import HANDLED, OK, UsageError

ROWS = 60


@app.command()
def query(
    names: Annotated[
        list[str] | None,
        typer.Argument(metavar="[NAME]...", help="Measures, and what they are seen by; left out, lists both."),
    ] = None,
    by: Annotated[
        list[str] | None,
        typer.Option("--by", metavar="DIMENSION", help="See the figures by it; more may follow, or --by be repeated."),
    ] = None,
    where: Annotated[
        str | None,
        typer.Option("--where", metavar="FILTER", help="Such as \"channel = 'web' and month >= '2017-03'\"."),
    ] = None,
    compare: Annotated[
        str | None,
        typer.Option("--compare", metavar="PERIOD", help="With the period before: previous, or last-year."),
    ] = None,
    share: Annotated[bool, typer.Option("--share", help="Each figure as a share of its parent.")] = False,
    running: Annotated[bool, typer.Option("--running", help="Each figure summed with those before it.")] = False,
    top: Annotated[
        int | None,
        typer.Option("--top", metavar="N", help="The N largest of the first measure, and all others in one row."),
    ] = None,
    order: Annotated[
        list[str] | None,
        typer.Option("--order", metavar="COLUMN", help="Sort by it; with - before it the largest first."),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option("--limit", min=1, metavar="N", help="So many rows; the total is of all."),
    ] = None,
    as_of: AsOfOption = None,
    known_at: Annotated[
        str | None,
        typer.Option("--known-at", metavar="MOMENT", help="As known before this moment, such as 2024-05-01T08:00."),
    ] = None,
    user: Annotated[
        str | None,
        typer.Option("--as", metavar="USER", help="As this user sees it: a preview, no protection."),
    ] = None,
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write all rows to FILE."),
    ] = None,
    workspace: WorkspaceOption = None,
    lang: LangOption = "en",
    json: JsonOption = False,
) -> int:
    """Count measures by dimensions under a filter; without a name, list what can be counted, and by what."""
    if not names:
        return _listed(json)
    from clientela.cube.explore import Wanted
    from clientela.present.document import table_json, total_json
    from clientela.present.plain import table_lines
    from clientela.present.say import say as said
    from clientela.present.table import table_csv
    from clientela.workspace import language
    from clientela.workspace import open as open_workspace

    language(lang)
    opened = open_workspace(workspace)
    told = opened.query(
        *names,
        by=by or (),
        where=where,
        order=order or (),
        limit=limit,
        wanted=Wanted(compare=compare, share=share, running=running, top=top),  # type: ignore[arg-type] # refused there
        as_of=day(as_of),
        known_at=_moment(known_at),
        user=user,
    )
    for notice in told.notices:
        tell(f"! {said(notice, lang)}")
    if csv is not None:
        opened.exported(told)
        _write(csv, table_csv(told.table, lang))
        tell(f"Wrote {csv}.")
    if json:
        say_json(
            {
                "snapshot": told.snapshot,
                "as_of": told.as_of.isoformat(),
                "known_at": told.known_at.isoformat(),
                **table_json(told.table, lang),
                "total": total_json(told.table, lang),
            }
        )
    elif csv is None:
        for line in table_lines(told.table, lang, most=ROWS):
            say(line)
        if not told.table.rows:
            tell(
                "Nothing lies within what was asked" + ("." if user is None else f", or within what '{user}' may see.")
            )
    return HANDLED if told.damage else OK


@app.command()
def sql(
    said: Annotated[str, typer.Argument(metavar="SELECT", help="One select over the published tables.")],
    as_of: AsOfOption = None,
    user: Annotated[
        str | None,
        typer.Option("--as", metavar="USER", help="As this user sees it: a preview, no protection."),
    ] = None,
    purpose: Annotated[
        str, typer.Option("--purpose", metavar="CODE", help="What for, such as annual-review; kept in the audit log.")
    ] = "",
    show: Annotated[bool, typer.Option("--show", help="Also say what ran in its place.")] = False,
    workspace: WorkspaceOption = None,
    json: JsonOption = False,
) -> int:
    """Run one select over the published tables, in a process of its own that can reach nothing else."""
    from clientela.cli.shown.rows import row_lines
    from clientela.workspace import open as open_workspace

    told = open_workspace(workspace).sql(said, as_of=day(as_of), user=user, purpose=purpose)
    if show:
        tell(told.sql)
    if told.hidden:
        tell(f"! Null where '{user}' may not see it: {', '.join(told.hidden)}.")
    if json:
        say_json(
            {
                "snapshot": told.snapshot,
                "columns": [{"name": n, "type": t} for n, t in zip(told.columns, told.types, strict=True)],
                "rows": [list(row) for row in told.rows],
                "hidden": list(told.hidden),
            }
        )
    else:
        for line in row_lines(told.columns, told.rows):
            say(line)
    return OK


def _moment(said: str | None) -> datetime | None:
    if said is None:
        return None
    try:
        return datetime.fromisoformat(said)
    except ValueError:
        raise UsageError(
            f"'{said}' is no moment; write --known-at 2024-05-01T08:00, in UTC, or with an offset such as +02:00."
        ) from None


def _write(path: Path, text: str) -> None:
    """The file, whole or not at all; the mark tells a spreadsheet that it is UTF-8."""
    part = path.with_name(path.name + ".part")
    try:
        part.write_text(text, encoding="utf-8-sig", newline="")
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise UsageError(f"{path} cannot be written: {error.strerror}. Name another file.") from None


def _listed(json: bool) -> int:
    from clientela.cube.figures.question import describe

    described = describe()
    if json:
        say_json(
            {
                kind: [
                    {"name": each.name, "label": each.label, "unit": each.unit, "seen_by": list(each.seen_by)}
                    for each in described
                    if each.kind == kind
                ]
                for kind in ("measure", "dimension")
            }
        )
        return OK
    width = max(len(each.name) for each in described)
    for kind, head in (("measure", "What can be counted"), ("dimension", "By what it can be seen")):
        say(f"{head}:")
        for each in described:
            if each.kind == kind:
                say(f"  {each.name.ljust(width)}  {each.description}")
        say("")
    say("Such as: clientela query revenue margin --by month --where \"channel = 'web'\"")
    return OK
