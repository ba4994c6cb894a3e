from threading import Barrier, Thread

import pytest

from clientela.web.kept import Kept


def test_what_was_made_is_shown_again_and_counted():
    kept, made = Kept[str](most=10), []
    for _ in range(3):
        assert kept.get("a", lambda: made.append(1) or "one") == "one"
    assert (len(made), kept.hits, kept.misses) == (1, 2, 1)


def test_the_least_lately_shown_goes_when_there_is_no_room():
    kept = Kept[str](most=10, size=len)
    for key in ("a", "b", "a", "c"):  # b was not shown since
        kept.get(key, lambda: "12345")
    made = []
    kept.get("a", lambda: made.append("a") or "12345")
    kept.get("b", lambda: made.append("b") or "12345")
    assert made == ["b"]
    assert kept.held == 10


def test_what_is_larger_than_all_room_is_not_kept():
    kept = Kept[str](most=3, size=len)
    assert kept.get("a", lambda: "12345") == "12345"
    assert kept.held == 0


def test_an_entry_ends_when_its_time_is_over():
    now = [0.0]
    kept, made = Kept[int](most=9, lasting=60, clock=lambda: now[0]), []
    for moment in (0, 59, 61):
        now[0] = moment
        kept.get("a", lambda: made.append(1) or 1)
    assert len(made) == 2


def test_what_may_not_be_kept_is_made_each_time():
    kept = Kept[str](most=9, fit=lambda made: made != "personal")
    made = []
    for _ in range(2):
        kept.get("a", lambda: made.append(1) or "personal")
    assert (len(made), kept.hits) == (2, 0)


def test_an_error_is_raised_and_not_kept():
    kept = Kept[int](most=9)
    with pytest.raises(ZeroDivisionError):
        kept.get("a", lambda: 1 // 0)
    assert kept.get("a", lambda: 2) == 2


def test_those_who_want_the_same_at_once_wait_for_one_who_makes_it():
    kept, together, made = Kept[int](most=9), Barrier(5), []

    def ask():
        together.wait()
        kept.get("a", lambda: made.append(1) or 7)

    threads = [Thread(target=ask) for _ in range(5)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(5)
    assert len(made) == 1
    assert kept.hits == 4
