"""What is looked at once says what the conditions say as they stand, and the weights are those Splink gives."""

import logging

import duckdb
import pyarrow as pa
import pytest
import sqlglot
from hypothesis import given
from hypothesis import strategies as st
from splink import DuckDBAPI, Linker

from clientela.unify.linking import learn, link
from clientela.unify.linking.comparing import Field, Level, edits, similar
from clientela.unify.linking.customer import CUSTOMER
from clientela.unify.linking.likeness import Dear, likeness, likenesses, soon
from clientela.unify.linking.scoring import said_of
from clientela.unify.linking.work import columns_of, write_records
from tests.unit.unify.linking.people import NOW, crowd, linkable, rows

WORD = st.one_of(st.none(), st.text("abé1", max_size=6))
EDITED = Field(
    name="code",
    column="code",
    unknown=None,
    levels=(
        Level(likeness="one edit", when=edits("code", 1), m=0.9, u=0.1),
        Level(likeness="two edits", when=edits("code", 2), m=0.9, u=0.1),
        Level(likeness="similar", when=similar("code", 0.8), m=0.9, u=0.1),
        Level(likeness="alike", when=similar("code", 0.6), m=0.9, u=0.1),
        Level(likeness="different", when=None, m=0.1, u=0.9),
    ),
)


@given(st.lists(st.tuples(WORD, WORD), min_size=1, max_size=200))
def test_a_glance_and_a_look_say_the_same(words):
    dear = Dear()
    quick = likeness(EDITED, dear).sql(dialect="duckdb")
    columns = ", ".join(f"{each.sql(dialect='duckdb')} as {name}" for name, each in dear.columns.items())
    tried = " ".join(
        f"when {level.when.sql(dialect='duckdb')} then {4 - place}" for place, level in enumerate(EDITED.levels[:-1])
    )
    told = pa.table({"code_l": [one for one, _ in words], "code_r": [other for _, other in words]})
    with duckdb.connect() as connection:
        connection.register("told", told.cast(pa.schema([("code_l", pa.string()), ("code_r", pa.string())])))
        looked = connection.sql(f"select *, {columns} from told")  # noqa: S608 - made of our own conditions
        found = looked.select(f"{quick}, case {tried} else 0 end").fetchall()
    assert [one for one, _ in found] == [other for _, other in found]


@given(st.text("abc1", min_size=0, max_size=12), st.integers(0, 12), st.sampled_from("abc1x"))
def test_a_letter_put_in_anywhere_is_one_edit(word, place, letter):
    place = min(place, len(word))
    dear = Dear()
    quick = likeness(EDITED, dear).sql(dialect="duckdb")
    columns = ", ".join(f"{each.sql(dialect='duckdb')} as {name}" for name, each in dear.columns.items())
    told = pa.table({"code_l": [word], "code_r": [word[:place] + letter + word[place:]]})
    with duckdb.connect() as connection:
        connection.register("told", told)
        assert connection.sql(f"select *, {columns} from told").select(quick).fetchall() == [(4,)]  # noqa: S608


@pytest.mark.parametrize(
    "condition",
    [
        "not (a and (b or not c))",
        "coalesce(a and not b, false) or not coalesce(b or c, false)",
        "not coalesce(not (a or coalesce(b, true)), false) and not (not c)",
    ],
)
def test_what_stops_soon_is_what_was_asked_whatever_is_unknown(condition):
    asked = sqlglot.parse_one(condition, dialect="duckdb")
    quick, exact = soon(asked), soon(asked, only_true=False)
    told = "(values (true), (false), (null))"
    rows = f"from {told} as one(a), {told} as two(b), {told} as three(c)"
    with duckdb.connect() as connection:
        found = connection.sql(
            f"select {asked.sql(dialect='duckdb')}, {quick.sql(dialect='duckdb')}, {exact.sql(dialect='duckdb')} {rows}"
        ).fetchall()
    assert len(found) == 27
    assert all(bool(was) == bool(now) and was == same for was, now, same in found)


def test_what_is_dear_is_computed_once_however_many_likenesses_ask_for_it():
    _, dear = likenesses(CUSTOMER)
    asked = [each.sql() for each in dear.values()]
    assert len(asked) == len(set(asked)) == 17
    assert columns_of(*dear.values()) <= said_of(CUSTOMER)


@pytest.mark.parametrize(
    ("city", "other", "said"),
    [
        ("madrid", "madrid", ("exact", "exact")),
        ("madrid", "madird", ("exact", "same postal code")),  # a slip in the town does not move the door
        ("madrid", None, ("exact", "same postal code")),
        ("madrid", "sevilla", ("the same, in another town", "same postal code")),
    ],
)
def test_one_street_and_postal_code_are_told_with_the_town(city, other, said):
    known = {"street": "calle mayor", "house_number": "5", "postal_code": "28001"}
    town = {"city": (city, other), "postal_town": (f"28001 {city}", f"28001 {other}" if other else None)}
    assert likeness_of("address", known, town) == said[0]
    assert likeness_of("place", known | {"street": None}, town) == said[1]


def likeness_of(name, known, told):
    """The likeness of a field of CUSTOMER, of records that agree in what is known and say no more than is told."""
    field = next(each for each in CUSTOMER.fields if each.name == name)
    every = {column: (known.get(column),) * 2 for column in columns_of(field.unknown, *(e.when for e in field.levels))}
    pair = {f"{column}_{side}": [both[n]] for column, both in (every | told).items() for n, side in enumerate("lr")}
    dear = Dear()
    quick = likeness(field, dear).sql(dialect="duckdb")
    columns = ", ".join(f"{each.sql(dialect='duckdb')} as {name}" for name, each in dear.columns.items())
    with duckdb.connect() as connection:
        connection.register("told", pa.table({column: pa.array(each, pa.string()) for column, each in pair.items()}))
        looked = connection.sql(f"select *, {columns} from told")  # noqa: S608 - made of our own conditions
        return field.levels[len(field.levels) - 1 - looked.select(quick).fetchall()[0][0]].likeness


@pytest.mark.slow
def test_the_weights_are_those_of_splink():
    people = crowd(900)
    with linkable(people) as engine:
        model = learn(engine, now=NOW)
        link(engine, model, ask_above=0.02)
        found = {(row["customer_ref_l"], row["customer_ref_r"]): row for row in rows(engine, "scored_told")}
        write_records(engine, CUSTOMER, 50)
        with engine.lent() as cursor:
            judged = {(row["ref_l"], row["ref_r"]): row for row in splink(cursor, model.document, list(found))}
    assert len(found) > 150
    assert found.keys() == judged.keys()
    for pair, row in found.items():
        for field in CUSTOMER.fields:
            bits = judged[pair][f"mw_{field.name}"] + judged[pair].get(f"mw_tf_adj_{field.name}", 0.0)
            assert row[f"likeness_{field.name}"] == judged[pair][f"gamma_{field.name}"]
            assert row[f"bits_{field.name}"] == round(bits, 4)


def splink(cursor, document, pairs):
    """What Splink says of these pairs, by refs with the smaller on the left."""
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    ids = dict(cursor.sql("select ref, id from link_record").fetchall())
    listed = pa.table(
        {
            "match_key": ["0"] * len(pairs),
            "join_key_l": [ids[one] for one, _ in pairs],
            "join_key_r": [ids[other] for _, other in pairs],
        }
    )
    api = DuckDBAPI(cursor)
    settings = {**document["splink"], "additional_columns_to_retain": ["ref"]}
    linker = Linker(api.register("link_record"), settings, log_level=None, validate_settings=False)
    for column, told in document["terms"].items():
        shares = {column: list(told["values"]), f"tf_{column}": list(told["values"].values())}
        typed = pa.schema([(column, pa.string()), (f"tf_{column}", pa.float64())])
        cursor.register("given", pa.table(shares, schema=typed))
        cursor.execute(f"create table term_{column} as select * from given")  # noqa: S608 - our own
        linker.table_management.register_term_frequency_lookup(api.register(f"term_{column}"), column)
    cursor.register("given", listed)
    cursor.execute("create table listed as select * from given")
    linker.table_management.register_blocked_pairs_for_predict(api.register("listed"))
    scored = linker.inference.predict(warning_mode="never").physical_name
    return cursor.sql(f"select * from {scored}").to_arrow_table().to_pylist()  # noqa: S608 - Splink's own name
