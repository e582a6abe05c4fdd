"""Performs one-off actions on users: sessions, lockout, factors and passwords (Okta, User Lifecycle, User Credentials, User Sessions)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import assert_never

import msgspec

from connectors.actions import Action, ActionRule, Performed, TemporaryPassword
from connectors.cleaning import remember
from connectors.contract import Record
from connectors.errors import Conflict, Forbidden, NotFound, PreconditionFailed, Rejected, Uncertain
from connectors.okta.client import Bucket, Org
from connectors.okta.users import existing, user_path

_WITH_PASSWORD = frozenset({"ACTIVE", "PASSWORD_EXPIRED", "RECOVERY", "LOCKED_OUT"})
_OPEN = _WITH_PASSWORD | {"PROVISIONED"}
RULES: Mapping[Action, ActionRule] = {
    Action.REVOKE_SESSIONS: ActionRule(repeatable=True),
    Action.UNLOCK: ActionRule(possible=frozenset({"LOCKED_OUT"}), already=_OPEN - {"LOCKED_OUT"}, leads_to="ACTIVE", repeatable=True),
    Action.RESET_FACTORS: ActionRule(possible=_OPEN | {"SUSPENDED"}, repeatable=True),
    Action.RESET_PASSWORD: ActionRule(possible=_WITH_PASSWORD, leads_to="RECOVERY"),
    Action.TEMPORARY_PASSWORD: ActionRule(possible=frozenset({"ACTIVE"}), leads_to="PASSWORD_EXPIRED"),
    Action.EXPIRE_PASSWORD: ActionRule(
        possible=frozenset({"ACTIVE"}), already=frozenset({"PASSWORD_EXPIRED"}), leads_to="PASSWORD_EXPIRED", repeatable=True
    ),
}
"""Statuses by action. Okta refuses the others with 403 (E0000032, E0000038)."""


class _Password(msgspec.Struct, rename="camel"):
    temp_password: str


async def perform(org: Org, user_id: str, action: Action) -> Performed:
    """Looks at the status, sends the action once, and reads the user back.

    The lifecycle calls differ in how they say that there was nothing left to do, so a refusal counts only where the status read back is not
    the one that the action leads to. Raises PreconditionFailed where the status does not allow the action.
    """
    rule, before = RULES[action], await existing(org, user_id)
    if before.status in rule.already:
        return Performed(before)
    if rule.possible is not None and before.status not in rule.possible:
        raise PreconditionFailed(f"{user_id} is {before.status}; Okta does {action.value} only from {' or '.join(sorted(rule.possible))}")
    try:
        password = await _sent(org, user_id, action)
    except (Conflict, PreconditionFailed, NotFound, Rejected, Forbidden):
        now = await existing(org, user_id)
        if now.status in rule.already:
            return Performed(now)
        raise
    return Performed(await _shown(org, user_id, rule, before), password)


async def _sent(org: Org, user_id: str, action: Action) -> TemporaryPassword | None:
    lifecycle = f"{user_path(user_id)}/lifecycle"
    match action:
        case Action.REVOKE_SESSIONS:
            # Without the parameter, tokens of applications stay valid until they expire.
            await org.repeatable("DELETE", f"{user_path(user_id)}/sessions?oauthTokens=true", Bucket.USERS)
        case Action.UNLOCK:
            await org.once(f"{lifecycle}/unlock", Bucket.USERS)
        case Action.RESET_FACTORS:
            await org.once(f"{lifecycle}/reset_factors", Bucket.USERS)
        case Action.RESET_PASSWORD:
            # The parameter has no default: without it Okta refuses the request.
            await org.once(f"{lifecycle}/reset_password?sendEmail=true", Bucket.USERS)
        case Action.EXPIRE_PASSWORD:
            await org.once(f"{lifecycle}/expire_password", Bucket.USERS)
        case Action.TEMPORARY_PASSWORD:
            return await _temporary(org, f"{lifecycle}/expire_password_with_temp_password")
        case _:
            assert_never(action)
    return None


async def _temporary(org: Org, path: str) -> TemporaryPassword:
    answer = await org.once(path, Bucket.USERS)
    try:
        return TemporaryPassword(remember(msgspec.json.decode(answer.body, type=_Password).temp_password))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        # Without its cause: that one may quote the answer, which may hold the password.
        raise Uncertain(f"{answer.what}: the answer shows no password", request_id=answer.request_id) from None


async def _shown(org: Org, user_id: str, rule: ActionRule, before: Record) -> Record:
    return await existing(org, user_id) if rule.leads_to else before
