"""Cards, web accounts, companies and their contacts, bought lists: each system's records of a week in its own form."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.dealings.invoices import TERMS
from clientela.testing.company.exports.forms import Csv, Json, Sheet
from clientela.testing.company.exports.moments import days, instants, written
from clientela.testing.company.exports.people.ties import consents_sent, relations_sent
from clientela.testing.company.exports.spelling import blank, joined, money, whole_numbers
from clientela.testing.company.people.accounts import OFFICE, SHOP, TILL
from clientela.testing.company.people.population.people import People
from clientela.testing.company.people.population.records import (
    AGAIN,
    CARD,
    COMPANY,
    CONTACT,
    LISTED,
    list_of,
    listed_in,
)
from clientela.testing.company.people.said import record_numbers, said
from clientela.testing.company.people.written.words import looked_up

SPANISH, ISO, AMERICAN = "%d/%m/%Y %H:%M:%S", "%Y-%m-%dT%H:%M:%SZ", "%m/%d/%Y %I:%M:%S %p"
_MADE = ("repair", "construction", "transport", "food", "furniture")
_SECTORS = (*_MADE, "paint", "wholesale", "travel", "drink", "electricity")
_SUPPLIERS, _BASES = ("Adressen & Co", "Datos Directos"), ("consent to partners", "legitimate interest")
_CENTS = 12  # what an address costs

Texts = Mapping[str, pa.Array]


def people_files(people: People, week: int, stamp: str, weeks: int = 1) -> Mapping[str, Sheet]:
    """What the systems send after a week of who the customers are; nothing in a world without records.

    Parameters
    ----------
    stamp : the week, as it stands in the names
    weeks : how many are sent at once, from that week on; of each record only what it says after the last
    """
    if not people.world.records:
        return {}
    rows, at = people.sent(week, weeks)
    made = people.records
    what, system = made.what[rows], made.system[rows]
    firm = np.isin(what, (COMPANY, AGAIN))

    def those(which: np.ndarray[tuple[int], np.dtype[np.bool_]], form: _Form) -> Sheet:
        return form(people, rows[which], at[which])

    sheets = {
        f"till-cards-{stamp}.csv": those((what == CARD) & (system == TILL), _cards),
        f"shop-accounts-{stamp}.jsonl": those((what == CARD) & (system == SHOP), _web_accounts),
        f"office-companies-{stamp}.tsv": those(firm & (system == OFFICE), _companies),
        f"office-contacts-{stamp}.tsv": those(what == CONTACT, _contacts),
        **relations_sent(people, week, stamp, weeks),
        **consents_sent(people, week, stamp, weeks),
    }
    listed = what == LISTED
    if listed.any():
        sheets[f"addresses-{stamp}.csv"] = those(listed, _addresses)
        sheets[f"lists-{stamp}.csv"] = _lists(people, rows[listed])
    return sheets


_Form = Callable[[People, Indices, Floats], Sheet]


def _cards(people: People, rows: Indices, at: Floats) -> Sheet:
    told = said(people, rows, at)
    return Sheet(
        {
            "Tarjeta": record_numbers(people, rows),
            "Titular": joined(pc.utf8_upper(told["surname"]), ", ", told["given"]),
            "Sexo": _word(told["gender"], m="Hombre", f="Mujer"),
            "Nacimiento": _day(told["born"], "%d/%m/%Y"),
            "Teléfono": told["phone"],
            "Correo": told["email"],
            "Dirección": told["street"],
            "CP": told["postal"],
            "Población": told["city"],
            "País": told["country"],
            "Nacionalidad": told["nationality"],
            "Idioma": told["language"],
            "NIF": told["tax"],
            **_dates(people, rows, at, ("Alta", "Cambio"), SPANISH, people.world.timezone),
        },
        Csv(";", "cp1252"),
    )


def _web_accounts(people: People, rows: Indices, at: Floats) -> Sheet:
    told = said(people, rows, at)
    return Sheet(
        {
            "account": record_numbers(people, rows),
            "firstName": told["given"],
            "lastName": told["surname"],
            "email": told["email"],
            "mobile": told["phone"],
            "address": told["street"],
            "zip": told["postal"],
            "town": told["city"],
            "country": told["country"],
            "birthday": _day(told["born"], "%Y-%m-%d"),
            "gender": _word(told["gender"], m="male", f="female"),
            "vat": told["tax"],
            "locale": joined(told["language"], "-", told["country"]),
            **_dates(people, rows, at, ("registered", "changed"), ISO, "UTC"),
        },
        Json(),
    )


def _companies(people: People, rows: Indices, at: Floats) -> Sheet:
    told, person = said(people, rows, at), people.records.person[rows]
    number = people.everybody.drawn.company[person]
    known = people.records.what[rows] == COMPANY
    return Sheet(
        {
            "Account": record_numbers(people, rows),
            "Company": told["company"],
            "Tax no": told["tax"],
            "Street": told["street"],
            "Post code": told["postal"],
            "City": told["city"],
            "Country": told["country"],
            "Phone": told["phone"],
            "Email": told["email"],
            "Sector": looked_up(_SECTORS, number % 10),
            "Terms": blank(whole_numbers(np.asarray(TERMS)[person % len(TERMS)]), ~known),
            "Limit": blank(whole_numbers(500 * (1 + number // 10 % 40)), ~known),
            "Language": told["language"],
            **_dates(people, rows, at, ("Entered", "Changed"), AMERICAN, "Europe/London"),
        },
        Csv("\t"),
    )


def _contacts(people: People, rows: Indices, at: Floats) -> Sheet:
    told = said(people, rows, at)
    return Sheet(
        {
            "Contact": record_numbers(people, rows),
            "First": told["given"],
            "Last": told["surname"],
            "Title": _word(told["gender"], m="Mr", f="Mrs"),
            "Company": told["company"],
            "Department": told["department"],
            "Job": told["job"],
            "Phone": told["phone"],
            "Email": told["email"],
            "Country": told["country"],
            "Language": told["language"],
            **_dates(people, rows, at, ("Entered", "Changed"), AMERICAN, "Europe/London"),
        },
        Csv("\t"),
    )


def _addresses(people: People, rows: Indices, at: Floats) -> Sheet:
    told = said(people, rows, at)
    return Sheet(
        {
            "ref": record_numbers(people, rows),
            "list": _list_ids(list_of(people.world, people.records.since[rows])),
            "salutation": _word(told["gender"], m="Mr", f="Mrs"),
            "given name": told["given"],
            "family name": told["surname"],
            "street": told["street"],
            "postcode": told["postal"],
            "town": told["city"],
            "country": told["country"],
            "telephone": told["phone"],
            "mail": told["email"],
            "born": _day(told["born"], "%Y-%m-%d"),
            "delivered": written(instants(people.world, at), "%Y-%m-%d", people.world.timezone),
        },
        Csv(","),
    )


def _lists(people: People, rows: Indices) -> Sheet:
    """The lists that the records came with."""
    world = people.world
    number, records = np.unique(list_of(world, people.records.since[rows]), return_counts=True)
    return Sheet(
        {
            "list": _list_ids(number),
            "supplier": looked_up(_SUPPLIERS, number),
            "price": money(records * _CENTS),
            "delivered": days(world, np.floor(listed_in(world)[number] * 7).astype(np.intp), "%Y-%m-%d"),
            "addresses": whole_numbers(records),
            "basis": looked_up(_BASES, number),
        },
        Csv(","),
    )


def _list_ids(number: Indices) -> pa.Array:
    return joined("L", whole_numbers(number + 1))


def _dates(
    people: People, rows: Indices, at: Floats, names: tuple[str, str], form: str, zone: str
) -> dict[str, pa.Array]:
    """When each record was made, and when it was last changed if it was."""
    since = people.records.since[rows]
    made, changed = (written(instants(people.world, each), form, zone) for each in (since, at))
    return {names[0]: made, names[1]: blank(changed, at <= since)}


def _word(gender: pa.Array, *, m: str, f: str) -> pa.Array:
    return pc.if_else(pc.equal(gender, "m"), m, pc.if_else(pc.equal(gender, "f"), f, gender))


def _day(born: pa.Array, form: str) -> pa.Array:
    return pc.strftime(born, format=form)
