"""Templates are compiled for each language, with what is the same on every page in its place."""

from __future__ import annotations

import sys
from decimal import Decimal
from runpy import run_path
from types import SimpleNamespace

import pytest
from markupsafe import Markup, escape

from clientela.contracts.text import text
from clientela.http.visit import LANGUAGES
from clientela.present.say import say
from clientela.present.views import Show
from clientela.web import templating
from clientela.web.templating import environment, escaped

QUOTED = 'The "words" & <b>more</b>'


def filled(source: str, language: str = "en", **given: object) -> str:
    show = Show(language)
    return environment(language).from_string(source).render(t=show.t, nt=show.nt, say=show.say, show=show, **given)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_message_without_a_value_is_said_in_the_language_of_the_template(language: str):
    said = say(text("Customers"), language)
    assert filled('<b>{{ t("Customers") }}</b>', language) == f"<b>{said}</b>"
    assert filled('{% set said = t("Customers") %}{{ said|upper }}', language) == said.upper()
    assert said != "Customers" or language == "en"


def test_it_stands_there_as_text_and_is_not_asked_for():
    def t(*_: object) -> str:
        raise AssertionError("it is said already")

    assert environment("en").from_string('{{ t("Customers") }}').render(t=t) == "Customers"


def test_what_is_put_in_beforehand_is_escaped_like_everything_else():
    escaped = "The &#34;words&#34; &amp; &lt;b&gt;more&lt;/b&gt;"
    assert filled("{{ t(" + repr(QUOTED) + ") }}") == escaped
    assert filled("{{ t('{said}', said=said) }}", said=QUOTED) == escaped


def test_messages_with_values_and_counted_nouns_are_said_when_they_are_shown():
    assert filled('{{ t("Number {number}", number=number) }}', number="7") == "Number 7"
    source = '{{ nt("{n} open case", "{n} open cases", "n", n=n) }}'
    assert [filled(source, n=each) for each in (1, 2)] == ["1 open case", "2 open cases"]
    assert filled("{{ show.value(said) }}", said="<x>") == "&lt;x&gt;"


def test_a_macro_is_called_as_one_also_under_a_name_of_ours():
    macro = '{% macro who(say) %}{{ say("x") }}:{{ caller() }}{% endmacro %}'
    source = macro + '{% call who(shout) %}{{ t("Customers") }}{% endcall %}'
    assert filled(source, shout=str.upper) == "X:Customers"


def test_a_name_that_is_not_there_is_an_error():
    with pytest.raises(Exception, match="say"):
        environment("en").from_string("{{ say(said) }}").render(said="x")


@pytest.mark.parametrize("value", [QUOTED, Markup("<b>safe</b>"), 3, 2.5, True, None, Decimal("1.50")])
def test_a_value_stands_in_a_page_as_markupsafe_escapes_it(value: object):
    assert escaped(value) == str(escape(value))
    assert filled("{% macro m(x) %}[{{ x }}]{% endmacro %}{{ m(value) }}{{ value }}", value=value) == (
        f"[{escape(value)}]{escape(value)}"
    )


def test_a_markupsafe_without_its_inner_part_escapes_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "markupsafe", SimpleNamespace(escape=escape))
    assert run_path(templating.__file__)["escaped"](QUOTED) == escaped(QUOTED) == str(escape(QUOTED))
