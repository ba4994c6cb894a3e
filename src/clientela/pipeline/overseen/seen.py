"""Who is told what of the data itself: within the rights of one person."""

from __future__ import annotations

from dataclasses import dataclass

from clientela.access.policy import Role
from clientela.pipeline.asking.scope import Asker


@dataclass(frozen=True, slots=True, kw_only=True)
class Sight:
    """What one person is told of the data.

    Parameters
    ----------
    data : what arrived, its qualities, the runs, what a table is made of
    kept_out : also the rows that stay out, with what stands in them
    records : also the records of persons side by side
    """

    data: bool
    kept_out: bool
    records: bool


ALL = Sight(data=True, kept_out=True, records=True)


def sight(asker: Asker | None) -> Sight:
    """What somebody is told; None: the company itself, all.

    What arrived tells of the company and of no customer: it is told whoever may see the tables of quality and runs. The
    rows that stay out and the records of persons belong to no territory: who sees but a part of the company sees none.
    """
    if asker is None:
        return ALL
    roles = [asker.policy.role(each.role) for each in asker.held]
    whole = [
        asker.policy.role(each.role)
        for each in asker.held
        if asker.policy.role(each.role).everything and not each.within and not asker.policy.role(each.role).least
    ]
    return Sight(
        data=any(each.columns.allow("quality.measured") and each.columns.allow("run.message") for each in roles),
        kept_out=any(each.columns.allow("quarantine.value", personal=True) for each in whole),
        records=any(map(_shows_records, whole)),
    )


def _shows_records(role: Role) -> bool:
    return all(role.columns.allow(f"customer_record.{name}", personal=True) for name in ("full_name", "email", "phone"))
