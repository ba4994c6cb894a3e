"""The Python interface: open a workspace, run it, ask it.

>>> import clientela
>>> ws = clientela.open("my-company")            # doctest: +SKIP
>>> insight = ws.ask("churn-risk")               # doctest: +SKIP
>>> insight.table                                # a pyarrow table, any frame library takes it  # doctest: +SKIP
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clientela import config
from clientela.contracts.analysis import Analysis
from clientela.contracts.insight import Insight as Answered
from clientela.errors import UsageError
from clientela.pipeline import answer, questions, report, run
from clientela.pipeline.care import doctor, status
from clientela.pipeline.create import create as _create

if TYPE_CHECKING:
    import pyarrow as pa

LANGUAGES = ("en", "es")

Progress = Callable[[str], None]


def _silent(step: str) -> None:
    """No progress is shown."""


@dataclass(frozen=True, slots=True)
class Insight:
    """One answer, that shows itself in a notebook."""

    said: Answered
    lang: str = "en"

    @property
    def headline(self) -> str | None:
        """The answer in one sentence; None when it abstained."""
        from clientela.present.say import say

        return None if self.said.headline is None else say(self.said.headline, self.lang)

    @property
    def abstained(self) -> str | None:
        """Why there is no answer; None when there is one."""
        from clientela.present.say import say

        return None if self.said.abstained is None else say(self.said.abstained, self.lang)

    @property
    def table(self) -> pa.Table:
        """The rows of the answer as an Arrow table (an Arrow PyCapsule: any frame library takes it)."""
        from clientela.present.arrow import arrow_table

        return arrow_table(self.said.table, self.lang)

    def to_dict(self, lang: str | None = None) -> dict[str, Any]:
        """The answer as plain data for JSON; decimals are strings."""
        from clientela.present.document import insight_json

        return insight_json(self.said, _language(lang or self.lang))

    def to_text(self, lang: str | None = None) -> str:
        """The answer as plain text for a terminal."""
        from clientela.present.plain import plain

        return plain(self.said, _language(lang or self.lang))

    def save_chart(self, path: Path | str, lang: str | None = None) -> None:
        """Write the picture of the answer as SVG or PNG, by the ending of ``path``."""
        from clientela.present.picture import save

        save(self.said, Path(path), _language(lang or self.lang))

    def _repr_html_(self) -> str:
        from clientela.present.notebook import insight_html

        return insight_html(self.said, self.lang)

    def __repr__(self) -> str:
        return self.to_text()


@dataclass(frozen=True, slots=True)
class Workspace:
    """One company's folder: its settings, what was delivered, what is published."""

    folder: Path

    def run(
        self,
        *,
        as_of: date | None = None,
        now: datetime | None = None,
        strict: bool = False,
        progress: Progress = _silent,
    ) -> run.Done:
        """Read what the sources delivered and publish a new snapshot.

        Parameters
        ----------
        as_of :
            The day to build for; default the day after the last thing that happened.
        now :
            The moment of the run (default: this one); must know its zone.
        strict :
            Publish nothing when a file had to stay out.

        Raises
        ------
        ClientelaError
            What went wrong, in one sentence; what was published before stays.
        """
        moment = datetime.now(UTC) if now is None else now.astimezone(UTC)
        return run.run(self.folder, config.load(self.folder), now=moment, as_of=as_of, strict=strict, progress=progress)

    def ask(
        self,
        name: str,
        *,
        as_of: date | None = None,
        parameters: Mapping[str, str | int | float | bool] | None = None,
        lang: str = "en",
    ) -> Insight:
        """The answer of one analysis, as of the run's own date or an earlier one."""
        _language(lang)
        return Insight(answer.ask(self.folder, config.load(self.folder), name, as_of, parameters or {}), lang)

    def report(
        self,
        *,
        lang: str = "en",
        out: Path | str | None = None,
        as_of: date | None = None,
        progress: Progress = _silent,
    ) -> Path:
        """Write the report to the management as one HTML file; its path."""
        from clientela.present.report import report as html

        _language(lang)
        default = self.folder / ("report.html" if lang == "en" else f"report-{lang}.html")
        path = Path(out) if out is not None else default
        page = report.page(self.folder, config.load(self.folder), as_of=as_of, progress=progress)
        progress("Drawing the report")
        text = html(page, lang)
        unfinished = path.with_name(path.name + ".unfinished")
        try:
            unfinished.write_text(text, encoding="utf-8")
            unfinished.replace(path)
        except OSError as error:
            raise UsageError(f"cannot write {path}: {error.strerror}. Choose another file with --out.") from None
        return path

    def fingerprints(self) -> Mapping[str, tuple[int, int]]:
        """Rows and digest of every published table: equal for equal rows, whatever their order, engine or threads."""
        return answer.fingerprints(self.folder)

    def status(self) -> status.Status:
        """What is published: to which day, from which sources, with which quality."""
        return status.status(self.folder, config.load(self.folder))


def open(folder: Path | str | None = None) -> Workspace:
    """The workspace in ``folder``, else in CLIENTELA_WORKSPACE, else in the current folder.

    Raises
    ------
    WorkspaceError
        There is no clientela.toml.
    """
    return Workspace(config.workspace_folder(Path(folder) if folder is not None else None))


def create(folder: Path | str, *, name: str, currency: str, timezone: str) -> tuple[Path, ...]:
    """Make a new workspace; the files written. Nothing is ever overwritten."""
    config.check_company(name=name, currency=currency, timezone=timezone)
    return _create(Path(folder), name=name, currency=currency, timezone=timezone)


def analyses() -> tuple[Analysis, ...]:
    """The questions there are."""
    return questions.questions().all()


def examine(folder: Path | None) -> tuple[doctor.Finding, ...]:
    """What the doctor finds in this installation and in the workspace, when there is one."""
    return doctor.examine(folder, now=datetime.now(UTC))


def _language(lang: str) -> str:
    if lang not in LANGUAGES:
        raise UsageError(f"language '{lang}' is not offered; known: 'en', 'es'.")
    return lang
