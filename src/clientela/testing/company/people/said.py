"""What records say at a moment, as texts: in the form of their writer, with what is unknown and what is wrong."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.people.damage import with_errors
from clientela.testing.company.people.drawn import Drawn
from clientela.testing.company.people.population.companies import DEPARTMENTS, JOBS
from clientela.testing.company.people.population.forms import (
    ADDRESS,
    BIRTH,
    EMAIL,
    FIELDS,
    FILLED,
    GENDER,
    LANGUAGE,
    NATIONALITY,
    PHONE,
    TAX,
)
from clientela.testing.company.people.population.people import People
from clientela.testing.company.people.population.records import AGAIN, CONTACT, LISTED
from clientela.testing.company.people.written.addresses import postal_codes, street_lines, town_names
from clientela.testing.company.people.written.companies import company_names
from clientela.testing.company.people.written.numbers import account_numbers, lettered_numbers
from clientela.testing.company.people.written.persons import names, tax_numbers
from clientela.testing.company.people.written.reached import phone_numbers
from clientela.testing.company.people.written.words import as_typed, looked_up, unknown

_NATIONS = ("ES", "IT", "NL")
_ABROAD = 17  # of so many persons one has the nationality of another nation
_LETTERS = {CONTACT: "C", AGAIN: "D", LISTED: "A"}
PLACEHOLDERS = {
    EMAIL: ("noemail@noemail.com", "na@na.na", "sinemail@sinemail.es", "info@info.com", "test@test.com"),
    PHONE: ("000000000", "999999999", "123456789", "600000000", "0000"),
    BIRTH: ("1900-01-01", "1970-01-01", "1900-01-01"),
}


def record_numbers(people: People, rows: Indices) -> pa.Array:
    """What its system calls each of some records."""
    made = people.records
    what, system, number = made.what[rows], made.system[rows], made.number[rows]
    ways = [account_numbers(number, each) for each in range(3)]
    ways += [lettered_numbers(letter, number) for letter in _LETTERS.values()]
    place = np.where(system < 3, system, 0)
    for way, kind in enumerate(_LETTERS, 3):
        place = np.where(what == kind, way, place)
    return pc.choose(pa.array(place), *ways)


def said(people: People, rows: Indices, moment: Floats) -> dict[str, pa.Array]:
    """The fields of some records as each stands at its moment; null where a system does not know.

    Parameters
    ----------
    rows : places in the people's records
    moment : (n,), in weeks from the world's beginning

    Returns
    -------
    given, surname, email, phone, street, postal, city, country, born (a date), gender (f, m), tax, nationality,
    language, company, job and department
    """
    forms, made, person = people.forms, people.records, people.records.person[rows]
    of, known = people.at(rows, moment), forms.known[:, rows]
    loud, plain = forms.loud[rows], forms.plain[rows]
    organisation = of.company >= 0
    given, surname = names(of, forms.familiar[rows])
    lives = ~known[ADDRESS]
    columns = {
        "given": unknown(as_typed(given, loud, plain), organisation),
        "surname": unknown(as_typed(surname, loud, plain), organisation),
        "email": unknown(people.emails.take(pa.array(of.email_of)), ~known[EMAIL]),
        "phone": unknown(phone_numbers(of, forms.dialled[rows]), ~known[PHONE]),
        "street": unknown(as_typed(street_lines(of, forms.short[rows] | loud), loud, plain), lives),
        "postal": unknown(postal_codes(of), lives),
        "city": unknown(as_typed(town_names(of), loud, plain), lives),
        "country": looked_up(_NATIONS, of.country),
        "born": unknown(pa.array(of.born.astype("datetime64[D]")), ~known[BIRTH]),
        "gender": unknown(looked_up(("m", "f"), of.female.astype(np.intp)), ~known[GENDER]),
        "tax": unknown(tax_numbers(of, person), ~known[TAX]),
        "nationality": unknown(looked_up(_NATIONS, _nationality(of)), ~known[NATIONALITY]),
        "language": unknown(looked_up(("es", "it", "nl"), of.country), ~known[LANGUAGE]),
        "company": _companies(people, rows, of),
    }
    _mistype(people, rows, columns)
    _fill(people, rows, columns)
    contact = np.where(made.what[rows] == CONTACT, person - people.everybody.customers, -1)
    jobs = people.everybody.contacts.job
    job = jobs[np.maximum(contact, 0)] if len(jobs) else np.zeros(len(rows), np.intp)
    columns["job"] = unknown(looked_up(JOBS, job), contact < 0)
    columns["department"] = unknown(looked_up(DEPARTMENTS, job), contact < 0)
    return columns


def _nationality(of: Drawn) -> Indices:
    """That of the country, but for one of so many."""
    return np.asarray((of.country + ((of.style >> 20) % _ABROAD == 0)) % len(_NATIONS))


def _companies(people: People, rows: Indices, of: Drawn) -> pa.Array:
    """The company itself, or that of a contact."""
    made, everybody = people.records, people.everybody
    contact = np.flatnonzero(made.what[rows] == CONTACT)
    person = made.person[rows].copy()
    person[contact] = everybody.contacts.company[person[contact] - everybody.customers]
    named = everybody.drawn.taken(person)
    return company_names(named, people.forms.legal[rows], people.forms.short[rows])


def _mistype(people: People, rows: Indices, columns: dict[str, pa.Array]) -> None:
    """The errors of these records, wherever they stand."""
    forms = people.forms
    begins, ends = (np.searchsorted(forms.cell, rows, side=side) for side in ("left", "right"))
    for turn in range(int((ends - begins).max(initial=0))):
        there = np.flatnonzero(begins + turn < ends)
        cell = begins[there] + turn
        organisation = people.everybody.drawn.company[people.records.person[rows[there]]] >= 0
        for number, name in enumerate(FIELDS):
            hit = forms.cell_field[cell] == number
            instead = "company" if name in {"given", "surname"} else name
            for column, those in ((name, hit & ~organisation), (instead, hit & organisation)):
                columns[column] = _with(columns[column], there[those], forms.cell_chance[cell[those]])


def _with(column: pa.Array, places: Indices, chances: Floats) -> pa.Array:
    return with_errors(column, places, chances) if len(places) else column


def _fill(people: People, rows: Indices, columns: dict[str, pa.Array]) -> None:
    """What clerks write where they know nothing."""
    for place, (channel, name) in enumerate(zip(FILLED, ("email", "phone", "born"), strict=True)):
        words = PLACEHOLDERS[channel]
        something = looked_up(words, people.records.number[rows] % len(words)).cast(columns[name].type)
        columns[name] = pc.if_else(pa.array(people.forms.filled[place, rows]), something, columns[name])
