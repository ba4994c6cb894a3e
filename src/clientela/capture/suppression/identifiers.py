"""What names a person, in one form for all its spellings, and as a keyed hash that says nothing without the key.

Each form stands twice, in Python for what a person types and as SQL for what a file holds; a test holds them equal.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from enum import StrEnum

from sqlglot import exp

DIGITS = 9  # of a telephone number, counted from its end: a country's code may be written or not


class Kind(StrEnum):
    """What an identifier is."""

    RECORD = "record"  # the key of a record in a system
    EMAIL = "email"
    PHONE = "phone"
    TAX_ID = "tax_id"


_NO = r"\s,;:<>()\[\]{}\"'|=!?/\\"  # may stand beside an address
_ADDRESS = rf"[^@{_NO}]+@[^@{_NO}]*[^@.{_NO}]"
_PHONE = r"^\+?[0-9 ()./\-]+$"
_IN_TEXT = re.compile(r"\+?[0-9][0-9 ()./\-]{7,}[0-9]")
_PREFIXED = r"^[A-Z]{2}[0-9A-Z]{7,}$"
_TAX = r"^[0-9A-Z]*$"
_FIVE_DIGITS = r"([0-9][^0-9]*){5}"


def record(system: str, key: str) -> str:
    """A record's key, with the system whose key it is."""
    return f"{system}\x1f{key}"


def emails(said: str) -> tuple[str, ...]:
    """The e-mail addresses in a text, in lower case.

    Examples
    --------
    >>> emails("Ana <ANA@example.org>, or b@example.org.")
    ('ana@example.org', 'b@example.org')
    """
    return tuple(re.findall(_ADDRESS, said.lower(), re.ASCII)) if "@" in said else ()


def email(said: str) -> str | None:
    """The form of a text that is an e-mail address and nothing else."""
    found = emails(said)
    return found[0] if len(found) == 1 and found[0] == said.strip().lower() else None


def phone(said: str) -> str | None:
    """The form of a telephone number: its last nine digits; None for what has fewer or is no number.

    Examples
    --------
    >>> phone("+34 600 123 456"), phone("600-123-456"), phone("12345"), phone("o600123456")
    ('600123456', '600123456', None, None)
    """
    if not re.search(_PHONE, said.strip(), re.ASCII):
        return None
    digits = re.sub("[^0-9]", "", said)
    return digits[-DIGITS:] if len(digits) >= DIGITS else None


def phones(said: str) -> Iterator[str]:
    """The forms of what may be telephone numbers in a text."""
    for found in _IN_TEXT.findall(said):
        if (known := phone(found)) is not None:
            yield known


def tax_id(said: str) -> str | None:
    """The form of a tax number: letters and digits without the country before them; None for what has few digits.

    Examples
    --------
    >>> tax_id("ES-12345678Z"), tax_id("12345678 z"), tax_id("blue")
    ('12345678Z', '12345678Z', None)
    """
    plain = re.sub("[ ./-]", "", said.strip()).upper()
    if not 6 <= len(plain) <= 24 or not re.search(_TAX, plain) or not re.search(_FIVE_DIGITS, plain):
        return None
    return plain[2:] if re.search(_PREFIXED, plain) else plain


def keyed(secret: bytes, kind: Kind, form: str) -> str:
    """The hash under which an identifier is known to be suppressed."""
    return _hashed(secret, f"suppressed\x1f{kind.value}\x1f{form}")


def keyed_sql(kind: Kind, form: exp.Expr) -> exp.Expr:
    """`keyed` in SQL, with the parameter ``secret``."""
    return _hashed_sql(exp.DPipe(this=_text(f"suppressed\x1f{kind.value}\x1f"), expression=form))


def customer_ref(secret: bytes, system: str, key: str) -> str:
    """The pseudonym under which the tables know the key of a system."""
    return _hashed(secret, record(system, key))


def customer_ref_sql(system: str, key: exp.Expr) -> exp.Expr:
    """`customer_ref` in SQL, with the parameter ``secret``."""
    return _hashed_sql(record_sql(system, key))


def emails_sql(cell: exp.Expr) -> exp.Expr:
    """`emails` in SQL: a list."""
    return _call("regexp_extract_all", _call("lower", cell), _text(_ADDRESS))


def has_email(cell: exp.Expr) -> exp.Expr:
    """Whether a text may hold an address at all: quickly seen, and most hold none."""
    return _call("contains", cell, _text("@"))


def email_sql(cell: exp.Expr) -> exp.Expr:
    """`email` in SQL; null where there is none."""
    plain = exp.func("lower", cell.copy())
    return exp.Case(ifs=[exp.If(this=exp.and_(has_email(cell.copy()), _matches(plain, f"^{_ADDRESS}$")), true=plain)])


def phone_sql(cell: exp.Expr) -> exp.Expr:
    """`phone` in SQL; null where there is none."""
    digits = _call("regexp_replace", cell.copy(), _text("[^0-9]"), _text(""), _text("g"))
    long = exp.GTE(this=_call("length", digits), expression=_number(DIGITS))
    fits = exp.and_(_matches(_call("trim", cell.copy()), _PHONE), long)
    return exp.Case(ifs=[exp.If(this=fits, true=_call("right", digits.copy(), _number(DIGITS)))])


def tax_id_sql(cell: exp.Expr) -> exp.Expr:
    """`tax_id` in SQL; null where there is none."""
    bare = _call("regexp_replace", _call("trim", cell.copy()), _text("[ ./-]"), _text(""), _text("g"))
    plain = _call("upper", bare)
    sized = exp.Between(this=_call("length", plain.copy()), low=_number(6), high=_number(24))
    fits = exp.and_(sized, _matches(plain.copy(), _TAX), _matches(plain.copy(), _FIVE_DIGITS))
    without = exp.Case(
        ifs=[exp.If(this=_matches(plain.copy(), _PREFIXED), true=_call("substr", plain.copy(), _number(3)))],
        default=plain.copy(),
    )
    return exp.Case(ifs=[exp.If(this=fits, true=without)])


def record_sql(system: str, key: exp.Expr) -> exp.Expr:
    """`record` in SQL."""
    return exp.DPipe(this=_text(system + "\x1f"), expression=key)


def _hashed(secret: bytes, said: str) -> str:
    return hashlib.sha256(secret + hashlib.sha256(secret + said.encode()).digest()).hexdigest()


def _hashed_sql(said: exp.Expr) -> exp.Expr:
    secret = exp.Placeholder(this="secret")
    inner = _call("unhex", _call("sha256", exp.DPipe(this=secret, expression=_call("encode", said))))
    return _call("sha256", exp.DPipe(this=secret.copy(), expression=inner))


def _matches(value: exp.Expr, pattern: str) -> exp.Expr:
    return exp.RegexpLike(this=value, expression=_text(pattern))


def _call(name: str, *arguments: exp.Expr) -> exp.Anonymous:
    return exp.Anonymous(this=name, expressions=list(arguments))


def _text(value: str) -> exp.Literal:
    return exp.Literal.string(value)


def _number(value: int) -> exp.Expr:
    return exp.Literal.number(value)
