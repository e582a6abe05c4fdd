"""Which group a name means where several have it, and how a mapping says which."""

import pytest

from connectors.contract import Capability, Entitlement, EntitlementKind
from mappings.rules import AppRule, GroupRule
from tests.support.companies.targets import Company, done, give_account, group, mapping, said, target

IMPORTED = "imported from a directory"


@pytest.fixture
def company(tmp_path):
    def make(*groups, rules, **more):
        made = Company(tmp_path, [target("app", *groups)], [mapping(groups=rules, **more)])
        made.hire("ann", "sales")
        give_account(made.targets[0], "ann")
        return made

    return make


@pytest.mark.parametrize("rule", [{"group": "sales"}, {"group_expression": "dept"}, {"group": "sales", "create": True}])
@pytest.mark.parametrize("ids", [("a", "b"), ("b", "a")])
def test_rule_means_the_one_group_whose_members_can_be_changed(company, rule, ids):
    own, imported = ids
    made = company(group(own, "sales"), group(imported, "sales", IMPORTED), rules={"sales": rule})
    plan = made.night()
    assert done(plan) == ["add_member ann sales"]
    assert made.targets[0].members == {("app-ann", own)}
    assert said(plan, "entitlement_name") == [
        f"2 groups of app are named 'sales' (a, b). {own} counts: it alone has members that can be changed."
    ]


@pytest.mark.parametrize("rule", [{"group": "sales"}, {"group_expression": "dept"}])
@pytest.mark.parametrize("read_only", ["", IMPORTED])
def test_rule_is_not_followed_where_no_group_stands_out(company, rule, read_only):
    made = company(group("a", "sales", read_only), group("b", "sales", read_only), rules={"sales": rule})
    plan = made.plan()
    assert done(plan) == []
    assert any("2 groups are named 'sales' (a, b: say which by id) in app" in each for each in said(plan, "entitlement_unknown"))


@pytest.mark.parametrize("rule", [{"group": "sales"}, {"group_expression": "dept"}])
def test_group_whose_members_cannot_be_changed_is_a_finding(company, rule):
    plan = company(group("a", "sales", IMPORTED), rules={"sales": rule}).plan()
    assert done(plan) == []
    assert [IMPORTED in each for each in said(plan, "entitlement_read_only")] == [True]


def test_id_says_which_group_is_meant_in_rules_and_in_lists(company):
    made = company(group("a", "sales"), group("b", "sales"), rules={"sales": {"id": "b", "when": "dept = 'sales'"}}, fully_managed=["id:b"])
    made.hire("bob", "law")
    give_account(made.targets[0], "bob", "a", "b")
    plan = made.night()
    assert (done(plan), said(plan, "entitlement_unknown")) == (["add_member ann sales", "remove_member bob sales"], [])
    assert made.targets[0].members == {("app-ann", "b"), ("app-bob", "a")}


def test_id_that_is_not_there_is_a_finding(company):
    plan = company(group("a", "sales"), rules={"sales": {"id": "zz"}}).plan()
    assert done(plan) == []
    assert said(plan, "entitlement_unknown") == [
        "groups.sales cannot be evaluated: there is no group with the id 'zz' in app; its memberships are unchanged. Correct the group, or the rule."
    ]


def test_id_of_an_app_is_no_id_of_a_group(company):
    made = company(group("a", "sales"), rules={"sales": {"id": "p"}})
    made.targets[0].entitlements["p"] = Entitlement("p", EntitlementKind.APP, "CRM")
    assert "there is no group with the id 'p'" in said(made.plan(), "entitlement_unknown")[0]


def test_id_says_which_app_is_meant(tmp_path):
    there = target("app", can=Capability(apps=True))
    there.entitlements = {each: Entitlement(each, EntitlementKind.APP, "CRM") for each in ("p", "q")}
    made = Company(tmp_path, [there], [mapping(apps={"crm": {"id": "q"}})])
    made.hire("ann")
    give_account(there, "ann")
    made.night()
    assert there.members == {("app-ann", "q")}


def test_computed_name_is_never_an_id(company):
    plan = company(group("a", "admins"), rules={"sales": {"group_expression": "'id:a'"}}).plan()
    assert done(plan) == []
    assert "there is no group 'id:a'" in said(plan, "entitlement_unknown")[0]


def test_group_that_was_used_before_counts_when_another_gets_its_name(company):
    made = company(group("a", "sales"), rules={"sales": {"group": "sales"}})
    made.night()
    made.targets[0].entitlements["b"] = group("b", "sales")
    plan = made.plan()
    assert done(plan) == []
    assert said(plan, "entitlement_name") == ["2 groups of app are named 'sales' (a, b). a counts: it was used before."]


def test_group_looked_at_by_another_target_is_told_by_its_id(tmp_path):
    okta, wiki = target("okta", group("s", "staff"), group("t", "staff")), target("wiki")
    made = Company(tmp_path, [okta, wiki], [mapping("okta"), mapping("wiki", if_member_of={"okta": ["id:t"]})])
    for name, held in (("ann", "s"), ("bob", "t")):
        made.hire(name)
        give_account(okta, name, held)
    assert done(made.plan()) == ["create bob"]


@pytest.mark.parametrize(
    "fields",
    [{}, {"group": "a", "id": "b"}, {"id": "b", "group_expression": "dept"}, {"id": "b", "create": True}],
)
def test_rule_of_a_group_says_in_one_way_which_it_is(fields):
    with pytest.raises(ValueError, match=r"give either group|create is for groups"):
        GroupRule.model_validate(fields)


@pytest.mark.parametrize("fields", [{}, {"app": "a", "id": "b"}])
def test_rule_of_an_app_says_in_one_way_which_it_is(fields):
    with pytest.raises(ValueError, match="give either app"):
        AppRule.model_validate(fields)


def test_check_says_which_group_counts_and_which_cannot_be_told(company):
    groups = group("a", "sales"), group("b", "sales", IMPORTED), group("c", "ops"), group("d", "ops")
    made = company(*groups, rules={"sales": {"group": "sales"}, "ops": {"group": "ops"}})
    made.read()
    found = made.checked()
    assert [each.problem for each in found.checks if "(a, b). a counts: it alone has members that can be changed" in each.what] == [""]
    assert any("2 groups are named 'ops' (c, d: say which by id)" in each.problem for each in found.checks)


def test_check_refuses_accounts_for_members_of_a_group_that_is_not_there(company):
    made = company(group("a", "sales"), rules={})
    made.targets = [*made.targets, target("wiki")]
    made.mappings = [*made.mappings, mapping("wiki", if_member_of={"app": ["nobody"]})]
    made.read()
    assert any(
        "Who has an account in wiki cannot be said: there is no group 'nobody' in app" in each.problem for each in made.checked().checks
    )
