"""The settings changed by a page: one section's keys written in place, every other line and comment left alone."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from clientela import config
from clientela.config import Parameter
from clientela.errors import ConfigurationError
from clientela.pipeline.questions import questions
from clientela.pipeline.run import check_settings
from clientela.warehouse.journal import write_durably

_SECTION = re.compile(r"\s*\[(?!\[)\s*(?P<name>[^\]]+?)\s*\]\s*(#.*)?$")
_KEY = re.compile(r"\s*(?P<key>[A-Za-z0-9_-]+)\s*=")
_COMMENT = re.compile(r"""=\s*(?:"[^"]*"|'[^']*'|[^#"'\[\]{}]*?)(?P<comment>\s*#.*)?$""")


def write(folder: Path, analysis: str, parameters: Mapping[str, Parameter]) -> None:
    """Set parameters of an analysis's fit in ``clientela.toml``; asked again, it changes nothing more.

    Raises
    ------
    UnknownNameError
        There is no such analysis.
    ConfigurationError
        It has no such parameter, the value cannot be, or the file is written in a way that a person must change.
    """
    questions().get(analysis)
    path = folder / config.FILE
    before = path.read_text(encoding="utf-8-sig")
    after = with_keys(before, ("analysis", analysis), parameters)
    if after == before:
        return
    check(after, folder)
    write_durably(path, after.encode())


def check(text: str, folder: Path) -> None:
    """Refuse settings that a run could not use; the workspace's file is not touched.

    Raises
    ------
    ConfigurationError
        Every problem is named.
    """
    import tempfile

    from clientela.capture.mapping import understand

    with tempfile.TemporaryDirectory(prefix="clientela-settings-") as stage:
        (Path(stage) / config.FILE).write_text(text, encoding="utf-8")
        settings = config.load(Path(stage))
    understand(settings)
    check_settings(settings)


def with_keys(text: str, section: tuple[str, ...], values: Mapping[str, Parameter]) -> str:
    """The text of a TOML file in which a section says these values; the rest of it stays letter by letter.

    Raises
    ------
    ConfigurationError
        The section stands in a form that this cannot change, such as an inline table.

    Examples
    --------
    >>> print(with_keys("[run]\\nthreads = 2  # of four\\n", ("run",), {"threads": 3}), end="")
    [run]
    threads = 3  # of four
    """
    lines = text.splitlines()
    start = next((n for n, line in enumerate(lines) if _names(line) == section), None)
    if start is None:
        lines += [*([""] if lines and lines[-1].strip() else []), f"[{'.'.join(map(_quoted, section))}]"]
        start = len(lines) - 1
    end = next((n for n in range(start + 1, len(lines)) if lines[n].lstrip().startswith("[")), len(lines))
    for key, value in values.items():
        place = next((n for n in range(start + 1, end) if _key(lines[n]) == key), None)
        if place is not None:
            found = _COMMENT.search(lines[place])
            comment = (found["comment"] or "") if found else ""
            lines[place] = f"{key} = {_value(value)}{comment}"
            continue
        last = end
        while last > start + 1 and not lines[last - 1].strip():
            last -= 1
        lines.insert(last, f"{key} = {_value(value)}")
        end += 1
    made = "\n".join(lines) + "\n"
    if _read_back(made) != _merged(_parsed(text), section, values):
        raise ConfigurationError(
            f"[{'.'.join(section)}] in {config.FILE} is written in a way that only a person can change; set "
            f"{', '.join(values)} there by hand, then run."
        )
    return made


def _names(line: str) -> tuple[str, ...]:
    found = _SECTION.match(line)
    if found is None:
        return ()
    return tuple(part.strip().strip("\"'") for part in found["name"].split("."))


def _key(line: str) -> str | None:
    found = _KEY.match(line)
    return found["key"] if found else None


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"[A-Za-z0-9_-]+", name) else json.dumps(name)


def _value(value: Parameter) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


def _parsed(text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigurationError(f"{config.FILE} is not valid TOML: {error}.") from None


def _read_back(text: str) -> dict[str, Any] | None:
    """The text that was just made; None when it is no TOML, as what it was made of was written otherwise."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


def _merged(said: Mapping[str, Any], section: tuple[str, ...], values: Mapping[str, Any]) -> dict[str, Any]:
    if not section:
        return {**said, **values}
    first, *rest = section
    below = said.get(first, {})
    return {**said, first: _merged(below if isinstance(below, dict) else {}, tuple(rest), values)}
