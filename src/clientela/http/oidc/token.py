"""What an ID token says, once it is certain who says it: signature, issuer, audience, age, nonce.

Source: OpenID Connect Core 1.0, section 3.1.3.7, https://openid.net/specs/openid-connect-core-1_0.html
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from joserfc.jws import JWSRegistry

from clientela.errors import OutsideError

LEEWAY_SECONDS = 60  # by which two clocks may differ
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "Ed25519", "EdDSA")
_KINDS = ("RSA", "EC", "OKP")


class UnknownKeyError(OutsideError):
    """The key that signed is not among those the provider has told: ask it for them anew."""


def claims_of(
    token: str,
    keys: Mapping[str, Any],
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str | None,
    now: datetime,
) -> Mapping[str, Any]:
    """The claims of an ID token that is rightly signed, fresh, and meant for this client and this very entry.

    Parameters
    ----------
    keys : the provider's, a JSON Web Key Set

    Raises
    ------
    UnknownKeyError
        None of the keys is the one that signed.
    OutsideError
        Anything else is wrong with it.
    """
    signing = [each for each in keys.get("keys", ()) if each.get("kty") in _KINDS and each.get("use", "sig") == "sig"]
    try:
        found = KeySet.import_key_set({"keys": signing})
        registry = JWSRegistry(algorithms=[*ALGORITHMS], strict_check_header=False)
        read = jwt.decode(token, found, registry=registry)
        claims = CodeIDToken(
            read.claims,
            read.header,
            {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}},
            {"nonce": nonce, "client_id": client_id, "access_token": access_token},
        )
        claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    except InvalidKeyIdError:
        raise UnknownKeyError("token") from None
    except (JoseError, ValueError, TypeError, KeyError) as error:
        raise OutsideError("token", type(error).__name__) from None
    if not isinstance(claims.get("sub"), str) or not 0 < len(claims["sub"]) <= 255:
        raise OutsideError("token", "sub")
    return dict(claims)
