"""Reads one user by id, which is current where every list lags."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import msgspec

from connectors.contract import AccountState, Record, Value
from connectors.errors import BadResponse, NotFound, Uncertain
from connectors.http.answer import Answer
from connectors.http.links import segment
from connectors.okta.client import Bucket, Org
from connectors.okta.decode import UserRow, user_record

POLLS, PAUSE = 8, 0.5
"""Number of looks, and seconds between them, at a user whose status is changing: Okta answers before an activation is done."""


class _Profiled(msgspec.Struct):
    profile: dict[str, Any]


def user_path(user_id: str) -> str:
    return f"/api/v1/users/{segment(user_id)}"


def user_of(answer: Answer) -> UserRow:
    """The user an answer shows. Raises BadResponse where it shows none."""
    try:
        return msgspec.json.decode(answer.body, type=UserRow)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadResponse(f"{answer.what}: the answer shows no user", detail=str(error), request_id=answer.request_id) from error


async def answered(org: Org, answer: Answer, user_id: str = "") -> Record:
    """The user that the answer to a write of a profile shows, as it is after the write; without a version, which only a read gives.

    Raises Uncertain where it shows none, or another than `user_id`: a page is a proxy's, and says nothing of Okta.
    """
    try:
        return (await _shown(org, answer, user_id))[0]
    except BadResponse as error:
        sentence = f"{answer.what} was answered, but not with the user"
        raise Uncertain(sentence, detail=error.detail, request_id=error.request_id) from error


async def read(org: Org, user_id: str) -> Record | None:
    """The user as it is now, with the ETag that a profile write can name; None where Okta says that there is none."""
    try:
        return (await _looked_up(org, user_id))[0]
    except NotFound:
        return None


async def with_profile(org: Org, user_id: str) -> tuple[Record, dict[str, Value]]:
    """Reads a user who must exist, and the whole profile as Okta states it. Raises NotFound."""
    answer = await org.get(user_path(user_id), Bucket.USER)
    record, _ = await _shown(org, answer, user_id)
    return record, msgspec.json.decode(answer.body, type=_Profiled).profile


async def existing(org: Org, user_id: str) -> Record:
    """Reads a user who must exist, as `read`. Raises NotFound."""
    return (await _looked_up(org, user_id))[0]


async def settled(org: Org, user_id: str, wanted: AccountState) -> Record:
    """The user once no change of status is under way, or once the wanted state is reached."""
    record, changing = await _looked_up(org, user_id)
    for _ in range(POLLS):
        if record.state is wanted or not changing:
            break
        await asyncio.sleep(PAUSE)
        record, changing = await _looked_up(org, user_id)
    return record


async def gone(org: Org, user_id: str) -> bool:
    """Whether the user does not exist any more; a deletion that is under way is waited for."""
    for _ in range(POLLS):
        if await read(org, user_id) is None:
            return True
        await asyncio.sleep(PAUSE)
    return False


async def _looked_up(org: Org, user_id: str) -> tuple[Record, bool]:
    return await _shown(org, await org.get(user_path(user_id), Bucket.USER), user_id)


async def _shown(org: Org, answer: Answer, user_id: str) -> tuple[Record, bool]:
    """The user that an answer shows, and whether a change of its status is under way. Raises BadResponse where it shows none, or another."""
    row = user_of(replace(answer, body=await org.types.row(answer.body)))
    if user_id and row.id != user_id:
        # The path takes a login, too: somebody else may answer to this name.
        raise BadResponse(f"{answer.what}: the answer is about another user", request_id=answer.request_id)
    try:
        record = user_record(row, answer.headers.first("etag"))
    except ValueError as error:
        raise BadResponse(f"{answer.what}: the answer shows no user", detail=str(error), request_id=answer.request_id) from error
    return record, row.transitioningToStatus is not None
