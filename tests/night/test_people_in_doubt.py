"""People who are left unchanged: with a changed login, with a shared address, or protected."""

import pytest

from connectors.sandbox.company import Drift

from .hr_oracle import everybody, holdings
from .night_worlds import DAY


def _operations(first_night, numbers):
    return [each for each in first_night.plan["operations"] if each["anchor"] in numbers]


def _findings(first_night, kind):
    return {(each["target"], each["anchor"]) for each in first_night.plan["findings"] if each["kind"] == kind}


def test_a_changed_login_is_a_finding_and_is_not_written(first_night):
    numbers = first_night.world.staff.drift[Drift.OTHER_LOGIN]
    assert numbers
    assert _operations(first_night, numbers) == []
    assert {(target, number) for target in ("okta", "wiki") for number in numbers} <= _findings(first_night, "immutable")


def test_nothing_is_written_for_two_people_with_one_address_and_the_one_whose_number_no_account_carries_is_a_finding(first_night):
    held = first_night.world
    staff = list(everybody(held.folder / "hr", DAY))
    sharing = [each for each in staff if each.email and [other.email for other in staff].count(each.email) > 1]
    numbers = [each.number for each in sharing]
    assert len(numbers) == 2
    assert _operations(first_night, numbers) == []
    assert {("okta", numbers[1]), ("wiki", numbers[1])} <= _findings(first_night, "ambiguous")
    assert len(first_night.plan["operations"]) > 20


def test_a_protected_leaver_keeps_account_and_groups(first_night):
    held = first_night.world
    numbers = held.staff.drift[Drift.PROTECTED_LEAVER]
    assert _operations(first_night, numbers) == []
    assert {(target, number) for target in ("okta", "wiki") for number in numbers} <= _findings(first_night, "protected")


@pytest.mark.parametrize(("system", "group"), [("okta", "managers"), ("wiki", "wiki-readers")])
def test_a_protected_account_stays_in_a_fully_managed_group(first_night, system, group):
    login = "break-glass.admin@example.com"
    assert login in holdings(first_night.before)[system].groups[group]
    assert login in holdings(first_night.after)[system].groups[group]
    assert all(each["who"] != login for each in first_night.plan["operations"])
