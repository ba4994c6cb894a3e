import statistics
import time
from collections.abc import Callable
from datetime import datetime

import pytest

from clientela.appdb import users
from clientela.appdb.database import Database
from clientela.appdb.entry.passwords import anybody_has_one, has_one, refuse_weak, rightly_named, set_password
from clientela.errors import UsageError

GOOD = "three quiet blue cups"
Chance = Callable[[int], bytes]


@pytest.fixture
def ana(database: Database, now: datetime, chance: Chance) -> users.User:
    with database.change(by="test:one", now=now) as change:
        made = users.add(change, "Ana", chance=chance)
        users.add(change, "Bob", chance=chance)
        set_password(change, "Ana", GOOD)
    return made


def test_the_right_password_names_the_user_and_no_other_does(database: Database, ana: users.User) -> None:
    found = rightly_named(database, " ANA ", GOOD)
    assert found is not None and found.user_id == ana.user_id
    for name, password in (("Ana", GOOD + "x"), ("Ana", ""), ("Bob", GOOD), ("Eve", GOOD), ("", "")):
        assert rightly_named(database, name, password) is None


def test_what_is_kept_is_argon2id_and_nothing_of_the_password(database: Database, ana: users.User) -> None:
    with database.reading() as connection:
        hashed = connection.exec_driver_sql("select hash from password").scalar_one()
    assert hashed.startswith("$argon2id$v=19$m=65536,t=3,p=4$")
    assert GOOD.encode() not in database.path.read_bytes()


def test_a_new_password_takes_the_place_of_the_old(database: Database, ana: users.User, now: datetime) -> None:
    with database.change(by="test:one", now=now) as change:
        set_password(change, "Ana", "another quiet thing")
    assert rightly_named(database, "Ana", GOOD) is None
    assert rightly_named(database, "Ana", "another quiet thing") is not None


def test_the_same_signs_however_a_keyboard_writes_them(database: Database, ana: users.User, now: datetime) -> None:
    with database.change(by="test:one", now=now) as change:
        set_password(change, "Ana", "contrase\u00f1a de mi casa")
    assert rightly_named(database, "Ana", "contrasen\u0303a de mi casa") is not None


def test_who_is_not_active_has_no_right_password(database: Database, ana: users.User, now: datetime) -> None:
    with database.change(by="test:one", now=now) as change:
        users.alter(change, "Ana", active=False)
    assert rightly_named(database, "Ana", GOOD) is None
    assert not anybody_has_one(database)
    assert has_one(database, ana.user_id)


@pytest.mark.parametrize(
    "password",
    (
        "short elevensigns aaaaaaaaaaaaaaaaaaaa abababababababab password1234 Passw0rd!2024 123456789012 qwertyuiop12 "
        "QWERTYUIOP!! ana-ana-ana-ana Anapassword1 contraseña123 " + "x" * 300
    ).split(" "),
)
def test_what_would_be_guessed_is_refused(password: str) -> None:
    with pytest.raises(UsageError, match="password"):
        refuse_weak(password, "Ana")


@pytest.mark.parametrize(
    "password", [GOOD, "correct horse battery", "Zw9#kd02-aPq", "cuatro palabras que me gustan", "ñandú ñandú 7 veces"]
)
def test_what_would_not_is_taken(password: str) -> None:
    refuse_weak(password, "Ana")


@pytest.mark.slow
def test_an_unknown_user_takes_as_long_as_a_wrong_password(database: Database, ana: users.User) -> None:
    """G3: less than 5 % apart, of medians taken in turns."""

    def seconds(name: str) -> float:
        began = time.process_time()
        assert rightly_named(database, name, "wrong wrong wrong") is None
        return time.process_time() - began

    seconds("Eve")
    times = [(seconds("Ana"), seconds("Eve")) for _ in range(60)]
    known, unknown = (statistics.median(each) for each in zip(*times, strict=True))
    assert abs(known - unknown) / known < 0.05
