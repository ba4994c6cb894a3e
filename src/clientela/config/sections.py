"""The sections of ``clientela.toml``, key by key; what each means stands in docs/reference/configuration.md."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from functools import cache
from ipaddress import ip_network
from typing import Annotated, Literal, Self
from zoneinfo import available_timezones

from cronsim import CronSim, CronSimError
from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from clientela.config.entry import Oidc
from clientela.errors import ConfigurationError

Parameter = bool | int | float | str
Constant = bool | int | float | str | datetime | date | time
Share = Annotated[float, Field(ge=0, le=1)]
Days = Annotated[int, Field(ge=1)]


_zones = cache(available_timezones)  # it looks through a folder of hundreds of files


def _zone(name: str) -> str:
    if name not in _zones():
        raise ValueError(f"unknown time zone '{name}'; write it as Area/City, for example Europe/Madrid, or UTC")
    return name


def _plain_name(name: str) -> str:
    if not name.strip() or any(ord(sign) < 32 for sign in name):
        raise ValueError("a name needs at least one letter and no control characters")
    return name


def _folder_name(name: str) -> str:
    if name.startswith(".") or "/" in name:
        raise ValueError("the name of a system does not begin with a point and has no '/' in it")
    return name


def _single_byte(sign: str) -> str:
    if len(sign) != 1 or ord(sign) >= 128 or sign in "\r\n\0":
        raise ValueError(f"must be one plain character, not {sign!r}")
    return sign


def _lapse(said: str) -> str:
    if not _LAPSE.fullmatch(said):
        raise ValueError(f"'{said}' is no length of time; write a number and hours, days or weeks: \"2 days\"")
    return said


_LAPSE = re.compile(r"([1-9][0-9]{0,4}) (hour|day|week)s?")
Lapse = Annotated[str, AfterValidator(_lapse)]


def lapse(said: str) -> timedelta:
    """The length of time a setting names.

    Examples
    --------
    >>> lapse("2 days")
    datetime.timedelta(days=2)
    """
    found = _LAPSE.fullmatch(said)
    if found is None:
        raise ConfigurationError(f"'{said}' is no length of time; write a number and hours, days or weeks.")
    return timedelta(**{found[2] + "s": int(found[1])})


def _cron(line: str) -> str:
    try:
        if len(line.split()) != 5:
            raise CronSimError
        CronSim(line, datetime(2024, 1, 1))  # noqa: DTZ001 - only whether it can be read
    except CronSimError as error:
        said = f" ({str(error).lower()})" if str(error) else ""
        raise ValueError(
            f"'{line}' is no cron line{said}; write minute, hour, day, month and weekday, "
            'for example "0 5 * * *" for every day at five'
        ) from None
    return line


CronLine = Annotated[str, AfterValidator(_cron)]
ZoneName = Annotated[str, AfterValidator(_zone)]
Name = Annotated[str, AfterValidator(_plain_name)]
SystemName = Annotated[str, AfterValidator(_plain_name), AfterValidator(_folder_name)]
Sign = Annotated[str, AfterValidator(_single_byte)]


def _address(said: str) -> str:
    found = re.fullmatch(r"https?://([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?/?", said)
    if found is None:
        raise ValueError(
            f"'{said}' is no address of a server; write it as https://crm.example.com, with nothing behind the name"
        )
    return said.rstrip("/").lower()


def _network(said: str) -> str:
    try:
        return str(ip_network(said))
    except ValueError:
        raise ValueError(f"'{said}' is no address of a proxy; write it as 10.0.0.5 or 10.0.0.0/24") from None


def _minutes(said: str) -> str:
    if not re.fullmatch(r"[1-9][0-9]{0,4} (minute|hour|day)s?", said):
        raise ValueError(f"'{said}' is no length of time; write a number and minutes, hours or days: \"30 minutes\"")
    return said


Address = Annotated[str, AfterValidator(_address)]
Network = Annotated[str, AfterValidator(_network)]
Minutes = Annotated[str, AfterValidator(_minutes)]


def _year_start(said: str) -> str:
    """Every month has a day 27, and no date moved by months is then moved to the end of one."""
    found = re.fullmatch(r"(\d{2})-(\d{2})", said)
    if found is None or not 1 <= int(found[1]) <= 12 or not 1 <= int(found[2]) <= 27:
        raise ValueError(
            f"'{said}' is no day a fiscal year starts on; write month and day, the day from 01 to 27, "
            'for example "04-01" for 1 April'
        )
    return said


def _languages(said: object) -> dict[str, str]:
    """Words by language; a text alone is English."""
    told = {"en": said} if isinstance(said, str) else said
    if not isinstance(told, dict) or not told:
        raise ValueError('write a text, or one for each language: { en = "…", es = "…" }')
    for language, words in told.items():
        if language not in WORD_LANGUAGES:
            raise ValueError(f"unknown language '{language}'; known: {', '.join(WORD_LANGUAGES)}")
        if not isinstance(words, str) or not words.strip() or len(words) > MAX_WORDS or not words.isprintable():
            raise ValueError(f"the text in '{language}' must have 1 to {MAX_WORDS} printable letters")
    return dict(told)


WORD_LANGUAGES = ("en", "es", "it", "nl")
MAX_WORDS = 400
YearStart = Annotated[str, AfterValidator(_year_start)]
Words = Annotated[dict[str, str], BeforeValidator(_languages)]


class Section(BaseModel):
    """Keys that are known, values that do not change."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Company(Section):
    """``[company]``: whose customers these are, their money and their day."""

    name: Name
    currency: Annotated[str, Field(pattern=r"^[A-Z]{3}$")]
    timezone: ZoneName = "UTC"
    lapse_days: Days | None = None
    fiscal_year_starts: YearStart = "01-01"
    fiscal_year_named: Literal["start", "end"] = "end"


class Format(Section):
    """How a file writes its values. Unset ``decimal``: a point, and no thousands separator is believed.

    Unset ``kind``: what the content is (Parquet, Excel, JSON lines), else CSV. ``sheet``: of an Excel workbook, its
    name, default the first that has rows; ``skip``: lines (or rows) above the header. ``member``: which files of a
    zip count, as a pattern.
    """

    kind: Literal["csv", "json", "parquet", "excel"] | None = None
    sheet: str | None = None
    skip: Annotated[int, Field(ge=0)] = 0
    member: str | None = None
    delimiter: Sign = ","
    decimal: Literal[".", ","] | None = None
    date: str | None = None
    encoding: str | None = None
    quote: Sign = '"'
    header: bool | tuple[str, ...] = True


class Expression(Section):
    """A column that is computed from columns of the file."""

    expr: str


class Join(Section):
    """``join``: a second file of the same delivery, whose columns are added to each row by equal ``on``."""

    path: Annotated[str, Field(min_length=1)]
    on: str | tuple[str, ...]
    format: Format | None = None  # unset: as the source's own

    @property
    def keys(self) -> tuple[str, ...]:
        """The columns both files share."""
        return (self.on,) if isinstance(self.on, str) else self.on


class Database(Section):
    """``database``: a table or a query of a SQL database in place of files.

    ``url_from`` names the environment variable that holds the URL: it may hold a password, so it never stands in
    the file. ``cursor``: a column that only grows; each run asks for what is not below the last it saw.
    """

    url_from: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
    table: str | None = None
    query: str | None = None
    cursor: str | None = None

    @model_validator(mode="after")
    def _one_of_both(self) -> Self:
        if (self.table is None) == (self.query is None):
            raise ValueError("say either table or query")
        return self


class Source(Section):
    """``[[source]]``: what one system delivers to one table."""

    name: SystemName
    table: str
    path: Annotated[str, Field(min_length=1)] | None = None
    database: Database | None = None
    join: Join | None = None
    delivery: Literal["append", "upsert", "full"]
    timezone: ZoneName | None = None
    known: str | None = None
    keys_of: SystemName | None = None
    max_bad: Share | None = None
    owner: str | None = None
    fresh_within: Lapse | None = None
    format: Format = Format()
    columns: dict[str, str | Expression] = Field(default_factory=dict)
    constants: dict[str, Constant] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _files_or_database(self) -> Self:
        if (self.path is None) == (self.database is None):
            raise ValueError("say where its rows are: either path or database")
        if self.join is not None and self.path is None:
            raise ValueError("join adds a second file to files; a database joins in its query")
        if self.delivery == "full" and self.database is not None and self.database.cursor is not None:
            raise ValueError("a full delivery reads everything each time: leave database.cursor out, or say upsert")
        return self

    @property
    def place(self) -> str:
        """Where its rows come from, in a few words: the pattern of its files, else the table or query."""
        if self.path is not None:
            return self.path
        assert self.database is not None  # noqa: S101 - _files_or_database has seen to it
        return f"database:{self.database.table or 'query'}"

    @property
    def keys_from(self) -> str:
        """The system whose customer keys the files hold."""
        return self.keys_of or self.name


class Run(Section):
    """``[run]``: how the knowledge base is built. ``without``: analyses that a run computes nothing for."""

    horizon_days: Days = 92
    keep_snapshots: Annotated[int, Field(ge=1)] = 3
    threads: Annotated[int, Field(ge=1)] | None = None
    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)? ?([KMGT]i?B|%)$")] | None = None
    origin_sample: Annotated[int, Field(ge=1)] = 200_000  # customers in a back-test, at most
    max_bad: Share = 0.01
    without: tuple[str, ...] = ()


class Schedule(Section):
    """``[schedule]``: when ``clientela schedule`` works, as cron lines in the company's time zone."""

    run: CronLine | None = None
    backup: CronLine | None = None


class Backup(Section):
    """``[backup]``: where scheduled backups go, and how many stay."""

    folder: str = "backups"
    keep: Annotated[int, Field(ge=1)] = 7


class Serve(Section):
    """``[serve]``: where and how ``clientela serve`` answers.

    ``address``: what people write into the browser, when it is not ``http://host:port``: with ``https`` a proxy in
    front speaks TLS. ``proxies``: the addresses of such proxies, whose word about the visitor is believed.
    ``passwords``: false lets in only with the account of ``[serve.oidc]``, and with a one-time link.
    """

    host: Annotated[str, Field(min_length=1)] = "127.0.0.1"
    port: Annotated[int, Field(ge=1, le=65535)] = 8080
    address: Address | None = None
    proxies: tuple[Network, ...] = ()
    session_idle: Minutes = "30 minutes"
    session_lasts: Minutes = "12 hours"
    threads: Annotated[int, Field(ge=1, le=256)] | None = None
    memory_limit: Annotated[str, Field(pattern=r"^\d+(\.\d+)? ?([KMGT]i?B|%)$")] | None = None
    upload_limit: Annotated[str, Field(pattern=r"^\d+ ?[KMG]B$")] = "200MB"
    passwords: bool = True
    oidc: Oidc | None = None

    @model_validator(mode="after")
    def _some_way_in(self) -> Self:
        if not self.passwords and self.oidc is None:
            raise ValueError("passwords = false needs [serve.oidc], or nobody could come in")
        return self

    @property
    def place(self) -> str:
        """What people write into the browser, without a slash at its end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return self.address or f"http://{host}:{self.port}"

    @property
    def secure(self) -> bool:
        """Whether visitors come over TLS."""
        return self.place.startswith("https://")


class Quality(Section):
    """``[quality]``: the share of weak rows from which a figure is to be looked at, and from which it is unfit."""

    look_above: Share = 0.01
    unfit_above: Share = 0.2


class Identity(Section):
    """``[identity]``: how records of several systems become one customer.

    ``link``: false leaves each key a customer of its own. Pairs from ``join_above`` on are joined, from ``ask_above``
    on a person is asked. A value that more than ``shared_by`` records have (a switchboard, a parcel shop) names nobody.
    No customer has more than ``largest`` records. ``pairs_per_record``: a search that would compare more is refused.
    ``believe``: which system's values stand first; ``survivorship``: what decides for a field instead.
    """

    link: bool = True
    join_above: Share = 0.85  # a wrong join costs as much as six missed ones
    ask_above: Share = 0.5
    largest: Annotated[int, Field(ge=2)] = 50
    shared_by: Annotated[int, Field(ge=2)] = 50
    pairs_per_record: Annotated[int, Field(ge=1)] = 100
    believe: tuple[SystemName, ...] = ()
    survivorship: dict[str, Literal["source priority", "freshest", "most complete"]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _asks_below_joining(self) -> Self:
        if self.ask_above > self.join_above:
            raise ValueError(
                f"ask_above is {self.ask_above} and join_above {self.join_above}: what is joined need not be asked; "
                "let ask_above be the smaller"
            )
        return self


class OwnMeasure(Section):
    """``[measure.NAME]``: a figure of the company's own, counted on a fact or made of other measures.

    Either ``fact`` with ``aggregate`` (``of`` and ``where`` are expressions over its columns), or ``ratio`` of two
    measures, or ``sum`` of several. What the expressions may hold is checked where they are read, in ``cube``.
    """

    fact: str | None = None
    aggregate: Literal["sum", "count", "count_distinct", "average", "min", "max"] | None = None
    of: str | None = None
    where: str | None = None
    ratio: str | None = None
    sum: str | None = None
    unit: Literal["money", "count", "share", "number", "days"] | None = None
    empty: Literal["zero", "unknown"] | None = None
    adds_over: tuple[Literal["time", "customers"], ...] | None = None
    label: Words | None = None
    description: Words | None = None
    owner: Annotated[str, Field(max_length=200)] = ""

    @model_validator(mode="after")
    def _one_way(self) -> Self:
        ways = [name for name in ("fact", "ratio", "sum") if getattr(self, name) is not None]
        if len(ways) != 1:
            said = "none" if not ways else " and ".join(ways)
            raise ValueError(f"a measure is counted on a fact, or is a ratio or a sum of measures; {said} is said")
        alone = ("aggregate", "of", "where", "empty", "adds_over")
        stray = [name for name in alone if getattr(self, name) is not None]
        if ways != ["fact"] and stray:
            raise ValueError(f"{stray[0]} belongs to a measure that is counted on a fact, not to a {ways[0]}")
        if ways == ["fact"] and self.aggregate is None:
            raise ValueError("say how it is counted: aggregate = sum, count, count_distinct, average, min or max")
        if ways == ["fact"] and self.of is None and self.aggregate != "count":
            raise ValueError(f'say what {self.aggregate} is taken of, for example of = "net_revenue"')
        return self


class CountedBefore(Section):
    """One of ``[cube] rollups``: figures that each run counts beforehand, by what they are seen by.

    ``within``: for people whose grants are limited so. Whether there are such figures is checked in ``cube``.
    """

    measures: Annotated[tuple[str, ...], Field(min_length=1)]
    by: tuple[str, ...] = ()
    within: tuple[Literal["territory", "product", "campaign"], ...] = ()


class Cube(Section):
    """``[cube]``: what is counted beforehand besides what the questions so far are worth."""

    rollups: Annotated[tuple[CountedBefore, ...], Field(max_length=16)] = ()


SegmentName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,63}$")]


class Segment(Section):
    """``[segment.NAME]``: customers who fit a condition, by name. What ``where`` may say is checked in ``cube``."""

    where: Annotated[str, Field(min_length=1)]
    title: Words | None = None
    description: Words | None = None
    owner: Annotated[str, Field(max_length=200)] = ""
