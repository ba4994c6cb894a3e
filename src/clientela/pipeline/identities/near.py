"""Values that are nearly what was said: a name with a slip, an address or a number one sign away."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from clientela.contracts.identity import Candidate
from clientela.contracts.text import Text, text
from clientela.pipeline.identities.shown import tree
from clientela.pipeline.identities.typed import Typed
from clientela.warehouse.store.snapshot import Reader

_ALIKE = 0.8  # below this two names have little in common
# The function bears its place: read without it, sqlglot would put both names in capitals first, and forget the third
# argument, with which the engine gives up on most names at their first letters.
_NAMES = """
select customer_id, max(alike) as alike
from (
    select value, customer_id, system.main.jaro_winkler_similarity(value, :said, 0.8) as alike
    from people.identifier
    where kind = 'name' and value >= :first and value < :after
        and system.main.jaro_winkler_similarity(value, :said, 0.8) > 0.8
    order by alike desc, value, customer_id
    limit 200
) as nearest
group by customer_id
"""
_WORD = """
select distinct customer_id, 0.9 as alike
from people.identifier
where kind = 'name' and contains(value, :said)
    and (starts_with(value, :first) or ends_with(value, :last) or contains(value, :within))
order by customer_id
limit 200
"""
# Few values begin alike; only they are compared, which the engine would else do with every value first.
_EMAILS = """
with near as materialized (
    select value, customer_id
    from people.identifier
    where kind = 'e-mail' and value >= :first and value < :after
), likely as materialized (
    select value, customer_id
    from near
    where starts_with(value, :local) or length(value) between length(:said) - 1 and length(:said) + 1
    order by system.main.jaro_winkler_similarity(value, :said) desc, value, customer_id
    limit 200
)
select customer_id, max(case when starts_with(value, :local) then 0.9 else 0.95 end) as alike
from likely
where starts_with(value, :local) or damerau_levenshtein(value, :said) = 1
group by customer_id
"""
_SAME_END = """
select distinct customer_id, 0.95 as alike from people.identifier
where kind = 'phone' and ends_with(value, :said)
order by customer_id
limit 200
"""
_ONE_SIGN = """
with near as materialized (
    select value, customer_id
    from people.identifier
    where kind = :kind and value >= :first and value < :after
)
select distinct customer_id, 0.9 as alike
from near
where length(value) = length(:said) and damerau_levenshtein(value, :said) = 1
order by customer_id
limit 200
"""


@dataclass(frozen=True, slots=True)
class Alike:
    """A customer with a value like the one that was said, 1 being the same."""

    customer_id: int
    alike: float
    how: Text


def similar(reader: Reader, said: Typed) -> tuple[Alike, ...]:
    """Who has something like what was said, the most alike first, each customer once."""
    if "identifier" not in (reader.people or ()):
        return ()
    found: list[Alike] = []
    if said.email:
        found += emails(reader, said.email)
    if said.digits:
        found += phones(reader, said.phone, said.digits)
    if said.tax_id:
        found += tax_numbers(reader, said.tax_id)
    for name in said.names[:1]:
        found += names(reader, name)
    best: dict[int, Alike] = {}
    for each in sorted(found, key=lambda each: (-each.alike, each.customer_id)):
        best.setdefault(each.customer_id, each)
    return tuple(best.values())


def chances(found: Iterable[Alike], *, known: float) -> tuple[Candidate, ...]:
    """The chance of each to be who was meant, all of them and somebody unknown together being 1.

    Parameters
    ----------
    known : how many to one it is somebody we know, where the values are the same.

    Examples
    --------
    >>> [each.probability for each in chances([Alike(7, 0.9, text("a similar name"))], known=4.0)]
    [0.5]
    """
    odds = [(each, known * max(0.0, (each.alike - _ALIKE) / (1 - _ALIKE)) ** 2) for each in found]
    whole = 1 + sum(each for _, each in odds)
    listed = sorted(odds, key=lambda each: (-each[1], each[0].customer_id))
    return tuple(
        Candidate(customer_id=each.customer_id, probability=round(chance / whole, 6), how=each.how)
        for each, chance in listed
        if chance > 0
    )


def emails(reader: Reader, said: str) -> list[Alike]:
    """Who has the same name before the @, or an address with a slip in it."""
    local = said.partition("@")[0]
    given = {"said": said, "local": f"{local}@", **_range(said, 2)}
    return _alike(reader, tree(_EMAILS), given, text("a similar e-mail address"))


def phones(reader: Reader, said: str | None, digits: str) -> list[Alike]:
    """Who has the same number under another country's code, or one with a slip in it."""
    given: dict[str, object] = {"said": digits[-9:].lstrip("0")}
    found = _alike(reader, tree(_SAME_END), given, text("the same telephone number in another country"))
    if said:
        given = {"kind": "phone", "said": said, **_range(said, 8)}
        found += _alike(reader, tree(_ONE_SIGN), given, text("a telephone number with one other digit"))
    return found


def tax_numbers(reader: Reader, said: str) -> list[Alike]:
    """Who has a tax number with a slip in it."""
    given = {"kind": "tax number", "said": said, **_range(said, 4)}
    return _alike(reader, tree(_ONE_SIGN), given, text("a tax number with one other sign"))


def names(reader: Reader, said: str, *, beginning: bool = False) -> list[Alike]:
    """Who has a name with this word in it, where one was said, else a similar name.

    Parameters
    ----------
    beginning : look only among names that begin with the same letters, which lie together: little is read.
    """
    if "identifier" not in (reader.people or ()):
        return []
    if " " not in said and not beginning:
        word = {"said": said, "first": f"{said} ", "last": f" {said}", "within": f" {said} "}
        found = _alike(reader, tree(_WORD), word, text("a name with this word in it"))
        if found:
            return found
    among = _range(said, 3 if beginning else 0)
    return _alike(reader, tree(_NAMES), {"said": said, **among}, text("a similar name"))


def _alike(reader: Reader, query: exp.Query, given: Mapping[str, object], how: Text) -> list[Alike]:
    rows: list[dict[str, Any]] = reader.fetch(query, given).to_pylist()
    alike = [Alike(row["customer_id"], float(row["alike"]), how) for row in rows if row["alike"] > _ALIKE]
    return sorted(alike, key=lambda each: (-each.alike, each.customer_id))


def _range(said: str, signs: int) -> dict[str, object]:
    """What begins with the same signs: the table is ordered by value, so only these rows are read."""
    first = said[:signs]
    return {"first": first, "after": first + "\U0010ffff"}
