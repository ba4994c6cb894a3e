"""Which kinds of questions are asked, and how often: no value of a filter, and nobody's name."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from clientela.access.rights import Scope
from clientela.contracts.filter import Filter
from clientela.cube.explore import Wanted
from clientela.cube.figures.source import pins_alone
from clientela.cube.filters import fields_of
from clientela.cube.rollup.shape import Shape

JOURNAL = "asked.jsonl"
MOST_BYTES = 256 << 10
_NAMES = ("measures", "by", "filtered", "pinned", "limits")


def shapes_of(
    measures: Sequence[str], by: Sequence[str], where: Filter | None, wanted: Wanted, scope: Scope | None
) -> Iterator[Shape]:
    """The kinds of question that answer what was asked: itself, and what is set beside its figures."""
    fields, pins = sorted(fields_of(where)), sorted(pins_alone(where) or ())
    limits = limits_of(scope)

    def shape(by: Sequence[str], *more: str) -> Shape:
        filtered = tuple(sorted({*fields, *more}))
        held = tuple(pins) if not more and len(pins) == len(fields) else ()
        return Shape(measures=tuple(measures), by=tuple(by), filtered=filtered, pinned=held, limits=limits)

    yield shape(by)
    if wanted.share and by:
        yield shape(by[:-1])
    if wanted.top is not None and by:
        yield shape((), by[0])


def limits_of(scope: Scope | None) -> tuple[str, ...]:
    """By what kinds of things the rows are limited that somebody sees; none where some right of theirs has no limit."""
    areas = [] if scope is None else [area for right in scope.rights for area in right.reach]
    if any(not area.limits for area in areas):
        return ()
    return tuple(sorted({limit for area in areas for limit in area.limits}))


def note(folder: Path, shapes: Iterator[Shape], milliseconds: int) -> None:
    """Remember kinds of questions; where the folder cannot be written to, nothing is remembered."""
    path = folder / JOURNAL
    with suppress(OSError):
        lines = [_line(shape, 1, milliseconds) for shape in shapes]
        with path.open("ab") as file:
            file.write(b"".join(lines))  # one write: what another process adds stands before it or after it
        if path.stat().st_size > MOST_BYTES:
            _shorten(path)


def asked(folder: Path) -> Mapping[Shape, float]:
    """The kinds of questions so far, each with how often; a line that cannot be read is passed over."""
    return Counter({shape: often for shape, (often, _) in _told(folder / JOURNAL).items()})


def _told(path: Path) -> dict[Shape, tuple[float, int]]:
    found: dict[Shape, tuple[float, int]] = {}
    lines: list[bytes] = []
    with suppress(OSError):
        lines = path.read_bytes().split(b"\n")
    for line in lines:
        with suppress(ValueError, TypeError, KeyError):
            said: dict[str, Any] = json.loads(line)
            shape = Shape(**{name: tuple(map(str, said[name])) for name in _NAMES})
            often, taken = found.get(shape, (0.0, 0))
            found[shape] = (often + float(said["often"]), max(taken, int(said["milliseconds"])))
    return found


def _shorten(path: Path) -> None:
    """One line for each kind, counted half: what is asked today tells more than what was asked long ago."""
    kept = sorted(_told(path).items(), key=lambda each: -each[1][0])
    lines, room = list[bytes](), MOST_BYTES // 2
    for shape, (often, taken) in kept:
        line = _line(shape, often / 2, taken)
        room -= len(line)
        if room < 0:
            break
        lines.append(line)
    part = path.with_name(path.name + ".part")
    part.write_bytes(b"".join(lines))
    part.replace(path)


def _line(shape: Shape, often: float, milliseconds: int) -> bytes:
    said = {name: list(getattr(shape, name)) for name in _NAMES}
    return json.dumps({**said, "often": often, "milliseconds": milliseconds}, sort_keys=True).encode() + b"\n"
