"""Nobody is added to a group that has another name than the plan was reviewed with; who loses a membership loses it all the same."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest

from connectors.contract import Capability
from connectors.errors import Forbidden, Rejected, Unreachable
from connectors.memory.connector import MemoryTarget
from reconcile.apply.preview import preview
from reconcile.plan.approval import Approval, RowDecision
from reconcile.plan.model import OutcomeKind, Verb
from reconcile.store.plans.files import load, save
from tests.support.batching_memory import BatchingMemory
from tests.support.companies.targets import TRAITS, Company, done, give_account, group, mapping
from tests.support.creating_memory import CreatingMemory

CAN = Capability(group_attributes=frozenset({"name"}))
READERS = {"readers": {"group": "wiki-readers", "when": "dept = 'law'"}, "staff": {"group": "staff"}}
BY_DEPT = {"dept": {"group_expression": "nullif(dept, '')", "create": True, "rename": True}}
SAID = "the name of the group was 'wiki-readers' and is 'prod-admins' now"
KINDS = pytest.mark.parametrize("kind", [MemoryTarget, BatchingMemory, CreatingMemory])


class ByNameAlone(MemoryTarget):
    """A target that finds groups by name, and does not show single ones."""

    read_group = None


class Counting(BatchingMemory):
    """Counts the reads of single groups."""

    reads: list[str]

    async def read_group(self, group_id):
        self.reads.append(group_id)
        return await super().read_group(group_id)


class Silent(MemoryTarget):
    """A target that does not show single groups, for some reason."""

    reason: Exception

    async def read_group(self, group_id):  # noqa: ARG002 - the same for all
        raise self.reason


def company(folder, kind=MemoryTarget, rules=READERS, **more):
    app = kind("app", replace(TRAITS, can=CAN), entitlements=[group("g7", "wiki-readers"), group("g8", "staff")])
    return Company(folder, [app], [mapping(groups=rules, **more)])


def hire(office, *names, dept="law"):
    for name in names:
        office.hire(name, dept)
        give_account(office.targets[0], name)


def rename(office, name, id_="g7"):
    there = office.targets[0].entitlements
    there[id_] = there[id_]._replace(name=name)


def ended(plan, outcomes):
    """How each operation ended: its verb, whom and what it is about, and the outcome, with what was seen where it moved."""
    by_id = {each.operation_id: each for each in outcomes}
    found = {}
    for each, told in zip(plan.operations, done(plan), strict=True):
        if outcome := by_id.get(each.id):
            found[told] = outcome.detail.partition(";")[0] if outcome.kind is OutcomeKind.MOVED else outcome.kind
    return found


def foreseen(office, plan):
    return ended(plan, asyncio.run(preview(plan, {"app": office.targets[0]})))


@KINDS
def test_nobody_is_added_to_a_group_that_was_renamed_since_the_plan_and_the_dry_run_says_so(tmp_path, kind):
    office = company(tmp_path, kind)
    hire(office, "ann", "bob", "cyd")
    plan = office.plan()
    rename(office, "prod-admins")
    moved = {f"add_member {name} wiki-readers": SAID for name in ("ann", "bob", "cyd")}
    assert foreseen(office, plan) == moved
    stay = {f"add_member {name} staff": OutcomeKind.DONE for name in ("ann", "bob", "cyd")}
    assert ended(plan, office.apply(plan)) == {**moved, **stay}
    assert {id_ for _, id_ in office.targets[0].members} == {"g8"}


@KINDS
def test_new_account_is_created_without_a_group_that_was_renamed_since_the_plan(tmp_path, kind):
    office = company(tmp_path, kind)
    office.hire("ann", "law")
    plan = office.plan()
    rename(office, "prod-admins")
    assert foreseen(office, plan) == {"add_member ann wiki-readers": SAID}
    expected = {"create ann": OutcomeKind.DONE, "add_member ann staff": OutcomeKind.DONE, "add_member ann wiki-readers": SAID}
    assert ended(plan, office.apply(plan)) == expected
    assert {id_ for _, id_ in office.targets[0].members} == {"g8"}


@pytest.mark.parametrize("kind", [MemoryTarget, BatchingMemory])
def test_leaver_and_mover_lose_a_group_whatever_it_is_named_by_now(tmp_path, kind):
    office = company(tmp_path, kind)
    hire(office, "ann", "bob")
    office.night()
    office.people["ann"]["status"] = "left"
    office.people["bob"]["dept"] = "sales"
    plan = office.plan()
    rename(office, "prod-admins")
    assert foreseen(office, plan) == {}
    assert {*ended(plan, office.apply(plan)).values()} == {OutcomeKind.DONE}
    assert not any(id_ == "g7" for _, id_ in office.targets[0].members)


def test_member_of_a_renamed_group_is_one_already(tmp_path):
    office = company(tmp_path)
    hire(office, "ann")
    plan = office.plan()
    rename(office, "prod-admins")
    office.targets[0].members.add(("app-ann", "g7"))
    assert foreseen(office, plan) == {"add_member ann wiki-readers": OutcomeKind.ALREADY}


@KINDS
def test_group_that_is_gone_by_now_gets_nobody_and_is_told(tmp_path, kind):
    office = company(tmp_path, kind)
    hire(office, "ann")
    plan = office.plan()
    del office.targets[0].entitlements["g7"]
    expected = {"add_member ann wiki-readers": "the group does not exist any more"}
    assert foreseen(office, plan) == expected
    assert ended(plan, office.apply(plan)) == {**expected, "add_member ann staff": OutcomeKind.DONE}


def test_each_group_is_read_once_a_run_and_once_a_dry_run(tmp_path):
    office = company(tmp_path, Counting)
    hire(office, *(f"law{number}" for number in range(30)))
    there, plan = office.targets[0], office.plan()
    for look in (foreseen, lambda office, plan: office.apply(plan)):
        there.reads = []
        look(office, plan)
        assert sorted(there.reads) == ["g7", "g8"]
    assert len(there.members) == 60


def test_names_that_the_plan_itself_gives_are_no_drift(tmp_path):
    office = company(tmp_path, rules=BY_DEPT)
    hire(office, "ann", "bob", "cyd", dept="sales")
    office.night()
    for name in ("ann", "bob", "cyd"):
        office.people[name]["dept"] = "commercial"
    hire(office, "eve", dept="commercial")
    office.hire("fay", "commercial")
    plan = office.plan()
    assert done(plan) == ["update_group sales", "create fay", "add_member eve commercial", "add_member fay commercial"]
    assert foreseen(office, plan) == {}
    held = {each.id: RowDecision.HOLD for each in plan.operations if each.verb is Verb.UPDATE_GROUP}
    approval = Approval(plan_digest=plan.digest, by="Ida", why="later", made="", until="", rows=held)
    assert foreseen(office, replace(plan, approvals=(approval,))) == {"update_group sales": OutcomeKind.NOT_APPROVED}
    save(plan, tmp_path)
    stored = load(tmp_path, plan.digest)
    assert foreseen(office, stored) == {}
    assert {*ended(plan, office.apply(stored)).values()} == {OutcomeKind.DONE}


@pytest.mark.parametrize(("name", "moved"), [("wiki-readers", False), ("Wiki-Readers", True), ("wiki-readers ", True)])
def test_names_are_compared_as_the_names_of_groups_always_are(tmp_path, name, moved):
    office = company(tmp_path)
    hire(office, "ann")
    plan = office.plan()
    rename(office, name)
    assert bool(foreseen(office, plan)) is moved


def test_target_without_single_groups_is_asked_for_the_groups_of_the_name(tmp_path):
    office = company(tmp_path, ByNameAlone)
    hire(office, "ann")
    plan = office.plan()
    assert foreseen(office, plan) == {}
    rename(office, "prod-admins")
    rename(office, "wiki-readers", "g8")
    expected = {
        "add_member ann wiki-readers": "no group 'wiki-readers' has the id g7 any more",
        "add_member ann staff": "no group 'staff' has the id g8 any more",
    }
    assert foreseen(office, plan) == expected
    assert ended(plan, office.apply(plan)) == expected


@pytest.mark.parametrize("reason", [Rejected("groups are not shown"), Forbidden("may not")])
def test_name_that_a_target_refuses_to_show_holds_nothing_up(tmp_path, reason):
    office = company(tmp_path, Silent)
    office.targets[0].reason = reason
    hire(office, "ann")
    plan = office.plan()
    assert foreseen(office, plan) == {}
    assert {*ended(plan, office.apply(plan)).values()} == {OutcomeKind.DONE}


def test_name_that_cannot_be_read_for_now_is_asked_for_again_and_nobody_is_added_without_it(tmp_path):
    office = company(tmp_path, Silent)
    office.targets[0].reason = Unreachable("no answer")
    hire(office, "ann", "bob")
    plan = office.plan()
    assert {*foreseen(office, plan).values()} == {OutcomeKind.FAILED}
    assert OutcomeKind.DONE not in ended(plan, office.apply(plan)).values()
    assert office.targets[0].members == set()


@pytest.mark.parametrize(("planned", "now"), [("g7", "wiki-readers"), ("wiki-readers", "g7"), ("", "wiki-readers")])
def test_group_that_states_no_name_is_no_drift(tmp_path, planned, now):
    office = company(tmp_path, rules={"readers": {"id": "g7"}})
    rename(office, planned)
    hire(office, "ann")
    plan = office.plan()
    rename(office, now)
    assert foreseen(office, plan) == {}
