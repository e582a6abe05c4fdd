"""The list of functions that mappings may use: each exists, and gives the same on another day, in another session, in another time zone.

The engine's own catalogue calls some functions of the clock consistent. A list says what may be used, so that what a later engine adds
is refused until it was reviewed; that what is listed deserves it is asked of the engine here, for every form of every function.
"""

import itertools
import re
import time

import duckdb
import pytest

from mappings.expressions import WITHOUT_PARENTHESES, NotAnExpression, allowed_functions, parse_expression, unknown_columns
from reconcile.store.connection import Store
from reconcile.store.holding import store_holding
from reconcile.store.language import language

AHEAD, BEHIND = "Pacific/Kiritimati", "Etc/GMT+12"
"""Never the same local date: 26 hours lie between them."""
SAMPLES = {
    "VARCHAR": ("'Ada Lovelace'", "'2026-03-02 10:00:00'", "'%Y-%m-%d %H:%M:%S'", "'day'", "'1'", "'{\"a\": [1]}'", "'UTC'"),
    "BOOLEAN": ("true",),
    "BLOB": ("'ab'::BLOB",),
    "BIT": ("'0101'::BIT",),
    "DATE": ("DATE '2020-02-29'",),
    "TIME": ("TIME '10:11:12'",),
    "TIMESTAMP": ("TIMESTAMP '2020-02-29 10:11:12'",),
    "TIMESTAMP WITH TIME ZONE": ("TIMESTAMPTZ '2020-02-29 10:11:12+00'",),
    "TIME WITH TIME ZONE": ("TIMETZ '10:11:12+00'",),
    "INTERVAL": ("INTERVAL 3 DAY",),
    "UUID": ("'01890a5d-ac96-774b-bcce-b302099a8057'::UUID",),
    "JSON": ("'{\"a\": [1]}'::JSON",),
    "LAMBDA": ("lambda x: x", "lambda x, y: x"),
    "MAP": ("MAP {'a': 1}",),
    "STRUCT": ("{'a': 1}",),
    "UNION": ("union_value(a := 1)",),
    "ENUM": ("'a'::ENUM('a', 'b')",),
}
NUMBERS = ("2", "2.5", "2::DOUBLE")
LISTS = ("[3, 1]", "['b', 'a']", "[true, false]", "[1.5, 2.5]::DOUBLE[]", "[[1], [2]]")
ANYTHING = ("'Ada'", "2", "[3, 1]", "{'a': 1}", "DATE '2020-02-29'", "'a'::ENUM('a', 'b')")
CALLS = {
    "array_cross_product": ["array_cross_product([1.0, 2.0, 3.0]::DOUBLE[3], [3.0, 2.0, 1.0]::DOUBLE[3])"],
    "cardinality": ["cardinality(MAP {'a': 1})"],
    "from_base64": ["from_base64('QWRh')"],
    **{name: [f"{name}([3, 1], 'sum')"] for name in ("aggregate", "array_aggr", "array_aggregate", "list_aggr", "list_aggregate")},
    **{
        name: [f'{name}(\'{{"a": [1]}}\', \'{{"a": ["INT"]}}\')']
        for name in ("from_json", "from_json_strict", "json_transform", "json_transform_strict")
    },
    "json_object": ["json_object('a', 1)"],
    "map_concat": ["map_concat(MAP {'a': 1}, MAP {'b': 2})"],
    "map_from_entries": ["map_from_entries([('a', 1)])"],
    "parse_formatted_bytes": ["parse_formatted_bytes('16 KiB')"],
    "set_bit": ["set_bit('0101'::BIT, 2, 1)"],
    **{name: [f"{name}(row(1, 2), 2)"] for name in ("struct_contains", "struct_has", "struct_indexof", "struct_position")},
    "struct_extract": ["struct_extract({'a': 1}, 'a')"],
    "struct_extract_at": ["struct_extract_at({'a': 1}, 1)"],
    "struct_insert": ["struct_insert({'a': 1}, b := 2)"],
    "struct_pack": ["struct_pack(a := 1)"],
    "struct_update": ["struct_update({'a': 1}, a := 2)"],
    "union_extract": ["union_extract(union_value(a := 1), 'a')"],
    "union_value": ["union_value(a := 1)"],
}
"""Functions whose arguments must fit each other."""
FORMS = """
SELECT lower(function_name), parameter_types, varargs FROM duckdb_functions()
WHERE function_type IN ('scalar', 'macro') ORDER BY ALL
"""


def _samples(kind):
    """Values to call a parameter of a type with."""
    if "[" in kind or kind.startswith(("LIST", "ARRAY")):
        return ("[1.0, 2.0]::DOUBLE[2]", "[1.0, 2.0]::FLOAT[2]", *LISTS) if re.search(r"\[\w+\]|ARRAY", kind) else LISTS
    for name, samples in SAMPLES.items():
        if kind == name or kind.startswith((f"{name}(", f"{name} (")):
            return samples
    if kind.startswith("TIMESTAMP"):
        return (f"TIMESTAMP '2020-02-29 10:11:12'::{kind}",)
    if re.match(r"U?(TINY|SMALL|BIG|HUGE)?INT|INTEGER|UINTEGER|DECIMAL|DOUBLE|FLOAT|BIGNUM", kind):
        return NUMBERS
    return ANYTHING


def _call(name, given):
    if re.fullmatch(r"\w+", name):
        return f'"{name}"({", ".join(given)})' if name != "if" else f"if({', '.join(given)})"
    if name.startswith("!__"):
        return f"({given[0]}) !"
    return f"({given[0]}) {name} ({given[1]})" if len(given) == 2 else f"{name} ({given[0]})"


def _calls(name, forms):
    """Texts that call one function in each of its forms."""
    seen = set()
    yield from CALLS.get(name, ())
    for kinds, varargs in forms:
        wanted = [kind or "ANY" for kind in kinds] + ([varargs] if varargs else [])
        for given in itertools.islice(itertools.product(*map(_samples, wanted)), 60):
            if (text := _call(name, given) if given or re.fullmatch(r"\w+", name) else "") and text not in seen:
                seen.add(text)
                yield text


@pytest.fixture(scope="module")
def words():
    return language()


@pytest.fixture(scope="module")
def forms():
    found = {}
    for name, kinds, varargs in duckdb.connect().execute(FORMS).fetchall():
        found.setdefault(name, []).append((kinds, varargs))
    return found


def _session(time_zone):
    connection = duckdb.connect()
    connection.execute(f"SET TimeZone = '{time_zone}'").fetchall()
    return connection


def _result(connection, text):
    try:
        return connection.execute(f"SELECT CAST({text} AS VARCHAR), typeof({text})").fetchall()[0]
    except duckdb.Error:
        return None


def test_every_listed_function_exists(words):
    known = words.stability.keys() | words.other_functions.keys()
    assert sorted(allowed_functions().keys() - known) == []


@pytest.mark.slow
def test_every_listed_function_gives_the_same_on_another_date_and_in_another_session(words, forms):
    ahead, behind, once, later = _session(AHEAD), _session(BEHIND), _session("UTC"), _session("UTC")
    called = set()
    for name in allowed_functions():
        for text in _calls(name, forms[name]):
            try:
                parse_expression(text, words)
            except NotAnExpression:
                continue
            if (first := _result(once, text)) is None:
                continue
            called.add(name)
            assert _result(later, text) == first, text
            if "ZONE" not in first[1] and "TZ" not in first[1] + text:
                assert _result(ahead, text) == _result(behind, text) == first, text
    assert sorted(allowed_functions().keys() - called) == []


@pytest.mark.parametrize(
    "text", ["current_localtimestamp()", "current_localtime()", "CURRENT_LOCALTIMESTAMP()", "main.current_localtime()"]
)
def test_a_clock_that_the_catalogue_calls_consistent_is_refused(words, text):
    assert words.stability["current_localtimestamp"] == "CONSISTENT"
    with pytest.raises(NotAnExpression, match="does not always give the same result"):
        parse_expression(text, words)


@pytest.mark.parametrize("text", ["age(DATE '2020-01-01')", "age(a::TIMESTAMP)", "a.age()"])
def test_an_age_by_the_engines_clock_is_refused(words, text):
    with pytest.raises(NotAnExpression, match="does not always give the same result"):
        parse_expression(text, words)


def test_an_age_by_the_date_to_decide_for_is_taken(words):
    assert parse_expression("age(run_date, hired::DATE)", words).columns == {"run_date", "hired"}


def test_every_function_of_the_engine_that_is_not_listed_is_refused(words):
    for name in (words.stability.keys() | words.other_functions.keys()) - allowed_functions().keys():
        if re.fullmatch(r"\w+", name):
            with pytest.raises(NotAnExpression):
                parse_expression(f'"{name}"()', words)
            with pytest.raises(NotAnExpression):
                parse_expression(f'"{name}"(a)', words)


def test_what_looks_like_a_column_and_is_a_function_is_refused(words):
    """`current_date` needs no parentheses; in rows without such a column it tells the clock."""
    functions = words.stability.keys() | words.other_functions.keys() | WITHOUT_PARENTHESES
    plain = {name for name in functions if re.fullmatch(r"[a-z_]\w*", name)}
    taken = []
    for name in sorted(plain):
        try:
            named = parse_expression(name, words)
        except NotAnExpression:
            continue
        if not unknown_columns(named, frozenset()):
            taken.append(name)
    assert taken == []


@pytest.mark.parametrize("word", ["now", "today", "yesterday", "tomorrow", "current_date", "NOW"])
@pytest.mark.parametrize("kind", ["DATE", "TIME", "TIMESTAMP", "TIMESTAMPTZ", "TIMETZ", "TIMESTAMP_NS", "INTERVAL"])
def test_no_text_becomes_the_time_of_day_when_it_is_cast(word, kind):
    """In PostgreSQL 'today'::DATE is the clock, also where a cell of the export holds the word."""
    assert _result(_session("UTC"), f"CAST('{word}' AS {kind})") is None
    found = duckdb.connect().execute(f"SELECT TRY_CAST(word AS {kind}) FROM (SELECT '{word}' AS word)").fetchall()
    assert found == [(None,)]


@pytest.mark.parametrize("zone", [AHEAD, BEHIND])
def test_the_time_zone_of_the_machine_is_in_no_plan(tmp_path, monkeypatch, zone):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        with Store.open(tmp_path, write=True) as store:
            store.relations.put("rows", ("key", "moment"), [("1", "2026-03-02T23:30:00-05:00")])
            store.relations.derive("made", "rows", {"day": "moment::TIMESTAMPTZ::DATE", "text": "to_timestamp(0)"})
            assert store.expressions.results("made", "day", "day", where="true", most=1) == ["2026-03-03"]
            assert store.expressions.results("made", "day", "text", where="true", most=1) == ["1970-01-01 00:00:00+00"]
        with store_holding({}) as held:
            held.relations.put("rows", ("key",), [("1",)])
            assert held.expressions.results("rows", "key", "to_timestamp(0)", where="true", most=1) == ["1970-01-01 00:00:00+00"]
    finally:
        monkeypatch.undo()
        time.tzset()


@pytest.mark.parametrize("name", ["range", "generate_series", "list_resize", "array_resize"])
def test_a_function_that_makes_a_list_of_any_length_is_refused(words, name):
    with pytest.raises(NotAnExpression, match=f"{name}\\(\\) makes a list of any length"):
        parse_expression(f"array_to_string({name}(CAST(skills AS INT)), ',')", words)


def test_a_function_that_ends_every_plan_is_refused_for_that(words):
    with pytest.raises(NotAnExpression, match="ends every plan"):
        parse_expression("error('no department')", words)
