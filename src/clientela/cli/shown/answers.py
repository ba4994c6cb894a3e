"""What commands show: lines for a person, documents for a program."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from clientela.cli.shown.quality import quality_lines
from clientela.contracts.analysis import Analysis

if TYPE_CHECKING:
    from clientela.pipeline.care.checks import Finding
    from clientela.pipeline.care.status import Status
    from clientela.pipeline.facts import Loaded
    from clientela.pipeline.run import Done

Digests = Mapping[str, tuple[int, int]]


def run_document(done: Done) -> dict[str, Any]:
    """A finished run as plain data."""
    return asdict(done)


def run_lines(done: Done) -> Iterator[str]:
    """A finished run in lines."""
    for loaded in done.sources:
        yield _source_line(loaded)
    yield f"Published snapshot {done.snapshot}: figures to {done.last_day or '-'}, as of {done.as_of}."
    for warning in done.warnings:
        yield f"! {warning}"


def _source_line(loaded: Loaded) -> str:
    arrived = f"{loaded.new_files} new file{'' if loaded.new_files == 1 else 's'}"
    bad = f", {loaded.quarantined:,} in quarantine" if loaded.quarantined else ""
    again = f", {loaded.repeated:,} repeated" if loaded.repeated else ""
    return f"{loaded.source}: {loaded.table}, {arrived}, {loaded.rows:,} rows{bad}{again}"


def status_document(found: Status, digests: Digests | None = None) -> dict[str, Any]:
    """What is published, as plain data; digests as text, as they are longer than a number of JSON."""
    said = asdict(found)
    if digests is not None:
        said["fingerprints"] = {name: {"rows": n, "digest": str(digest)} for name, (n, digest) in digests.items()}
    return said


def status_lines(found: Status, digests: Digests | None = None) -> Iterator[str]:
    """What is published, in lines."""
    yield f"{found.company} ({found.workspace})"
    if found.snapshot is None:
        yield "No figures can be served." if found.damage else "Nothing is published yet. Next: clientela run"
    else:
        yield f"Snapshot {found.snapshot}: figures to {found.last_day or '-'}, as of {found.as_of}."
        yield f"Today is {found.today}."
        if found.replica is not None:
            yield f"This is {found.replica}."
        yield f"Published {found.published_at}" + (f" by run {found.run}." if found.run is not None else ".")
    if found.without:
        yield f"Left out by the settings: {', '.join(found.without)}."
    if found.last_failure:
        yield f"! Run {found.last_failure_run} failed: {found.last_failure}"
    for loaded in found.sources:
        yield _source_line(loaded)
    if found.quality:
        yield ""
        yield from quality_lines(found.quality)
    for warning in found.warnings:
        yield f"! {warning}"
    if digests is not None:
        yield ""
        yield "Fingerprints:"
        width = max(map(len, digests), default=0)
        for name, (n, digest) in digests.items():
            yield f"  {name:<{width}}  {n:>12,}  {digest}"


def analyses_lines(analyses: Sequence[Analysis], lang: str) -> Iterator[str]:
    """The questions, a line each, by area."""
    from clientela.contracts.text import text
    from clientela.present.say import say as say_text

    width = max((len(each.name) for each in analyses), default=0)
    for each in analyses:
        settings = ", ".join(f"{name}={value}" for name, value in each.parameters.items())
        yield f"{each.name:<{width}}  {say_text(each.question, lang)}" + (f"  [{settings}]" if settings else "")
    yield ""
    command = "clientela ask NAME [--set key=value] [--as-of DATE] [--json] [--chart FILE]"
    yield say_text(text("Ask one: {command}", command=command), lang)


def doctor_lines(findings: Sequence[Finding]) -> Iterator[str]:
    """What the doctor found, a line each; how to mend it below."""
    width = max((len(each.check) for each in findings), default=0)
    for each in findings:
        yield f"{each.state:<4}  {each.check:<{width}}  {each.says}"
        if each.fix:
            yield f"{'':<4}  {'':<{width}}  -> {each.fix}"
