"""Where the company sells: three nations, their regions, a shop in each district."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from clientela.estimators.arrays import Floats, Indices

# A district is a town with how its postal codes begin; the first of a nation is the largest.
_NATIONS = {
    ("ES", "Spain"): {
        "Centre": "Madrid|280 Toledo|450 Valladolid|470 Burgos|090 León|240",
        "East": "Barcelona|080 Valencia|460 Zaragoza|500 Alicante|030 Murcia|300 Palma|070",
        "South": "Sevilla|410 Málaga|290 Córdoba|140 Granada|180 Almería|040 Cádiz|110 Huelva|210",
        "North": "Bilbao|480 Vigo|362 Gijón|332 Oviedo|330 Pamplona|310 Santander|390 Logroño|260 Lugo|270",
    },
    ("IT", "Italy"): {
        "North-West": "Milano|201 Torino|101 Genova|161 Brescia|251",
        "North-East": "Venezia|301 Verona|371 Padova|351 Trieste|341 Bologna|401 Parma|431 Modena|411 Ravenna|481 "
        "Rimini|479",
        "Centre": "Roma|001 Firenze|501 Prato|591 Livorno|571 Perugia|061",
        "South": "Napoli|801 Bari|701 Foggia|711 Salerno|841 Palermo|901 Catania|951 Messina|981 Cagliari|091",
    },
    ("NL", "Netherlands"): {
        "North": "Groningen|97 Zwolle|80 Deventer|74 Enschede|75 Apeldoorn|73",
        "West": "Amsterdam|10 Rotterdam|30 Den_Haag|25 Utrecht|35 Almere|13 Haarlem|20 Amersfoort|38 Zaandam|15 "
        "Leiden|23 Dordrecht|33 Alkmaar|18 Delft|26",
        "South": "Eindhoven|56 Tilburg|50 Breda|48 Nijmegen|65 Arnhem|68 Den_Bosch|52 Maastricht|62 Ede|67 Venlo|59",
    },
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Territory:
    """A part of the market, as the contract of ``territory`` has it."""

    territory_id: str
    name: str
    level: str
    parent_id: str | None


@dataclass(frozen=True, slots=True)
class District:
    """A town with a shop; ``postal``: how its postal codes begin."""

    territory_id: str
    name: str
    nation: int
    region: int
    postal: str


NATIONS = tuple(code for code, _ in _NATIONS)


@cache
def districts() -> tuple[District, ...]:
    """All districts, nation by nation, region by region."""
    made, region = [], 0
    for nation, ((code, _), regions) in enumerate(_NATIONS.items()):
        for number, towns in enumerate(regions.values(), 1):
            for place, said in enumerate(towns.split(), 1):
                town, postal = said.replace("_", " ").split("|")
                made.append(District(f"{code}-{number}-{place:02}", town, nation, region, postal))
            region += 1
    return tuple(made)


@cache
def territories() -> tuple[Territory, ...]:
    """The whole tree, each after what it is part of.

    Examples
    --------
    >>> [each.name for each in territories()[:3]], territories()[2].parent_id
    (['Spain', 'Centre', 'Madrid'], 'ES-1')
    """
    made = []
    for (code, name), regions in _NATIONS.items():
        made.append(Territory(code, name, "nation", None))
        for number, region in enumerate(regions, 1):
            made.append(Territory(f"{code}-{number}", region, "region", code))
            within = [each for each in districts() if each.territory_id.startswith(f"{code}-{number}-")]
            made += [Territory(each.territory_id, each.name, "district", f"{code}-{number}") for each in within]
    return tuple(made)


def homes(rng: np.random.Generator, shares: tuple[float, ...], size: int) -> Indices:
    """The district in which each customer lives: nations by their shares, large towns before small ones."""
    return np.asarray(rng.choice(len(districts()), size=size, p=_weights(shares)))


def _weights(shares: tuple[float, ...]) -> Floats:
    """The share of customers in each district; within a nation the first town of a region is larger than its last."""
    nation = np.array([each.nation for each in districts()])
    place = np.array([int(each.territory_id.rpartition("-")[2]) for each in districts()])
    size = 1 / (place + 0.5)
    within = np.bincount(nation, size)
    weights = np.asarray(shares)[nation] * size / within[nation]
    return np.asarray(weights / weights.sum())
