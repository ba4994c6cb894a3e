"""Memory given back less often while a run is at work, and as before when it is done."""

import gc
from collections.abc import Iterator

import pytest

from clientela.pipeline.joining.collected import MADE, seldom_collected


@pytest.fixture(autouse=True)
def own() -> Iterator[None]:
    was = gc.get_threshold()
    gc.set_threshold(700, 10, 10)
    yield
    gc.set_threshold(*was)


def test_while_somebody_is_at_work_python_looks_less_often_and_then_as_before() -> None:
    with seldom_collected():
        assert gc.get_threshold()[0] == MADE
        with seldom_collected():
            assert gc.get_threshold()[0] == MADE
        assert gc.get_threshold()[0] == MADE
    assert gc.get_threshold() == (700, 10, 10)


def test_what_fails_leaves_it_as_it_was() -> None:
    with pytest.raises(ValueError, match="no"), seldom_collected():
        raise ValueError("no")
    assert gc.get_threshold() == (700, 10, 10)


@pytest.mark.parametrize("first", [0, 10 * MADE], ids=["never", "more seldom still"])
def test_who_looks_less_often_or_never_goes_on_so(first: int) -> None:
    gc.set_threshold(first, 10, 10)
    with seldom_collected():
        assert gc.get_threshold()[0] == first
    assert gc.get_threshold() == (first, 10, 10)
