"""What an assistant may ask: the analyses, the figures, the members of a dimension. Nothing can be changed.

Source: Model Context Protocol, https://modelcontextprotocol.io; the server is the one of its Python SDK.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Literal, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver import Context
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations

from clientela._version import __version__
from clientela.cube.explore import Wanted
from clientela.errors import ClientelaError
from clientela.pipeline.asking.watched import acting_for
from clientela.present.document import (
    analyses_json,
    described_json,
    insight_json,
    plain_document,
    table_json,
    total_json,
)
from clientela.present.say import say
from clientela.workspace import Workspace, analyses, describe

Told = TypeVar("Told")
Language = Literal["en", "es"]

_READS = ToolAnnotations(read_only_hint=True, destructive_hint=False, idempotent_hint=True, open_world_hint=False)
_INSTRUCTIONS = (
    "Answers about the customers of one company. Ask list_insights first: an insight is an answer in a sentence, with "
    "its table, how sure it is, and what to keep in mind; say these too. query_figures counts anything else; "
    "list_measures says what can be counted and by what. A figure that the user may not see is null and listed as "
    "hidden: say that it is hidden, never guess it. An insight that abstained says why: put no number in its place."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Who asks what. ``user``: within whose rights; None: of whoever may read the folder."""

    workspace: Workspace
    user: str | None
    actor: str
    now: datetime | None = None


@contextmanager
def _own_logging() -> Iterator[None]:
    """The SDK sets up the log of the whole process; how ours is written stays ours."""
    root = logging.getLogger()
    handlers, level = [*root.handlers], root.level
    try:
        yield
    finally:
        root.handlers[:] = handlers
        root.setLevel(level)


def server(who: Callable[[Context], Asking]) -> MCPServer:
    """The server with its tools.

    Parameters
    ----------
    who : tells of a request who asks
    """
    with _own_logging():
        made: MCPServer = MCPServer("clientela", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING")

    def answered(context: Context, told: Callable[[Asking], Told]) -> Told:
        asking = who(context)
        try:
            if not asking.actor:
                return told(asking)
            with acting_for(asking.actor):
                return told(asking)
        except ClientelaError as error:
            raise ToolError(str(error)) from None

    @made.tool(annotations=_READS)
    def list_insights(context: Context, lang: Language = "en") -> dict[str, Any]:
        """List the analyses: the question each answers, and the parameters it takes."""

        def told(asking: Asking) -> dict[str, Any]:
            return {"insights": analyses_json(analyses(), lang)}

        return answered(context, told)

    @made.tool(annotations=_READS)
    def ask_insight(
        context: Context,
        name: str,
        as_of: date | None = None,
        parameters: dict[str, str | int | float | bool] | None = None,
        lang: Language = "en",
    ) -> dict[str, Any]:
        """Ask one analysis: a sentence, a table, the evidence behind it, caveats, what to do next.

        as_of asks as it was known before that day. Where abstained is not null there is no answer, and it says why.
        """

        def told(asking: Asking) -> dict[str, Any]:
            found = asking.workspace.ask(name, as_of=as_of, parameters=parameters, user=asking.user, now=asking.now)
            document = insight_json(found.said, lang)
            document.pop("chart")  # a picture's instructions help no assistant
            return document

        return answered(context, told)

    @made.tool(annotations=_READS)
    def list_measures(context: Context, like: str = "", lang: Language = "en") -> dict[str, Any]:
        """List what can be counted (measures) and by what it can be seen (dimensions); like: letters they contain."""

        def told(asking: Asking) -> dict[str, Any]:
            wanted = like.casefold()
            found = [
                each
                for each in describe(asking.workspace.folder)
                if wanted in f"{each.name} {say(each.words[0], lang)}".casefold()
            ]
            return {f"{kind}s": described_json(found, kind, lang) for kind in ("measure", "dimension")}

        return answered(context, told)

    @made.tool(annotations=_READS)
    def query_figures(
        context: Context,
        measures: list[str],
        by: list[str] | None = None,
        where: str | None = None,
        order: list[str] | None = None,
        limit: int = 100,
        compare: Literal["previous", "last-year"] | None = None,
        share: bool = False,
        as_of: date | None = None,
        lang: Language = "en",
    ) -> dict[str, Any]:
        """Count measures by dimensions under a filter; the totals are counted at their own level, not summed.

        where is such as: channel = 'web' and month >= '2017-03'. order takes names of columns, with - before it the
        largest first.
        """

        def told(asking: Asking) -> dict[str, Any]:
            found = asking.workspace.query(
                *measures,
                by=by or (),
                where=where,
                order=order or (),
                limit=limit,
                wanted=Wanted(compare=compare, share=share),
                as_of=as_of,
                user=asking.user,
                now=asking.now,
            )
            return {
                "snapshot": found.snapshot,
                "as_of": found.as_of.isoformat(),
                **table_json(found.table, lang),
                "total": total_json(found.table, lang),
                "notices": [say(each, lang) for each in found.notices],
            }

        return answered(context, told)

    @made.tool(annotations=_READS)
    def list_members(context: Context, dimension: str, like: str | None = None, limit: int = 100) -> dict[str, Any]:
        """List the members of a dimension: what a filter may name, such as the regions."""

        def told(asking: Asking) -> dict[str, Any]:
            found = asking.workspace.rows.members(dimension, like=like, limit=limit, user=asking.user, now=asking.now)
            return {"dimension": found.dimension, "members": plain_document(list(found.members)), "more": found.more}

        return answered(context, told)

    return made
