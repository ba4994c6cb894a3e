"""Why a person sees a customer, or does not: grant by grant."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlglot import exp

from clientela.access.area import EVERYTHING, Area
from clientela.access.grants import Company, Grant, area
from clientela.access.policy import Policy
from clientela.access.rights import PERSONAL
from clientela.contracts.text import text
from clientela.cube.knowledge import SnapshotKnowledge
from clientela.cube.scoped import within
from clientela.errors import UsageError
from clientela.pipeline import serving
from clientela.pipeline.asking.scope import Asker, company_of
from clientela.pipeline.asking.seen import knowledge_in
from clientela.pipeline.serving import Serving
from clientela.warehouse.store.snapshot import Reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """One grant: whether it shows the customer, and why, in words."""

    role: str
    within: dict[str, tuple[str, ...]]
    shows: bool
    because: str
    columns: tuple[str, ...]
    measures: tuple[str, ...]
    personal: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Explained:
    """Why a person sees a customer. ``home``: the territory where the customer is at home, and those it lies in."""

    user: str
    customer: str
    shows: bool
    home: tuple[str, ...]
    grants: tuple[Judged, ...]


def explained(folder: Path, asker: Asker, customer: str) -> Explained:
    """Which grants of a person show a customer.

    Raises
    ------
    UsageError
        There is no such person or customer, or the customer is no number.
    """
    return explained_of(folder, [asker], customer)[0]


def explained_of(folder: Path, askers: Sequence[Asker], customer: str) -> tuple[Explained, ...]:
    """The same of several persons, in their order.

    Raises
    ------
    UsageError
        There is no such customer, or it is no number.
    """
    if not (customer.isascii() and customer.isdigit() and len(customer) < 20):
        raise UsageError(
            text("'{customer}' is no customer's number; `clientela identity find` tells it.", customer=customer[:40])
        )

    def told(reader: Reader, served: Serving) -> tuple[Explained, ...]:
        whole = knowledge_in(reader, served.snapshot, None)
        company = company_of(whole)
        number = int(customer)
        home = _home(whole, number, company)
        if not _rows(whole, exp.select("customer_id").from_("customer"), number):
            raise UsageError(
                text(
                    "there is no customer {customer}; `clientela identity find` tells a customer's number.",
                    customer=customer,
                )
            )
        return tuple(_explained(asker, customer, company, whole, home) for asker in askers)

    return serving.read(folder, told)


def _explained(
    asker: Asker, customer: str, company: Company, whole: SnapshotKnowledge, home: tuple[str, ...]
) -> Explained:
    judged = tuple(_judged(grant, asker.policy, company, whole, int(customer), home) for grant in asker.held)
    return Explained(
        user=asker.name,
        customer=customer,
        shows=any(each.shows for each in judged),
        home=home,
        grants=judged,
    )


def _judged(
    grant: Grant, policy: Policy, company: Company, whole: SnapshotKnowledge, customer: int, home: tuple[str, ...]
) -> Judged:
    role = policy.role(grant.role)
    reach = area(grant, role, company)
    reasons = [_reason(each, grant, whole, customer, home) for each in reach]
    shows = not role.least and any(right for right, _ in reasons)
    because = reasons[0][1] if reasons else "the role shows what a grant names, and this one names nothing"
    if role.least:
        because = f"the role shows figures of at least {role.least} customers, and nobody by themselves"
    return Judged(
        role=grant.role,
        within=dict(grant.within),
        shows=shows,
        because=because,
        columns=role.columns.patterns,
        measures=role.measures.patterns,
        personal=PERSONAL in role.columns.patterns or role.columns.include_personal,
    )


def _reason(
    limits: Area, grant: Grant, whole: SnapshotKnowledge, customer: int, home: tuple[str, ...]
) -> tuple[bool, str]:
    if not limits.limits:
        return True, "the role sees the whole company"
    told = [*_reasons(limits, grant, whole, customer, home)]
    against = [said for right, said in told if not right]
    return (False, against[0]) if against else (True, " and ".join(said for _, said in told))


def _reasons(
    limits: Area, grant: Grant, whole: SnapshotKnowledge, customer: int, home: tuple[str, ...]
) -> Iterator[tuple[bool, str]]:
    if limits.territories is not None:
        inside = bool(home) and home[0] in limits.territories
        granted = ", ".join(grant.within["territory"])
        if inside:
            root = next((each for each in home if each in grant.within["territory"]), home[0])
            yield True, f"at home in {home[0]}" + ("" if root == home[0] else f", which lies in {root}")
        elif home:
            yield False, f"at home in {home[0]}, which does not lie in {granted}"
        else:
            yield False, f"at home nowhere that is known, so not in {granted}"
    if limits.customers is not None:
        inside = customer in limits.customers
        yield inside, "one of the accounts that were granted" if inside else "none of the accounts that were granted"
    if limits.campaigns is not None:
        inside = bool(_contacted(whole, customer, limits.campaigns))
        yield inside, "contacted by a campaign that was granted" if inside else "contacted by no campaign granted"
    if limits.products is not None:
        yield False, "a product line shows order lines and what is said of products, not the customers themselves"


def _home(whole: SnapshotKnowledge, customer: int, company: Company) -> tuple[str, ...]:
    """The territory where a customer is at home, then those it lies in."""
    rows = _rows(whole, exp.select("territory_id").from_("customer_territory"), customer)
    path: list[str] = []
    here = str(rows[0][0]) if rows else None
    while here is not None and here not in path:
        path.append(here)
        here = company.above.get(here)
    return tuple(path)


def _contacted(whole: SnapshotKnowledge, customer: int, campaigns: frozenset[str]) -> bool:
    if "contact" not in whole.view.tables:
        return False
    rows = _rows(whole, exp.select("campaign_id").from_("contact"), customer)
    return any(row[0] in campaigns for row in rows)


def _rows(whole: SnapshotKnowledge, asked: exp.Select, customer: int) -> list[tuple[object, ...]]:
    tree = asked.where(exp.column("customer_id").eq(exp.Placeholder(this="customer")))
    return whole.view.rows(within(tree, EVERYTHING), {"customer": customer})
