"""Records that are surely of two customers although a third may be like both: parent and child of one name."""

from __future__ import annotations

from functools import cache

import sqlglot
from sqlglot import exp

# One given name and one family name at one door or telephone, born fifteen years apart or more, or one the elder and
# one the younger, and no tax number that says otherwise. Only of records that might be joined to somebody.
_TWO_OF_ONE_NAME = """
with said as (
    select
        customer_ref, first_key, last_key, phone, street || '|' || house_number as door,
        birth_date as born, strftime(birth_date, '%Y%m%d') as day, generation, tax_id
    from memory.main.linkable
    where kind = 'person' and first_key is not null and last_key is not null
        and (birth_date is not null or generation is not null)
        and customer_ref in (select customer_ref from memory.main.aged)
), home as (
    select *, 'door' as shared, door as what from said where door is not null
    union all
    select *, 'phone' as shared, phone as what from said where phone is not null
)
select distinct l.customer_ref as customer_ref_l, r.customer_ref as customer_ref_r
from home as l
join home as r
    on r.shared = l.shared and r.what = l.what and r.first_key = l.first_key and r.last_key = l.last_key
    and l.customer_ref < r.customer_ref
where (l.generation <> r.generation or (
        abs(year(l.born) - year(r.born)) >= 15 and damerau_levenshtein(l.day, r.day) > 1 and l.day[5:] <> r.day[5:]
    ))
    and coalesce(damerau_levenshtein(l.tax_id, r.tax_id) > 1, true)
"""


@cache
def _tree() -> exp.Query:
    tree = sqlglot.parse_one(_TWO_OF_ONE_NAME, dialect="duckdb")
    if not isinstance(tree, exp.Query):
        raise TypeError("a query")
    return tree


def two_of_one_name() -> exp.Query:
    """The pairs of records (customer_ref_l, customer_ref_r) of parents and children who bear one name in one home.

    It reads the work tables ``linkable`` and ``aged``.
    """
    return _tree().copy()
