"""What a person may ask of the company: what it holds of them, and to be forgotten: ``ws.persons.erase(…)``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from clientela import config
from clientela.pipeline.asking.replica import refuse_replica
from clientela.pipeline.persons import erase, export, find
from clientela.workspace.languages import language
from clientela.workspace.watching import Looked, Progress, silent


@dataclass(frozen=True, slots=True)
class Persons:
    """The persons a workspace knows. ``looked``: enters in the audit log what is looked at or changed."""

    folder: Path
    looked: Looked

    def find(self, *identifiers: str) -> tuple[str, ...]:
        """Whom each identifier means, masked: customer number, key, e-mail address, telephone or tax number."""
        refuse_replica(self.folder, "to look for persons")
        found = find.known(self.folder, config.load(self.folder), identifiers=identifiers).persons
        self.looked("person.found", persons=len(found))
        return tuple(each.masked for each in found)

    def erase(
        self,
        *identifiers: str,
        reason: str = "",
        dry_run: bool = False,
        now: datetime | None = None,
        progress: Progress = silent,
    ) -> erase.Receipt:
        """Erase a person from everything kept here, publish without them, keep them out for ever; the receipt.

        Parameters
        ----------
        identifiers :
            A customer number, a key (``shop:4711``), an e-mail address, a telephone or tax number; each means one
            customer, and all of them are erased together.
        reason :
            Why, for the receipt; it may not name the person.
        dry_run :
            Only say what would be done.
        """
        refuse_replica(self.folder, "to erase")
        settings, moment = config.load(self.folder), datetime.now(UTC) if now is None else now.astimezone(UTC)
        self.looked("person.erasure-foreseen" if dry_run else "person.erasure-asked", identifiers=len(identifiers))
        if dry_run:
            return erase.foreseen(self.folder, settings, identifiers, now=moment)
        done = erase.erase(self.folder, settings, identifiers, reason=reason, now=moment, progress=progress)
        self.looked("person.erased", keys=done.records)
        return done

    def export(
        self,
        *identifiers: str,
        out: Path | str | None = None,
        html: bool = False,
        lang: str = "en",
        progress: Progress = silent,
    ) -> dict[str, Any]:
        """Everything held of a person with where it came from; also written to ``out``, for its owner alone."""
        refuse_replica(self.folder, "to export a person")
        from clientela.present.document import person_json
        from clientela.present.report import person

        language(lang)
        progress("Looking for the person")
        page = export.page(self.folder, config.load(self.folder), identifiers, now=datetime.now(UTC))
        document = person_json(page, lang)
        self.looked("person.exported", identifiers=len(identifiers))
        if out is not None:
            text = person(page, lang) if html else json.dumps(document, ensure_ascii=False, indent=2) + "\n"
            export.write_for_owner(Path(out), text)
        return document
