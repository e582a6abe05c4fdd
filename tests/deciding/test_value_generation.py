"""Values with several candidates: `jsmith`, then `jsmith2`; kept by the account that has one, and never given twice."""

import shutil
from importlib.resources import files

import pytest

from mappings.load import load_mappings
from mappings.problems import BadConfiguration
from mappings.rules import AttributeRule
from reconcile.plan.model import FindingKind, Verb
from tests.support.companies.columns import world
from tests.support.companies.engine import Lab, lab
from tests.support.companies.world import World
from tests.support.words import words

PLAIN = "lower(left(first, 1) || last)"
CANDIDATES = {"expression": PLAIN, "otherwise": ["lower(first || '.' || last)", f"{PLAIN} || number"], "unique": True}
LOGIN = {"login": {**CANDIDATES, "create_only": True}}
JOHN, JANE, JIM = ({"first": first, "last": "Smith"} for first in ("John", "Jane", "Jim"))


def office(people: dict[str, dict], held: dict[str, str], attributes: dict | None = None, **rest) -> World:
    """Who there is, and the login of each account."""
    return world(people, {id_: {"login": login} for id_, login in held.items()}, attributes or LOGIN, **rest)


def new_logins(plan) -> dict[str, str]:
    return {each.anchor: each.after["login"] for each in plan.operations if each.verb is Verb.CREATE}


def planned(bench: Lab):
    bench.extract()
    return bench.plan()


def test_the_first_candidate_is_taken_where_it_is_free(tmp_path):
    with lab(office({"E1": JOHN}, {}), tmp_path) as bench:
        assert new_logins(planned(bench)) == {"E1": "jsmith"}


def test_namesakes_choose_in_the_order_of_their_anchors(tmp_path):
    with lab(office({"E3": JIM, "E1": JOHN, "E2": JOHN, "E4": JOHN}, {}), tmp_path) as bench:
        plan = planned(bench)
        assert new_logins(plan) == {"E1": "jsmith", "E2": "john.smith", "E3": "jim.smith", "E4": "jsmith2"}
        reasons = {each.anchor: each.because.detail for each in plan.operations}
        assert reasons["E4"].endswith("login is 'jsmith2', because 'jsmith' is taken.")
        assert "taken" not in reasons["E1"]


@pytest.mark.parametrize("state", ["active", "deactivated", "staged"])
def test_what_an_account_of_any_state_holds_is_not_free(tmp_path, state):
    with lab(office({"E1": JOHN}, {"stranger": " JSmith", "other": "john.smith"}, states={"stranger": state}), tmp_path) as bench:
        assert new_logins(planned(bench)) == {"E1": "jsmith2"}


def test_earlier_candidate_that_became_free_causes_no_rename(tmp_path):
    attributes = {"login": "anchor", "nick": CANDIDATES}
    accounts = {"E1": {"login": "E1", "nick": "jsmith17"}, "E2": {"login": "E2", "nick": "John.Smith"}}
    with lab(world({"E1": JOHN, "E2": JOHN}, accounts, attributes), tmp_path) as bench:
        assert planned(bench).operations == ()


def test_a_value_that_is_no_candidate_any_more_is_changed_for_one(tmp_path):
    attributes = {"login": "anchor", "nick": CANDIDATES}
    accounts = {"E1": {"login": "E1", "nick": "jdoe"}, "E2": {"login": "E2", "nick": "jsmith"}}
    with lab(world({"E1": JANE, "E2": JOHN}, accounts, attributes), tmp_path) as bench:
        plan = planned(bench)
        (change,) = plan.operations
        assert (change.anchor, dict(change.before), dict(change.after)) == ("E1", {"nick": "jdoe"}, {"nick": "jane.smith"})
        assert change.because.detail.endswith("or the next candidate that is free. nick is 'jane.smith', because 'jsmith' is taken.")
        bench.apply(plan)
        assert planned(bench).operations == ()


def test_what_is_chosen_on_create_only_is_never_chosen_again(tmp_path):
    with lab(office({"E1": JANE, "E2": JANE}, {"E1": "jdoe"}), tmp_path) as bench:
        plan = planned(bench)
        assert new_logins(plan) == {"E2": "jsmith"}
        assert len(plan.operations) == 1


def test_an_immutable_login_that_is_one_of_the_candidates_is_right(tmp_path):
    with lab(office({"E1": JANE}, {"E1": "jsmith2"}, {"login": CANDIDATES}), tmp_path) as bench:
        plan = planned(bench)
        assert (plan.operations, plan.findings) == ((), ())


def test_an_immutable_login_that_is_none_of_them_is_a_finding(tmp_path):
    with lab(office({"E1": JANE}, {"E1": "jdoe"}, {"login": CANDIDATES}), tmp_path) as bench:
        plan = planned(bench)
        assert plan.operations == ()
        assert [each.kind for each in plan.findings] == [FindingKind.IMMUTABLE]


def test_person_without_a_free_candidate_is_reported_and_blocks_no_other(tmp_path):
    only_one = {"login": {"expression": PLAIN, "otherwise": ["lower(last)"], "unique": True, "required": True}}
    with lab(office({"E1": JOHN, "E2": JANE, "E3": JIM}, {}, only_one), tmp_path) as bench:
        plan = planned(bench)
        assert new_logins(plan) == {"E1": "jsmith", "E2": "smith"}
        (finding,) = plan.findings
        assert (finding.kind, finding.anchor) == (FindingKind.NOT_UNIQUE, "E3")
        assert "Every candidate for the login of E3 (E3) ('jsmith' and those after it) is taken." in finding.message


def test_after_the_last_number_nothing_is_free(tmp_path):
    held = {"a": "jsmith", "b": "john.smith", **{f"n{number}": f"jsmith{number}" for number in range(2, 99)}}
    with lab(office({"E1": JOHN, "E2": JOHN}, held), tmp_path) as bench:
        plan = planned(bench)
        assert new_logins(plan) == {"E1": "jsmith99"}
        assert [each.anchor for each in plan.findings if each.kind is FindingKind.NOT_UNIQUE] == ["E2"]


def test_a_candidate_that_is_empty_is_passed_over(tmp_path):
    rule = {"expression": "nick", "otherwise": ["''", "lower(last)"], "unique": True}
    people = {"E1": {**JOHN, "nick": None}, "E2": {"first": "Ann", "last": "Lee", "nick": "ann"}}
    with lab(office(people, {}, {"login": rule}), tmp_path) as bench:
        assert new_logins(planned(bench)) == {"E1": "smith", "E2": "ann"}


def test_person_without_any_candidate_lacks_the_value(tmp_path):
    rule = {"expression": "nick", "otherwise": ["nick || number"], "unique": True}
    with lab(office({"E1": {"nick": None}}, {}, {"login": rule}), tmp_path) as bench:
        plan = planned(bench)
        assert [each.kind for each in plan.findings] == [FindingKind.REQUIRED]


def test_first_candidate_of_one_person_alone_goes_to_that_person(tmp_path):
    """E9's first candidate is what E2 would have tried next."""
    odd = {"first": "J", "last": "Smith2"}
    with lab(office({"E1": JOHN, "E2": {**JOHN, "first": "J"}, "E9": odd}, {"x": "j.smith"}), tmp_path) as bench:
        assert new_logins(planned(bench)) == {"E1": "jsmith", "E2": "jsmith3", "E9": "jsmith2"}


def test_kept_value_releases_the_first_candidate(tmp_path):
    """E1 keeps jsmith2, so E2 alone has jsmith first; E0 would have tried it second."""
    rule = {"expression": "first", "otherwise": ["last", "first || number"], "unique": True}
    people = {"E0": {"first": "jim", "last": "jsmith"}, "E1": {"first": "jsmith", "last": "x"}, "E2": {"first": "jsmith", "last": "y"}}
    with lab(office(people, {"E1": "jsmith2", "s": "jim"}, {"login": rule}), tmp_path) as bench:
        assert new_logins(planned(bench)) == {"E0": "jim2", "E2": "jsmith"}


def test_a_second_account_that_is_made_for_a_vanished_one_chooses_anew(tmp_path):
    with lab(office({"E1": JOHN}, {"x": "jsmith"}, links={"E1": "gone"}, recreate_missing=True), tmp_path) as bench:
        assert new_logins(planned(bench)) == {"E1": "john.smith"}


def test_several_attributes_choose_each_for_itself(tmp_path):
    attributes = {**LOGIN, "nick": {**CANDIDATES, "otherwise": ["last || number"]}, "first": "first"}
    with lab(office({"E1": JOHN, "E2": JOHN}, {}, attributes), tmp_path) as bench:
        made = {each.anchor: dict(each.after) for each in planned(bench).operations}
        assert made == {
            "E1": {"login": "jsmith", "nick": "jsmith", "first": "John"},
            "E2": {"login": "john.smith", "nick": "Smith2", "first": "John"},
        }


def test_only_what_is_unique_has_other_candidates():
    with pytest.raises(ValueError, match="unique = true"):
        AttributeRule(expression="a", otherwise=["b"])


@pytest.fixture
def told(tmp_path):
    """What is wrong with the shipped mappings after an edit."""
    for entry in files("mappings").iterdir():
        if entry.name.endswith(".toml") and entry.name != "reconcile.toml":
            shutil.copy(str(entry), tmp_path)

    def after(edits: dict[str, tuple[str, str]]) -> str:
        for name, (old, new) in edits.items():
            text = (tmp_path / name).read_text()
            assert old in text
            (tmp_path / name).write_text(text.replace(old, new, 1))
        with pytest.raises(BadConfiguration) as stopped:
            load_mappings(tmp_path, words(), frozenset({"workers", "contractors", "okta", "wiki"}), {}.get)
        return str(stopped.value)

    return after


def test_only_the_last_candidate_counts(told):
    rule = 'city = { expression = "city", unique = true, otherwise = ["city || number", "title || numbr"] }'
    sentences = told({"okta.toml": ('city = "city"', rule)})
    assert "attributes.city.otherwise.0: there is no column 'number'" in sentences
    assert "attributes.city.otherwise.1: there is no column 'numbr'" in sentences


def test_an_attribute_of_people_that_is_called_number_stands_in_the_way(told):
    sentences = told(
        {
            "identities.toml": ("city = ", "number = "),
            "okta.toml": ('city = "city"', 'city = { expression = "title", unique = true, otherwise = ["title || number"] }'),
        }
    )
    assert "attributes.city.otherwise: can count with 'number', which identities.toml uses for an attribute" in sentences
