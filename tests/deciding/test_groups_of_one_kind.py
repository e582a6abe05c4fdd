"""How a mapping names a group by its kind where groups of several kinds have one name."""

import pytest

from connectors.contract import Entitlement, EntitlementKind
from mappings.rules import GroupRule
from reconcile.project.limits import Admins, Guards
from tests.support.companies.targets import Company, done, give_account, group, mapping, said, target

OWN, IMPORTED = "OKTA_GROUP", "APP_GROUP"
RULE = {"sales": {"group": "sales", "kind": OWN, "when": "dept = 'sales'"}}


@pytest.fixture
def company(tmp_path):
    def make(*groups, **more):
        made = Company(tmp_path, [target("app", *groups)], [mapping(**more)])
        for name, department in (("ann", "sales"), ("bob", "law")):
            made.hire(name, department)
            give_account(made.targets[0], name)
        return made

    return make


@pytest.mark.parametrize("ids", [("a", "b"), ("b", "a")])
def test_rule_with_a_kind_grants_the_group_of_that_kind(company, ids):
    own, other = ids
    made = company(group(own, "sales", kind=OWN), group(other, "sales", kind=IMPORTED), groups=RULE)
    plan = made.night()
    assert (done(plan), said(plan, "entitlement_name"), said(plan, "entitlement_unknown")) == (["add_member ann sales"], [], [])
    assert made.targets[0].members == {("app-ann", own)}


def test_second_plan_is_empty_after_a_rule_with_a_kind(company):
    made = company(group("a", "sales", kind=OWN), group("b", "sales", kind=IMPORTED), groups=RULE)
    made.night()
    assert done(made.plan()) == []


def test_finding_about_a_shared_name_says_that_id_and_kind_tell_them_apart(company):
    groups = {"sales": {"group": "sales"}}
    plan = company(group("a", "sales", kind=OWN), group("b", "sales", kind=IMPORTED), groups=groups).plan()
    assert done(plan) == []
    assert said(plan, "entitlement_unknown") == [
        (
            "groups.sales cannot be evaluated: 2 groups are named 'sales' (a, kind OKTA_GROUP; b, kind APP_GROUP: say which by id or kind) "
            "in app; its memberships are unchanged. Correct the group, or the rule."
        )
    ]


@pytest.mark.parametrize("kinds", [(OWN, OWN), (OWN, ""), ("", ""), (OWN, "urn:a")])
def test_finding_offers_no_kind_that_would_not_tell_them_apart(company, kinds):
    plan = company(
        *(group(id_, "sales", kind=kind) for id_, kind in zip("ab", kinds, strict=True)), groups={"sales": {"group": "sales"}}
    ).plan()
    assert "2 groups are named 'sales' (a, b: say which by id)" in said(plan, "entitlement_unknown")[0]


def test_two_groups_of_the_kind_remain_a_finding(company):
    plan = company(group("a", "sales", kind=OWN), group("b", "sales", kind=OWN), group("c", "sales", kind=IMPORTED), groups=RULE).plan()
    assert done(plan) == []
    assert "2 groups are named 'sales' (kind OKTA_GROUP) (a, b: say which by id)" in said(plan, "entitlement_unknown")[0]


@pytest.mark.parametrize(("there", "says"), [(IMPORTED, "the kind of what has that name is APP_GROUP"), ("", "is not known")])
def test_kind_that_no_group_of_the_name_has_is_a_finding_with_the_kinds_that_are_there(company, there, says):
    plan = company(group("a", "sales", kind=there), groups=RULE).plan()
    assert done(plan) == []
    assert "there is no group 'sales' (kind OKTA_GROUP); " in said(plan, "entitlement_unknown")[0]
    assert says in said(plan, "entitlement_unknown")[0]


def test_group_of_the_kind_whose_members_cannot_be_changed_is_a_finding(company):
    plan = company(group("a", "sales", kind="MINE"), group("b", "sales", "imported", kind=OWN), groups=RULE).plan()
    assert done(plan) == []
    assert "the group 'sales' (kind OKTA_GROUP) cannot be changed: imported" in said(plan, "entitlement_read_only")[0]


def test_group_named_by_kind_is_followed_when_it_is_renamed(company):
    made = company(group("a", "sales", kind=OWN), group("b", "sales", kind=IMPORTED), groups=RULE)
    made.night()
    made.targets[0].entitlements["a"] = group("a", "field", kind=OWN)
    made.people["bob"]["dept"] = "sales"
    plan = made.night()
    assert (done(plan), made.targets[0].members) == (["add_member bob field"], {("app-ann", "a"), ("app-bob", "a")})
    assert "The group 'sales' (kind OKTA_GROUP) of app is named 'field' by now (a)." in said(plan, "entitlement_name")[0]


def test_lists_name_a_group_by_its_kind(company):
    made = company(group("a", "sales", kind=OWN), group("b", "sales", kind=IMPORTED), groups=RULE, fully_managed=[f"kind:{OWN}:sales"])
    made.targets[0].members = {("app-bob", "a"), ("app-bob", "b")}
    assert done(made.night()) == ["add_member ann sales", "remove_member bob sales"]
    assert made.targets[0].members == {("app-ann", "a"), ("app-bob", "b")}


def test_group_looked_at_by_another_target_is_told_by_its_kind(tmp_path):
    okta, wiki = target("okta", group("s", "staff", kind=OWN), group("t", "staff", "imported", kind=IMPORTED)), target("wiki")
    made = Company(tmp_path, [okta, wiki], [mapping("okta"), mapping("wiki", if_member_of={"okta": [f"kind:{IMPORTED}:staff"]})])
    for name, held in (("ann", "s"), ("bob", "t")):
        made.hire(name)
        give_account(okta, name, held)
    assert done(made.plan()) == ["create bob"]


@pytest.mark.parametrize(("kind", "refused"), [(OWN, []), (IMPORTED, [True])])
def test_guard_of_admins_counts_the_members_of_the_group_of_its_kind(tmp_path, kind, refused):
    there = target("app", group("a", "admins", kind=OWN), group("b", "admins", "imported", kind=IMPORTED))
    guards = Guards(admins={"app": Admins(group=f"kind:{kind}:admins", at_least=1)})
    made = Company(tmp_path, [there], [mapping()], guards=guards)
    for name, held in (("ann", "a"), ("bob", "a"), ("cyd", "b")):
        made.hire(name)
        give_account(there, name, held)
    made.people["cyd"]["status"] = "left"
    refusals = [each.message for each in made.plan().verdicts if each.guard == "app.admins" and not each.passed]
    assert [f"0 of the 1 working members of kind:{kind}:admins would be left" in each for each in refusals] == refused


def test_computed_name_is_never_a_kind(company):
    rule = {"sales": {"group_expression": f"'kind:{OWN}:sales'"}}
    plan = company(group("a", "sales", kind=OWN), groups=rule).plan()
    assert done(plan) == []
    assert "there is no group" in said(plan, "entitlement_unknown")[0]


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ({"id": "a", "kind": OWN}, "kind belongs to the name of a group"),
        ({"group_expression": "dept", "kind": OWN}, "kind belongs to the name of a group"),
        ({"group": "sales", "kind": OWN, "create": True}, "create is for groups that are named without kind"),
        ({"group": "sales", "kind": "urn:a"}, "should match pattern"),
    ],
)
def test_settings_that_contradict_a_kind_are_refused(settings, says):
    with pytest.raises(ValueError, match=says):
        GroupRule(**settings)


def test_change_of_the_kind_alone_is_stored(company):
    made = company(group("a", "sales", kind=OWN), groups=RULE)
    made.read()
    made.targets[0].entitlements["a"] = Entitlement("a", EntitlementKind.GROUP, "sales", type=IMPORTED)
    assert "there is no group 'sales' (kind OKTA_GROUP)" in said(made.plan(), "entitlement_unknown")[0]


def test_group_whose_kind_changed_is_still_the_one_that_was_meant(company):
    made = company(group("a", "sales", kind=OWN), groups=RULE)
    made.night()
    made.targets[0].entitlements["a"] = group("a", "sales", kind="TEAM")
    plan = made.night()
    assert made.targets[0].members == {("app-ann", "a")}
    assert "The group 'sales' (kind OKTA_GROUP) of app is named 'sales' (kind TEAM) by now (a)." in said(plan, "entitlement_name")[0]
