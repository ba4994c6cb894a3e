"""Postal codes, towns and countries in one form each."""

from __future__ import annotations

from clientela.unify.standardise.placeholders import says_no_word, says_nothing
from clientela.unify.standardise.text import (
    Form,
    Text,
    Truth,
    both,
    choose,
    column,
    either,
    fits,
    folded,
    no,
    plain,
)

# Countries as people write them, folded; two letters are a code already.
COUNTRIES = {
    "AT": "austria oesterreich osterreich aut",
    "BE": "belgium belgica belgio belgie belgique bel",
    "CH": "switzerland suiza svizzera zwitserland schweiz suisse che",
    "DE": "germany alemania germania duitsland deutschland deu",
    "ES": "spain espana spagna spanje esp",
    "FR": "france francia frankrijk fra",
    "GB": "uk united kingdom great britain england scotland wales northern ireland reino unido gran bretana "
    "inglaterra regno unito gran bretagna inghilterra verenigd koninkrijk engeland gbr",
    "IE": "ireland irlanda ierland eire irl",
    "IT": "italy italia italie ita",
    "NL": "netherlands the netherlands holland holanda paises bajos paesi bassi olanda nederland nld",
    "PT": "portugal portogallo prt",
    "US": "usa united states united states of america america estados unidos stati uniti verenigde staten "
    "eeuu ee uu u s a",
}
_SEVERAL = (
    "united kingdom|great britain|northern ireland|reino unido|gran bretana|regno unito|gran bretagna|"
    "verenigd koninkrijk|the netherlands|paises bajos|paesi bassi|united states of america|united states|"
    "estados unidos|stati uniti|verenigde staten|ee uu|u s a"
)


def _named() -> dict[str, str]:
    found: dict[str, str] = {}
    for code, told in COUNTRIES.items():
        words = told
        for several in sorted(_SEVERAL.split("|"), key=len, reverse=True):
            if f" {several} " in f" {words} ":
                found[several] = code
                words = f" {words} ".replace(f" {several} ", " ").strip()
        found |= dict.fromkeys(words.split(), code)
    return found


_said = column("said")
COUNTRY = Form(
    given=("country",),
    steps=(
        {"said": folded(column("country"))},
        {"said": _said.mapped(_named())},
        {"country": choose((fits(_said, "^[A-Za-z]{2}$"), _said.upper()))},
    ),
    gives=("country",),
)

CITIES = {
    "s gravenhage": "den haag",
    "the hague": "den haag",
    "s hertogenbosch": "den bosch",
    "seville": "sevilla",
    "saragossa": "zaragoza",
    "rome": "roma",
    "milan": "milano",
    "turin": "torino",
    "florence": "firenze",
    "venice": "venezia",
    "naples": "napoli",
    "genoa": "genova",
    "lisbon": "lisboa",
    "munich": "munchen",
    "cologne": "koln",
    "donostia": "san sebastian",
    "donostia san sebastian": "san sebastian",
    "vitoria": "vitoria gasteiz",
    "bilbo": "bilbao",
}
_city = column("city")
CITY = Form(
    given=("city",),
    steps=(
        {"city": folded(_city)},
        {"city": _city.sub("^st ", "saint ").sub("^sta ", "santa ").sub("^s ta ", "santa ")},
        {"city": _city.unless(says_nothing(_city)).mapped(CITIES)},
    ),
    gives=("city",),
)

_code = column("code")


def _in(*lands: str) -> Truth:
    return fits(column("country"), f"^(?:{'|'.join(lands)})$")


def _zeros_restored() -> Text:
    """A code of five digits whose leading zeros a spreadsheet took away."""
    lost = either(
        both(_in("ES", "DE", "FR", "US"), fits(_code, "^[0-9]{4}$")), both(_in("IT"), fits(_code, "^[0-9]{2,4}$"))
    )
    return choose((lost, _code.padded(5)), otherwise=_code)


_OUTWARD = "[A-Z]{1,2}[0-9][A-Z0-9]?"
_SAYS_NO_CODE = "^(?:0{3,}|9{4,}|1{5}|12345|1{4}(?:AA|XX)|0000[A-Z]{2}|9999(?:XX|ZZ)|1234(?:XX|ZZ)|X{2,}|Z{2,})$"
POSTAL_CODE = Form(
    given=("postal_code", "country"),
    steps=(
        {"code": column("postal_code").sub("[.]0$"), "said": folded(column("postal_code"))},
        {"code": plain(_code).sub("[^a-z0-9]+").upper()},
        {
            "code": choose(
                (_in("ES", "IT", "DE", "FR"), _code.sub("^[A-Z]{1,2}([0-9]{5})$", "\\1")),
                (_in("NL"), _code.sub("^NL([0-9]{4}(?:[A-Z]{2})?)$", "\\1")),
                (_in("PT"), _code.sub("^PT?([0-9]{4}(?:[0-9]{3})?)$", "\\1")),
                (_in("US"), _code.sub("^[A-Z]{0,2}([0-9]{5})(?:[0-9]{4})?$", "\\1")),
                otherwise=_code,
            )
        },
        {"code": _zeros_restored()},
        {
            "code": _code.unless(
                either(
                    no(fits(_code, ".")),
                    fits(_code, _SAYS_NO_CODE),
                    says_no_word(column("said")),
                    says_no_word(folded(_code)),  # what is left of it may be such a word: "n/a¢"
                )
            )
        },
        # Letters where only the Dutch, or only the British, have them name the land, whatever else is said of it.
        {"postal_code": _code.sub("^([0-9]{4})([A-Z]{2})$", "\\1 \\2")},
        {
            "postal_code": choose(
                (_in("PT"), column("postal_code").sub("^([0-9]{4})([0-9]{3})$", "\\1-\\2")),
                otherwise=column("postal_code")
                .sub(f"^({_OUTWARD})([0-9][A-Z]{{2}})$", "\\1 \\2")
                .sub("^GIR0AA$", "GIR 0AA"),
            )
        },
    ),
    gives=("postal_code",),
)
