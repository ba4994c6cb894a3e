"""How often something may be tried: so many at once, and then so many in a time; per account, per address."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address
from math import ceil
from threading import Lock

from clientela.errors import TooManyError

_KEYS = 20_000  # so many are remembered; the one that tried longest ago is forgotten first


@dataclass(slots=True)
class Allowance:
    """So many attempts at once; each comes back after a while. Kept in memory, and bounded.

    Parameters
    ----------
    burst : attempts at once
    every : after so long one more is allowed
    """

    burst: int
    every: timedelta
    keys: int = _KEYS
    _left: OrderedDict[Hashable, tuple[float, datetime]] = field(default_factory=OrderedDict)
    _lock: Lock = field(default_factory=Lock)

    def take(self, key: Hashable, now: datetime) -> None:
        """Use one attempt up.

        Raises
        ------
        TooManyError
            None is left; it says how long to wait.
        """
        with self._lock:
            left = self._now(key, now)
            if left < 1:
                raise TooManyError(ceil((1 - left) * self.every.total_seconds()))
            self._keep(key, left - 1, now)

    def give_back(self, key: Hashable, now: datetime) -> None:
        """The attempt was a right one: it does not count."""
        with self._lock:
            self._keep(key, min(self._now(key, now) + 1, float(self.burst)), now)

    def _now(self, key: Hashable, now: datetime) -> float:
        left, at = self._left.get(key, (float(self.burst), now))
        return min(left + max((now - at) / self.every, 0.0), float(self.burst))

    def _keep(self, key: Hashable, left: float, now: datetime) -> None:
        self._left[key] = (left, now)
        self._left.move_to_end(key)
        while len(self._left) > self.keys:
            self._left.popitem(last=False)


@dataclass(frozen=True, slots=True)
class Entering:
    """The allowances of those who try to come in: of an account from one address, of an account, of an address.

    Ten wrong passwords for one account from one address, then one a minute; thirty for an account from anywhere, then
    one in half a minute; thirty from an address, over however many accounts, then one in two seconds: in no minute more
    than sixty. A right password counts for nothing, so a company behind one address comes in, and whoever guesses from
    outside does not shut its owner out at once.
    """

    both: Allowance = field(default_factory=lambda: Allowance(10, timedelta(minutes=1)))
    account: Allowance = field(default_factory=lambda: Allowance(30, timedelta(seconds=30)))
    address: Allowance = field(default_factory=lambda: Allowance(30, timedelta(seconds=2)))
    elsewhere: Allowance = field(default_factory=lambda: Allowance(300, timedelta(seconds=1)))  # nothing is guessed

    def take(self, account: str, address: str, now: datetime) -> None:
        """Use one attempt up.

        Raises
        ------
        TooManyError
            None is left.
        """
        network = network_of(address)
        self.address.take(network, now)
        self.both.take((account, network), now)
        self.account.take(account, now)

    def give_back(self, account: str, address: str, now: datetime) -> None:
        """It was the right password."""
        network = network_of(address)
        self.both.give_back((account, network), now)
        self.account.give_back(account, now)
        self.address.give_back(network, now)


def network_of(address: str) -> str:
    """What one household or company has: an IPv4 address, or the first half of an IPv6 one.

    Examples
    --------
    >>> network_of("2001:db8::1") == network_of("2001:db8::2")
    True
    """
    try:
        told = ip_address(address)
    except ValueError:
        return address[:64]
    if isinstance(told, IPv6Address):
        if told.ipv4_mapped is not None:
            return str(told.ipv4_mapped)
        return str(IPv6Address(int(told) >> 64 << 64))
    return str(told)
