"""Everybody there is in a world: customers, those who answer for companies, and strangers on bought lists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from clientela.estimators.arrays import Indices
from clientela.testing.company.buying.latent import Latent
from clientela.testing.company.people.drawn import FIRST_BORN, LAST_BORN, STREETS, Drawn, Numbers, skewed
from clientela.testing.company.people.names import lists
from clientela.testing.company.people.population import homes as living
from clientela.testing.company.people.population.companies import Companies, Contacts, companies, contacts
from clientela.testing.company.people.population.homes import Homes, homes, sharing
from clientela.testing.company.places import districts
from clientela.testing.company.places import homes as districts_of
from clientela.testing.company.streams import stream
from clientela.testing.company.world import World

_FIRST_NAMES = 90  # of each language and sex
_LANGUAGES = ("es", "it", "nl")
_SHARED_SURNAME = np.array([0.0, 0.3, 0.6])  # of couples in Spain, Italy, the Netherlands


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons:
    """All persons and companies by number, as they are when the world begins.

    The customers come first, under their own numbers; then the contacts of companies; then strangers.

    ``home``: (all,), where each lives or works; it points into ``places``. ``customers``: how many are customers.
    """

    drawn: Drawn
    district: Indices
    home: Indices
    together: Homes
    companies: Companies
    contacts: Contacts
    customers: int

    def __len__(self) -> int:
        return len(self.home)

    @property
    def strangers(self) -> int:
        """The number of the first stranger."""
        return self.customers + len(self.contacts)


def persons(world: World, latent: Latent) -> Persons:
    """Everybody in a world, drawn once."""
    rng = stream(world.seed, "people")
    customers = np.arange(world.customers)
    nation = np.array([each.nation for each in districts()])[latent.home]
    firms, private = np.flatnonzero(latent.company), np.flatnonzero(~latent.company)
    owned = companies(world, stream(world.seed, "companies"), firms, nation[firms])
    answer = contacts(world, stream(world.seed, "contacts"), owned, latent.joins[firms])
    strangers = round(world.bought * world.customers * (1 - world.bought_known))
    district = np.concatenate([
        latent.home[customers],
        latent.home[answer.company],
        districts_of(stream(world.seed, "strangers"), world.nations, strangers),
    ])  # fmt: skip
    together = homes(world, stream(world.seed, "homes"), latent.home[private])
    together = Homes(
        home=together.home, one=private[together.one], two=private[together.two], kind=together.kind,
        count=together.count,
    )  # fmt: skip
    home = np.empty(len(district), np.intp)
    home[private] = together.home
    home[firms] = together.count + np.arange(len(firms))
    answering = np.arange(world.customers, world.customers + len(answer))
    home[answering] = home[answer.company]
    home[world.customers + len(answer) :] = together.count + len(firms) + np.arange(strangers)
    drawn = _drawn(world, rng, district, home)
    drawn.company[firms] = owned.number
    _family(world, rng, drawn, together)
    drawn.phone_of[answering] = np.where(answer.switchboard, answer.company, answering)
    return Persons(
        drawn=drawn,
        district=district,
        home=home,
        together=together,
        companies=owned,
        contacts=answer,
        customers=world.customers,
    )


def _drawn(world: World, rng: np.random.Generator, district: Indices, home: Indices) -> Drawn:
    """Each by themselves, but that who has one home has one street and number."""
    size = len(district)
    nation, town = (each[district] for each in towns())
    families = np.array([len(lists.family_names(each)) for each in _LANGUAGES])
    last, second = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for number, count in enumerate(families):
        here = np.flatnonzero(nation == number)
        last[here] = skewed(rng, int(count), len(here), bend=8)
        second[here] = skewed(rng, int(count), len(here), bend=8)
    street, house = doors(rng, int(home.max(initial=-1)) + 1)
    who = np.arange(size)
    return Drawn(
        country=nation,
        female=rng.random(size) < 0.5,
        first=skewed(rng, _FIRST_NAMES, size),
        last=last,
        second=second,
        born=rng.integers(FIRST_BORN.astype(int), LAST_BORN.astype(int), size),
        town=town,
        street=street[home],
        house=house[home],
        phone_of=who.copy(),
        email_of=who.copy(),
        style=rng.integers(0, 1 << 40, size),
        company=np.full(size, -1, np.int64),
        trap=np.zeros(size, np.int64),
    )


def _family(world: World, rng: np.random.Generator, drawn: Drawn, together: Homes) -> None:
    """Make those who live together alike in what such people share."""
    one, two, kind = together.one, together.two, together.kind
    size, country = len(one), drawn.country[one]
    drawn.trap[one] = drawn.trap[two] = kind
    parent, twins, siblings, couple = (
        kind == each for each in (living.PARENT, living.TWINS, living.SIBLINGS, living.COUPLE)
    )
    kin = parent | twins | siblings
    same_name = kin | (couple & (rng.random(size) < _SHARED_SURNAME[country]))
    drawn.last[two] = np.where(same_name, drawn.last[one], drawn.last[two])
    # a Spanish child bears the first family name of each parent, so the second is the mother's
    same_second = twins | siblings | (parent & (country != 0))
    drawn.second[two] = np.where(same_second, drawn.second[one], drawn.second[two])
    same_sex = parent | ((twins | siblings) & (rng.random(size) < 0.6))
    drawn.female[two] = np.where(same_sex, drawn.female[one], drawn.female[two])
    drawn.female[two] = np.where(couple, ~drawn.female[one], drawn.female[two])
    another = (drawn.first[one] + 1 + rng.integers(0, 20, size)) % _FIRST_NAMES
    drawn.first[two] = np.where(parent, drawn.first[one], np.where(twins | siblings, another, drawn.first[two]))
    # who has an adult child is not young
    drawn.born[one] = np.where(parent, np.minimum(drawn.born[one], _PARENTS_BORN), drawn.born[one])
    apart = np.where(parent, rng.integers(8_000, 13_000, size), rng.integers(400, 2_400, size))
    drawn.born[two] = np.where(parent | siblings, np.minimum(drawn.born[one] + apart, _LAST), drawn.born[two])
    drawn.born[two] = np.where(twins, drawn.born[one], drawn.born[two])
    near = drawn.born[one] + rng.integers(-1_500, 1_500, size)
    drawn.born[two] = np.where(couple, np.minimum(near, _LAST), drawn.born[two])
    phone, email = sharing(world, rng, together)
    drawn.phone_of[two] = np.where(phone, one, two)
    drawn.email_of[two] = np.where(email, one, two)


_PARENTS_BORN, _LAST = int(np.datetime64("1972-01-01").astype(int)), int(LAST_BORN.astype(int))


def doors(rng: np.random.Generator, count: int) -> tuple[Numbers, Numbers]:
    """Street and house number of as many homes; a few streets are long."""
    house = 1 + rng.gamma(1.3, 25, count).astype(np.int64) % 240
    return skewed(rng, STREETS, count, bend=60), house


@cache
def towns() -> tuple[Numbers, Numbers]:
    """Of each district the nation, and the place of its town among those of the nation."""
    places = [{name: place for place, (name, _) in enumerate(lists.towns(each))} for each in _LANGUAGES]
    nation = np.array([each.nation for each in districts()], np.int64)
    town = np.array([places[each.nation][each.name] for each in districts()], np.int64)
    return nation, town
