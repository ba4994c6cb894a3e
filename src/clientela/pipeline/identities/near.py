"""Values that are nearly what was said: a name with a slip, an address or a number one sign away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlglot import exp

from clientela.contracts.identity import Candidate
from clientela.contracts.text import Text, text
from clientela.pipeline.identities.shown import tree
from clientela.pipeline.identities.typed import Typed
from clientela.warehouse.store.snapshot import Reader

_ALIKE = 0.8  # below this two names have little in common
_WORDS = 4
_WITHIN = "select value, customer_id from people.identifier where kind = 'name'"
_BEGINS = """
select value, customer_id from people.identifier where kind = 'name' and value >= :first and value < :after
"""
_NAMES = """
select customer_id, max(alike) as alike
from (
    select customer_id, jaro_winkler_similarity(value, :said) as alike
    from likely
    order by alike desc, value, customer_id
    limit 200
) as nearest
group by customer_id
"""
_WORD = """
select distinct customer_id, 0.9 as alike
from people.identifier
where kind = 'name' and (
    starts_with(value, concat(:said, ' ')) or ends_with(value, concat(' ', :said))
    or contains(value, concat(' ', :said, ' '))
)
limit 200
"""
_EMAILS = """
select customer_id, max(case when starts_with(value, :local) then 0.9 else 0.95 end) as alike
from (
    select value, customer_id
    from people.identifier
    where kind = 'e-mail' and value >= :first and value < :after
        and (length(value) between length(:said) - 1 and length(:said) + 1 or starts_with(value, :local))
    order by jaro_winkler_similarity(value, :said) desc, value, customer_id
    limit 200
) as nearest
where starts_with(value, :local) or damerau_levenshtein(value, :said) = 1
group by customer_id
"""
_SAME_END = """
select distinct customer_id, 0.95 as alike from people.identifier
where kind = 'phone' and ends_with(value, :said)
limit 200
"""
_ONE_SIGN = """
select distinct customer_id, 0.9 as alike
from people.identifier
where kind = :kind and value >= :first and value < :after and length(value) = length(:said)
    and damerau_levenshtein(value, :said) = 1
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


def names(reader: Reader, said: str) -> list[Alike]:
    """Who has a similar name: looked for among those that begin like one of its words, or have one that does.

    The words of a name stand in order, so that what begins alike lies together and little is read.
    """
    listed = [word for word in said.split() if len(word) > 1][:_WORDS]
    if not listed or "identifier" not in (reader.people or ()):
        return []
    given: dict[str, object] = {"said": said}
    later = [exp.func("contains", exp.column("value"), exp.Placeholder(this=f"within_{n}")) for n in range(len(listed))]
    within = tree(_WITHIN)
    assert isinstance(within, exp.Select)  # noqa: S101 - it is written above
    rows: exp.Query = within.where(exp.or_(*later))
    for number, word in enumerate(listed):
        given[f"within_{number}"] = f" {word[:3]}"
        begins = tree(_BEGINS).transform(_numbered, number)
        assert isinstance(begins, exp.Query)  # noqa: S101 - it is written above
        rows = exp.union(rows, begins, distinct=False)
        given |= {f"{name}_{number}": value for name, value in _range(word, 3).items()}
    query = tree(_NAMES)
    for table in list(query.find_all(exp.Table)):
        if table.name == "likely":
            table.replace(rows.subquery("likely"))
    found = _alike(reader, query, given, text("a similar name"))
    if len(listed) == 1:
        found += _alike(reader, tree(_WORD), {"said": listed[0]}, text("a name with this word in it"))
    return found


def _numbered(node: exp.Expr, number: int) -> exp.Expr:
    return exp.Placeholder(this=f"{node.this}_{number}") if isinstance(node, exp.Placeholder) else node


def _alike(reader: Reader, query: exp.Query, given: dict[str, object], how: Text) -> list[Alike]:
    rows: list[dict[str, Any]] = reader.fetch(query, given).to_pylist()
    alike = [Alike(row["customer_id"], float(row["alike"]), how) for row in rows if row["alike"] > _ALIKE]
    return sorted(alike, key=lambda each: (-each.alike, each.customer_id))


def _range(said: str, signs: int) -> dict[str, object]:
    """What begins with the same signs: the table is ordered by value, so only these rows are read."""
    first = said[:signs]
    return {"first": first, "after": first + "\U0010ffff"}
