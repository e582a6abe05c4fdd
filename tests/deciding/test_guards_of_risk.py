"""Guards about power, about what is lost in effect, and about what is not usual."""

import pytest

from reconcile.decide.guards.facts import AdminGroup, AppHolding
from reconcile.plan.model import Verb
from reconcile.project.limits import Admins, Guards, Limit, Usual

from .guard_worlds import OPEN, change, deactivations, removals, verdicts


def privileged(count: int) -> list:
    verbs = (Verb.ADD_MEMBER, Verb.REMOVE_MEMBER)
    return [change(verbs[number % 2], number, "root", privileged=True) for number in range(count)]


@pytest.mark.parametrize(("count", "passed"), [(5, True), (6, False)])
def test_additions_and_removals_of_power_count_together(count, passed):
    found = verdicts(privileged(count), Guards())["app.privileged"]
    assert (found.passed, found.count) == (passed, count)


def test_without_a_change_of_power_nothing_is_said_of_it():
    assert "app.privileged" not in verdicts(removals(9, "sales"), Guards())


ADMINS = AdminGroup(frozenset({"root"}), frozenset({"a0", "a1", "a2"}))
AT_LEAST_TWO = OPEN.model_copy(update={"admins": {"app": Admins(group="Super Admins", at_least=2)}})


@pytest.mark.parametrize(
    ("operations", "passed"),
    [
        (deactivations(1), True),
        (deactivations(2), False),
        ([*removals(1, "root"), change(Verb.DEACTIVATE, 1)], False),
        ([*removals(1, "root"), change(Verb.DEACTIVATE, 0)], True),
        ([*deactivations(2), change(Verb.ADD_MEMBER, 7, "root")], False),
        (removals(3, "sales"), None),
        ([change(Verb.DEACTIVATE, 9)], None),
        ([change(Verb.SUSPEND, number) for number in range(2)], False),
        ([change(Verb.DELETE, number) for number in range(2)], None),
    ],
    ids=[
        "one goes",
        "two go",
        "one goes and one is removed",
        "both are one",
        "a newcomer makes up for nobody",
        "another group",
        "no admin",
        "two sleep",
        "who is deleted was none",
    ],
)
def test_so_many_admins_must_be_left(operations, passed):
    found = verdicts(operations, AT_LEAST_TWO, admins=ADMINS).get("app.admins")
    assert (found.passed if found else None) is passed
    if passed is False:
        assert found.message.startswith("Refused: 1 of the 3 working members of Super Admins would be left in app; at least 2 must be.")


def test_a_group_of_admins_that_is_not_there_refuses_every_change():
    found = verdicts(removals(1, "sales"), AT_LEAST_TWO, admins=AdminGroup(frozenset(), frozenset()))["app.admins"]
    assert not found.passed
    assert "names the group Super Admins, which app does not have; the administrators who would be left are unknown." in found.message


def holding(app: str = "crm", *groups: str, direct: bool = False) -> AppHolding:
    return AppHolding(app, app.upper(), direct, groups)


@pytest.mark.parametrize(
    ("operation", "held", "lost"),
    [
        (change(Verb.DEACTIVATE, 0), holding("crm", "sales"), True),
        (change(Verb.DEACTIVATE, 0), holding("crm", direct=True), True),
        (change(Verb.REMOVE_MEMBER, 0, "sales"), holding("crm", "sales"), True),
        (change(Verb.REMOVE_MEMBER, 0, "sales"), holding("crm", "sales", "field"), False),
        (change(Verb.REMOVE_MEMBER, 0, "sales"), holding("crm", "field"), False),
        (change(Verb.REMOVE_MEMBER, 0, "sales"), holding("crm", "sales", direct=True), False),
        (change(Verb.REMOVE_MEMBER, 0, "crm"), holding("crm", direct=True), True),
        (change(Verb.REMOVE_MEMBER, 0, "crm"), holding("crm", "sales", direct=True), False),
        (change(Verb.ADD_MEMBER, 0, "sales"), holding("crm", "sales"), False),
        (change(Verb.SUSPEND, 0), holding("crm", "sales"), True),
    ],
    ids=[
        "with the account", "with the account, directly", "with the one group", "another group still gives it", "another group",
        "a direct assignment stays", "the assignment", "a group still gives it", "nothing is taken", "for as long as they sleep",
    ],
)  # fmt: skip
def test_an_app_is_lost_with_the_last_that_gives_it(operation, held, lost):
    found = verdicts([operation], Guards(), apps={"a0": [held]}, app_holders=50)
    assert ("app.lose_app" in found) is lost


def test_person_who_loses_an_app_in_several_ways_counts_once_against_its_holders():
    operations = [*deactivations(6), *removals(20, "sales", first=4)]
    apps = {f"a{number}": [holding("crm", "sales"), holding("wiki", "sales")] for number in range(14)}
    found = verdicts(operations, Guards(), apps=apps, app_holders=100)["app.lose_app"]
    assert (found.passed, found.accounts, found.population) == (False, 14, 100)
    assert found.message.startswith(
        "Refused: 14 accounts would lose an app in app, most of them CRM (14): 14.0% of the 100 that hold one; the limit is 10% above a floor of 10."
    )


def past_sizes(*counts: int) -> list:
    return [{Verb.DEACTIVATE: count} for count in counts]


@pytest.mark.parametrize(
    ("past", "tonight", "passed"),
    [
        ((2, 3, 4, 2, 3), 15, True),
        ((2, 3, 4, 2, 3), 16, False),
        ((0, 0, 0, 0, 90), 10, True),
        ((0, 0, 0, 0, 90), 11, False),
        ((2, 3, 4, 2), 16, None),
    ],
    ids=["five times the median", "one more", "the floor", "one more than the floor", "too few days"],
)
def test_number_of_operations_is_compared_with_the_usual_one(past, tonight, passed):
    found = verdicts(deactivations(tonight), OPEN, past_sizes=past_sizes(*past)).get("app.usual.deactivate")
    assert (found.passed if found else None) is passed


def test_what_is_not_usual_is_told_with_what_is():
    found = verdicts(deactivations(44), OPEN, past_sizes=past_sizes(2, 3, 4, 2, 3, 0))["app.usual.deactivate"]
    assert found.message.startswith(
        "Refused: 44 accounts would be deactivated in app; the usual number is 2.5, the median of the last 6 days with a run; the limit is 5 times that, or 10 where that is more."
    )


def test_only_the_verbs_that_are_named_are_compared_with_the_past():
    operations = [change(Verb.CREATE, number) for number in range(60)]
    assert "app.usual.create" not in verdicts(operations, Guards(), past_sizes=past_sizes(0, 0, 0, 0, 0))
    compared = OPEN.model_copy(update={"usual": Usual(verbs=(Verb.CREATE,))})
    assert not verdicts(operations, compared, past_sizes=past_sizes(0, 0, 0, 0, 0))["app.usual.create"].passed


def test_privileged_changes_can_be_left_without_a_limit():
    assert verdicts(privileged(60), Guards(privileged=Limit()))["app.privileged"].passed
