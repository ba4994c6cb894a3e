from clientela.present.formats import LANGUAGES
from clientela.present.views import Show
from clientela.web.help.words import WORDS, explained


def test_a_word_opens_its_meaning_once_in_a_sentence():
    said = str(explained("The log loss fell; log loss is a score.", Show("en")))
    assert said.count('role="tooltip"') == 1
    assert said.startswith('The <span class="glossary-term"><button type="button" aria-describedby="log-loss-')
    assert said.endswith("fell; log loss is a score.") is False or "; log loss is a score." in said
    assert "0 is perfect." in said


def test_a_word_inside_another_is_left_alone():
    assert str(explained("The baselines of Leavings", Show("en"))) == "The baselines of Leavings"


def test_what_stands_around_a_word_is_escaped():
    said = str(explained("<script>alert(1)</script> beats the baseline & more", Show("en")))
    assert "<script>" not in said
    assert "&lt;script&gt;alert(1)&lt;/script&gt; beats the <span" in said
    assert said.endswith(" &amp; more")


def test_every_word_is_marked_in_forms_of_offered_languages_only():
    assert {language for word in WORDS for language in word.forms} <= set(LANGUAGES)
    assert len({word.id for word in WORDS}) == len(WORDS)
