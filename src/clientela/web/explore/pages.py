"""The pages of this part."""

from __future__ import annotations

from clientela.http.guard import Page
from clientela.web.explore.behind import rows, rows_file
from clientela.web.explore.cube import explore, file, statement
from clientela.web.explore.views import change_view, open_view, save_view

PAGES: tuple[Page, ...] = (
    Page(path="/explore", name="explore", answer=explore),
    Page(path="/explore/file", name="explore-file", answer=file, may="export"),
    Page(path="/explore/sql", name="explore-sql", answer=statement),
    Page(path="/explore/rows", name="explore-rows", answer=rows, personal=True),
    Page(path="/explore/rows/file", name="explore-rows-file", answer=rows_file, may="export", personal=True),
    Page(path="/explore/views", name="explore-save", answer=save_view, method="POST"),
    Page(path="/explore/views/{view}", name="explore-view", answer=open_view),
    Page(path="/explore/views/{view}/change", name="explore-change", answer=change_view, method="POST"),
)
