"""The policy: a readable file, in which a slip is a sentence and never a right."""

from __future__ import annotations

import pytest

from clientela.access.policy import Policy, PolicyError, policy
from clientela.access.rights import Names
from clientela.cube.scoped import nameable

COLUMNS = {"customer.email": True, "order_line.channel": False, "order_line.net_revenue": False}
MEASURES = frozenset({"revenue", "margin"})


def read(said: str) -> Policy:
    return policy(said, columns=COLUMNS, measures=MEASURES)


def test_every_ready_made_role_names_only_what_there_is() -> None:
    from importlib.resources import files

    columns, measures = nameable()
    said = (files("clientela.access") / "roles.toml").read_text("utf-8")
    ready = policy(said, columns=columns, measures=measures)
    assert {*ready.roles} == {
        *("executive", "manager", "analyst", "statistician", "marketing", "sales", "service", "finance"),
        *("data-protection-officer", "administrator"),
    }
    assert all(role.description for role in ready.roles.values())


def test_a_company_puts_its_own_role_in_the_place_of_a_ready_made_one() -> None:
    told = read('[roles.sales]\nrows = "granted"\ncolumns = ["order_line.*"]\nmeasures = ["revenue"]')
    assert told.role("sales").columns == Names(("order_line.*",))
    assert told.role("analyst").everything
    assert told.own == {"sales"}
    assert told.mark != policy(columns={}, measures=frozenset()).mark


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("[roles", "is no TOML"),
        ("[users]\n", "unknown 'users'; it holds tables"),
        ("roles = 3", "'roles' is a table of roles"),
        ("[roles]\nsales = 3", "the role 'sales' is a table"),
        ('[roles.a]\nrow = "everything"', r"unknown 'row' in \[roles.a\].*Did you mean 'rows'"),
        ('[roles.a]\nrows = "all"', "rows = 'all' .* it is 'everything' or 'granted'"),
        ('[roles.a]\ncolumns = ["*"]', "rows = None"),
        ('[roles.a]\nrows = "granted"\nleast = -1', "least = -1"),
        ('[roles.a]\nrows = "granted"\nleast = true', "least = True"),
        ('[roles.a]\nrows = "granted"\ncolumns = "*"', "it is a list of names"),
        (
            '[roles.a]\nrows = "granted"\ncolumns = ["order_line.chanel"]',
            "fits no column .*did you mean 'order_line.ch",
        ),
        ('[roles.a]\nrows = "granted"\ncolumns = ["!customer.mail"]', "'!customer.mail' in columns"),
        ('[roles.a]\nrows = "granted"\nmeasures = ["revenu"]', r"fits no measure there is \(did you mean 'revenue'"),
        ('[roles.a]\nrows = "granted"\nmeasures = ["@personal"]', "'@personal' in measures"),
        ('[roles.a]\nrows = "granted"\nmay = "export"', "may = 'export' .* it is a list of: export, bring-data"),
        ('[roles.a]\nrows = "granted"\nmay = ["exprt"]', "unknown 'exprt' in may .* Did you mean 'export'"),
        ('[roles.a]\nrows = "granted"\nmay = [1]', r"may = \[1\]"),
    ],
)
def test_a_slip_is_one_sentence(said: str, expected: str) -> None:
    with pytest.raises(PolicyError, match=expected):
        read(said)


def test_an_unknown_role_is_one_sentence() -> None:
    with pytest.raises(PolicyError, match=r"unknown role 'manger'.*Did you mean 'manager'"):
        policy(columns={}, measures=frozenset()).role("manger")


@pytest.mark.parametrize(
    ("patterns", "name", "personal", "expected"),
    [
        (("*",), "customer.email", True, False),
        (("customer.email",), "customer.email", True, True),
        (("customer.e*",), "customer.email", True, False),
        (("@personal",), "customer.email", True, True),
        (("@personal", "!*.email"), "customer.email", True, False),
        (("customer.email", "!customer.*"), "customer.email", True, False),
        (("@personal",), "customer.city", False, False),
        ((), "customer.city", False, False),
        (("!customer.*",), "order_line.kind", False, False),
        (("!customer.*", "*"), "customer.city", False, False),
    ],
)
def test_a_star_takes_in_nothing_personal_and_what_is_taken_out_stays_out(
    patterns: tuple[str, ...], name: str, personal: bool, expected: bool
) -> None:
    assert Names(patterns).allow(name, personal=personal) is expected


def test_what_a_role_may_do_is_what_it_says_and_nothing_else() -> None:
    told = read('[roles.a]\nrows = "granted"\nmay = ["export", "audit"]\n[roles.b]\nrows = "granted"')
    assert told.role("a").may == {"export", "audit"}
    assert told.role("b").may == set()


def test_of_the_ready_made_roles_only_two_look_after_anything() -> None:
    looking = {name: role.may - {"export"} for name, role in read("").roles.items()}
    assert {name: may for name, may in looking.items() if may} == {
        "administrator": {"bring-data", "decide-identity", "erase", "administer", "audit"},
        "data-protection-officer": {"decide-identity", "erase", "audit"},
    }
    assert read("").role("statistician").may == set()
