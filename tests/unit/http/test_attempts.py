import contextlib
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clientela.errors import TooManyError
from clientela.http.attempts import Allowance, Entering, network_of

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def taken(allowance: Allowance, key: str, times: int, now: datetime) -> int:
    """How many of so many attempts were allowed."""
    done = 0
    for _ in range(times):
        try:
            allowance.take(key, now)
        except TooManyError:
            continue
        done += 1
    return done


def test_so_many_at_once_and_then_one_in_a_while() -> None:
    allowance = Allowance(3, 10 * SECOND)
    assert taken(allowance, "a", 9, NOON) == 3
    assert taken(allowance, "a", 9, NOON + 10 * SECOND) == 1
    assert taken(allowance, "a", 9, NOON + timedelta(days=1)) == 3
    assert taken(allowance, "b", 9, NOON) == 3


def test_it_says_how_long_to_wait() -> None:
    allowance = Allowance(1, 60 * SECOND)
    allowance.take("a", NOON)
    with pytest.raises(TooManyError, match="wait 60 seconds") as told:
        allowance.take("a", NOON)
    assert told.value.seconds == 60


def test_what_was_right_does_not_count() -> None:
    allowance = Allowance(2, 60 * SECOND)
    for _ in range(20):
        allowance.take("a", NOON)
        allowance.give_back("a", NOON)
    assert taken(allowance, "a", 9, NOON) == 2


def test_a_clock_that_is_set_back_gives_nothing_and_takes_nothing() -> None:
    allowance = Allowance(2, SECOND)
    allowance.take("a", NOON)
    assert taken(allowance, "a", 9, NOON - timedelta(hours=1)) == 1


def test_memory_is_bounded_and_the_one_longest_ago_is_forgotten() -> None:
    allowance = Allowance(1, timedelta(hours=1), keys=100)
    for number in range(1000):
        allowance.take(str(number), NOON)
    assert len(allowance._left) == 100
    assert taken(allowance, "999", 1, NOON) == 0
    assert taken(allowance, "0", 1, NOON) == 1


@given(st.lists(st.floats(0, 30), max_size=60))
def test_never_more_than_the_burst_and_what_came_back(pauses: list[float]) -> None:
    allowance, now, done = Allowance(5, 2 * SECOND), NOON, 0
    for pause in pauses:
        now += timedelta(seconds=pause)
        done += taken(allowance, "a", 1, now)
    assert done <= 5 + (now - NOON) / (2 * SECOND) + 1e-6


def let_through(entering: Entering, guesses: list[tuple[datetime, str, str]]) -> list[datetime]:
    """The moments of the guesses that were let through."""
    let = []
    for now, account, address in guesses:
        with contextlib.suppress(TooManyError):
            entering.take(account, address, now)
            let.append(now)
    return let


def most_in_a_minute(moments: list[datetime]) -> int:
    return max(sum(first <= each <= first + 60 * SECOND for each in moments) for first in moments)


def test_ten_thousand_guesses_a_minute_get_at_most_sixty_through_in_any() -> None:
    """G3: from one address over many accounts, and for one account from many addresses."""
    at = [NOON + timedelta(milliseconds=6 * number) for number in range(30_000)]  # three minutes
    let = let_through(Entering(), [(now, f"user-{number % 500}", "203.0.113.7") for number, now in enumerate(at)])
    assert 50 <= most_in_a_minute(let) <= 60
    let = let_through(Entering(), [(now, "ana", f"2001:db8:{number:x}::1") for number, now in enumerate(at)])
    assert most_in_a_minute(let) <= 32


def test_a_company_behind_one_address_comes_in_at_nine() -> None:
    entering = Entering()
    for number in range(2_000):
        now = NOON + timedelta(milliseconds=20 * number)
        entering.take(f"user-{number}", "203.0.113.7", now)
        entering.give_back(f"user-{number}", "203.0.113.7", now)


def test_one_household_has_one_allowance() -> None:
    assert network_of("2001:db8::1") == network_of("2001:db8::ffff:2")
    assert network_of("2001:db8:0:1::1") != network_of("2001:db8::1")
    assert network_of("::ffff:203.0.113.7") == network_of("203.0.113.7")
    assert network_of("a name that is none") == "a name that is none"
