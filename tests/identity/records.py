"""What three systems wrote down of the people: texts, made from their numbers by looking up whole columns at once."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from tests.identity import names
from tests.identity.damage import misdated, mistyped
from tests.identity.people import COUNTRIES, LANGUAGE_OF, STREETS, TRAPS, Numbers, People, people

SYSTEMS = ("shop", "crm", "till")
LIFE = ("moved", "married", "other e-mail", "other phone", "nickname", "typing", "sparse")
CHANCE = (0.12, 0.02, 0.22, 0.15, 0.08, 0.5, 0.15)
FIELDS = ("given", "surname", "email", "phone", "street", "postal", "city", "born", "tax", "company")
# How often a system does not know a field, in the order of FIELDS.
MISSING = ((0, 0, 0.02, 0.3, 0.15, 0.15, 0.12, 0.6, 1, 0.3), (0, 0, 0.35, 0.2, 0.1, 0.1, 0.05, 0.35, 0.6, 0),
           (0, 0, 0.5, 0.25, 1, 0.2, 1, 0.4, 1, 1))  # fmt: skip
PLACEHOLDERS = {
    "email": ("noemail@noemail.com", "na@na.na", "sinemail@sinemail.es", "info@info.com", "test@test.com"),
    "phone": ("000000000", "999999999", "123456789", "600000000", "0000"),
    "postal": ("00000", "99999", "0000"),
    "surname": ("desconocido", "unknown", "onbekend", "sconosciuto", "xxx"),
    "born": ("1900-01-01", "1970-01-01", "1900-01-01"),
}
DOMAINS = (
    ("gmail.com", "hotmail.com", "hotmail.es", "yahoo.es", "outlook.es", "telefonica.net", "icloud.com"),
    ("gmail.com", "libero.it", "virgilio.it", "hotmail.it", "yahoo.it", "alice.it", "tiscali.it"),
    ("gmail.com", "hotmail.nl", "ziggo.nl", "kpnmail.nl", "live.nl", "xs4all.nl", "planet.nl"),
    ("gmail.com", "hotmail.co.uk", "yahoo.co.uk", "btinternet.com", "outlook.com", "aol.com", "icloud.com"),
)
DIALLED = (
    ("34", "", "600 610 611 612 615 616 617 618 619 620 626 627 628 629 630 636 637 638 639 646 647 648 649 650"),
    ("39", "", "3281 3282 3291 3292 3331 3332 3334 3335 3383 3384 3391 3392 3401 3402 3471 3472 3473 3474 3482 3483"),
    ("31", "0", "611 612 613 614 615 617 618 619 620 621 622 623 624 625 626 627 628 629 630 633 634 641 642 643 650"),
    ("44", "0", "7400 7401 7402 7412 7413 7414 7500 7501 7502 7703 7704 7710 7711 7720 7730 7740 7800 7801 7900 7901"),
    ("1", "", "2122 2123 3052 3053 3122 3123 4152 4153 5122 5123 6172 6173 7022 7023 7132 7133 2062 2063 4042 4043"),
)  # fmt: skip
WAYS = (
    ("Calle {}", "C/ {}", "Avenida {}", "Avda. {}", "Plaza {}", "Pza. {}", "Paseo {}", "Pº {}"),
    ("Via {}", "V. {}", "Viale {}", "V.le {}", "Piazza {}", "P.zza {}", "Corso {}", "C.so {}"),
    ("{}straat", "{}str.", "{}laan", "{}ln.", "{}weg", "{}wg.", "{}plein", "{}pln."),
    ("{} Street", "{} St", "{} Road", "{} Rd", "{} Avenue", "{} Ave", "{} Lane", "{} Ln"),
)
# What sets further streets of the same name apart, as in the quarters of a town.
MORE = (
    ",Nueva ,Vieja ,Alta ,Baja ,Poeta ,Doctor ,Maestro ,Capitán ,Obispo ",
    ",Nuova ,Vecchia ,Alta ,Bassa ,Poeta ,Dottor ,Maestro ,Capitano ,Vescovo ",
    ",Oude ,Nieuwe ,Lange ,Korte ,Grote ,Kleine ,Hoge ,Lage ,Noorder ",
    ",Old ,New ,Long ,Short ,Great ,Little ,Upper ,Lower ,Northern ",
)
SECTORS = (
    "Talleres Construcciones Transportes Panadería Muebles Pinturas Suministros Viajes Bodegas Electricidad",
    "Officine Costruzioni Trasporti Panificio Mobili Vernici Forniture Viaggi Cantine Impianti",
    "Garage Bouwbedrijf Transport Bakkerij Meubelen Schilders Groothandel Reisbureau Wijnhandel Installatie",
    "Garages Builders Haulage Bakery Furniture Paints Supplies Travel Wines Electrics",
)
LEGAL = (
    ("S.L.", "SL", "Sociedad Limitada", ""), ("S.r.l.", "SRL", "srl", ""), ("B.V.", "BV", "b.v.", ""),
    ("Ltd", "Limited", "LTD.", ""), ("Inc.", "Incorporated", "inc", ""),
)  # fmt: skip
Flags = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Delivered:
    """All records of all systems in one table, and who they are of; rows in no order."""

    table: pa.Table
    people: People

    @property
    def truth(self) -> Numbers:
        """The number of the person of each row."""
        return self.table["person"].to_numpy()


def folded(text: str) -> str:
    """Small letters without accents and blanks, as in an e-mail address."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "".join(letter for letter in plain if letter.isalnum())


def delivered(records: int, *, seed: int = 1, duplicates: float = 0.1) -> Delivered:
    """As many records of which the given share are of a person who had one already."""
    rng = np.random.default_rng(seed)
    again = int(records * duplicates)
    made = people(rng, records - again)
    twice = rng.integers(0, len(made), int(again * 0.75))
    who = np.concatenate([np.arange(len(made)), twice, rng.choice(twice, again - len(twice))])
    order = rng.permutation(len(who))
    who, later = who[order], (np.arange(len(who)) >= len(made))[order]
    life = {name: later & (rng.random(len(who)) < chance) for name, chance in zip(LIFE, CHANCE, strict=True)}
    life["typing"] |= rng.random(len(who)) < 0.01
    kept = made.taken(who)
    _live(rng, kept, life)
    system = rng.choice(3, len(who), p=(0.5, 0.35, 0.15)).astype(np.int64)
    columns = _texts(rng, made, kept, who, life, system)
    _hide(rng, columns, system, life["sparse"])
    _mistype(rng, columns, np.flatnonzero(life["typing"]))
    _fill(rng, columns)
    table = pa.table({
        **columns,
        "system": _take(SYSTEMS, system),
        "record_id": _text(np.arange(len(who)) + 100_000),
        "country": _take([code.upper() for code in COUNTRIES], kept.country),
        "kind": _take(["person", "organisation"], (kept.company >= 0).astype(np.int64)),
        "created": pa.array(np.datetime64("2016-01-01") + rng.integers(0, 2900, len(who))),
        "person": pa.array(who),
        "trap": _take(["", *TRAPS], kept.trap),
        "life": _words(life),
    })  # fmt: skip
    return Delivered(table, made)


def _live(rng: np.random.Generator, kept: People, life: dict[str, Flags]) -> None:
    """Moves and marriages: the record's person lives elsewhere or bears another name than in their first record."""
    moved, married = np.flatnonzero(life["moved"]), np.flatnonzero(life["married"] & kept.female)
    kept.town[moved] = rng.integers(0, 26, len(moved))
    kept.street[moved] = rng.integers(0, STREETS, len(moved))
    kept.house[moved] = rng.integers(1, 200, len(moved))
    kept.last[married] = rng.integers(0, 200, len(married))
    kept.phone_of[life["other phone"]] += 5_000_000


def _texts(
    rng: np.random.Generator, made: People, kept: People, who: Numbers, life: dict[str, Flags], system: Numbers
) -> dict[str, pa.Array]:
    given, surname = _names(kept, life["nickname"])
    shown = rng.random(len(who))
    loud, plain = (system == 1) & (shown < 0.3), shown > 0.85
    country, house = kept.country, kept.house
    way = kept.street % 4 * 2 + (system == 1)
    road = _take(_roads(), LANGUAGE_OF[country] * 8 * STREETS // 4 + kept.street // 4 * 8 + way)
    number = _text(house)
    ahead = pa.array(country >= 3)
    street = pc.if_else(
        ahead, _join(number, " ", road), _join(road, pc.if_else(pa.array(system == 1), ", ", " "), number)
    )
    return {
        "given": _written(given, loud, plain),
        "surname": _written(surname, loud, plain),
        "email": _emails(made, who, life["other e-mail"]),
        "phone": _phones(rng, kept, system),
        "street": _written(street, loud, plain),
        "postal": _postal(kept),
        "city": _written(_take([town for code in COUNTRIES for town, _ in names.towns("en" if code == "gb" else code)],
                               country * 26 + kept.town), loud, plain),
        "born": pa.array(kept.born.astype("datetime64[D]")),
        "tax": _tax(kept, who),
        "company": _companies(kept, rng.choice(4, len(who), p=(0.5, 0.25, 0.1, 0.15)).astype(np.int64)),
    }  # fmt: skip


def _names(kept: People, familiar: Flags) -> tuple[pa.Array, pa.Array]:
    called: list[str] = []
    friends: list[str] = []
    families: list[str] = []
    starts, bases = [], []
    for name in names.LANGUAGES:
        women, men = names.first_names(name)
        size = min(len(women), len(men))
        starts.append((len(called), size))
        bases.append(len(families))
        called += women[:size] + men[:size]
        friends += [names.nicknames(name).get(each, each) for each in women[:size] + men[:size]]
        families += names.family_names(name)
    language = LANGUAGE_OF[kept.country]
    start, size_of = np.array(starts)[language].T
    place = start + np.where(kept.female, 0, size_of) + kept.first % size_of
    given = pc.if_else(pa.array(familiar), _take(friends, place), _take(called, place))
    last = _take(families, np.array(bases)[language] + kept.last)
    second = _take(families, np.array(bases)[language] + kept.second)
    return given, pc.if_else(pa.array(kept.country == 0), _join(last, " ", second), last)


def _emails(made: People, who: Numbers, other: Flags) -> pa.Array:
    """Addresses made of names; nobody has another's unless they share one."""
    given, surname = _names(made, np.zeros(len(made), bool))
    spanish = pa.array(made.country == 0)  # who has two family names is known by the first
    surname = pc.if_else(spanish, pc.list_element(pc.split_pattern(surname, " "), 0), surname)
    first, last = _each(given, folded), _each(surname, folded)
    year = _text(1970 + made.born // 365)
    letter = pc.utf8_slice_codeunits(first, 0, 1)
    versions = []
    for shift in (0, 3):
        ways = [
            _join(first, ".", last),
            _join(letter, last),
            _join(first, last, pc.utf8_slice_codeunits(year, 2, 4)),
            _join(last, ".", first),
            _join(first, "_", last, year),
            _join(letter, ".", last, pc.utf8_slice_codeunits(year, 2, 4)),
        ]
        versions.append(pc.choose(pa.array((made.style + shift) % 6), *ways))
    local = pa.concat_arrays(versions)
    host = [LANGUAGE_OF[made.country] * 7 + ((made.style >> 8) + step) % 7 for step in (0, 2)]
    domain = _take([name for each in DOMAINS for name in each], np.concatenate(host))
    coded = pc.dictionary_encode(_join(local, "@", domain)).indices.to_numpy()
    repeated = np.ones(len(coded), bool)
    repeated[np.unique(coded, return_index=True)[1]] = False
    local = pc.if_else(pa.array(repeated), _join(local, _text(np.arange(len(coded)))), local)
    return _join(local, "@", domain).take(pa.array(made.email_of[who] + np.where(other, len(made), 0)))


def _phones(rng: np.random.Generator, kept: People, system: Numbers) -> pa.Array:
    prefixes = [each.split() for _, _, each in DIALLED]
    starts = np.cumsum([0, *map(len, prefixes)])[:-1]
    sizes = np.array([len(each) for each in prefixes])[kept.country]
    place = (kept.phone_of * 7_368_787 + 1_234_567) % (sizes * 1_000_000)
    prefix = _take([each for some in prefixes for each in some], starts[kept.country] + place // 1_000_000)
    rest = pc.utf8_lpad(_text(place % 1_000_000), 6, "0")
    code = _take([each for each, _, _ in DIALLED], kept.country)
    trunk = _take([each for _, each, _ in DIALLED], kept.country)
    ways = [
        _join("+", code, prefix, rest),
        _join(trunk, prefix, rest),
        _join("00", code, " ", prefix, " ", rest),
        _join("+", code, " ", prefix, "-", pc.utf8_slice_codeunits(rest, 0, 3), " ", pc.utf8_slice_codeunits(rest, 3)),
    ]
    way = np.where(system == 2, 0, rng.choice(4, len(system), p=(0.4, 0.35, 0.1, 0.15)))
    way[(way == 2) & (kept.country == 4)] = 0  # nobody in America writes 00 before a number
    return pc.choose(pa.array(way), *ways)


def _postal(kept: People) -> pa.Array:
    codes = [code for each in COUNTRIES for _, code in names.towns("en" if each == "gb" else each)]
    prefix = _take(codes, kept.country * 26 + kept.town)
    near = kept.street * 7 + kept.house // 60  # a code is a few streets long
    letters = [a + b for a in "ABDEFGHJLN" for b in "PQRSTUWXYZ"]
    two, pair = pc.utf8_lpad(_text(near % 60), 2, "0"), _take(letters, near % 100)
    british = _join(prefix, _text(1 + near % 19), " ", _text(1 + near // 19 % 9), pair)
    return pc.choose(pa.array(np.array([0, 0, 1, 2, 0])[kept.country]), _join(prefix, two),
                     _join(prefix, two, " ", pair), british)  # fmt: skip


def _tax(kept: People, who: Numbers) -> pa.Array:
    number = (who * 41 + 10_000_000) % 100_000_000
    digits = pc.utf8_lpad(_text(number), 8, "0")
    spanish = _join(digits, _take(list("TRWAGMYFPDXBNJZSQVHLCKE"), number % 23))
    letters = [a + b + c for a in "BCDFGLMPRS" for b in "BCDFGLMPRS" for c in "NRSTZ"]
    born = _text(40 + number % 59), "M", _text(10 + number % 21), "H501", _take(list("ABCDEFGH"), number % 8)
    italian = _join(_take(letters, number % 500), _take(letters, number // 500 % 500), *born)
    none = pa.nulls(len(who), pa.string())
    persons = pc.choose(pa.array(kept.country), spanish, italian, none, none, none)
    firms = pc.choose(pa.array(kept.country), _join("B", digits), _join("0", digits, "12"),
                      _join("NL8", digits, "B01"), _join("GB", digits, "7"), none)  # fmt: skip
    return pc.if_else(pa.array(kept.company >= 0), firms, persons)


def _companies(kept: People, form: Numbers) -> pa.Array:
    sectors = [word for each in SECTORS for word in each.split()]
    language, company = LANGUAGE_OF[kept.country], np.maximum(kept.company, 0)
    families = [(name, names.family_names(name)) for name in names.LANGUAGES]
    bases = np.cumsum([0, *(len(each) for _, each in families)])[:-1]
    sizes = np.array([len(each) for _, each in families])[language]
    owner = _take([name for _, each in families for name in each], bases[language] + (company >> 8) % sizes)
    sector = _take(sectors, language * 10 + company % 10)
    town = _take([name for code in COUNTRIES for name, _ in names.towns("en" if code == "gb" else code)],
                 kept.country * 26 + kept.town)  # fmt: skip
    sister = pa.array(company >> 41 > 0)
    said = pc.if_else(sister, _join(sector, " ", owner, " ", town), _join(sector, " ", owner))
    legal = _take([each for forms in LEGAL for each in forms], kept.country * 4 + form)
    full = pc.utf8_rtrim_whitespace(_join(said, " ", legal))
    return pc.if_else(pa.array(kept.company >= 0), full, pa.nulls(len(company), pa.string()))


def _hide(rng: np.random.Generator, columns: dict[str, pa.Array], system: Numbers, sparse: Flags) -> None:
    for place, name in enumerate(FIELDS):
        rate = np.array([each[place] for each in MISSING], float)[system]
        gone = rng.random(len(system)) < np.where(sparse & (rate > 0), 1 - (1 - rate) * 0.5, rate)
        columns[name] = pc.if_else(pa.array(gone), pa.scalar(None, columns[name].type), columns[name])


def _mistype(rng: np.random.Generator, columns: dict[str, pa.Array], rows: Numbers) -> None:
    """One or two errors in each of the rows."""
    for _ in range(2):
        field = rng.choice(8, len(rows), p=(0.2, 0.25, 0.12, 0.1, 0.1, 0.06, 0.07, 0.1))
        for place, name in enumerate(FIELDS[:8]):
            hit = rows[field == place]
            if not len(hit):
                continue
            chances, old = rng.random((len(hit), 4)), columns[name].take(pa.array(hit)).to_pylist()
            if name == "born":
                both = zip(old, chances, strict=True)
                new = [None if day is None else misdated(np.datetime64(day), c).item() for day, c in both]
            else:
                new = [None if word is None else mistyped(word, c) for word, c in zip(old, chances, strict=True)]
            mask = np.zeros(len(columns[name]), bool)
            mask[hit] = True
            columns[name] = pc.replace_with_mask(columns[name], pa.array(mask), pa.array(new, columns[name].type))
        rows = rows[rng.random(len(rows)) < 0.4]


def _fill(rng: np.random.Generator, columns: dict[str, pa.Array]) -> None:
    """What clerks write where they know nothing."""
    for name, words in PLACEHOLDERS.items():
        column = columns[name]
        empty = np.asarray(pc.is_null(column)) if name != "surname" else np.ones(len(column), bool)
        hit = empty & (rng.random(len(column)) < (0.08 if name != "surname" else 0.001))
        said = _take(words, rng.integers(0, len(words), len(column)))
        columns[name] = pc.if_else(pa.array(hit), said.cast(column.type), column)


def _roads() -> list[str]:
    """The streets of each language, each with the long and the short word for what kind of street it is."""
    made = []
    for place, language in enumerate(names.LANGUAGES):
        named = [f"{more}{name}" for more in MORE[place].split(",") for name in names.streets(language)[:40]]
        made += [way.format(name) for name in named[: STREETS // 4] for way in WAYS[place]]
    return made


def _written(column: pa.Array, loud: Flags, plain: Flags) -> pa.Array:
    """Some in capitals, some without accents."""
    flat = _each(column, lambda text: unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode())
    column = pc.if_else(pa.array(plain), flat, column)
    return pc.if_else(pa.array(loud), pc.utf8_upper(column), column)


def _words(life: dict[str, Flags]) -> pa.Array:
    bits = sum(flags.astype(np.int64) << place for place, flags in enumerate(life.values()))
    every = [
        ", ".join(name for place, name in enumerate(life) if number >> place & 1) for number in range(1 << len(life))
    ]
    return _take(every, np.asarray(bits))


def _each(column: pa.Array, change: object) -> pa.Array:
    coded = pc.dictionary_encode(column)
    return pa.array([change(text) for text in coded.dictionary.to_pylist()], pa.string()).take(coded.indices)  # type: ignore[operator]


def _take(words: Sequence[str], places: Numbers) -> pa.Array:
    return pa.array(words, pa.string()).take(pa.array(places))


def _text(numbers: Numbers) -> pa.Array:
    return pc.cast(pa.array(numbers), pa.string())


def _join(*parts: pa.Array | str) -> pa.Array:
    return pc.binary_join_element_wise(*parts, "")
