"""Assigns people to apps directly, one by one. Assignments that a group gives are read, and neither repeated nor removed."""

from __future__ import annotations

from contextlib import suppress

import msgspec

from connectors.errors import BadResponse, Conflict, NotFound, Uncertain
from connectors.http.answer import Answer
from connectors.http.links import segment
from connectors.okta.apps import Given
from connectors.okta.client import Bucket, Org


class _AppUser(msgspec.Struct):
    id: str
    scope: Given


async def assign(org: Org, app_id: str, user_id: str) -> None:
    """Assigns a user individually, unless they are."""
    try:
        answer = await org.once(f"/api/v1/apps/{segment(app_id)}/users", Bucket.APPS, body={"id": user_id, "scope": Given.USER.value})
    except Conflict:
        # A user who is assigned already is refused, too; whether that is so, a read tells.
        if not await is_assigned(org, app_id, user_id, directly=False):
            raise
        return
    try:
        _shown(answer, user_id)
    except BadResponse as error:
        raise Uncertain(f"{answer.what} was answered, but not with the assignment", request_id=answer.request_id) from error


async def unassign(org: Org, app_id: str, user_id: str) -> None:
    """Takes a user's individual assignment; one that a group gives is refused (Rejected)."""
    with suppress(NotFound):
        await org.repeatable("DELETE", _path(app_id, user_id), Bucket.APPS)


async def is_assigned(org: Org, app_id: str, user_id: str, *, directly: bool) -> bool:
    """Whether a user is assigned now; `directly`: individually."""
    try:
        answer = await org.get(_path(app_id, user_id), Bucket.APPS)
    except NotFound:
        return False
    return _shown(answer, user_id).scope is Given.USER or not directly


def _shown(answer: Answer, user_id: str) -> _AppUser:
    """The assignment that an answer shows. Raises BadResponse where it shows none of this user."""
    try:
        found = msgspec.json.decode(answer.body, type=_AppUser)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadResponse(f"{answer.what}: the answer shows no assignment", detail=str(error), request_id=answer.request_id) from error
    if found.id != user_id:
        raise BadResponse(f"{answer.what}: the answer is about another user", request_id=answer.request_id)
    return found


def _path(app_id: str, user_id: str) -> str:
    return f"/api/v1/apps/{segment(app_id)}/users/{segment(user_id)}"
