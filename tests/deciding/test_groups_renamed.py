"""A group that was renamed in its application is still that group: it keeps its members, and no new one is created."""

from dataclasses import replace

import duckdb
import pytest

from connectors.contract import AccountState, Capability, Entitlement, EntitlementKind, Scope, ScopeKind
from reconcile.plan.model import FindingKind, Severity
from tests.support.companies.targets import Company, done, give_account, group, mapping, said, target

RULE = {"sales": {"group": "sales", "when": "dept = 'sales'"}}
NEW_TEAM = {"sales": {"group": "sales", "when": "dept = 'sales'", "create": True}}
BY_DEPT = {"dept": {"group_expression": "dept", "create": True}}


@pytest.fixture
def office(tmp_path):
    """Ann and Bob are in sales by a rule, after one night."""

    def make(groups=RULE, **more):
        company = Company(tmp_path, [target("app", group("g1", "sales"), group("g9", "other"))], [mapping(groups=groups, **more)])
        for name in ("ann", "bob"):
            company.hire(name, "sales")
            give_account(company.targets[0], name)
        company.night()
        assert company.targets[0].members == {("app-ann", "g1"), ("app-bob", "g1")}
        return company

    return make


def rename(company, id_, name):
    there = company.targets[0].entitlements
    there[id_] = there[id_]._replace(name=name)


def renamed(plan):
    return [each.message for each in plan.findings if each.kind is FindingKind.ENTITLEMENT_NAME]


SAID = (
    "The group 'sales' of app is named 'Sales EMEA' by now (g1). It is still what groups.sales means, and its memberships go on. "
    "Change the name in the mapping, or rename it back."
)


@pytest.mark.parametrize("rules", [RULE, NEW_TEAM])
def test_members_of_a_renamed_group_stay_and_newcomers_come_into_it(office, rules):
    company = office(rules)
    rename(company, "g1", "Sales EMEA")
    company.hire("cyd", "sales")
    give_account(company.targets[0], "cyd")
    company.people["bob"]["dept"] = "law"
    plan = company.plan()
    assert sorted(done(plan)) == ["add_member cyd Sales EMEA", "remove_member bob Sales EMEA"]
    assert renamed(plan) == [SAID]
    company.apply(plan)
    assert company.targets[0].members == {("app-ann", "g1"), ("app-cyd", "g1")}
    assert done(company.plan()) == []


def test_a_computed_name_still_means_the_group_that_it_meant(office):
    company = office(BY_DEPT)
    rename(company, "g1", "Sales EMEA")
    plan = company.plan()
    assert done(plan) == []
    assert len(renamed(plan)) == 1
    assert "It is still what groups.dept means" in renamed(plan)[0]


def test_a_fully_managed_group_is_managed_under_its_new_name(office):
    company = office(fully_managed=["sales"])
    rename(company, "g1", "Sales EMEA")
    give_account(company.targets[0], "dee", "g1")
    company.hire("dee", "law")
    assert done(company.plan()) == ["remove_member dee Sales EMEA"]


def test_mapping_that_follows_the_rename_changes_nothing_and_forgets_the_old_name(office):
    company = office(NEW_TEAM)
    rename(company, "g1", "Sales EMEA")
    company.mappings = [mapping(groups={"sales": {**NEW_TEAM["sales"], "group": "Sales EMEA"}})]
    plan = company.night()
    assert (done(plan), renamed(plan)) == ([], [])
    # A rule of its own for the old name means a group of its own by now.
    company.mappings = [
        mapping(groups={"new": {"group": "sales", "when": "dept = 'new'", "create": True}, **company.mappings[0]["groups"]})
    ]
    company.hire("eve", "new")
    give_account(company.targets[0], "eve")
    assert done(company.night()) == ["create_group sales", "add_member eve sales"]


def test_a_group_renamed_back_is_as_before(office):
    company = office()
    rename(company, "g1", "Sales EMEA")
    company.night()
    rename(company, "g1", "sales")
    plan = company.plan()
    assert (done(plan), renamed(plan)) == ([], [])


@pytest.mark.parametrize("rules", [RULE, NEW_TEAM, BY_DEPT])
def test_name_taken_over_by_another_group_changes_no_membership(office, rules):
    company = office(rules)
    rename(company, "g1", "Sales EMEA")
    company.targets[0].entitlements["g2"] = group("g2", "sales")
    company.hire("cyd", "sales")
    give_account(company.targets[0], "cyd")
    company.hire("dee", "")
    plan = company.plan()
    assert [line for line in done(plan) if "member" in line or "group" in line] == []
    assert any(
        "the group 'sales' that was meant (g1) is named 'Sales EMEA' by now, and another has its name (g2: say which by id) in app" in each
        for each in said(plan, "entitlement_unknown")
    )


@pytest.mark.parametrize(("id_", "gains"), [("g1", []), ("g2", ["add_member ann sales", "add_member bob sales"])])
def test_the_id_says_which_of_the_two_is_meant(office, id_, gains):
    company = office()
    rename(company, "g1", "Sales EMEA")
    company.targets[0].entitlements["g2"] = group("g2", "sales")
    company.mappings = [mapping(groups={"sales": {"id": id_, "when": "dept = 'sales'"}})]
    plan = company.plan()
    assert [line for line in done(plan) if line.startswith("add")] == gains
    assert said(plan, "entitlement_unknown") == []


def test_a_group_that_was_deleted_and_made_again_is_the_new_one(office):
    company = office()
    there = company.targets[0]
    there.entitlements = {"g2": group("g2", "sales")}
    there.members = set()
    plan = company.plan()
    assert done(plan) == ["add_member ann sales", "add_member bob sales"]
    (finding,) = (each for each in plan.findings if each.kind is FindingKind.ENTITLEMENT_NAME)
    assert finding.severity is Severity.NOTE
    assert finding.message == "The group 'sales' of app that was used before (g1) is gone. Another of that name counts now (g2)."
    company.apply(plan)
    assert renamed(company.plan()) == []


def test_a_group_that_this_job_made_is_known_though_it_was_renamed_before_it_was_read(tmp_path):
    company = Company(tmp_path, [target("app")], [mapping(groups=NEW_TEAM)])
    company.hire("ann", "sales")
    give_account(company.targets[0], "ann")
    assert done(company.night()) == ["create_group sales", "add_member ann sales"]
    (made,) = company.targets[0].entitlements
    rename(company, made, "Sales EMEA")
    plan = company.plan()
    assert done(plan) == []
    assert len(renamed(plan)) == 1


def test_what_a_rule_gave_tells_its_group_where_no_name_is_remembered_yet(office):
    company = office(NEW_TEAM)
    company.read()
    # As an older version leaves the store: it knows what it gave, and no names.
    company.connection.execute("DELETE FROM store.entitlement_name").fetchall()
    rename(company, "g1", "Sales EMEA")
    plan = company.plan()
    assert (done(plan), renamed(plan)) == ([], [SAID])
    company.apply(plan)
    assert company.connection.execute("SELECT name, entitlement_id FROM store.entitlement_name").fetchall() == [("sales", "g1")]


def test_a_name_that_another_rule_had_tells_nothing(office):
    company = office({"emea": {"group": "sales", "when": "dept = 'sales'"}})
    company.connection.execute("DELETE FROM store.entitlement_name").fetchall()
    rename(company, "g1", "Sales EMEA")
    company.mappings = [
        mapping(groups={"emea": {"group": "Sales EMEA", "when": "dept = 'sales'"}, "new": {**NEW_TEAM["sales"], "when": "dept = 'new'"}})
    ]
    company.hire("eve", "new")
    give_account(company.targets[0], "eve")
    assert done(company.plan()) == ["create_group sales", "add_member eve sales"]


def test_a_renamed_group_is_still_the_one_that_another_target_looks_at(tmp_path):
    okta, wiki = target("okta", group("s", "staff")), target("wiki", group("w", "editors"))
    rules = {"editors": {"group": "editors", "if_member_of": {"okta": ["staff"]}}}
    company = Company(tmp_path, [okta, wiki], [mapping("okta"), mapping("wiki", if_member_of={"okta": ["staff"]}, groups=rules)])
    company.hire("ann")
    give_account(okta, "ann", "s")
    company.night()
    assert sorted(each.state for each in wiki.accounts.values()) == [AccountState.ACTIVE]
    okta.entitlements["s"] = group("s", "everybody")
    plan = company.plan()
    assert done(plan) == []
    (sentence,) = renamed(plan)
    assert sentence.startswith("The group 'staff' of okta is named 'everybody' by now (s). It is still what if_member_of means")


def test_a_renamed_app_keeps_its_assignments(tmp_path):
    there = target("app", can=Capability(apps=True))
    there.entitlements["a1"] = Entitlement("a1", EntitlementKind.APP, "CRM")
    company = Company(tmp_path, [there], [mapping(apps={"crm": {"app": "CRM", "when": "dept = 'sales'"}})])
    company.hire("ann", "sales")
    give_account(there, "ann")
    assert done(company.night()) == ["add_member ann CRM"]
    rename(company, "a1", "CRM Europe")
    plan = company.plan()
    assert done(plan) == []
    assert ["The app 'CRM' of app is named 'CRM Europe' by now (a1)" in each for each in renamed(plan)] == [True]


def test_an_unread_list_of_groups_is_no_rename_and_no_end_of_one(office):
    company = office(NEW_TEAM)
    rename(company, "g1", "Sales EMEA")
    company.targets[0].broken = {Scope(ScopeKind.ENTITLEMENTS): "the connection was lost."}
    plan = company.plan()
    assert (done(plan), renamed(plan), plan.names) == ([], [], ())


def test_an_unchanged_night_remembers_nothing_anew(office):
    assert office().plan().names == ()


def test_names_survive_a_lost_store_because_the_journal_has_them(office):
    company = office(NEW_TEAM)
    again = replace(company, connection=duckdb.connect())
    again.project_journal()
    rename(again, "g1", "Sales EMEA")
    plan = again.plan()
    assert (done(plan), renamed(plan)) == ([], [SAID])
