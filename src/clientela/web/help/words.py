"""The words of the pages in plain words, and the marking of them in a sentence."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from zlib import crc32

from markupsafe import Markup, escape

from clientela.contracts.text import Text, text
from clientela.present.views import Show


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """One word. ``forms``: how it may stand in a sentence, by language; the first that stands there is marked."""

    id: str
    word: Text
    meaning: Text
    forms: Mapping[str, tuple[str, ...]]


WORDS: tuple[Word, ...] = (
    Word(
        id="as-of",
        word=text("As of a day"),
        meaning=text("What had happened before that day and was known by then. A later correction does not change it."),
        forms={},
    ),
    Word(
        id="auc",
        word=text("Ranking (AUC)"),
        meaning=text(
            "Of all pairs of one customer who left and one who stayed, the share the method puts in the right order."
        ),
        forms={"en": ("area under the ROC curve",), "es": ("área bajo la curva ROC",)},
    ),
    Word(
        id="baseline",
        word=text("Baseline"),
        meaning=text("The simple rule a method has to beat before it is used."),
        forms={"en": ("baseline",), "es": ("método de referencia", "regla de referencia")},
    ),
    Word(
        id="bg-nbd",
        word=text("Purchase model (BG/NBD)"),
        meaning=text(
            "A model of buying: customers buy at a rate of their own, and after each purchase may leave for good."
        ),
        forms={"en": ("BG/NBD",), "es": ("BG/NBD",)},
    ),
    Word(
        id="calibration",
        word=text("Calibration (ECE)"),
        meaning=text("How far what was said is from what came, on average over ten groups of customers."),
        forms={"en": ("calibration error",), "es": ("error de calibración",)},
    ),
    Word(
        id="expected-loss",
        word=text("Expected loss"),
        meaning=text("The chance of leaving times the revenue of the last period of the same length."),
        forms={"en": ("Expected loss", "expected loss"), "es": ("Pérdida esperada", "pérdida esperada")},
    ),
    Word(
        id="figures-of-many",
        word=text("Figures of many"),
        meaning=text("Some roles see figures only where they tell of ten customers or more; the rest reads “hidden”."),
        forms={},
    ),
    Word(
        id="leaving",
        word=text("Leaving"),
        meaning=text("Buying nothing for the whole period asked about. A customer who left may come back."),
        forms={"en": ("Leaving",), "es": ("Abandonar",)},
    ),
    Word(
        id="log-loss",
        word=text("Log loss"),
        meaning=text("How wrong the chances given were, each error weighing more the surer it was said. 0 is perfect."),
        forms={"en": ("log loss",), "es": ("pérdida logarítmica",)},
    ),
    Word(
        id="logistic-regression",
        word=text("Logistic regression"),
        meaning=text("A method that turns several hints into one chance, learned from what came of earlier customers."),
        forms={
            "en": ("Logistic regressions", "logistic regression"),
            "es": ("Regresiones logísticas", "regresión logística"),
        },
    ),
    Word(
        id="median",
        word=text("Median"),
        meaning=text("The value in the middle: half lie below, half above."),
        forms={"en": ("median",), "es": ("mediana",)},
    ),
    Word(
        id="quarantine",
        word=text("Rows kept out"),
        meaning=text("Rows that broke a rule of their table. They wait, with the reason, until somebody mends them."),
        forms={},
    ),
    Word(
        id="range",
        word=text("Range"),
        meaning=text("The figures between which the true one lies in 95 of 100 such cases."),
        forms={},
    ),
    Word(
        id="revenue",
        word=text("Revenue"),
        meaning=text("What customers paid after discounts and before tax: sales less returns and cancellations."),
        forms={},
    ),
    Word(
        id="scope",
        word=text("What you see"),
        meaning=text("The part of the company that your roles show you. Every figure, list and file keeps to it."),
        forms={},
    ),
    Word(
        id="snapshot",
        word=text("Snapshot"),
        meaning=text("What one run published. The same snapshot always gives the same figures."),
        forms={"en": ("snapshot", "Snapshot"), "es": ("instantánea", "Instantánea")},
    ),
    Word(
        id="tested",
        word=text("Tested on unseen months"),
        meaning=text(
            "The method learned from older months only; what it said of later ones is compared with what came."
        ),
        forms={"en": ("tested the method",), "es": ("Probamos el método", "probamos el método")},
    ),
)


def explained(sentence: str, show: Show) -> Markup:
    """A sentence with the words in it that open their plain meaning, each once, on tap, hover or focus."""
    pattern = _pattern(show.locale)
    if pattern is None:
        return Markup(escape(sentence))  # noqa: S704 - escaped just now
    mark = f"{crc32(sentence.encode()):08x}"
    seen: set[str] = set()
    made, at = Markup(""), 0
    for found in pattern.finditer(sentence):
        word = _by_form(show.locale)[found[0]]
        if word.id in seen:
            continue
        seen.add(word.id)
        made += escape(sentence[at : found.start()]) + Markup(
            '<span class="glossary-term"><button type="button" aria-describedby="{id}">{form}</button>'
            '<span class="told" role="tooltip" id="{id}"><b>{word}</b>: {meaning}</span></span>'
        ).format(id=f"{word.id}-{mark}", form=found[0], word=show.say(word.word), meaning=show.say(word.meaning))
        at = found.end()
    return made + escape(sentence[at:])


@lru_cache
def _by_form(locale: str) -> Mapping[str, Word]:
    return {form: word for word in WORDS for form in word.forms.get(locale, ())}


@lru_cache
def _pattern(locale: str) -> re.Pattern[str] | None:
    forms = sorted(_by_form(locale), key=len, reverse=True)
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, forms))})\b") if forms else None
