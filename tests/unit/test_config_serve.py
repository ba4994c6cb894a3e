from pathlib import Path

import pytest

from clientela.config import Serve, load
from clientela.errors import ConfigurationError

COMPANY = '[company]\nname = "Corner Shop"\ncurrency = "EUR"\n'


def told(tmp_path: Path, lines: str, environ: dict[str, str] | None = None) -> Serve:
    (tmp_path / "clientela.toml").write_text(f"{COMPANY}[serve]\n{lines}\n")
    return load(tmp_path, environ or {}).serve


def test_it_serves_this_machine_alone_unless_told_otherwise(tmp_path: Path) -> None:
    serve = told(tmp_path, "")
    assert (serve.host, serve.port, serve.place, serve.secure) == ("127.0.0.1", 8080, "http://127.0.0.1:8080", False)


def test_the_address_says_whether_visitors_come_over_tls(tmp_path: Path) -> None:
    serve = told(tmp_path, 'host = "0.0.0.0"\naddress = "https://CRM.example.com/"\nproxies = ["10.0.0.0/24"]')
    assert (serve.place, serve.secure, serve.proxies) == ("https://crm.example.com", True, ("10.0.0.0/24",))


def test_the_environment_says_it_too(tmp_path: Path) -> None:
    assert told(tmp_path, "", {"CLIENTELA_SERVE__PORT": "9000"}).port == 9000


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('address = "crm.example.com"', "is no address of a server"),
        ('address = "https://crm.example.com/clientela"', "with nothing behind the name"),
        ('proxies = ["nginx"]', "is no address of a proxy"),
        ("port = 0", "port"),
        ('session_idle = "soon"', "is no length of time"),
        ('upload_limit = "large"', "upload_limit"),
        ("prot = 80", "Did you mean 'port'?"),
    ],
)
def test_what_cannot_be_is_said(tmp_path: Path, line: str, said: str) -> None:
    with pytest.raises(ConfigurationError, match=r"\[serve") as error:
        told(tmp_path, line)
    assert said in str(error.value)
