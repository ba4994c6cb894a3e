"""What an expression of a company's own measure may hold: allowed parts are typed, all others refused."""

import pytest

from clientela.cube.declared.own.columns import KEYS, columns_of
from clientela.cube.declared.own.expression import MAX_LETTERS, expression
from clientela.cube.declared.own.sorts import ExpressionError

LINES = columns_of("order_line")

ALLOWED = [
    ("net_revenue", "net_revenue", "money"),
    ("NET_REVENUE", "net_revenue", "money"),
    ("order_line.net_revenue", "net_revenue", "money"),
    ("net_revenue - cost_of_goods", "net_revenue - cost_of_goods", "money"),
    ("net_revenue + 0.35", "net_revenue + 0.35", "money"),
    ("net_revenue * 0.5", "CAST(net_revenue * 0.5 AS DECIMAL(18, 4))", "money"),
    ("quantity * net_revenue", "CAST(quantity * net_revenue AS DECIMAL(18, 4))", "money"),
    ("net_revenue / cost_of_goods", None, "a share"),
    ("net_revenue / quantity", None, "money"),
    ("-net_revenue", "-(net_revenue)", "money"),
    ("net_revenue - (cost_of_goods - discount)", "net_revenue - (cost_of_goods - discount)", "money"),
    ("case when is_sale then net_revenue else 0 end", "CASE WHEN is_sale THEN net_revenue ELSE 0 END", "money"),
    ("coalesce(discount, 0)", "COALESCE(discount, 0)", "money"),
    ("round(net_revenue, 2)", "CAST(ROUND(net_revenue, 2) AS DECIMAL(18, 4))", "money"),
    ("abs(net_revenue)", "ABS(net_revenue)", "money"),
    ("product.category = 'wine'", "category = 'wine'", "a condition"),
    ("category <> 'it''s'", "category <> 'it''s'", "a condition"),
    ("territory.region is not null", "NOT (region IS NULL)", "a condition"),
    ("customer_id is null", "customer_id IS NULL", "a condition"),
    ("channel in ('web', 'app')", "channel IN ('web', 'app')", "a condition"),
    ("day >= '2024-01-31'", "day >= CAST('2024-01-31' AS DATE)", "a condition"),
    ("month = date '2024-01-01'", "month = CAST('2024-01-01' AS DATE)", "a condition"),
    ("starts_with(category, 'DRY')", "STARTS_WITH(category, 'DRY')", "a condition"),
    ("lower(channel) like 'w%'", "LOWER(channel) LIKE 'w%'", "a condition"),
    ("date_diff('day', day, date '2024-12-31')", None, "days"),
    ("kind = 'sale' and not is_revenue or quantity > 2", None, "a condition"),
    ("net_revenue -- what was paid", "net_revenue", "money"),
]


@pytest.mark.parametrize(("said", "written", "sort"), ALLOWED, ids=[each[0] for each in ALLOWED])
def test_what_is_allowed_is_written_anew_in_its_unit(said, written, sort):
    told = expression(said, LINES)
    assert told.sort.said == sort
    assert written is None or told.tree.sql("duckdb") == written


REFUSED = [
    # another query, another statement, another table
    ("(select 1)", "is not allowed"),
    ("(select max(net_revenue) from order_line)", "is not allowed"),
    ("exists (select 1)", "is not allowed"),
    ("net_revenue from order_line", "no single expression"),
    ("net_revenue; drop table order_line", "no single expression"),
    ("net_revenue, 1", "no single expression"),
    ("net_revenue) from x --", "cannot be read"),
    ("1 union select 2", "no single expression"),
    ("1 where true", "no single expression"),
    ("distinct net_revenue", "no single expression"),
    ("*", "is not allowed"),
    ("order_line.*", "unknown column"),
    ("channel in (select channel from order_line)", "no query"),
    ("channel = any(['web'])", "is not allowed"),
    # functions
    ("sum(net_revenue)", "is not allowed"),
    ("sum(net_revenue) over ()", "is not allowed"),
    ("count(*)", "is not allowed"),
    ("max(day)", "is not allowed"),
    ("read_csv('/etc/passwd')", "is not allowed"),
    ("read_text('/etc/passwd')", "is not allowed"),
    ("getenv('HOME')", "is not allowed"),
    ("current_setting('threads')", "is not allowed"),
    ("query('select 1')", "is not allowed"),
    ("random()", "is not allowed"),
    ("uuid()", "is not allowed"),
    ("now()", "is not allowed"),
    ("current_date", "is not allowed"),
    ("current_timestamp", "is not allowed"),
    ("today()", "is not allowed"),
    ("hash(channel)", "is not allowed"),
    ("repeat('a', 1000000000)", "is not allowed"),
    ("range(1000000000)", "is not allowed"),
    ("list_value(1)", "is not allowed"),
    ("regexp_matches(channel, '(a+)+$')", "is not allowed"),
    ("channel || 'x'", "is not allowed"),
    ("concat(channel, 'x')", "is not allowed"),
    ("net_revenue ** 2", "is not allowed"),
    ("net_revenue % 2", "is not allowed"),
    ("net_revenue // 2", "is not allowed"),
    # other syntax
    ("net_revenue::int", "never cast"),
    ("cast(day as text)", "never cast"),
    ("try_cast(channel as int)", "is not allowed"),
    (":as_of", "cannot be read"),
    ("$1", "is not allowed"),
    ("?", "is not allowed"),
    ("x -> x + 1", "is not allowed"),
    ("[1, 2]", "is not allowed"),
    ("{'a': 1}", "is not allowed"),
    ("channel[1]", "is not allowed"),
    ("interval 1 day", "is not allowed"),
    ("null", "is not allowed"),
    ("case channel when 'web' then 1 end", "case when"),
    ("is_sale is true", "takes null"),
    ("net_revenue as x", "is not allowed"),
    ("main.order_line.net_revenue", "unknown column"),
    ("facts.order_line.net_revenue", "unknown column"),
    ("1e9", "no number"),
    ("1234567890123", "no number"),
    ("", "no single expression"),
    ("net_revenue ->", "cannot be read"),
    ("net_revenue +", "cannot be read"),
    ("'unfinished", "cannot be read"),
    ("channel like category", "pattern in single quotes"),
    ("round(net_revenue, quantity)", "0 to 4"),
    ("round(net_revenue, 9)", "0 to 4"),
    ("date_diff('hour', day, date '2024-01-01')", "counts days only"),
    ("date '2024-02-30'", "no day"),
    ("day > 'soon'", "no day"),
    # people
    ("email", "personal"),
    ("customer.email", "personal"),
    ("customer_id", "can be counted"),
    ("customer_id = 42", "can be counted"),
    ("customer = 42", "can be counted"),
    ("customer_id in (1, 2)", "can be counted"),
    ("order_id = 'A-1'", "can be counted"),
    ("case when order_id = 'A-1' then net_revenue else 0 end", "can be counted"),
    ("coalesce(customer_id, 0)", "can be counted"),
    ("segment = 'dear'", "unknown column 'segment'"),
    # units and sorts
    ("net_revenue + quantity", "money and a number cannot be put together"),
    ("net_revenue > quantity", "money and a number cannot be put together"),
    ("net_revenue * cost_of_goods", "cannot be multiplied"),
    ("quantity / net_revenue", "cannot be divided"),
    ("1 / net_revenue", "cannot be divided"),
    ("net_revenue + channel", "takes numbers"),
    ("net_revenue + is_sale", "takes numbers"),
    ("day - date '2024-01-01'", "date_diff"),
    ("channel = 5", "cannot be put together"),
    ("is_sale > is_revenue", "conditions in an order"),
    ("net_revenue and is_sale", "where a condition is needed"),
    ("not net_revenue", "where a condition is needed"),
    ("case when is_sale then net_revenue else quantity end", "cannot be put together"),
    ("coalesce(channel, 0)", "cannot be put together"),
    ("lower(net_revenue)", "takes a text"),
    ("net_revenue between 'a' and 'b'", "cannot be put together"),
    ("channel in ('web', 3)", "cannot be put together"),
    ("coalesce(net_revenue)", "two values or more"),
    # slips of the pen
    ("net_revenu", "Did you mean 'net_revenue'?"),
    ("product.categry = 'wine'", "Did you mean 'product.category'?"),
    ("kind = 'sold'", "'kind' is never 'sold'; known: 'cancellation'"),
    ("kind in ('sale', 'retrun')", "Did you mean 'return'?"),
    ("pages > 3", "unknown column 'pages'"),
]


@pytest.mark.parametrize(("said", "because"), REFUSED, ids=[each[0] for each in REFUSED])
def test_all_else_is_refused_in_one_plain_sentence(said, because):
    with pytest.raises(ExpressionError) as refused:
        expression(said, LINES)
    assert because in str(refused.value)
    assert "\n" not in str(refused.value)


@pytest.mark.parametrize(
    "said",
    [
        "net_revenue" + " + net_revenue" * 300,
        "(" * 300 + "net_revenue" + ")" * 300,
        "abs(" * 60 + "net_revenue" + ")" * 60,
        "'" + "a" * MAX_LETTERS + "'",
        "channel = '\0'",
        "channel = '\ud800'",
    ],
)
def test_what_is_too_large_or_holds_no_text_is_refused(said):
    with pytest.raises(ExpressionError):
        expression(said, LINES)


def test_there_are_more_than_sixty_hostile_or_mistaken_expressions():
    assert len(REFUSED) > 60


def test_no_column_of_any_fact_is_personal_and_each_reads_something_a_role_can_name():
    from clientela.cube.declared.facts import FACTS
    from clientela.cube.scoped import nameable

    columns, _ = nameable()
    for fact in FACTS:
        for known in columns_of(fact).values():
            assert not any(columns[name] for name in known.reads), (fact, known.name)
            times = known.name.removeprefix("fiscal_") in ("day", "week", "month", "quarter", "year")
            made = {"cost_id", "serving"}  # of the number of a record, or of nothing at all
            assert known.reads or times or known.name in made, (fact, known.name)


def test_a_column_that_a_fact_computes_reads_all_that_it_is_made_of():
    assert columns_of("invoice")["days_late"].reads == ("invoice.due_on", "invoice.paid_on")
    assert columns_of("subscription_end")["reason"].reads == ("subscription.end_reason",)
    assert columns_of("order_line")["district"].reads == ("territory.name",)


def test_what_names_a_row_is_a_key_in_every_fact():
    assert {"customer_id", "order_id", "invoice_id", "customer_ref"} <= KEYS
