"""What a target declares that it does not take is a finding, and no operation: on an account that exists the attribute alone waits."""

from __future__ import annotations

from pathlib import Path

import pytest

from connectors.declaration import DeclaredAttribute
from connectors.memory.connector import MemoryTarget
from reconcile.plan.model import Verb
from reconcile.report.summary import finding_groups
from tests.support.companies.targets import TRAITS, Company, done, give_account, mapping, said

TEXT = DeclaredAttribute(type="string")
LISTED = DeclaredAttribute(type="string", allowed=("North", "South"))


def company(folder: Path, declared: DeclaredAttribute = TEXT, **attributes: object) -> Company:
    """A target that declares something of departments; `attributes`: other rules than the plain ones."""
    to = MemoryTarget("app", TRAITS)
    to.declared = {"login": TEXT, "title": TEXT, "dept": declared}
    rules = {"login": "name", "title": "title", "dept": "dept", **attributes}
    return Company(folder, [to], [mapping(attributes=rules)])


def hire(at: Company, *names: str, account: bool, **columns: str) -> None:
    for name in names:
        at.hire(name, **columns)
        if account:
            give_account(at.targets[0], name)


def written(at: Company) -> list[tuple[str, dict[str, object]]]:
    return [(each.verb.value, dict(each.after)) for each in at.plan().operations]


def test_attribute_of_an_existing_account_waits_and_the_others_are_written(tmp_path: Path) -> None:
    at = company(tmp_path, DeclaredAttribute(type="string", longest=5))
    hire(at, "ann", account=True, dept="Kitchen", title="Cook")
    plan = at.plan()
    assert [(each.verb, dict(each.after)) for each in plan.operations] == [(Verb.UPDATE, {"title": "Cook"})]
    (finding,) = plan.findings
    assert (finding.anchor, finding.account_id) == ("no-ann", "app-ann")
    assert finding.message == (
        "ann (no-ann): dept should be 'Kitchen', and app takes at most 5 characters. "
        "What the account has stays until the source or the rule gives another value."
    )


def test_number_that_no_json_states_is_not_written_whatever_the_target_declares(tmp_path: Path) -> None:
    """A division by zero gives infinity, and a cell `NaN` a number: plans and requests held text that is no JSON."""
    rules = {"share": "1 / length(title)", "list": "[1.5::double, 'NaN'::double]", "half": "length(title) / 2"}
    at = company(tmp_path, DeclaredAttribute(type="number"), dept="dept::double", **rules)
    hire(at, "ann", account=True, dept="NaN", title="")
    hire(at, "ben", account=False, dept="inf", title="Cook")
    plan = at.plan()
    assert [(each.verb, dict(each.after)) for each in plan.operations] == [
        (Verb.CREATE, {"login": "ben", "title": "Cook", "share": 0.25, "half": 2.0}),
        (Verb.UPDATE, {"half": 0.0}),
    ]
    parts = [message.split(": ", 1)[1].partition(", and app takes a finite number.")[0] for message in said(plan, "invalid_value")]
    assert sorted(parts) == [
        "dept should be Infinity", "dept should be NaN", "list should be [1.5, NaN]", "list should be [1.5, NaN]", "share should be Infinity",
    ]  # fmt: skip


def test_new_account_is_made_without_an_optional_value_and_the_finding_comes_again(tmp_path: Path) -> None:
    at = company(tmp_path, LISTED)
    hire(at, "ann", account=False, dept="West", title="Cook")
    plan = at.night()
    assert [(each.verb, dict(each.after)) for each in plan.operations] == [(Verb.CREATE, {"login": "ann", "title": "Cook"})]
    (said_first,) = said(plan, "invalid_value")
    assert said_first == (
        "ann (no-ann): dept should be 'West', and app takes only values of its list: North, South. The new account is made without it."
    )
    again = at.plan()
    assert again.operations == ()
    assert len(said(again, "invalid_value")) == 1


@pytest.mark.parametrize("needed_by", ["target", "mapping"])
def test_no_account_is_made_without_a_value_that_is_needed(tmp_path: Path, needed_by: str) -> None:
    dept = DeclaredAttribute(type="string", longest=5, required=needed_by == "target")
    at = company(tmp_path, dept, dept={"expression": "dept", "required": needed_by == "mapping"})
    hire(at, "ann", "ben", account=False, title="Cook")
    at.people["ann"]["dept"], at.people["ben"]["dept"] = "Kitchen", "Bar"
    plan = at.plan()
    assert done(plan) == ["create ben"]
    (sentence,) = said(plan, "invalid_value")
    assert "No account is created until" in sentence


def test_required_attribute_of_the_schema_must_have_a_value(tmp_path: Path) -> None:
    at = company(tmp_path, DeclaredAttribute(type="string", required=True))
    hire(at, "ann", account=False, title="Cook")
    plan = at.plan()
    assert plan.operations == ()
    assert said(plan, "required") == [
        "ann (no-ann) has no value for dept, which app requires. No account is created until the source has it."
    ]


def test_required_attribute_that_no_rule_states_is_one_finding(tmp_path: Path) -> None:
    at = company(tmp_path)
    at.targets[0].declared = {**(at.targets[0].declared or {}), "grade": DeclaredAttribute(type="string", required=True)}
    hire(at, "ann", "ben", account=False)
    plan = at.plan()
    assert plan.operations == ()
    (sentence,) = said(plan, "required")
    assert sentence.startswith("app requires grade of every new account, and no rule states it: 2 accounts are not created.")


@pytest.mark.parametrize(
    ("rule", "good", "bad"),
    [
        (DeclaredAttribute(shortest=3), "abc", "ab"),
        (DeclaredAttribute(longest=3), "äbc", "abcd"),
        (DeclaredAttribute(allowed=("a", "b")), "b", "c"),
        (DeclaredAttribute(pattern="^[a-z]+$"), "abc", "aBc"),
        (DeclaredAttribute(pattern="[a-z]"), "ABc", "ABC"),
        (DeclaredAttribute(pattern="[a-z]+", whole=True), "abc", "abC"),
        (DeclaredAttribute(format="email"), "a@b", "a.b"),
        (DeclaredAttribute(format="country-code"), "DE", "DEU"),
        (DeclaredAttribute(type="string"), "abc", ""),
    ],
)
def test_value_is_written_where_no_rule_is_broken(tmp_path: Path, rule: DeclaredAttribute, good: str, bad: str) -> None:
    at = company(tmp_path, rule)
    hire(at, "ann", account=True, dept=good)
    hire(at, "ben", account=True, dept=bad)
    assert written(at) == [("update", {"dept": good})]


def test_empty_value_breaks_no_rule(tmp_path: Path) -> None:
    at = company(tmp_path, DeclaredAttribute(shortest=3, pattern="^a", allowed=("abc",)))
    at.mappings = [mapping(attributes={"login": "name", "dept": {"expression": "dept", "clear": True}})]
    hire(at, "ann", account=True)
    account = at.targets[0].accounts["app-ann"]
    account.attributes["dept"] = "old"
    assert written(at) == [("update", {"dept": None})]


@pytest.mark.parametrize(
    ("rule", "expression", "sentence"),
    [
        (DeclaredAttribute(type="array"), "dept", "the rule gives a text, and app takes a list"),
        (DeclaredAttribute(type="integer"), "length(dept) = 3", "the rule gives true or false, and app takes an integer"),
        (DeclaredAttribute(type="string"), "string_split(dept, ',')", "the rule gives a list, and app takes a text"),
        (
            DeclaredAttribute(type="array", entries="integer"),
            "[dept]",
            "a list with a text, and app takes a list of which each entry is an integer",
        ),
        (DeclaredAttribute(read_only=True), "dept", "app alone sets it"),
    ],
)
def test_rule_that_no_value_can_satisfy_is_one_finding_for_all_people(
    tmp_path: Path, rule: DeclaredAttribute, expression: str, sentence: str
) -> None:
    at = company(tmp_path, rule, dept=expression)
    hire(at, *(f"p{number}" for number in range(7)), account=True, dept="Bar", title="Cook")
    plan = at.plan()
    assert [dict(each.after) for each in plan.operations] == [{"title": "Cook"}] * 7
    (finding,) = plan.findings
    assert sentence in finding.message
    assert finding.message.startswith("dept of 7 people: ")


@pytest.mark.parametrize(
    ("rule", "expression"),
    [
        (DeclaredAttribute(type="number"), "length(dept)"),
        (DeclaredAttribute(type="array", entries="string", allowed=("a", "b")), "string_split(dept, ',')"),
        (DeclaredAttribute(type="boolean", allowed=(True,)), "length(dept) = 3"),
    ],
)
def test_value_of_the_declared_type_is_written(tmp_path: Path, rule: DeclaredAttribute, expression: str) -> None:
    at = company(tmp_path, rule, dept=expression)
    hire(at, "ann", account=True, dept="a,b")
    (operation,) = at.plan().operations
    assert "dept" in operation.after


def test_number_is_no_boolean_of_the_same_worth(tmp_path: Path) -> None:
    at = company(tmp_path, DeclaredAttribute(allowed=(1, 0)), dept="length(dept) = 3")
    hire(at, "ann", account=True, dept="Bar")
    assert written(at) == []


def test_many_people_with_one_problem_are_one_line_of_the_report_and_of_check(tmp_path: Path) -> None:
    at = company(tmp_path, DeclaredAttribute(type="string", longest=12))
    for number in range(300):
        hire(at, f"p{number}", account=number % 2 == 0, dept=f'The O\'Neill {number} "Wing"' if number % 3 else f"Department no. {number}")
    plan = at.plan()
    (group,) = finding_groups(plan)
    assert group.findings == 300
    assert sorted(len(each.cases) for each in group.alike) == [150, 150]
    assert group.cases == []
    problems = [each.problem for each in at.checked().checks if each.what == "app: every value is taken"]
    assert len(problems) == 2
    assert all("The same of 149 others." in each for each in problems)


def test_second_problem_of_some_people_splits_no_line_of_the_report(tmp_path: Path) -> None:
    at = company(tmp_path, LISTED)
    at.targets[0].declared = {**(at.targets[0].declared or {}), "title": DeclaredAttribute(longest=4)}
    hire(at, *(f"p{number}" for number in range(20)), account=True, dept="West", title="Cook")
    for number in range(8):
        at.people[f"p{number}"]["title"] = "Waiter"
    (group,) = finding_groups(at.plan())
    assert [(len(each.cases), each.pattern.partition(": ")[2].partition(". ")[0]) for each in group.alike] == [
        (20, "dept should be …, and app takes only values of its list: North, South"),
        (8, "title should be …, and app takes at most 4 characters"),
    ]


def test_pattern_that_cannot_be_evaluated_is_not_judged_and_check_says_so(tmp_path: Path) -> None:
    at = company(tmp_path, DeclaredAttribute(pattern="(?=a)b"))
    hire(at, "ann", account=True, dept="Bar")
    assert written(at) == [("update", {"dept": "Bar"})]
    (sentence,) = [each for each in at.checked().not_checked if "matches" in each]
    assert sentence.startswith("app: whether dept matches (?=a)b: ")


def test_value_that_is_not_written_stays_taken(tmp_path: Path) -> None:
    """Ann keeps her short department, so that Ben cannot have it."""
    at = company(tmp_path, DeclaredAttribute(longest=5), dept={"expression": "dept", "unique": True})
    hire(at, "ann", account=True, dept="Kitchen")
    hire(at, "ben", account=True, dept="Bar")
    at.targets[0].accounts["app-ann"].attributes["dept"] = "Bar"
    plan = at.plan()
    assert plan.operations == ()
    assert len(said(plan, "invalid_value")) == len(said(plan, "not_unique")) == 1


def test_long_value_is_cut_in_its_sentence(tmp_path: Path) -> None:
    at = company(tmp_path, DeclaredAttribute(longest=5))
    hire(at, "ann", account=True, dept="x" * 5000)
    (sentence,) = said(at.plan())
    assert f"'{'x' * 60}…'" in sentence
    assert len(sentence) < 300


def test_plan_follows_the_latest_declaration(tmp_path: Path) -> None:
    at = company(tmp_path, DeclaredAttribute(longest=2))
    hire(at, "ann", account=True, dept="Bar")
    assert written(at) == []
    at.targets[0].declared = {"login": TEXT, "dept": TEXT, "title": TEXT}
    assert written(at) == [("update", {"dept": "Bar"})]
    at.targets[0].declared = None
    assert written(at) == [("update", {"dept": "Bar"})]


def test_declaration_that_cannot_be_read_leaves_the_last_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    at = company(tmp_path, DeclaredAttribute(longest=2))
    hire(at, "ann", account=True, dept="Bar")
    assert written(at) == []

    async def fails() -> None:
        raise ValueError("odd")

    monkeypatch.setattr(at.targets[0], "declared_attributes", fails)
    assert written(at) == []


def test_leaver_leaves_whatever_the_schema_does_not_take(tmp_path: Path) -> None:
    at = company(tmp_path, DeclaredAttribute(longest=2, required=True))
    hire(at, "ann", account=True, dept="Kitchen")
    at.people["ann"]["status"] = "left"
    assert done(at.plan()) == ["deactivate ann"]
