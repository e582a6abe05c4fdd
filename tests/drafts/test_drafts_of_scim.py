"""The mapping of a SCIM application, drafted from what that publishes: its rules, its questions, and what no rule sets."""

from __future__ import annotations

import tomllib
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from connectors.declaration import AccountSchema, SchemaAttribute
from connectors.sandbox.dialects.application import DialectSandbox
from connectors.sandbox.dialects.habits import Publishes
from connectors.sandbox.dialects.products import PRODUCTS
from connectors.sandbox.host import running
from reconcile.usecases.draft.published import Known, Rule, draft_published
from tests.drafts.conftest import ASKED
from tests.night.night_worlds import reconcile
from tests.support.scim_schemas import BADGE, CORE, Publisher, attribute, kinds, schema

EXPORT = """Employee ID,First Name,Last Name,Work Email,Department,Job Title,Cost Center,Worker Type,Status
1001,Ada,Quill,ada@x.example,Eng,Dev,CC1,Employee,Active
1002,Bo,Vane,bo@x.example,Eng,Dev,CC1,Employee,Active
1003,Cy,Ferr,cy@x.example,Ops,Lead,CC2,Contractor,Active
1004,Di,Mott,di@x.example,Ops,Lead,CC2,Contractor,Active
"""
USER_NAME = attribute("userName", required=True)


class DraftOfScim:
    """A mapping that was drafted, and what the command said."""

    def __init__(self, ended, folder: Path) -> None:
        assert (ended.code, ended.err) == (0, "")
        self.out = ended.out
        self.folder = folder
        self.text = (folder / "mappings/scim.toml").read_text(encoding="utf-8")
        self.rules = tomllib.loads(self.text)["attributes"]
        self.comments = [line for line in self.text.splitlines() if line.startswith("#")]

    def about(self, name: str) -> list[str]:
        return [line for line in self.comments if name in line]

    @property
    def required(self) -> set[str]:
        return {name for name, rule in self.rules.items() if isinstance(rule, dict) and rule.get("required")}


@pytest.fixture
def draft(tmp_path, monkeypatch):
    monkeypatch.setenv("SCIM_TOKEN", "sandbox")
    file = tmp_path / "export.csv"
    file.write_text(EXPORT, encoding="utf-8")
    with ExitStack() as stack:

        def drafted(app) -> DraftOfScim:
            url = stack.enter_context(running(app)).url
            return DraftOfScim(reconcile("init", str(tmp_path / "p"), "--from", str(file), "--scim", f"{url}/v2"), tmp_path / "p")

        yield drafted


def publishes(*attributes, badge=(), required=False):
    """An application with these attributes beside `userName`, and an extension of its own."""
    listed = {"Resources": [schema(CORE, USER_NAME, *attributes), schema(BADGE, *badge)]}
    return Publisher({"Schemas": listed, "ResourceTypes": kinds((BADGE, required))})


@pytest.mark.parametrize("product", sorted(PRODUCTS))
def test_a_draft_for_a_product_sets_what_that_requires_and_nothing_that_it_refuses(draft, product):
    habits = PRODUCTS[product]
    drafted = draft(DialectSandbox(habits))
    if habits.publishes is Publishes.NOTHING:
        assert "scim: its schema was not read: " in drafted.out
        assert drafted.about("The schema was not read")
        assert drafted.about("Which does yours require")
    else:
        assert "was not read" not in drafted.out + drafted.text
        assert set(habits.required) <= drafted.required
        assert not habits.refused_attributes & {name.partition(".")[0] for name in drafted.rules}


def test_what_the_application_states_of_an_attribute_stands_in_its_rule(draft):
    title = attribute("title", required=True, mutability="immutable", uniqueness="server")
    rule = draft(publishes(title)).rules["title"]
    assert rule == {"expression": "title", "required": True, "unique": True, "immutable": True}


def test_an_attribute_that_the_application_does_not_have_has_no_rule(draft):
    assert set(draft(publishes(attribute("title"))).rules) == {"userName", "externalId", "title"}


def test_a_required_attribute_that_nobody_knows_is_a_question_that_check_waits_for(draft):
    drafted = draft(
        publishes(badge=[attribute("colour", required=True, uniqueness="server", canonicalValues=["red", "blue"])], required=True)
    )
    rule = drafted.rules[f"{BADGE}:colour"]
    assert rule["expression"].startswith(ASKED)
    assert "red, blue" in rule["expression"]
    assert (rule["required"], rule["unique"]) == (True, True)
    checked = reconcile("--project", str(drafted.folder), "check")
    assert f'"{BADGE}:colour"' in checked.err or f"{BADGE}:colour" in checked.err
    (line,) = (line for line in drafted.out.splitlines() if "requires it of every new account" in line)
    assert line.rstrip().endswith("An expression over the identity")


def test_what_an_optional_extension_requires_is_no_question(draft):
    drafted = draft(publishes(badge=[attribute("colour", required=True)]))
    assert f"{BADGE}:colour" not in drafted.rules
    (line,) = drafted.about(f"{BADGE}:colour")
    assert "required of who has anything of this optional extension" in line


def test_what_is_optional_stands_as_a_comment_that_becomes_its_rule(draft):
    drafted = draft(publishes(badge=[attribute("costCenter"), attribute("desk", description='where\n[attributes]\n= "x"')]))
    lines = drafted.about(f"{BADGE}:")
    assert tomllib.loads(lines[0].removeprefix("# ")) == {f"{BADGE}:costCenter": "cost_center"}
    assert tomllib.loads(lines[1].removeprefix("# ")) == {f"{BADGE}:desk": "..."}
    assert len(lines) == 2


@pytest.mark.parametrize("mutability", ["readOnly", "readWrite"])
def test_a_type_of_entries_that_is_no_label_writes_no_line_of_its_own(draft, mutability):
    parts = [attribute("value"), attribute("type", canonicalValues=["x\n[attributes.title]\nexpression = '1'", "a.b", "Home"])]
    emails = attribute("emails", type="complex", multiValued=True, mutability=mutability, subAttributes=parts)
    drafted = draft(publishes(emails))
    assert set(drafted.rules) == {"userName", "externalId"}
    assert len(drafted.about("emails.home")) == 1


@pytest.mark.parametrize("stated", [{}, {"read_only": True}, {"unsettable": "it is\nodd"}, {"required": True}])
def test_no_text_of_a_schema_writes_a_line_of_its_own(stated):
    odd = SchemaAttribute("x\ny = 1", type="a\nb", parts=("c\nd",), allowed=("e\nf",), description="g\nh", **stated)
    ruled = SchemaAttribute("Title\n", allowed=("i\nj",))
    rules = [Rule("title\n", "title"), Rule(odd.name, "email")]
    for some in ((odd, ruled), (replace(odd, type="string", parts=()),)):
        drafted = draft_published(AccountSchema(some), rules, Known(frozenset({"title", "email"})))
        assert not [line for line in drafted.lines if "\n" in line]
        tomllib.loads("\n".join(drafted.lines))


@pytest.mark.parametrize(
    ("values", "asked"),
    [(["Employee", "contractor"], ""), (["Employee", "Intern"], "the file has Contractor, too"), (["E", "C"], "the file has")],
)
def test_values_that_the_application_names_are_compared_with_the_words_of_the_file(draft, values, asked):
    (line,) = draft(publishes(attribute("userType", canonicalValues=values))).about("userType")
    assert ", ".join(values) in line
    assert ("ASK: " in line) is bool(asked)
    assert asked in line


@pytest.mark.parametrize(
    "stated",
    [attribute("title", multiValued=True), attribute("title", type="boolean"), attribute("title", mutability="readOnly")],
    ids=["list", "boolean", "read-only"],
)
def test_what_one_text_cannot_set_gets_no_rule_and_is_named(draft, stated):
    drafted = draft(publishes(stated))
    assert "title" not in drafted.rules
    assert drafted.about("title")


@pytest.mark.parametrize(("name", "why"), [("password", "no rule sets a password"), ("roles", "[roles.NAME]")])
def test_what_no_rule_sets_is_named_with_the_reason_and_asked_where_it_is_required(draft, name, why):
    drafted = draft(publishes(attribute(name, required=True), attribute("nickName")))
    (line,) = drafted.about(f" {name}: ")
    assert line.startswith(f"# {ASKED}")
    assert why in line
    assert name not in drafted.rules


@pytest.mark.parametrize("status", [401, 403, 404, 500])
def test_a_schema_that_is_refused_leaves_the_usual_attributes_and_the_reason(draft, status):
    drafted = draft(Publisher({}, {"Schemas": status}))
    assert f"HTTP {status}" in drafted.about("The schema was not read")[0]
    assert {"userName", "externalId", "name.givenName", "name.familyName", "emails.work"} <= set(drafted.rules)
