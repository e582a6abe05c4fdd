"""What is wrong between us and a SCIM application before anything is written to it: one sentence for each thing looked at."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing
from typing import Any

from connectors.contract import Check, Scope, ScopeKind
from connectors.errors import ConnectorError
from connectors.scim.attributes import folded
from connectors.scim.dialect import Paging, UserUpdate
from connectors.scim.reads import NO_USERS
from connectors.scim.search import Control, Search
from connectors.scim.session import GROUPS, USERS, Session
from connectors.scim.walk import Walk
from connectors.secrets import SecretMissing


async def checks(session: Session, search: Search) -> Sequence[Check]:
    """Every check; those that need what another could not reach are left out."""
    users = await _list(session, USERS, ScopeKind.ACCOUNTS, may_be_empty=session.settings.empty_ok)
    if users.problem:
        return [users]
    done = [users, await _search(search)]
    if session.dialect.groups:
        done.append(await _list(session, GROUPS, ScopeKind.ENTITLEMENTS, may_be_empty=True))
    return [*done, _advice(session, await session.advertised())]


async def _list(session: Session, endpoint: str, kind: ScopeKind, *, may_be_empty: bool) -> Check:
    """Whether the first page of a list can be read and says how long the list is."""
    what = f"{session.name}: the list of {endpoint.lower()} can be read"
    walk = Walk(session, endpoint, Scope(kind), {"excludedAttributes": "members"} if endpoint == GROUPS else {})
    try:
        async with aclosing(walk.pages()) as pages:
            async for _page in pages:
                break
    except (ConnectorError, SecretMissing) as error:
        return Check(what, str(error))
    if walk.problem:
        return Check(what, walk.problem)
    if walk.total is None and session.dialect.paging is not Paging.CURSOR:
        return Check(what, "it does not say how many there are (totalResults); nothing will be removed on the word of such a list")
    return Check(what, NO_USERS if not walk.ids and not may_be_empty else "")


async def _search(search: Search) -> Check:
    what = f"{search.session.name}: a filter on userName finds a user that is there, whatever the case"
    try:
        outcome = await search.control("userName")
    except ConnectorError as error:
        return Check(what, str(error))
    if outcome is Control.MISSED:
        return Check(what, "it does not; accounts are looked up in the whole list instead, which is slow but right")
    return Check(what)


def _advice(session: Session, said: dict[str, Any]) -> Check:
    """Where ServiceProviderConfig contradicts the dialect. It is often wrong, so that it only ever warns."""
    what = f"{session.name}: what the application says of itself agrees with the dialect"
    differs = []
    if session.dialect.user_update is UserUpdate.PATCH and _says(said, "patch", "supported") is False:
        differs.append('it says that it has no PATCH; if updates fail, set user_update = "put"')
    if session.dialect.paging is Paging.CURSOR and _says(said, "pagination", "cursor") is not True:
        differs.append(
            "it does not say that it pages by cursor (RFC 9865), and a server that has no cursors repeats its first page for ever"
        )
    if session.dialect.paging is Paging.INDEX and _says(said, "pagination", "index") is False:
        differs.append('it says that it does not page by index; set paging = "cursor"')
    return Check(what, "; ".join(differs))


def _says(said: dict[str, Any], feature: str, key: str) -> object:
    part = folded(said, feature)
    return folded(part, key) if isinstance(part, dict) else None
