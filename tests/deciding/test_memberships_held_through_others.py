"""What an account holds through something else counts as held, and is never taken."""

import pytest

from connectors.contract import Membership
from reconcile.plan.model import FindingKind, Severity, Verb
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


@pytest.fixture
def mover(tmp_path):
    """Ann was given the group of her old department, and works in another one now."""
    groups = {"sales": {"group": "sales", "when": "dept = 'sales'"}, "law": {"group": "law", "when": "dept = 'law'"}}
    made = Company(
        tmp_path,
        [target("app", group("g1", "sales"), group("g2", "law"))],
        [mapping(groups=groups, attributes={"login": "name", "title": "title"})],
    )
    made.hire("ann", "law")
    give_account(made.targets[0], "ann")
    made.night()
    made.hire("ann", "sales")
    return made


def test_what_a_mover_may_lose_with_a_group_is_told_and_granted_by_the_plan_after_it(mover):
    through(mover, "ann", "law")
    plan = mover.night()
    assert done(plan) == ["remove_member ann law"]
    (finding,) = plan.findings
    assert (finding.kind, finding.severity) == (FindingKind.POLICY, Severity.NOTE)
    assert finding.message == (
        "1 account (ann) holds the group sales, which a rule grants, through a group alone and may lose it with the groups of this plan. "
        "Extract and plan again after the run: the next plan grants what is gone."
    )
    mover.targets[0].inherited.clear()
    assert done(mover.plan()) == ["add_member ann sales"]


def test_nothing_is_told_of_what_a_mover_holds_directly_too(mover):
    through(mover, "ann", "law")
    mover.targets[0].members.add(("app-ann", "g1"))
    assert said(mover.plan()) == []


def test_nothing_is_told_of_those_who_lose_no_group(mover):
    mover.night()
    mover.targets[0].members.discard(("app-ann", "g1"))
    through(mover, "ann", "law")
    mover.people["ann"]["title"] = "Lead"
    plan = mover.plan()
    assert ([each.verb for each in plan.operations], said(plan)) == ([Verb.UPDATE], [])
