"""``clientela.toml`` and the environment as frozen settings; the only reader of the environment.

A value comes from the call (the command line), else from the environment as
``CLIENTELA_SECTION__KEY``, else from the file, else from the default. Keys are checked here, names of
tables and columns in ``capture``. Whatever is wrong is said at once.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    EnvSettingsSource,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from clientela.config.costs import DRIVERS, LINES, CostPool, cost_problems
from clientela.config.entry import GroupRole, Oidc, secret_of
from clientela.config.sections import (
    Backup,
    Company,
    CountedBefore,
    Cube,
    Database,
    Expression,
    Format,
    Identity,
    Join,
    OwnMeasure,
    Parameter,
    Quality,
    Run,
    Schedule,
    Segment,
    SegmentName,
    Serve,
    Source,
    lapse,
)
from clientela.errors import ConfigurationError, WorkspaceError, did_you_mean

__all__ = [
    "Backup",
    "Company",
    "CostPool",
    "CountedBefore",
    "Cube",
    "Database",
    "Expression",
    "Format",
    "GroupRole",
    "Identity",
    "Join",
    "Oidc",
    "OwnMeasure",
    "Parameter",
    "Quality",
    "Run",
    "Schedule",
    "Segment",
    "Serve",
    "Settings",
    "Source",
    "check_company",
    "database_url",
    "lapse",
    "load",
    "oidc_secret",
    "refuse_unopenable",
    "workspace_folder",
]

FILE = "clientela.toml"
PREFIX = "CLIENTELA_"
WORKSPACE_VARIABLE = "CLIENTELA_WORKSPACE"


class Settings(BaseSettings):
    """Everything one workspace is told."""

    model_config = SettingsConfigDict(
        frozen=True, extra="forbid", env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True
    )

    company: Company
    source: tuple[Source, ...] = ()
    run: Run = Run()
    schedule: Schedule = Schedule()
    backup: Backup = Backup()
    serve: Serve = Serve()
    quality: Quality = Quality()
    identity: Identity = Identity()
    analysis: dict[str, dict[str, Parameter]] = Field(default_factory=dict)
    measure: dict[str, OwnMeasure] = Field(default_factory=dict)
    segment: dict[SegmentName, Segment] = Field(default_factory=dict)
    cost_pool: tuple[CostPool, ...] = ()
    cube: Cube = Cube()

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every ``[[source]]``, in the order of the file."""
        return self.source


class _Environment(EnvSettingsSource):
    """The variables that were handed in, not those of the process."""

    def __init__(self, settings: type[BaseSettings], environ: Mapping[str, str]) -> None:
        self._environ = environ
        super().__init__(settings)

    def _load_env_vars(self) -> Mapping[str, str | None]:
        return {name.lower(): value for name, value in self._environ.items() if value}


def workspace_folder(
    option: str | Path | None = None, environ: Mapping[str, str] | None = None, *, must_exist: bool = True
) -> Path:
    """The workspace to work in: ``-w``, else ``CLIENTELA_WORKSPACE``, else the current folder.

    Parameters
    ----------
    option
        What ``-w`` said.
    environ
        The environment; the process's own when left out.
    must_exist
        False for the command that makes a workspace.

    Raises
    ------
    WorkspaceError
        The folder holds no ``clientela.toml``.
    ConfigurationError
        The engine could not open a file in it.
    """
    variables = os.environ if environ is None else environ
    named = option or variables.get(WORKSPACE_VARIABLE) or None
    folder = Path(named).expanduser() if named else Path.cwd()
    if must_exist and not (folder / FILE).is_file():
        raise _no_workspace(folder)
    refuse_unopenable(folder)
    return folder.absolute()


def refuse_unopenable(folder: Path) -> None:
    """Refuse a folder whose files the engine could not open.

    Raises
    ------
    ConfigurationError
        There is a ``?`` in its path, which the engine takes for the end of a file's name.
    """
    if "?" in str(folder.absolute()):
        raise ConfigurationError(
            f"{folder.absolute()} has a '?' in its path, and the engine cannot open a file there; rename that folder, "
            "or use another one."
        )


def database_url(database: Database, environ: Mapping[str, str] | None = None) -> str:
    """The URL of a source's database, from the environment.

    Raises
    ------
    ConfigurationError
        The variable is not set.
    """
    url = (os.environ if environ is None else environ).get(database.url_from, "")
    if not url:
        raise ConfigurationError(
            f"the environment variable {database.url_from} is not set; it must hold the URL of the database, for "
            "example postgresql+pg8000://reader:password@host/shop."
        )
    return url


def oidc_secret(oidc: Oidc, folder: Path, environ: Mapping[str, str] | None = None) -> str | None:
    """The secret of ``[serve.oidc]``, from the environment or a file; None where it names none.

    Raises
    ------
    ConfigurationError
        It is not there.
    """
    return secret_of(oidc, folder, os.environ if environ is None else environ)


def user(environ: Mapping[str, str] | None = None) -> str:
    """Who is at work, as the operating system knows them: the name under which a decision is kept."""
    variables = os.environ if environ is None else environ
    named = next((variables[name] for name in ("LOGNAME", "USER", "USERNAME") if variables.get(name)), None)
    if named is not None:
        return named
    try:
        import pwd  # not on every system

        return pwd.getpwuid(os.getuid()).pw_name
    except (ImportError, KeyError):
        return "unknown"


def check_company(*, name: str, currency: str, timezone: str) -> None:
    """Refuse what could not stand under ``[company]``.

    Raises
    ------
    ConfigurationError
        Every problem is named.
    """
    try:
        Company(name=name, currency=currency, timezone=timezone)
    except ValidationError as error:
        problems = list(
            dict.fromkeys(
                _sentence(("company", *each["loc"]), each["type"], each["msg"], each.get("input"), {})
                for each in error.errors()
            )
        )
        raise ConfigurationError("; ".join(problems), problems=problems) from None


def load(
    folder: Path, environ: Mapping[str, str] | None = None, *, overrides: Mapping[str, object] | None = None
) -> Settings:
    """The settings of a workspace.

    Parameters
    ----------
    folder
        The workspace.
    environ
        The environment; the process's own when left out.
    overrides
        What the command line said, nested like the file: ``{"run": {"threads": 1}}``.

    Raises
    ------
    WorkspaceError
        The folder holds no ``clientela.toml``.
    ConfigurationError
        The file or a variable cannot be used; every problem is named.
    """
    variables = os.environ if environ is None else environ
    written = _read(folder / FILE)
    problems = _unknown_variables(variables)
    settings: Settings | None = None
    try:
        settings = _settings(written, variables, overrides or {})
    except ValidationError as error:
        problems += _sentences(error, written)
    except ValueError as error:  # pydantic-settings: a variable that should be JSON is not
        problems.append(f"the environment cannot be read: {error}")
    if settings is not None:
        problems += _disagreements(settings.source)
        problems += _unknown_systems(settings)
        problems += cost_problems(settings.cost_pool)
    if problems or settings is None:
        raise ConfigurationError(f"{FILE} cannot be used: " + "; ".join(problems), problems=problems)
    return settings


def _settings(written: Mapping[str, object], environ: Mapping[str, str], said: Mapping[str, object]) -> Settings:
    """The three sources laid over each other; the class is made here, so that no state is shared between calls."""

    class Layered(Settings):
        @classmethod
        def settings_customise_sources(
            cls, settings_cls: type[BaseSettings], *_: PydanticBaseSettingsSource, **__: PydanticBaseSettingsSource
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            return (
                InitSettingsSource(settings_cls, init_kwargs=dict(said)),
                _Environment(settings_cls, environ),
                InitSettingsSource(settings_cls, init_kwargs=dict(written)),
            )

    found = Layered.model_validate({})
    return Settings.model_construct(**{name: getattr(found, name) for name in Settings.model_fields})


def _read(path: Path) -> dict[str, Any]:
    """The file as nested dictionaries."""
    try:
        return tomllib.loads(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        raise _no_workspace(path.parent) from None
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be read: {error.strerror}.") from None
    except UnicodeDecodeError as error:
        raise ConfigurationError(f"{path} is not UTF-8 text (byte {error.start + 1}); save it as UTF-8.") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{path} is not valid TOML: {error}.") from None


def _no_workspace(folder: Path) -> WorkspaceError:
    return WorkspaceError(
        f"{folder} is not a workspace: it holds no {FILE}. Make one with `clientela init {folder}`, name another with "
        f"-w FOLDER or {WORKSPACE_VARIABLE}, or look around first with `clientela demo`."
    )


def _unknown_variables(environ: Mapping[str, str]) -> list[str]:
    """Variables that look like settings of a section there is not."""
    problems = []
    for name in sorted(environ):
        section, inner, _ = name.upper().removeprefix(PREFIX).partition("__")
        if name.upper().startswith(PREFIX) and inner and section.lower() not in Settings.model_fields:
            said = did_you_mean(section.lower(), Settings.model_fields)
            problems.append(f"the environment sets {name}, but there is no section '{section.lower()}'; {said}")
    return problems


def _disagreements(sources: Sequence[Source]) -> list[str]:
    """Sections that deliver to one table for one system must say the same about how."""
    seen: dict[tuple[str, str], Source] = {}
    problems = []
    for source in sources:
        first = seen.setdefault((source.name, source.table), source)
        for key in ("delivery", "known"):
            one, other = getattr(first, key), getattr(source, key)
            if one != other:
                problems.append(
                    f"two [[source]] of '{source.name}' for table '{source.table}' disagree on {key} "
                    f"('{one}' and '{other}'); say the same in both"
                )
        if first is not source and first.place == source.place:
            problems.append(f"two [[source]] of '{source.name}' for table '{source.table}' have path '{source.place}'")
    return problems


def _unknown_systems(settings: Settings) -> list[str]:
    """Systems that are to be believed first, though no source bears their name."""
    known = {name for each in settings.source for name in (each.name, each.keys_of) if name}
    unknown = (name for name in settings.identity.believe if name not in known)
    return [f"[identity] believe: unknown system '{name}'; {did_you_mean(name, known)}" for name in unknown]


def _sentences(error: ValidationError, written: Mapping[str, Any]) -> list[str]:
    """Each problem pydantic found, once, as a sentence."""
    found = (_sentence(each["loc"], each["type"], each["msg"], each.get("input"), written) for each in error.errors())
    return list(dict.fromkeys(found))


def _sentence(loc: tuple[int | str, ...], kind: str, message: str, value: object, written: Mapping[str, Any]) -> str:
    if "columns" in loc[:-1]:
        cut = loc.index("columns") + 1
        return f"{_place(loc[:cut], written)}: '{loc[cut]}' must be a column's name or {{ expr = \"…\" }}"
    if kind == "value_error" and _model_at(loc) is not None:
        return f"{_place(loc, written)}: {message.removeprefix('Value error, ')}"
    place, key = _place(loc[:-1], written), str(loc[-1])
    free = loc.index("constants") + 1 if "constants" in loc[:-1] else 2 if loc[0] == "analysis" else len(loc)
    if free < len(loc):
        place = _place(loc[:free], written)
        said = f"'{loc[free]}' must be a text, a number, true or false"
    elif kind == "extra_forbidden":
        said = f"unknown key '{key}'; {did_you_mean(key, _keys_at(loc[:-1]))}"
    elif kind == "missing":
        said = f"'{key}' is missing{_why(key)}"
    elif kind == "literal_error":
        name = next(str(each) for each in reversed(loc) if isinstance(each, str))
        said = f"{name} = '{value}' is not allowed; {did_you_mean(str(value), _choices(name))}"
    elif kind == "string_pattern_mismatch":
        said = f"{key} = '{value}' is not understood{_why(key)}"
    else:
        said = f"{key}: {message.removeprefix('Value error, ').replace('Input should be', 'should be')}"
    return f"{place}: {said}"


def _why(key: str) -> str:
    """What to write, for keys that people meet first."""
    return {
        "currency": '; write its three letters, for example "EUR"',
        "delivery": '; say "append" (new rows), "upsert" (same key replaces) or "full" (what is missing was deleted)',
        "company": '; start the file with [company], name = "…" and currency = "EUR"',
        "memory_limit": '; write it as "2GB"',
        "table": "; say which table the files fill, for example order_line",
    }.get(key, "")


def _place(loc: Sequence[int | str], written: Mapping[str, Any]) -> str:
    """Where in the file: ``[company]``, ``[[source]] 'shop'``, ``[[source]] 'shop', format``."""
    if not loc:
        return FILE
    if loc[0] not in ("source", "cost_pool"):
        return "[" + ".".join(str(each) for each in loc) + "]"
    if len(loc) == 1:
        return f"[[{loc[0]}]]"
    sections = written.get(str(loc[0]))
    named: object = None
    if isinstance(sections, list) and isinstance(loc[1], int) and isinstance(sections[loc[1]], dict):
        named = sections[loc[1]].get("name")
    return ", ".join([f"[[{loc[0]}]] '{named or loc[1]}'", *(str(each) for each in loc[2:])])


def _model_at(loc: Sequence[int | str]) -> type[BaseModel] | None:
    """The section a place in the file belongs to."""
    names = [each for each in loc if isinstance(each, str)]
    if names[:1] == ["measure"]:
        return OwnMeasure if len(names) == 2 else None
    if names[:1] == ["segment"]:
        return Segment if len(names) == 2 else None
    sections: dict[tuple[str, ...], type[BaseModel]] = {
        (): Settings,
        ("company",): Company,
        ("run",): Run,
        ("source",): Source,
        ("source", "format"): Format,
        ("source", "join"): Join,
        ("source", "join", "format"): Format,
        ("source", "database"): Database,
        ("cost_pool",): CostPool,
        ("schedule",): Schedule,
        ("backup",): Backup,
        ("serve",): Serve,
        ("serve", "oidc"): Oidc,
        ("serve", "oidc", "role"): GroupRole,
        ("quality",): Quality,
        ("identity",): Identity,
        ("cube",): Cube,
        ("cube", "rollups"): CountedBefore,
    }
    return sections.get(tuple(names))


def _keys_at(loc: Sequence[int | str]) -> Iterable[str]:
    model = _model_at(loc)
    return model.model_fields if model else ()


def _choices(name: str) -> tuple[str, ...]:
    """What a key may be, of those that take one of a few words."""
    return {
        "delivery": ("append", "upsert", "full"),
        "decimal": (".", ","),
        "aggregate": ("sum", "count", "count_distinct", "average", "min", "max"),
        "unit": ("money", "count", "share", "number", "days"),
        "empty": ("zero", "unknown"),
        "fiscal_year_named": ("start", "end"),
        "within": ("territory", "product", "campaign"),
        "driver": DRIVERS,
        "line": LINES,
        "period": ("month", "quarter", "year"),
    }.get(name, ())
