"""The tree of errors a user can meet.

Each says in one sentence what is wrong, the value, what is allowed and what to do; its facts are
attributes, so that an interface can say the same in another language. ``exit_code`` is the code
the command line ends with (documented in docs/reference/exit-codes.md).
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from difflib import get_close_matches
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

OK = 0
HANDLED = 1
USAGE = 2
CONFIGURATION = 3
QUALITY_GATE = 4
LOCKED = 5
NOT_PERMITTED = 6
INTERNAL = 70
INTERRUPTED = 130


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """The end of a sentence about an unknown name: what is known, and the nearest of it.

    Examples
    --------
    >>> did_you_mean("gold", ["golden", "silver"])
    "known: 'golden', 'silver'. Did you mean 'golden'?"

    Of many, only the nearest is named:

    >>> did_you_mean("name_7", (f"name_{n}" for n in range(100)))
    "100 are known. Did you mean 'name_7'?"
    """
    names = sorted(known)
    if not names:
        return "none is known."
    said = f"{len(names)} are known." if len(names) > 40 else "known: " + ", ".join(f"'{each}'" for each in names) + "."
    near = nearest(name, names)
    return said if near is None else f"{said} Did you mean '{near}'?"


def nearest(name: str, known: Iterable[str]) -> str | None:
    """The one of the known names that may have been meant; None where none is like it.

    Examples
    --------
    >>> nearest("gold", ["golden", "silver"])
    'golden'
    """
    return next(iter(get_close_matches(name, sorted(known), n=1, cutoff=0.6)), None)


def shown(name: str, letters: int = 80) -> str:
    """As much of what somebody wrote as a message repeats.

    Examples
    --------
    >>> shown("revenu"), shown("revenu", letters=3)
    ('revenu', 'rev…')
    """
    return name if len(name) <= letters else f"{name[:letters]}…"


@runtime_checkable
class Said(Protocol):
    """A sentence that can be said in other languages: its id is the English one, with places for the values.

    One that counts has a plural too, and names the value that is counted.
    """

    @property
    def id(self) -> str:
        """The English sentence."""

    @property
    def values(self) -> Mapping[str, Any]:
        """What stands in its places."""

    @property
    def plural(self) -> str | None:
        """The English plural; None where nothing is counted."""

    @property
    def count(self) -> str | None:
        """The name of the value that is counted."""


class ClientelaError(Exception):
    """Something a user can mend went wrong.

    ``sentences``: what it says, where it can be said in other languages; a page says it in the reader's.
    """

    exit_code: int = CONFIGURATION

    def __init__(self, message: str | Said | Sequence[Said] | None = None) -> None:
        several = () if message is None or isinstance(message, str) else message
        self.sentences: tuple[Said, ...] = tuple(several) if isinstance(several, Sequence) else (several,)
        plain = message if isinstance(message, str) else joined(map(_in_english, self.sentences))
        super().__init__(plain or (type(self).__doc__ or "").strip().splitlines()[0])


def joined(sentences: Iterable[str]) -> str:
    """Several sentences as one.

    Examples
    --------
    >>> joined(["a.csv: no dates", "b.csv: no amounts"])
    'a.csv: no dates; b.csv: no amounts.'
    """
    said = "; ".join(sentences)
    return said if not said or said[-1] in ".?!" else said + "."


def _in_english(said: Said) -> str:
    number = None if said.count is None else said.values[said.count]
    sentence = said.id if said.plural is None or number == 1 else said.plural
    for name, value in said.values.items():
        told = _in_english(value) if isinstance(value, Said) else str(value)
        if name == said.count and isinstance(value, int):
            told = f"{value:,}"
        sentence = sentence.replace(f"{{{name}}}", told)
    return sentence


class UsageError(ClientelaError, ValueError):
    """The command or the call cannot be understood."""

    exit_code = USAGE


class UnknownNameError(UsageError, KeyError):
    """A name is not known."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        super().__init__(f"unknown {kind} '{shown(name)}'; {did_you_mean(shown(name), self.known)}")

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return str(self.args[0])


class UnknownCustomerError(UnknownNameError):
    """There is no such customer, or no longer."""

    def __init__(self, number: str) -> None:
        self.kind, self.name, self.known = "customer", number, ()
        said = f"there is no customer {number[:40]}, or they were erased; look for them by name."
        UsageError.__init__(self, said)


class ConfigurationError(ClientelaError, ValueError):
    """``clientela.toml`` cannot be used."""

    def __init__(self, message: str | None = None, *, problems: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(message)


class WorkspaceError(ConfigurationError, FileNotFoundError):
    """The folder is not a clientela workspace."""


class NewerError(ConfigurationError):
    """The workspace is kept by a newer version of clientela."""

    def __init__(self, version: str) -> None:
        self.version = version
        super().__init__(
            f"this workspace was last used by clientela {version}, which keeps it in a way this version does not know; "
            "install that version or a later one: pip install --upgrade clientela"
        )


class NothingPublishedError(ClientelaError, LookupError):
    """Nothing is published yet: run `clientela run` first."""


class ContractError(ConfigurationError):
    """A table does not keep its contract."""

    def __init__(self, table: str, breaches: Sequence[str]) -> None:
        self.table, self.breaches = table, tuple(breaches)
        super().__init__(f"table '{table}' breaks its contract: " + "; ".join(self.breaches), problems=self.breaches)


class SourceError(ConfigurationError):
    """A source cannot be read."""

    def __init__(self, source: str, message: str) -> None:
        self.source = source
        super().__init__(f"source '{source}': {message}")


class ModelError(ConfigurationError):
    """A SQL model cannot be used."""

    def __init__(self, model: str, message: str) -> None:
        self.model = model
        super().__init__(f"model '{model}': {message}")


class NotPortableError(ModelError):
    """A SQL model uses what another engine would not understand, or would answer differently."""


class ExistsError(UsageError):
    """There is already one of this name."""


class QueryError(UsageError):
    """A question to the cube cannot be answered."""


class PersonError(UsageError):
    """An identifier means nobody, or several; ``candidates`` are those, masked."""

    def __init__(self, message: str | None = None, *, candidates: Sequence[str] = ()) -> None:
        self.candidates = tuple(candidates)
        super().__init__(message)


class UnreachableError(QueryError):
    """A fact has no such dimension."""

    def __init__(self, measure: str, fact: str, dimension: str, reachable: Iterable[str]) -> None:
        self.measure, self.fact, self.dimension = measure, fact, dimension
        super().__init__(
            f"'{measure}' is counted on '{fact}', which has no dimension '{dimension}'; "
            f"'{fact}' can be seen by: {', '.join(sorted(reachable))}."
        )


class MachineError(ClientelaError, RuntimeError):
    """The machine could not do it: no room, no memory, a failing disk, a folder one may not write to."""

    exit_code = HANDLED

    def __init__(self, message: str | None = None, *, number: int | None = None) -> None:
        self.number = number
        super().__init__(message)

    @classmethod
    def of(cls, error: OSError | MemoryError, folder: Path | None = None) -> MachineError:
        """What the system said, in one sentence; ``folder`` is named where it names no file itself.

        Examples
        --------
        >>> str(MachineError.of(OSError(errno.ENOSPC, ""), Path("shop")))
        'no room is left on the disk of shop; free some space, then try again.'
        """
        if isinstance(error, MemoryError):
            return cls.numbered(errno.ENOMEM)
        place = error.filename if isinstance(error.filename, str | Path) else folder
        return cls.numbered(error.errno, place, (error.strerror or type(error).__name__).lower())

    @classmethod
    def numbered(cls, number: int | None, place: Path | str | None = None, said: str = "it failed") -> MachineError:
        """The sentence for one of the system's error numbers."""
        sentence = _MACHINE.get(number or 0, "{place}: {said}; mend that, then try again.")
        return cls(sentence.format(place=place or "the workspace", said=said), number=number)

    @classmethod
    def in_words(cls, message: str, place: Path | str | None = None) -> MachineError | None:
        """The same for an engine that passes on only the system's words; None where it says none of them."""
        found = (number for number in _MACHINE if os.strerror(number) in message)
        number = next(found, None)
        return None if number is None else cls.numbered(number, place)


@contextmanager
def machine_trouble(folder: Path) -> Iterator[None]:
    """Whatever the machine refuses to work that writes to ``folder`` becomes one sentence, a `MachineError`."""
    try:
        yield
    except TooLargeError as error:
        raise MachineError(_TOO_LARGE) from error
    except ClientelaError:
        raise
    except (OSError, MemoryError) as error:
        raise MachineError.of(error, folder) from error


_TOO_LARGE = (
    "this needs more memory than memory_limit in [run] allows, or than there is; raise it, or end other programs, "
    "then try again."
)
_WRITE = "{place} cannot be written to or read by this user; give it the right to, then try again."
_AWAY = "the network disk of {place} does not answer; connect it again, then try again."
_FAILING = "the disk of {place} fails to read or write; check it and the system's log, then try again."
_FILES = "too many files are open at once; raise the limit (ulimit -n), then try again."
_MEMORY = "there is not enough memory; end other programs or set memory_limit in [run] lower, then try again."
_MACHINE = {
    errno.ENOSPC: "no room is left on the disk of {place}; free some space, then try again.",
    errno.EDQUOT: "the disk quota for {place} is used up; free some space or have it raised, then try again.",
    errno.EFBIG: "{place} would be larger than the disk or a limit (ulimit -f) allows; raise it, then try again.",
    errno.EIO: _FAILING,
    errno.EROFS: "{place} is on a read-only disk; make it writable, then try again.",
    errno.EACCES: _WRITE,
    errno.EPERM: _WRITE,
    errno.EMFILE: _FILES,
    errno.ENFILE: _FILES,
    errno.ENOMEM: _MEMORY,
    errno.EAGAIN: "the system has no process, thread or memory left for this; end other programs, then try again.",
    errno.ENOLCK: "the disk of {place} knows no locks; keep the workspace on a local disk.",
    errno.ESTALE: _AWAY,
    errno.ENOTCONN: _AWAY,
    errno.ETIMEDOUT: _AWAY,
    errno.EHOSTDOWN: _AWAY,
}


class WarehouseError(ClientelaError, RuntimeError):
    """The engine could not do it."""

    exit_code = HANDLED

    def __init__(self, message: str, *, table: str | None = None, sql: str | None = None) -> None:
        self.table, self.sql = table, sql
        super().__init__(message)


class TooLargeError(WarehouseError):
    """The answer needs more memory than is allowed; ask for fewer rows or a shorter time."""


class SnapshotError(WarehouseError):
    """A snapshot is damaged."""


class OutdatedError(SnapshotError):
    """A snapshot was published by another version of clientela; run `clientela run` to build it anew."""


class LandingError(WarehouseError):
    """What was landed is damaged."""


class BackupError(WarehouseError):
    """A backup cannot be written, or not be restored."""


class LockedError(ClientelaError, RuntimeError):
    """Another run is at work in this workspace."""

    exit_code = LOCKED

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(f"another run is at work in this workspace ({holder}); wait for it to end, then run again.")


class BusyError(LockedError):
    """Another process is writing to the app database."""

    def __init__(self, file: str, seconds: float) -> None:
        self.file, self.seconds = file, seconds
        ClientelaError.__init__(
            self, f"{file} was held by another process for {seconds:g} seconds; nothing was changed, try again."
        )


class QualityGateError(ClientelaError):
    """The data did not pass its quality gate; nothing was published."""

    exit_code = QUALITY_GATE


class UploadError(UsageError):
    """An uploaded file cannot be taken."""


class KeyReusedError(UsageError):
    """An Idempotency-Key was sent before, with something else."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"the Idempotency-Key '{key}' was sent before, with something else; take a new one.")


class StillAnsweredError(UsageError):
    """What was sent first under an Idempotency-Key is being answered."""

    def __init__(self, key: str) -> None:
        self.key = key
        super().__init__(f"what was first sent with the Idempotency-Key '{key}' is being answered; try again soon.")


class NotPermittedError(ClientelaError, PermissionError):
    """You may not do this."""

    exit_code = NOT_PERMITTED


class TokenError(NotPermittedError):
    """The token is unknown, has ended or does not permit this."""


class TooManyError(NotPermittedError):
    """It was tried too often."""

    def __init__(self, seconds: int) -> None:
        self.seconds = max(seconds, 1)
        super().__init__(f"this was tried too often; wait {self.seconds} seconds, then try again.")


class SentTooMuchError(UsageError):
    """What was sent is too large."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        super().__init__(f"what was sent has more than {limit / 1e6:,.0f} MB, which is the most; send less at once.")


class UnreadableFormError(UsageError):
    """The form cannot be read, or holds more fields or files than a form can."""

    def __init__(self, said: str) -> None:
        self.said = said
        super().__init__("the form cannot be read, or holds more fields or files than a form can; send less at once.")


class SentTooSlowlyError(UsageError):
    """What was sent came too slowly; try again on a better line."""


class LinkError(TokenError):
    """A link with which one comes in has been used, or is too old."""


class OutsideError(NotPermittedError):
    """Coming in with the account of another provider came to nothing.

    ``reason``: state (it was not begun in this browser, or too long ago), refused (the provider refuses), token (what
    it says cannot be believed), silent (it does not answer, or nothing of use), name, taken (it gives no name, or one
    that is taken), role (the groups give no role), inactive. ``detail``: a word for the log.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason, self.detail = reason, detail
        super().__init__(f"you could not come in with your account ({reason}); try again, or ask an administrator.")


class ForeignFormError(NotPermittedError):
    """A form was sent from another site, or is of an earlier session; nothing was changed."""


class AppDatabaseError(ClientelaError, RuntimeError):
    """The app database is damaged, or the file is none."""

    exit_code = HANDLED


class LeaseError(ClientelaError, RuntimeError):
    """The job is no longer this worker's."""

    exit_code = HANDLED


class SandboxError(ClientelaError, RuntimeError):
    """Work that was given to a separate process was stopped there.

    ``reason``: memory, time, size (a limit was passed), refused (the work says why), failed or broken.
    """

    exit_code = HANDLED

    def __init__(self, reason: str, said: str) -> None:
        self.reason, self.said = reason, said
        super().__init__(f"the work in a separate process failed: {said}")


class UndefinedError(ClientelaError, ArithmeticError):
    """A figure is not defined for these numbers."""

    exit_code = HANDLED


class NotConvergedError(UndefinedError):
    """An estimate did not settle; the data do not determine it."""
