"""The log of the server: one JSON line for each request or trouble, on stderr; no person, no token, no question."""

from __future__ import annotations

import json
import logging
from datetime import UTC, datetime


class Lines(logging.Formatter):
    """One JSON document in one line."""

    def format(self, record: logging.LogRecord) -> str:
        """The line of one record; what is no document of ours is its text alone."""
        at = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        document = {"at": at, "level": record.levelname.lower(), "says": record.getMessage()}
        document |= getattr(record, "told", {})
        if record.exc_info and record.exc_info[0] is not None and record.levelno > logging.DEBUG:
            document["error"] = record.exc_info[0].__name__
        return json.dumps(document, ensure_ascii=False)


def begin(*, requests: bool) -> None:
    """Let what the server says go to stderr.

    Parameters
    ----------
    requests : each request is a line too
    """
    handler = logging.StreamHandler()
    handler.setFormatter(Lines())
    for name in ("uvicorn.error", "clientela"):
        logger = logging.getLogger(name)
        logger.handlers, logger.propagate = [handler], False
        logger.setLevel(logging.WARNING if name == "uvicorn.error" else logging.INFO)
    logging.getLogger("clientela.requests").setLevel(logging.INFO if requests else logging.WARNING)
