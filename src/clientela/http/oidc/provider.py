"""The provider: where it is, what it signs with, what it says of who comes back from it."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from clientela.config import Oidc
from clientela.errors import ConfigurationError, OutsideError

if TYPE_CHECKING:
    from authlib.integrations.httpx_client import OAuth2Client

BACK = "/enter/elsewhere/back"
LEFT = "/enter"  # where the provider sends back to whoever has left there
SECONDS = 10.0
KEPT = timedelta(hours=1)  # for so long what the provider says of itself is believed
_RENEWED = timedelta(seconds=30)  # its keys are asked for no more often, whatever a token names
_AT_ONCE = 4
_LONGEST = 512
_LONGEST_HINT = 4_096  # a longer address is refused by some servers; without the hint they ask who leaves
_LOOPBACK = ("127.0.0.1", "localhost", "::1")
_MOST_GROUPS = 2_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a provider says of somebody. ``email``: only where it says that it has verified the address.

    ``id_token``: in which it said so, as it signed it; to be shown to it when the session ends.
    """

    issuer: str
    subject: str
    name: str | None
    email: str | None
    groups: frozenset[str]
    id_token: str


@dataclass(slots=True)
class Provider:
    """One provider, as ``[serve.oidc]`` names it.

    Parameters
    ----------
    secret : of the client; None for a public one
    place : where this server is, as people write it into the browser
    """

    settings: Oidc
    secret: str | None
    place: str
    _known: Mapping[str, Any] | None = None
    _keys: Mapping[str, Any] | None = None
    _known_at: datetime | None = None
    _keys_at: datetime | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _asking: threading.BoundedSemaphore = field(default_factory=lambda: threading.BoundedSemaphore(_AT_ONCE))

    @property
    def back(self) -> str:
        """Where the provider sends people back to."""
        return self.place + BACK

    @property
    def label(self) -> str:
        """What the provider is called on the button."""
        return self.settings.label or self.settings.host

    def begin(self, state: str, nonce: str, verifier: str, now: datetime) -> str:
        """The address to which the browser goes to say who one is.

        Raises
        ------
        OutsideError
            The provider does not answer, or answers what cannot be used.
        """
        with self._client() as client:
            place = self._metadata(client, now)["authorization_endpoint"]
            url, _ = client.create_authorization_url(place, state=state, code_verifier=verifier, nonce=nonce)
        return str(url)

    def finish(self, code: str, verifier: str, nonce: str, now: datetime) -> Told:
        """What the provider says of who came back with this code.

        Raises
        ------
        OutsideError
            It refuses the code, does not answer, or what it says cannot be believed.
        """
        with self._client() as client:
            found = self._metadata(client, now)
            told = self._exchanged(client, found, code, verifier)
            access = told.get("access_token")
            claims = self._claims(client, str(told["id_token"]), nonce, access, now)
            if self.settings.groups_claim not in claims and found.get("userinfo_endpoint") and access:
                more = self._asked(client, found["userinfo_endpoint"], {"authorization": f"Bearer {access}"})
                if more.get("sub") != claims["sub"]:
                    raise OutsideError("token", "userinfo")
                claims = {**more, **claims}
        return self._told(claims, str(told["id_token"]))

    def leave(self, id_token: str, now: datetime) -> str | None:
        """The address at which a session ends there too; None where the provider, or the settings, offer none.

        Parameters
        ----------
        id_token : with which the session began

        Raises
        ------
        OutsideError
            The provider does not answer, or answers what cannot be used.

        Source
        ------
        OpenID Connect RP-Initiated Logout 1.0, section 2, https://openid.net/specs/openid-connect-rpinitiated-1_0.html
        """
        if not self.settings.leave_there:
            return None
        with self._client() as client:
            place = self._metadata(client, now).get("end_session_endpoint")
        if place is None:
            return None
        _refuse_unsafe(place)
        said = {"client_id": self.settings.client_id, "post_logout_redirect_uri": self.place + LEFT}
        if len(id_token) <= _LONGEST_HINT:
            said["id_token_hint"] = id_token
        parts = urlsplit(place)
        found = str(urlunsplit(parts._replace(query="&".join(each for each in (parts.query, urlencode(said)) if each))))
        if not (found.isascii() and found.isprintable()) or " " in found:  # it stands in a header
            raise OutsideError("silent", "endpoint")
        return found

    def _client(self) -> OAuth2Client:
        from authlib.integrations.httpx_client import OAuth2Client

        return OAuth2Client(
            client_id=self.settings.client_id,
            client_secret=self.secret,
            token_endpoint_auth_method=self._method(),
            scope=" ".join(self.settings.scopes),
            redirect_uri=self.back,
            code_challenge_method="S256",
            timeout=SECONDS,
            follow_redirects=False,
        )

    def _method(self) -> str:
        """How the client says who it is: as the standard prefers, unless the provider takes it in the form alone."""
        if self.secret is None:
            return "none"
        taken = (self._known or {}).get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
        return "client_secret_post" if "client_secret_basic" not in taken else "client_secret_basic"

    def _metadata(self, client: OAuth2Client, now: datetime) -> Mapping[str, Any]:
        """What the provider says of itself; kept for an hour."""
        with self._lock:
            if self._known is not None and self._known_at is not None and now - self._known_at < KEPT:
                return self._known
        found = self._asked(client, self.settings.issuer.rstrip("/") + "/.well-known/openid-configuration")
        if found.get("issuer") != self.settings.issuer:
            raise OutsideError("silent", "issuer")
        for name in ("authorization_endpoint", "token_endpoint", "jwks_uri"):
            _refuse_unsafe(found.get(name))
        if found.get("userinfo_endpoint") is not None:
            _refuse_unsafe(found["userinfo_endpoint"])
        with self._lock:
            self._known, self._known_at = found, now
        client.token_endpoint_auth_method = self._method()
        return found

    def _exchanged(self, client: OAuth2Client, found: Mapping[str, Any], code: str, verifier: str) -> Mapping[str, Any]:
        """What the provider gives for a code."""
        from authlib.integrations.base_client import OAuthError

        with self._turn():
            try:
                told = client.fetch_token(
                    found["token_endpoint"], grant_type="authorization_code", code=code, code_verifier=verifier
                )
            except OAuthError as error:
                raise OutsideError("refused", str(error.error)[:40]) from None
            except _trouble() as error:
                raise OutsideError("silent", type(error).__name__) from None
        if not isinstance(told.get("id_token"), str):
            raise OutsideError("token", "id_token")
        return dict(told)

    def _claims(
        self, client: OAuth2Client, token: str, nonce: str, access: str | None, now: datetime
    ) -> Mapping[str, Any]:
        """The claims of an ID token; where its key is not known, the provider's keys are asked for once more."""
        from clientela.http.oidc.token import UnknownKeyError, claims_of

        def read(keys: Mapping[str, Any]) -> Mapping[str, Any]:
            return claims_of(
                token,
                keys,
                issuer=self.settings.issuer,
                client_id=self.settings.client_id,
                nonce=nonce,
                access_token=access,
                now=now,
            )

        try:
            return read(self._signing(client, now, KEPT))
        except UnknownKeyError:
            return read(self._signing(client, now, _RENEWED))

    def _signing(self, client: OAuth2Client, now: datetime, kept: timedelta) -> Mapping[str, Any]:
        """The keys the provider signs with, no older than ``kept``."""
        with self._lock:
            if self._keys is not None and self._keys_at is not None and now - self._keys_at < kept:
                return self._keys
        found = self._asked(client, self._metadata(client, now)["jwks_uri"])
        with self._lock:
            self._keys, self._keys_at = found, now
        return found

    def _asked(self, client: OAuth2Client, place: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
        """A document of the provider."""
        with self._turn():
            try:
                answer = client.request("GET", place, withhold_token=True, headers=dict(headers or {}))
                answer.raise_for_status()
                found = answer.json()
            except _trouble() as error:
                raise OutsideError("silent", type(error).__name__) from None
        if not isinstance(found, dict):
            raise OutsideError("silent", "document")
        return found

    def _turn(self) -> _Turn:
        return _Turn(self._asking)

    def _told(self, claims: Mapping[str, Any], id_token: str) -> Told:
        name, email = claims.get(self.settings.name_claim), claims.get("email")
        verified = claims.get("email_verified") is True and isinstance(email, str)
        return Told(
            issuer=self.settings.issuer,
            subject=claims["sub"],
            name=name[:_LONGEST] if isinstance(name, str) and name.strip() else None,
            email=str(email)[:_LONGEST] if verified else None,
            groups=_groups(claims.get(self.settings.groups_claim)),
            id_token=id_token,
        )


@dataclass(slots=True)
class _Turn:
    """A few ask the provider at once, so that one that hangs does not keep every thread of the server."""

    asking: threading.BoundedSemaphore

    def __enter__(self) -> None:
        if not self.asking.acquire(timeout=SECONDS):
            raise OutsideError("silent", "busy")

    def __exit__(self, *_: object) -> None:
        self.asking.release()


def provider_of(settings: Oidc | None, secret: str | None, place: str) -> Provider | None:
    """The provider; None where none is named.

    Raises
    ------
    ConfigurationError
        The extra is not installed.
    """
    if settings is None:
        return None
    if find_spec("authlib") is None or find_spec("httpx2") is None:
        raise ConfigurationError(
            "[serve.oidc] needs two more packages: pip install 'clientela[oidc]', or take the section out."
        )
    return Provider(settings, secret, place)


def _trouble() -> tuple[type[Exception], ...]:
    import httpx2

    return (httpx2.HTTPError, httpx2.InvalidURL, ValueError)


def _groups(said: object) -> frozenset[str]:
    """The groups somebody is in: a list of names, or one name."""
    if isinstance(said, str):
        return frozenset({said})
    if isinstance(said, list):
        return frozenset(each for each in said[:_MOST_GROUPS] if isinstance(each, str))
    return frozenset()


def _refuse_unsafe(place: object) -> None:
    parts = urlsplit(place) if isinstance(place, str) else None
    if parts is None or not (parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)):
        raise OutsideError("silent", "endpoint")
