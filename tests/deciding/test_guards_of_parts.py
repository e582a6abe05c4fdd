"""Guards that look at one group, one attribute, one department at a time, so that a small part is not lost in a large whole."""

import pytest

from reconcile.decide.guards.facts import Dimension
from reconcile.plan.model import Verb
from reconcile.project.limits import DimensionLimits, GroupLimits, Guards, Limit

from .guard_worlds import OPEN, change, deactivations, removals, verdicts


def guards(**stated: object) -> Guards:
    return OPEN.model_copy(update=stated)


def test_loss_of_nearly_all_members_of_one_group_is_refused_although_small_in_total():
    found = verdicts(removals(1498, "sales"), Guards(), accounts=150_000, members={"sales": 1501})
    assert found["app.remove_member"].passed
    group = found["app.groups.remove_member"]
    assert (group.passed, group.count, group.accounts, group.population) == (False, 1498, 1498, 1501)
    assert group.message == (
        "Refused: 1,498 of the 1,501 members of Sales would be removed in app (99.8%); the limit is 50% above a floor of 10. "
        "Among them p0@x, p1@x, p2@x, p3@x, p4@x and 1,493 more. Read the plan. If it is right, let this one plan pass with "
        "`reconcile override app.groups.remove_member --plan DIGEST --by NAME --why REASON`; if not, mend the cause and plan again."
    )


@pytest.mark.parametrize(("lost", "passed"), [(10, True), (11, False)])
def test_the_floor_of_a_group_is_of_its_own_members(lost, passed):
    found = verdicts(
        removals(lost, "sales") + removals(10, "it", first=500),
        OPEN.model_copy(update={"groups": GroupLimits()}),
        members={"sales": 12, "it": 10},
    )
    assert found["app.groups.remove_member"].passed is passed


def test_the_worst_group_is_told_and_the_others_are_named():
    operations = removals(20, "sales") + removals(11, "it", first=100) + removals(30, "hr", first=200)
    found = verdicts(operations, guards(groups=GroupLimits()), members={"sales": 25, "it": 11, "hr": 300})["app.groups.remove_member"]
    assert found.message.startswith("Refused: 11 of the 11 members of It would be removed in app (100.0%);")
    assert "So are Sales (20 of 25). " in found.message
    assert "Hr" not in found.message


def test_a_group_may_grow_as_it_likes_unless_a_limit_is_written():
    operations = [change(Verb.ADD_MEMBER, number, "sales") for number in range(50)]
    assert verdicts(operations, Guards(), members={"sales": 3})["app.groups.add_member"].passed
    limited = guards(groups=GroupLimits(add_member=Limit(percent=100, floor=10)))
    found = verdicts(operations, limited, members={"sales": 3})["app.groups.add_member"]
    assert not found.passed
    assert "50 accounts would be added to Sales in app, which has 3 members (1666.7%)" in found.message


def test_a_limit_of_groups_without_a_percentage_keeps_the_usual_one():
    found = verdicts(removals(30, "sales"), guards(groups=GroupLimits(remove_member=Limit(count=500))), members={"sales": 40})
    assert not found["app.groups.remove_member"].passed
    assert verdicts(removals(30, "sales"), OPEN, members={"sales": 40})["app.groups.remove_member"].passed


def updates(count: int, *names: str) -> list:
    return [change(Verb.UPDATE, number, after=dict.fromkeys(names, "new")) for number in range(count)]


def test_one_attribute_that_changes_for_many_is_refused_where_so_many_updates_would_pass():
    found = verdicts(updates(380, "title"), Guards())
    assert found["app.update"].passed
    assert not found["app.attributes"].passed
    assert "title would change for 380 accounts in app (38.0% of 1,000 accounts or people); the limit is 30% above a floor of 50" in (
        found["app.attributes"].message
    )


def test_an_attribute_has_a_limit_of_its_own_where_one_is_written():
    strict = guards(attributes={"email": Limit(count=3)})
    assert verdicts(updates(4, "title"), strict)["app.attributes"].passed
    refused = verdicts(updates(4, "title", "email"), strict)["app.attributes"]
    assert not refused.passed
    assert "email would change for 4 accounts" in refused.message


SALES = Dimension({f"E{number}": "Sales" for number in range(41)} | {"E41": "IT", "E42": "IT"}, {"Sales": 41, "IT": 300})


def test_department_that_loses_all_its_people_is_refused():
    found = verdicts(deactivations(44), Guards(dimensions={"department": DimensionLimits()}), dimensions={"department": SALES})
    assert found["app.deactivate"].passed
    refused = found["app.dimensions.department"]
    assert (refused.count, refused.population) == (41, 41)
    assert refused.message.startswith(
        "Refused: 41 of 41 people with department 'Sales' would lose their account in app (100.0%); the limit is 50% above a floor of 5. Among"
    )
    assert "IT" not in refused.message


def test_people_without_the_attribute_are_no_department():
    unknown = Dimension({}, {})
    assert "app.dimensions.department" not in verdicts(
        deactivations(44), Guards(dimensions={"department": DimensionLimits()}), dimensions={"department": unknown}
    )


def test_only_people_who_lose_their_account_count():
    operations = removals(41, "crm")
    assert "app.dimensions.department" not in verdicts(
        operations, Guards(dimensions={"department": DimensionLimits()}), dimensions={"department": SALES}
    )


def test_what_no_mapping_file_has_is_told_with_what_is_like_it():
    stated = Guards.model_validate(
        {
            "targets": {"okta": {}},
            "admins": {"otka": {"group": "Root"}},
            "attributes": {"titel": {}, "email": {}},
            "dimensions": {"departement": {}, "country": {}},
        }
    )
    told = list(stated.unknown(["okta"], ["title", "email"], ["department", "country"]))
    assert [".".join(path) for path, _ in told] == ["guards.admins.otka", "guards.attributes.titel", "guards.dimensions.departement"]
    assert "no mapping file has the target 'otka'; did you mean 'okta'" in told[0][1]
    assert "'title'" in told[1][1]
    assert "'department'" in told[2][1]
