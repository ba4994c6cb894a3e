"""The words of four languages as lists: given and family names, nicknames, towns, streets."""

from __future__ import annotations

from clientela.testing.company.people.names import dutch, english, italian, spanish

LANGUAGES = ("es", "it", "nl", "en")
_OF = {"es": spanish, "it": italian, "nl": dutch, "en": english}
_TOWNS = {**{language: words.TOWNS for language, words in _OF.items()}, "us": english.AMERICAN_TOWNS}


def first_names(language: str) -> tuple[list[str], list[str]]:
    """Women's and men's names."""
    return _OF[language].FEMALE.split(), _OF[language].MALE.split()


def nicknames(language: str) -> dict[str, str]:
    """What the bearer of a given name may be called."""
    pairs = (each.partition("=") for each in _OF[language].NICKNAMES.split())
    return {name: called for name, _, called in pairs}


def family_names(language: str) -> list[str]:
    """At least four hundred family names: those written down, then rarer ones composed of what names are made of."""
    own = _OF[language].FAMILY.replace("De ", "De_").split()
    return [name.replace("_", " ") for name in dict.fromkeys([*own, *_composed(language)])]


def _composed(language: str) -> list[str]:
    beginnings, endings = (part.split() for part in _OF[language].PARTS)
    made = [(one, two) for two in endings for one in beginnings]
    return [one + (two if one.endswith("_") else two.lower()) for one, two in made]


def towns(country: str) -> list[tuple[str, str]]:
    """Towns of a country with how their postal codes begin; the country by its language, America by "us"."""
    pairs = (each.replace("_", " ").rsplit("|", 1) for each in _TOWNS[country].split())
    return [(town, code) for town, code in pairs]


def streets(language: str) -> list[str]:
    """Names of streets without the word for street."""
    return [name.replace("_", " ") for name in _OF[language].STREETS.split()]
