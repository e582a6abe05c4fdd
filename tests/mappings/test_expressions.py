"""An expression is one row-local scalar value of its row and the clock; everything else is refused with its reason."""

import pytest

from mappings.expressions import NotAnExpression, parse_expression, unknown_columns
from reconcile.store.language import language


@pytest.fixture(scope="module")
def words():
    return language()


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("lower(trim(work_email))", {"work_email"}),
        ("coalesce(preferred_name, first_name)", {"preferred_name", "first_name"}),
        ("case when country = 'NO' then 'Norway' else country end", {"country"}),
        ("'Employee'", set()),
        ('"Contractor No"', {"Contractor No"}),
        ("nullif(trim(title), '')", {"title"}),
        ("department in ('Sales', 'People')", {"department"}),
        ("start_date::DATE - 3 <= run_date", {"start_date", "run_date"}),
        ("list_transform([first, last], lambda part: upper(part))", {"first", "last"}),
        ("array_to_string(regexp_extract_all(lower(department), '[a-z]+'), '-')", {"department"}),
        ("a -- a comment", {"a"}),
        ("'it''s; drop table x'", set()),
    ],
)
def test_a_scalar_of_the_row_is_taken_with_its_columns(words, text, columns):
    assert parse_expression(text, words).columns == columns


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "is empty"),
        ("a, b", "2 expressions"),
        ("a; select 1", "more than one statement"),
        ("a from people", "is a query"),
        ("a where b", "is a query"),
        ("(select max(a) from people)", "subquery"),
        ("a in (select 1)", "subquery"),
        ("exists(select 1)", "subquery"),
        ("sum(a)", "aggregate"),
        ("row_number() over ()", "window"),
        ("lag(a) over (order by b)", "window"),
        ("unnest([a, b])", "several rows"),
        ("read_text('/etc/passwd')", "kind 'table'"),
        ("now()", "does not always give the same"),
        ("current_date", "does not always give the same"),
        ("a <= CURRENT_TIMESTAMP", "does not always give the same"),
        ("random()", "does not always give the same"),
        ("uuid()", "does not always give the same"),
        ("getvariable('x')", "does not always give the same"),
        ("nextval('s')", "does not always give the same"),
        ("current_setting('threads')", "does not always give the same"),
        ("*", r"holds \*"),
        ("columns('.*')", r"holds \*"),
        ("$1", "parameter"),
        ("a as b", "names its result"),
        ("lowr(a)", "did you mean 'lower'"),
        ("lower(", "is not SQL"),
        ("a = 'x'; drop table account", "^holds a second statement; one expression over the columns of the row is expected$"),
        ("a; set threads = 1", "^holds a second statement"),
    ],
)
def test_what_is_no_scalar_of_the_row_is_refused_with_its_reason(words, text, reason):
    with pytest.raises(NotAnExpression, match=reason):
        parse_expression(text, words)


def test_a_misspelt_column_is_told_with_the_candidates(words):
    told = unknown_columns(parse_expression("lower(work_emial)", words), frozenset({"work_email", "title"}))
    assert told == ["there is no column 'work_emial'; did you mean 'work_email'?"]


def test_columns_are_matched_in_any_case_as_duckdb_does(words):
    assert unknown_columns(parse_expression("WORK_EMAIL", words), frozenset({"work_email"})) == []


def test_the_clock_and_what_the_system_says_of_a_row_are_columns_of_every_row(words):
    assert unknown_columns(parse_expression("concat(run_date, record_id, record_state, record_status)", words), frozenset()) == []


def test_a_text_in_the_double_quotes_of_a_column_is_told_with_single_ones(words):
    told = unknown_columns(parse_expression("\"Sales\" || ' ' || Sales2", words), frozenset({"department"}))
    assert told == [
        "there is no column 'Sales'; double quotes name a column, and a text stands in single quotes, 'Sales'",
        "there is no column 'Sales2'",
    ]
