"""The pages of this part: looking for a customer, and the page of one."""

from __future__ import annotations

from clientela.http.guard import Page
from clientela.web.customers.listed import customers
from clientela.web.customers.one import customer, split

PAGES: tuple[Page, ...] = (
    Page(path="/customers", name="customers", answer=customers, personal=True),
    Page(path="/customers/{customer}", name="customer", answer=customer, personal=True, brief=True),
    Page(
        path="/customers/{customer}/split",
        name="customer-split",
        answer=split,
        method="POST",
        may="decide-identity",
        personal=True,
    ),
)
