"""`[serve.oidc]`: what is refused before anybody could come in by it."""

from pathlib import Path

import pytest

from clientela.config import Oidc, load, oidc_secret
from clientela.errors import ConfigurationError

COMPANY = '[company]\nname = "Corner Shop"\ncurrency = "EUR"\n'
WHOLE = 'issuer = "https://login.example.com/realms/company"\nclient_id = "clientela"\n'


def told(tmp_path: Path, lines: str, serve: str = "") -> Oidc:
    (tmp_path / "clientela.toml").write_text(f"{COMPANY}[serve]\n{serve}\n[serve.oidc]\n{lines}\n")
    found = load(tmp_path, {}).serve.oidc
    assert found is not None
    return found


def test_roles_of_groups_are_read_with_their_scope(tmp_path: Path) -> None:
    lines = WHOLE + (
        '[[serve.oidc.role]]\ngroup = "north"\nrole = "manager"\nscope = { territories = ["north"] }\n'
        '[[serve.oidc.role]]\ngroup = "keepers"\nrole = "administrator"\n'
    )
    found = told(tmp_path, lines)
    assert [(each.group, each.role, dict(each.scope)) for each in found.role] == [
        ("north", "manager", {"territories": ("north",)}),
        ("keepers", "administrator", {}),
    ]
    assert (found.name_claim, found.groups_claim, found.link_by_email) == ("preferred_username", "groups", False)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ('issuer = "http://login.example.com"\nclient_id = "x"', "is no issuer"),
        ('issuer = "https://login.example.com?x=1"\nclient_id = "x"', "is no issuer"),
        ('client_id = "x"', "issuer"),
        (WHOLE + 'secret_from = "A"\nsecret_file = "b"', "say either secret_from or secret_file"),
        (WHOLE + 'scopes = ["profile"]', "must hold 'openid'"),
        (WHOLE + 'client_secret = "hush"', "client_secret"),
        (WHOLE + 'groups_clam = "x"', "Did you mean 'groups_claim'?"),
        (WHOLE + '[[serve.oidc.role]]\ngroup = "x"', "role"),
        (WHOLE + '[[serve.oidc.role]]\ngroup = "x"\nrole = "y"\nscope = { territories = [] }', "at least one id"),
        (WHOLE + '[[serve.oidc.role]]\ngroup = "x"\nrole = "y"\nscope = { shops = ["a"] }', "scope"),
    ],
)
def test_what_cannot_be_used_is_said(tmp_path: Path, lines: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be used") as refused:
        told(tmp_path, lines)
    assert said in str(refused.value)


def test_without_passwords_there_must_be_another_way_in(tmp_path: Path) -> None:
    (tmp_path / "clientela.toml").write_text(f"{COMPANY}[serve]\npasswords = false\n")
    with pytest.raises(ConfigurationError, match="nobody could come in"):
        load(tmp_path, {})
    assert told(tmp_path, WHOLE, "passwords = false").client_id == "clientela"


def test_the_secret_comes_from_the_environment_or_a_file(tmp_path: Path) -> None:
    (tmp_path / "oidc.secret").write_text("of the client\n")
    assert oidc_secret(told(tmp_path, WHOLE), tmp_path, {}) is None
    of_file = told(tmp_path, WHOLE + 'secret_file = "oidc.secret"')
    assert oidc_secret(of_file, tmp_path, {}) == "of the client"
    of_variable = told(tmp_path, WHOLE + 'secret_from = "OIDC_SECRET"')
    assert oidc_secret(of_variable, tmp_path, {"OIDC_SECRET": "of the client"}) == "of the client"
    for environ in ({}, {"OIDC_SECRET": ""}, {"OIDC_SECRET": "short"}):
        with pytest.raises(ConfigurationError, match="OIDC_SECRET is not set"):
            oidc_secret(of_variable, tmp_path, environ)
    (tmp_path / "oidc.secret").unlink()
    with pytest.raises(ConfigurationError, match="cannot be read"):
        oidc_secret(of_file, tmp_path, {})
