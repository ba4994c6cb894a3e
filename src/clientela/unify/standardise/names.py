"""Names of persons: folded, without titles, parted into given and family name, with keys that forgive spelling."""

from __future__ import annotations

import re

from clientela.unify.standardise.nicknames import LANGUAGE_OF, NAME_OF
from clientela.unify.standardise.placeholders import says_nothing
from clientela.unify.standardise.text import (
    Form,
    Text,
    among,
    begins,
    both,
    choose,
    column,
    constant,
    either,
    first_of,
    fits,
    folded,
    is_there,
    joined,
    no,
    rest,
)

# Before a name, folded. Two words where a point parts them: "Sig.ra" folds to "sig ra".
TITLES = """
mr mrs ms miss mister mx sir dame lady lord madam rev reverend hon dr doctor prof professor capt captain
sr sra srta senor senora senorita don dona dna dra doc profesor profesora lic licenciado licenciada arq abogado
sig signor signore signora signorina sig ra|sig na|sig re|dott|dott ssa|dottor|dottore|dottoressa|avv|avvocato|prof ssa
geom|geometra|rag|ragioniere|cav|comm|on|arch|ing|ingeniero|ingegnere
dhr heer de heer|mevr mevrouw mw mej mejuffrouw drs mr drs|ir jhr
herr frau mme mlle monsieur madame|mademoiselle
"""
# What tells parent from child of one name.
GENERATIONS = {
    "younger": "jr jnr junior hijo hija figlio figlia zoon dochter",
    "elder": "sr snr senior padre madre vader moeder",
    "second": "ii",
    "third": "iii",
    "fourth": "iv",
}
_AFTER_WORDS = " ".join(GENERATIONS.values()) + " phd md esq esquire mba bsc msc obe mbe cbe"
AFTER = _AFTER_WORDS.split()
_PARTICLE_WORDS = """
van von vander vanden ver de del della dello dei degli di da do dos das du des la le lo las los el ter ten te den
der op in t s zu zum zur mac mc o st san santa santo saint al ibn bin ben d l
"""
PARTICLES = _PARTICLE_WORDS.split()
# What stands behind a Dutch family name in a sorted list, and before it in speech.
_BEHIND = "van der|van den|van de|van het|van t|van|von|de la|de los|de las|del|de|den|der|ter|ten|te|in t|op de|op den"
_FIRST = """
maria (?:de los |de las |de la |del |de )?(?:angeles|carmen|pilar|mar|rosario|consuelo|luz|dolores|nieves|cruz|paz|sol
|mercedes|teresa|jose|jesus|luisa|isabel|victoria|elena|eugenia|antonia|cristina|josefa|soledad|concepcion|rosa|amparo
|fernanda|belen|lourdes|remedios|grazia|pia|vittoria|chiara|laura|paola|rita)
|jose (?:antonio|luis|manuel|maria|miguel|ramon|ignacio|javier|angel|carlos|francisco|vicente|enrique|juan|alberto)
|juan (?:carlos|jose|antonio|manuel|luis|francisco|pablo|ramon|miguel|pedro|ignacio|de dios)
|luis (?:miguel|alberto|fernando|carlos|manuel|enrique|antonio|angel|maria)
|francisco (?:javier|jose|jesus|manuel|antonio|de asis|de borja)
|miguel angel|jesus maria|marco antonio|victor manuel|pedro jose|pedro luis|carlos alberto|angel luis|manuel jesus
|ana (?:maria|isabel|belen|cristina|rosa|luisa|carmen|teresa|victoria|paula)|rosa maria|eva maria|carmen maria
|anna maria|gian (?:luca|carlo|franco|piero|paolo|marco|luigi|battista|mario)|pier (?:paolo|luigi|giorgio|francesco)
|giovanni battista|jan willem|jan peter|jan hendrik|anne marie|jean (?:pierre|paul|claude|luc|marc|marie|jacques)
"""
_COMPOUND = _FIRST.replace("\n", "")
_TWO_SURNAMES = "|".join(sorted(land for land, language in LANGUAGE_OF.items() if language == "es"))


def _titles() -> str:
    said = [each.strip() for each in TITLES.strip().replace("\n", "|").split("|")]
    pairs = {"sig ra", "sig na", "sig re", "dott ssa", "prof ssa", "de heer", "mr drs"}
    words = {word for each in said for word in ([each] if each in pairs else each.split())} | pairs
    return "|".join(sorted(words, key=lambda each: (-len(each), each)))


_WORD = f"(?:{_titles()})"
# "D. Juan" is Don Juan; a single letter before another is an initial.
_TITLED = f"^(?:(?:{_WORD}|d) )*(?:{_WORD} |d ([a-z]{{3}}))"
_AFTER = f"(?: (?:{'|'.join(AFTER)}))+$"
_PARTICLE = "(?:" + "|".join(PARTICLES) + ")"
_WITHIN = f"^([^ ]+(?: [^ ]+)*?) ({_PARTICLE} .+)$"
_COMPOUNDED = f"^({_COMPOUND}) (.+)$"
_TWO_AND_TWO = "^([^ ]+ [^ ]+) ([^ ]+ [^ ]+)$"


def _generation(name: Text) -> Text:
    """Which of those who share the name it says that it is."""
    arms = [
        (fits(name, f" (?:{words.replace(' ', '|')})(?: (?:{'|'.join(AFTER)}))*$"), constant(which))
        for which, words in GENERATIONS.items()
    ]
    return choose(*arms)


def _real(text: Text) -> Text:
    return text.unless(says_nothing(text))


def _family(name: Text) -> Text:
    """A family name with what Dutch lists put behind it back before it."""
    moved = name.sub(f"^(.+?) ({_BEHIND})$", "\\2 \\1")
    return choose((fits(name, f"^{_PARTICLE}(?: |$)"), name), otherwise=moved)


def _half(group: int) -> Text:
    """One half of a whole name without a comma: 1 the given, 2 the family name."""
    full = column("full")
    spanish = choose(
        (fits(full, _COMPOUNDED), full.part(_COMPOUNDED, group)),
        (both(fits(full, _TWO_AND_TWO), no(fits(full, f" {_PARTICLE} "))), full.part(_TWO_AND_TWO, group)),
        otherwise=full.part("^([^ ]+) (.+)$", group),
    )
    others = choose(
        (fits(full, f"^(?:{_COMPOUND}) [^ ]+$"), full.part(_COMPOUNDED, group)),
        (fits(full, _WITHIN), full.part(_WITHIN, group)),
        otherwise=full.part("^(.+) ([^ ]+)$", group),
    )
    return choose((fits(column("country"), f"^(?:{_TWO_SURNAMES})$"), spanish), otherwise=others)


FIRST = Form(
    given=("first_name",),
    steps=(
        {
            "first_name": folded(column("first_name")).sub(_TITLED, "\\1").sub(_AFTER),
            "generation": _generation(folded(column("first_name"))),
        },
        {"first_name": _real(column("first_name"))},
    ),
    gives=("first_name", "generation"),
)
LAST = Form(
    given=("last_name",),
    steps=(
        {
            "last_name": folded(column("last_name")).sub(_AFTER),
            "generation": _generation(folded(column("last_name"))),
        },
        {"last_name": _family(_real(column("last_name")))},
    ),
    gives=("last_name", "generation"),
)
_bare, _full = column("bare"), column("full")
_given, _named = column("first_name"), column("last_name")
WHOLE = Form(
    given=("full_name", "first_name", "last_name", "country"),
    steps=(
        {
            "before": folded(column("full_name").part("^([^,]+),")).sub(_AFTER),
            "after": folded(column("full_name").part("^[^,]+,(.+)$")).sub(_TITLED, "\\1"),
            "bare": folded(column("full_name")),
            "generation": first_of(
                _generation(folded(column("full_name").part("^([^,]+),"))), _generation(folded(column("full_name")))
            ),
            "first_name": folded(_given).sub(_TITLED, "\\1").sub(_AFTER),
            "last_name": folded(_named).sub(_AFTER),
        },
        {
            "full": choose((fits(_bare, "^dona? [^ ]+$"), _bare), otherwise=_bare.sub(_TITLED, "\\1")).sub(_AFTER),
            # "Smith, PhD" is no family name before a given one.
            "after": column("after").unless(
                either(fits(column("after"), among(AFTER)), no(is_there(column("before"))))
            ),
        },
        {
            "full": _full.unless(says_nothing(_full)),
            "beginning": joined(_given, constant(" ")),
        },
        {
            # What is left of the whole name when the given or the family name is known apart.
            "given": choose(
                (is_there(_given), _given),
                (is_there(column("after")), column("after")),
                otherwise=_half(1),
            ),
            "family": choose(
                (is_there(_named), _named),
                (both(is_there(_given), begins(_full, column("beginning"))), rest(_full, column("beginning"))),
                (is_there(column("after")), column("before")),
                otherwise=_half(2),
            ),
        },
        {
            "given": _real(column("given")).unless(no(is_there(_full))),
            "family": _family(_real(column("family"))).unless(no(is_there(_full))),
        },
    ),
    gives=("full", "given", "family", "generation"),
)


def first_key(first_name: str | None, country: str | None) -> str | None:
    """The name behind a folded given name: that of its group of short forms in the language of the country.

    Examples
    --------
    >>> first_key("pepe", "ES"), first_key("gianni", None), first_key("jan", "NL"), first_key("mari carmen", "ES")
    ('jose', 'giovanni', 'johannes', 'maria carmen')
    """
    if first_name is None:
        return None
    names = NAME_OF[LANGUAGE_OF.get(country or "", "")]
    plain = _INNER.sub(" ", _INITIALS.sub("", first_name))
    if plain in names:
        return names[plain]
    head, space, tail = plain.partition(" ")
    whole = names.get(head, head) + space + tail
    return names.get(whole, whole)


_INITIALS = re.compile(r"(?: [a-z])+$")
_INNER = re.compile(r"(?: (?:de|del|la|las|los|di|da))+ ")

# The sounds that four languages write in several ways, in this order; letters that stay are not named.
_SOUNDS = (
    (" ", ""),
    ("^mc", "mac"),
    ("ij", "i"),
    ("y", "i"),
    ("sch", "s"),
    ("ph", "f"),
    ("h", ""),
    ("(?:cks|ckx|ks|kx|cx|cs)", "ks"),
    ("^x", "j"),
    ("x", "ks"),
    ("^g([ei])", "j\\1"),
    ("sc([ei])", "s\\1"),
    ("c([ei])", "s\\1"),
    ("(?:ck|cq|qu|q|c)", "k"),
    ("z", "s"),
    ("[bw]", "v"),
    ("dt?$", "t"),
    ("[ei]+", "i"),
    ("[ou]+", "u"),
    ("a+", "a"),
    ("([aiu])[aiu]+", "\\1"),
    *((f"{letter}{{2,}}", letter) for letter in "dfgjklmnprstv"),
)
# Of two surnames the first is written everywhere, the second often left out.
_JOINING = f"(?:{'|'.join(each for each in PARTICLES)})"
TWO_SURNAMES = f"^((?:{_JOINING} )*[^ ]+) (.+)$"  # of a folded family name


def _sounded(text: Text) -> Text:
    for pattern, by in _SOUNDS:
        text = text.sub(pattern, by)
    return text


LAST_KEY = Form(
    given=("last_name",),
    steps=(
        {"first": column("last_name").sub("^v d ", "van der ").sub("^v ([a-z]{2})", "van \\1")},
        {"first": first_of(column("first").part(f"^((?:{_JOINING} )*[^ ]+)"), column("first"))},
        {"last_key": _sounded(column("first"))},
        {"last_key": first_of(column("last_key").part("^(.+)$"), column("first"))},
    ),
    gives=("last_key",),
)
