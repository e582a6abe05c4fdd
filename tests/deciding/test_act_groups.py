"""One-off actions on groups: another name, a description, deletion with its members, and what keeps each from being planned."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Capability, Membership, Scope, ScopeKind
from reconcile.decide.act.request import Request, RequestKind
from reconcile.plan.model import OutcomeKind, Plan, Run, Severity
from reconcile.project.config import Protected
from reconcile.usecases.act import NoSuchEntitlement, plan_of_request
from tests.support.companies.targets import DAY, Company, done, give_account, group, mapping, said, target
from tests.support.undoing import inverse

CAN = Capability(group_attributes=frozenset({"name", "description"}), delete_groups=True)
RULE = {"staff": {"group": "staff", "when": "dept = 'lab'"}}

Asked = Callable[..., Plan]


@pytest.fixture
def company(tmp_path: Path) -> Company:
    """Ada and Ben are in staff by a rule, a printer without a person too; pool is empty, and nothing names it."""
    app = target("app", group("g1", "staff"), group("g2", "pool"), group("g3", "synced", "from a directory"), can=CAN)
    made = Company(tmp_path, [app], [mapping("app", groups=RULE)])
    for name in ("ada", "ben"):
        made.hire(name, dept="lab")
        give_account(app, name)
    give_account(app, "printer", "g1")
    made.night()
    made.read()
    return made


@pytest.fixture
def asked(company: Company) -> Asked:
    def ask(kind: RequestKind, *who: str, protected: dict[str, Any] | None = None, **more: Any) -> Plan:
        planner = company.planner()
        file = planner.project.file.model_copy(update={"protected": Protected.model_validate(protected or {})})
        with company.store() as store:
            request = Request(kind, "Jo", "a test", who, **more)
            return plan_of_request(
                replace(planner, project=replace(planner.project, file=file)), store, DAY, request, company.asking(store)
            )

    return ask


def test_group_gets_another_name_and_the_next_night_goes_on_with_it(company: Company, asked: Asked) -> None:
    plan = asked(RequestKind.RENAME_GROUP, "STAFF", to="crew")
    assert done(plan) == ["update_group staff"]
    assert plan.operations[0].because.detail == (
        "rename-group, asked for by Jo: a test. The next run follows groups.staff, which names it, and goes on to mean it. Change the name in the mapping."
    )
    assert [each.kind for each in company.apply(plan)] == [OutcomeKind.DONE]
    assert company.targets[0].entitlements["g1"].name == "crew"
    after = company.plan()
    assert (done(after), len(said(after, "entitlement_name"))) == ([], 1)


def test_new_name_is_undone(company: Company, asked: Asked) -> None:
    plan = asked(RequestKind.RENAME_GROUP, "pool", to="crew")
    outcomes = company.apply(plan)
    back = inverse(plan, Run(id="r1", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes))
    assert [each.kind for each in company.apply(back)] == [OutcomeKind.DONE]
    assert company.targets[0].entitlements["g2"].name == "pool"


def test_description_is_set_and_cleared(company: Company, asked: Asked) -> None:
    plan = asked(RequestKind.DESCRIBE_GROUP, "pool", to="Cars & vans")
    assert (plan.operations[0].before, plan.operations[0].after) == ({"description": ""}, {"description": "Cars & vans"})
    company.apply(plan)
    company.read()
    assert said(asked(RequestKind.DESCRIBE_GROUP, "pool", to="Cars & vans")) == [
        "The description of 'pool' is 'Cars & vans' already: nothing is planned."
    ]
    company.apply(asked(RequestKind.DESCRIBE_GROUP, "pool"))
    assert '"description": ""' in company.targets[0].entitlements["g2"].attributes


def test_deletion_takes_every_member_out_first(company: Company, asked: Asked) -> None:
    plan = asked(RequestKind.DELETE_GROUP, "g1")
    assert sorted(done(plan)[:-1]) == ["remove_member ada staff", "remove_member ben staff", "remove_member printer staff"]
    assert done(plan)[-1] == "delete_group staff"
    assert set(plan.operations[-1].depends_on) == {each.id for each in plan.operations[:-1]}
    outcomes = company.apply(plan)
    assert {each.kind for each in outcomes} == {OutcomeKind.DONE}
    assert "g1" not in company.targets[0].entitlements
    assert plan.operations[-1].because.detail.endswith(
        "The next run follows groups.staff, which names it, and finds no such group, or creates it again. Take the rule out first."
    )
    back = inverse(plan, Run(id="r1", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes))
    assert (done(back), said(back, "not_undone")) == (
        [],
        ["The group 'staff' was deleted, which cannot be undone. Its memberships that the run took cannot come back."],
    )


def test_deletion_says_what_the_next_run_makes_of_it_once_and_names_rules_that_compute_the_name(tmp_path: Path) -> None:
    """Who is taken out of a group that is deleted does not get it back, and a hold on them keeps nothing."""
    app = target("app", group("g1", "dept-lab"), can=CAN)
    made = Company(
        tmp_path, [app], [mapping("app", groups={"departments": {"group_expression": "'dept-' || dept", "when": "dept = 'lab'"}})]
    )
    made.hire("ada", dept="lab")
    give_account(app, "ada")
    made.night()
    made.read()
    with made.store() as store:
        request = Request(RequestKind.DELETE_GROUP, "Jo", "a test", ("dept-lab",))
        plan = plan_of_request(made.planner(), store, DAY, request, made.asking(store))
    assert done(plan) == ["remove_member ada dept-lab", "delete_group dept-lab"]
    asked = "delete-group, asked for by Jo: a test."
    assert [each.because.detail for each in plan.operations] == [
        asked,
        f"{asked} The next run follows groups.departments, which names it, and finds no such group, or creates it again. Take the rule out first.",
    ]


def test_group_that_is_asked_for_twice_is_planned_once(company: Company, asked: Asked) -> None:
    """By its name, in another case and by its id; two rows of one id had one outcome, and an undo forgot the group."""
    assert done(asked(RequestKind.DELETE_GROUP, "pool", "POOL", "g2")) == ["delete_group pool"]
    made = asked(RequestKind.CREATE_GROUP, "crew", "crew")
    assert (done(made), said(made, "not_acted")) == (["create_group crew crew"], [])


def test_request_creates_no_two_groups_that_look_the_same(asked: Asked) -> None:
    made = asked(RequestKind.CREATE_GROUP, "crew", "Crew", "\uff43rew", "\u200b", "\u200c", "staff", "Staff")
    assert done(made) == ["create_group crew crew"]
    assert said(made, "not_acted")[:2] == [
        f"app: {name} looks like 'crew', which this plan creates: it is not created." for name in ("'Crew'", "'\uff43rew'")
    ]
    assert [each.severity for each in made.findings] == [Severity.ATTENTION] * 4 + [Severity.NOTE] * 2


def test_group_that_got_a_member_meanwhile_stays(company: Company, asked: Asked) -> None:
    plan = asked(RequestKind.DELETE_GROUP, "pool")
    company.targets[0].members.add(("app-ada", "g2"))
    (outcome,) = company.apply(plan)
    wanted = "the plan wanted to delete the group 'pool'"
    assert (outcome.kind, outcome.detail) == (OutcomeKind.MOVED, f"the group 'pool' has members; only an empty group is deleted; {wanted}")
    assert "g2" in company.targets[0].entitlements


@pytest.mark.parametrize("name", ["STAFF", "staff\u200b", "\uff53taff"])
def test_no_group_is_created_beside_one_whose_name_looks_the_same(asked: Asked, name: str) -> None:
    plan = asked(RequestKind.CREATE_GROUP, name)
    assert (done(plan), said(plan)) == ([], ["app has a group 'staff' already (g1): nothing is planned."])


def test_group_is_given_another_case_of_its_own_name(asked: Asked) -> None:
    assert done(asked(RequestKind.RENAME_GROUP, "staff", to="Staff")) == ["update_group staff"]


def test_group_of_which_one_member_cannot_leave_stays(company: Company, asked: Asked) -> None:
    plan = asked(RequestKind.DELETE_GROUP, "staff")
    company.targets[0].entitlements["g1"] = company.targets[0].entitlements["g1"]._replace(read_only="from a directory")
    assert {each.kind for each in company.apply(plan)} == {OutcomeKind.FAILED, OutcomeKind.HELD}
    assert "g1" in company.targets[0].entitlements


def test_group_with_a_protected_member_keeps_all_members_and_is_not_deleted(company: Company, asked: Asked) -> None:
    company.targets[0].members.add(("app-ada", "g2"))
    company.read()
    plan = asked(RequestKind.DELETE_GROUP, "staff", "pool", protected={"accounts": {"app": ["printer"]}})
    assert done(plan) == ["remove_member ada pool", "delete_group pool"]
    assert said(plan, "not_acted") == ["The group 'staff' of app has members that are protected or held: it keeps all, and is not deleted."]


@pytest.mark.parametrize(("kind", "to"), [(RequestKind.RENAME_GROUP, "crew"), (RequestKind.DELETE_GROUP, "")])
def test_protected_group_is_neither_renamed_nor_deleted(asked: Asked, kind: RequestKind, to: str) -> None:
    plan = asked(kind, "pool", to=to, protected={"groups": {"app": ["pool"]}})
    does = "update" if to else "delete"
    assert (done(plan), said(plan)) == ([], [f"the group 'pool' is protected; without that, the plan would {does} the group pool."])


@pytest.mark.parametrize(
    ("kind", "who", "to", "sentence"),
    [
        (RequestKind.RENAME_GROUP, "pool", "staff", "app has a group 'staff' already (g1): 'pool' keeps its name."),
        (RequestKind.RENAME_GROUP, "pool", "Staff", "app has a group 'staff' already (g1): 'pool' keeps its name."),
        (RequestKind.RENAME_GROUP, "pool", "\uff53taff", "app has a group 'staff' already (g1): 'pool' keeps its name."),
        (RequestKind.RENAME_GROUP, "pool", "\u200b", "'\\u200b' is no name for a group of app: it shows nothing."),
        (RequestKind.CREATE_GROUP, "\u200b", "", "'\\u200b' is no name for a group of app: it shows nothing."),
        (RequestKind.CREATE_GROUP, "new\ncrew", "", r"'new\ncrew' is no name for a group of app: it has a character that is not seen."),
        (RequestKind.CREATE_GROUP, "\x1bcrew", "", r"'\x1bcrew' is no name for a group of app: it has a character that is not seen."),
        (
            RequestKind.RENAME_GROUP,
            "pool",
            "po\u200bol",
            r"'po\u200bol' is no name for a group of app: it has a character that is not seen.",
        ),
        (RequestKind.RENAME_GROUP, "synced", "crew", "synced: it cannot be changed there (from a directory)."),
        (RequestKind.DELETE_GROUP, "synced", "", "synced: it cannot be deleted there (from a directory)."),
        (RequestKind.DESCRIBE_GROUP, "synced", "x", "synced: it cannot be changed there (from a directory)."),
    ],
)
def test_impossible_change_is_a_note(asked: Asked, kind: RequestKind, who: str, to: str, sentence: str) -> None:
    plan = asked(kind, who, to=to)
    assert (done(plan), said(plan)) == ([], [sentence])
    assert plan.findings[0].severity is Severity.ATTENTION


@pytest.mark.parametrize(
    ("kind", "sentence"),
    [
        (RequestKind.RENAME_GROUP, "app does not change the name of groups: 'pool' stays as it is."),
        (RequestKind.DELETE_GROUP, "app does not delete groups: 'pool' stays."),
    ],
)
def test_target_without_the_capability_says_so(company: Company, asked: Asked, kind: RequestKind, sentence: str) -> None:
    company.targets[0].traits = replace(company.targets[0].traits, can=Capability())
    assert said(asked(kind, "pool", to="crew")) == [sentence]


def test_group_with_a_member_through_another_group_is_not_deleted(company: Company, asked: Asked) -> None:
    company.targets[0].inherited.add(Membership("app-ada", "g2", "all staff"))
    company.read()
    assert said(asked(RequestKind.DELETE_GROUP, "pool")) == [
        "app-ada cannot be taken out of 'pool' by itself, being there through another group or unknown: the group is not deleted."
    ]


def test_group_whose_members_were_not_all_read_is_not_deleted(company: Company, asked: Asked) -> None:
    company.targets[0].broken = {Scope(ScopeKind.MEMBERS, "g2"): "half"}
    company.read()
    plan = asked(RequestKind.DELETE_GROUP, "pool")
    assert (done(plan), "not read completely" in said(plan)[-1]) == ([], True)


def test_pushed_group_gets_its_name_back_and_the_plan_says_so(company: Company, asked: Asked) -> None:
    push = {"all": {"from": "dir", "groups": ["pool"]}}
    company.targets = [*company.targets, target("dir", group("d1", "pool"))]
    company.mappings = [mapping("app", push=push), mapping("dir")]
    company.read()
    (operation,) = asked(RequestKind.RENAME_GROUP, "pool", to="crew", targets=frozenset({"app"})).operations
    assert operation.because.detail.endswith(
        "The next run follows groups.push.all/d1, which names it, and takes this back: the group is pushed from another system. Change it there."
    )


def test_name_of_no_group_is_refused(asked: Asked) -> None:
    with pytest.raises(NoSuchEntitlement):
        asked(RequestKind.DELETE_GROUP, "poool")


def test_group_that_a_rule_would_create_is_no_group_yet(company: Company, asked: Asked) -> None:
    company.mappings = [mapping("app", groups={"new": {"group": "fresh", "when": "dept = 'lab'", "create": True}})]
    with pytest.raises(NoSuchEntitlement):
        asked(RequestKind.RENAME_GROUP, "fresh", to="crew")
    assert done(asked(RequestKind.CREATE_GROUP, "fresh")) == ["create_group fresh fresh"]
