"""Native code that fails and cannot say why has run out of memory, where memory can be refused; else it is a fault."""

from __future__ import annotations

import resource

import pytest

from clientela.cli import shell
from clientela.errors import HANDLED, INTERNAL

SAID = "error return without exception set"


@pytest.mark.parametrize(
    ("limit", "error", "code"),
    [
        (1 << 30, SystemError(SAID), HANDLED),
        (1 << 30, SystemError("bad argument to internal function"), INTERNAL),
        (1 << 30, RuntimeError(SAID), INTERNAL),
        (resource.RLIM_INFINITY, SystemError(SAID), INTERNAL),
    ],
)
def test_only_what_a_limit_explains_is_called_want_of_memory(
    limit: int, error: Exception, code: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda _: (limit, limit))
    assert shell._ended(error) == code
    assert ("there is not enough memory" in capsys.readouterr().err) == (code == HANDLED)
