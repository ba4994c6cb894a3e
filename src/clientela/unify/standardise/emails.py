"""E-mail addresses in small letters; the library email-validator is the judge, a strict pattern its quick hand."""

from __future__ import annotations

from dataclasses import dataclass

from clientela.unify.standardise.placeholders import MAIL_DOMAINS, MAILBOXES, says_nothing
from clientela.unify.standardise.text import (
    Form,
    both,
    choose,
    column,
    constant,
    first_of,
    fits,
    folded,
    is_there,
    joined,
    no,
    plain,
)

# Mailboxes of an office, not of a person, in English, Spanish, Italian and Dutch.
ROLES = """
info information contact office mail email post hello hi team admin administrator administration webmaster
postmaster hostmaster root abuse security noc support help helpdesk service services customerservice customercare
care sales shop store orders order billing invoice invoices accounts accounting accountspayable finance payments
purchasing procurement marketing press media pr news newsletter jobs careers recruitment hr humanresources legal
privacy gdpr dpo compliance reception bookings booking reservations reservation enquiries inquiries feedback
noreply no-reply donotreply do-not-reply mailer-daemon bounce bounces notifications notification alerts general
company management ventas venta comercial compras pedidos pedido facturacion facturas factura administracion
contabilidad contacto informacion atencion atencioncliente atencionalcliente clientes cliente soporte ayuda
recepcion reservas tienda oficina correo buzon rrhh empleo prensa gerencia direccion secretaria proveedores almacen
taller tecnico hola vendite acquisti ordini ordine fatture fatturazione fattura amministrazione contabilita
contatti contatto informazioni assistenza clienti servizioclienti supporto segreteria reception prenotazioni
negozio ufficio posta commerciale direzione risorseumane lavoro stampa magazzino officina tecnico preventivi ciao
pec verkoop inkoop bestellingen bestelling factuur facturen facturatie administratie boekhouding contactpersoon
klantenservice klant klanten receptie reserveringen winkel kantoor post secretariaat directie personeelszaken
vacatures pers magazijn werkplaats hallo crediteuren debiteuren planning
"""
# Anyone gets an address there: that two have one there says nothing.
FREE = """
gmail.com googlemail.com ymail.com rocketmail.com icloud.com me.com mac.com protonmail.com protonmail.ch proton.me
pm.me tutanota.com tutanota.de tuta.io zoho.com mail.com email.com usa.com gmx.com gmx.de gmx.net gmx.at gmx.ch
gmx.es gmx.it gmx.fr gmx.co.uk web.de t-online.de freenet.de arcor.de mail.ru inbox.com hushmail.com fastmail.com
fastmail.fm mailinator.com btinternet.com btopenworld.com sky.com talktalk.net virginmedia.com virgin.net
ntlworld.com blueyonder.co.uk o2.co.uk tiscali.co.uk comcast.net verizon.net att.net sbcglobal.net bellsouth.net
cox.net charter.net earthlink.net optonline.net libero.it virgilio.it tiscali.it alice.it tin.it tim.it
fastwebnet.it inwind.it iol.it email.it poste.it aruba.it teletu.it ziggo.nl kpnmail.nl kpnplanet.nl planet.nl
hetnet.nl xs4all.nl home.nl telfort.nl casema.nl upcmail.nl chello.nl quicknet.nl kpn.nl tele2.nl zonnet.nl
solcon.nl caiway.nl telenet.be skynet.be telefonica.net terra.es ya.com movistar.es telecable.es euskalnet.net
ono.com jazzfree.com mixmail.com sapo.pt iol.pt clix.pt free.fr laposte.net sfr.fr neuf.fr orange.fr orange.es
wanadoo.fr wanadoo.es wanadoo.nl bluewin.ch
"""
_FREE_FAMILIES = r"(?:hotmail|outlook|live|msn|yahoo|aol|yandex)\.[a-z]{2,3}(?:\.[a-z]{2})?"
_WORD = "[A-Za-z0-9_+-]"
_STRICT = rf"^{_WORD}(?:{_WORD}|[.]{_WORD})*@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{{0,61}}[A-Za-z0-9])?[.])+[A-Za-z]{{2,63}}$"
_TRIMMED = "^[\x01-\x20<]+|[\x01-\x20>;,.]+$"
_SHORT = "^[^@]{1,64}@.{3,189}$"


@dataclass(frozen=True, slots=True)
class Email:
    """What was read: an address and its parts, or none; whether it is a person's own."""

    address: str | None
    key: str | None = None  # the same for all ways to write to one mailbox
    local: str | None = None
    domain: str | None = None  # none where anyone gets an address
    role: bool = False
    placeholder: bool = False


def email(said: str | None) -> Email:
    """What is known of an address as written.

    Examples
    --------
    >>> email(" Ana.Garcia+shop@Gmail.com ").address, email("Ana.Garcia+shop@gmail.com").key
    ('ana.garcia+shop@gmail.com', 'anagarcia@gmail.com')
    >>> email("info@example.org").role, email("no@no.com").placeholder, email("ana@").address
    (True, True, None)
    """
    read = QUICK.of(email=said)
    found = read["address"] or checked(read["trimmed"])
    told = DETAILS.of(trimmed=read["trimmed"], address=found)
    return Email(
        told["address"],
        key=told["key"],
        local=told["local"],
        domain=told["domain"],
        role=told["role"] is not None,
        placeholder=told["placeholder"] is not None,
    )


def checked(said: str | None) -> str | None:
    """The address as the library writes it, in small letters; none if it is no address."""
    from email_validator import EmailNotValidError, validate_email

    if said is None:
        return None
    try:
        return validate_email(said, check_deliverability=False).normalized.lower()
    except EmailNotValidError:
        return None


def _special() -> str:
    """The pattern of the domains that no letter reaches; the library names them."""
    from email_validator import SPECIAL_USE_DOMAIN_NAMES

    return "[@.](?:" + "|".join(each.replace(".", "[.]") for each in sorted(SPECIAL_USE_DOMAIN_NAMES)) + ")$"


_trimmed, _small, _address = column("trimmed"), column("small"), column("address")
_local, _domain = column("local"), column("domain")
_PLAIN = both(fits(_trimmed, _STRICT), fits(_trimmed, _SHORT), no(fits(_trimmed, "--")))
_NOBODY = rf"^(?:{'|'.join(sorted(MAILBOXES))}|a{{3,}}|x{{2,}}|0+|1234*5*6*7*8*9*)@"
_NOWHERE = "^[a-z]{1,2}@[a-z]{1,2}[.]|@(?:" + "|".join(sorted(each.replace(".", "[.]") for each in MAIL_DOMAINS)) + ")$"
_ROLE = "^(?:" + "|".join(sorted({*ROLES.split()}, key=lambda each: (-len(each), each))) + ")(?:[.+_-].*|[0-9]*)$"
_FREE_DOMAIN = "^(?:" + "|".join(each.replace(".", "[.]") for each in FREE.split()) + f"|{_FREE_FAMILIES})$"

# What the pattern is sure of; ``trimmed`` without ``address`` is for the library.
QUICK = Form(
    given=("email",),
    steps=(
        {"trimmed": column("email").sub(_TRIMMED).sub("^[Mm][Aa][Ii][Ll][Tt][Oo]:")},
        {"trimmed": choose((fits(_trimmed, "."), _trimmed))},
        {"address": choose((_PLAIN, _trimmed.lower()))},
        {"address": _address.unless(fits(_address, _special()))},
    ),
    gives=("trimmed", "address"),
)
DETAILS = Form(
    given=("trimmed", "address"),
    steps=(
        {"small": plain(_trimmed)},
        {
            "placeholder": choose(
                (fits(_small, _NOBODY), constant("yes")),
                (fits(_small, _NOWHERE), constant("yes")),
                (fits(_small, "^[^@]*$"), choose((says_nothing(folded(_small)), constant("yes")))),
            )
        },
        {"address": _address.unless(is_there(column("placeholder")))},
        {"local": _address.part("^(.+)@"), "domain": _address.part("@([^@]+)$")},
        {
            "role": choose((fits(_local, _ROLE), constant("yes"))),
            "mailbox": first_of(_local.part("^([^+]+)[+]"), _local),
            "host": _domain.sub("^googlemail[.]com$", "gmail.com"),
        },
        {
            "key": joined(
                choose(
                    (fits(column("host"), "^gmail[.]com$"), column("mailbox").sub("[.]")), otherwise=column("mailbox")
                ),
                column("host"),
                by="@",
            ),
            "domain": _domain.unless(fits(_domain, _FREE_DOMAIN)),
        },
    ),
    gives=("address", "key", "local", "domain", "role", "placeholder"),
)
