"""A catalogue that has every message: what a command says past the catalogues stands out, in whatever is translated."""

from __future__ import annotations

import pytest


class Marked(dict[str, tuple[str, ...]]):
    """Each message is its own English between quotation marks."""

    def get(self, key: str, default: object = None) -> tuple[str, ...]:  # type: ignore[override] # it has every key
        return (f"«{key}»",)


def marked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Spanish be marked English: a test of what is said in a language, whatever its catalogue has."""
    monkeypatch.setattr("clientela.present.say.catalogue", lambda locale: Marked() if locale == "es" else {})
