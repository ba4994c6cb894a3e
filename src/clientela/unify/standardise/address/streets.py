"""Streets: the kind of street in one spelling, the house number apart, floor and door left out."""

from __future__ import annotations

from clientela.unify.standardise.placeholders import says_nothing
from clientela.unify.standardise.text import (
    Form,
    Text,
    among,
    both,
    choose,
    column,
    constant,
    fits,
    folded,
    is_there,
    joined,
    rest,
)

# The first word of a street in Spanish, Italian, French and Portuguese, folded.
FIRST = {
    "calle": "c cl cll call carrer cr",
    "avenida": "av avd avda avgda avinguda avenida avda avenue ave",
    "plaza": "pl plz pza plza placa",
    "paseo": "pg po pso pas passeig ps",
    "carretera": "ctra crta carr",
    "camino": "cno cmno cami",
    "ronda": "rda",
    "travesia": "trav trva tva",
    "urbanizacion": "urb",
    "glorieta": "gta",
    "poligono": "pol poli",
    "pasaje": "pje psje passatge",
    "via": "v",
    "viale": "vle",
    "piazza": "pzza piaza",
    "piazzale": "pzle ple",
    "corso": "cso",
    "largo": "lgo",
    "vicolo": "vic vlo",
    "strada": "str",
    "contrada": "cda",
    "localita": "loc",
    "rue": "r",
    "boulevard": "bd bld blvd boul",
    "praca": "pca",
    "saint": "st",
}
# The last word of a street in English, folded.
LAST = {
    "street": "st str",
    "road": "rd",
    "avenue": "ave av aven",
    "lane": "ln",
    "drive": "dr drv",
    "close": "cl",
    "court": "ct crt",
    "crescent": "cres cresc cr crs",
    "square": "sq",
    "terrace": "ter terr tce",
    "place": "pl",
    "gardens": "gdns gdn",
    "grove": "gr grv",
    "highway": "hwy",
    "parkway": "pkwy pky",
    "boulevard": "blvd bvd boul",
    "circle": "cir circ",
    "circuit": "cct",
    "parade": "pde",
    "mount": "mt",
    "park": "pk",
    "way": "wy",
    "north": "n",
    "south": "s",
}
# Words within a Spanish, Italian or French street that some leave out: Calle (de la) Princesa.
_SMALL = "de|del|la|las|los|el|di|della|dello|dei|delle|degli|du|des|d|da|do|dos"
_UNIT = (
    "(?:[a-z]|[0-9]{1,4}[a-z]{0,2}|bis|ter|tris|piso|planta|pl|puerta|pta|pt|escalera|esc|bajo|bj|atico|at|izq|izda|"
    "izquierda|dcha|dch|dcho|derecha|der|portal|bloque|bloq|bl|entresuelo|entlo|principal|pral|local|nave|oficina|of|"
    "interno|int|scala|sc|piano|p|pal|palazzina|hs|huis|rood|boven|beneden|verdieping|ap|apt|apto|appt|apartment|"
    "apartamento|app|flat|unit|suite|ste|floor|fl|room|rm|no|etage|i|ii|iii|iv|v|vi)"
)
_NUMBER = "[0-9]{1,4}(?:[a-z]{1,2}|bis)?"
_BEHIND = f" {_NUMBER}(?: {_UNIT})*$"
_TRAILING = f"[^0-9 ].*{_BEHIND}"
_LEADING = (
    "^(?:(?:flat|apt|apartment|unit|suite|ste|room|floor|fl) [0-9]+[a-z]? )?([0-9]{1,5}(?:[a-z]|bis)?) ([^0-9].*)$"
)
_INNER_UNIT = " (?:apt|apartment|unit|suite|ste|flat|floor|fl|room|rm)(?: [0-9a-z]{1,4}){1,2}$"
_NUMBERED = "(^| )(?:n|no|nr|num|numero|nummer|number|numer|n o|km|civico) ([0-9])"
_NUMBER_FIRST = "^(?:GB|US|IE|AU|NZ|CA|FR|LU)$"

_said, _side, _name = column("said"), column("side"), column("name")


def _known(told: dict[str, str]) -> dict[str, str]:
    return {short: name for name, ways in told.items() for short in ways.split() if short != name}


# In most of Europe the number stands behind the street, in Britain, America and France before it.
HOUSE = Form(
    given=("street", "country"),
    steps=(
        {"said": folded(column("street"))},
        {"said": _said.unless(says_nothing(_said)).sub(_NUMBERED, "\\1\\2").sub(" s n$")},
        {
            "side": choose(
                (both(fits(column("country"), _NUMBER_FIRST), fits(_said, _LEADING)), constant("before")),
                (fits(_said, _TRAILING), constant("behind")),
                (fits(_said, _LEADING), constant("before")),
            )
        },
        {
            "name": choose(
                (fits(_side, "before"), _said.part(_LEADING, 2).sub(_INNER_UNIT).sub(_BEHIND)),
                (fits(_side, "behind"), _said.sub(_BEHIND)),
                otherwise=_said,
            )
        },
        {
            "house_number": choose(
                (fits(_side, "before"), _said.part(_LEADING, 1).sub("[^0-9]")),
                (fits(_side, "behind"), rest(_said, _name).part("([0-9]+)")),
            )
        },
    ),
    gives=("name", "house_number"),
)

_first, _middle, _last = column("first"), column("middle"), column("last")
_is_german = fits(column("country"), "^(?:DE|AT|CH)$")
_is_italian = fits(column("country"), "^(?:IT|SM|VA)$")
_TITLES = (
    (r"\bburg\b", "burgemeester"),
    (r"\bpres\b", "president"),
    (r"\bgral\b", "general"),
    (r"\bntra sra\b", "nuestra senora"),
    (r"\b(?:sta|s ta)\b", "santa"),
    (r"\bsto\b", "santo"),
    (r" s ([a-z]{3})", " san \\1"),
)


def _titled(text: Text) -> Text:
    for pattern, by in _TITLES:
        text = text.sub(pattern, by)
    return text


# How a Dutch street ends, in one word with its name.
_DUTCH = {
    "([a-z]{2})str$": "straat",
    "([a-z]{3})pln$": "plein",
    "([a-z]{3})ln$": "laan",
    "([a-z]{3})wg$": "weg",
    "([a-z]{3})sngl$": "singel",
}


def _dutch(text: Text) -> Text:
    for pattern, by in _DUTCH.items():
        text = text.sub(pattern, f"\\1{by}")
    return text


STREET = Form(
    given=("name", "country"),
    steps=(
        {
            "name": _titled(
                _name.sub("^([pvcl]) (zza|za|zale|le|so|go|lo) ", "\\1\\2 ").sub("^pol ind ", "poligono industrial ")
            )
        },
        {"name": _name.sub(f" (?:(?:{_SMALL}) )+", " ")},
        {"first": _name.part("^([^ ]+) "), "rest": _name.part("^[^ ]+ (.+)$"), "whole": _name},
        {"first": _first.mapped(_known(FIRST))},
        {"first": choose((both(_is_italian, fits(_first, "^plaza$")), constant("piazza")), otherwise=_first)},
        {
            # The kind of street stands first or last, not both: "St James Pl" and "Plaza St James".
            "rest": choose((fits(_first, among(sorted({*FIRST} - {"saint"}))), column("rest"))),
            "middle": column("rest").part("^(.+) [^ ]+$"),
            "last": column("rest").part("([^ ]+)$"),
        },
        {"last": _last.mapped(_known(LAST))},
        {
            "last": choose(
                (_is_german, _last.sub("(?:str|strasse)$", "strasse")),
                otherwise=_dutch(_last.sub("^str$", "street")),
            )
        },
        {
            "street": choose(
                (is_there(column("rest")), joined(_first, column("rest"), by=" ")),
                (is_there(_last), joined(_first, _middle, _last, by=" ")),
                (_is_german, column("whole").sub("str$", "strasse")),
                otherwise=_dutch(column("whole")),
            )
        },
    ),
    gives=("street",),
)
