"""Undoing a run takes the members out of a group that it created, and says that the group stays."""

from contextlib import closing

from reconcile.apply.journal import Journal
from reconcile.plan.model import Verb
from tests.support.companies.targets import Company, done, give_account, mapping, said, target
from tests.support.undoing import inverse


def test_a_group_that_was_created_stays_and_its_members_leave(tmp_path):
    office = Company(tmp_path, [target()], [mapping(groups={"sales": {"group": "sales", "create": True}})])
    office.hire("ann")
    give_account(office.targets[0], "ann")
    plan = office.night("run-1")
    with closing(Journal(tmp_path)) as journal:
        back = inverse(plan, journal.runs.recorded("run-1"))
    assert done(back) == ["remove_member ann sales"]
    stays = "The group 'sales' that run-1 created stays, without the members that it got. Where it is not wanted, delete it with `reconcile act delete-group`."
    assert stays in said(back)
    office.apply(back)
    assert office.targets[0].members == set()
    assert [each.name for each in office.targets[0].entitlements.values()] == ["sales"]
    assert [operation.verb for operation in office.plan().operations] == [Verb.ADD_MEMBER]
