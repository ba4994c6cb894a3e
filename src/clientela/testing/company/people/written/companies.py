"""Names of companies, with their legal form in several ways of writing."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.testing.company.people.drawn import LANGUAGE_OF, Drawn, Flags, Numbers
from clientela.testing.company.people.written.addresses import town_names
from clientela.testing.company.people.written.persons import families
from clientela.testing.company.people.written.words import joined, looked_up

SECTORS = (
    "Talleres Construcciones Transportes Panadería Muebles Pinturas Suministros Viajes Bodegas Electricidad",
    "Officine Costruzioni Trasporti Panificio Mobili Vernici Forniture Viaggi Cantine Impianti",
    "Garage Bouwbedrijf Transport Bakkerij Meubelen Schilders Groothandel Reisbureau Wijnhandel Installatie",
    "Garages Builders Haulage Bakery Furniture Paints Supplies Travel Wines Electrics",
)
_LEGAL = (
    ("S.L.", "SL", "Sociedad Limitada", ""), ("S.r.l.", "SRL", "srl", ""), ("B.V.", "BV", "b.v.", ""),
    ("Ltd", "Limited", "LTD.", ""), ("Inc.", "Incorporated", "inc", ""),
)  # fmt: skip
SISTER = 1 << 41  # from here on a company's number is that of a sister, whose name ends in its town


def company_names(of: Drawn, form: Numbers, short: Flags | None = None) -> pa.Array:
    """What a company is called, with one of four ways to write its legal form, the last none; null for persons.

    Parameters
    ----------
    short : where the word for what it does is abbreviated
    """
    company = np.maximum(of.company, 0)
    every, bases, sizes = families()
    language = LANGUAGE_OF[of.country]
    owner = looked_up(every, bases[language] + (company >> 8) % sizes[language])
    sector = looked_up([word for words in SECTORS for word in words.split()], language * 10 + company % 10)
    if short is not None:
        sector = pc.if_else(pa.array(short), joined(pc.utf8_slice_codeunits(sector, 0, 5), "."), sector)
    said = pc.if_else(
        pa.array(company >= SISTER), joined(sector, " ", owner, " ", town_names(of)), joined(sector, " ", owner)
    )
    legal = looked_up([way for ways in _LEGAL for way in ways], of.country * 4 + form)
    full = pc.utf8_rtrim_whitespace(joined(said, " ", legal))
    return pc.if_else(pa.array(of.company >= 0), full, pa.nulls(len(company), pa.string()))
