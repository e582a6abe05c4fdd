"""An expression gives what has to stand where it stands; a mistake is told with its place."""

import pytest

from mappings.load import load_mappings
from mappings.problems import BadConfiguration
from tests.support.words import words

IDENTITIES = """name = "mail"
[[source]]
connector = "people"
anchor = "Number"
where = "{where}"
[source.attributes]
mail = "{mail}"
[source.lifecycle]
start = "{start}"
"""
TARGET = """target = "app"
who = "{who}"
[attributes]
login = "{login}"
[groups.staff]
group = "staff"
when = "{when}"
"""
FITTING = {"where": "true", "mail": "Mail", "start": "Start", "who": "true", "login": "mail", "when": "mail <> ''"}


def problems(tmp_path, *, seen: bool = True, **changed: str) -> list[str]:
    texts = FITTING | changed
    (tmp_path / "identities.toml").write_text(IDENTITIES.format(**texts), encoding="utf-8")
    (tmp_path / "app.toml").write_text(TARGET.format(**texts), encoding="utf-8")
    columns = frozenset({"Number", "Mail", "Start"}) if seen else None
    try:
        load_mappings(tmp_path, words(), frozenset({"people", "app"}), lambda _: columns)
    except BadConfiguration as error:
        return [str(problem) for problem in error.problems]
    return []


@pytest.mark.parametrize("seen", [True, False], ids=["columns known", "never read"])
@pytest.mark.parametrize(
    ("key", "place"),
    [("where", "identities.toml:5: source.0.where"), ("who", "app.toml:2: who"), ("when", "app.toml:7: groups.staff.when")],
)
def test_a_condition_that_gives_text_is_a_mistake(tmp_path, key, place, seen):
    (problem,) = problems(tmp_path, seen=seen, **{key: "'yes'"})
    assert problem == f"mappings/{place}: gives VARCHAR; true or false is expected (BOOLEAN), such as worker_type = 'Employee'"


@pytest.mark.parametrize("text", ["Start", "CAST(Start AS DATE)", "strptime(Start, '%d.%m.%Y')", "NULL"])
def test_a_date_is_a_date_or_text_or_nothing(tmp_path, text):
    assert problems(tmp_path, start=text) == []


def test_a_number_is_no_date(tmp_path):
    (problem,) = problems(tmp_path, start="length(Start)")
    assert (
        problem
        == "mappings/identities.toml:9: source.0.lifecycle.start: gives BIGINT; a date is expected (DATE, or text such as 2026-03-02)"
    )


def test_a_function_that_does_not_take_text_is_a_mistake(tmp_path):
    (problem,) = problems(tmp_path, login="mail + 1")
    assert problem.startswith("mappings/app.toml:4: attributes.login: cannot be computed over text: No function matches")
    assert "\n" not in problem


def test_a_person_has_no_row_of_a_system(tmp_path):
    assert problems(tmp_path, mail="record_status") == []
    (problem,) = problems(tmp_path, login="record_status")
    assert problem.startswith("mappings/app.toml:4: attributes.login: there is no column 'record_status'")


@pytest.mark.parametrize(
    ("text", "kind"),
    [("string_split(Mail, ';')", "VARCHAR[]"), ("[[Mail], [Number]]", "VARCHAR[][]"), ("{'a': Mail}", "STRUCT(a VARCHAR)")],
    ids=["list", "nested list", "structure"],
)
def test_list_of_a_person_is_refused_where_it_would_become_text(tmp_path, text, kind):
    (problem,) = problems(tmp_path, mail=text)
    assert problem.startswith(f"mappings/identities.toml:7: source.0.attributes.mail: gives {kind}, and what is stated of people is text")
    assert "string_split(skills, ';')" in problem


def test_list_made_in_the_mapping_of_a_target_is_well(tmp_path):
    assert problems(tmp_path, login="string_split(mail, ';')") == []


@pytest.mark.parametrize(("expression", "kind"), [("encode(Mail)", "BLOB"), ("bitstring('01', 4)", "BIT")])
def test_bytes_are_no_text_about_a_person(tmp_path, expression, kind):
    (told,) = problems(tmp_path, mail=expression)
    assert f"gives {kind}, bytes and no text" in told


def test_a_byte_order_mark_is_no_part_of_a_mapping(tmp_path):
    assert problems(tmp_path) == []
    for file in tmp_path.glob("*.toml"):
        file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes())
    load_mappings(tmp_path, words(), frozenset({"people", "app"}), lambda _: frozenset({"Number", "Mail", "Start"}))
