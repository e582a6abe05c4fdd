"""Performs one-off actions on users: sessions, lockout, factors and passwords (Okta, User Lifecycle, User Credentials, User Sessions)."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import assert_never

import msgspec

from connectors.actions import Action, ActionRule, Performed, TemporaryPassword
from connectors.cleaning import MARK, remember_for_a_while
from connectors.contract import Record
from connectors.errors import Conflict, ConnectorError, Forbidden, NotFound, PreconditionFailed, Rejected, Uncertain
from connectors.http.answer import Answer
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
    # Okta takes it from RECOVERY, too, where it is a reset of the password by another name.
    Action.RESEND_ACTIVATION: ActionRule(
        possible=frozenset({"PROVISIONED"}), already=frozenset({"ACTIVE", "LOCKED_OUT", "PASSWORD_EXPIRED"})
    ),
}
"""Statuses by action. Okta refuses the others with 403 (E0000032, E0000038)."""


class _Answered(msgspec.Struct, rename="camel"):
    """The part of an answer to a lifecycle call that says more than that it was accepted."""

    temp_password: str = ""


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
    return Performed(await _read_back(org, user_id, rule, before), password)


async def _sent(org: Org, user_id: str, action: Action) -> TemporaryPassword | None:
    match action:
        case Action.REVOKE_SESSIONS:
            # Without the parameter, tokens of applications stay valid until they expire.
            await org.repeatable("DELETE", f"{user_path(user_id)}/sessions?oauthTokens=true", Bucket.USERS)
        case Action.UNLOCK | Action.RESET_FACTORS | Action.EXPIRE_PASSWORD:
            await _lifecycle(org, user_id, action.value)
        case Action.RESET_PASSWORD:
            # The parameter has no default: without it Okta refuses the request.
            await _lifecycle(org, user_id, "reset_password?sendEmail=true")
        case Action.RESEND_ACTIVATION:
            # Without the parameter no mail goes out, and the first link is void all the same.
            await _lifecycle(org, user_id, "reactivate?sendEmail=true")
        case Action.TEMPORARY_PASSWORD:
            answer, answered = await _lifecycle(org, user_id, "expire_password_with_temp_password")
            if not answered.temp_password.strip() or not answered.temp_password.isprintable() or MARK in answered.temp_password:
                raise Uncertain(f"{answer.what}: the answer shows no password", request_id=answer.request_id)
            # For a while: many of them in one run must not make the cleaning of each answer slow.
            return TemporaryPassword(remember_for_a_while(answered.temp_password))
        case _:
            assert_never(action)
    return None


async def _lifecycle(org: Org, user_id: str, step: str) -> tuple[Answer, _Answered]:
    """Sends a lifecycle call once. Okta answers with an object, or with nothing; a page is a proxy's, and says nothing of Okta."""
    answer = await org.once(f"{user_path(user_id)}/lifecycle/{step}", Bucket.USERS)
    if not answer.body:
        return answer, _Answered()
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return answer, msgspec.json.decode(answer.body, type=_Answered)
    # Raised here, and not where it is caught: the cause may quote the answer, which may hold a password.
    raise Uncertain(f"{answer.what}: the answer is none of Okta's", request_id=answer.request_id)


async def _read_back(org: Org, user_id: str, rule: ActionRule, before: Record) -> Record | None:
    """Reads the user after an accepted action; None where that fails, which undoes neither a mail nor a password that was given."""
    if not rule.leads_to:
        return before
    with suppress(ConnectorError):
        return await existing(org, user_id)
    return None
