"""Additions of memberships that stay rows change nothing about a plan, whatever is special about some of their people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from connectors.errors import Rejected
from connectors.memory.connector import MemoryTarget
from reconcile.decide.planned_rows import PlannedRows
from reconcile.plan.earlier import Applied
from reconcile.plan.model import FindingKind, Operation, Plan, Verb
from reconcile.project.config import Protected
from tests.support.bulk import planned_in_bulk
from tests.support.companies.targets import DAY, Company, give_account, group, mapping, target

RULES = {"staff": {"group": "staff"}, "vault": {"group": "vault", "when": "dept = 'sec'"}}


def company(folder: Path) -> tuple[Company, MemoryTarget]:
    """Two people with accounts and two without, all of them staff, some of them in the privileged group."""
    desk = target("desk", group("s", "staff"), group("v", "vault")._replace(privileged=True))
    made = Company(folder, [desk], [mapping("desk", groups=RULES)])
    for name, dept in (("ada", "sec"), ("bo", "law"), ("cy", "sec"), ("di", "law")):
        made.hire(name, dept)
    for name in ("ada", "bo"):
        give_account(desk, name)
    return made, desk


def in_bulk(made: Company, **changes: Any) -> tuple[Plan, list[Operation]]:
    """The plan, which is the same with and without bulk additions; and the additions that are values where there are some."""
    made.read()
    planner = replace(made.planner(), **changes)
    with made.store() as store:
        plan = planner.plan(store, DAY)
    with made.store() as store:
        assert planned_in_bulk(planner, store, DAY) == plan
    with made.store() as store:
        rows = replace(planner, bulk_from=0).planned(store, DAY).plan.operations
        values = rows.values if isinstance(rows, PlannedRows) else list(rows)
    return plan, [each for each in values if each.verb is Verb.ADD_MEMBER]


def test_plain_additions_are_no_values_and_privileged_ones_are(tmp_path):
    made, _ = company(tmp_path)
    plan, values = in_bulk(made)
    assert sum(each.verb is Verb.ADD_MEMBER for each in plan.operations) == 6
    assert {each.anchor for each in values} == {"no-ada", "no-cy"}
    assert "desk.privileged" in {each.guard for each in plan.verdicts}


@pytest.mark.parametrize("protected", [{"people": ["no-bo"]}, {"accounts": {"desk": ["bo"]}}, {"accounts": {"desk": ["desk-bo"]}}])
def test_protected_person_gains_nothing_in_bulk(tmp_path, protected):
    made, _ = company(tmp_path)
    project = made.planner().project
    plan, _ = in_bulk(made, project=replace(project, file=project.file.model_copy(update={"protected": Protected(**protected)})))
    assert [each for each in plan.operations if each.anchor == "no-bo"] == []
    assert [each.anchor for each in plan.findings if each.kind is FindingKind.PROTECTED] == ["no-bo"]


@pytest.mark.parametrize("who", ["bo", "di"])
def test_membership_that_another_run_of_the_day_gave_counts_its_person_once(tmp_path, who):
    """One of them has an account already, and of the other nothing but the anchor is known."""
    made, _ = company(tmp_path)
    plan, _ = in_bulk(made)
    added = next(each for each in plan.operations if each.verb is Verb.ADD_MEMBER and each.anchor == f"no-{who}")
    done = replace(added, entitlement_id="x", entitlement="lunch")
    plan, _ = in_bulk(made, earlier=(Applied(operation=done, run="run", at="2026-03-02T02:00:00.000+00:00"),))
    (verdict,) = (each for each in plan.verdicts if each.guard == "desk.add_member")
    assert (verdict.count, verdict.accounts, verdict.earlier) == (7, 4, 1)


def test_addition_that_the_target_refused_is_not_planned_in_bulk(tmp_path, monkeypatch):
    made, desk = company(tmp_path)
    add = desk.add_member

    async def refuse(entitlement_id: str, account_id: str) -> None:
        if account_id == "desk-bo":
            raise Rejected("not for them")
        await add(entitlement_id, account_id)

    monkeypatch.setattr(desk, "add_member", refuse)
    made.night()
    made.hire("eve", "law")
    plan, values = in_bulk(made)
    assert [each.anchor for each in plan.findings if each.kind is FindingKind.REFUSED] == ["no-bo"]
    assert [each.who for each in plan.operations if each.verb is Verb.ADD_MEMBER] == ["eve"]
    assert values == []


class WithoutMemberships(MemoryTarget):
    """A target that says that it changes no memberships."""

    async def unsupported(self) -> Mapping[str, str]:
        return {"memberships": "it has no PATCH"}


def test_additions_that_the_target_cannot_make_are_counted_and_left_out(tmp_path):
    made, desk = company(tmp_path)
    desk.__class__ = WithoutMemberships
    plan, _ = in_bulk(made)
    assert [each for each in plan.operations if each.verb is Verb.ADD_MEMBER] == []
    (finding,) = (each for each in plan.findings if each.kind is FindingKind.POLICY)
    assert "(6 left out)" in finding.message


def test_person_who_loses_a_membership_gains_others_in_bulk(tmp_path):
    made, desk = company(tmp_path)
    made.mappings[0]["fully_managed"] = ["vault"]
    desk.members.add(desk._membership("v", "desk-bo"))
    plan, values = in_bulk(made)
    assert [(each.verb, each.entitlement) for each in plan.operations if each.account_id == "desk-bo"] == [
        (Verb.ADD_MEMBER, "staff"),
        (Verb.REMOVE_MEMBER, "vault"),
    ]
    assert "no-bo" not in {each.anchor for each in values}


def test_additions_to_two_groups_of_one_name_stand_in_the_order_of_their_ids(tmp_path):
    rules = {kind: {"group": f"kind:{kind}:staff"} for kind in ("plain", "pushed")}
    desk = target("desk", *(group(kind, "staff", kind=kind) for kind in rules))
    made = Company(tmp_path, [desk], [mapping("desk", groups=rules)])
    for number in range(8):
        made.hire(f"crew{number}", "law")
        give_account(desk, f"crew{number}")
    plan, values = in_bulk(made)
    pairs = [(each.anchor, each.id) for each in plan.operations]
    assert values == []
    assert len(pairs) == 16
    assert pairs == sorted(pairs)
