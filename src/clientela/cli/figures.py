"""The command that asks the cube: query."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from clientela.cli.output import say, say_json, tell
from clientela.cli.shell import (
    AsOfOption,
    AsUserOption,
    JsonOption,
    PurposeOption,
    WorkspaceOption,
    app,
    day,
    moment,
    write_csv,
)
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
        typer.Option(
            "--by",
            metavar="DIMENSION",
            help="See the figures by it; more may follow, also after commas, or --by again.",
        ),
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
    pivot: Annotated[
        str | None,
        typer.Option("--pivot", metavar="DIMENSION", help="Its members across, with totals of rows and columns."),
    ] = None,
    subtotals: Annotated[bool, typer.Option("--subtotals", help="After each group of rows its total.")] = False,
    drill: Annotated[
        list[str] | None,
        typer.Option("--drill", metavar="DIMENSION=MEMBER", help="Take a member apart, such as year=2017."),
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
    user: AsUserOption = None,
    purpose: PurposeOption = "",
    csv: Annotated[
        Path | None,
        typer.Option("--csv", metavar="FILE", help="Write all rows to FILE."),
    ] = None,
    peers: Annotated[
        str | None,
        typer.Option("--peers", metavar="LEVEL", help="Their own district, team, … among others like it; with --as."),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Also say which table answered: one counted beforehand, or the rows.")
    ] = False,
    workspace: WorkspaceOption = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of the answer: en, es, it or nl.")] = "en",
    json: JsonOption = False,
) -> int:
    """Count measures by dimensions under a filter; without a name, list what can be counted, and by what."""
    if not names:
        return _listed(json, lang, workspace)
    from clientela.cli.shown.wide import narrow_lines
    from clientela.cube.explore import Wanted
    from clientela.present.document import table_json, total_json
    from clientela.present.say import say as said
    from clientela.present.table import table_csv
    from clientela.workspace import language
    from clientela.workspace import open as open_workspace

    language(lang, of_figures=True)
    opened = open_workspace(workspace, purpose=purpose)
    names, by = _parted(names), _parted(by or ())
    if peers is not None:
        _refuse_with_peers(where, order, limit, as_of, known_at, compare, share, running, top)
        told = opened.peers(*names, *by, by=peers, user=user)
    else:
        told = opened.query(
            *names,
            by=by,
            where=where,
            order=order or (),
            limit=limit,
            wanted=Wanted(
                compare=compare,  # type: ignore[arg-type] # refused there
                share=share,
                running=running,
                top=top,
                pivot=pivot,
                subtotals=subtotals,
            ),
            drill=drill or (),
            as_of=day(as_of),
            known_at=moment(known_at),
            user=user,
        )
    for notice in told.notices:
        tell(f"! {said(notice, lang)}")
    for answered in told.answered_by if explain else ():
        counted = f", counted beforehand by {', '.join(answered.by) or 'nothing'}: {answered.rows} rows"
        place = f"{answered.table or answered.fact}{counted if answered.table else ''}"
        tell(f"{', '.join(answered.measures)} from {place}.")
    if csv is not None:
        opened.exported(told)
        write_csv(csv, table_csv(told.table, lang))
        tell(f"Wrote {csv}.")
    if json:
        say_json(
            {
                "snapshot": told.snapshot,
                "as_of": told.as_of.isoformat(),
                "known_at": told.known_at.isoformat(),
                **table_json(told.table, lang),
                "total": total_json(told.table, lang),
                **({} if told.levels is None else {"levels": list(told.levels)}),
            }
        )
    elif csv is None:
        for line in narrow_lines(told.table, lang, most=ROWS):
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
    user: AsUserOption = None,
    purpose: PurposeOption = "",
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


def _listed(json: bool, lang: str, workspace: Path | None) -> int:
    from clientela.contracts.text import text
    from clientela.present.say import say as said
    from clientela.workspace import describe, language

    language(lang, of_figures=True)
    described = describe(workspace)
    if json:
        from clientela.present.document import described_json

        say_json({kind: described_json(described, kind, lang) for kind in ("measure", "dimension")})
        return OK
    width = max(len(each.name) for each in described)
    heads = {"measure": text("What can be counted:"), "dimension": text("By what it can be seen:")}
    for kind, head in heads.items():
        say(said(head, lang))
        for each in described:
            if each.kind == kind:
                owner = f" ({each.owner})" if each.owner else ""
                say(f"  {each.name.ljust(width)}  {said(each.words[1], lang) or said(each.words[0], lang)}{owner}")
        say("")
    such = "clientela query revenue margin --by month --where \"channel = 'web'\""
    say(said(text("Such as: {command}", command=such), lang))
    return OK


def _parted(names: Sequence[str]) -> list[str]:
    """Names typed apart or with commas between, which no name holds; what is nothing but commas stays, to be refused.

    Examples
    --------
    >>> _parted(["month,region", "channel,", "brand"])
    ['month', 'region', 'channel', 'brand']
    """
    return [part for each in names for part in ([some for some in map(str.strip, each.split(",")) if some] or [each])]


def _refuse_with_peers(*others: object) -> None:
    """What is asked with --peers stands alone: each way to ask otherwise would be a way to subtract."""
    if any(each not in (None, False) and each != [] for each in others):
        raise UsageError("--peers stands with a measure, a time and --as alone: what narrows figures tells of few.")
