"""Every request of `reconcile act` from every status of Okta: what is planned, and what a step that is not planned says."""

from __future__ import annotations

import pytest

from connectors.contract import AccountState
from connectors.okta.connector import Okta
from mappings.rules import TargetMapping
from reconcile.decide.act.accounts import AskedAccount, Entitled, Holding, Memberships
from reconcile.decide.act.builder import Builder
from reconcile.decide.act.request import Request, RequestKind
from reconcile.decide.act.steps import Steps
from reconcile.decide.fragment import TargetContext
from reconcile.decide.matching.eligibility import Eligibility
from reconcile.plan.model import Finding, Operation, Situation

K, S = RequestKind, AccountState
STATES = {
    "STAGED": S.STAGED,
    "PROVISIONED": S.ACTIVE,
    "ACTIVE": S.ACTIVE,
    "RECOVERY": S.ACTIVE,
    "LOCKED_OUT": S.ACTIVE,
    "PASSWORD_EXPIRED": S.ACTIVE,
    "SUSPENDED": S.SUSPENDED,
    "DEPROVISIONED": S.DEACTIVATED,
}
"""In the order of the rows of the table."""
PLANNED = "planned"
ACTIVE, ALSO_ACTIVE = "is active already: nothing is planned.", "is active ({}) already: nothing is planned."
WAKE = "First: reconcile act unsuspend."
OPEN = "First: reconcile act activate."
UNLOCK = "First: reconcile act unlock."
RESET = "Instead: reconcile act reset-password."
WAIT = "Wait until the person signs in, or do it in okta itself."
END = "is {}; only a deactivated account is deleted. First: reconcile act deactivate."
END_ACTIVE = "is active ({}); only a deactivated account is deleted. First: reconcile act deactivate."
NOT_FROM = "is {}, from which okta does not suspend. Deactivate it instead: reconcile act deactivate."
NOT_YET = "is {}, from which okta does not suspend. First: reconcile act unlock. Or deactivate it instead: reconcile act deactivate."
NO_SIGN_IN = "is staged: there is nothing to suspend.", "is deactivated (DEPROVISIONED): there is nothing to suspend."
NOT_SUSPENDED = "not suspended. To make it active: reconcile act activate."
LOCKED = "is {}, and unlock works only from LOCKED_OUT."
FACTORS = "is {}, and reset factors works only from ACTIVE or LOCKED_OUT or PASSWORD_EXPIRED or PROVISIONED or RECOVERY or SUSPENDED."
PASSWORD = "is {}, and reset password works only from ACTIVE or LOCKED_OUT or PASSWORD_EXPIRED or RECOVERY."
TEMPORARY = "is {}, and temporary password works only from ACTIVE."
EXPIRY = "is {}, and expire password works only from ACTIVE."
PENDING = "is {}, and resend activation works only from PROVISIONED."
NOT_PENDING = "is {}: nothing is left to resend activation."
NOT_LOCKED = "is {}: nothing is left to unlock."
GETS_NOTHING = "is deactivated and gets nothing. First: reconcile act activate."
HOLDS, HOLDS_NOT = "holds staff: nothing is planned.", "does not hold staff: nothing is planned."
TABLE: dict[RequestKind, tuple[str, ...]] = {
    K.ACTIVATE: (PLANNED, ALSO_ACTIVE, ACTIVE, *(ALSO_ACTIVE,) * 3, "To make it active again: reconcile act unsuspend.", PLANNED),
    K.UNSUSPEND: (NOT_SUSPENDED, ALSO_ACTIVE, ACTIVE, *(ALSO_ACTIVE,) * 3, PLANNED, NOT_SUSPENDED),
    K.DEACTIVATE: (*(PLANNED,) * 7, "is deactivated (DEPROVISIONED) already: nothing is planned."),
    K.SUSPEND: (NO_SIGN_IN[0], NOT_FROM, PLANNED, NOT_FROM, NOT_YET, NOT_FROM, "is suspended already: nothing is planned.", NO_SIGN_IN[1]),
    K.DELETE: (END.format("staged"), END_ACTIVE, END.format("active"), *(END_ACTIVE,) * 3, END.format("suspended"), PLANNED),
    K.UNLOCK: (f"{LOCKED} {OPEN}", *(NOT_LOCKED,) * 3, PLANNED, NOT_LOCKED, f"{LOCKED} {WAKE}", f"{LOCKED} {OPEN}"),
    K.RESET_PASSWORD: (f"{PASSWORD} {OPEN}", f"{PASSWORD} {WAIT}", *(PLANNED,) * 4, f"{PASSWORD} {WAKE}", f"{PASSWORD} {OPEN}"),
    K.TEMPORARY_PASSWORD: tuple(
        way if way == PLANNED else f"{TEMPORARY} {way}" for way in (OPEN, WAIT, PLANNED, RESET, UNLOCK, RESET, WAKE, OPEN)
    ),
    K.EXPIRE_PASSWORD: (
        f"{EXPIRY} {OPEN}",
        f"{EXPIRY} {WAIT}",
        PLANNED,
        f"{EXPIRY} {RESET}",
        f"{EXPIRY} {UNLOCK}",
        "is PASSWORD_EXPIRED: nothing is left to expire password.",
        f"{EXPIRY} {WAKE}",
        f"{EXPIRY} {OPEN}",
    ),
    K.RESEND_ACTIVATION: (
        f"{PENDING} {OPEN}",
        PLANNED,
        NOT_PENDING,
        f"{PENDING} {RESET}",
        NOT_PENDING,
        NOT_PENDING,
        f"{PENDING} {WAKE}",
        f"{PENDING} {OPEN}",
    ),
    K.RESET_FACTORS: (f"{FACTORS} {OPEN}", *(PLANNED,) * 6, f"{FACTORS} {OPEN}"),
    K.REVOKE_SESSIONS: (PLANNED,) * 8,
    K.ADD_TO_GROUP: (*(PLANNED,) * 7, GETS_NOTHING),
    K.REMOVE_FROM_GROUP: (PLANNED,) * 8,
    K.ASSIGN_APP: (*(PLANNED,) * 7, GETS_NOTHING),
    K.UNASSIGN_APP: (PLANNED,) * 8,
}
RECIPES = {
    # The steps, by status: a lockdown ends what cannot be suspended, and asks nothing of an account that is closed.
    K.LOCKDOWN: ("revoke_sessions", *(f"revoke_sessions {end}" for end in ("deactivate", "suspend", *("deactivate",) * 3)), "revoke_sessions", ""),
    K.OFFBOARD: (*("remove_member revoke_sessions deactivate",) * 7, "remove_member"),
}  # fmt: skip
STAFF = {
    K.ADD_TO_GROUP: Entitled("g1", "group", "staff", "", privileged=False),
    K.REMOVE_FROM_GROUP: Entitled("g1", "group", "staff", "", privileged=False),
    K.ASSIGN_APP: Entitled("app:a1", "app", "staff", "", privileged=False),
    K.UNASSIGN_APP: Entitled("app:a1", "app", "staff", "", privileged=False),
}
TAKES = (K.REMOVE_FROM_GROUP, K.UNASSIGN_APP, K.OFFBOARD)


def _steps(kind: RequestKind, status: str) -> list[Operation | Finding]:
    rules = TargetMapping.model_validate({"target": "okta", "attributes": {"login": "login"}})
    account = AskedAccount("a1", "17", STATES[status], status, "mina", "Mina Falk", Situation.CONFIRMED, Eligibility.ACTIVE)
    staff = STAFF.get(kind, STAFF[K.ADD_TO_GROUP])
    held = Memberships({"a1": [Holding(staff, direct=True, ours=False)]} if kind in TAKES else {})
    build = Builder(TargetContext("okta", Okta.traits, rules, {}), Request(kind, "Jo", "a laptop is gone"))
    return list(Steps(build, held, STAFF.get(kind)).of(account))


@pytest.mark.parametrize("kind", TABLE)
def test_request_is_planned_or_its_note_says_the_status_and_the_way_out(kind: RequestKind) -> None:
    found = {}
    for status, wanted in zip(STATES, TABLE[kind], strict=True):
        (step,) = _steps(kind, status)
        said = PLANNED if isinstance(step, Operation) else step.message
        if not (said == wanted if wanted == PLANNED else said.startswith("mina (Mina Falk) ") and wanted.format(status) in said):
            found[status] = said
    assert found == {}


@pytest.mark.parametrize("kind", RECIPES)
def test_recipe_takes_the_steps_that_the_status_allows(kind: RequestKind) -> None:
    found = {status: " ".join(each.verb for each in _steps(kind, status) if isinstance(each, Operation)) for status in STATES}
    assert found == dict(zip(STATES, RECIPES[kind], strict=True))
