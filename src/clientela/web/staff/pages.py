"""The pages of this part."""

from __future__ import annotations

from clientela.http.guard import Page
from clientela.web.staff import log, people, rights, sight, trees

ADMINISTER, AUDIT = "administer", "audit"
_USER = "/administration/users/{user}"

PAGES: tuple[Page, ...] = (
    Page(path="/administration", name="staff", answer=people.people, may=ADMINISTER),
    Page(path="/administration/users", name="staff-add", answer=people.add, method="POST", may=ADMINISTER),
    Page(path=_USER, name="staff-user", answer=people.person, may=ADMINISTER, personal=True),
    Page(
        path=f"{_USER}/change", name="staff-change", answer=people.alter, method="POST", may=ADMINISTER, personal=True
    ),
    Page(path=f"{_USER}/end", name="staff-ending", answer=people.ending, may=ADMINISTER),
    Page(path=f"{_USER}/end", name="staff-end", answer=people.end, method="POST", may=ADMINISTER),
    Page(path=f"{_USER}/grants", name="staff-grant", answer=rights.give, method="POST", may=ADMINISTER),
    Page(path=f"{_USER}/revoke", name="staff-revoke", answer=rights.revoke, method="POST", may=ADMINISTER),
    Page(path=f"{_USER}/duties", name="staff-duty", answer=rights.answer_for, method="POST", may=ADMINISTER),
    Page(path=f"{_USER}/objectives", name="staff-objective", answer=rights.objective, method="POST", may=ADMINISTER),
    Page(path="/administration/roles", name="staff-roles", answer=trees.roles, may=ADMINISTER),
    Page(
        path="/administration/organisation", name="staff-organisation", answer=trees.organisation_page, may=ADMINISTER
    ),
    Page(path="/administration/units", name="staff-units", answer=trees.change_units, method="POST", may=ADMINISTER),
    Page(path="/administration/sight", name="staff-sight", answer=sight.sight, may=ADMINISTER, personal=True),
    Page(path="/view-as", name="view-as", answer=sight.see_as, method="POST", may=ADMINISTER),
    Page(path="/view-as/end", name="view-as-end", answer=sight.see_as_oneself, method="POST"),
    Page(path="/administration/audit", name="staff-audit", answer=log.log, may=AUDIT, personal=True),
    Page(path="/administration/audit/file", name="staff-audit-file", answer=log.log_file, may=AUDIT, personal=True),
)
