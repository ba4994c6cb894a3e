"""The tree of errors a user can meet.

Each says in one sentence what is wrong, the value, what is allowed and what to do; its facts are
attributes, so that an interface can say the same in another language. ``exit_code`` is the code
the command line ends with (documented in docs/reference/exit-codes.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

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
    """
    names = sorted(known)
    if not names:
        return "none is known."
    said = "known: " + ", ".join(f"'{each}'" for each in names) + "."
    near = get_close_matches(name, names, n=1, cutoff=0.6)
    return f"{said} Did you mean '{near[0]}'?" if near else said


class ClientelaError(Exception):
    """Something a user can mend went wrong."""

    exit_code: int = CONFIGURATION

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or (type(self).__doc__ or "").strip().splitlines()[0])


class UsageError(ClientelaError, ValueError):
    """The command or the call cannot be understood."""

    exit_code = USAGE


class UnknownNameError(UsageError, KeyError):
    """A name is not known."""

    def __init__(self, kind: str, name: str, known: Iterable[str]) -> None:
        self.kind, self.name, self.known = kind, name, tuple(known)
        super().__init__(f"unknown {kind} '{name}'; {did_you_mean(name, self.known)}")

    def __str__(self) -> str:  # KeyError would show the repr of the message
        return str(self.args[0])


class ConfigurationError(ClientelaError, ValueError):
    """``clientela.toml`` cannot be used."""

    def __init__(self, message: str | None = None, *, problems: Sequence[str] = ()) -> None:
        self.problems = tuple(problems)
        super().__init__(message)


class WorkspaceError(ConfigurationError, FileNotFoundError):
    """The folder is not a clientela workspace."""


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


class QueryError(UsageError):
    """A question to the cube cannot be answered."""


class UnreachableError(QueryError):
    """A fact has no such dimension."""

    def __init__(self, measure: str, fact: str, dimension: str, reachable: Iterable[str]) -> None:
        self.measure, self.fact, self.dimension = measure, fact, dimension
        super().__init__(
            f"'{measure}' is counted on '{fact}', which has no dimension '{dimension}'; "
            f"'{fact}' can be seen by: {', '.join(sorted(reachable))}."
        )


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


class LockedError(ClientelaError, RuntimeError):
    """Another run is at work in this workspace."""

    exit_code = LOCKED

    def __init__(self, holder: str) -> None:
        self.holder = holder
        super().__init__(f"another run is at work in this workspace ({holder}); wait for it to end, then run again.")


class QualityGateError(ClientelaError):
    """The data did not pass its quality gate; nothing was published."""

    exit_code = QUALITY_GATE


class NotPermittedError(ClientelaError, PermissionError):
    """You may not do this."""

    exit_code = NOT_PERMITTED


class UndefinedError(ClientelaError, ArithmeticError):
    """A figure is not defined for these numbers."""

    exit_code = HANDLED


class NotConvergedError(UndefinedError):
    """An estimate did not settle; the data do not determine it."""
