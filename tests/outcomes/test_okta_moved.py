"""Every verb planned from one status of Okta and met at another: the outcome in the journal, by a table written from the facts."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from connectors.contract import Opening
from connectors.okta.connector import Okta
from connectors.okta.settings import OktaSettings
from connectors.sandbox.host import Fault, FaultKind, Sandbox, running
from connectors.sandbox.okta import OktaSandbox
from reconcile.plan.model import Outcome, Verb

from .one_operation import ACTIVE, OFF, STAGED, SUSPENDED, Runs, operation

STATUSES = ("STAGED", "PROVISIONED", "ACTIVE", "RECOVERY", "LOCKED_OUT", "PASSWORD_EXPIRED", "SUSPENDED", "DEPROVISIONED")
GROUP, FULL, APP, SHOP = "00g00000000000000001", "00g00000000000000002", "0oa00000000000000001", "0oa00000000000000002"
MEMBER: dict[str, Any] = {"before": {"member": False}, "after": {"member": True}}
NO_MEMBER: dict[str, Any] = {"before": {"member": True}, "after": {"member": False}}
PLANNED: dict[str, tuple[Verb, dict[str, Any]]] = {
    "activate": (Verb.REACTIVATE, {"before": OFF, "after": ACTIVE}),
    "activate with mail": (Verb.REACTIVATE, {"before": STAGED, "after": ACTIVE, "opening": Opening.MAIL}),
    "unsuspend": (Verb.REACTIVATE, {"before": SUSPENDED, "after": ACTIVE}),
    "deactivate": (Verb.DEACTIVATE, {"before": ACTIVE, "after": OFF}),
    "suspend": (Verb.SUSPEND, {"before": ACTIVE, "after": SUSPENDED}),
    "delete": (Verb.DELETE, {"before": OFF, "after": {"state": "deleted"}}),
    "unlock": (Verb.UNLOCK, {"before": {"status": "LOCKED_OUT"}, "after": {"status": "ACTIVE"}}),
    "reset password": (Verb.RESET_PASSWORD, {"before": {"status": "ACTIVE"}, "after": {"status": "RECOVERY"}}),
    "temporary password": (Verb.TEMPORARY_PASSWORD, {"before": {"status": "ACTIVE"}, "after": {"status": "PASSWORD_EXPIRED"}}),
    "expire password": (Verb.EXPIRE_PASSWORD, {"before": {"status": "ACTIVE"}, "after": {"status": "PASSWORD_EXPIRED"}}),
    "resend activation": (Verb.RESEND_ACTIVATION, {}),
    "reset factors": (Verb.RESET_FACTORS, {}),
    "revoke sessions": (Verb.REVOKE_SESSIONS, {}),
    "update": (Verb.UPDATE, {"before": {"title": None}, "after": {"title": "Pilot"}}),
    "rename": (Verb.RENAME, {}),
    "add member": (Verb.ADD_MEMBER, {**MEMBER, "entitlement_id": GROUP}),
    "remove member": (Verb.REMOVE_MEMBER, {**NO_MEMBER, "entitlement_id": FULL}),
    "assign": (Verb.ADD_MEMBER, {**MEMBER, "entitlement_id": f"app:{APP}"}),
    "unassign": (Verb.REMOVE_MEMBER, {**NO_MEMBER, "entitlement_id": f"app:{SHOP}"}),
}
DONE, ALREADY = "done", "already"
SINCE = {name: f"the account was {name} and is {{}} now" for name in ("active", "suspended", "staged", "deactivated")}
FROM_OFF, FROM_NEW, FROM_PAUSE, FROM_USE = (SINCE[name] for name in ("deactivated", "staged", "suspended", "active"))
NOT_NOW = "the account is {} now; it is possible only from"
NO_PAUSE = "the account is {} now, and cannot be suspended from that"
ENDED = "the account has been deactivated meanwhile"
TABLE: dict[str, tuple[str, ...]] = {
    # The kind of the outcome, or the reason of one that has moved; {} is the state or the status of the account.
    "activate": (FROM_OFF, *(ALREADY,) * 5, FROM_OFF, DONE),
    "activate with mail": (DONE, *(ALREADY,) * 5, FROM_NEW, FROM_NEW),
    "unsuspend": (FROM_PAUSE, *(ALREADY,) * 5, DONE, FROM_PAUSE),
    "deactivate": (FROM_USE, *(DONE,) * 5, FROM_USE, ALREADY),
    "suspend": (FROM_USE, NO_PAUSE, DONE, *(NO_PAUSE,) * 3, ALREADY, FROM_USE),
    "delete": (*(FROM_OFF,) * 7, DONE),
    "unlock": (NOT_NOW, *(ALREADY,) * 3, DONE, ALREADY, NOT_NOW, NOT_NOW),
    "reset password": (NOT_NOW, NOT_NOW, *(DONE,) * 4, NOT_NOW, NOT_NOW),
    "temporary password": (NOT_NOW, NOT_NOW, DONE, *(NOT_NOW,) * 5),
    "expire password": (NOT_NOW, NOT_NOW, DONE, NOT_NOW, NOT_NOW, ALREADY, NOT_NOW, NOT_NOW),
    "resend activation": (NOT_NOW, DONE, ALREADY, NOT_NOW, ALREADY, ALREADY, NOT_NOW, NOT_NOW),
    "reset factors": (NOT_NOW, *(DONE,) * 6, NOT_NOW),
    "revoke sessions": (DONE,) * 8,
    "update": (*(DONE,) * 7, ENDED),
    "rename": (*(DONE,) * 7, ENDED),
    "add member": (*(DONE,) * 7, ENDED),
    "remove member": (DONE,) * 8,
    "assign": (*(DONE,) * 7, ENDED),
    "unassign": (*(DONE,) * 7, ALREADY),
}
WORDS = {"STAGED": "staged", "SUSPENDED": "suspended", "DEPROVISIONED": "deactivated"}
"""The states of this job's own words; the account of every other status is active."""
ODD = "FROZEN"
"""A status of which nothing is known."""


def _id(name: str, status: str) -> str:
    return f"00u{list(TABLE).index(name):08d}{(*STATUSES, ODD).index(status):09d}"


def _login(name: str, status: str) -> str:
    return f"{_id(name, status).lower()}@example.com"


CASES = [(name, status, cell) for name, row in TABLE.items() for status, cell in zip(STATUSES, row, strict=True)]


def _user(name: str, status: str) -> dict[str, Any]:
    login = _login(name, status)
    return {"id": _id(name, status), "status": status, "profile": {"login": login, "email": login, "firstName": "A", "lastName": "B"}}


def _seed() -> dict[str, Any]:
    everyone = [_user(name, status) for name, status, _ in CASES] + [_user(name, ODD) | {"status": "ACTIVE"} for name in TABLE]
    return {
        "users": everyone,
        "groups": [{"id": GROUP, "profile": {"name": "crew"}}, {"id": FULL, "profile": {"name": "full"}}],
        "members": {FULL: [user["id"] for user in everyone]},
        "apps": [{"id": APP, "label": "Wiki"}, {"id": SHOP, "label": "Shop", "users": {user["id"]: {} for user in everyone if user["status"] != "DEPROVISIONED"}}],
    }  # fmt: skip


@dataclass(frozen=True)
class Ended:
    outcomes: dict[tuple[str, str], Outcome]
    statuses: dict[str, str]
    odd_writes: list[str]


async def _all(sandbox: Sandbox, runs: Runs) -> Ended:
    settings = OktaSettings.model_validate({"url": sandbox.url, "token": "env:OKTA_TEST_TOKEN", "apps": True})
    okta, outcomes = Okta("acme", settings, Path()), {}

    async def applied(name: str, status: str) -> Outcome:
        verb, fields = PLANNED[name]
        login = _login(name, status)
        changed = {"before": {"login": login}, "after": {"login": f"new-{login}"}} if name == "rename" else fields
        asked = operation("acme", verb, f"{name} {status}", login, _id(name, status), account={"login": login}, **changed)
        return await runs.apply(okta, asked)

    try:
        for name, status, _ in CASES:
            outcomes[name, status] = await applied(name, status)
        sandbox.forget_requests()
        for name in TABLE:
            shown = json.dumps(_user(name, ODD))
            sandbox.add_fault(Fault(FaultKind.BODY, method="GET", path=f"users/{_id(name, ODD)}$", body=shown))
            outcomes[name, ODD] = await applied(name, ODD)
    finally:
        await okta.close()
    state: Any = sandbox.app.state()
    return Ended(outcomes, {user["id"]: user["status"] for user in state["users"]}, [each.path for each in sandbox.writes()])


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Ended:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("OKTA_TEST_TOKEN", "sandbox-token")
        with running(OktaSandbox(_seed())) as sandbox:
            return asyncio.run(_all(sandbox, Runs(tmp_path_factory.mktemp("state"))))


def test_operation_that_meets_another_status_is_done_or_already_or_moved_with_the_status(ended: Ended) -> None:
    wrong = {}
    for name, status, cell in CASES:
        outcome = ended.outcomes[name, status]
        shown = f"{outcome.kind}: {outcome.detail}"
        word = status if cell in (NOT_NOW, NO_PAUSE) else WORDS.get(status, "active")
        if not (outcome.kind == cell if cell in (DONE, ALREADY) else shown.startswith(f"moved: {cell.format(word)}")):
            wrong[name, status] = shown
    assert wrong == {}


def test_account_of_an_operation_that_was_not_done_keeps_its_status(ended: Ended) -> None:
    left = [(name, status) for name, status, _ in CASES if ended.outcomes[name, status].kind != DONE]
    assert {each: ended.statuses.get(_id(*each)) for each in left} == {each: each[1] for each in left}


def test_status_of_which_nothing_is_known_fails_with_the_word_and_nothing_is_sent(ended: Ended) -> None:
    said = {name: f"{ended.outcomes[name, ODD].kind} {ended.outcomes[name, ODD].detail}" for name in TABLE}
    assert {name: text for name, text in said.items() if not text.startswith("failed ") or ODD not in text} == {}
    assert ended.odd_writes == []
