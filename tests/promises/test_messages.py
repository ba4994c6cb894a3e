"""Every sentence of clientela is said in every language that is offered, and none is left over."""

from collections import Counter

import pytest

from clientela.present.extract import NotLiteralError, breaches, messages, update
from clientela.present.formats import LANGUAGES
from clientela.present.say import PLACE
from tests.promises.source import said

UPDATE = "translate them; `python -m clientela.present.extract` updates the catalogue"
OTHERS = sorted(set(LANGUAGES) - {"en"})


@pytest.mark.parametrize("locale", OTHERS)
def test_a_catalogue_is_complete_and_not_stale(locale):
    assert breaches(locale=locale, every=said()) == [], UPDATE


def test_a_counted_place_stands_in_its_sentence():
    counted = [message for message in said() if message.count is not None]
    assert [m.id for m in counted if m.count not in PLACE.findall(m.plural or "")] == []
    assert len(counted) >= 10


def test_a_message_has_one_plural():
    assert [id for id, n in Counter(message.id for message in said()).items() if n > 1] == []


def written(tmp_path, python):
    (tmp_path / "said.py").write_text(f"from clientela.contracts.text import ntext, text\n{python}\n")
    return tmp_path


def test_what_is_missing_stale_or_different_is_told(tmp_path):
    package = written(tmp_path, 'text("Hello {name}.")\nntext("{n} cat", "{n} cats", "n")')
    assert update(package) == (2, 2)
    po = package / "present" / "locale" / "es" / "LC_MESSAGES" / "clientela.po"
    said = po.read_text().replace('msgid "Hello {name}."\nmsgstr ""', 'msgid "Hello {name}."\nmsgstr "Hola {nombre}."')
    po.write_text(said + '\nmsgid "Gone"\nmsgstr "Ido"\n')
    assert breaches(package) == [
        "stale: 'Gone'",
        "other places than the message: 'Hello {name}.'",
        "not translated: '{n} cat' (said.py)",
    ]
    assert update(package) == (2, 1), "what is gone goes, what was translated stays"


def test_a_message_put_together_is_refused(tmp_path):
    with pytest.raises(NotLiteralError, match=r"said\.py:2"):
        messages(written(tmp_path, 'text("Hello " + "you")'))


def test_messages_of_templates_are_found(tmp_path):
    (tmp_path / "page.html").write_text('{{ t("Hello") }}{{ nt("{n} cat", "{n} cats", "n", n=2) }}')
    assert [(m.id, m.plural, m.count) for m in messages(tmp_path)] == [
        ("Hello", None, None),
        ("{n} cat", "{n} cats", "n"),
    ]


def test_what_contracts_say_of_tables_and_of_delivered_columns_is_said_in_every_language(tmp_path):
    (tmp_path / "contracts" / "delivered").mkdir(parents=True)
    (tmp_path / "contracts" / "delivered" / "sales.py").write_text('Column(name="kind", description="What it " "was.")')
    (tmp_path / "contracts" / "score.py").write_text(
        'Contract(description="How good.", columns=(Column(name="value", description="Not shown to beginners."),))'
    )
    assert [each.id for each in messages(tmp_path)] == ["How good.", "What it was."]
