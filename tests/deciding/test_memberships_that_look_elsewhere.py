"""Rules of one target about groups of another see their members after this plan; an undecided membership changes nothing."""

import pytest

from connectors.contract import AccountState, Membership, Scope, ScopeKind
from connectors.errors import Rejected
from reconcile.plan.model import OutcomeKind
from tests.support.bulk import EVERY
from tests.support.companies.targets import Company, done, give_account, group, load_mappings_of, mapping, said, target

ENG = {"eng": {"group": "eng", "when": "dept = 'eng'"}}
WIKI = {"wiki": {"group": "editors", "if_member_of": {"okta": ["eng", "ops"]}}}


@pytest.fixture
def company(tmp_path):
    """`company(okta rules, app rules, **people)`: two targets where everybody has accounts; `app` is decided before `okta` by name."""

    def make(okta=ENG, app=WIKI, accounts=("okta", "app"), **people):
        first = target("okta", group("e", "eng"), group("o", "ops"))
        second = target("app", group("w", "editors"))
        made = Company(tmp_path, [first, second], [mapping("okta", groups=okta), mapping("app", groups=app)], compared=EVERY)
        for name, dept in people.items():
            made.hire(name, dept)
            for each in made.targets:
                if each.name in accounts:
                    give_account(each, name)
        return made

    return make


def okta(office):
    return office.targets[0]


def app(office):
    return office.targets[1]


def shown(plan):
    return [f"{operation.target}: {line}" for operation, line in zip(plan.operations, done(plan), strict=True)]


def test_addition_in_the_other_target_grants_dependent_memberships_that_wait_for_it(company):
    plan = company(ann="eng", bob="law").plan()
    assert shown(plan) == ["okta: add_member ann eng", "app: add_member ann editors"]
    assert plan.operations[1].depends_on == (plan.operations[0].id,)
    assert plan.operations[1].because.detail == "Granted by wiki (in okta: eng or ops)."


def test_member_of_one_of_the_groups_waits_for_nothing(company):
    office = company(ann="eng", bob="law")
    okta(office).members |= {("okta-ann", "o"), ("okta-bob", "o")}
    plan = office.plan()
    assert shown(plan) == ["app: add_member ann editors", "app: add_member bob editors", "okta: add_member ann eng"]
    assert [operation.depends_on for operation in plan.operations] == [(), (), ()]


def test_removal_in_the_other_target_removes_dependent_memberships(company):
    office = company(ann="eng")
    office.night()
    assert (okta(office).members, app(office).members) == ({("okta-ann", "e")}, {("app-ann", "w")})
    office.people["ann"]["dept"] = "law"
    assert shown(office.night()) == ["app: remove_member ann editors", "okta: remove_member ann eng"]
    assert shown(office.plan()) == []


def test_indirect_member_counts_as_a_member(company):
    office = company(ann="law")
    okta(office).inherited = {Membership("okta-ann", "e", "staff")}
    assert shown(office.plan()) == ["app: add_member ann editors"]


def test_an_account_that_this_plan_creates_there_counts(company):
    plan = company(accounts=("app",), ann="eng").plan()
    assert shown(plan) == ["okta: create ann", "okta: add_member ann eng", "app: add_member ann editors"]
    assert plan.operations[2].depends_on == (plan.operations[1].id,)


def test_the_id_of_an_account_there_is_never_taken_for_one_here(company):
    office = company(accounts=(), ann="eng")
    office.night()
    assert (okta(office).members, app(office).members) == ({("m1", "e")}, {("m1", "w")})
    app(office).accounts.clear()


def test_a_group_that_this_plan_creates_there_counts(company):
    rules = {"new": {"group": "new", "when": "dept = 'eng'", "create": True}}
    office = company(okta=rules, app={"wiki": {"group": "editors", "if_member_of": {"okta": ["new"]}}}, ann="eng", bob="law")
    assert shown(office.plan()) == ["okta: create_group new", "okta: add_member ann new", "app: add_member ann editors"]


def test_where_the_addition_there_fails_the_one_here_is_held(company, monkeypatch):
    office = company(ann="eng")
    plan = office.plan()

    async def refuse(*_):
        raise Rejected("not today")

    monkeypatch.setattr(okta(office), "add_member", refuse)
    assert [outcome.kind for outcome in office.apply(plan)] == [OutcomeKind.FAILED, OutcomeKind.HELD]
    assert app(office).members == set()


def test_what_another_rule_grants_in_any_case_waits_for_nothing(company):
    plan = company(app={**WIKI, "all": {"group": "editors"}}, ann="eng").plan()
    assert [operation.depends_on for operation in plan.operations if operation.target == "app"] == [()]


def test_both_conditions_of_a_rule_must_hold(company):
    rules = {"wiki": {"group": "editors", "when": "title = 'chief'", "if_member_of": {"okta": ["eng"]}}}
    office = company(app=rules, ann="eng", bob="eng")
    office.people["bob"]["title"] = "chief"
    plan = office.plan()
    assert [line for line in shown(plan) if line.startswith("app")] == ["app: add_member bob editors"]
    assert plan.operations[-1].because.detail == "Granted by wiki (title = 'chief', in okta: eng)."


def test_a_computed_group_may_rest_on_another_target_too(company):
    office = company(app={"teams": {"group_expression": "'editors'", "if_member_of": {"okta": ["eng"]}}}, ann="eng", bob="law")
    plan = office.plan()
    assert shown(plan) == ["okta: add_member ann eng", "app: add_member ann editors"]
    assert plan.operations[1].depends_on == (plan.operations[0].id,)


def held_by_ann_and_bob(company, **fields):
    """Ann is an editor by the ledger; so is Bob, whom the rule would not name any more. Cyd would become one."""
    office = company(ann="eng", bob="eng", **fields)
    office.night()
    office.hire("cyd", "eng")
    give_account(app(office), "cyd")
    give_account(okta(office), "cyd", "e")
    office.people["bob"]["dept"] = "law"
    return office


@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (
            Scope(ScopeKind.ACCOUNTS),
            "okta was not read completely. People who hold what it grants in app keep it, and no person gets it by this rule.",
        ),
        (
            Scope(ScopeKind.ENTITLEMENTS),
            "the groups of okta were not read completely. People who hold what it grants in app keep it, and no person gets it by this rule.",
        ),
        (
            Scope(ScopeKind.MEMBERS, "e"),
            "the members of 'eng' in okta were not read completely. People who hold what it grants in app keep it, and only members of its other groups get it.",
        ),
    ],
)
def test_what_was_not_read_there_changes_nothing_here(company, broken, why):
    office = held_by_ann_and_bob(company)
    okta(office).broken = {broken: "the connection was lost."}
    plan = office.plan()
    assert [line for line in shown(plan) if line.startswith("app")] == []
    assert said(plan, "entitlement_unknown") == [f"groups.wiki cannot be evaluated: {why}"]


def test_member_of_a_group_that_was_read_completely_gets_what_another_group_would_give_too(company):
    office = held_by_ann_and_bob(company)
    okta(office).members.add(("okta-cyd", "o"))
    okta(office).broken = {Scope(ScopeKind.MEMBERS, "e"): "the connection was lost."}
    assert [line for line in shown(office.plan()) if line.startswith("app")] == ["app: add_member cyd editors"]


@pytest.mark.parametrize(
    ("others", "why"),
    [
        ([], "there is no group 'eng' in okta"),
        ([group("e2", "eng"), group("e3", "eng")], "2 groups are named 'eng' (e2, e3: say which by id) in okta"),
    ],
)
def test_a_group_there_that_is_not_one_is_never_taken_for_one_without_members(company, others, why):
    office = held_by_ann_and_bob(company)
    okta(office).entitlements = {"o": group("o", "ops"), **{each.id: each for each in others}}
    plan = office.plan()
    assert [line for line in shown(plan) if line.startswith("app")] == []
    assert any(f"groups.wiki cannot be evaluated: {why}. People who hold" in sentence for sentence in said(plan))


def test_what_another_rule_grants_is_given_also_where_one_cannot_be_followed(company):
    office = held_by_ann_and_bob(company, app={**WIKI, "law": {"group": "editors", "when": "dept = 'law'"}})
    office.hire("dee", "law")
    for each in office.targets:
        give_account(each, "dee")
    okta(office).broken = {Scope(ScopeKind.MEMBERS, "e"): "the connection was lost."}
    assert [line for line in shown(office.plan()) if line.startswith("app")] == ["app: add_member dee editors"]


def test_in_a_fully_managed_group_others_stay_too_while_the_rule_cannot_be_followed(company):
    office = held_by_ann_and_bob(company)
    office.mappings[1]["fully_managed"] = ["editors"]
    okta(office).broken = {Scope(ScopeKind.MEMBERS, "e"): "the connection was lost."}
    plan = office.plan()
    assert [line for line in shown(plan) if line.startswith("app")] == []
    assert not any("fully_managed cannot be evaluated" in sentence for sentence in said(plan))


def test_leaver_loses_it_although_the_rule_cannot_be_evaluated(company):
    office = held_by_ann_and_bob(company)
    office.people["ann"]["status"] = "left"
    okta(office).broken = {Scope(ScopeKind.ACCOUNTS): "the connection was lost."}
    assert shown(office.plan()) == ["app: remove_member ann editors", "app: deactivate ann"]


def test_person_undecided_in_the_other_target_keeps_the_membership_and_is_named(company):
    office = held_by_ann_and_bob(company)
    # The accounts of Ann and Cyd in okta were staged by hand: they wait, so that nothing is planned for them there.
    office.people["ann"]["dept"] = office.people["cyd"]["dept"] = "law"
    for name in ("ann", "cyd"):
        del okta(office).accounts[f"okta-{name}"]
        okta(office).members -= {(f"okta-{name}", "e")}
    office.connection.execute("DELETE FROM store.link WHERE target = 'okta' AND anchor = 'no-cyd'").fetchall()
    give_account(okta(office), "cyd", "e", state=AccountState.STAGED)
    plan = office.plan()
    assert [line for line in shown(plan) if line.startswith("app")] == ["app: remove_member bob editors"]
    (sentence,) = (each for each in said(plan, "policy") if each.startswith("What groups.wiki"))
    assert sentence == (
        "What groups.wiki grants in app rests on groups of okta, where something about ann (no-ann), cyd (no-cyd) is to be decided first. "
        "Until then they keep what they have by it, and get nothing."
    )


def test_person_without_a_working_account_is_in_none_of_its_groups(company):
    office = company(ann="eng", bob="eng")
    office.night()
    office.mappings[0]["who"] = "name <> 'ann'"
    lines = shown(office.plan())
    assert "app: remove_member ann editors" in lines
    assert "okta: deactivate ann" in lines


def test_a_plan_without_such_rules_is_in_the_order_it_was(company):
    office = company(app={}, ann="eng")
    assert [census.target for census in office.plan().census] == ["app", "okta"]


def test_targets_that_look_at_one_another_in_a_circle_are_a_mistake(tmp_path):
    problems = load_mappings_of(
        tmp_path,
        okta='[groups.x]\ngroup = "eng"\nif_member_of = { app = ["editors"] }',
        app='[groups.y]\ngroup = "editors"\nif_member_of = { okta = ["eng"] }',
    )
    assert ["app -> okta -> app" in problem or "app look at those of okta look at those of app" in problem for problem in problems] == [
        True
    ]


def test_a_target_that_looks_at_its_own_groups_is_a_mistake(tmp_path):
    assert len(load_mappings_of(tmp_path, okta='[groups.x]\ngroup = "eng"\nif_member_of = { okta = ["ops"] }')) == 1


def test_a_target_that_has_no_mapping_is_a_mistake_with_its_line(tmp_path):
    (problem,) = load_mappings_of(tmp_path, okta='[groups.x]\ngroup = "eng"\nif_member_of = { app = ["editors"], "oktaa" = ["a"] }', app="")
    assert "okta.toml:5" in problem
    assert "'oktaa' is neither the target of a mapping file nor a source in identities.toml; did you mean 'okta'?" in problem


@pytest.mark.parametrize("empty", ["{ app = [] }", '["eng"]'])
def test_groups_to_look_at_are_named(tmp_path, empty):
    assert load_mappings_of(tmp_path, okta=f'[groups.x]\ngroup = "eng"\nif_member_of = {empty}', app="")
