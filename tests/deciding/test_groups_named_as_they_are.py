"""Plans name a group of memberships as it is named when they are applied: an addition to a group of another name is not applied."""

from contextlib import closing
from dataclasses import replace

import pytest

from connectors.contract import Capability
from connectors.errors import Rejected
from reconcile.apply.journal import Journal
from reconcile.decide.planner import related
from reconcile.decide.restore.since import memberships_since
from reconcile.plan.model import OutcomeKind, Verb
from reconcile.plan.rejection import Rejection, fingerprint
from reconcile.usecases.names_since import NamesSince
from tests.support.bulk import planned_in_bulk
from tests.support.companies.targets import DAY, Company, done, give_account, mapping, target
from tests.support.undoing import inverse

BY_DEPT = {"dept": {"group_expression": "nullif(dept, '')", "create": True, "rename": True}}
PEOPLE = ("ann", "bob", "cyd")


@pytest.fixture
def office(tmp_path):
    """Ann, Bob and Cyd are in the group sales by a rule, after one night."""
    office = Company(tmp_path, [target("app", can=Capability(group_attributes=frozenset({"name"})))], [mapping(groups=BY_DEPT)])
    for name in PEOPLE:
        office.hire(name, "sales")
        give_account(office.targets[0], name)
    office.night()
    return office


def rename_department(office):
    """All of them get another department, with a newcomer whose account is there."""
    for name in PEOPLE:
        office.people[name]["dept"] = "commercial"
    office.hire("eve", "commercial")
    give_account(office.targets[0], "eve")


def sales(office):
    return next(each for each in office.targets[0].entitlements.values() if each.name == "sales")


def outcomes(plan, ended):
    return {told: each.kind for told, each in zip(done(plan), ended, strict=True)}


def test_newcomer_joins_the_old_name_while_a_reviewer_rejects_the_new_one(office):
    rename_department(office)
    plan = office.plan()
    assert done(plan) == ["update_group sales", "add_member eve commercial"]
    renaming = plan.operations[0]
    rejected = Rejection(
        plan_digest="", operation_id=renaming.id, fingerprint=fingerprint(renaming), target="app", verb="update_group", anchor="",
        account_id="", subject="sales", by="Ida", why="not yet", made="2026-03-01T12:00:00+00:00",
    )  # fmt: skip
    planner = replace(office.planner(), rejections=(rejected,))
    with office.store() as store:
        left = planner.plan(store, DAY)
    with office.store() as store:
        assert planned_in_bulk(planner, store, DAY) == left
    assert done(left) == ["add_member eve sales"]
    assert outcomes(left, office.apply(left)) == {"add_member eve sales": OutcomeKind.DONE}


def test_newcomer_joins_the_old_name_while_the_target_refuses_the_new_one(office):
    async def refused(group_id, changes, seen):
        raise Rejected("the name is reserved")

    office.targets[0].update_group = refused
    rename_department(office)
    plan = office.plan()
    expected = {"update_group sales": OutcomeKind.FAILED, "add_member eve commercial": OutcomeKind.DONE}
    assert outcomes(plan, office.apply(plan)) == expected
    office.hire("fay", "commercial")
    give_account(office.targets[0], "fay")
    plan = office.plan()
    with office.store() as store:
        assert planned_in_bulk(office.planner(), store, DAY) == plan
    assert done(plan) == ["add_member fay sales"]
    assert outcomes(plan, office.apply(plan)) == {"add_member fay sales": OutcomeKind.DONE}


@pytest.mark.parametrize(("read", "name"), [(True, "Vertrieb"), (False, "sales")])
def test_undo_names_a_group_as_the_read_after_the_run_shows_it(office, read, name):
    office.people["cyd"]["dept"] = ""
    plan = office.night("run-1")
    assert done(plan) == ["remove_member cyd sales"]
    group = sales(office)
    office.targets[0].entitlements[group.id] = group._replace(name="Vertrieb")
    if read:
        office.read()
    with closing(Journal(office.folder)) as journal, office.store() as store:
        now = office.planner().plan(store, DAY)
        back = inverse(plan, journal.runs.recorded("run-1"), names=NamesSince(store, plan, now).of)
    assert done(back) == [f"add_member cyd {name}"]
    expected = OutcomeKind.DONE if read else OutcomeKind.MOVED
    assert outcomes(back, office.apply(back)) == {f"add_member cyd {name}": expected}


def test_undo_right_after_a_run_that_renamed_the_group_finds_it(office):
    rename_department(office)
    office.people["cyd"]["dept"] = ""
    plan = office.night("run-1")
    assert done(plan) == ["update_group sales", "add_member eve commercial", "remove_member cyd commercial"]
    with closing(Journal(office.folder)) as journal, office.store() as store:
        names = NamesSince(store, plan, office.planner().plan(store, DAY)).of
        removal = next(each for each in inverse(plan, journal.runs.recorded("run-1")).operations if each.verb is Verb.ADD_MEMBER)
        for only in (None, {removal.id}):
            back = inverse(plan, journal.runs.recorded("run-1"), only, names=names)
            assert "add_member cyd commercial" in done(back)
    assert outcomes(back, office.apply(back)) == {"add_member cyd commercial": OutcomeKind.DONE}


def test_restore_names_a_group_as_it_is_and_not_as_a_rule_would_rename_it(office):
    office.read()
    with office.store() as store:
        (number,) = [number for system, number, *_ in store.rows("latest_snapshots") if system == "app"]
    office.targets[0].members.discard(("app-cyd", sales(office).id))
    rename_department(office)
    office.read()
    with office.store() as store:
        (view,) = related(office.planner(), store, DAY).targets
        with store.schemas.of_target("app"):
            assert [each.entitlement for each in memberships_since(store, view, number)] == ["sales"]
