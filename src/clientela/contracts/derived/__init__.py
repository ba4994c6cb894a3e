"""Every table a run computes. The stage that writes one may add to it here, and nowhere else.

``as_of`` in a key marks an as-of table. ``personal`` columns are kept in the people file, beside the
key; a table whose every column is personal lives there alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from clientela.contracts.derived.behaviour import (
    CHURN_CELL,
    CHURN_COUNT,
    CHURN_REACH,
    CUSTOMER_FEATURE,
    CUSTOMER_TERRITORY,
    LAPSE,
    NEXT_GAP,
    NEXT_STEP,
)
from clientela.contracts.derived.checked import INVOICE_QUALITY, PRICE_QUALITY, QUALITY, QUARANTINE, RUN
from clientela.contracts.derived.customer.alike import ALIKE_CELL, ALIKE_COUNT, ALIKE_TRAIT, LOOK_ALIKE
from clientela.contracts.derived.customer.baskets import BASKET_ITEM, BASKET_LINE, BASKET_RULE, BASKET_SET
from clientela.contracts.derived.customer.grouped import (
    CLUSTER_CENTRE,
    CLUSTER_OF,
    CLUSTER_SAMPLE,
    GROUP_MEMBER,
    LIFE_CYCLE,
    LIFE_MOVE,
    RFM,
    RFM_LIMIT,
)
from clientela.contracts.derived.customer.leaving import CHURN_REASON, SUBSCRIPTIONS
from clientela.contracts.derived.customer.lifetime import LIFETIME
from clientela.contracts.derived.customer.profit import (
    ACQUISITION_COST,
    ALLOCATED_COST,
    COST_FIGURE,
    COST_MONTH,
    COST_POOL_MONTH,
    COST_RULE,
)
from clientela.contracts.derived.customer.proposed import (
    NEXT_AFFINITY,
    NEXT_CHANCE,
    NEXT_ITEM,
    NEXT_PRODUCT,
    NEXT_SAMPLE,
)
from clientela.contracts.derived.customer.satisfaction import SATISFACTION
from clientela.contracts.derived.customer.services import SERVICES
from clientela.contracts.derived.customer.standing import CLASS_RULE, CUSTOMER_CLASS
from clientela.contracts.derived.customer.tiers import CUSTOMER_TIER, TIER_INPUT
from clientela.contracts.derived.customer.wallet import WALLET
from clientela.contracts.derived.duplicates import DUPLICATE_EFFECT, ORDER_RECORD, RECORD_FIELD
from clientela.contracts.derived.learned import BACKTEST, MODEL, SCORE
from clientela.contracts.derived.pages import COMPANY_WORD, CUSTOMER_PAGE, CUSTOMER_TOLD, NAME_WORD
from clientela.contracts.derived.people import (
    CUSTOMER,
    CUSTOMER_CONSENT,
    CUSTOMER_LINEAGE,
    CUSTOMER_RELATION,
    IDENTIFIER,
    IDENTITY,
    IDENTITY_EVENT,
    IDENTITY_EVIDENCE,
    IDENTITY_FIGURE,
    IDENTITY_PAIR,
)
from clientela.contracts.derived.segments import SEGMENT, SEGMENT_MEMBER
from clientela.contracts.schema import Contract

_IN_ORDER = (
    IDENTITY,
    IDENTITY_EVENT,
    IDENTITY_PAIR,
    IDENTITY_EVIDENCE,
    IDENTITY_FIGURE,
    IDENTIFIER,
    CUSTOMER,
    CUSTOMER_LINEAGE,
    CUSTOMER_CONSENT,
    CUSTOMER_RELATION,
    RECORD_FIELD,
    ORDER_RECORD,
    DUPLICATE_EFFECT,
    CUSTOMER_TERRITORY,
    CUSTOMER_FEATURE,
    LAPSE,
    CHURN_COUNT,
    CHURN_CELL,
    SCORE,
    CHURN_REACH,
    CHURN_REASON,
    *SUBSCRIPTIONS,
    *LIFETIME,
    *SERVICES,
    BASKET_ITEM,
    BASKET_LINE,
    BASKET_SET,
    BASKET_RULE,
    NEXT_ITEM,
    NEXT_SAMPLE,
    NEXT_AFFINITY,
    NEXT_CHANCE,
    NEXT_PRODUCT,
    MODEL,
    BACKTEST,
    RFM_LIMIT,
    RFM,
    CLUSTER_SAMPLE,
    CLUSTER_CENTRE,
    CLUSTER_OF,
    LIFE_CYCLE,
    LIFE_MOVE,
    GROUP_MEMBER,
    NEXT_GAP,
    NEXT_STEP,
    TIER_INPUT,
    CUSTOMER_TIER,
    ALIKE_TRAIT,
    ALIKE_COUNT,
    ALIKE_CELL,
    LOOK_ALIKE,
    CLASS_RULE,
    CUSTOMER_CLASS,
    *WALLET,
    *SATISFACTION,
    COST_RULE,
    COST_FIGURE,
    COST_MONTH,
    COST_POOL_MONTH,
    ACQUISITION_COST,
    ALLOCATED_COST,
    SEGMENT,
    SEGMENT_MEMBER,
    CUSTOMER_PAGE,
    CUSTOMER_TOLD,
    NAME_WORD,
    COMPANY_WORD,
    PRICE_QUALITY,
    INVOICE_QUALITY,
    QUALITY,
    QUARANTINE,
    RUN,
)

DERIVED: Mapping[str, Contract] = MappingProxyType({each.name: each for each in _IN_ORDER})
