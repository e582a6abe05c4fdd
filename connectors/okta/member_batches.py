"""Changes many members of one group: a request each, which Okta has no other way for, and one list of members before and after."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import aclosing

import msgspec

from connectors.contract import RawPage, Record
from connectors.errors import BadResponse, ConnectorError, RateLimited, Unauthorised, Unreachable
from connectors.http.links import segment
from connectors.member_batches import MembersChanged, MembersSeen
from connectors.okta import users, write
from connectors.okta.apps import APP
from connectors.okta.client import Bucket, Org
from connectors.okta.decode import MemberRow
from connectors.okta.people import ACCOUNTS
from connectors.okta.rows import rows_of
from connectors.okta.search import literal

MOST = 500
"""Accounts of one batch: what an interruption leaves to be read back."""
SIDE_BY_SIDE = 4
IDS_A_LIST = 50
"""Ids that one filter names: an address of about 3,000 characters."""
_STOPS = (Unauthorised, Unreachable, RateLimited)
"""Errors that the next request would meet, too."""


class OktaMemberBatches:
    """Memberships of groups as `member_batches.BatchMembers`. Those of apps go alone."""

    _org: Org

    def most_members(self, entitlement_id: str) -> int:
        return 1 if entitlement_id.startswith(APP) else MOST

    async def read_accounts(self, account_ids: Sequence[str]) -> Mapping[str, Record]:
        return await read_accounts(self._org, account_ids)

    async def see_members(self, entitlement_id: str, account_ids: Collection[str], *, directly: bool = False) -> MembersSeen:  # noqa: ARG002 - nobody is in a group through another
        return await see(self._org, entitlement_id, account_ids)

    async def change_members(self, seen: MembersSeen, account_ids: Sequence[str], *, member: bool) -> MembersChanged:
        return await change(self._org, seen.entitlement_id, account_ids, member=member)


async def read_accounts(org: Org, user_ids: Sequence[str]) -> dict[str, Record]:
    """The users by id. A list by ids lags by a second at most, as a membership can bear; who is not in it is read by itself.

    Where types are read every user is read by itself: a list does not name them.
    """
    found: dict[str, Record] = {}
    if not org.types.used and len(user_ids) > 1:
        for some in _parts(user_ids):
            found |= await _listed(org, some)
    for user_id in user_ids:
        if user_id not in found and (record := await users.read(org, user_id)) is not None:
            found[user_id] = record
    return found


async def _listed(org: Org, user_ids: Sequence[str]) -> dict[str, Record]:
    expression = " or ".join(f"id eq {literal(each)}" for each in user_ids)
    found: dict[str, Record] = {}
    async with aclosing(org.pages("/api/v1/users", Bucket.USERS, {"filter": expression})) as pages:
        async for answer, _ in pages:
            found |= {each.id: each for each in rows_of(RawPage(ACCOUNTS, 1, answer.body)).records if each.id in user_ids}
    return found


async def see(org: Org, group_id: str, user_ids: Collection[str]) -> MembersSeen:
    """Returns which of the users are members: by the group's list, where that has fewer pages than there are users, else by the groups of each."""
    asked, members, whole = frozenset(user_ids), set[str](), False
    async with aclosing(org.pages(f"/api/v1/groups/{segment(group_id)}/users", Bucket.GROUPS, {})) as pages:
        number = 0
        async for answer, following in pages:
            number += 1
            members |= asked & _ids(answer.what, answer.body)
            whole = following is None
            if whole or asked <= members or number >= max(1, len(asked) // 2):
                break
    if not whole:
        members |= {each for each in sorted(asked - members) if await write.has_member(org, group_id, each)}
    return MembersSeen(group_id, frozenset(members))


async def change(org: Org, group_id: str, user_ids: Sequence[str], *, member: bool) -> MembersChanged:
    """Adds or removes the users one by one, a few at once. After an error that the next would meet, too, none is begun."""
    send = write.add_member if member else write.remove_member
    slots, errors, stopped = asyncio.Semaphore(SIDE_BY_SIDE), dict[str, ConnectorError](), list[ConnectorError]()

    async def one(user_id: str) -> None:
        async with slots:
            if stopped:
                errors[user_id] = stopped[0]
                return
            try:
                await send(org, group_id, user_id)
            except ConnectorError as error:
                errors[user_id] = error
                stopped.extend([error] if isinstance(error, _STOPS) else [])

    await asyncio.gather(*(one(each) for each in user_ids))
    return MembersChanged(await see(org, group_id, user_ids), errors)


def _ids(what: str, body: bytes) -> frozenset[str]:
    try:
        return frozenset(row.id for row in msgspec.json.decode(body, type=list[MemberRow]))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadResponse(f"{what}: a member without an id", detail=str(error)) from error


def _parts(user_ids: Sequence[str]) -> Iterator[Sequence[str]]:
    return (user_ids[start : start + IDS_A_LIST] for start in range(0, len(user_ids), IDS_A_LIST))
