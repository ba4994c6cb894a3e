"""What was found about two records, in words: what each field says, and the reason for the whole."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from clientela.contracts.identity import FieldSays, Line
from clientela.contracts.text import Text, text

NAMES: Mapping[str, Text] = {
    "first_name": text("first name"),
    "last_name": text("last name"),
    "second_surname": text("second last name"),
    "full_name": text("name"),
    "company": text("company"),
    "birth_date": text("birth date"),
    "birth_year": text("year of birth"),
    "email": text("e-mail address"),
    "phone": text("telephone"),
    "tax_id": text("tax number"),
    "address": text("address"),
    "place": text("town"),
    "town": text("town"),
    "others_nearby": text("doubt"),
    "reached_at_home": text("e-mail and telephone"),
}
LIKENESSES: Mapping[str, Text] = {
    "exact": text("same"),
    "the same in one home": text("same, in one home"),
    "the same one word": text("same, one word"),
    "very similar": text("very similar"),
    "similar": text("similar"),
    "different": text("different"),
    "nickname": text("nickname"),
    "initial": text("initial"),
    "sounds alike": text("sounds alike"),
    "part of the other": text("part of the other"),
    "swapped with the last name": text("swapped with the last name"),
    "swapped with the first name": text("swapped with the first name"),
    "one digit": text("one digit"),
    "one letter": text("one letter"),
    "one digit, or day and month turned": text("one digit, or turned"),
    "two of day, month and year": text("two of day, month and year"),
    "same name at another provider": text("another provider"),
    "same name and number at another provider": text("another provider"),
    "different, as the street": text("different"),
    "different, told with the home": text("different"),
    "the same, told with the home": text("same"),
    "one telephone, two e-mail addresses": text("one telephone, two e-mail addresses"),
    "two e-mail addresses and two telephones": text("two e-mail addresses and two telephones"),
    "two e-mail addresses": text("two e-mail addresses"),
    "two telephones": text("two telephones"),
    "similar, of one name": text("similar, of one name"),
    "a slip apart": text("a slip apart"),
    "same street": text("same street"),
    "same town": text("same town"),
    "same postal code": text("same postal code"),
    "the same, in another town": text("same, in another town"),
    "two people of one household or company": text("household or colleagues"),
    "brothers or sisters born together": text("brothers or sisters"),
    "namesakes of two ages": text("namesakes of two ages"),
    "two organisations": text("two organisations"),
    "parent and child of one name": text("parent and child of one name"),
    "parent and child of one name, as it says": text("parent and child of one name"),
    "parent and child of one name, by the other family name": text("parent and child of one name"),
    "colleagues": text("colleagues"),
    "a person and an organisation": text("a person and an organisation"),
    "hardly anything said": text("hardly anything said"),
    "one name in one street": text("one name in one street"),
    "one name in one street, other contacts": text("one name in one street"),
}
_REASONS: Mapping[str, Callable[[Text], Text]] = {
    "exact": lambda field: text("same {field}", field=field),
    "the same in one home": lambda field: text("same {field}, in one home", field=field),
    "the same one word": lambda field: text("same {field}", field=field),
    "very similar": lambda field: text("very similar {field}", field=field),
    "similar": lambda field: text("similar {field}", field=field),
    "different": lambda field: text("different {field}", field=field),
    "nickname": lambda field: text("{field} is a nickname", field=field),
    "initial": lambda field: text("{field} is an initial", field=field),
    "sounds alike": lambda field: text("{field} sounds alike", field=field),
    "part of the other": lambda field: text("{field} is part of the other", field=field),
    "swapped with the last name": lambda _: text("first and last name are swapped"),
    "swapped with the first name": lambda _: text("first and last name are swapped"),
    "one digit": lambda field: text("{field} differs in one digit", field=field),
    "one letter": lambda field: text("{field} differs in one letter", field=field),
    "one digit, or day and month turned": lambda field: text("{field} differs in one digit", field=field),
    "two of day, month and year": lambda field: text("two parts of the {field} agree", field=field),
    "same name at another provider": lambda _: text("same name at another e-mail provider"),
    "same name and number at another provider": lambda _: text("same name at another e-mail provider"),
    "different, as the street": lambda field: text("different {field}", field=field),
    "different, told with the home": lambda field: text("different {field}", field=field),
    "the same, told with the home": lambda field: text("same {field}", field=field),
    "one telephone, two e-mail addresses": lambda _: text(
        "one name at one address with one telephone and two e-mail addresses"
    ),
    "two e-mail addresses and two telephones": lambda _: text(
        "one name at one address with two e-mail addresses and two telephones"
    ),
    "two e-mail addresses": lambda _: text("one name at one address with two e-mail addresses"),
    "two telephones": lambda _: text("one name at one address with two telephones"),
    "similar, of one name": lambda field: text("similar {field}", field=field),
    "a slip apart": lambda field: text("{field} is a slip apart", field=field),
    "same street": lambda _: text("same street, another house"),
    "same town": lambda _: text("same town"),
    "same postal code": lambda _: text("same postal code"),
    "the same, in another town": lambda field: text("same {field}, in another town", field=field),
    "two people of one household or company": lambda _: text("they look like two people of one household or company"),
    "brothers or sisters born together": lambda _: text("they look like brothers or sisters born together"),
    "namesakes of two ages": lambda _: text("they look like namesakes of two ages"),
    "two organisations": lambda _: text("they look like two organisations"),
    "parent and child of one name": lambda _: text("they look like parent and child of one name"),
    "parent and child of one name, as it says": lambda _: text("they look like parent and child of one name"),
    "parent and child of one name, by the other family name": lambda _: text(
        "same given name and first last name, another second last name: they look like parent and child"
    ),
    "colleagues": lambda _: text("they look like colleagues"),
    "a person and an organisation": lambda _: text("one is a person, the other an organisation"),
    "hardly anything said": lambda _: text("hardly anything is known of one of them"),
    "one name in one street": lambda _: text("one name in one street may be two of a family"),
    "one name in one street, other contacts": lambda _: text("one name in one street may be two of a family"),
}
RULES: Mapping[str, Text] = {
    "tax number": text("same tax number, and nothing contradicts it"),
    "e-mail": text("same e-mail address of a person, and nothing contradicts it"),
    "phone and surname": text("same telephone and last name, and nothing contradicts it"),
    "name and door": text("same name at one address, and nothing contradicts it"),
    "domain and company": text("same company and e-mail domain, and nothing contradicts it"),
}
SAME, UNKNOWN, PRIOR = "exact", "unknown", "any two records"  # in the model's words
_OF_RULE: Mapping[str, tuple[str, ...]] = {  # what a rule has said already
    "tax number": ("tax_id",),
    "e-mail": ("email",),
    "phone and surname": ("phone", "last_name"),
    "name and door": ("address", "first_name", "last_name"),
    "domain and company": ("company",),
}
MOST_REASONS = 7
_CLEAR_BITS = 0.5  # what weighs less is no reason for anything


def evidence(rows: Sequence[tuple[str, str, float]], weight: float | None) -> tuple[FieldSays, ...]:
    """What each field says, after what is known before any is compared, so that all add up to the pair's weight.

    A field of which one record says nothing is left out.
    """
    fields = tuple(
        FieldSays(
            field=name,
            name=NAMES.get(name, text("{name}", name=name)),
            likeness=LIKENESSES.get(said, text("{said}", said=said)),
            match_weight=bits,
            said=said,
        )
        for name, said, bits in rows
        if name != PRIOR and said not in ("", UNKNOWN)
    )
    before = (weight or 0.0) - sum(each.match_weight for each in fields)
    if weight is None or not fields or abs(before) < 0.005:
        return fields
    chance = FieldSays(
        field=None,
        name=text("before comparing"),
        likeness=text("two records by chance"),
        match_weight=round(before, 6),
    )
    return (chance, *fields)


def reasons(
    fields: Iterable[FieldSays], lines: Sequence[Line], rule: str | None = None, *, open_: bool = False
) -> tuple[Text, ...]:
    """The reason in words: the rule, then what weighs most; without evidence, what the records say alike or not.

    Parameters
    ----------
    open_ : a person is asked; where a rule fits all the same, a third record stands between.
    """
    ruled = (RULES.get(rule, text("rule: {rule}", rule=rule)),) if rule is not None else ()
    if open_ and rule is not None:
        ruled = (text("it may be either of two people of this name who are a generation apart"),)
    said_already = _OF_RULE.get(rule or "", ())
    weighed = [each for each in fields if each.field and abs(each.match_weight) >= _CLEAR_BITS]
    weighed = [each for each in weighed if each.field not in said_already or each.said != SAME]
    if weighed:
        said = [_reason(each, lines) for each in weighed]
    else:
        both = [each for each in lines if each.left is not None and each.right is not None]
        told = [each for each in both if each.field not in ("created_on", "language")]
        said = [text("same {field}", field=each.name) for each in told if not each.differs]
        said += [text("different {field}", field=each.name) for each in told if each.differs]
    once = {(each.id, str(each.values)): each for each in said}
    return (*ruled, *list(once.values())[:MOST_REASONS])


def _reason(said: FieldSays, lines: Sequence[Line]) -> Text:
    """One field in a few words.

    Examples
    --------
    >>> phone = FieldSays(field="phone", name=text("telephone"), likeness=text("same"), match_weight=9.0, said="exact")
    >>> _reason(phone, ()).id
    'same {field}'
    """
    if said.said == "one digit, or day and month turned" and _turned(lines):
        return text("day and month of the birth date are turned")
    in_words = _REASONS.get(said.said)
    return in_words(said.name) if in_words else text("{field}: {likeness}", field=said.name, likeness=said.likeness)


def _turned(lines: Sequence[Line]) -> bool:
    """Whether the two birth dates are one day written in two orders."""
    for each in lines:
        one, other = each.left, each.right
        if each.field == "birth_date" and isinstance(one, date) and isinstance(other, date):
            return (one.year, one.month, one.day) == (other.year, other.day, other.month)
    return False
