"""The company's name, currency and time zone: as said, else by evidence, else a default that is marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from clientela.capture.propose.look.values import Profile
from clientela.capture.propose.proposal import Company
from clientela.capture.propose.words import meaning, plain

_IN_HEADERS = {"eur": "EUR", "€": "EUR", "euro": "EUR", "usd": "USD", "$": "USD", "gbp": "GBP", "£": "GBP"}


def company_of(
    folder: Path,
    files: Sequence[Sequence[Profile]],
    *,
    name: str | None,
    currency: str | None,
    timezone: str | None,
) -> Company:
    """What stands under ``[company]``."""
    why: dict[str, str] = {}
    if name is None:
        name = folder.resolve().name.replace("_", " ").replace("-", " ").strip().capitalize() or "My company"
        why["name"] = "? the folder's name; it heads every report"
    if currency is None:
        currency, why["currency"] = _currency([each for profiles in files for each in profiles])
    if timezone is None:
        timezone, why["timezone"] = (
            "UTC",
            "? nothing in the files tells; a day begins and ends here, e.g. Europe/Madrid",
        )
    return Company(name, currency, timezone, why)


def _currency(profiles: Sequence[Profile]) -> tuple[str, str]:
    """The currency most of the evidence speaks for."""
    votes: Counter[str] = Counter()
    for each in profiles:
        if "currency" in meaning(each.name).notions and each.distinct:
            codes = {value.upper() for value in each.distinct if len(value) == 3 and value.isalpha()}
            if len(codes) == 1 == each.many:
                votes[codes.pop()] += 10
        if each.symbol:
            votes[each.symbol] += 5
        votes.update(code for sign, code in _IN_HEADERS.items() if sign in _marks(each.name))
    if not votes:
        return "EUR", "? nothing in the files tells"
    best, _ = votes.most_common(1)[0]
    return best, f"as the files say ({', '.join(sorted(votes))})"


def _marks(header: str) -> set[str]:
    words = set(plain(header).replace("_", " ").replace("(", " ").replace(")", " ").split())
    return words | {sign for sign in "€$£" if sign in header}
