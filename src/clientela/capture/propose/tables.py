"""Which table of the contracts a file fills, if any, and what of it; a file that fits none is told why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from clientela.capture.mapping import LEFT_OUT, required
from clientela.capture.propose.look.sample import Sample
from clientela.capture.propose.look.values import Looks, Profile
from clientela.capture.propose.match import Field, Match, match, quoted
from clientela.capture.propose.money import with_revenue
from clientela.capture.propose.words import meaning, meanings, patterns
from clientela.contracts.schema import Contract, Kind
from clientela.contracts.tables import CONTRACTS

UNKNOWN_SINCE = "1970-01-01"  # when a record was made, when no column says
_UNIQUE = 0.98  # of the keys must be different for a column to be the key
_REQUIRED_WEIGHT, _WEIGHT, _STEM_BONUS, _OWN_BONUS, _MADE_UP = 1.6, 1.0, 2.0, 1.0, 1.2
_FAR_MORE = 2.0
_MAKE_UP = ("order_line", "interaction", "service_case", "survey_answer", "contact", "response")  # keys may be made


@dataclass(frozen=True, slots=True)
class Fill:
    """How a file fills a table. ``lacking`` says why it cannot; empty when it can."""

    contract: Contract
    fields: dict[str, Field]
    constants: dict[str, tuple[str, str]]  # value and why
    unfit: dict[str, str]
    score: float
    lacking: str = ""

    @property
    def used(self) -> frozenset[str]:
        """The file's columns that are read."""
        return frozenset(name for each in self.fields.values() for name in each.reads)


def fills(look: Sample, profiles: Sequence[Profile], stem: str) -> list[Fill]:
    """Every table of which a file has something, the best first; those with ``lacking`` cannot be filled."""
    offers = [fill(contract, look, profiles, stem) for name, contract in CONTRACTS.items() if name in patterns()]
    return sorted((each for each in offers if each.fields and each.score > 0), key=lambda each: -each.score)


def best(offers: Sequence[Fill]) -> Fill | None:
    """The table to propose: the best that can be filled, unless one that cannot explains far more; or None.

    A file that is nearly a table of cases is not a poor table of customers.
    """
    whole = next((each for each in offers if not each.lacking), None)
    if whole is not None and whole.score >= offers[0].score - _FAR_MORE:
        return whole
    return offers[0] if offers else None


def fill(contract: Contract, look: Sample, profiles: Sequence[Profile], stem: str) -> Fill:
    """How well a file fills one table."""
    ways = patterns()[contract.name]
    about = [notion for each in ways["_about"] for notion in each.notions]
    named, shared = meanings([each.name for each in profiles])
    stem_says, entity = meaning(stem).notions | shared, _entity(profiles)
    own = bool(set(about) & stem_says) or entity in about
    found = match(contract, profiles, own=own, named=named)
    if contract.name == "order_line":
        found = with_revenue(found, look, profiles)
    if contract.name == "product":
        found = _with_categories(found, profiles)
    if contract.name == "customer_record":
        found = _with_house(found, profiles)
    fields, constants = dict(found.fields), _constants(contract, found, profiles, stem_says)
    lacking, made_up = _keyed(contract, look, profiles, fields)
    missing = [name for name in required(contract) if name not in fields and name not in constants]
    lacking = lacking or _lacking(contract, fields, missing, own=own)
    weight = sum(
        each.score * (_REQUIRED_WEIGHT if name in required(contract) else _WEIGHT) for name, each in fields.items()
    )
    weight += _STEM_BONUS * (about[0] in stem_says) + _OWN_BONUS * (entity == about[0])
    weight -= _MADE_UP * made_up + _MADE_UP * ("created_at" in constants)
    return Fill(contract, fields, constants, found.unfit, weight, lacking)


def _entity(profiles: Sequence[Profile]) -> str | None:
    """What the first column that is a key of the file identifies."""
    for each in profiles:
        said = meaning(each.name)
        if each.unique and {"id", "ref"} & said.notions and not said.unknown:
            others = said.notions - {"id", "ref", "record", "unique"}
            return next(iter(others)) if len(others) == 1 else None
    return None


def _constants(
    contract: Contract, found: Match, profiles: Sequence[Profile], stem: frozenset[str]
) -> dict[str, tuple[str, str]]:
    """What the file does not say in a column, but may be said for all of it."""
    said: dict[str, tuple[str, str]] = {}
    if contract.name == "customer_record" and "created_at" not in found.fields:
        why = "no column says when a record was made; this stands for 'always known'"
        said["created_at"] = (UNKNOWN_SINCE, why)
    if contract.name == "response" and "kind" not in found.fields:
        notions = stem | {notion for each in profiles for notion in meaning(each.name).notions}
        if "coupon" in notions:
            said["kind"] = ("coupon", "its names speak of coupons")
    if contract.name == "survey_answer" and "instrument" not in found.fields and "score" in found.fields:
        words = set(found.fields["score"].reads[0].lower().replace("_", " ").split())
        for each in ("nps", "csat", "ces"):
            if each in words:
                said["instrument"] = (each, f"by the name of '{found.fields['score'].reads[0]}'")
    return said


def _keyed(contract: Contract, look: Sample, profiles: Sequence[Profile], fields: dict[str, Field]) -> tuple[str, bool]:
    """Check or make up the key; why it cannot be one, and whether it was made up."""
    parts = [name for name in contract.key if name not in ("source", LEFT_OUT)]
    by_name = {each.name: each for each in profiles}
    missing = [name for name in parts if name not in fields]
    if contract.name == "order_line":
        _check_lines(look, fields)
    elif not missing and all(fields[name].column for name in parts):
        columns = [str(fields[name].column) for name in parts]
        share = different(look, columns)
        if share < _UNIQUE:
            said = " and ".join(f"'{name}'" for name in columns)
            return f"{said} would be its key, but {1 - share:.0%} of the rows repeat one", False
    others = [name for name in required(contract) if name not in fields and name not in parts]
    if missing and not others and len(parts) == 1 and contract.name in _MAKE_UP:
        made = _made_key(contract, look, fields, by_name)
        if made is not None:
            fields[parts[0]] = made
            return "", True
    return "", False


def different(look: Sample, columns: Sequence[str]) -> float:
    """The share of rows whose key no row before had; rows without a key count as repeated."""
    keys = set(zip(*(look.column(name) for name in columns), strict=True))
    blank = sum(1 for key in keys if None in key or "" in key)
    return (len(keys) - blank) / look.rows if look.rows else 0.0


def _check_lines(look: Sample, fields: dict[str, Field]) -> None:
    """Leave out a line number that does not count lines within orders."""
    line, order = fields.get("line_no"), fields.get("order_id")
    if line is None or line.column is None:
        return
    if order is None or order.column is None or different(look, [order.column, line.column]) < _UNIQUE:
        fields.pop("line_no")


def _made_key(
    contract: Contract, look: Sample, fields: dict[str, Field], profiles: Mapping[str, Profile]
) -> Field | None:
    """A key put together of the customer, the moment and what else makes rows different."""
    person = next((fields[each.name] for each in contract.columns if each.person and each.name in fields), None)
    moment = fields.get(contract.event_time or "")
    if person is None or moment is None or person.column is None or moment.column is None:
        return None
    columns = [person.column, moment.column]
    share = different(look, columns)
    if contract.name != "order_line":  # lines of one order may share its key
        others = [name for name in profiles if name not in columns and profiles[name].looks is not Looks.NUMBER]
        for name in others:
            if share >= _UNIQUE:
                break
            more = different(look, [*columns, name])
            if more > share + 0.001:
                columns, share = [*columns, name], more
    name = contract.key[-1] if contract.name != "order_line" else "order_id"
    expr = " || '-' || ".join(f"text({quoted(each)})" for each in columns)
    doubt = "no column is a key; this makes one" + (
        ", a customer's purchases of one moment are one order" if contract.name == "order_line" else ""
    )
    if contract.name != "order_line" and share < _UNIQUE:
        doubt += f", and {1 - share:.0%} of the rows repeat it: of those the last one stays"
    if profiles[person.column].emails > 0.5:
        doubt += "; it holds an e-mail address in the clear"
    return Field(name, None, expr, tuple(columns), 0.6, "", doubt)


def _lacking(contract: Contract, fields: Mapping[str, Field], missing: Sequence[str], *, own: bool) -> str:
    """Why the table cannot be filled, or an empty text."""
    said = [f"{name} ({contract.column(name).description.rstrip('.').lower()})" for name in missing]
    if said:
        return f"no column says {', '.join(said)}"
    others = [name for name in fields if name not in contract.key]
    if contract.kind is Kind.FACT and contract.name != "customer_record" and not own:
        others = [name for name in others if name != contract.event_time]
    if not others:
        return "it has a key and nothing else that is known"
    persons = [each.name for each in contract.columns if each.person]
    if contract.name in ("interaction", "response", "contact") and not any(name in fields for name in persons):
        return "no column says who it is about"
    if contract.name == "survey_answer" and not {"score", "comment"} & set(fields):
        return "no column holds an answer"
    if contract.name == "order_line" and not {"customer_ref", "product_id"} & set(fields):
        return "no column says who bought or what"
    return ""


def _with_categories(found: Match, profiles: Sequence[Profile]) -> Match:
    """Groups of products by width: the widest is the category, the next the subcategory, the finest may name."""
    groups = {"category", "department", "subcategory", "kind"}
    named = [
        each
        for each in profiles
        if each.looks is Looks.TEXT
        and meaning(each.name).notions & groups
        and not meaning(each.name).notions - groups - {"product"}
        and not meaning(each.name).unknown
    ]
    fields = dict(found.fields)
    taken = {name for each in ("category", "subcategory") if each in fields for name in fields[each].reads}
    if len(named) < 2 or len(named) == len(taken):
        return found
    named.sort(key=lambda each: each.many)
    for name in ("category", "subcategory"):
        fields.pop(name, None)
    wanted = ["category", "subcategory"] + ([] if "name" in fields else ["name"])
    for name, each in zip(wanted, named, strict=False):
        doubt = f"of the groups '{each.name}' has {each.many:,} values, so it was put here"
        fields[name] = Field(name, each.name, None, (each.name,), 0.8, each.said, doubt)
    return replace(found, fields=fields)


def _with_house(found: Match, profiles: Sequence[Profile]) -> Match:
    """The house number put to the street, when it has a column of its own."""
    street = found.fields.get("street")
    house = next((each for each in profiles if meaning(each.name).notions == {"house"}), None)
    if street is None or street.column is None or house is None:
        return found
    english = "number" in house.name.lower()
    parts = [house.name, street.column] if english else [street.column, house.name]
    one, other = (f"coalesce(text({quoted(name)}), '')" for name in parts)
    made = replace(street, column=None, expr=f"trim({one} || ' ' || {other})", reads=tuple(parts))
    return replace(found, fields={**found.fields, "street": made})
