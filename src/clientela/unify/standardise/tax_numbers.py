"""Tax numbers by their form alone: capital letters and digits, without the country that the form already tells.

A number of no form known here stays: it may be that of a country or a register not listed.
"""

from __future__ import annotations

from clientela.unify.standardise.placeholders import COUNTED, SAME_DIGITS
from clientela.unify.standardise.text import Form, both, choose, column, constant, either, fits, no, plain, same

# The form of the numbers of a country, as it stands after the country's letters in an invoice.
NATIONAL = {
    "AT": "U[0-9]{8}",
    "BE": "[01][0-9]{9}",
    "DE": "[0-9]{9}",
    "ES": "(?:[0-9]{8}[A-Z]|[XYZKLM][0-9]{7}[A-Z]|[A-HJNP-SUVW][0-9]{7}[0-9A-J])",
    "FR": "[0-9A-HJ-NP-Z]{2}[0-9]{9}",
    "GB": "(?:[0-9]{9}|[0-9]{12}|GD[0-9]{3}|HA[0-9]{3})",
    "IT": "(?:[0-9]{11}|[A-Z]{6}[0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{2}[A-Z][0-9LMNP-V]{3}[A-Z])",
    "NL": "[0-9]{9}B[0-9]{2}",
    "PT": "[0-9]{9}",
}
_PREFIXED = "(?:" + "|".join(f"{land}{form}" for land, form in NATIONAL.items()) + ")"
_ANY = "(?:" + "|".join(NATIONAL.values()) + ")"
_NAMED = "(?:VAT|BTW|TVA|IVA|PIVA|PARTITAIVA|NIF|CIF|NIE|DNI|CF|BSN|SSN|EIN|TIN|NINO|USTID)(?:NR|NO|NUMBER)?"

_bare = column("bare")
_whole = column("whole")

TAX_ID = Form(
    given=("tax_id", "country"),
    steps=(
        {"bare": plain(column("tax_id")).sub("[^a-z0-9]+").upper()},
        {"bare": _bare.sub(f"^{_NAMED}({_PREFIXED}|{_ANY}|[0-9]{{6,}}[A-Z]?)$", "\\1")},
        {
            # A spreadsheet takes the zeros before a number away.
            "whole": choose(
                (both(same(column("country"), constant("ES")), fits(_bare, "^[0-9]{5,7}[A-Z]$")), _bare.padded(9)),
                (both(same(column("country"), constant("NL")), fits(_bare, "^[0-9]{8}$")), _bare.padded(9)),
                otherwise=_bare,
            )
        },
        {"whole": choose((fits(_whole, f"^{_PREFIXED}$"), _whole.part("^..(.+)$")), otherwise=_whole)},
        {
            "tax_id": _whole.unless(
                either(
                    no(fits(_whole, "[0-9]")),
                    fits(_whole, SAME_DIGITS),
                    fits(_whole, COUNTED),
                    fits(_whole, "^[A-Z]?0+[A-Z]?$"),
                )
            )
        },
    ),
    gives=("tax_id",),
)
