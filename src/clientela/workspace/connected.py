"""A workspace that a server holds, asked from afar: the answers are those that the workspace itself gives.

>>> import clientela
>>> there = clientela.connect("https://crm.example.com", token)        # doctest: +SKIP
>>> there.query("revenue", by=["month"]).table                         # doctest: +SKIP
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from time import monotonic, sleep
from types import TracebackType
from typing import IO, TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from clientela.contracts.insight import Table, TableColumn
from clientela.contracts.schema import Type
from clientela.contracts.text import Text, Value
from clientela.errors import (
    ClientelaError,
    MachineError,
    NothingPublishedError,
    NotPermittedError,
    TokenError,
    UsageError,
    machine_trouble,
)

if TYPE_CHECKING:
    import httpx2
    import pyarrow as pa

SECONDS = 60.0
PIECE = 1 << 20
_OWN = ("127.0.0.1", "localhost", "::1")  # this machine: nothing listens on the way
_ERRORS: Mapping[int, type[ClientelaError]] = {
    400: UsageError,
    401: TokenError,
    403: NotPermittedError,
    404: UsageError,
    408: MachineError,
    409: UsageError,
    413: UsageError,
    422: UsageError,
}


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer of an analysis, as the server told it."""

    document: Mapping[str, Any]

    @property
    def headline(self) -> str | None:
        """The answer in one sentence; None when it abstained."""
        return None if self.document["headline"] is None else str(self.document["headline"])

    @property
    def abstained(self) -> str | None:
        """Why there is no answer; None when there is one."""
        return None if self.document["abstained"] is None else str(self.document["abstained"])

    @property
    def table(self) -> pa.Table:
        """The rows of the answer as an Arrow table."""
        told = self.document["table"]
        return _arrow({"columns": [], "rows": []} if told is None else told)

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain data; decimals are strings."""
        return dict(self.document)


@dataclass(frozen=True, slots=True)
class Page:
    """Figures, or a page of rows, as the server told them."""

    document: Mapping[str, Any]

    @property
    def table(self) -> pa.Table:
        """The rows as an Arrow table, with the types of their columns; what is hidden is null."""
        return _arrow(self.document)

    @property
    def hidden(self) -> frozenset[tuple[int, int]]:
        """The places (row, column) of what the user may not see; row -1 is that of the totals."""
        return frozenset((row, column) for row, column in self.document.get("hidden") or ())

    @property
    def total(self) -> tuple[Value, ...] | None:
        """The totals, each counted at its own level; None where there are none."""
        told = self.document.get("total")
        if told is None:
            return None
        types = [Type(each["type"]) for each in self.document["columns"]]
        return tuple(_value(value, kind) for value, kind in zip(told, types, strict=True))

    @property
    def snapshot(self) -> str:
        """The snapshot that answered."""
        return str(self.document["snapshot"])

    @property
    def as_of(self) -> date:
        """The date looked from."""
        return date.fromisoformat(self.document["as_of"])

    @property
    def cursor(self) -> str | None:
        """What asks for the next page; None when there is none."""
        return self.document.get("next_cursor")


class Connected:
    """A workspace that a server holds. Everything is asked within the rights of the token's user.

    Parameters
    ----------
    url : where the server is, such as ``https://crm.example.com``
    token : one made there under Your account, Make a token
    """

    def __init__(self, url: str, token: str, *, client: httpx2.Client | None = None) -> None:
        place = urlsplit(url)
        if not place.hostname or not (place.scheme == "https" or (place.scheme == "http" and place.hostname in _OWN)):
            raise UsageError(f"'{url}' is not safe to send a token to; write an address that begins with https://.")
        self._client = client or _client()
        self._base = url.rstrip("/") + "/api/v1"
        self._headers = {"authorization": f"Bearer {token}", "accept": "application/json"}

    def ask(
        self,
        name: str,
        *,
        as_of: date | None = None,
        parameters: Mapping[str, str | int | float | bool] | None = None,
        lang: str = "en",
    ) -> Answer:
        """The answer of one analysis."""
        said = [f"{key}={_parameter(value)}" for key, value in (parameters or {}).items()]
        return Answer(self._get(f"/insights/{name}", as_of=as_of, lang=lang, set=said))

    def query(
        self,
        *names: str,
        by: Sequence[str] = (),
        where: str | None = None,
        order: Sequence[str] = (),
        limit: int | None = None,
        compare: str | None = None,
        share: bool = False,
        running: bool = False,
        top: int | None = None,
        pivot: str | None = None,
        subtotals: bool = False,
        drill: Sequence[str] = (),
        as_of: date | None = None,
        known_at: datetime | None = None,
        lang: str = "en",
    ) -> Page:
        """Figures of the cube: measures by dimensions under a filter, as one types it."""
        return Page(
            self._get(
                "/figures",
                measure=names,
                by=by,
                where=where,
                order=order,
                limit=limit,
                compare=compare,
                share=share,
                running=running,
                top=top,
                pivot=pivot,
                subtotals=subtotals,
                drill=drill,
                as_of=as_of,
                known_at=known_at,
                lang=lang,
            )
        )

    def rows(
        self,
        table: str,
        columns: Sequence[str] = (),
        where: str | None = None,
        *,
        order: Sequence[str] = (),
        limit: int = 100,
        cursor: str | None = None,
        as_of: date | None = None,
        purpose: str = "",
    ) -> Page:
        """A page of the rows of a table; ``cursor`` of it asks for the next one."""
        return Page(
            self._get(
                f"/records/{table}",
                column=columns,
                where=where,
                order=order,
                limit=limit,
                cursor=cursor,
                as_of=as_of,
                purpose=purpose,
            )
        )

    def pages(self, table: str, columns: Sequence[str] = (), where: str | None = None, **more: Any) -> Iterator[Page]:
        """All pages of the rows of a table, one after the other."""
        page = self.rows(table, columns, where, **more)
        yield page
        while page.cursor is not None:
            page = self.rows(table, columns, where, **{**more, "cursor": page.cursor})
            yield page

    def members(
        self, dimension: str, *, like: str | None = None, where: str | None = None, limit: int = 100
    ) -> tuple[Any, ...]:
        """The members of a dimension that a filter may name."""
        return tuple(self._get(f"/members/{dimension}", like=like, where=where, limit=limit)["members"])

    def customers(
        self, search: str | None = None, *, list: str = "risk", limit: int = 20, purpose: str = "", lang: str = "en"
    ) -> Mapping[str, Any]:
        """Who fits what is searched, the likeliest first; else a list to begin with: risk, valuable or recent."""
        return self._get("/customers", search=search, list=list, limit=limit, purpose=purpose, lang=lang)

    def customer(
        self,
        number: str | int,
        *,
        reveal: bool = False,
        only: str = "",
        before: str | None = None,
        purpose: str = "",
        lang: str = "en",
    ) -> Mapping[str, Any]:
        """What is known of one customer; ``reveal`` shows what names them uncovered, and needs a purpose."""
        asked = {"reveal": reveal, "only": only, "before": before, "purpose": purpose, "lang": lang}
        return self._get(f"/customers/{number}", **asked)

    def deliver(
        self, source: str, path: str | Path, *, table: str | None = None, run: bool = True, key: str | None = None
    ) -> Mapping[str, Any]:
        """Bring a file for a source, and ask for the run that takes it in: where it is kept, and the job of the run.

        Parameters
        ----------
        table : where the source fills several, and the file's name does not tell which
        key : sent again under it within a day, it is answered as the first time; by default that of the file
        """
        place = Path(path)
        with machine_trouble(place.parent), place.open("rb") as file:
            marked = key or hashlib.sha256(f"{source} {table} {run} {place.name} ".encode() + _sha256(file)).hexdigest()
            return self._send(
                "POST",
                f"/sources/{quote(source, safe='')}/batches",
                {"table": table, "file": place.name, "run": run},
                headers={"idempotency-key": marked, "content-type": "application/octet-stream"},
                content=iter(lambda: file.read(PIECE), b""),
            )

    def run(self, *, key: str | None = None) -> Mapping[str, Any]:
        """Ask for a run: its job; that of one which waits already.

        Parameters
        ----------
        key : sent again under it within a day, it is answered as the first time
        """
        return self._send("POST", "/runs", {}, headers={} if key is None else {"idempotency-key": key})

    def job(self, number: int) -> Mapping[str, Any]:
        """How far one piece of work is: its ``state`` is queued, running, done or failed."""
        return self._get(f"/jobs/{number}")

    def wait(
        self, number: int, *, every: float = 2.0, longest: float = 3_600.0, look: Callable[[], None] = lambda: None
    ) -> Mapping[str, Any]:
        """A piece of work when it is done.

        Parameters
        ----------
        every : seconds between two looks
        longest : seconds after which it is waited for no more
        look : called between two looks

        Raises
        ------
        MachineError
            It failed, with the sentence that says why; or it took longer.
        """
        until = monotonic() + longest
        while (told := self.job(number))["state"] not in ("done", "failed"):
            if monotonic() > until:
                raise MachineError(f"job {number} is not done after {longest:g} seconds; look again later.")
            look()
            sleep(every)
        if told["state"] == "failed":
            raise MachineError(f"job {number} failed: {told['error']}")
        return told

    def batches(
        self, *, source: str | None = None, table: str | None = None, file: str | None = None, limit: int = 100
    ) -> tuple[Mapping[str, Any], ...]:
        """The files that arrived, newest first, and what became of them."""
        return tuple(self._get("/batches", source=source, table=table, file=file, limit=limit)["batches"])

    def kept_out(self, batch: int, *, limit: int = 100, cursor: str | None = None) -> Page:
        """The rows of a file that broke a rule: where they stand, what stands there, which rule it is."""
        return Page(self._get(f"/batches/{batch}/kept-out", limit=limit, cursor=cursor))

    def analyses(self, lang: str = "en") -> tuple[Mapping[str, Any], ...]:
        """The questions there are."""
        return tuple(self._get("/insights", lang=lang)["insights"])

    def measures(self, lang: str = "en") -> Mapping[str, Any]:
        """What can be counted, and by what it can be seen."""
        return self._get("/measures", lang=lang)

    def status(self) -> Mapping[str, Any]:
        """What serves, to which day."""
        return self._get("/status")

    def close(self) -> None:
        """Let go of the connection."""
        self._client.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"<clientela at {self._base}>"  # never the token

    def _get(self, path: str, **said: Any) -> dict[str, Any]:
        return self._send("GET", path, said)

    def _send(self, method: str, path: str, said: Mapping[str, Any], **more: Any) -> dict[str, Any]:
        import httpx2

        asked = {name: _said(value) for name, value in said.items() if value is not None and value != ()}
        headers = {**self._headers, **more.pop("headers", {})}
        try:
            told = self._client.request(method, self._base + path, params=asked, headers=headers, **more)
        except httpx2.HTTPError as error:
            raise MachineError(f"{self._base} does not answer: {error}; check the address and try again.") from None
        if told.is_success:
            document: dict[str, Any] = told.json()
            return document
        raise _refused(told.status_code, told.headers.get("content-type", ""), told)


def connect(url: str, token: str) -> Connected:
    """A workspace that a server holds; needs ``pip install clientela[connect]``.

    Raises
    ------
    UsageError
        The address would send the token unencrypted over a network.
    """
    return Connected(url, token)


def _client() -> httpx2.Client:
    try:
        import httpx2
    except ModuleNotFoundError:
        raise UsageError("to ask a server needs one more package: pip install 'clientela[connect]'") from None
    return httpx2.Client(follow_redirects=False, timeout=SECONDS)


def _refused(status: int, kind: str, told: httpx2.Response) -> ClientelaError:
    if not kind.startswith("application/problem+json"):
        return MachineError(f"the server answered with {status} and no reason; check the address.")
    problem = told.json()
    detail = str(problem.get("detail", ""))
    if status == 404 and detail == str(NothingPublishedError()):
        return NothingPublishedError()
    return _ERRORS.get(status, MachineError)(detail)


def _sha256(file: IO[bytes]) -> bytes:
    found = hashlib.sha256()
    while piece := file.read(PIECE):
        found.update(piece)
    file.seek(0)
    return found.digest()


def _parameter(value: str | float | bool) -> str:
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def _said(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else value


def _arrow(told: Mapping[str, Any]) -> pa.Table:
    from clientela.present.arrow import arrow_table

    columns = tuple(
        TableColumn(name=each["name"], type=Type(each["type"]), unit=each.get("unit"), label=Text(each["name"]))
        for each in told["columns"]
    )
    rows = tuple(
        tuple(_value(value, column.type) for value, column in zip(row, columns, strict=True)) for row in told["rows"]
    )
    return arrow_table(Table(columns=columns, rows=rows, caption=Text("")))


def _value(told: Any, kind: Type) -> Value:
    """What a cell of a document says, in the type of its column."""
    if told is None or kind in (Type.TEXT, Type.BOOL):
        return told  # type: ignore[no-any-return] # JSON has these as Python does
    try:
        match kind:
            case Type.DATE:
                return date.fromisoformat(told)
            case Type.INSTANT:
                return datetime.fromisoformat(told)
            case Type.INT:
                return int(told)
            case _:
                return Decimal(str(told))
    except (ValueError, InvalidOperation):
        return str(told)
