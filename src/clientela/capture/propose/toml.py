"""A proposal as a commented ``clientela.toml``: what is not sure is marked ``# ?`` with the reason."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from clientela.capture.propose.look.values import spoken
from clientela.capture.propose.match import Field
from clientela.capture.propose.proposal import Proposal, ProposedSource

_WIDTH = 52


def settings_text(proposal: Proposal) -> str:
    """The text of ``clientela.toml``."""
    return "\n".join([*_head(proposal), *_company(proposal), *_sources(proposal)]).rstrip() + "\n"


def sources_text(proposal: Proposal, *, company: bool) -> str:
    """Its sources alone, to stand below what a ``clientela.toml`` says; ``company``: with that section, too."""
    return "\n".join([*(_company(proposal) if company else ()), *_sources(proposal)]).rstrip() + "\n"


def _sources(proposal: Proposal) -> Iterator[str]:
    for source in proposal.sources:
        yield from ("", *_source(source))
    yield from ("", *_unused(proposal))


def _head(proposal: Proposal) -> Iterator[str]:
    yield f"# Proposed by `clientela init --from` after a look at {_plain(proposal.folder)}"
    yield "# The comments say what each line rests on. `# ?` marks what is not sure: look at those first."
    yield "# The left name is clientela's, the right one the column in your file. All tables: docs/reference/tables.md"


def _company(proposal: Proposal) -> Iterator[str]:
    company = proposal.company
    yield ""
    yield "[company]"
    for key, value in (("name", company.name), ("currency", company.currency), ("timezone", company.timezone)):
        yield _line(f"{key} = {_value(value)}", company.why.get(key, ""))
    yield "# lapse_days = 90    # without a purchase for so long, a customer counts as lost; unset: measured"


def _source(source: ProposedSource) -> list[str]:
    lines = [f"# {'-' * 20} {_plain(source.path)}: {source.table} {'-' * 20}"]
    seen = "all its" if source.complete else "a sample of"
    lines.append(
        f"# Looked at {seen} {source.rows:,} rows" + (f" of {len(source.files)} files." if _many(source) else ".")
    )
    lines += [f"# ? {_plain(doubt)}" for doubt in source.doubts]
    if source.held:
        lines.append(f"# ? Commented out: {_plain(source.held)}")
    body = list(_body(source))
    if source.held:
        body = [f"# {line}" if line else "#" for line in body]
    return [*lines, *body]


def _many(source: ProposedSource) -> bool:
    return len(source.files) > 1 and source.join is None


def _body(source: ProposedSource) -> Iterator[str]:
    yield "[[source]]"
    yield _line(f"name = {_value(source.name)}", "the system; sources of one name share their customers' keys")
    yield f"table = {_value(source.table)}"
    yield f"path = {_value(source.path)}"
    if source.join is not None:
        form = f", format = {_table(source.join_format)}" if source.join_format else ""
        said = f"join = {{ path = {_value(source.join[0])}, on = {_value(source.join[1])}{form} }}"
        yield _line(said, "its columns are added to each row")
    yield _line(f"delivery = {_value(source.delivery)}", source.delivery_why)
    if source.keys_of is not None:
        yield _line(f"keys_of = {_value(source.keys_of)}", "its customers' keys are those of that system")
    if source.max_bad is not None:
        yield _line(f"max_bad = {source.max_bad}", "? more rows than this refused, and the file stays out")
    yield from _format(source)
    yield ""
    yield "[source.columns]"
    width = min(_WIDTH, max((len(_said(each)) for each in source.fields), default=0))
    for each in source.fields:
        yield _field(each, width)
    if source.unmapped:
        yield "# Not mapped:"
        for name, why in source.unmapped:
            yield f"#   {_plain(name)}" + (f": ? {_plain(why)}" if why else "")
    if source.constants:
        yield ""
        yield "[source.constants]"
        for name, (value, why) in source.constants.items():
            said = value if name.endswith("_at") else _value(value)
            yield _line(f"{name} = {said}", f"? {why}")


def _format(source: ProposedSource) -> Iterator[str]:
    if source.question is not None:
        for choice in source.question.choices:
            yield _line(f"# format = {_table({**source.format, 'date': choice})}", f"? if dates are {spoken(choice)}")
        return
    if source.format:
        why = "; ".join(f"{key}: {said}" for key, said in source.format_why.items() if key in source.format)
        for part in filter(None, why.split("; ")):
            yield f"# {_plain(part)}"
        yield f"format = {_table(source.format)}"


def _said(each: Field) -> str:
    value = _value(each.column) if each.column is not None else f"{{ expr = {_value(each.expr)} }}"
    return f"{each.name} = {value}"


def _field(each: Field, width: int) -> str:
    said = f"{_said(each):<{width}}"
    comment = f"? {each.doubt}" if each.doubt else each.evidence
    if each.doubt and each.evidence:
        comment += f" ({each.evidence})"
    return f"{'# ' if each.held else ''}{said}  # {_plain(comment)}".rstrip(" #")


def _unused(proposal: Proposal) -> Iterator[str]:
    if proposal.unused:
        yield "# Not used:"
    for each in proposal.unused:
        yield f"#   {_plain(each.path)}: {_plain(each.reason)}"


def _line(said: str, comment: str) -> str:
    return f"{said:<28}  # {_plain(comment)}" if comment else said


def _plain(text: str) -> str:
    """One line without control characters: names of files and columns are the company's own."""
    return "".join(sign if sign.isprintable() else "?" for sign in text)


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(each) for each in value) + "]"
    if isinstance(value, int | float):
        return str(value)
    if value is not None and "'" not in value and '"' in value and value.isprintable():
        return f"'{value}'"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def _table(values: dict[str, Any]) -> str:
    return "{ " + ", ".join(f"{key} = {_value(value)}" for key, value in values.items()) + " }"
