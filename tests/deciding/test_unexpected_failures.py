"""Unexpected failures: each costs its own operation or its own system, and the rest goes on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import WHOLE, RawPage, ReadRequest, ScopeEnd
from reconcile.plan.model import Outcome, OutcomeKind, Plan, Verb
from reconcile.snapshot.binding import identity_check
from reconcile.snapshot.decoding import checks_of
from reconcile.unexpected import fault
from tests.support.companies.engine import Watched
from tests.support.companies.office import Office, changed, days, done, office, person

SECRET = "hunter2-in-the-message"
ERRORS = {
    "type": TypeError(SECRET),
    "value": ValueError(SECRET),
    "header": UnicodeEncodeError("ascii", SECRET, 0, 1, SECRET),
    "key": KeyError(SECRET),
    "depth": RecursionError(SECRET),
    "assert": AssertionError(SECRET),
    "address": OSError(SECRET),
}
"""What a connector raises that no contract speaks of."""


def _raising(error: Exception) -> Callable[..., Any]:
    async def fails(*_: object, **__: object) -> None:
        raise error

    return fails


def _outcomes(plan: Plan, outcomes: tuple[Outcome, ...]) -> dict[tuple[Verb, str], Outcome]:
    verbs = {operation.id: (operation.verb, operation.anchor) for operation in plan.operations}
    return {verbs[outcome.operation_id]: outcome for outcome in outcomes}


def _changed_office(here: Office) -> Plan:
    """A plan with an update for ann, the end of bob and an account for cem."""
    here.night()
    here.hr(person("ann", name="Ann Lee"), person("bob", status="left"), person("cem"))
    return here.plan(days(1))


def _fails(here: Office, verb: str, error: Exception) -> None:
    setattr(here.bench.target, verb, _raising(error))


WRITES = {
    "update_account": (Verb.UPDATE, "ann"),
    "deactivate_account": (Verb.DEACTIVATE, "bob"),
    "create_account": (Verb.CREATE, "cem"),
    "add_member": (Verb.ADD_MEMBER, "cem"),
    "remove_member": (Verb.REMOVE_MEMBER, "bob"),
}


@pytest.mark.parametrize("error", [ERRORS["type"], ERRORS["header"]], ids=["type", "header"])
@pytest.mark.parametrize(("write", "row"), WRITES.items(), ids=WRITES)
def test_row_that_fails_while_it_is_sent_is_unknown_and_the_others_are_done(
    tmp_path: Path, write: str, row: tuple[Verb, str], error: Exception
) -> None:
    with office(tmp_path, person("ann"), person("bob")) as here:
        plan = _changed_office(here)
        _fails(here, write, error)
        outcomes = _outcomes(plan, here.bench.apply(plan))
        assert outcomes[row].kind is OutcomeKind.UNKNOWN
        assert f"the program failed unexpectedly ({type(error).__name__} in " in outcomes[row].detail
        assert SECRET not in outcomes[row].detail
        others = {other: each.kind for other, each in outcomes.items() if other != row}
        assert OutcomeKind.DONE in others.values()
        assert set(others.values()) <= {OutcomeKind.DONE, OutcomeKind.HELD}


@pytest.mark.parametrize("error", ERRORS.values(), ids=ERRORS)
def test_row_that_fails_before_anything_is_sent_has_failed(tmp_path: Path, error: Exception) -> None:
    with office(tmp_path, person("ann"), person("bob")) as here:
        plan = _changed_office(here)
        _fails(here, "find_accounts", error)
        outcomes = _outcomes(plan, here.bench.apply(plan))
        assert outcomes[Verb.CREATE, "cem"].kind is OutcomeKind.FAILED
        assert SECRET not in outcomes[Verb.CREATE, "cem"].detail
        assert (outcomes[Verb.UPDATE, "ann"].kind, here.state("bob")) == (OutcomeKind.DONE, "deactivated")


def test_account_that_was_made_before_the_failure_is_linked(tmp_path: Path) -> None:
    with office(tmp_path, person("ann")) as here:
        plan = here.plan()
        create = here.bench.target.create_account

        async def made_and_failed(attributes: Any) -> None:
            await create(attributes)
            raise KeyError(SECRET)

        here.bench.target.create_account = made_and_failed  # type: ignore[method-assign,assignment]
        outcome = _outcomes(plan, here.bench.apply(plan))[Verb.CREATE, "ann"]
        assert outcome.kind is OutcomeKind.FAILED
        assert here.bench.links() == {"ann": here.account("ann").id}
        assert done(here.plan(days(1))) == []
        assert changed(here.plan(days(1))) == [(Verb.ADD_MEMBER, "ann", "all"), (Verb.ADD_MEMBER, "ann", "sales")]


def test_preview_states_the_row_that_fails_and_looks_at_the_others(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), person("bob")) as here:
        plan = _changed_office(here)
        _fails(here, "find_accounts", ValueError(SECRET))
        outcomes = _outcomes(plan, here.bench.preview(plan))
        assert {row: each.kind for row, each in outcomes.items()} == {(Verb.CREATE, "cem"): OutcomeKind.FAILED}
        assert SECRET not in outcomes[Verb.CREATE, "cem"].detail


def test_end_of_the_process_is_no_outcome_of_a_row(tmp_path: Path) -> None:
    with office(tmp_path, person("ann"), person("bob")) as here:
        plan = _changed_office(here)
        here.bench.target.update_account = _interrupted
        with pytest.raises(KeyboardInterrupt):
            here.bench.apply(plan)


async def _interrupted(*_: object) -> None:
    raise KeyboardInterrupt


async def _page_and_failure(request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:
    raise ValueError(SECRET)
    yield


@pytest.mark.parametrize("broken", ["pages", "decode", "identity"])
def test_system_whose_read_fails_unexpectedly_freezes_itself(tmp_path: Path, broken: str) -> None:
    with office(tmp_path, person("ann"), person("bob")) as here:
        here.night()

        def fails(_page: RawPage) -> None:
            raise RecursionError(SECRET)

        replacement = {"pages": _page_and_failure, "decode": fails}.get(broken, _raising(TypeError(SECRET)))
        setattr(here.bench.target, broken, replacement)
        here.hr(person("ann", name="Ann Lee"), person("bob", status="left"))
        plan = here.plan(days(1))
        assert [scope.system for scope in plan.scopes if not scope.complete] != []
        assert {scope.system for scope in plan.scopes if not scope.complete} == {here.bench.target.name}
        assert SECRET not in str(plan)
        assert not [operation for operation in plan.operations if operation.verb is Verb.CREATE]


def test_check_of_a_connector_that_fails_is_a_problem_of_its_system() -> None:
    target = Watched()
    target.check = target.identity = _raising(ValueError(SECRET))  # type: ignore[method-assign]
    (own,) = asyncio.run(checks_of(target))
    same = asyncio.run(identity_check(target, None, "project"))
    for check in (own, same):
        assert "the program failed unexpectedly (ValueError in " in check.problem
        assert SECRET not in check.problem


def test_fault_names_the_innermost_place_of_the_program() -> None:
    target = Watched()
    with pytest.raises(TypeError) as caught:
        asyncio.run(target.read_account([]))  # type: ignore[arg-type]
    assert "(TypeError in connectors/memory/account_verbs.py:" in fault(caught.value)
