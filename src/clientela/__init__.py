"""clientela: an analytical CRM. Public names are loaded when first used."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clientela._version import __version__

if TYPE_CHECKING:
    from clientela.workspace import Insight, Workspace, open
    from clientela.workspace.connected import connect

__all__ = ["Insight", "Workspace", "__version__", "connect", "open"]


def __getattr__(name: str) -> object:
    if name in ("open", "Workspace", "Insight"):
        from clientela import workspace

        return getattr(workspace, name)
    if name == "connect":
        from clientela.workspace import connected

        return connected.connect
    raise AttributeError(f"module 'clientela' has no attribute '{name}'")
