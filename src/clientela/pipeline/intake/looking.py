"""Uploaded files looked at, in a process of their own with limits: nothing they hold is read by a server."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from clientela.capture.propose.build import propose
from clientela.capture.propose.match import Field
from clientela.capture.propose.proposal import Company, Proposal, ProposedSource, Question, SeenColumn, Unused
from clientela.capture.propose.words import words_of


def look(folder: str, root: str, into: str, said: Mapping[str, Any]) -> dict[str, int]:
    """Write what is proposed for a folder as JSON to ``into``; how many sources, and how many files without one.

    Parameters
    ----------
    said : ``name``, ``currency``, ``timezone`` of the company; ``tables`` by file; ``dates`` by file and column
    """
    dates: Mapping[str, Mapping[str, str]] = said.get("dates", {})

    def ask(question: Question) -> str | None:
        chosen = dates.get(question.file, {}).get(question.column)
        return chosen if chosen in question.choices else None

    made = propose(
        Path(folder),
        root=Path(root),
        name=said.get("name"),
        currency=said.get("currency"),
        timezone=said.get("timezone"),
        tables=said.get("tables", {}),
        ask=ask,
    )
    made = _named_as_the_company(made)
    descriptor = os.open(into, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(asdict(made), file, ensure_ascii=False, default=sorted)  # a set as a list
    return {"sources": len(made.sources), "unused": len(made.unused)}


def _named_as_the_company(made: Proposal) -> Proposal:
    """The sources that were named after the folder of uploads named after the company: they share its customers."""
    before, after = Path(made.folder).name, "-".join(words_of(made.company.name)) or "company"

    def name(said: str | None) -> str | None:
        return after if said == before else said

    sources = [replace(each, name=name(each.name) or after, keys_of=name(each.keys_of)) for each in made.sources]
    return replace(made, sources=tuple(sources))


def proposal_of(said: Mapping[str, Any]) -> Proposal:
    """The proposal that was written as JSON."""
    return Proposal(
        folder=said["folder"],
        company=Company(**said["company"]),
        sources=tuple(map(_source, said["sources"])),
        unused=tuple(Unused(**each) for each in said["unused"]),
    )


def _source(said: Mapping[str, Any]) -> ProposedSource:
    question = said["question"]
    return ProposedSource(
        **{
            **said,
            "files": tuple(said["files"]),
            "fields": tuple(Field(**{**each, "reads": tuple(each["reads"])}) for each in said["fields"]),
            "format": _format(said["format"]),
            "join_format": _format(said["join_format"]),
            "join": tuple(said["join"]) if said["join"] is not None else None,
            "joined_columns": frozenset(said["joined_columns"]),
            "constants": {name: (value, why) for name, (value, why) in said["constants"].items()},
            "unmapped": tuple((name, why) for name, why in said["unmapped"]),
            "doubts": tuple(said["doubts"]),
            "question": None if question is None else Question(**{**question, "choices": tuple(question["choices"])}),
            "seen": tuple(SeenColumn(**{**each, "examples": tuple(each["examples"])}) for each in said["seen"]),
        }
    )


def _format(said: Mapping[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in said.items()}
