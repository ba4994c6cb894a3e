"""The models by which records are compared: learned rarely, kept in the landing, used run after run.

A model is not learned again by a run, as every new one would move customers that nobody touched. It is
learned where there is none yet, where the code compares otherwise now, and when a person asks for it.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from clientela.errors import LandingError
from clientela.unify.linking import LinkModel
from clientela.warehouse.journal import write_durably
from clientela.warehouse.moments import reached
from clientela.warehouse.store.check import sealed, unsealed
from clientela.warehouse.store.landing import Landing

FOLDER = "models"
_NAME = re.compile(r"link-(\d{6})-([0-9a-f]+)\.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A model as it is kept. ``number``: models are counted; the highest holds."""

    number: int
    learned_at: str
    model: LinkModel


def newest(landing: Landing) -> Stored | None:
    """The model that holds; None when none was learned yet.

    Raises
    ------
    LandingError
        Its file is damaged.
    """
    named = files(landing)
    return _read(named[-1]) if named else None


def files(landing: Landing) -> tuple[Path, ...]:
    """The files of all models, oldest first."""
    folder = landing.folder / FOLDER
    return tuple(sorted(path for path in folder.glob("link-*.json") if _NAME.fullmatch(path.name)))


def keep(landing: Landing, model: LinkModel, *, now: datetime) -> Stored:
    """Keep a model as the one that holds from now on; when this returns, it is on the disk."""
    named = files(landing)
    last = _NAME.fullmatch(named[-1].name) if named else None
    number = int(last[1]) + 1 if last else 1
    stored = Stored(number=number, learned_at=now.astimezone(UTC).isoformat(timespec="seconds"), model=model)
    place = landing.folder / FOLDER / f"link-{number:06}-{model.version}.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    told = {"number": number, "learned_at": stored.learned_at, "version": model.version, "document": model.document}
    write_durably(place, json.dumps(sealed(told), ensure_ascii=False, sort_keys=True).encode())
    reached("link model kept")
    return stored


def damaged(landing: Landing) -> tuple[str, ...]:
    """The files of models that are no longer what was written."""

    def broken(path: Path) -> bool:
        try:
            _read(path)
        except LandingError:
            return True
        return False

    return tuple(f"{FOLDER}/{path.name}" for path in files(landing) if broken(path))


def _read(path: Path) -> Stored:
    try:
        told = unsealed(json.loads(path.read_bytes()))
        model = LinkModel.of(told["document"])
        if model.version != told["version"]:
            raise ValueError("another version")
        return Stored(number=int(told["number"]), learned_at=str(told["learned_at"]), model=model)
    except (OSError, ValueError, KeyError, TypeError):
        raise LandingError(
            f"landing/{FOLDER}/{path.name} is not what was written; restore the file from a backup, or remove it and "
            "let `clientela identity learn` make another."
        ) from None
