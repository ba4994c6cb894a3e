"""The door for assistants, where the package that speaks their protocol is installed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela.http.site import Site

if TYPE_CHECKING:
    from clientela.mcp.serving import OverHttp


def over_http(site: Site) -> OverHttp | None:
    """What answers assistants; None without the extra ``mcp``."""
    try:
        from clientela.mcp.serving import OverHttp
    except ModuleNotFoundError as missing:
        if missing.name not in ("mcp", "mcp_types"):
            raise
        return None
    return OverHttp(site)
