"""What people write, made up: for the laws that hold of whatever is written."""

from __future__ import annotations

import pyarrow as pa
from hypothesis import strategies as st
from sqlglot import exp

from clientela.unify.standardise.text import Form, define
from clientela.warehouse.engine import Engine

SIGNS = st.characters(exclude_categories=("Cs",), exclude_characters="\x00")
WORDS = """
Ana José María del Carmen García López van der Berg den ter De Luca O'Brien Sig.ra Dr. D. Don Mr dhr. Jr PhD N/A xxx
unknown desconocido onbekend test S.L. S.p.A. B.V. Ltd & and y e Müller GmbH C/ Calle Avda. V.le P.zza Kerkstr. Street
St Rd 12 3º B 12-a s/n nº Flat 1234 AB 28001 E-28001 SW1A1AA ES12345678Z IT01234567897 NL123456789B01 +34 0034 600
123 456 (020) 7946 0958 info@ ana@ @example.org gmail.com +tag . , ; - ' ’ ß æ ª Ω я 中 00000 99999
""".split()  # noqa: SIM905 - a hundred quoted words would not be read
WRITTEN = st.one_of(
    st.text(SIGNS, max_size=24),
    st.lists(st.sampled_from(WORDS), max_size=6).map(" ".join),
    st.lists(st.sampled_from(WORDS), max_size=4).map("".join),
)
COUNTRIES = st.sampled_from([None, "ES", "IT", "NL", "GB", "US", "DE", "FR", "PT", "XX"])


def in_sql(form: Form, rows: list[dict[str, str | None]]) -> list[dict[str, str | None]]:
    """What the form makes of rows in SQL, in their order."""
    columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in form.given}
    with Engine.in_memory(threads=1) as engine:
        define(engine)
        engine.register("written", pa.table({"place": list(range(len(rows))), **columns}))
        told = engine.fetch(form.query(exp.select("place", *form.given).from_("written"), "place").order_by("place"))
    return [{name: row[name] for name in form.gives} for row in told.to_pylist()]
