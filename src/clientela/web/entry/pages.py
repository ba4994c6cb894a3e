"""The pages of this part."""

from __future__ import annotations

from clientela.http.guard import Page
from clientela.http.oidc.provider import BACK
from clientela.web.entry import account, elsewhere, entering

PAGES: tuple[Page, ...] = (
    Page(path="/enter", name="enter", answer=entering.enter, open=True, enters=True),
    Page(path="/enter", name="enter-try", answer=entering.enter_try, method="POST", open=True, enters=True),
    Page(path="/enter/link/{link}", name="link", answer=entering.link, open=True, enters=True),
    Page(path="/enter/link/{link}", name="link-use", answer=entering.link_use, method="POST", open=True, enters=True),
    Page(path="/enter/elsewhere", name="elsewhere", answer=elsewhere.go, open=True, enters=True),
    Page(path=BACK, name="elsewhere-back", answer=elsewhere.back, open=True, enters=True),
    Page(path="/leave", name="leave", answer=entering.leave),
    Page(path="/leave", name="leave-do", answer=entering.leave_do, method="POST"),
    Page(path="/me", name="me", answer=account.me, personal=True),
    Page(path="/me/language", name="me-language", answer=account.language, method="POST"),
    Page(path="/me/password", name="me-password", answer=account.password, method="POST", personal=True),
    Page(path="/me/end", name="me-end", answer=account.end, method="POST"),
    Page(path="/me/end-all", name="me-end-all", answer=account.end_all, method="POST"),
    Page(path="/me/tokens", name="me-token", answer=account.make_token, method="POST", personal=True),
)
