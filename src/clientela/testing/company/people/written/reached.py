"""Addresses for e-mail and telephone numbers."""

from __future__ import annotations

from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.testing.company.people.drawn import LANGUAGE_OF, Drawn, Numbers
from clientela.testing.company.people.written.persons import names
from clientela.testing.company.people.written.words import each, folded, joined, looked_up, text

_DOMAINS = (
    ("gmail.com", "hotmail.com", "hotmail.es", "yahoo.es", "outlook.es", "telefonica.net", "icloud.com"),
    ("gmail.com", "libero.it", "virgilio.it", "hotmail.it", "yahoo.it", "alice.it", "tiscali.it"),
    ("gmail.com", "hotmail.nl", "ziggo.nl", "kpnmail.nl", "live.nl", "xs4all.nl", "planet.nl"),
    ("gmail.com", "hotmail.co.uk", "yahoo.co.uk", "btinternet.com", "outlook.com", "aol.com", "icloud.com"),
)
# The code of the country, what is dialled before a number within it, how its numbers of mobiles begin.
_DIALLED = (
    ("34", "", "600 610 611 612 615 616 617 618 619 620 626 627 628 629 630 636 637 638 639 646 647 648 649 650"),
    ("39", "", "3281 3282 3291 3292 3331 3332 3334 3335 3383 3384 3391 3392 3401 3402 3471 3472 3473 3474 3482 3483"),
    ("31", "0", "611 612 613 614 615 617 618 619 620 621 622 623 624 625 626 627 628 629 630 633 634 641 642 643 650"),
    ("44", "0", "7400 7401 7402 7412 7413 7414 7500 7501 7502 7703 7704 7710 7711 7720 7730 7740 7800 7801 7900 7901"),
    ("1", "", "2122 2123 3052 3053 3122 3123 4152 4153 5122 5123 6172 6173 7022 7023 7132 7133 2062 2063 4042 4043"),
)  # fmt: skip


def local_parts(of: Drawn, shift: Numbers | int = 0) -> pa.Array:
    """What stands before the @, made of their names; another ``shift`` gives another address of theirs."""
    given, surname = names(of, np.zeros(len(of), bool))
    spanish = pa.array(of.country == 0)  # who has two family names is known by the first
    surname = pc.if_else(spanish, pc.list_element(pc.split_pattern(surname, " "), 0), surname)
    first, last = each(given, folded), each(surname, folded)
    year = text(1970 + of.born // 365)
    letter = pc.utf8_slice_codeunits(first, 0, 1)
    ways = [
        joined(first, ".", last),
        joined(letter, last),
        joined(first, last, pc.utf8_slice_codeunits(year, 2, 4)),
        joined(last, ".", first),
        joined(first, "_", last, year),
        joined(letter, ".", last, pc.utf8_slice_codeunits(year, 2, 4)),
    ]
    return pc.choose(pa.array((of.style + shift) % 6), *ways)


def hosts(of: Drawn, shift: Numbers | int = 0) -> pa.Array:
    """What stands behind the @ of private addresses."""
    place = LANGUAGE_OF[of.country] * 7 + ((of.style >> 8) + shift) % 7
    return looked_up([name for some in _DOMAINS for name in some], place)


def told_apart(said: pa.Array, of: pa.Array | None = None) -> pa.Array:
    """The texts, with a number behind each that somebody before has already, alone or together with ``of``."""
    coded = pc.dictionary_encode(said if of is None else joined(said, "@", of)).indices.to_numpy()
    repeated = np.ones(len(coded), bool)
    repeated[np.unique(coded, return_index=True)[1]] = False
    return pc.if_else(pa.array(repeated), joined(said, text(np.arange(len(coded)))), said)


def each_their_own(local: pa.Array, host: pa.Array) -> pa.Array:
    """Addresses of which nobody has another's: who comes too late takes a number."""
    return joined(told_apart(local, host), "@", host)


def addresses(of: Drawn) -> pa.Array:
    """Two addresses of each, first all first ones; nobody has another's."""
    local = pa.concat_arrays([local_parts(of), local_parts(of, 3)])
    return each_their_own(local, pa.concat_arrays([hosts(of), hosts(of, 2)]))


@cache
def _prefixes() -> tuple[list[str], Numbers, Numbers]:
    """How numbers begin in all countries, where each country's stand, and how many it has."""
    of = [each.split() for _, _, each in _DIALLED]
    sizes = np.array([len(each) for each in of])
    return [prefix for some in of for prefix in some], np.cumsum([0, *sizes])[:-1], sizes


def phone_numbers(of: Drawn, way: Numbers) -> pa.Array:
    """Telephone numbers, each in one of four ways of writing: +34600…, 600…, 0034 600 …, +34 600-…"""
    prefixes, starts, sizes = _prefixes()
    place = (of.phone_of * 7_368_787 + 1_234_567) % (sizes[of.country] * 1_000_000)
    prefix = looked_up(prefixes, starts[of.country] + place // 1_000_000)
    rest = pc.utf8_lpad(text(place % 1_000_000), 6, "0")
    code = looked_up([each for each, _, _ in _DIALLED], of.country)
    trunk = looked_up([each for _, each, _ in _DIALLED], of.country)
    ways = [
        joined("+", code, prefix, rest),
        joined(trunk, prefix, rest),
        joined("00", code, " ", prefix, " ", rest),
        joined("+", code, " ", prefix, "-", pc.utf8_slice_codeunits(rest, 0, 3), " ", pc.utf8_slice_codeunits(rest, 3)),
    ]
    return pc.choose(pa.array(way), *ways)
