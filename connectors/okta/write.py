"""Changes users and memberships: reads, writes once, reads back. Only `activate` sends mail, where it is asked to."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing, suppress

import msgspec

from connectors.contract import AccountState, Opening, Record, Value
from connectors.errors import (
    BadResponse,
    Conflict,
    FalseAnswer,
    Forbidden,
    NotFound,
    PreconditionFailed,
    RateLimited,
    Rejected,
    Uncertain,
    Unreachable,
)
from connectors.http.links import segment
from connectors.okta.client import Bucket, Org
from connectors.okta.decode import MemberRow
from connectors.okta.type_changes import change_type
from connectors.okta.user_types import TYPE
from connectors.okta.users import answered, existing, gone, settled, user_path

SUSPENDABLE = frozenset({"ACTIVE"})
"""The statuses that Okta suspends from. It shows a link to `suspend` on others, too, and refuses it there."""


async def create(org: Org, attributes: Mapping[str, Value], group_ids: Sequence[str] = (), opening: Opening = Opening.SILENT) -> Record:
    """A new user who is in the groups, in two steps: created staged, then activated, because a create that activates sends a mail.

    Opened later, the user stays STAGED: without sign-in and without a message.
    """
    body = await org.types.divided(attributes) | ({"groupIds": [*group_ids]} if group_ids else {})
    made = await answered(org, await org.once("/api/v1/users?activate=false", Bucket.USERS, body=body))
    if opening is Opening.LATER:
        return await existing(org, made.id)
    return await activate(org, made.id, made, mail=opening is Opening.MAIL)


async def update(org: Org, user_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
    """Sets the named attributes where they are still as seen, and returns the user that the answer shows: it is the user after the write.

    The ETag of what was seen closes the gap between the look and the write. It covers every attribute: where it does not match, a fresh
    look tells whether it is one of these that moved.
    """
    if TYPE in changes and org.types.used:
        return await change_type(org, user_id, changes, seen)
    if seen.version and seen.id == user_id:
        with suppress(PreconditionFailed, NotFound):
            return await _set(org, user_id, changes, seen.version)
    now = await existing(org, user_id)
    _still_as_seen(now, changes, seen)
    try:
        return await _set(org, user_id, changes, now.version)
    except NotFound as error:
        if now.state is not AccountState.DEACTIVATED:
            raise
        sentence = "Okta does not change the profile of a deactivated user"
        raise Rejected(sentence, detail=error.detail, status=error.status, request_id=error.request_id, code=error.code) from error


async def _set(org: Org, user_id: str, changes: Mapping[str, Value], version: str) -> Record:
    answer = await org.once(user_path(user_id), Bucket.USER_WRITES, body={"profile": changes}, if_match=version)
    return await answered(org, answer, user_id)


def _still_as_seen(now: Record, changes: Mapping[str, Value], seen: Record) -> None:
    """An attribute that is absent and one that is null are the same in Okta."""
    before, current = seen.values(), now.values()
    moved = sorted(name for name in changes if before.get(name) != current.get(name))
    if moved:
        raise PreconditionFailed(f"{now.id} has changed since it was read: {', '.join(moved)}")


async def activate(org: Org, user_id: str, seen: Record | None = None, *, mail: bool = False) -> Record:
    """Activates a staged, suspended or deactivated user; `mail`: with Okta's activation mail, except to one who was suspended.

    A user who has no password yet waits for one in Okta, and counts as active.
    """
    record = seen or await existing(org, user_id)
    match record.state:
        case AccountState.ACTIVE:
            return record
        case AccountState.SUSPENDED:
            return await _reach(org, user_id, AccountState.ACTIVE, "unsuspend")
        case AccountState.STAGED | AccountState.DEACTIVATED | AccountState.UNKNOWN:
            return await _reach(org, user_id, AccountState.ACTIVE, f"activate?sendEmail={str(mail).lower()}")


async def deactivate(org: Org, user_id: str, seen: Record | None = None) -> Record:
    """Ends sessions, then deactivates, whatever the status."""
    record = seen or await existing(org, user_id)
    if record.state is AccountState.DEACTIVATED:
        return record
    await _end_sessions(org, user_id)
    return await _reach(org, user_id, AccountState.DEACTIVATED, "deactivate?sendEmail=false")


async def suspend(org: Org, user_id: str, seen: Record | None = None) -> Record:
    """Ends sessions, then suspends, which works only from ACTIVE."""
    record = seen or await existing(org, user_id)
    match record.state:
        case AccountState.SUSPENDED:
            return record
        case AccountState.ACTIVE | AccountState.UNKNOWN:
            if record.status not in SUSPENDABLE:
                raise PreconditionFailed(f"Okta suspends only users who are ACTIVE, and {user_id} is {record.status}")
            await _end_sessions(org, user_id)
            return await _reach(org, user_id, AccountState.SUSPENDED, "suspend")
        case AccountState.STAGED | AccountState.DEACTIVATED:
            raise Rejected(f"{user_id} is {record.status} and cannot be suspended: it admits no sign-in")


async def delete(org: Org, user_id: str) -> None:
    """Deletes a user who is DEPROVISIONED now. The call deactivates any other, with the same answer: before and after are looked at."""
    try:
        record = await existing(org, user_id)
    except NotFound:
        return
    if record.state is not AccountState.DEACTIVATED:
        raise PreconditionFailed(f"{user_id} is {record.status}; only a deactivated user is deleted")
    with suppress(NotFound):
        await org.once(f"{user_path(user_id)}?sendEmail=false", Bucket.USER_WRITES, method="DELETE")
    if not await gone(org, user_id):
        # Not Uncertain: a repeat would delete somebody whom the first one, a moment after an admin's activation, had only deactivated.
        raise FalseAnswer(f"Okta answered that {user_id} is deleted, and it is still there: look at it before anything is sent again")


async def _end_sessions(org: Org, user_id: str) -> None:
    # The step that follows ends access in any case: that the sessions could not be ended first must not stop it.
    with suppress(NotFound, Forbidden, Rejected, PreconditionFailed, Conflict, Unreachable, RateLimited, BadResponse):
        await org.repeatable("DELETE", f"{user_path(user_id)}/sessions", Bucket.USERS)


async def _reach(org: Org, user_id: str, wanted: AccountState, step: str) -> Record:
    """One lifecycle call, judged by the state it leads to: the calls differ in how they say that nothing was left to do."""
    refused: Uncertain | Conflict | PreconditionFailed | NotFound | Rejected | None = None
    try:
        await org.once(f"{user_path(user_id)}/lifecycle/{step}", Bucket.USERS)
    except (Uncertain, Conflict, PreconditionFailed, NotFound, Rejected) as error:
        refused = error
    record = await settled(org, user_id, wanted)
    if record.state is wanted:
        return record
    raise refused or Uncertain(f"Okta accepted {step.partition('?')[0]} of {user_id}, who is still {record.status}")


async def add_member(org: Org, group_id: str, user_id: str) -> None:
    await org.repeatable("PUT", _member_path(group_id, user_id), Bucket.GROUPS)


async def remove_member(org: Org, group_id: str, user_id: str) -> None:
    await org.repeatable("DELETE", _member_path(group_id, user_id), Bucket.GROUPS)


async def has_member(org: Org, group_id: str, user_id: str) -> bool:
    """Asks for the user's own groups: they are fewer than a group's members. Every page is read before the answer is no."""
    async with aclosing(groups_of(org, user_id)) as groups:
        async for group in groups:
            if group == group_id:
                return True
    return False


async def groups_of(org: Org, user_id: str) -> AsyncGenerator[str, None]:
    """Yields the ids of the user's groups, page by page."""
    async with aclosing(org.pages(f"{user_path(user_id)}/groups", Bucket.USERS, {})) as pages:
        async for answer, _ in pages:
            try:
                groups = msgspec.json.decode(answer.body, type=list[MemberRow])
            except msgspec.DecodeError as error:
                raise BadResponse(f"{answer.what}: a group without an id", detail=str(error)) from error
            for group in groups:
                yield group.id


def _member_path(group_id: str, user_id: str) -> str:
    return f"/api/v1/groups/{segment(group_id)}/users/{segment(user_id)}"
