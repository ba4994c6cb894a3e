"""The messages of clientela and their catalogues: which sentences the source has, which are translated.

``python -m clientela.present.extract`` brings the catalogues up to date with the source: new
messages come in without a translation, gone ones go.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TypeGuard

from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po, write_po
from jinja2 import Environment, nodes

from clientela.present.formats import LANGUAGES, OF_FIGURES
from clientela.present.say import PLACE, SOURCE_LANGUAGE, forms_of

PACKAGE = Path(__file__).parent.parent
FIGURES = "cube/declared/"  # where the labels and descriptions stand that a language of figures alone must have
TABLES, COLUMNS = "contracts/", "contracts/delivered/"  # whose descriptions pages show: of all tables, of some columns
MARKS = {"text": 1, "ntext": 3}  # the name of the call and how many literal texts it begins with
TEMPLATE_MARKS = {"t": 1, "nt": 3}
FIRST_EDITION = datetime(2026, 1, 1, tzinfo=UTC)  # catalogues carry no clock: they change only with their messages


@dataclass(frozen=True, slots=True)
class Message:
    """One message of the source: its id, its English plural and the place it counts, the files that say it."""

    id: str
    plural: str | None = None
    count: str | None = field(default=None, compare=False)
    places: tuple[str, ...] = field(default=(), compare=False)


class NotLiteralError(ValueError):
    """A message is not written as a literal, so no catalogue can hold it."""


def messages(package: Path = PACKAGE) -> tuple[Message, ...]:
    """Every message marked in the Python files and templates below ``package``, by id.

    Raises
    ------
    NotLiteralError
        A message is put together instead of written.
    """
    found: dict[tuple[str, ...], set[str]] = {}
    for path in sorted(package.rglob("*")):
        place = path.relative_to(package).as_posix()
        calls = _in_python(path) if path.suffix == ".py" else _in_template(path) if path.suffix == ".html" else ()
        for literals in calls:
            found.setdefault(tuple(literals), set()).add(place)
        if place.startswith(TABLES) and path.suffix == ".py":
            for said in _described_in(path, {"Contract", "Column"} if place.startswith(COLUMNS) else {"Contract"}):
                found.setdefault((said,), set()).add(place)
    return tuple(_message(key, tuple(sorted(found[key]))) for key in sorted(found))


def breaches(package: Path = PACKAGE, locale: str = "es", *, every: Sequence[Message] = ()) -> list[str]:
    """What is wrong with a catalogue: missing, stale or doubtful messages, other places, missing plurals.

    A language of figures alone need not have what is not said of these; what it has is looked at like any other.

    Parameters
    ----------
    every : the messages of the package, where they were looked for before
    """
    every, catalogue = every or messages(package), _read(_catalogue_path(package, locale), locale)
    entries = {(entry.id if isinstance(entry.id, str) else entry.id[0]): entry for entry in catalogue if entry.id}
    wanted = tuple(message for message in every if message.id in entries or _must_have(message, locale))
    said = [f"stale: {id!r}" for id in sorted(entries.keys() - {message.id for message in every})]
    said += [f"said with two plurals: {id!r}" for id in _twice(wanted)]
    for message in wanted:
        entry = entries.get(message.id)
        forms = ("",) if entry is None else forms_of(entry)
        if entry is None or not all(forms):
            said.append(f"not translated: {message.id!r} ({', '.join(message.places)})")
            continue
        if entry.fuzzy:
            said.append(f"doubtful: {message.id!r}")
        english = (message.id,) if message.plural is None else (message.id, message.plural)
        if len(forms) != len(english):
            said.append(f"has {len(forms)} forms, needs {len(english)}: {message.id!r}")
        elif any(_places(form) != _places(source) for form, source in zip(forms, english, strict=True)):
            said.append(f"other places than the message: {message.id!r}")
    return said


def update(package: Path = PACKAGE, locale: str = "es") -> tuple[int, int]:
    """Bring one catalogue up to date with the source; how many messages it has, how many wait for words."""
    path = _catalogue_path(package, locale)
    known = _read(path, locale)
    fresh = Catalog(
        locale=locale,
        project="clientela",
        version="1",
        copyright_holder="The clientela developers",
        msgid_bugs_address="the issues of the project",
        last_translator="The clientela developers",
        language_team=locale,
        creation_date=FIRST_EDITION,
        revision_date=FIRST_EDITION,
        fuzzy=False,
        header_comment="# The words of clientela. Apache-2.0, as the rest of it.",
    )
    waiting = 0
    for message in messages(package):
        old = known.get(message.id)
        if old is None and not _must_have(message, locale):
            continue
        forms = forms_of(old) if old is not None and old.pluralizable == (message.plural is not None) else ("",)
        waiting += not all(forms)
        string = forms[0] if message.plural is None else forms
        id = message.id if message.plural is None else (message.id, message.plural)
        fresh.add(id, string if all(forms) else "", locations=[(place, 0) for place in message.places]).flags.clear()
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as stream:
        write_po(stream, fresh, width=120, include_lineno=False)
    return len(fresh), waiting


def _must_have(message: Message, locale: str) -> bool:
    return locale not in OF_FIGURES or any(place.startswith(FIGURES) for place in message.places)


def _message(literals: tuple[str, ...], places: tuple[str, ...]) -> Message:
    id, plural, count = literals if len(literals) == MARKS["ntext"] else (literals[0], None, None)
    return Message(id, plural, count, places)


def _twice(wanted: tuple[Message, ...]) -> list[str]:
    return sorted(id for id, times in Counter(message.id for message in wanted).items() if times > 1)


def _catalogue_path(package: Path, locale: str) -> Path:
    return package / "present" / "locale" / locale / "LC_MESSAGES" / "clientela.po"


def _read(path: Path, locale: str) -> Catalog:
    if not path.exists():
        return Catalog(locale=locale)
    with path.open("rb") as stream:
        return read_po(stream, locale=locale, abort_invalid=True)


def _places(sentence: str) -> set[str]:
    return set(PLACE.findall(sentence))


def _in_python(path: Path) -> Iterator[list[str]]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    names = {
        alias.asname or alias.name: MARKS[alias.name]
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("clientela.contracts")
        for alias in node.names
        if alias.name in MARKS
    }
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in names:
            literals = [part.value for part in node.args if isinstance(part, ast.Constant)]
            yield _checked(literals, names[node.func.id], f"{path}:{node.lineno}")
        elif _is_shown(node):  # show.t("…") of a page
            literals = [part.value for part in node.args if isinstance(part, ast.Constant)]
            yield _checked(literals, TEMPLATE_MARKS[_name(node)], f"{path}:{node.lineno}")


def _described_in(path: Path, of: Set[str]) -> Iterator[str]:
    """What the contracts of a file say of themselves, and of their columns."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in of:
            said = [getattr(part.value, "value", None) for part in node.keywords if part.arg == "description"]
            yield from (each for each in said if isinstance(each, str))


def _name(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else ""


def _is_shown(node: ast.AST) -> TypeGuard[ast.Call]:
    """Whether it is a call such as ``show.t(…)``: what a page says as its templates do."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in TEMPLATE_MARKS
        and isinstance(node.func.value, ast.Name)
        and node.func.value.id == "show"
    )


def _in_template(path: Path) -> Iterator[list[str]]:
    tree = Environment(autoescape=True).parse(path.read_text(encoding="utf-8"))
    for call in tree.find_all(nodes.Call):
        if isinstance(call.node, nodes.Name) and call.node.name in TEMPLATE_MARKS:
            literals = [part.value for part in call.args if isinstance(part, nodes.Const)]
            yield _checked(literals, TEMPLATE_MARKS[call.node.name], f"{path}:{call.lineno}")


def _checked(literals: Sequence[object], wanted: int, place: str) -> list[str]:
    said = [literal for literal in literals if isinstance(literal, str)]
    if len(said) != wanted:
        raise NotLiteralError(f"{place}: write the message as {wanted} literal text{'s' if wanted > 1 else ''}")
    return said


def main() -> None:
    """Bring all catalogues up to date."""
    for locale in (*LANGUAGES, *OF_FIGURES):
        if locale != SOURCE_LANGUAGE:
            known, waiting = update(PACKAGE, locale)
            sys.stderr.write(f"{locale}: {known} messages, {waiting} not translated\n")


if __name__ == "__main__":
    main()
