"""What the published snapshot's models had learned, so that the next ones can keep the names they gave."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from sqlglot import exp

from clientela.errors import ClientelaError
from clientela.warehouse.store.snapshot import Reader, current


def learned_before(store: Path) -> Mapping[str, str]:
    """The parameters, as JSON, of the model of each analysis that serves now; none where nothing can be read.

    A run shall not fail for what it replaces: without them names are given anew.
    """
    asked = exp.select("analysis", "parameters").from_("model").where(exp.column("winner"))
    try:
        snapshot = current(store)
        if snapshot is None:
            return {}
        reader = Reader(snapshot, people=False)
        try:
            rows = reader.fetch(asked).to_pylist() if "model" in reader.tables else []
        finally:
            reader.close()
    except ClientelaError:
        return {}
    return {str(row["analysis"]): str(row["parameters"]) for row in rows}
