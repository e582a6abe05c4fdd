"""A rejected row is left out of plans while it says the same, with what depends on it, whether or not additions stay rows."""

from dataclasses import replace

import pytest

from connectors.contract import Capability
from reconcile.plan.model import FindingKind, Severity, Verb
from reconcile.plan.rejection import Rejection, fingerprint
from tests.support.bulk import planned_in_bulk
from tests.support.companies import people
from tests.support.companies.targets import DAY, PEOPLE, Company, done, give_account, group, mapping, target

RULES = {"staff": {"group": "staff"}, "law": {"group": "law", "when": "dept = 'law'", "create": True}}


@pytest.fixture
def made(tmp_path):
    """Two people with accounts and two without, all of them staff; the group of the lawyers is to be created. One of them leaves."""
    desk = target("desk", group("s", "staff"))
    made = Company(tmp_path, [desk], [mapping("desk", groups=RULES, attributes={"login": "name", "title": "title"})])
    for name, dept in (("ada", "law"), ("bo", "law"), ("cy", "ops"), ("di", "law")):
        made.hire(name, dept, title=f"{dept} clerk")
    for name in ("ada", "cy", "eve"):
        give_account(desk, name)
    made.read()
    return made


def rejection(operation, **changes):
    said = Rejection(
        plan_digest="",
        operation_id=operation.id,
        fingerprint=fingerprint(operation),
        target=operation.target,
        verb=operation.verb.value,
        anchor=operation.anchor,
        account_id=operation.account_id,
        subject=operation.who or operation.entitlement,
        by="Ana Lind",
        why="not yet",
        made="2026-03-01T12:00:00+00:00",
    )
    return replace(said, **changes)


def planned(made, *rejections):
    """The plan, which is the same with and without bulk additions."""
    planner = replace(made.planner(), rejections=rejections)
    with made.store() as store:
        plan = planner.plan(store, DAY)
    with made.store() as store:
        assert planned_in_bulk(planner, store, DAY) == plan
    return plan


def find(plan, verb, who="", entitlement=""):
    return next(each for each in plan.operations if (each.verb, each.who or who, each.entitlement) == (verb, who, entitlement))


def test_row_and_what_depends_on_it_are_left_out_and_nothing_else(made):
    plan = planned(made)
    assert "create bo" in done(plan)
    left = planned(made, rejection(find(plan, Verb.CREATE, "bo")))
    gone = [each for each in done(plan) if each not in done(left)]
    assert gone == ["create bo", "add_member bo law", "add_member bo staff"]
    (finding,) = [each for each in left.findings if each.kind is FindingKind.REJECTED]
    assert finding.severity is Severity.NOTE
    assert "rejected on 2026-03-01 by Ana Lind: not yet" in finding.message
    assert "with 2 operations that depend on it" in finding.message


def test_rejected_group_takes_its_additions_with_it(made):
    plan = planned(made)
    left = planned(made, rejection(find(plan, Verb.CREATE_GROUP, entitlement="law")))
    gone = [each for each in done(plan) if each not in done(left)]
    assert gone == ["create_group law", "add_member ada law", "add_member bo law", "add_member di law"]


def test_rejected_addition_leaves_the_others_of_the_person(made):
    plan = planned(made)
    left = planned(made, rejection(find(plan, Verb.ADD_MEMBER, "ada", "staff")))
    assert [each for each in done(plan) if each not in done(left)] == ["add_member ada staff"]


@pytest.mark.parametrize("changes", [{"fingerprint": "0" * 64}, {"account_id": "other"}, {"target": "other"}])
def test_row_that_says_something_else_is_planned(made, changes):
    plan = planned(made)
    again = planned(made, rejection(find(plan, Verb.UPDATE, "ada"), **changes))
    assert done(again) == done(plan)
    assert not [each for each in again.findings if each.kind is FindingKind.REJECTED]


def test_rejected_leaver_keeps_access_and_stays_a_matter_to_look_at(made):
    made.hire("gus", "ops")
    give_account(made.targets[0], "gus")
    made.night()
    made.people["gus"]["status"] = "left"
    plan = made.plan()
    leaver = find(plan, Verb.DEACTIVATE, "gus")
    left = planned(made, rejection(leaver))
    assert "deactivate gus" not in done(left)
    assert [each.severity for each in left.findings if each.kind is FindingKind.REJECTED] == [Severity.ATTENTION]


def test_rejection_of_an_end_is_over_once_its_person_should_work_and_not_before(made):
    made.hire("gus", "ops")
    give_account(made.targets[0], "gus")
    made.night()
    made.people["gus"]["status"] = "left"
    leaver = find(made.plan(), Verb.DEACTIVATE, "gus")
    rejected = rejection(leaver)
    assert planned(made, rejected).rejections_over == ()
    made.people["gus"]["status"] = "active"
    made.read()
    assert planned(made, rejected).rejections_over == (leaver.id,)
    # A rejection of somebody else, and of another verb, stays.
    others = [rejection(leaver, anchor=anchor, account_id="", **more) for anchor, more in (("cy", {"verb": "reactivate"}), ("nobody", {}))]
    assert planned(made, *others).rejections_over == ()


def test_rejection_of_a_removal_is_over_once_a_rule_grants_it_again(tmp_path):
    desk = target("desk", group("s", "staff"), group("l", "law"))
    rules = {"staff": {"group": "staff"}, "law": {"group": "law", "when": "dept = 'law'"}}
    made = Company(tmp_path, [desk], [mapping("desk", groups=rules, fully_managed=["law"])])
    made.hire("ada", "law")
    give_account(desk, "ada")
    made.read()
    made.night()
    made.people["ada"]["dept"] = "ops"
    made.read()
    removal = find(made.plan(), Verb.REMOVE_MEMBER, "ada", "law")
    rejected = rejection(removal)
    left = planned(made, rejected)
    assert ("remove_member ada law" in done(left), left.rejections_over) == (False, ())
    made.people["ada"]["dept"] = "law"
    made.read()
    assert planned(made, rejected).rejections_over == (removal.id,)


@pytest.fixture
def leaving(tmp_path):
    """Ada has left, and holds a group by a rule that still fits her; so does Bo, who works."""
    desk = target("desk", group("s", "staff"), group("b", "book club"))
    made = Company(tmp_path, [desk], [mapping("desk", groups={"staff": {"group": "staff", "when": "dept = 'law'"}})])
    for name in ("ada", "bo"):
        made.hire(name, "law")
        give_account(desk, name)
    made.night()
    made.people["ada"]["status"] = "left"
    made.read()
    return made


def test_leaver_whose_end_was_rejected_keeps_the_memberships_that_go_with_it(leaving):
    plan = planned(leaving)
    assert done(plan) == ["remove_member ada staff", "deactivate ada"]
    left = planned(leaving, rejection(find(plan, Verb.DEACTIVATE, "ada")))
    assert (done(left), left.rejections_over) == ([], ())
    (finding,) = [each for each in left.findings if each.kind is FindingKind.REJECTED]
    assert "with 1 operation that depends on it" in finding.message


def test_member_whose_end_was_rejected_keeps_what_other_targets_give_for_the_group(tmp_path):
    desk, wiki = target("desk", group("s", "staff")), target("wiki")
    mappings = [mapping("desk", who="dept = 'law'"), mapping("wiki", if_member_of={"desk": ["staff"]})]
    made = Company(tmp_path, [desk, wiki], mappings)
    for name in ("ada", "bo"):
        made.hire(name, "law")
        give_account(desk, name, "s")
    made.night()
    for name in ("ada", "bo"):
        made.people[name]["dept"] = "ops"
    made.read()
    plan = planned(made)
    assert done(plan) == ["deactivate ada", "deactivate bo"] * 2
    assert done(planned(made, rejection(find(plan, Verb.DEACTIVATE, "ada")))) == ["deactivate bo"] * 2


def test_mover_whose_suspension_was_rejected_loses_what_no_rule_grants(tmp_path):
    desk = target("desk", group("s", "staff"), can=Capability(suspend=True))
    rules = {"staff": {"group": "staff", "when": "dept = 'law'"}}
    people = {**PEOPLE, "lifecycle": {**PEOPLE["lifecycle"], "leave": ["away"]}}
    made = Company(tmp_path, [desk], [mapping("desk", groups=rules, leave="suspend")], sources=(people,))
    made.hire("ada", "law")
    give_account(desk, "ada")
    made.night()
    made.people["ada"] |= {"status": "away", "dept": "ops"}
    made.read()
    plan = planned(made)
    assert done(plan) == ["remove_member ada staff", "suspend ada"]
    assert done(planned(made, rejection(find(plan, Verb.SUSPEND, "ada")))) == ["remove_member ada staff"]


def test_rejection_of_a_removal_from_a_leaver_is_not_over_because_a_rule_still_fits(leaving):
    removal = rejection(find(planned(leaving), Verb.REMOVE_MEMBER, "ada", "staff"))
    left = planned(leaving, removal)
    assert (done(left), left.rejections_over) == (["deactivate ada"], ())


PERSON = {"person": "person"}
GROUPS = {"groups": {"all": {"group": "all"}, "law": {"group": "law", "when": "dept = 'Law'"}}, "fully_managed": ["law"]}


def converted(*rows, state="active", owner="C1", **more):
    """A person who is C1, E1 or both, and owns the account a1."""
    return people.world(
        people.source("hr", *(people.row(no, "carla@x", person="U1", **cells) for no, cells in rows), **PERSON),
        accounts=(people.account("a1", "carla@x", "C1", state),),
        groups=(people.Group("g1", "all"), people.Group("g2", "law")),
        links={owner: "a1"},
        mapping=GROUPS,
        **more,
    )


def rejected_of(world, folder, verb, entitlement=""):
    with people.company(world, folder) as bench:
        operation = find(bench.plan(), verb, "carla@x", entitlement)
    return rejection(operation)


LEFT = {"status": "left", "end": "2026-02-28"}
LATER = [
    pytest.param((("C1", LEFT), ("E1", {"dept": "Law"})), "C1", id="both rows"),
    pytest.param((("E1", {"dept": "Law"}),), "E1", id="the new row alone"),
]
"""The rows of a person who has become E1, and whom the journal links."""


@pytest.mark.parametrize(("rows", "owner"), LATER)
@pytest.mark.parametrize(
    ("row", "gone"),
    [((Verb.REACTIVATE, ""), ["reactivate", "update", "add_member g1", "add_member g2"]), ((Verb.ADD_MEMBER, "law"), ["add_member g2"])],
)
def test_rejected_row_of_an_account_stays_rejected_once_its_person_has_another_anchor(tmp_path, rows, owner, row, gone):
    verb, entitlement = row
    state = "deactivated" if verb is Verb.REACTIVATE else "active"
    rejected = rejected_of(converted(("C1", {"dept": "Law"}), state=state), tmp_path, verb, entitlement)
    with people.company(converted(*rows, state=state, owner=owner), tmp_path) as bench:
        every = bench.plan()
        plans = [bench.plan(rejections=[rejected], bulk=bulk) for bulk in (False, True)]
    for plan in plans:
        left = {each.id for each in plan.operations}
        assert [f"{each.verb} {each.entitlement_id}".strip() for each in every.operations if each.id not in left] == gone
        (finding,) = [each for each in plan.findings if each.kind is FindingKind.REJECTED]
        assert finding.anchor == "E1"
        assert f"rejections --withdraw {rejected.operation_id}" in finding.message


def test_row_of_another_account_of_the_person_was_not_rejected(tmp_path):
    rejected = rejected_of(converted(("C1", LEFT)), tmp_path, Verb.DEACTIVATE)
    with people.company(converted(("C1", LEFT)), tmp_path) as bench:
        plan = bench.plan(rejections=[replace(rejected, account_id="a0")])
    assert find(plan, Verb.DEACTIVATE, "carla@x").id == rejected.operation_id


@pytest.mark.parametrize(("rows", "owner"), LATER)
def test_rejection_of_an_end_is_over_once_its_person_works_under_another_anchor(tmp_path, rows, owner):
    end = rejected_of(converted(("C1", LEFT)), tmp_path, Verb.DEACTIVATE)
    granted = {"members": frozenset({("a1", "g2")}), "granted": frozenset({("a1", "g2")})}
    removal = rejected_of(converted(("C1", {"dept": "Ops"}), **granted), tmp_path, Verb.REMOVE_MEMBER, "law")
    other = replace(removal, operation_id="0" * 12)
    with people.company(converted(*rows, owner=owner), tmp_path) as bench:
        assert set(bench.plan(rejections=[end, removal, other]).rejections_over) == {end.operation_id, removal.operation_id}
