"""What went wrong, for a page: the kind of it, in the reader's words, and where to go from there."""

from __future__ import annotations

from dataclasses import dataclass

from clientela.contracts.text import Text, text
from clientela.errors import (
    BusyError,
    ClientelaError,
    ForeignFormError,
    LinkError,
    LockedError,
    NothingPublishedError,
    NotPermittedError,
    SentTooMuchError,
    SentTooSlowlyError,
    SnapshotError,
    TooLargeError,
    TooManyError,
    UnknownNameError,
    UnreadableFormError,
    UsageError,
    WorkspaceError,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Trouble:
    """One kind of trouble: the sign it bears, what it is called, why it is, where one can go.

    ``ways``: pages by name and what the way is called; those the visitor may open are offered.
    """

    status: int
    sign: str
    title: Text
    why: Text
    ways: tuple[tuple[str, Text], ...] = ()


_OVERVIEW = ("overview", text("To the overview"))
_HELP = ("help", text("Who sees what?"))

_ENTRY = ("enter", text("To the entry"))
_SENT = text("Nothing was changed. Go back, send less at once, and try again.")

KINDS: tuple[tuple[type[ClientelaError], Trouble], ...] = (
    (
        LinkError,
        Trouble(
            status=403,
            sign="gone",
            title=text("This link lets nobody in any more"),
            why=text("A link works once, and for a quarter of an hour. Ask whoever gave it to you for a new one."),
            ways=(_ENTRY,),
        ),
    ),
    (
        ForeignFormError,
        Trouble(
            status=403,
            sign="stopped",
            title=text("This form is too old, or was not sent from here"),
            why=text("Nothing was changed. Go back, load the page anew, and send it again."),
            ways=(_OVERVIEW,),
        ),
    ),
    (
        TooManyError,
        Trouble(
            status=429,
            sign="short",
            title=text("This was tried too often"),
            why=text("It protects your account from whoever guesses. Wait a moment, then try again."),
            ways=(_ENTRY,),
        ),
    ),
    (SentTooMuchError, Trouble(status=413, sign="stopped", title=text("This is too much at once"), why=_SENT)),
    (UnreadableFormError, Trouble(status=413, sign="stopped", title=text("This is too much at once"), why=_SENT)),
    (
        SentTooSlowlyError,
        Trouble(
            status=408,
            sign="short",
            title=text("The line is too slow"),
            why=text("What you sent did not arrive. Nothing was changed. Try again on a better line."),
        ),
    ),
    (
        NotPermittedError,
        Trouble(
            status=403,
            sign="refused",
            title=text("This is outside what you may see or do"),
            why=text("Your roles decide what you see. Whoever administers clientela can give you more."),
            ways=(_OVERVIEW, _HELP),
        ),
    ),
    (
        WorkspaceError,  # nobody has said yet which company this is
        Trouble(
            status=404,
            sign="yet",
            title=text("There is no company here yet"),
            why=text("Say what it is called and send its first file; in a few minutes you have the first answer."),
            ways=(("start", text("Upload a file")),),
        ),
    ),
    (
        NothingPublishedError,
        Trouble(
            status=404,
            sign="yet",
            title=text("There are no figures here yet"),
            why=text(
                "clientela can tell you who buys, who leaves and why as soon as it knows your orders. "
                "One file with date, customer and amount is enough."
            ),
            ways=(("start", text("Upload a file")), ("data", text("To the data"))),
        ),
    ),
    (
        UnknownNameError,
        Trouble(
            status=404,
            sign="gone",
            title=text("There is nothing at this address"),
            why=text("What it names is not there, or no longer; or it is outside what you may see."),
            ways=(_OVERVIEW,),
        ),
    ),
    (
        TooLargeError,
        Trouble(
            status=503,
            sign="stopped",
            title=text("This is too much for one question"),
            why=text("Ask for less at once: a shorter time, fewer rows, or one part of the company."),
            ways=(_OVERVIEW,),
        ),
    ),
    (
        SnapshotError,
        Trouble(
            status=503,
            sign="stopped",
            title=text("The figures cannot be read"),
            why=text("What the last run published is damaged or of another version. A new run mends it."),
            ways=(("data-runs", text("To the runs")), _OVERVIEW),
        ),
    ),
    (
        BusyError,
        Trouble(
            status=503,
            sign="short",
            title=text("Another work is under way"),
            why=text("Try again in a moment."),
            ways=(_OVERVIEW,),
        ),
    ),
    (
        LockedError,
        Trouble(
            status=409,
            sign="short",
            title=text("Another work is under way"),
            why=text("Only one may change the data at a time. Try again when it is done."),
            ways=(_OVERVIEW,),
        ),
    ),
    (
        UsageError,
        Trouble(
            status=400,
            sign="stopped",
            title=text("This cannot be asked like this"),
            why=text("Go back, change what is named below, and try again."),
            ways=(_OVERVIEW,),
        ),
    ),
)
OTHER = Trouble(
    status=500,
    sign="stopped",
    title=text("Something went wrong"),
    why=text("Nothing was changed. Whoever looks after clientela finds the reason in its log."),
    ways=(_OVERVIEW,),
)


def trouble_of(error: ClientelaError) -> Trouble:
    """What kind of trouble an error is."""
    return next((told for kind, told in KINDS if isinstance(error, kind)), OTHER)
