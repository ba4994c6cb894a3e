"""What the cube says of its figures is said in four languages."""

import pytest

from clientela.contracts.text import Text
from clientela.cube.declared.counted.shape import Unit
from clientela.cube.declared.dimension import DIMENSIONS, HIERARCHIES
from clientela.cube.declared.measure import MEASURES
from clientela.present.extract import breaches
from clientela.present.formats import LANGUAGES, OF_FIGURES
from clientela.present.say import PLACE, catalogue, say
from clientela.workspace import FIGURE_LANGUAGES
from tests.promises.source import said

UPDATE = "translate them; `python -m clientela.present.extract` updates the catalogue"
WORDS = {
    **{f"measure {each.name}": (each.label, each.description) for each in MEASURES.values()},
    **{f"dimension {each.name}": (each.label, each.description) for each in DIMENSIONS.values()},
    **{f"unit {each.value}": (each.label,) for each in Unit},
    **{f"hierarchy {name}": (label,) for name, label in HIERARCHIES.items()},
}
# Written alike: names, and words that the languages share.
ALIKE = {
    "NPS",
    "CSAT",
    "CES",
    "Product",
    "Sector",
    "Status",
    "Pipeline",
    "District",
    "Segment",
    "Week",
    "Records",
    "Team",
}


def test_the_languages_are_english_spanish_italian_and_dutch():
    assert FIGURE_LANGUAGES == ("en", "es", "it", "nl")
    assert (*LANGUAGES, *OF_FIGURES) == FIGURE_LANGUAGES


@pytest.mark.parametrize("locale", FIGURE_LANGUAGES[1:])
def test_every_measure_dimension_unit_and_hierarchy_is_said_in_every_language(locale):
    told = catalogue(locale)
    missing = [(name, text.id) for name, words in WORDS.items() for text in words if text.id not in told]
    assert missing == []


@pytest.mark.parametrize("locale", FIGURE_LANGUAGES[1:])
def test_a_translation_has_the_places_of_its_message_and_ends_as_it_does(locale):
    for words in WORDS.values():
        for text in words:
            for form in catalogue(locale).get(text.id, ()):
                assert set(PLACE.findall(form)) == set(PLACE.findall(text.id)), text.id
                assert form.endswith(".") == text.id.endswith("."), form
                assert form == form.strip(), form


@pytest.mark.parametrize("locale", FIGURE_LANGUAGES[1:])
def test_a_translation_is_one(locale):
    same = {text.id for words in WORDS.values() for text in words if catalogue(locale).get(text.id) == (text.id,)}
    assert same <= ALIKE


@pytest.mark.parametrize("locale", FIGURE_LANGUAGES)
def test_two_measures_are_never_called_alike(locale):
    called: dict[str, str] = {}
    for each in MEASURES.values():
        label = say(each.label, locale)
        assert label not in called or each.label.id == MEASURES[called[label]].label.id, (
            label,
            called[label],
            each.name,
        )
        called[label] = each.name


@pytest.mark.parametrize("locale", sorted(OF_FIGURES))
def test_a_catalogue_of_figures_has_nothing_stale_and_all_it_must(locale):
    assert breaches(locale=locale, every=said()) == [], UPDATE


@pytest.mark.parametrize("locale", sorted(OF_FIGURES))
def test_what_stands_around_figures_is_said_too(locale):
    around = ("Total", "All others", "Figures as of {day}", "hidden", "unknown", "{measure}, change")
    assert [id for id in around if id not in catalogue(locale)] == []


def test_what_a_catalogue_of_figures_does_not_have_is_said_in_english():
    id = next(each.id for each in said() if each.id not in catalogue("it") and not PLACE.search(each.id))
    assert say(Text(id), "it") == id


def test_a_companys_own_words_are_said_in_the_language_or_the_first_there_is():
    own = Text("Wine {revenue}", told={"en": "Wine {revenue}", "nl": "Wijnomzet"})
    assert [say(own, locale) for locale in FIGURE_LANGUAGES] == [
        "Wine {revenue}",
        "Wine {revenue}",
        "Wine {revenue}",
        "Wijnomzet",
    ]
