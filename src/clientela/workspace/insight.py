"""One answer, that shows itself in a notebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clientela.contracts.insight import Insight as Answered
from clientela.workspace.languages import language

if TYPE_CHECKING:
    import pyarrow as pa


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

        return insight_json(self.said, language(lang or self.lang))

    def to_text(self, lang: str | None = None) -> str:
        """The answer as plain text for a terminal."""
        from clientela.present.plain import plain

        return plain(self.said, language(lang or self.lang))

    def save_chart(self, path: Path | str, lang: str | None = None) -> None:
        """Write the picture of the answer as SVG or PNG, by the ending of ``path``."""
        from clientela.present.picture import save

        save(self.said, Path(path), language(lang or self.lang))

    def _repr_html_(self) -> str:
        from clientela.present.notebook import insight_html

        return insight_html(self.said, self.lang)

    def __repr__(self) -> str:
        return self.to_text()
