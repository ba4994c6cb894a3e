"""What people write where they know nothing: it must not make two strangers alike."""

from __future__ import annotations

import re
from datetime import date

from clientela.unify.standardise.text import Text, Truth, among, either, fits

# Folded, in English, Spanish, Italian and Dutch.
WORDS = frozenset(
    """
    unknown|unkown|unknow|not known|not available|not applicable|not provided|not given|no data|no name|noname|none
    null|nan|na|n a|nn|n n|undefined|undisclosed|anonymous|anonymus|missing|blank|empty|void|tbd|tbc|tba|pending
    withheld|no value|default|dummy|fake|sample|example|test|tests|testing|tester|test test|to be confirmed|various
    desconocido|desconocida|desconocidos|se desconoce|no consta|no disponible|no procede|no aplica|no aplicable
    no tiene|no sabe|sin datos|sin dato|sin nombre|sin apellido|sin apellidos|sin especificar|no especificado
    ninguno|ninguna|nada|anonimo|anonima|pendiente|prueba|pruebas|ejemplo|vacio|por determinar|por confirmar|s n|s d
    n d|ns nc|no facilitado|no informado
    sconosciuto|sconosciuta|non noto|non nota|non disponibile|non applicabile|non pervenuto|non indicato|non fornito
    senza nome|senza cognome|nessuno|nessuna|vuoto|prova|prove|esempio|da definire|da confermare|ignoto|ignota
    onbekend|onbekende|niet bekend|niet beschikbaar|niet van toepassing|nvt|n v t|geen|geen naam|geen gegevens|leeg
    anoniem|voorbeeld|proef|niet opgegeven|niet ingevuld|nog onbekend|volgt
    asdf|asdfg|asdfgh|asdfghjkl|asd|qwe|qwer|qwert|qwerty|qwertz|azerty|zxc|zxcv|zxcvb|abc|abcd|abcde|foo|bar|foo bar
    bla|blabla|bla bla|xyz|lorem ipsum|aaa bbb
    """.strip()
    .replace("\n", "|")
    .replace("    ", "")
    .split("|")
)
ALONE = frozenset(
    # Where a company is asked for, a private person says so.
    """
    private|private person|individual|self employed|freelance|freelancer|retired|unemployed|student
    particular|persona fisica|autonomo|autonoma|jubilado|jubilada|estudiante
    privato|privata|persona privata|libero professionista|pensionato|pensionata|studente
    particulier|privepersoon|prive|zzp|zzper|eenmanszaak|gepensioneerd|geen bedrijf
    no company|sin empresa|nessuna azienda
    """.strip()
    .replace("\n", "|")
    .replace("    ", "")
    .split("|")
)
_MAILBOXES = """
no none null na unknown nobody noone noemail nomail nomail1 noemail1 notavailable notprovided undefined anonymous
test tests test1 test123 tester testing prueba prueba1 pruebas prova proef asdf asd qwerty abc xyz foo sinemail
sincorreo sinmail notiene notienecorreo notieneemail desconocido ninguno nessuna nessuno senzaemail senzamail
sconosciuto nonpresente geen geenemail geenmail onbekend example ejemplo esempio voorbeeld fake dummy
"""
MAILBOXES = frozenset(_MAILBOXES.split())
_MAIL_DOMAINS = """
no.com none.com no.es no.it no.nl none.es none.it none.nl test.com test.es test.it test.nl nomail.com noemail.com
nomail.es nomail.it nomail.nl noemail.es sinemail.com sincorreo.com sinemail.es sincorreo.es geenmail.nl
geenemail.nl a.com aa.com aaa.com a.aa x.com xx.com xxx.com asdf.com asd.com abc.com fake.com dummy.com null.com
unknown.com na.com
"""
MAIL_DOMAINS = frozenset(_MAIL_DOMAINS.split())
DAYS = frozenset(
    date.fromisoformat(each)
    for each in (
        *("0001-01-01", "1753-01-01", "1800-01-01", "1899-12-30", "1899-12-31", "1900-01-01", "1900-01-02"),
        *("1901-01-01", "1904-01-01", "1970-01-01", "1970-01-02", "1111-11-11", "9999-12-31", "2099-12-31"),
    )
)
OLDEST_YEARS = 120

_REPEATED = "|".join(f"{letter}{{3,}}" for letter in "abcdefghijklmnopqrstuvwxyz")
_SAYS_NOTHING = f"^(?:{_REPEATED}|x{{2,}}(?: x+)*|[0-9 ]*)$"
SAME_DIGITS = "^(?:" + "|".join(f"{digit}+" for digit in range(10)) + ")$"
COUNTED = "^(?:0?123456?7?8?9?0?1?|(?:1234567890?)+|987654321?0?|87654321)$"
# A telephone number that ends in seven like digits, or is nothing but counting, was typed to get past a form.
PHONE_ENDS = "(?:" + "|".join(f"{digit}{{7}}" for digit in range(10)) + ")$"
PHONE_COUNTS = "^(?:0?1234567?8?9?0?|0?98765432?1?0?)$"


def says_nothing(text: Text) -> Truth:
    """Whether a folded text is a placeholder and no name."""
    return either(fits(text, among(sorted(WORDS))), fits(text, _SAYS_NOTHING))


def phone_says_nothing(national: str) -> bool:
    """Whether the digits of a telephone number were typed to get past a form."""
    return (
        len(set(national)) <= 1
        or re.search(PHONE_ENDS, national) is not None
        or re.search(PHONE_COUNTS, national) is not None
    )


def says_no_word(text: Text) -> Truth:
    """Whether a folded text is a placeholder word; digits alone may mean something."""
    return either(fits(text, among(sorted(WORDS))), fits(text, "^(?:0+|9{4,}|x{2,})$"))


def says_no_company(text: Text) -> Truth:
    """Whether a folded text is a placeholder, or says that there is no company."""
    return either(says_nothing(text), fits(text, among(sorted(ALONE))))
