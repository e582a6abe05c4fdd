"""What an account holds through something else counts as held, and is never taken."""

import pytest

from connectors.contract import Membership
from reconcile.plan.model import FindingKind, Severity
from tests.support.companies.targets import Company, done, give_account, group, mapping, said, target


@pytest.fixture
def office(tmp_path):
    made = Company(
        tmp_path, [target("app", group("g1", "sales"))], [mapping(groups={"sales": {"group": "sales", "when": "dept = 'sales'"}})]
    )
    made.hire("ann", "sales")
    made.hire("bob", "law")
    for name in made.people:
        give_account(made.targets[0], name)
    return made


def through(office, name, via="staff"):
    office.targets[0].inherited.add(Membership(f"app-{name}", "g1", via))


def test_member_through_another_group_is_not_added(office):
    through(office, "ann")
    assert done(office.plan()) == []


def test_in_a_fully_managed_group_they_are_named_and_stay(office):
    office.mappings[0]["fully_managed"] = ["sales"]
    through(office, "ann")
    through(office, "bob")
    through(office, "bob", "everyone")
    plan = office.plan()
    assert done(plan) == []
    (finding,) = plan.findings
    assert (finding.kind, finding.severity) == (FindingKind.ENTITLEMENT_READ_ONLY, Severity.NOTE)
    assert finding.message == (
        "The group 'sales' is fully managed, and through everyone it comes to bob, to whom no rule grants it. "
        "That cannot be taken here: it stays until it ends there."
    )


def test_the_direct_membership_of_two_is_taken_alone(office):
    office.mappings[0]["fully_managed"] = ["sales"]
    office.targets[0].members.add(("app-bob", "g1"))
    through(office, "bob")
    plan = office.night()
    assert done(plan) == ["add_member ann sales", "remove_member bob sales"]
    assert said(plan) == []
    assert office.targets[0].members == {("app-ann", "g1")}
    assert len(said(office.plan())) == 1


def test_what_this_job_gave_and_comes_through_another_now_is_not_taken(office):
    office.night()
    office.targets[0].members.clear()
    through(office, "ann")
    office.people["ann"]["dept"] = "law"
    assert done(office.plan()) == []


def test_of_many_five_are_named(office):
    office.mappings[0]["fully_managed"] = ["sales"]
    for number in range(7):
        give_account(office.targets[0], f"p{number}")
        through(office, f"p{number}")
    assert any("p0, p1, p2, p3, p4 and 2 more, to whom" in sentence for sentence in said(office.plan()))
