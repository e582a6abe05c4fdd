"""Whole groups of one system are pushed into another: their names, members, renames and ends, without a rule for each."""

from dataclasses import replace
from typing import Any

import pytest

from connectors.contract import Capability, Scope, ScopeKind
from mappings.push import PushRule
from mappings.rules import TargetMapping
from reconcile.decide.capabilities import unsupported_settings
from reconcile.plan.model import FindingKind
from tests.support.companies.targets import TRAITS, Company, done, give_account, group, load_mappings_of, mapping, said, target

CAN = Capability(group_attributes=frozenset({"name", "description"}), delete_groups=True)
PUSH = {"eng": {"from": "okta", "groups": ["eng *", "Platform"], "strip_prefix": "eng ", "names": {"Platform": "platform-eng"}}}


@pytest.fixture
def office(tmp_path):
    """Okta has the groups eng web (ann, bob), eng data (cyd), Platform (ann) and Sales (dee); all four people have accounts in both."""

    def make(push: dict[str, Any] = PUSH, can: Capability = CAN, **more: Any) -> Company:
        okta = target("okta", group("g1", "eng web"), group("g2", "eng data"), group("g3", "Platform"), group("g4", "Sales"))
        app = target("app", group("a1", "data"), group("a2", "other"), can=can)
        company = Company(tmp_path, [okta, app], [mapping("okta"), mapping("app", push=push, **more)])
        for name, held in {"ann": ("g1", "g3"), "bob": ("g1",), "cyd": ("g2",), "dee": ("g4",)}.items():
            company.hire(name)
            give_account(okta, name, *held)
            give_account(app, name)
        return company

    return make


def members(company, name):
    there = company.targets[1]
    ids = [each.id for each in there.entitlements.values() if each.name == name]
    assert len(ids) == 1, name
    return sorted(account.removeprefix("app-") for account, held in there.members if held == ids[0])


def names(company):
    return sorted(each.name for each in company.targets[1].entitlements.values())


def leave(company, name, *groups):
    company.targets[0].members -= {(f"okta-{name}", each) for each in groups}


def join(company, name, *groups):
    company.targets[0].members |= {(f"okta-{name}", each) for each in groups}


def rename(company, id_, name):
    there = company.targets[0].entitlements
    there[id_] = there[id_]._replace(name=name)


def end(company, id_):
    del company.targets[0].entitlements[id_]
    company.targets[0].members = {each for each in company.targets[0].members if each[1] != id_}


def renames(**more):
    return {"eng": {**PUSH["eng"], **more}}


def test_groups_are_pushed_by_pattern_and_by_name_under_their_mapped_names(office):
    company = office()
    plan = company.night()
    assert done(plan) == [
        "create_group platform-eng",
        "create_group web",
        "add_member ann platform-eng",
        "add_member ann web",
        "add_member bob web",
        "add_member cyd data",
    ]
    assert (members(company, "web"), members(company, "data"), members(company, "platform-eng")) == (["ann", "bob"], ["cyd"], ["ann"])
    after = company.plan()
    assert (done(after), said(after)) == ([], [])
    assert plan.operations[2].because.rule == "app: groups.push.eng/g3"
    assert (
        plan.operations[1].because.detail
        == "There is no group 'web', which the group 'eng web' of okta is pushed to by groups.push.eng/g1."
    )


def test_members_follow_the_source_group(office):
    company = office()
    company.night()
    leave(company, "bob", "g1")
    join(company, "dee", "g1")
    assert done(company.night()) == ["add_member dee web", "remove_member bob web"]
    assert (members(company, "web"), done(company.plan())) == (["ann", "dee"], [])


def test_member_from_elsewhere_stays_unless_the_push_is_exact(office):
    company = office()
    company.night()
    company.targets[1].members.add(("app-dee", "a1"))
    assert done(company.plan()) == []
    company.mappings = [mapping("okta"), mapping("app", push=renames(exact=True))]
    assert done(company.night()) == ["remove_member dee data"]


def test_renamed_source_group_renames_the_targets_and_keeps_its_members(office):
    company = office()
    company.night()
    id_ = next(each.id for each in company.targets[1].entitlements.values() if each.name == "web")
    rename(company, "g1", "eng portal & shop")
    plan = company.night()
    assert done(plan) == ["update_group web"]
    assert plan.operations[0].because.detail == "The group 'eng portal & shop' of okta that it is pushed from is named so."
    assert (company.targets[1].entitlements[id_].name, members(company, "portal & shop")) == ("portal & shop", ["ann", "bob"])
    after = company.plan()
    assert (done(after), said(after)) == ([], [])


def test_group_renamed_in_the_target_gets_its_name_back(office):
    company = office()
    company.night()
    there = company.targets[1].entitlements
    there["a1"] = there["a1"]._replace(name="Daten")
    assert done(company.night()) == ["update_group Daten"]
    assert members(company, "data") == ["cyd"]


def test_name_that_another_group_has_is_not_given_and_members_go_on(office):
    company = office()
    company.night()
    rename(company, "g1", "eng other")
    join(company, "dee", "g1")
    assert done(company.night()) == ["add_member dee web"]
    assert members(company, "web") == ["ann", "bob", "dee"]


def test_target_that_does_not_rename_groups_keeps_the_name_and_its_members_follow(office):
    company = office(can=Capability())
    company.night()
    rename(company, "g1", "eng portal")
    join(company, "dee", "g1")
    assert done(company.night()) == ["add_member dee web"]


def test_group_whose_source_is_gone_loses_what_was_given_and_stays(office):
    company = office()
    company.night()
    end(company, "g1")
    assert done(company.plan()) == ["remove_member ann web", "remove_member bob web"]


def test_group_whose_source_is_gone_is_deleted_where_the_rule_says_so(office):
    company = office(renames(delete=True))
    company.night()
    company.night()
    end(company, "g1")
    plan = company.night()
    assert done(plan) == ["remove_member ann web", "remove_member bob web", "delete_group web"]
    assert (set(plan.operations[-1].depends_on), names(company)) == (
        {each.id for each in plan.operations[:-1]},
        ["data", "other", "platform-eng"],
    )
    after = company.plan()
    assert (done(after), said(after)) == ([], [])


def test_group_with_a_member_from_elsewhere_is_not_deleted(office):
    company = office(renames(delete=True))
    company.night()
    company.night()
    end(company, "g2")
    company.targets[1].members.add(("app-dee", "a1"))
    assert done(company.night()) == ["remove_member cyd data"]
    company.targets[1].members.discard(("app-dee", "a1"))
    assert done(company.night()) == ["delete_group data"]


def test_nothing_is_deleted_where_not_every_group_of_the_source_was_read(office):
    company = office(renames(delete=True))
    company.night()
    company.night()
    end(company, "g1")
    company.targets[0].broken = {Scope(ScopeKind.ENTITLEMENTS): "half"}
    assert done(company.plan()) == []
    company.targets[0].broken = {}
    company.targets[0].traits = replace(company.targets[0].traits, whole_groups=False)
    assert done(company.plan()) == ["remove_member ann web", "remove_member bob web"]


def test_members_that_were_not_read_completely_are_kept(office):
    company = office()
    company.night()
    leave(company, "bob", "g1")
    company.targets[0].broken = {Scope(ScopeKind.MEMBERS, "g1"): "half"}
    plan = company.plan()
    assert done(plan) == []
    assert any("were not read completely" in each for each in said(plan, FindingKind.ENTITLEMENT_UNKNOWN))


def test_two_source_groups_of_one_target_name_share_its_group_and_part_when_one_is_renamed(office):
    company = office({"eng": {**PUSH["eng"], "names": {"eng web": "all", "eng data": "all"}}})
    company.night()
    company.night()
    assert members(company, "all") == ["ann", "bob", "cyd"]
    rename(company, "g2", "eng lake")
    assert done(company.night()) == ["create_group lake", "add_member cyd lake", "remove_member cyd all"]
    assert (members(company, "all"), members(company, "lake"), done(company.plan())) == (["ann", "bob"], ["cyd"], [])


def test_entry_that_is_no_group_of_the_source_is_a_finding(office):
    company = office({"eng": {"from": "okta", "groups": ["eng *", "Plattform", "id:g99", "web?"]}})
    assert sorted(each for each in said(company.plan(), FindingKind.ENTITLEMENT_UNKNOWN)) == [
        "push.eng: no group of okta is meant by 'Plattform'. Correct the entry, or leave it out.",
        "push.eng: no group of okta is meant by 'id:g99'. Correct the entry, or leave it out.",
        "push.eng: no group of okta is meant by 'web?'. Correct the entry, or leave it out.",
    ]


@pytest.mark.parametrize(
    ("entry", "name", "meant"),
    [("eng *", "eng web", True), ("eng *", "Eng web", False), ("[a]*", "[a] b", True), ("[a]*", "a b", False), ("id:g1", "x", True)],
)
def test_entry_means_groups_by_name_id_or_pattern(entry, name, meant):
    assert PushRule.model_validate({"from": "okta", "groups": [entry]}).includes("g1", name) is meant


@pytest.mark.parametrize(("source_name", "named"), [("eng web", "web"), ("eng ", "eng "), ("Platform", "platform-eng"), ("web", "web")])
def test_name_in_the_target_follows_the_rule(source_name, named):
    assert PushRule.model_validate(PUSH["eng"]).name_of(source_name) == named


def test_target_that_deletes_no_groups_says_so_of_the_setting():
    mapped = TargetMapping.model_validate(mapping(push=renames(delete=True)))
    assert ("push.eng.delete", "app does not delete groups; leave it out") in list(unsupported_settings(mapped, TRAITS))


def test_source_that_is_no_system_is_a_mistake(tmp_path):
    (problem,) = load_mappings_of(tmp_path, app='[push.eng]\nfrom = "otka"\ngroups = ["*"]', okta="")
    assert "push.eng.from: 'otka' is neither the target of a mapping file nor a source" in problem
