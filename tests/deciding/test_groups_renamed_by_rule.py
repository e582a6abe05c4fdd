"""A group whose people all get one new name is renamed where its rule says so, and only where the reads prove that it is the same group."""

from typing import Any

import pytest

from connectors.contract import Capability, Scope, ScopeKind
from mappings.rules import TargetMapping
from reconcile.decide.capabilities import unsupported_settings
from reconcile.plan.model import OutcomeKind, Verb
from tests.support.companies.targets import TRAITS, Company, done, give_account, group, load_mappings_of, mapping, said, target

CAN = Capability(group_attributes=frozenset({"name", "description"}), delete_groups=True, stage=True)
BY_DEPT = {"dept": {"group_expression": "nullif(dept, '')", "create": True, "rename": True}}
CREATES = ["create_group commercial", "add_member ann commercial", "add_member bob commercial", "add_member cyd commercial"]
LEAVES = ["remove_member ann sales", "remove_member bob sales", "remove_member cyd sales"]


@pytest.fixture
def office(tmp_path):
    """Ann, Bob and Cyd are in the group sales by a rule, Dee in law, after one night."""

    def make(rules: dict[str, Any] = BY_DEPT, **more: Any) -> Company:
        company = Company(tmp_path, [target("app", group("g9", "other"), can=CAN)], [mapping(groups=rules, **more)])
        for name, dept in {"ann": "sales", "bob": "sales", "cyd": "sales", "dee": "law"}.items():
            company.hire(name, dept)
            give_account(company.targets[0], name)
        company.night()
        return company

    return make


def move(company, dept, *names):
    for name in names:
        company.people[name]["dept"] = dept


def members(company, name):
    there = company.targets[0]
    id_ = next(each.id for each in there.entitlements.values() if each.name == name)
    return sorted(account.removeprefix("app-") for account, held in there.members if held == id_)


def sales_id(company):
    return next(each.id for each in company.targets[0].entitlements.values() if each.name == "sales")


def test_group_of_a_renamed_department_is_renamed_and_keeps_its_members(office):
    company = office()
    id_ = sales_id(company)
    move(company, "commercial", "ann", "bob", "cyd")
    plan = company.night()
    assert done(plan) == ["update_group sales"]
    operation = plan.operations[0]
    assert (operation.before, operation.after, operation.entitlement_id) == ({"name": "sales"}, {"name": "commercial"}, id_)
    assert operation.because.detail == "groups.dept put 3 people into the group, and gives all of them the new name; rename = true."
    assert (company.targets[0].entitlements[id_].name, members(company, "commercial")) == ("commercial", ["ann", "bob", "cyd"])
    assert (done(company.plan()), said(company.plan())) == ([], [])


def test_newcomers_join_and_leavers_leave_the_renamed_group(office):
    company = office()
    move(company, "commercial", "ann", "bob")
    move(company, "law", "dee")
    company.people["cyd"]["status"] = "left"
    company.hire("eve", "commercial")
    give_account(company.targets[0], "eve")
    plan = company.night()
    assert done(plan) == ["remove_member cyd commercial", "deactivate cyd", "update_group sales", "add_member eve commercial"]
    assert members(company, "commercial") == ["ann", "bob", "eve"]
    assert done(company.plan()) == []


def test_old_name_means_a_new_group_after_the_rename(office):
    company = office()
    move(company, "commercial", "ann", "bob", "cyd")
    company.night()
    move(company, "sales", "cyd")
    assert done(company.night()) == ["create_group sales", "add_member cyd sales", "remove_member cyd commercial"]
    assert (members(company, "sales"), members(company, "commercial")) == (["cyd"], ["ann", "bob"])


def test_without_the_rule_a_group_is_created_and_memberships_move(office):
    company = office({"dept": {**BY_DEPT["dept"], "rename": False}})
    move(company, "commercial", "ann", "bob", "cyd")
    assert done(company.plan()) == [*CREATES, *LEAVES]


def divided(company):
    move(company, "commercial", "ann", "bob")
    move(company, "support", "cyd")


def one_stays(company):
    move(company, "commercial", "ann", "bob")


def one_newcomer_gets_the_old_name(company):
    move(company, "commercial", "ann", "bob", "cyd")
    company.hire("eve", "sales")


def merged(company):
    company.hire("eve", "law")
    give_account(company.targets[0], "eve")
    company.night()
    move(company, "commercial", "ann", "bob", "cyd", "dee", "eve")


def name_is_taken(company):
    move(company, "other", "ann", "bob", "cyd")


def most_get_nothing(company):
    move(company, "commercial", "ann", "bob")
    company.hire("fay", "sales")
    company.hire("guy", "sales")
    for name in ("fay", "guy"):
        give_account(company.targets[0], name)
    move(company, "sales", "ann", "bob")
    company.night()
    move(company, "commercial", "ann", "bob")
    move(company, "", "cyd", "fay", "guy")


def name_differs_from_anothers_by_case(company):
    move(company, "LAW", "ann", "bob", "cyd")


@pytest.mark.parametrize(
    "world",
    [divided, one_stays, one_newcomer_gets_the_old_name, merged, name_is_taken, most_get_nothing, name_differs_from_anothers_by_case],
)
def test_group_is_not_renamed_where_that_is_not_proven(office, world):
    company = office()
    world(company)
    plan = company.plan()
    assert not [each for each in plan.operations if each.verb is Verb.UPDATE_GROUP]


def test_one_person_who_moves_does_not_take_the_group_along(office):
    company = office()
    move(company, "notary", "dee")
    assert done(company.plan()) == ["create_group notary", "add_member dee notary", "remove_member dee law"]


@pytest.mark.parametrize(
    "more",
    [
        {"rules": {**BY_DEPT, "all": {"group": "sales", "when": "name = 'ann'"}}},
        {"fully_managed": ["sales"]},
    ],
)
def test_group_that_the_mapping_names_is_not_renamed(office, more):
    company = office(**more)
    move(company, "commercial", "ann", "bob", "cyd")
    assert "create_group commercial" in done(company.plan())
    assert "update_group sales" not in done(company.plan())


def test_group_whose_members_were_not_all_read_is_not_renamed(office):
    company = office()
    company.targets[0].broken = {Scope(ScopeKind.MEMBERS, sales_id(company)): "half"}
    move(company, "commercial", "ann", "bob", "cyd")
    assert not [each for each in company.plan().operations if each.verb is Verb.UPDATE_GROUP]


def test_letters_of_a_name_that_change_case_rename_the_group(office):
    company = office()
    move(company, "Sales", "ann", "bob", "cyd")
    assert done(company.night()) == ["update_group sales"]
    assert members(company, "Sales") == ["ann", "bob", "cyd"]


def test_group_that_was_renamed_meanwhile_is_left_alone_and_its_members_are_kept(office):
    company = office()
    move(company, "commercial", "ann", "bob", "cyd")
    company.hire("eve", "commercial")
    give_account(company.targets[0], "eve")
    plan = company.plan()
    id_ = sales_id(company)
    company.targets[0].entitlements[id_] = company.targets[0].entitlements[id_]._replace(name="Vertrieb")
    outcomes = {each.operation_id: each for each in company.apply(plan)}
    first = outcomes[plan.operations[0].id]
    wanted = "the plan wanted name 'commercial' in place of 'sales'"
    assert (first.kind, first.detail) == (OutcomeKind.MOVED, f"the name of the group was 'sales' and is 'Vertrieb' now; {wanted}")
    assert [each.kind for each in outcomes.values()] == [OutcomeKind.MOVED] * 2
    assert members(company, "Vertrieb") == ["ann", "bob", "cyd"]


def test_name_that_another_group_got_meanwhile_is_not_given_twice(office):
    company = office()
    move(company, "commercial", "ann", "bob", "cyd")
    plan = company.plan()
    company.targets[0].entitlements["g8"] = group("g8", "commercial")
    outcome = company.apply(plan)[0]
    wanted = "the plan wanted name 'commercial' in place of 'sales'"
    assert (outcome.kind, outcome.detail) == (
        OutcomeKind.MOVED,
        f"another group is named 'commercial' by now; the plan did not see it; {wanted}",
    )


def test_rename_that_failed_is_planned_again(office):
    company = office()
    move(company, "commercial", "ann", "bob", "cyd")
    plan = company.plan()
    company.targets[0].entitlements["g8"] = group("g8", "commercial")
    company.apply(plan)
    del company.targets[0].entitlements["g8"]
    assert done(company.night()) == ["update_group sales"]
    assert done(company.plan()) == []


def test_target_that_does_not_rename_groups_says_so_of_the_setting():
    rules = {"dept": {"group_expression": "dept", "create": True, "rename": True}}
    mapped = TargetMapping.model_validate(mapping(groups=rules))
    assert ("groups.dept.rename", "app does not rename groups; leave it out") in list(unsupported_settings(mapped, TRAITS))


@pytest.mark.parametrize("rule", ['group = "sales"\ncreate = true', 'group_expression = "name"'])
def test_rename_is_for_rules_that_compute_and_create(tmp_path, rule):
    assert "rename is for rules that compute the names of groups" in str(
        load_mappings_of(tmp_path, app=f"[groups.x]\n{rule}\nrename = true")
    )
