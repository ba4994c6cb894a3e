"""Every table a source may deliver."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.delivered.contact import (
    CAMPAIGN,
    CONTACT,
    CONTACT_LIST,
    INTERACTION,
    RESPONSE,
    SERVICE_CASE,
    SURVEY_ANSWER,
    TREATMENT,
)
from clientela.contracts.delivered.organisation import RESPONSIBILITY, STAFF, UNIT
from clientela.contracts.delivered.people import CONSENT, CUSTOMER_RECORD, PREFERENCE, RELATION
from clientela.contracts.delivered.planning import COST_POOL, EXCHANGE_RATE, MARKET, TARGET, TERRITORY
from clientela.contracts.delivered.sales import (
    INVOICE,
    OPPORTUNITY,
    OPPORTUNITY_STAGE,
    ORDER_LINE,
    PRODUCT,
    SUBSCRIPTION,
)
from clientela.contracts.schema import Contract
from clientela.errors import UnknownNameError

_IN_ORDER = (
    CUSTOMER_RECORD,
    RELATION,
    ORDER_LINE,
    SUBSCRIPTION,
    PRODUCT,
    INVOICE,
    INTERACTION,
    SERVICE_CASE,
    SURVEY_ANSWER,
    OPPORTUNITY,
    OPPORTUNITY_STAGE,
    PREFERENCE,
    CONTACT_LIST,
    CAMPAIGN,
    TREATMENT,
    CONTACT,
    RESPONSE,
    CONSENT,
    TERRITORY,
    TARGET,
    COST_POOL,
    MARKET,
    EXCHANGE_RATE,
    UNIT,
    STAFF,
    RESPONSIBILITY,
)

CONTRACTS: Mapping[str, Contract] = MappingProxyType({each.name: each for each in _IN_ORDER})


def contract(name: str) -> Contract:
    """The contract of a table a source may deliver.

    Raises
    ------
    UnknownNameError
        There is no such table; the message names the nearest.

    Examples
    --------
    >>> contract("order_line").event_time
    'ordered_at'
    """
    try:
        return CONTRACTS[name]
    except KeyError:
        raise UnknownNameError("table", name, CONTRACTS) from None
