"""The analyses there are: every one that a module under ``clientela.analyse`` defines."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import clientela.analyse
from clientela.contracts.analysis import Analysis
from clientela.cube.registry import Registry


@cache
def questions() -> Registry:
    """The registry of built-in analyses. An analysis added as one file appears here, and so everywhere."""
    found: list[Analysis] = []
    for name in sorted(_modules()):
        loaded = importlib.import_module(name)
        found += [
            value
            for value in vars(loaded).values()
            if isinstance(value, Analysis) and getattr(value.answer, "__module__", "") == name
        ]
    return Registry(found)


def _modules() -> Iterator[str]:
    """The modules under ``clientela.analyse``; a folder that cannot be listed is an error, where pkgutil goes on."""

    def stop(error: OSError) -> None:
        raise error

    top = Path(clientela.analyse.__path__[0])
    for folder, _, files in os.walk(top, onerror=stop):
        parts = ("clientela", "analyse", *Path(folder).relative_to(top).parts)
        for file in files:
            if file.endswith(".py") and file != "__init__.py":
                yield ".".join((*parts, file.removesuffix(".py")))
