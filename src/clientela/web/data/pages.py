"""The pages of this part."""

from __future__ import annotations

from clientela.http.guard import Page
from clientela.web.data.jobs import PAGES as JOBS
from clientela.web.data.kept_out import PAGES as KEPT_OUT
from clientela.web.data.made_of import PAGES as MADE_OF
from clientela.web.data.quality import PAGES as QUALITY
from clientela.web.data.review import PAGES as REVIEW
from clientela.web.data.runs import PAGES as RUNS
from clientela.web.data.sources import PAGES as SOURCES

PAGES: tuple[Page, ...] = (*SOURCES, *KEPT_OUT, *QUALITY, *REVIEW, *MADE_OF, *RUNS, *JOBS)
