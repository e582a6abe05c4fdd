"""Accounts in one target for the members of a group of another system: after this plan in a target, as it was read in a source."""

from dataclasses import replace

import pytest

from connectors.contract import AccountState, Quarantined, Scope, ScopeKind
from connectors.errors import Rejected
from connectors.memory.connector import MemoryTarget
from reconcile.plan.model import OutcomeKind, Situation
from tests.support.bulk import EVERY
from tests.support.companies.targets import Company, done, give_account, group, load_mappings_of, mapping, said, target

STAFF = {"staff": {"group": "staff", "when": "dept = 'eng'"}}
OF_DIRECTORY = {
    "connector": "okta",
    "anchor": "'no-' || login",
    "where": "record_state = 'active'",
    "attributes": {"name": "login", "dept": "'any'", "title": "NULL"},
}


@pytest.fixture
def office(tmp_path):
    """Everybody has an account in okta; in wiki only the members of staff, whom a rule about departments puts there."""

    def make(okta=STAFF, asked=("staff",), **people):
        directory, wiki = target("okta", group("s", "staff"), group("v", "visitors")), target("wiki")
        mappings = [mapping("okta", groups=okta), mapping("wiki", if_member_of={"okta": list(asked)})]
        made = Company(tmp_path, [directory, wiki], mappings, compared=EVERY)
        for name, dept in people.items():
            made.hire(name, dept)
            give_account(directory, name)
        return made

    return make


@pytest.fixture
def directory(tmp_path):
    """Okta is the only source of people, and no target; wiki has accounts for the members of its group staff."""

    def make(*members, others=(), asked=("staff",)):
        okta, wiki = target("okta", group("s", "staff", "filled from HR"), group("v", "visitors")), target("wiki")
        for name in (*members, *others):
            give_account(okta, name, *(["s"] if name in members else []))
        return Company(
            tmp_path, [okta, wiki], [mapping("wiki", if_member_of={"okta": list(asked)})], sources=[OF_DIRECTORY], compared=EVERY
        )

    return make


def in_wiki(plan):
    each = zip(plan.operations, done(plan), strict=True)
    return [line for operation, line in each if operation.target == "wiki"]


def accounts(company):
    """The accounts of wiki that can be used, by login."""
    return sorted(str(each.attributes["login"]) for each in company.targets[1].accounts.values() if each.state is AccountState.ACTIVE)


def test_only_people_whom_this_plan_puts_into_the_group_get_an_account_and_it_waits_for_that(office):
    plan = office(ann="eng", bob="law").plan()
    assert done(plan) == ["add_member ann staff", "create ann"]
    assert plan.operations[1].depends_on == (plan.operations[0].id,)


def test_account_of_a_present_member_waits_for_nothing(office):
    company = office(ann="eng")
    company.targets[0].members.add(("okta-ann", "s"))
    plan = company.plan()
    assert (done(plan), plan.operations[0].depends_on) == (["create ann"], ())


def test_account_is_held_where_the_membership_fails(office, monkeypatch):
    company = office(ann="eng")
    plan = company.plan()

    async def refuse(*_):
        raise Rejected("not today")

    monkeypatch.setattr(company.targets[0], "add_member", refuse)
    assert [outcome.kind for outcome in company.apply(plan)] == [OutcomeKind.FAILED, OutcomeKind.HELD]
    assert accounts(company) == []


def test_leaving_the_group_deactivates_and_returning_reactivates(office):
    company = office(ann="eng", bob="eng")
    company.night()
    assert accounts(company) == ["ann", "bob"]
    company.people["ann"]["dept"] = "law"
    plan = company.night()
    assert in_wiki(plan) == ["deactivate ann"]
    (leaving,) = (each for each in plan.operations if each.target == "wiki")
    assert leaving.because.situation is Situation.UNQUALIFIED
    assert leaving.because.detail == "ann (no-ann) is active and does not fulfil `in okta: staff`."
    company.people["ann"]["dept"] = "eng"
    plan = company.plan()
    assert done(plan) == ["add_member ann staff", "reactivate ann"]
    assert plan.operations[1].depends_on == (plan.operations[0].id,)
    company.apply(plan)
    assert accounts(company) == ["ann", "bob"]
    assert done(company.plan()) == []


def test_expression_and_group_must_both_hold(office):
    company = office(ann="eng", bob="eng")
    company.mappings[1]["who"] = "name <> 'bob'"
    assert in_wiki(company.plan()) == ["create ann"]


def test_member_of_any_of_several_groups_qualifies(office):
    company = office(asked=("staff", "visitors"), ann="eng", bob="law", cyd="law")
    company.targets[0].members.add(("okta-bob", "v"))
    assert in_wiki(company.plan()) == ["create bob", "create ann"]


def grown(office, **fields):
    """Ann and Bob have accounts in wiki by the group; Bob would leave it, and Cyd would come into it."""
    company = office(ann="eng", bob="eng", **fields)
    company.night()
    company.people["bob"]["dept"] = "law"
    company.hire("cyd", "eng")
    give_account(company.targets[0], "cyd")
    return company


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (Scope(ScopeKind.ACCOUNTS), "okta was not read completely"),
        (Scope(ScopeKind.ENTITLEMENTS), "the groups of okta were not read completely"),
        (Scope(ScopeKind.MEMBERS, "s"), "the members of 'staff' in okta were not read completely"),
    ],
)
def test_group_in_doubt_creates_and_ends_no_account(office, broken, why):
    company = grown(office)
    company.targets[0].broken = {broken: "the connection was lost."}
    plan = company.plan()
    assert in_wiki(plan) == []
    assert any(
        f"Who has an account in wiki cannot be said: {why}. 3 people are frozen (ann (no-ann), bob (no-bob), cyd (no-cyd); 2 accounts)"
        in each
        for each in said(plan, "frozen")
    )
    assert plan.untrusted


@pytest.mark.parametrize(
    ("groups", "why"),
    [
        ([], "there is no group 'staff' in okta"),
        ([group("s2", "staff"), group("s3", "staff")], "2 groups are named 'staff' (s2, s3: say which by id) in okta"),
    ],
)
def test_undecidable_group_ends_no_account(office, groups, why):
    company = grown(office)
    company.targets[0].entitlements = {each.id: each for each in groups}
    plan = company.plan()
    assert in_wiki(plan) == []
    assert any(f"Who has an account in wiki cannot be said: {why}. 3 people are frozen" in each for each in said(plan, "frozen"))
    assert plan.untrusted


def test_leaver_is_deactivated_while_the_group_is_in_doubt(office):
    company = grown(office)
    company.people["ann"]["status"] = "left"
    company.targets[0].broken = {Scope(ScopeKind.MEMBERS, "s"): "the connection was lost."}
    assert in_wiki(company.plan()) == ["deactivate ann"]


def test_member_of_a_group_that_was_read_goes_on_while_another_is_in_doubt(office):
    company = grown(office, asked=("staff", "visitors"))
    company.targets[0].members.add(("okta-cyd", "v"))
    company.targets[0].broken = {Scope(ScopeKind.MEMBERS, "s"): "the connection was lost."}
    plan = company.plan()
    assert in_wiki(plan) == ["create cyd"]
    assert any("2 people are frozen (ann (no-ann), bob (no-bob); 2 accounts)" in each for each in said(plan, "frozen"))


def test_person_about_whom_something_is_undecided_there_is_frozen_and_named(office):
    company = grown(office)
    # Two accounts of Ann's in okta: whose it is has to be decided there first.
    company.connection.execute("DELETE FROM store.link WHERE target = 'okta' AND anchor = 'no-ann'").fetchall()
    give_account(company.targets[0], "ann2", "s")
    company.mappings[0]["correlate"] = [{"account": "login", "identity": "name"}]
    plan = company.plan()
    assert in_wiki(plan) == ["deactivate bob"]
    (sentence,) = (each for each in said(plan, "policy") if "rests on groups of okta" in each)
    assert "ann (no-ann)" in sentence


def test_members_in_a_source_without_a_mapping_have_accounts(directory):
    company = directory("ann", "bob", others=["cyd"])
    assert done(company.night()) == ["create ann", "create bob"]
    assert done(company.plan()) == []
    company.targets[0].members -= {("okta-ann", "s")}
    company.targets[0].members |= {("okta-cyd", "s")}
    assert sorted(done(company.night())) == ["create cyd", "deactivate ann"]
    assert accounts(company) == ["bob", "cyd"]


@pytest.mark.parametrize("scope", [Scope(ScopeKind.ACCOUNTS), Scope(ScopeKind.ENTITLEMENTS), Scope(ScopeKind.MEMBERS, "s")])
def test_a_source_that_was_half_read_costs_no_member_an_account(directory, scope):
    company = directory("ann", "bob", others=["cyd"])
    company.night()
    company.targets[0].members = {("okta-cyd", "s")}
    company.targets[0].broken = {scope: "the connection was lost."}
    plan = company.plan()
    assert done(plan) == []
    assert plan.untrusted


class Nameless(MemoryTarget):
    """Shows one account more, of which it cannot be said whose it is."""

    lost = False

    def decode(self, page):
        rows = super().decode(page)
        if self.lost and page.scope.kind is ScopeKind.ACCOUNTS:
            *records, last = rows.records
            return replace(rows, records=records, quarantined=[Quarantined("row 1", "", "has no id", last.attributes)])
        return rows


def test_a_row_that_a_source_lost_may_be_a_members(directory):
    company = directory("ann", "bob", others=["cyd", "zoe"])
    okta = company.targets[0]
    company.targets[0] = whole = Nameless("okta", okta.traits, okta.accounts.values(), okta.entitlements.values(), okta.members)
    company.night()
    whole.lost, whole.members = True, {("okta-ann", "s"), ("okta-cyd", "s")}
    plan = company.plan()
    assert done(plan) == ["create cyd"]
    assert any("Who has an account in wiki cannot be said: okta was not read completely" in each for each in said(plan, "frozen"))


def test_group_unknown_to_the_source_ends_no_account(directory):
    company = directory("ann", "bob")
    company.night()
    company.targets[0].entitlements = {"v": group("v", "visitors")}
    plan = company.plan()
    assert done(plan) == []
    assert any("there is no group 'staff' in okta. 2 people are frozen" in each for each in said(plan, "frozen"))


def test_rules_of_groups_may_look_at_a_source(directory):
    company = directory("ann", others=["bob"])
    company.targets[1].entitlements["e"] = group("e", "editors")
    company.mappings = [mapping("wiki", groups={"editors": {"group": "editors", "if_member_of": {"okta": ["staff"]}}})]
    assert done(company.night()) == ["create ann", "create bob", "add_member ann editors"]


def test_targets_whose_accounts_rest_on_each_other_are_a_mistake_that_names_them(tmp_path):
    problems = load_mappings_of(tmp_path, okta='if_member_of = { wiki = ["x"] }', wiki='if_member_of = { okta = ["y"] }')
    assert ["okta look at those of wiki look at those of okta" in problem for problem in problems] == [True]


def test_a_system_that_is_neither_target_nor_source_is_a_mistake_with_its_line(tmp_path):
    (problem,) = load_mappings_of(tmp_path, wiki='if_member_of = { okat = ["y"] }', okta="")
    assert (
        "wiki.toml:3: if_member_of: 'okat' is neither the target of a mapping file nor a source in identities.toml; did you mean 'okta'?"
        in problem
    )
