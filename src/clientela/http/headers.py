"""The headers that each response bears, whoever made it."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
# same-origin, not no-referrer: browsers then send the origin of a form, by which foreign ones are told
HEADERS: Mapping[str, str] = MappingProxyType(
    {
        "content-security-policy": POLICY,
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "referrer-policy": "same-origin",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-resource-policy": "same-origin",
        "permissions-policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()",
        "x-permitted-cross-domain-policies": "none",
    }
)
TLS: Mapping[str, str] = MappingProxyType({"strict-transport-security": "max-age=31536000"})
NOT_KEPT = (b"cache-control", b"no-store")

Raw = tuple[bytes, bytes]


def raw(*, secure: bool) -> tuple[Raw, ...]:
    """The headers as a server writes them; over TLS also that it stays so."""
    told = {**HEADERS, **TLS} if secure else HEADERS
    return tuple((name.encode(), value.encode()) for name, value in told.items())


def with_ours(given: list[Raw], ours: tuple[Raw, ...]) -> list[Raw]:
    """The headers of a response and ours; what it says itself of the same stands, as do more than one cookie.

    A response that does not say whether it may be kept may not.
    """
    named = {name.lower() for name, _ in given}
    more = [each for each in ours if each[0] not in named]
    if NOT_KEPT[0] not in named:
        more.append(NOT_KEPT)
    return [*given, *more]
