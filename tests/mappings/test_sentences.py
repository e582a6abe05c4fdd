"""The message about a setting of the wrong kind says what is expected and how it is written, in the terms of the file."""

import contextlib
import re
import shutil
import tomllib
from importlib.resources import files

import pytest
from pydantic import ValidationError

from connectors.registry import BUILT_IN, settings_model
from mappings.problems import BadConfiguration, read_toml
from mappings.rules import Identities, TargetMapping
from mappings.sentences import problems_of
from reconcile.project.config import ProjectFile, load_project
from tests.support.words import words

LIBRARY = re.compile(
    r"Input should|instance of|valid (dictionary|tuple|list|string|number|integer)|pydantic|unable to (parse|interpret)|\btuple\b"
)
SECRET = "n0-text-0f-a-file"
WRONG = (7, -7, 2.5, True, SECRET, "36h", "5%", "", [], [1], [SECRET], {}, {"x": SECRET}, [{"x": 1}], None)


def wrong_tables(table, path=()):
    """The table with each of its settings replaced by each wrong value, one at a time."""
    for name, value in table.items():
        for wrong in WRONG:
            yield {**table, name: wrong}
        if isinstance(value, dict):
            for inner in wrong_tables(value, (*path, name)):
                yield {**table, name: inner}
        if isinstance(value, list) and value and isinstance(value[0], dict):
            for inner in wrong_tables(value[0], (*path, name)):
                yield {**table, name: [inner, *value[1:]]}


def shipped(name):
    return tomllib.loads((files("mappings") / name).read_text(encoding="utf-8"))


def sentences(model, table):
    try:
        model.model_validate(table)
    except ValidationError as error:
        return [each.message for each in problems_of(error, model, "file.toml", "")]
    return []


CONNECTORS = {each.pop("type"): each for each in shipped("reconcile.toml")["connectors"].values()}


@pytest.mark.parametrize(
    ("model", "table"),
    [
        (ProjectFile, shipped("reconcile.toml")),
        (Identities, shipped("identities.toml")),
        (TargetMapping, shipped("okta.toml")),
        *((settings_model(BUILT_IN[kind]), CONNECTORS[kind]) for kind in sorted(CONNECTORS)),
    ],
    ids=["reconcile", "identities", "okta.toml", *sorted(CONNECTORS)],
)
def test_no_message_about_a_wrong_value_uses_the_words_of_a_library(model, table):
    found = [sentence for wrong in wrong_tables(table) for sentence in sentences(model, wrong)]
    assert len(found) > len(WRONG)
    assert [sentence for sentence in found if LIBRARY.search(sentence)] == []


@pytest.mark.parametrize(("model", "name"), [(Identities, "identities.toml"), (TargetMapping, "okta.toml")])
def test_no_message_about_a_wrong_kind_repeats_a_text_of_the_file(model, name):
    found = [sentence for wrong in wrong_tables(shipped(name)) for sentence in sentences(model, wrong)]
    assert any("is a text" in sentence for sentence in found)
    assert [sentence for sentence in found if SECRET in sentence] == []


@pytest.fixture
def project(tmp_path):
    (tmp_path / "mappings").mkdir()
    for entry in files("mappings").iterdir():
        if entry.name.endswith(".toml"):
            shutil.copy(str(entry), tmp_path / entry.name if entry.name == "reconcile.toml" else tmp_path / "mappings" / entry.name)
    return tmp_path


def reported(project, file, old, new):
    """The problems that are reported for the shipped project with one change."""
    path = project / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadConfiguration) as stopped:
        load_project(
            project, words(), lambda _: {"contractors": frozenset(["Contractor-No", "Mail", "First name", "Role"])} if "Mail" in old else {}
        )
    return str(stopped.value)


SETTINGS, PEOPLE, OKTA = "reconcile.toml", "mappings/identities.toml", "mappings/okta.toml"
LIMIT, NAME, MAIL = "deactivate = { percent = 5, floor = 5 }", 'name = "example"', 'work_email = "lower(trim(Mail))"'


@pytest.mark.parametrize(
    ("file", "old", "new", "sentence"),
    [
        (SETTINGS, LIMIT, "deactivate = 5", "guards.deactivate: is a number, and a table is expected; write for example deactivate = { percent = 5, floor = 5 }"),
        (SETTINGS, LIMIT, 'deactivate = { percent = "5%" }', "a number is expected, in percent; write it without quotes and without a unit: percent = 5"),
        (SETTINGS, LIMIT, "deactivate = { percent = 500 }", "guards.deactivate.percent: must be at most 100"),
        (SETTINGS, "# max_age_hours = 36 ", 'max_age_hours = "36h" ', "in hours; write it without quotes and without a unit: max_age_hours = 36"),
        (SETTINGS, 'key = ["Employee_ID"]', 'key = "Employee_ID"', 'is a text, and a list is expected; write it in brackets: key = ["..."]'),
        (SETTINGS, "[guards]", "[[guards]]", "reconcile.toml:75: guards: is a list of tables, and one table is expected; begin it with single brackets: [guards]"),
        (SETTINGS, "[guards]", '[guards]\nadmins.okta = { group = " " }', "guards.admins.okta.group: is empty: it names the group of those who administer the target"),
        (SETTINGS, "[guards]", '[guards]\nadmins.okta = { group = "Admins", at_least = true }', "is true or false, and a whole number is expected"),
        (SETTINGS, "[guards]", '[guards]\nadmins.okta = { group = "Admins", at_least = 2.0 }', "is a number with a fraction, and a whole number is expected"),
        (SETTINGS, "[guards]", '[guards]\nadmins.okta = { group = "Admins", at_least = 0 }', "guards.admins.okta.at_least: must be at least 1"),
        (SETTINGS, "times = 5", "times = inf", "guards.usual.times: is not finite, and a number is expected; write for example times = 10"),
        (SETTINGS, "times = 5", 'times = "4"', "is a text, and a number is expected; write it without quotes and without a unit: times = 4"),
        (SETTINGS, "[guards]", "[reading.okta]\nshrink_percent = true\n[guards]", "reading.okta.shrink_percent: is true or false, and a number is expected"),
        (SETTINGS, 'state = "state" ', 'state = "" ', 'project.state: names no folder of its own; write for example state = "state"'),
        (SETTINGS, 'state = "state" ', 'state = "/" ', "project.state: names no folder of its own"),
        (SETTINGS, 'state = "state" ', 'state = "state/.." ', "project.state: names no folder of its own"),
        (SETTINGS, "people = []", "people = [1]", 'protected.people.0: is a number, and a text is expected; write it in quotes: "1"'),
        (SETTINGS, NAME, "name = 5", 'is a number, and a text is expected; write it in quotes: name = "5"'),
        (SETTINGS, NAME, "name = example", 'reconcile.toml:5: is not valid TOML: a text stands in quotes: name = "..."'),
        (SETTINGS, NAME, 'name: "example"', "reconcile.toml:5: is not valid TOML: a setting has an equals sign, and not a colon: name = ..."),
        (SETTINGS, NAME, 'name = "example', 'is not valid TOML: the quote at the end of the text is missing: name = "..."'),
        (SETTINGS, NAME, "name = “example”", 'a text stands in straight quotes ("), and these are printed ones'),
        (SETTINGS, NAME, "name = 'it's'", 'the text ends at its second apostrophe; use double quotes: name = "..."'),
        (SETTINGS, NAME, 'name = "C:\\Users"', "a backslash means something in double quotes; use single ones: name = '...'"),
        (SETTINGS, NAME, 'name = "example",', "no comma stands behind a setting: one setting in a line"),
        (SETTINGS, NAME, "name =", "there is no value behind name ="),
        (SETTINGS, NAME, "name = True", "write true or false in small letters"),
        (SETTINGS, NAME, f"{NAME}\n{NAME}", "reconcile.toml:6: is not valid TOML: name stands in line 5 already; keep one of the two"),
        (SETTINGS, "[project]", "[project", "the brackets around the name of a table are not closed"),
        (SETTINGS, "[protected.accounts]", "[protected]", "the table protected stands in line 98 already; put its settings together"),
        (PEOPLE, "[[source]]", "[source]", "source stands in other brackets in line 6; where there may be several, write [[source]] in each place"),
        (PEOPLE, 'active = ["Active"]', 'active = "Active"', 'write it in brackets: active = ["..."]'),
        (PEOPLE, 'end_is = "first_day_gone"', 'end_is = "lastday"', "must be 'last_day' or 'first_day_gone'; did you mean 'last_day'?"),
        (PEOPLE, MAIL, 'work_email = "Contractor-No"', 'names columns without the double quotes that they need; write "Contractor-No", and single quotes around the expression'),
        (PEOPLE, MAIL, 'work_email = "upper(First name)"', 'names columns without the double quotes that they need; write "First name"'),
        (PEOPLE, MAIL, 'work_email = "First name"', 'write "First name", and single quotes around the expression'),
        (OKTA, 'title = "title"', 'title = ["title"]', 'write for example title = "an expression", or { expression = "an expression", required = true }'),
        (OKTA, 'who = "true"', "who = true", 'is true or false, and a text is expected; write it in quotes: who = "true"'),
        (OKTA, 'leave = "keep"', 'delete_after_days = "365d"', "a whole number is expected, in days; write it without quotes and without a unit: delete_after_days = 365"),
        (OKTA, 'leave = "keep"', "vanished_after = 2.5", "is a number with a fraction, and a whole number is expected"),
        (OKTA, "[[correlate]]", "[correlate]", "write [[correlate]] in each place"),
        (OKTA, "[groups.employees]", "[[groups.employees]]", "begin it with single brackets: [groups.employees]"),
    ],
)  # fmt: skip
def test_a_mistake_is_reported_with_what_to_write(project, file, old, new, sentence):
    said = reported(project, file, old, new)
    assert sentence in said
    assert not LIBRARY.search(said)


def test_a_file_that_is_no_toml_hides_no_connector(project):
    """Where reconcile.toml cannot be read, no mapping is reported for naming a connector that is missing."""
    assert reported(project, SETTINGS, NAME, "name = example").count("\n") == 0


def test_every_cut_of_a_file_is_valid_toml_or_one_reported_mistake(tmp_path):
    """A file that is cut anywhere is TOML, or one mistake with its place."""
    text = (files("mappings") / "okta.toml").read_text(encoding="utf-8")
    path = tmp_path / "okta.toml"
    found = []
    for end in range(0, len(text), 7):
        path.write_text(text[:end], encoding="utf-8")
        with contextlib.suppress(tomllib.TOMLDecodeError):
            tomllib.loads(text[:end])
            continue
        with pytest.raises(BadConfiguration) as stopped:
            read_toml(path, "okta.toml")
        found.append(str(stopped.value))
    assert len(found) > 20
    assert [each for each in found if not re.match(r"okta\.toml(:\d+)?: is not valid TOML: \w", each)] == []
