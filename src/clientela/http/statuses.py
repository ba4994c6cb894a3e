"""Which status an error is answered with, and after how long to try again."""

from __future__ import annotations

from clientela.errors import (
    BusyError,
    ClientelaError,
    ExistsError,
    LockedError,
    MachineError,
    NothingPublishedError,
    NotPermittedError,
    SentTooMuchError,
    SentTooSlowlyError,
    TooLargeError,
    TooManyError,
    UnknownNameError,
    UnreadableFormError,
    UsageError,
)

STATUS: tuple[tuple[type[ClientelaError], int], ...] = (
    (TooManyError, 429),
    (SentTooMuchError, 413),
    (SentTooSlowlyError, 408),
    (UnreadableFormError, 413),
    (NotPermittedError, 403),
    (NothingPublishedError, 404),
    (UnknownNameError, 404),
    (ExistsError, 409),
    (TooLargeError, 413),
    (UsageError, 400),
    (BusyError, 503),
    (LockedError, 409),
    (MachineError, 503),
)
_AGAIN_SECONDS = {503: 5, 409: 5}


def status_of(error: ClientelaError) -> int:
    """The status of an answer that says what went wrong."""
    return next((code for kind, code in STATUS if isinstance(error, kind)), 500)


def headers_of(error: ClientelaError) -> dict[str, str]:
    """What such an answer says besides: when it may be tried again, that nothing more is read."""
    if isinstance(error, TooManyError):
        return {"retry-after": str(error.seconds)}
    if isinstance(error, SentTooMuchError | SentTooSlowlyError):
        return {"connection": "close"}
    seconds = _AGAIN_SECONDS.get(status_of(error))
    return {} if seconds is None else {"retry-after": str(seconds)}
