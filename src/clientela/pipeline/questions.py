"""The analyses there are: every one that a module under ``clientela.analyse`` defines."""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

import clientela.analyse
from clientela.contracts.analysis import Analysis
from clientela.cube.registry import Registry


@cache
def questions() -> Registry:
    """The registry of built-in analyses. An analysis added as one file appears here, and so everywhere."""
    found: list[Analysis] = []
    for module in sorted(pkgutil.walk_packages(clientela.analyse.__path__, "clientela.analyse."), key=lambda m: m.name):
        loaded = importlib.import_module(module.name)
        found += [
            value
            for value in vars(loaded).values()
            if isinstance(value, Analysis) and getattr(value.answer, "__module__", "") == module.name
        ]
    return Registry(found)
