"""Memory that is given back less often while statements are built: each is a tree, and there are hundreds of them."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

# Objects made and not yet looked at before Python looks whether they hold each other only. Its own 700 are right for a
# program that keeps what it makes; here all of it goes with its statement, and to look at everything that was ever
# loaded took a fifth of the time of a run with a small delivery. So many nodes of trees take some 20 MB.
MADE, _OFTEN, _SELDOM = 50_000, 20, 50
_lock = Lock()
_before: list[tuple[int, int, int]] = []  # of everybody at work what was set when he began


@contextmanager
def seldom_collected() -> Iterator[None]:
    """Let Python look for what can be given back less often, until the last who asked for it is done.

    Where nothing is looked for at all, it stays so.
    """
    with _lock:
        _before.append(_before[0] if _before else gc.get_threshold())
        gc.set_threshold(max(_before[0][0], MADE) if _before[0][0] else 0, _OFTEN, _SELDOM)
    try:
        yield
    finally:
        with _lock:
            was = _before.pop()
            if not _before:
                gc.set_threshold(*was)
