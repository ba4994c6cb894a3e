"""Text that goes out and comes back unread and unchanged: nobody without the key can read it, make it or alter it.

A page of rows is continued from the key of its last row, which the asker may be forbidden to see. So that the same
page always ends with the same cursor, the sealing is deterministic: the synthetic initialisation vector of Rogaway &
Shrimpton (2006), "A Provable-Security Treatment of the Key-Wrap Problem", section 4, with HMAC-SHA-256 as its only
primitive: the tag of the text is what the key stream begins from.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from hashlib import sha256
from itertools import count

TAG_BYTES = 16
_BLOCK = 64  # texts are filled up to a multiple of it: the length of a hidden key is not told


def sealed(key: bytes, said: str, belongs_to: str) -> str:
    """``said`` for nobody's eyes, in letters that an address may hold.

    Parameters
    ----------
    key : 32 random bytes
    belongs_to : what must be said again to open it

    Examples
    --------
    >>> told = sealed(bytes(32), "order 4711", "orders of Ana")
    >>> opened(bytes(32), told, "orders of Ana")
    'order 4711'
    """
    text = said.encode()
    filled = text + b"\x80" + bytes(-(len(text) + 1) % _BLOCK)
    tag = _tag(key, filled, belongs_to)
    return base64.urlsafe_b64encode(tag + _mixed(key, tag, filled)).decode().rstrip("=")


def opened(key: bytes, cursor: str, belongs_to: str) -> str:
    """What was sealed.

    Raises
    ------
    ValueError
        It was changed, sealed with another key or belongs to something else.
    """
    raw = base64.b64decode(cursor.encode("ascii") + b"=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    tag, filled = raw[:TAG_BYTES], _mixed(key, raw[:TAG_BYTES], raw[TAG_BYTES:])
    if not hmac.compare_digest(tag, _tag(key, filled, belongs_to)):
        raise ValueError("not sealed with this key for this")
    return filled.rstrip(b"\0")[:-1].decode()


def settled(said: object) -> str:
    """A text that is equal for equal values in every process: sets stand in order.

    Examples
    --------
    >>> settled((1, {"b", "a"}))
    "(1,{'a','b'})"
    """
    if is_dataclass(said) and not isinstance(said, type):
        told = (f"{each.name}={settled(getattr(said, each.name))}" for each in fields(said) if each.compare)
        return f"{type(said).__name__}({','.join(told)})"
    if isinstance(said, Mapping):
        return "{" + ",".join(sorted(f"{settled(name)}:{settled(each)}" for name, each in said.items())) + "}"
    if isinstance(said, Set):
        return "{" + ",".join(sorted(map(settled, said))) + "}"
    if isinstance(said, tuple | list):
        return "(" + ",".join(map(settled, said)) + ")"
    return repr(said)


def _tag(key: bytes, filled: bytes, belongs_to: str) -> bytes:
    bound = sha256(belongs_to.encode()).digest()
    return _keyed(_keyed(key, b"tag"), bound + filled)[:TAG_BYTES]


def _mixed(key: bytes, tag: bytes, said: bytes) -> bytes:
    """The text with the key stream of a tag laid over it, and laid over again the text."""
    own = _keyed(key, b"stream")
    stream = b"".join(_keyed(own, tag + number.to_bytes(4)) for number, _ in zip(count(), said[::32], strict=False))
    return bytes(one ^ other for one, other in zip(said, stream, strict=False))


def _keyed(key: bytes, said: bytes) -> bytes:
    return hmac.digest(key, said, "sha256")
