"""The Python interface: open a workspace, run it, ask it.

>>> import clientela
>>> ws = clientela.open("my-company")            # doctest: +SKIP
>>> insight = ws.ask("churn-risk")               # doctest: +SKIP
>>> insight.table                                # a pyarrow table, any frame library takes it  # doctest: +SKIP
"""

from __future__ import annotations

from clientela.workspace.insight import Insight
from clientela.workspace.languages import FIGURE_LANGUAGES, LANGUAGES, language
from clientela.workspace.made import analyses, create, create_from, describe, examine, open, restore_backup
from clientela.workspace.opened import Workspace

__all__ = [
    "FIGURE_LANGUAGES",
    "LANGUAGES",
    "Insight",
    "Workspace",
    "analyses",
    "create",
    "create_from",
    "describe",
    "examine",
    "language",
    "open",
    "restore_backup",
]
