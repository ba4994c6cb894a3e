"""Streets, towns and postal codes."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.testing.company.people.drawn import COUNTRIES, LANGUAGE_OF, STREETS, TOWNS, Drawn, Flags
from clientela.testing.company.people.names import lists
from clientela.testing.company.people.written.words import joined, looked_up, text

_WAYS = (
    ("Calle {}", "C/ {}", "Avenida {}", "Avda. {}", "Plaza {}", "Pza. {}", "Paseo {}", "Pº {}"),
    ("Via {}", "V. {}", "Viale {}", "V.le {}", "Piazza {}", "P.zza {}", "Corso {}", "C.so {}"),
    ("{}straat", "{}str.", "{}laan", "{}ln.", "{}weg", "{}wg.", "{}plein", "{}pln."),
    ("{} Street", "{} St", "{} Road", "{} Rd", "{} Avenue", "{} Ave", "{} Lane", "{} Ln"),
)
# What sets further streets of the same name apart, as in the quarters of a town.
_MORE = (
    ",Nueva ,Vieja ,Alta ,Baja ,Poeta ,Doctor ,Maestro ,Capitán ,Obispo ",
    ",Nuova ,Vecchia ,Alta ,Bassa ,Poeta ,Dottor ,Maestro ,Capitano ,Vescovo ",
    ",Oude ,Nieuwe ,Lange ,Korte ,Grote ,Kleine ,Hoge ,Lage ,Noorder ",
    ",Old ,New ,Long ,Short ,Great ,Little ,Upper ,Lower ,Northern ",
)


def street_lines(of: Drawn, short: Flags) -> pa.Array:
    """Street and number; short ways of writing have "C/" and a comma."""
    way = of.street % 4 * 2 + short
    road = looked_up(_roads(), LANGUAGE_OF[of.country] * 8 * STREETS // 4 + of.street // 4 * 8 + way)
    number = text(of.house)
    after = joined(road, pc.if_else(pa.array(short), ", ", " "), number)
    return pc.if_else(pa.array(of.country >= 3), joined(number, " ", road), after)


def town_names(of: Drawn) -> pa.Array:
    """The towns."""
    return looked_up([town for town, _ in _towns()], of.country * TOWNS + of.town)


def postal_codes(of: Drawn) -> pa.Array:
    """Postal codes: each is a few streets long."""
    prefix = looked_up([code for _, code in _towns()], of.country * TOWNS + of.town)
    near = of.street * 7 + of.house // 60
    letters = [a + b for a in "ABDEFGHJLN" for b in "PQRSTUWXYZ"]
    two, pair = pc.utf8_lpad(text(near % 60), 2, "0"), looked_up(letters, near % 100)
    british = joined(prefix, text(1 + near % 19), " ", text(1 + near // 19 % 9), pair)
    return pc.choose(pa.array(np.array([0, 0, 1, 2, 0])[of.country]), joined(prefix, two),
                     joined(prefix, two, " ", pair), british)  # fmt: skip


@cache
def _towns() -> list[tuple[str, str]]:
    return [each for code in COUNTRIES for each in lists.towns("en" if code == "gb" else code)]


@cache
def _roads() -> list[str]:
    """The streets of each language, each with the long and the short word for what kind of street it is."""
    made = []
    for place, language in enumerate(lists.LANGUAGES):
        named = [f"{more}{name}" for more in _MORE[place].split(",") for name in lists.streets(language)[:40]]
        made += [way.format(name) for name in named[: STREETS // 4] for way in _WAYS[place]]
    return made
