"""Checks of a SCIM application before anything is written to it: one sentence for each."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from connectors.contract import Check, Scope, ScopeKind
from connectors.errors import ConnectorError, Unreachable
from connectors.scim.client import GROUPS, USERS, Session
from connectors.scim.dialect import Paging
from connectors.scim.lists import Walk
from connectors.scim.probes import Probes
from connectors.scim.read import NO_GROUPS, NO_USERS
from connectors.scim.search import Control, Search
from connectors.secrets import SecretMissing

NO_ANSWER = "Is the address right, and does a proxy or firewall let this machine through?"
WRONG_PATH = "Is url what /Users follows, such as https://app.example.com/scim/v2?"


async def checks(session: Session, search: Search) -> Sequence[Check]:
    """Every check; those that need what another could not reach are left out."""
    users = await _list(session, USERS, ScopeKind.ACCOUNTS, may_be_empty=session.settings.empty_ok)
    if users.problem:
        return [users]
    done = [users, await _search(search)]
    if session.dialect.groups:
        done.append(await _list(session, GROUPS, ScopeKind.ENTITLEMENTS, may_be_empty=True))
    return [*done, *await Probes(session).all()]


async def _list(session: Session, endpoint: str, kind: ScopeKind, *, may_be_empty: bool) -> Check:
    """Checks whether the first page of a list can be read and states how long the list is."""
    what = f"{session.name}: the list of {endpoint.lower()} can be read"
    walk = Walk(
        session, endpoint, Scope(kind), {"excludedAttributes": "members"} if endpoint == GROUPS and session.dialect.projections else {}
    )
    try:
        async with aclosing(walk.pages()) as pages:
            async for _page in pages:
                break
    except SecretMissing as error:
        return Check(what, str(error))
    except ConnectorError as error:
        return Check(what, f"{str(error).rstrip('.')}. {_way_out(session, endpoint, error)}".rstrip())
    if walk.problem:
        if endpoint == GROUPS and not walk.number:
            return Check(what, f"{walk.problem}. {NO_GROUPS}")
        return Check(what, f"{walk.problem}. {WRONG_PATH}" if "(HTTP 404)" in walk.problem else walk.problem)
    if walk.total is None and session.dialect.paging not in (Paging.CURSOR, Paging.NONE):
        return Check(what, "it does not say how many there are (totalResults); nothing will be removed on the word of such a list")
    return Check(what, NO_USERS if not walk.ids and not may_be_empty else "")


def _way_out(session: Session, endpoint: str, error: ConnectorError) -> str:
    if not isinstance(error, Unreachable):
        return session.sign_in.refused
    # The groups are asked for after the users of the same address were read: an answer of the server is about them.
    return NO_GROUPS if endpoint == GROUPS and error.status else NO_ANSWER


async def _search(search: Search) -> Check:
    what = f"{search.session.name}: a filter on userName finds a user that is there, whatever the case"
    if not search.session.dialect.filters:
        return Check(
            f"{search.session.name}: filters are not used (filters = false); a run that creates accounts reads the list of users once"
        )
    try:
        outcome = await search.control("userName")
    except ConnectorError as error:
        return Check(what, str(error))
    if outcome is Control.MISSED:
        return Check(
            what,
            "it does not; accounts are looked up in the whole list instead, which a run that creates accounts reads once. "
            "Set filters = false in the dialect to save the attempt",
        )
    return Check(what)
