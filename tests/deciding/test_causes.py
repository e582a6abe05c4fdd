"""A value that most operations of one verb share is their cause; one that all people share is none."""

from dataclasses import replace

import pytest

from reconcile.plan.cause_kind import CauseKind
from reconcile.plan.model import Cause, Verb
from reconcile.report.formats.csv import table
from reconcile.report.formats.html import page
from reconcile.report.formats.text import show
from reconcile.report.labels import cause_words
from reconcile.report.redact import redacted
from reconcile.store.plans.files import load, save
from tests.support.companies.departments import everybody_in, staff, world
from tests.support.companies.engine import lab
from tests.support.documents import document

KEY = b"key"
"""Key of redacted reports."""


@pytest.fixture
def planned(tmp_path):
    """The plan of a world."""

    def plan(of, threads=1):
        with lab(of, tmp_path) as bench:
            bench.extract()
            return bench.plan(threads=threads)

    return plan


def told(plan, verb=Verb.DEACTIVATE):
    return [cause_words(cause) for cause in plan.causes if cause.verb is verb]


SALES, IT = staff(41, "Sales"), staff(300, "IT", 41)
SOLD = world(SALES | IT, gone=(*SALES, "041", "042", "043"))


def test_a_department_that_leaves_as_a_whole_is_the_cause(planned):
    assert told(planned(SOLD)) == ["41 of 44 have department = Sales: all 41 people there"]


def test_value_that_all_people_share_is_no_cause(planned):
    # All are in one country, and of two departments one is as common among the leavers as among those who stay.
    mixed = world(staff(50, "Sales") | staff(40, "IT", 50), gone=(*staff(6, ""), *staff(5, "", 50)))
    assert told(planned(mixed)) == []


def test_remaining_people_are_counted_beside_leavers(planned):
    some = world(staff(60, "Sales") | staff(300, "IT", 60), gone=(*staff(20, ""), *staff(3, "", 60)))
    assert told(planned(some)) == ["20 of 23 have department = Sales: 20 of the 60 people there"]


def test_one_person_more_than_half_makes_a_cause_and_half_of_them_none(planned):
    three, two = (
        world(staff(10, "Sales") | staff(300, "IT", 10), gone=(*staff(many, ""), *staff(rest, "", 10))) for many, rest in ((4, 3), (4, 4))
    )
    assert told(planned(three)) == ["4 of 7 have department = Sales: 4 of the 10 people there"]
    assert told(planned(two)) == []


def test_a_rule_that_lets_people_go_who_have_not_left_is_told(planned):
    closed = world(staff(8, "Closed") | staff(30, "IT", 8), gone=("008",))
    assert told(planned(closed)) == [
        "8 of 9 have department = Closed: all 8 people there",
        "8 of 9 have not left: they do not fulfil `department <> 'Closed'` any more",
    ]


def test_an_attribute_that_changes_for_most_is_told(planned):
    renamed = world(staff(3, "Sales") | staff(30, "IT", 3), titles=dict.fromkeys(staff(8, ""), "new"))
    assert told(planned(renamed), Verb.UPDATE) == ["8 of 8 have title = new: all 8 people there", "8 of 8 change title"]


def test_a_group_that_most_lose_is_told(planned):
    people = staff(12, "IT") | staff(3, "Sales", 12)
    lost = planned(world(people, members=everybody_in("g1", people)))
    assert told(lost, Verb.REMOVE_MEMBER)[-1:] == ["12 of 12 are about Sales"]


def test_people_who_have_no_account_yet_are_counted_among_those_of_their_department(planned):
    started = world(staff(9, "Support") | staff(40, "IT", 9), new=tuple(staff(8, "", 1)))
    assert told(planned(started), Verb.CREATE) == ["8 of 8 have department = Support: 8 of the 9 people there"]


@pytest.fixture
def next_morning(tmp_path):
    """The plan of a world whose sources said something else the night before."""

    def plan(evening, morning):
        with lab(evening, tmp_path) as bench:
            bench.extract()
            bench.world = morning
            bench.extract()
            return bench.plan()

    return plan


def test_what_became_of_a_department_overnight_is_told(next_morning):
    others = staff(30, "IT", 8)
    renamed = next_morning(world(staff(8, "Sales") | others), world(staff(8, "Closed") | others, gone=("008",)))
    assert told(renamed)[1] == "8 of 9: department became Closed with the last read, from Sales, which no person has now"
    others |= staff(1, "Sales", 60)
    moved = next_morning(world(staff(8, "Sales") | others), world(staff(8, "Closed") | others))
    assert told(moved)[1] == "8 of 8: department became Closed with the last read, from Sales, which 1 person has now"


def test_a_redacted_change_keeps_neither_value(next_morning):
    others = staff(30, "IT", 8)
    plan = next_morning(world(staff(8, "Sales") | others), world(staff(8, "Closed") | others))
    (hidden,) = [cause for cause in redacted(plan, KEY)[0].causes if cause.kind is CauseKind.CHANGE and cause.verb is Verb.DEACTIVATE]
    assert (hidden.name, hidden.explained) == ("department", 8)
    assert not {hidden.was, hidden.value} & {"Sales", "Closed"}


def test_a_rule_that_cannot_compute_what_was_there_before_it_stops_no_plan(next_morning):
    people = staff(8, "Closed") | staff(30, "IT", 8)
    morning = world(people, titles=dict.fromkeys(people, "5"))
    (source,) = morning.sources
    rules = source.rules | {"attributes": source.rules["attributes"] | {"title": "cast(title as integer)::varchar"}}
    plan = next_morning(world(people), replace(morning, sources=(replace(source, rules=rules),)))
    assert len([operation for operation in plan.operations if operation.verb is Verb.DEACTIVATE]) == 8
    assert not [cause for cause in plan.causes if cause.kind is CauseKind.CHANGE]


def test_what_was_so_before_the_last_read_is_no_news(next_morning):
    people = staff(8, "Closed") | staff(30, "IT", 8)
    assert not [cause for cause in next_morning(world(people), world(people)).causes if cause.kind is CauseKind.CHANGE]


def test_what_changed_for_a_few_of_them_only_is_not_told(next_morning):
    others = staff(30, "IT", 8)
    some = next_morning(world(staff(4, "Sales") | staff(4, "Closed", 4) | others), world(staff(8, "Closed") | others))
    assert not [cause for cause in some.causes if cause.kind is CauseKind.CHANGE]


def test_a_few_are_read_one_by_one(planned):
    assert told(planned(world(staff(4, "Sales") | staff(90, "IT", 4), gone=tuple(staff(4, ""))))) == []
    assert len(told(planned(world(staff(5, "Sales") | staff(90, "IT", 5), gone=tuple(staff(5, "")))))) == 1


def test_causes_are_part_of_the_plan_and_the_same_whatever_the_threads(planned, tmp_path):
    plan = planned(SOLD)
    assert planned(SOLD, threads=2) == plan
    save(plan, tmp_path)
    assert load(tmp_path, plan.digest) == plan
    cause = plan.causes[0]
    assert cause == Cause(
        target="app", verb=Verb.DEACTIVATE, kind=CauseKind.PEOPLE, name="department", value="Sales", explained=41, of=44, people=41
    )


def test_every_report_states_the_cause_and_a_redacted_one_no_value(planned):
    plan = planned(SOLD)
    sentence = "41 of 44 have department = Sales: all 41 people there"
    for report in (show(plan, width=200, colour=False), page(plan), document(plan), table(plan)):
        assert sentence in report
    hidden = redacted(plan, KEY)[0]
    for report in (show(hidden, width=200, colour=False), page(plan, redact=KEY), document(hidden), table(hidden)):
        assert "41 of 44 have department = " in report
        assert "Sales" not in report
