"""Who belongs to whom and who may be written to, as the systems send it."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from clientela.estimators.arrays import Floats, Indices
from clientela.testing.company.exports.forms import Csv, Json, Sheet
from clientela.testing.company.exports.moments import days, instants, written
from clientela.testing.company.exports.spelling import blank
from clientela.testing.company.people.accounts import OFFICE, SHOP, TILL
from clientela.testing.company.people.population.people import People
from clientela.testing.company.people.population.ties import CHANNELS, HOUSEHOLD, TIES
from clientela.testing.company.people.said import record_numbers
from clientela.testing.company.people.written.words import looked_up


def relations_sent(people: People, week: int, stamp: str, weeks: int) -> Mapping[str, Sheet]:
    """Contacts and groups as the sales office sends them, family cards as the tills do."""
    told = people.ties
    now = np.flatnonzero((told.at >= week) & (told.at < week + weeks))
    now = now[_newest(told.one[now], told.other[now], told.kind[now])]
    work, family = now[told.kind[now] != HOUSEHOLD], now[told.kind[now] == HOUSEHOLD]
    ends = told.ends[work]
    ended = np.isfinite(ends)
    return {
        f"office-relations-{stamp}.tsv": Sheet(
            {
                "Who": record_numbers(people, told.one[work]),
                "Whom": record_numbers(people, told.other[work]),
                "Is": looked_up(TIES, told.kind[work]),
                "From": _day(people, told.begins[work], "%m/%d/%Y"),
                "To": blank(_day(people, np.where(ended, ends, 0.0), "%m/%d/%Y"), ~ended),
            },
            Csv("\t"),
        ),
        f"till-families-{stamp}.csv": Sheet(
            {
                "Tarjeta": record_numbers(people, told.one[family]),
                "Tarjeta principal": record_numbers(people, told.other[family]),
                "Desde": _day(people, told.begins[family], "%d/%m/%Y"),
            },
            Csv(";", "cp1252"),
        ),
    }


def consents_sent(people: People, week: int, stamp: str, weeks: int) -> Mapping[str, Sheet]:
    """What each system noted in a week of who may be contacted how."""
    told = people.consents
    now = np.flatnonzero((told.at >= week) & (told.at < week + weeks))
    system = people.records.system[told.record[now]]

    def columns(which: Indices, names: tuple[str, str, str, str], form: str, zone: str) -> dict[str, pa.Array]:
        values = (
            record_numbers(people, told.record[which]),
            looked_up(CHANNELS, told.channel[which]),
            written(instants(people.world, told.at[which]), form, zone),
            looked_up(("withdrawn", "given"), told.given[which].astype(np.intp)),
        )
        return dict(zip(names, values, strict=True))

    till, shop, office = (now[system == each] for each in (TILL, SHOP, OFFICE))
    names = ("Tarjeta", "Canal", "Fecha", "Estado")
    cards = columns(till, names, "%d/%m/%Y %H:%M:%S", people.world.timezone)
    cards["Formulario"] = pa.array([f"F-{stamp}"] * len(till), pa.string())
    web = columns(shop, ("account", "channel", "at", "decision"), "%Y-%m-%dT%H:%M:%SZ", "UTC")
    names = ("Contact", "Channel", "Noted", "Decision")
    return {
        f"till-consents-{stamp}.csv": Sheet(cards, Csv(";", "cp1252")),
        f"shop-consents-{stamp}.jsonl": Sheet(web, Json()),
        f"office-consents-{stamp}.tsv": Sheet(
            columns(office, names, "%m/%d/%Y %I:%M:%S %p", "Europe/London"), Csv("\t")
        ),
    }


def _newest(one: Indices, other: Indices, kind: Indices) -> Indices:
    """The last of all that is said of the same two, in the order given: who comes and goes is sent once."""
    back = np.stack([one, other, kind])[:, ::-1]
    return np.sort(len(one) - 1 - np.unique(back, axis=1, return_index=True)[1])


def _day(people: People, at: Floats, form: str) -> pa.Array:
    return days(people.world, np.floor(at * 7).astype(np.intp), form)
