"""Groups that a rule creates: when, under which name, and what waits for them."""

import asyncio

import pytest

from connectors.contract import Capability
from connectors.errors import Rejected
from reconcile.plan.model import OutcomeKind, Verb
from reconcile.project.limits import Limit
from tests.support.companies.targets import WIDE, Company, done, give_account, group, mapping, said, target

TEAMS = {"teams": {"group_expression": "nullif(dept, '')", "create": True, "description": "One department"}}
SALES = {"sales": {"group": "sales", "when": "dept = 'sales'", "create": True}}


@pytest.fixture
def company(tmp_path):
    """A company of one target: `company(groups, rules, **people)`."""

    def make(groups=(), rules=TEAMS, can=None, **people):
        made = Company(tmp_path, [target("app", *groups, can=can)], [mapping(groups=rules)])
        for name, dept in people.items():
            made.hire(name, dept)
            give_account(made.targets[0], name)
        return made

    return make


def members(of):
    names = {each.id: each.name for each in of.targets[0].entitlements.values()}
    return {(account, names[held]) for account, held in of.targets[0].members}


def test_a_group_is_created_once_and_its_members_wait_for_it(company):
    office = company(ann="sales", bob="sales", cyd="law")
    plan = office.plan()
    assert done(plan) == [
        "create_group law",
        "create_group sales",
        "add_member ann sales",
        "add_member bob sales",
        "add_member cyd law",
    ]
    created = {each.entitlement: each.id for each in plan.operations if each.verb is Verb.CREATE_GROUP}
    assert [each.depends_on for each in plan.operations[2:]] == [(created["sales"],), (created["sales"],), (created["law"],)]
    assert plan.operations[1].after == {"name": "sales", "description": "One department"}
    assert plan.operations[1].because.detail == "There is no group 'sales', and groups.teams says create = true."


def test_what_was_planned_is_there_afterwards_and_the_next_plan_is_empty(company):
    office = company(ann="sales", cyd="law")
    office.night()
    assert members(office) == {("app-ann", "sales"), ("app-cyd", "law")}
    assert done(office.plan()) == []


def test_a_member_of_a_new_group_is_in_the_ledger_under_its_real_id(company):
    office = company(rules=SALES, ann="sales")
    office.night("run-7")
    office.people["ann"]["dept"] = "law"
    plan = office.plan()
    assert done(plan) == ["remove_member ann sales"]
    assert plan.operations[0].because.detail == "Granted by groups.sales in the run run-7; no rule grants it any more."


def test_a_new_group_comes_before_a_new_account_and_its_membership_waits_for_both(company):
    office = company(rules=SALES)
    office.hire("dee", "sales")
    plan = office.plan()
    assert done(plan) == ["create_group sales", "create dee", "add_member dee sales"]
    assert set(plan.operations[2].depends_on) == {plan.operations[0].id, plan.operations[1].id}
    office.apply(plan)
    assert members(office) == {("m1", "sales")}


def test_group_without_members_is_not_created(company):
    assert done(company(rules=SALES, ann="law").plan()) == []


def test_without_create_a_missing_group_is_a_finding(company):
    plan = company(rules={"sales": {"group": "sales"}}, ann="sales").plan()
    assert (done(plan), said(plan)) == (
        [],
        [
            "groups.sales cannot be evaluated: there is no group 'sales' in app; its memberships are unchanged. Correct the group, or the rule."
        ],
    )


@pytest.mark.parametrize("near", ["Sales", "sales ", "S ales"])
def test_a_name_that_differs_by_case_or_space_alone_is_a_finding_and_not_a_second_group(company, near):
    plan = company([group("g1", near)], ann="sales").plan()
    assert done(plan) == []
    (sentence,) = said(plan)
    assert sentence == (
        f"groups.teams cannot be evaluated: 'sales' differs by case or space alone from the group {near!r} in app; "
        "1 person should hold it, and keeps what the rule gave before. Correct the group, or the rule."
    )


@pytest.mark.parametrize("near", ["Cafe\u0301", "Caf\u00e9\u200b", "\uff23afe\u0301", "cafe\u0301 "])
def test_a_name_that_looks_like_that_of_another_group_is_a_finding_and_not_a_second_group(company, near):
    plan = company([group("g1", near)], ann="Caf\u00e9").plan()
    assert done(plan) == []
    assert f"'Caf\u00e9' differs by unseen or look-alike characters alone from the group {near!r} in app" in said(plan)[0]


def test_two_new_names_that_look_the_same_are_findings_both(company):
    plan = company(ann="Caf\u00e9", bob="Cafe\u0301", cyd="law").plan()
    assert (done(plan), len(said(plan))) == (["create_group law", "add_member cyd law"], 2)


def test_a_name_that_shows_nothing_is_no_name_for_a_group(company):
    plan = company(ann="\u200b", bob="law").plan()
    assert done(plan) == ["create_group law", "add_member bob law"]
    assert "'\\u200b' is no name for a group" in said(plan)[0]


@pytest.mark.parametrize("name", ["law\nand order", "law\x1b[2K", "\x00law"])
def test_a_name_with_a_control_character_is_no_name_for_a_group(company, name):
    plan = company(ann=name, bob="crew").plan()
    assert done(plan) == ["create_group crew", "add_member bob crew"]
    assert "has a control character or a line break: it is no name for a group" in said(plan)[0]


def test_two_new_names_that_differ_by_case_alone_are_findings_both(company):
    plan = company(ann="sales", bob="Sales", cyd="law").plan()
    assert done(plan) == ["create_group law", "add_member cyd law"]
    assert [sentence.partition(" in app")[0] for sentence in said(plan)] == [
        "groups.teams cannot be evaluated: 'Sales' and 'sales' differ by case or space alone",
        "groups.teams cannot be evaluated: 'sales' and 'Sales' differ by case or space alone",
    ]


def test_a_read_only_group_of_the_name_is_not_created_again(company):
    plan = company([group("g1", "sales", "it is built in")], ann="sales").plan()
    assert (done(plan), len(said(plan, "entitlement_read_only"))) == ([], 1)


def test_a_rule_without_create_uses_a_group_that_another_rule_creates(company):
    plan = company(rules={"all": {"group": "sales"}, **SALES}, ann="sales", bob="law").plan()
    assert done(plan) == ["create_group sales", "add_member ann sales", "add_member bob sales"]


def test_a_target_that_cannot_create_groups_says_so(company):
    plan = company(rules=SALES, can=Capability(create_groups=False), ann="sales").plan()
    assert done(plan) == []
    assert said(plan)[0].startswith("groups.sales cannot be evaluated: there is no group 'sales', and groups cannot be created in app;")


def test_more_than_twenty_new_groups_are_refused(company):
    office = company(**{f"p{number}": f"team {number}" for number in range(21)})
    plan = office.plan()
    refusal = next(verdict for verdict in plan.verdicts if not verdict.passed)
    assert (refusal.guard, refusal.count) == ("app.create_group", 21)
    assert refusal.message.startswith("Refused: 21 groups would be created in app; the limit is 20. Among them team 0, team 1, team 10, ")
    office.guards = WIDE.model_copy(update={"create_group": Limit(count=21)})
    assert not office.plan().refused


def test_a_group_that_appeared_meanwhile_is_used(company):
    office = company(rules=SALES, ann="sales")
    plan = office.plan()
    office.targets[0].entitlements["g9"] = group("g9", "sales")
    assert [each.kind for each in office.apply(plan)] == [OutcomeKind.ALREADY, OutcomeKind.DONE]
    assert office.targets[0].members == {("app-ann", "g9")}


@pytest.mark.parametrize("others", [[group("g8", "sales", "fed by a rule")], [group("g8", "sales"), group("g9", "sales")]])
def test_a_group_that_appeared_and_cannot_be_used_holds_its_members(company, others):
    office = company(rules=SALES, ann="sales")
    plan = office.plan()
    office.targets[0].entitlements |= {each.id: each for each in others}
    assert [each.kind for each in office.apply(plan)] == [OutcomeKind.MOVED, OutcomeKind.HELD]


def test_where_the_group_is_refused_its_members_are_held_and_the_others_go_on(company, monkeypatch):
    office = company(ann="sales", cyd="law")
    plan = office.plan()
    create = office.targets[0].create_group

    async def picky(name, description):
        if name == "law":
            raise Rejected("law is not allowed")
        return await create(name, description)

    monkeypatch.setattr(office.targets[0], "create_group", picky)
    kinds = dict(zip(done(plan), [each.kind for each in office.apply(plan)], strict=True))
    assert kinds == {
        "create_group law": OutcomeKind.FAILED,
        "create_group sales": OutcomeKind.DONE,
        "add_member ann sales": OutcomeKind.DONE,
        "add_member cyd law": OutcomeKind.HELD,
    }


def test_a_run_that_was_interrupted_behind_the_group_goes_on_with_it(company, monkeypatch):
    office = company(rules=SALES, ann="sales")
    plan = office.plan()
    first = office.targets[0]

    async def cut(*_):
        raise asyncio.CancelledError

    monkeypatch.setattr(first, "add_member", cut)
    with pytest.raises(asyncio.CancelledError):
        office.apply(plan, "run-9")
    monkeypatch.undo()
    outcomes = office.resume(plan, "run-9")
    assert [each.kind for each in outcomes] == [OutcomeKind.DONE, OutcomeKind.DONE]
    assert members(office) == {("app-ann", "sales")}
