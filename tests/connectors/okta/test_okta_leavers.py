"""Suspending, ending a suspension, and deleting: what is sent, what stays, and what is never done to the wrong account."""

import pytest

from connectors.contract import AccountState
from connectors.errors import PreconditionFailed, Rejected, Uncertain
from connectors.sandbox.host import Fault, FaultKind

from .okta_worlds import group, group_id, org, user, user_id

ANN = user_id(1)


def one(status: str = "ACTIVE") -> dict:
    return {"users": [user(1, status), user(2)], "groups": [group(1, "Engineering")]}


def sent(sandbox) -> list[str]:
    return [f"{request.method} {request.path.removeprefix('/api/v1')}" for request in sandbox.writes()]


def statuses(sandbox) -> dict[str, str]:
    return {row["id"]: row["status"] for row in sandbox.app.state()["users"]}


def test_a_suspended_user_has_no_sessions_keeps_the_groups_and_twice_is_once(tmp_path):
    async def story(okta):
        await okta.add_member(group_id(1), ANN)
        for _ in range(2):
            assert (await okta.suspend_account(ANN)).state is AccountState.SUSPENDED
        assert await okta.has_member(group_id(1), ANN)

    with org(one(), tmp_path) as (sandbox, tell):
        tell(story)
        assert sent(sandbox)[1:] == [f"DELETE /users/{ANN}/sessions", f"POST /users/{ANN}/lifecycle/suspend"]
        assert statuses(sandbox)[ANN] == "SUSPENDED"


def test_a_suspension_is_ended_without_a_new_activation(tmp_path):
    async def story(okta):
        await okta.suspend_account(ANN)
        assert (await okta.activate_account(ANN)).status == "ACTIVE"

    with org(one(), tmp_path) as (sandbox, tell):
        tell(story)
        assert sent(sandbox)[-1] == f"POST /users/{ANN}/lifecycle/unsuspend"


UNSUSPENDABLE = {
    "STAGED": Rejected,
    "DEPROVISIONED": Rejected,
    **dict.fromkeys(["PROVISIONED", "PASSWORD_EXPIRED", "LOCKED_OUT", "RECOVERY"], PreconditionFailed),
}


@pytest.mark.parametrize(("status", "refusal"), UNSUSPENDABLE.items())
def test_suspension_from_another_status_is_refused_before_any_write(tmp_path, status, refusal):
    async def story(okta):
        with pytest.raises(refusal, match=status):
            await okta.suspend_account(ANN)

    with org(one(status), tmp_path) as (sandbox, tell):
        tell(story)
        assert statuses(sandbox)[ANN] == status
        assert sent(sandbox) == []


@pytest.mark.parametrize("status", ["STAGED", "PROVISIONED", "ACTIVE", "PASSWORD_EXPIRED", "LOCKED_OUT", "RECOVERY", "SUSPENDED"])
def test_deactivation_works_from_every_status(tmp_path, status):
    async def story(okta):
        assert (await okta.deactivate_account(ANN)).state is AccountState.DEACTIVATED

    with org(one(status), tmp_path) as (sandbox, tell):
        tell(story)
        assert statuses(sandbox)[ANN] == "DEPROVISIONED"


@pytest.mark.parametrize("kind", [FaultKind.DROP_AFTER, FaultKind.STATUS_AFTER])
def test_a_suspension_whose_answer_is_lost_is_judged_by_what_it_did(tmp_path, kind):
    async def story(okta):
        assert (await okta.suspend_account(ANN)).state is AccountState.SUSPENDED

    with org(one(), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(kind, method="POST"))
        tell(story)
        assert sent(sandbox).count(f"POST /users/{ANN}/lifecycle/suspend") == 1


def test_a_deactivated_user_is_deleted_once_and_is_gone(tmp_path):
    async def story(okta):
        for _ in range(2):
            await okta.delete_account(ANN)
        assert await okta.read_account(ANN) is None

    with org(one("DEPROVISIONED"), tmp_path) as (sandbox, tell):
        tell(story)
        assert [(request.method, request.path, request.query) for request in sandbox.writes()] == [
            ("DELETE", f"/api/v1/users/{ANN}", "sendEmail=false")
        ]
        assert ANN not in statuses(sandbox)


@pytest.mark.parametrize("status", ["ACTIVE", "SUSPENDED", "STAGED", "PASSWORD_EXPIRED"])
def test_a_user_who_is_not_deactivated_is_never_sent_the_call_that_would_deactivate(tmp_path, status):
    async def story(okta):
        with pytest.raises(PreconditionFailed, match=status):
            await okta.delete_account(ANN)

    with org(one(status), tmp_path) as (sandbox, tell):
        tell(story)
        assert sent(sandbox) == []
        assert statuses(sandbox)[ANN] == status


def test_a_deletion_that_is_answered_well_and_does_nothing_is_refused_and_not_repeated(tmp_path, monkeypatch):
    monkeypatch.setattr("connectors.okta.users.PAUSE", 0.0)

    async def story(okta):
        with pytest.raises(Rejected, match="still there"):
            await okta.delete_account(ANN)

    with org(one("DEPROVISIONED"), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(FaultKind.STATUS, method="DELETE", status=204, body=""))
        tell(story)
        assert sent(sandbox) == [f"DELETE /users/{ANN}"]


@pytest.mark.parametrize(("kind", "there"), [(FaultKind.DROP_BEFORE, True), (FaultKind.DROP_AFTER, False)])
def test_a_deletion_whose_answer_is_lost_is_uncertain(tmp_path, kind, there):
    async def story(okta):
        with pytest.raises(Uncertain):
            await okta.delete_account(ANN)
        assert (await okta.read_account(ANN) is not None) is there

    with org(one("DEPROVISIONED"), tmp_path) as (sandbox, tell):
        sandbox.add_fault(Fault(kind, method="DELETE", times=1))
        tell(story)
