"""After a rehearsal each fact that an operation was to make true is asked of what the target then shows."""

import pytest

from connectors.contract import AccountState, Entitlement, EntitlementKind, Membership, Opening, Record, Traits
from connectors.sandbox.twins.snapshot import TwinSnapshot
from reconcile.plan.model import Outcome, OutcomeKind, Verb
from reconcile.usecases.rehearsal.end_state import untrue_facts, wanted_facts
from tests.report.conftest import make_operation, make_plan

TRAITS = Traits(login="login", email="email")
GROUP = {"entitlement_id": "g", "entitlement": "crew", "entitlement_kind": "group"}
NOTHING = TwinSnapshot(accounts=[], entitlements=[], memberships=[], declared={})


def _rows(state=AccountState.ACTIVE, attributes='{"title":"Lead"}', *, group="crew", member=True):
    return TwinSnapshot(
        accounts=[Record("00u1", state, "", attributes)],
        entitlements=[Entitlement("g", EntitlementKind.GROUP, group)],
        memberships=[Membership("00u1", "g")] if member else [],
        declared={},
    )


def _sentences(rows, *operations, kind=OutcomeKind.DONE):
    outcomes = {each.id: Outcome(operation_id=each.id, kind=kind, account_id="00u1", entitlement_id="g") for each in operations}
    return [each.sentence() for each in untrue_facts(wanted_facts(make_plan(*operations), outcomes), "okta", rows, TRAITS)]


@pytest.mark.parametrize(
    ("operation", "right", "wrong", "said"),
    [
        (make_operation(after={"title": "Lead"}), _rows(), _rows(attributes='{"title":"Chief"}'), 'title is "Chief"; "Lead" was planned'),
        (make_operation(after={"title": "Lead"}), _rows(), NOTHING, 'account is none; "there" was planned'),
        (
            make_operation(verb=Verb.CREATE, account_id="", after={"title": "Lead"}, opening=Opening.LATER),
            _rows(AccountState.STAGED),
            _rows(),
            'state is "active"; "staged" was planned',
        ),
        (make_operation(verb=Verb.DEACTIVATE), _rows(AccountState.DEACTIVATED), _rows(), 'state is "active"; "deactivated" was planned'),
        (make_operation(verb=Verb.DELETE), NOTHING, _rows(), 'state is "active"; none was planned'),
        (make_operation(verb=Verb.ADD_MEMBER, **GROUP), _rows(), _rows(member=False), "member is false; true was planned"),
        (make_operation(verb=Verb.REMOVE_MEMBER, **GROUP), _rows(member=False), _rows(), "member is true; false was planned"),
        (make_operation(verb=Verb.CREATE_GROUP, **GROUP), _rows(), NOTHING, 'name of the group is none; "crew" was planned'),
        (make_operation(verb=Verb.DELETE_GROUP, **GROUP), NOTHING, _rows(), 'name of the group is "crew"; none was planned'),
    ],
)
def test_a_fact_that_the_rows_do_not_show_is_a_difference(operation, right, wrong, said):
    assert _sentences(right, operation) == []
    assert _sentences(wrong, operation) == [said]


def test_nothing_is_asked_of_what_was_not_applied():
    assert _sentences(NOTHING, make_operation(after={"title": "Lead"}), kind=OutcomeKind.FAILED) == []


def test_of_several_operations_on_one_value_the_last_one_counts():
    first, last = make_operation(1, after={"title": "Between"}), make_operation(2, account_id="00u1", after={"title": "Lead"})
    assert _sentences(_rows(), first, last) == []
    assert _sentences(_rows(), last, first) == ['title is "Lead"; "Between" was planned']


def test_a_target_that_hides_who_is_deactivated_differs_in_nothing():
    update, end = make_operation(1, after={"title": "Lead"}), make_operation(2, Verb.DEACTIVATE, account_id="00u1")
    assert _sentences(NOTHING, update, end) == []
