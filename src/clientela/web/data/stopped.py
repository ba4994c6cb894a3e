"""Why a run or other work stopped, in the reader's language: the journal of runs keeps the English sentence."""

from __future__ import annotations

from clientela.contracts.text import Text, text
from clientela.web.spoken import spoken

_AGAIN = (
    text("It was killed, or the machine stopped."),
    text("interrupted"),
    text(
        "this needs more memory than memory_limit in [run] allows, or than there is; raise it, or end other programs, "
        "then try again."
    ),
    text("no room is left on the disk of {place}; free some space, then try again."),
    text("the disk quota for {place} is used up; free some space or have it raised, then try again."),
    text("{place} would be larger than the disk or a limit (ulimit -f) allows; raise it, then try again."),
    text("the disk of {place} fails to read or write; check it and the system's log, then try again."),
    text("{place} is on a read-only disk; make it writable, then try again."),
    text("{place} cannot be written to or read by this user; give it the right to, then try again."),
    text("too many files are open at once; raise the limit (ulimit -n), then try again."),
    text("there is not enough memory; end other programs or set memory_limit in [run] lower, then try again."),
    text("the system has no process, thread or memory left for this; end other programs, then try again."),
    text("the disk of {place} knows no locks; keep the workspace on a local disk."),
    text("the network disk of {place} does not answer; connect it again, then try again."),
    text("another run is at work in this workspace ({holder}); wait for it to end, then run again."),
    text("internal error ({error}); please report it."),
    text("this version of clientela does not know how to do this; it was asked for by another one."),
)
_MEND = (
    text(
        "the files do not fit clientela.toml: [[source]] {source}: {file} has no column '{column}'; known: {known}. "
        "Did you mean '{near}'?"
    ),
    text("the files do not fit clientela.toml: [[source]] {source}: {file} has no column '{column}'; known: {known}."),
    text(
        "the files do not fit clientela.toml: [[source]] {source}: nothing says where {names} comes from; name the "
        "column of {file} under [source.columns]. Its columns: {columns}."
    ),
    text("the files do not fit clientela.toml: {problems}"),
    text("clientela.toml cannot be used: {problems}"),
    text("{file} is not valid TOML: {error}."),
    text("table '{table}' breaks its contract: {problems}"),
    text("damaged or missing: {files}; restore from a backup, nothing else holds it."),
)
FORMS: tuple[Text, ...] = (*_AGAIN, *_MEND)


def words(said: str | None) -> Text | str:
    """Why it stopped as a message; as it stands where it is of no known form.

    Examples
    --------
    >>> words("no room is left on the disk of shop; free some space, then try again.").values["place"]
    'shop'
    """
    return spoken(said, FORMS)
