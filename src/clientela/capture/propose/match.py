"""Which column of a file fills which column of a contract: by the words of its header and what its values show."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from clientela.capture.propose.look.values import Looks, Profile
from clientela.capture.propose.words import Meaning, choice_of, fit, meaning, patterns
from clientela.contracts.schema import Column, Contract, Type

TAKEN = 0.5  # a lower fit is no mapping
TAKEN_REQUIRED = 0.38  # of a column that must be there
SURE = 0.85
_IDS = ("_id", "_ref")
_NAMES = ("full_name", "first_name", "last_name", "city", "company", "gender")
_SHARED = ("owner_id", "agent_id", "territory_id", "campaign_id", "list_id")  # many rows have the same one
_MANY = 50
_LONG_TEXT = ("text", "comment", "favourite_links")


@dataclass(frozen=True, slots=True)
class Field:
    """Where a column of the contract is to come from. ``doubt``: why it is not sure; empty when it is."""

    name: str
    column: str | None = None
    expr: str | None = None
    reads: tuple[str, ...] = ()
    score: float = 1.0
    evidence: str = ""
    doubt: str = ""
    held: bool = False  # commented out: it may not be used before someone decides

    @property
    def sure(self) -> bool:
        """Whether it needs no second look."""
        return not self.doubt


@dataclass(frozen=True, slots=True)
class Match:
    """The columns found for one contract."""

    contract: Contract
    fields: dict[str, Field] = field(default_factory=dict)
    unfit: dict[str, str] = field(default_factory=dict)  # columns of the file that were meant, and why they do not fit

    @property
    def used(self) -> frozenset[str]:
        """The file's columns that are read."""
        return frozenset(name for each in self.fields.values() for name in each.reads)


def match(
    contract: Contract, profiles: Sequence[Profile], *, own: bool, named: Mapping[str, Meaning] | None = None
) -> Match:
    """The best column for each column of a contract, each used once.

    Parameters
    ----------
    contract
        To fill.
    profiles
        The file's columns.
    own
        Whether the file is about this table.
    named
        What the header of each column means in this file; each by itself when left out.
    """
    ways = patterns()[contract.name]
    about = frozenset(notion for each in ways["_about"] for notion in each.notions)
    offers: list[tuple[float, int, Column, Profile, str]] = []
    unfit: dict[str, str] = {}
    for place, shown in enumerate(profiles):
        said = named[shown.name] if named is not None else meaning(shown.name)
        for column in contract.columns:
            words = max((fit(said, way, about, own=own) for way in ways.get(column.name, ())), default=0.0)
            words = max(words, by_values(column, shown, said))
            if words <= 0:
                continue
            value, doubt = values_fit(column, shown)
            score = words * value
            if not value and words >= SURE:
                unfit[shown.name] = f"its name says {column.name}, but {doubt}"
            if score >= (TAKEN_REQUIRED if column.required else TAKEN):
                offers.append((score, -place, column, shown, doubt))
    fields: dict[str, Field] = {}
    used: set[str] = set()
    for score, _, column, shown, doubt in sorted(offers, key=lambda each: each[:2], reverse=True):
        if column.name in fields or shown.name in used:
            continue
        fields[column.name] = field_of(column, shown, score, doubt)
        used.add(shown.name)
    _tell_first_names(fields, {each.name: each for each in profiles}, named)
    return Match(contract, fields, {name: why for name, why in unfit.items() if name not in used})


def _tell_first_names(
    fields: dict[str, Field], profiles: Mapping[str, Profile], named: Mapping[str, Meaning] | None
) -> None:
    """Where "nombre" stands beside "apellidos", it is a first name, unless the last name is in it too."""
    whole, last = fields.get("full_name"), fields.get("last_name")
    if whole is None or last is None or "first_name" in fields or whole.column is None or last.column is None:
        return
    said = named[whole.column] if named is not None else meaning(whole.column)
    if "fullname" in said.notions:
        return
    surnames = {word for value in profiles[last.column].distinct for word in value.casefold().split()}
    ends = [value.casefold().split()[-1] for value in profiles[whole.column].distinct if value.strip()]
    if 2 * sum(each in surnames for each in ends) > len(ends):
        return
    evidence = f"{whole.evidence}; a first name, as '{last.column}' has the last name"
    del fields["full_name"]
    fields["first_name"] = replace(whole, name="first_name", evidence=evidence)


def by_values(column: Column, shown: Profile, said: Meaning) -> float:
    """How well the values alone name a column: an address with @ is one whatever its header says."""
    if column.name == "email" and shown.emails > 0.9 and not said.notions - {"id", "customer"}:
        return 0.6
    return 0.0


def values_fit(column: Column, shown: Profile) -> tuple[float, str]:
    """How well the values of a column of a file fit a column of a contract, and what is odd about them."""
    if shown.looks is Looks.EMPTY:
        return 0.7, "it has no value in what was sampled"
    if column.choices:
        return _choice_fit(column, shown)
    return _FITS.get(column.type, _text_fit)(column, shown)


def translated(column: Column, shown: Profile) -> dict[str, str]:
    """For a column of choices, the choice each value of the file stands for; empty when one is unknown."""
    found = {value: choice_of(value, column.choices) for value in sorted(shown.distinct)}
    return {value: choice for value, choice in found.items() if choice} if all(found.values()) else {}


def quoted(name: str) -> str:
    """A column's name as a formula writes it.

    Examples
    --------
    >>> quoted("Quantity"), quoted("Precio unitario")
    ('Quantity', '"Precio unitario"')
    """
    plain = name.isidentifier() and name.isascii() and name.lower() not in _RESERVED
    return name if plain else '"' + name.replace('"', '""') + '"'


_RESERVED = frozenset(
    word
    for line in (
        "all and any as asc case cast check column constraint create default desc distinct do else end except",
        "false fetch for foreign from grant group having in initially intersect into is lateral leading limit",
        "not null offset on only or order primary references returning select some symmetric table then to",
        "trailing true union unique user using when where window with date time timestamp interval values",
        "left right text number position",
    )
    for word in line.split()
)


def _date_fit(_: Column, shown: Profile) -> tuple[float, str]:
    return (1.0, "") if shown.dates is not None else (0.0, f"its values are {shown.looks.value}, not dates")


def _number_fit(_: Column, shown: Profile) -> tuple[float, str]:
    if not shown.numeric:
        return 0.0, f"its values are {shown.looks.value}, not numbers"
    return 1.0, "'1.234' may be 1,234 or 1.234" if shown.either else ""


def _int_fit(_: Column, shown: Profile) -> tuple[float, str]:
    return (1.0, "") if shown.looks is Looks.WHOLE else (0.0, f"its values are {shown.looks.value}")


def _share_fit(_: Column, shown: Profile) -> tuple[float, str]:
    within = shown.numeric and (shown.lowest or 0) >= 0 and (shown.highest or 0) <= 1
    return (1.0, "") if within else (0.0, "its values are not from 0 to 1")


def _choice_fit(column: Column, shown: Profile) -> tuple[float, str]:
    if shown.many <= 40 and translated(column, shown):
        return 1.0, ""
    return (
        0.0,
        f"its values ({', '.join(shown.examples[:3])}) are not those the table takes: {', '.join(column.choices)}",
    )


def _text_fit(column: Column, shown: Profile) -> tuple[float, str]:
    if column.name in _SHAPES:
        return _SHAPES[column.name](shown)
    if column.name in _LONG_TEXT:
        return (1.0, "") if shown.looks is Looks.TEXT else (0.0, "its values are no text")
    if shown.looks is Looks.DATE:
        return 0.0, "its values are dates"
    if column.name.endswith(_IDS) or column.name in ("line_no", "postal_code", "tax_id"):
        return _code_fit(column, shown)
    if shown.looks is Looks.BOOL or (shown.looks is Looks.NUMBER and not shown.letters):
        return 0.0, f"its values are {shown.looks.value}"
    odd = shown.looks is Looks.WHOLE and column.name in _NAMES
    return (0.3, "its values are whole numbers") if odd else (1.0, "")


def _code_fit(column: Column, shown: Profile) -> tuple[float, str]:
    """An identifier: no decimals, no yes or no, not as long as a sentence."""
    if shown.looks in (Looks.NUMBER, Looks.BOOL) or shown.longest > 80:
        return 0.0, f"its values are {shown.looks.value}, no codes"
    shared = column.name in _SHARED and shown.unique and shown.rows >= _MANY
    return (0.8, "every row has another one, which is odd") if shared else (1.0, "")


def _email_fit(shown: Profile) -> tuple[float, str]:
    return (1.0, "") if shown.emails > 0.6 else (0.0, "its values are no e-mail addresses")


def _phone_fit(shown: Profile) -> tuple[float, str]:
    return (1.0, "") if shown.phones > 0.6 else (0.5, "few of its values look like telephone numbers")


def _currency_fit(shown: Profile) -> tuple[float, str]:
    codes = all(len(value) == 3 and value.isalpha() for value in shown.distinct)
    return (1.0, "") if codes else (0.0, "its values are no currency codes of three letters")


def field_of(column: Column, shown: Profile, score: float, doubt: str) -> Field:
    """A column of a file as the source of a column of the contract."""
    evidence = shown.said
    if not doubt and score < SURE:
        doubt = f"by its name '{shown.name}' it may be something else"
    made = Field(column.name, shown.name, None, (shown.name,), score, evidence, doubt)
    words = translated(column, shown) if column.choices and shown.looks is not Looks.EMPTY else {}
    if any(value != choice for value, choice in words.items()):
        return replace(
            made, column=None, expr=_cases(shown.name, words), evidence=f"{evidence}; its words put into ours"
        )
    return made


def _cases(name: str, words: Mapping[str, str]) -> str:
    """A formula that puts each value into the word of the contract."""
    cell = f"text({quoted(name)})"
    groups: dict[str, list[str]] = {}
    for value, choice in words.items():
        groups.setdefault(choice, []).append("'" + value.replace("'", "''") + "'")
    whens = " ".join(
        f"when trim({cell}) in ({', '.join(values)}) then '{choice}'" for choice, values in sorted(groups.items())
    )
    return f"case {whens} else {cell} end"


_FITS: Mapping[Type, Callable[[Column, Profile], tuple[float, str]]] = {
    Type.DATE: _date_fit,
    Type.INSTANT: _date_fit,
    Type.MONEY: _number_fit,
    Type.NUMBER: _number_fit,
    Type.INT: _int_fit,
    Type.SHARE: _share_fit,
}
_SHAPES: Mapping[str, Callable[[Profile], tuple[float, str]]] = {
    "email": _email_fit,
    "phone": _phone_fit,
    "fax": _phone_fit,
    "currency": _currency_fit,
}
