"""A small OpenID provider on this machine, which signs with a key of its own and can be told to lie."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from secrets import token_urlsafe
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

from joserfc import jwt
from joserfc.jwk import RSAKey

CLIENT, SECRET = "clientela-test", "a secret of the client"

Claims = dict[str, Any]


@cache
def _first_key() -> RSAKey:
    """The key that a provider signs with until a test gives it another; to make one takes longer than a page."""
    return RSAKey.generate_key(2048, {"kid": "one", "use": "sig"}, private=True)


@dataclass
class Provider:
    """The provider. ``person``: claims of who is in at present; ``change`` alters an ID token before it is signed."""

    clock: Callable[[], datetime]
    person: Claims = field(default_factory=lambda: {"sub": "248289", "preferred_username": "ana", "groups": ["crm"]})
    change: Callable[[Claims], None] = lambda claims: None
    key: RSAKey = field(default_factory=_first_key)
    signs_with: RSAKey | None = None
    algorithm: str = "RS256"
    access_token: str = "access-1"  # noqa: S105 - of a test
    userinfo: Claims = field(default_factory=dict)
    metadata: Claims = field(default_factory=dict)
    codes: dict[str, Claims] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    place: str = ""

    def authorize(self, address: str) -> str:
        """What the browser is sent back with, when the person has said who they are."""
        said = dict(parse_qsl(urlsplit(address).query))
        assert (said["client_id"], said["response_type"]) == (CLIENT, "code")
        assert "openid" in said["scope"].split()
        assert said["code_challenge_method"] == "S256"
        code = token_urlsafe(16)
        self.codes[code] = said
        back = urlsplit(said["redirect_uri"])
        return f"{back.path}?{urlencode({'code': code, 'state': said['state'], 'iss': self.place})}"

    def token(self, sent: Claims, authorization: str) -> tuple[int, Claims]:
        """The answer for a code, which is good once."""
        begun = self.codes.pop(sent.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(sent.get("code_verifier", "").encode()).digest())
        right = base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        by_form = (sent.get("client_id"), sent.get("client_secret")) == (CLIENT, SECRET)
        if authorization != f"Basic {right}" and not by_form:
            return 401, {"error": "invalid_client"}
        wrong = begun is None or begun["code_challenge"] != challenge.decode().rstrip("=")
        if wrong or sent.get("redirect_uri") != begun["redirect_uri"]:  # type: ignore[index] # else it is wrong
            return 400, {"error": "invalid_grant"}
        assert begun is not None
        now = int(self.clock().timestamp())
        claims = {"iss": self.place, "aud": CLIENT, "iat": now, "exp": now + 300, "nonce": begun["nonce"]}
        claims |= self.person
        self.change(claims)
        signing = self.signs_with or self.key
        header = {"alg": self.algorithm, "kid": signing.as_dict().get("kid", "one")}
        signed = jwt.encode(header, claims, signing, algorithms=[self.algorithm])
        return 200, {"access_token": self.access_token, "token_type": "Bearer", "expires_in": 300, "id_token": signed}

    def document(self, path: str, authorization: str) -> tuple[int, Claims]:
        """What is asked for with GET."""
        if path == "/.well-known/openid-configuration":
            told = {
                "issuer": self.place,
                "authorization_endpoint": f"{self.place}/authorize",
                "token_endpoint": f"{self.place}/token",
                "jwks_uri": f"{self.place}/keys",
                "userinfo_endpoint": f"{self.place}/userinfo",
            }
            return 200, told | self.metadata
        if path == "/keys":
            return 200, {"keys": [{"kty": "unknown"}, self.key.as_dict(private=False)]}
        if path == "/userinfo" and authorization == f"Bearer {self.access_token}":
            return 200, self.userinfo
        return 404, {}


@contextmanager
def listening(provider: Provider) -> Iterator[Provider]:
    """The provider, answering on a port of this machine."""

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.asked.append(self.path)
            self._say(*provider.document(self.path, self.headers.get("authorization", "")))

        def do_POST(self) -> None:
            provider.asked.append(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
            sent = {name: values[0] for name, values in parse_qs(body).items()}
            self._say(*provider.token(sent, self.headers.get("authorization", "")))

        def _say(self, status: int, told: Claims) -> None:
            body = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    provider.place = f"http://127.0.0.1:{server.server_port}"
    try:
        yield provider
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
