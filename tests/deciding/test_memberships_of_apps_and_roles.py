"""Apps and roles are given and taken as groups are: by the union of rules, what this job gave, and what is declared fully managed."""

from dataclasses import replace

import pytest
from pydantic import ValidationError

from connectors.contract import Capability, Entitlement, EntitlementKind, Membership
from connectors.memory.state import MemoryAccount
from mappings.problems import BadConfiguration
from mappings.rules import TargetMapping
from reconcile.decide.changes.ended_by_hand import SHOWN
from reconcile.plan.model import FindingKind, Severity
from reconcile.report.run_summary import hand_lines, summarize
from tests.support.companies.targets import Company, done, give_account, group, mapping, said, target

WIKI = Entitlement("app:w", EntitlementKind.APP, "Wiki")


@pytest.fixture
def company(tmp_path):
    """`company(rules, *entitlements, **people)`: one target whose apps are read and whose accounts have roles."""

    def make(rules, *entitlements, **people):
        app = target("app", *entitlements, can=Capability(apps=True))
        app.traits = replace(app.traits, roles="roles")
        made = Company(tmp_path, [app], [mapping(**rules)])
        for name, dept in people.items():
            made.hire(name, dept)
            give_account(app, name)
        return made

    return make


def give_roles(office, name, *roles):
    account = office.targets[0].accounts[f"app-{name}"]
    office.targets[0].accounts[account.id] = MemoryAccount(account.id, account.state, {**account.attributes, "roles": list(roles)})


def roles_of(office):
    return {name: each.attributes.get("roles", []) for name, each in office.targets[0].accounts.items()}


def by_hand(plan):
    return [each for each in plan.findings if each.kind is FindingKind.BY_HAND]


APPS = {"apps": {"wiki": {"app": "Wiki", "when": "dept = 'sales'"}}}
ROLES = {"roles": {"editors": {"role": "editor", "when": "dept = 'sales'"}}}


def test_an_app_is_given_remembered_and_taken(company):
    office = company(APPS, WIKI, ann="sales", bob="law")
    plan = office.night("run-1")
    assert done(plan) == ["add_member ann Wiki"]
    assert (plan.operations[0].entitlement_kind, plan.operations[0].because.rule) == ("app", "app: apps.wiki")
    assert plan.operations[0].because.detail == "Granted by apps.wiki (dept = 'sales')."
    office.people["ann"]["dept"] = "law"
    plan = office.night()
    assert done(plan) == ["remove_member ann Wiki"]
    assert plan.operations[0].because.detail == "Granted by apps.wiki in the run run-1; no rule grants it any more."
    assert office.targets[0].members == set()


def test_an_assignment_that_a_group_gives_is_neither_repeated_nor_taken(company):
    office = company({**APPS, "fully_managed_apps": ["Wiki"]}, WIKI, ann="sales", bob="law")
    office.targets[0].inherited = {Membership("app-ann", "app:w", "a group"), Membership("app-bob", "app:w", "a group")}
    plan = office.plan()
    assert done(plan) == []
    assert said(plan)[0].startswith("The app 'Wiki' is fully managed, and through a group it comes to bob, to whom no rule grants it.")


def test_in_a_fully_managed_app_others_lose_it(company):
    office = company({**APPS, "fully_managed_apps": ["Wiki"]}, WIKI, ann="sales", bob="law")
    office.targets[0].members.add(("app-bob", "app:w"))
    plan = office.plan()
    assert done(plan) == ["add_member ann Wiki", "remove_member bob Wiki"]
    assert plan.operations[1].because.detail == "The app is declared fully managed, and no rule grants it to this person."


def test_a_group_is_no_app_of_the_same_name(company):
    plan = company(APPS, group("g1", "Wiki"), ann="sales").plan()
    assert (done(plan), said(plan)) == (
        [],
        ["apps.wiki cannot be evaluated: there is no app 'Wiki' in app; its memberships are unchanged. Correct the app, or the rule."],
    )


def test_an_app_that_cannot_be_changed_is_a_finding(company):
    plan = company(APPS, WIKI._replace(read_only="it is not active"), ann="sales").plan()
    assert (done(plan), "the app 'Wiki' cannot be changed: it is not active" in said(plan)[0]) == ([], True)


def test_role_without_a_holder_is_given(company):
    office = company(ROLES, ann="sales", bob="law")
    plan = office.night()
    assert done(plan) == ["add_member ann editor"]
    assert roles_of(office) == {"app-ann": ["editor"], "app-bob": []}
    assert done(office.plan()) == []


def test_of_the_roles_of_others_only_those_that_this_job_gave_are_taken(company):
    office = company(ROLES, ann="sales")
    give_roles(office, "ann", "admin")
    office.night()
    assert roles_of(office) == {"app-ann": ["admin", "editor"]}
    office.people["ann"]["dept"] = "law"
    assert done(office.night()) == ["remove_member ann editor"]
    assert roles_of(office) == {"app-ann": ["admin"]}


def test_fully_managed_role_is_removed_where_no_rule_grants_it(company):
    office = company({**ROLES, "fully_managed_roles": ["editor"]}, ann="sales", bob="law")
    give_roles(office, "bob", {"value": "editor", "display": "Editor"}, {"value": "admin"})
    assert done(office.plan()) == ["add_member ann editor", "remove_member bob editor"]


@pytest.mark.parametrize("held", ["Editor", "edi tor"])
def test_role_that_differs_from_a_held_one_by_case_or_space_alone_is_a_finding(company, held):
    office = company(ROLES, ann="sales", bob="law")
    give_roles(office, "bob", held)
    plan = office.plan()
    assert done(plan) == []
    assert f"'editor' differs by case or space alone from the role {held!r}" in said(plan)[0]


def test_a_new_account_gets_its_role_after_it_was_created(company):
    office = company(ROLES)
    office.hire("ann", "sales")
    plan = office.night()
    assert done(plan) == ["create ann", "add_member ann editor"]
    assert roles_of(office) == {"m1": ["editor"]}


def test_leaver_loses_apps_and_roles_that_this_job_gave(company):
    office = company({**APPS, **ROLES}, WIKI, ann="sales")
    office.night()
    office.people["ann"]["status"] = "left"
    assert done(office.night()) == ["remove_member ann Wiki", "remove_member ann editor", "deactivate ann"]
    assert (office.targets[0].members, roles_of(office)) == (set(), {"app-ann": []})


def test_a_leaver_is_listed_once_with_the_apps_to_end_by_hand_whatever_gives_them(company):
    why = '{"by_hand": "Okta does not deactivate accounts in it"}'
    shop, chat = WIKI._replace(id="app:s", name="Shop", attributes=why), WIKI._replace(id="app:c", name="Chat", attributes=why)
    office = company(APPS, WIKI, shop, chat, ann="sales", bob="law")
    office.targets[0].inherited = {Membership(f"app-{name}", "app:c", "a group") for name in ("ann", "bob")}
    office.targets[0].members.add(("app-ann", "app:s"))
    assert by_hand(office.night()) == []
    office.people["ann"]["status"] = "left"
    plan = office.night()
    (found,) = by_hand(plan)
    assert (found.target, found.anchor, found.account_id, found.severity) == ("app", "no-ann", "app-ann", Severity.ATTENTION)
    apps = "Chat (Okta does not deactivate accounts in it), Shop (Okta does not deactivate accounts in it)."
    assert found.message.startswith("End the access of ")
    assert found.message.endswith(f" by hand in 2 apps: {apps}")
    summary = summarize(plan, None, at="2026-11-22T02:31:07+00:00")
    assert hand_lines(summary) == [f"BY HAND  app: {found.message}"]
    assert by_hand(office.night()) == []


def test_of_very_many_apps_to_end_by_hand_the_first_are_named(company):
    shops = [WIKI._replace(id=f"app:{number}", name=f"Shop {number:02}", attributes='{"by_hand": "no"}') for number in range(SHOWN + 2)]
    office = company(APPS, WIKI, *shops, ann="sales")
    office.targets[0].inherited = {Membership("app-ann", shop.id, "a group") for shop in shops}
    office.night()
    office.people["ann"]["status"] = "left"
    (found,) = by_hand(office.night())
    assert "by hand in 22 apps: Shop 00 (no), " in found.message
    assert found.message.endswith(", Shop 19 (no) and 2 more.")


@pytest.mark.parametrize(
    ("rules", "sentence"),
    [
        (APPS, "the apps of app are not read"),
        ({"fully_managed_apps": ["Wiki"]}, "the apps of app are not read"),
        (ROLES, "the accounts of app have no roles"),
    ],
)
def test_a_rule_about_what_the_target_does_not_have_is_a_mistake_of_the_mapping(company, rules, sentence):
    office = company(rules, WIKI, ann="sales")
    office.targets[0].traits = replace(office.targets[0].traits, roles="", can=Capability())
    with pytest.raises(BadConfiguration, match=sentence):
        office.plan()


def test_roles_are_stated_by_rules_or_as_an_attribute_and_not_by_both(company):
    office = company({**ROLES, "attributes": {"login": "name", "roles": "[dept]"}}, ann="sales")
    with pytest.raises(BadConfiguration, match="state them there or here"):
        office.plan()


@pytest.mark.parametrize("rule", [{"apps": {"wiki": {"app": ""}}}, {"roles": {"x": {"role": "a", "create": True}}}])
def test_a_rule_names_its_app_or_role_and_creates_neither(rule):
    with pytest.raises(ValidationError):
        TargetMapping.model_validate(mapping(**rule))


def test_guard_refuses_to_empty_a_fully_managed_role_of_many(company):
    people = {f"p{number}": "law" for number in range(11)}
    office = company({**ROLES, "fully_managed_roles": ["editor"]}, **people)
    for name in people:
        give_roles(office, name, "editor")
    plan = office.plan()
    assert len(done(plan)) == len(people)
    assert [verdict.guard for verdict in plan.verdicts if not verdict.passed] == ["app.groups.remove_member"]


@pytest.mark.parametrize("kind", ["apps", "roles"])
def test_leaver_loses_a_fully_managed_app_or_role_as_its_last_holder(company, kind):
    rules = {"apps": {**APPS, "fully_managed_apps": ["Wiki"]}, "roles": {**ROLES, "fully_managed_roles": ["editor"]}}[kind]
    office = company(rules, WIKI, ann="sales")
    office.targets[0].members = {("app-ann", "app:w")} if kind == "apps" else set()
    give_roles(office, "ann", *(["editor"] if kind == "roles" else []))
    office.people["ann"]["status"] = "left"
    assert [each.split()[0] for each in done(office.plan())] == ["remove_member", "deactivate"]
