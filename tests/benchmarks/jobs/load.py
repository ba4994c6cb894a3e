"""People who ask a server at a given rate, whether it has answered the last one or not; what each waited."""

from __future__ import annotations

import asyncio
import json
import random
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from urllib.parse import quote, urlsplit

CONNECTIONS = 64  # more than there are people: a browser holds several


@dataclass(slots=True)
class Seen:
    """What came back."""

    waited: list[float] = field(default_factory=list)  # seconds since it was due
    statuses: Counter[int] = field(default_factory=Counter)
    first: dict[str, float] = field(default_factory=dict)  # of each scope, what the first answer took


def ask(address: str, people: str, kind: str, *, rate: float, seconds: float, seed: int) -> dict[str, object]:
    """Ask at a rate, with gaps drawn from an exponential distribution; an arrival does not wait for the one before.

    Parameters
    ----------
    people : the path of their sessions and customers, as JSON
    kind : overview, customer
    rate : requests each second
    """
    asked = asyncio.run(_ask(address, json.loads(Path(people).read_text("utf-8")), kind, rate, seconds, seed))
    waited = sorted(asked.waited)
    return {
        "asked": len(waited),
        "per_second": len(waited) / seconds,
        "ms_50": 1000 * waited[len(waited) // 2],
        "ms_95": 1000 * waited[len(waited) * 95 // 100],
        "ms_99": 1000 * waited[len(waited) * 99 // 100],
        "ms_most": 1000 * waited[-1],
        "not_200": sum(count for status, count in asked.statuses.items() if status != 200),
        "first_ms_most": 1000 * max(asked.first.values(), default=0.0),
    }


def _paths(person: dict[str, object], kind: str) -> Iterator[str]:
    customers = person["customers"]
    assert isinstance(customers, list)
    while True:
        if kind == "overview":
            yield "/"
        else:
            for customer in customers:
                yield f"/customers/{quote(str(customer))}"


async def _ask(
    address: str, people: list[dict[str, object]], kind: str, rate: float, seconds: float, seed: int
) -> Seen:
    drawn, seen = random.Random(seed), Seen()  # noqa: S311 - who asks next, no secret
    paths = [_paths(each, kind) for each in people]
    place = urlsplit(address)
    idle: deque[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = deque()
    free = asyncio.Semaphore(CONNECTIONS)

    async def one(number: int, due: float) -> None:
        path = next(paths[number])
        async with free:
            while idle and idle[0][0].at_eof():  # the server closed it, as nobody asked for some seconds
                idle.popleft()[1].close()
            used = idle.pop() if idle else None
            asked = f"{place.netloc}", path, str(people[number]["session"])
            try:
                reader, writer = used or await asyncio.open_connection(place.hostname, place.port)
                status = await _answered(reader, writer, *asked)
            except (asyncio.IncompleteReadError, ConnectionResetError):
                if used is None:
                    raise
                reader, writer = await asyncio.open_connection(place.hostname, place.port)  # it was being closed
                status = await _answered(reader, writer, *asked)
            idle.append((reader, writer))
        took = perf_counter() - due
        seen.waited.append(took)
        seen.statuses[status] += 1
        seen.first.setdefault(str(people[number]["scope"]), took)

    began = due = perf_counter()
    async with asyncio.TaskGroup() as group:
        while due - began < seconds:
            due += drawn.expovariate(rate)
            await asyncio.sleep(max(0.0, due - perf_counter()))
            group.create_task(one(drawn.randrange(len(people)), due))
    for _, writer in idle:
        writer.close()
    return seen


async def _answered(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, host: str, path: str, session: str
) -> int:
    """One request over a connection that stays open; the status, once the whole body is here."""
    writer.write(f"GET {path} HTTP/1.1\r\nhost: {host}\r\ncookie: clientela={session}\r\n\r\n".encode())
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    length = next((line for line in head.split("\r\n") if line.startswith("content-length:")), None)
    if length is not None:
        await reader.readexactly(int(length.partition(":")[2]))
    else:
        while size := int((await reader.readline()).strip() or b"0", 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    return int(head.split(" ", 2)[1])
