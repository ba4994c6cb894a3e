"""The pages of this part."""

from __future__ import annotations

from clientela.http.guard import Page

PAGES: tuple[Page, ...] = ()
