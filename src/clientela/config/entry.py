"""``[serve.oidc]``: whose word is believed about who comes in, and what their groups let them do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from clientela.errors import ConfigurationError

_LOOPBACK = ("127.0.0.1", "localhost", "::1")  # nothing listens on the way
_LEAST_SECRET, _MOST_SECRET = 8, 4_096


def _issuer(said: str) -> str:
    parts = urlsplit(said)
    safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOOPBACK)
    if not safe or not parts.hostname or parts.query or parts.fragment or parts.username or re.search(r"\s", said):
        raise ValueError(f"'{said}' is no issuer; write its address as the provider does: https://login.example.com")
    return said


def _claim(said: str) -> str:
    if not said.strip() or not said.isprintable():
        raise ValueError("a claim is named by visible signs, such as groups")
    return said


ScopeKind = Literal["territories", "units", "accounts", "product_lines", "campaigns", "objectives"]
Issuer = Annotated[str, AfterValidator(_issuer)]
Claim = Annotated[str, Field(max_length=200), AfterValidator(_claim)]
Plain = Annotated[str, Field(min_length=1, max_length=200)]
Variable = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]


class GroupRole(BaseModel):
    """``[[serve.oidc.role]]``: the role that who is in a group holds, within a scope; without one, all it reaches."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: Plain
    role: Plain
    scope: Mapping[ScopeKind, tuple[Plain, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _some(self) -> Self:
        if any(not ids for ids in self.scope.values()):
            raise ValueError("a scope names at least one id; leave it out for all that the role reaches")
        return self


class Oidc(BaseModel):
    """``[serve.oidc]``: people come in with the account they have elsewhere (OpenID Connect).

    ``issuer``: as the provider calls itself. ``secret_from`` names the environment variable that holds the client's
    secret, ``secret_file`` a file that does; neither for a public client. ``label``: what the button says.
    ``name_claim``: by what a new user is named; ``groups_claim``: where their groups stand. ``link_by_email``: who
    comes for the first time with a verified address that one user here has is that user. ``leave_there``: who leaves
    here is led to leave there too, where the provider offers that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: Issuer
    client_id: Plain
    secret_from: Variable | None = None
    secret_file: Annotated[str, Field(min_length=1)] | None = None
    label: Annotated[str, Field(min_length=1, max_length=60)] | None = None
    scopes: tuple[Annotated[str, Field(pattern=r"^[\x21-\x7e]+$")], ...] = ("openid", "profile", "email")
    name_claim: Claim = "preferred_username"
    groups_claim: Claim = "groups"
    link_by_email: bool = False
    leave_there: bool = True
    role: tuple[GroupRole, ...] = ()

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.secret_from is not None and self.secret_file is not None:
            raise ValueError("say either secret_from or secret_file")
        if "openid" not in self.scopes:
            raise ValueError("scopes must hold 'openid'")
        return self

    @property
    def host(self) -> str:
        """The name of the provider's server."""
        return urlsplit(self.issuer).hostname or self.issuer


def secret_of(oidc: Oidc, folder: Path, variables: Mapping[str, str]) -> str | None:
    """The client's secret; None for a client that has none.

    Raises
    ------
    ConfigurationError
        The variable is not set, or the file cannot be read.
    """
    if oidc.secret_from is not None:
        found = variables.get(oidc.secret_from, "")
        said = f"the environment variable {oidc.secret_from} is not set"
    elif oidc.secret_file is not None:
        place = folder / oidc.secret_file
        said = f"the file {place} cannot be read, or is empty"
        try:
            with place.open(encoding="utf-8") as file:
                found = file.read(_MOST_SECRET + 1).strip()
        except (OSError, UnicodeDecodeError):
            found = ""
    else:
        return None
    if not _LEAST_SECRET <= len(found) <= _MOST_SECRET:
        raise ConfigurationError(
            f"[serve.oidc]: {said}; it must hold the client's secret, of {_LEAST_SECRET} signs or more."
        )
    return found
