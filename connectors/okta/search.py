"""Searches the users that have a given attribute value now."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress

from connectors.contract import RawPage, Record, Scope, ScopeKind
from connectors.errors import BadResponse, NotFound, Rejected
from connectors.http.links import segment
from connectors.okta.client import Bucket, Org
from connectors.okta.rows import rows_of
from connectors.okta.users import read, user_of
from connectors.quoting import quoted

FILTERABLE = frozenset({"login", "email", "firstName", "lastName"})
"""Attributes that `filter` takes, which is fresher than `search` and minds upper and lower case."""


def literal(value: str) -> str:
    """The value as text inside an expression: quoted as in JSON, so that nothing in it ends the text early.

    Half a surrogate pair, which no URL can carry, is asked for as `?`; the answers are compared with the value itself.
    """
    return json.dumps(value, ensure_ascii=False).encode(errors="replace").decode()


async def find(org: Org, attribute: str, value: str) -> Sequence[Record]:
    """Users of any status whose attribute equals the value, whatever the case. Lists only propose: each user is read again by id."""
    if re.fullmatch(r"[A-Za-z_]\w*", attribute, re.ASCII) is None:
        raise Rejected(f"{quoted(attribute)} is not the name of an Okta attribute")
    candidates: dict[str, None] = {}
    if attribute == "login":
        candidates.update(await _by_login(org, value))
    for params in _queries(attribute, value):
        candidates.update(await _listed(org, params))
    fresh = [await read(org, user_id) for user_id in candidates]
    return [record for record in fresh if record is not None and _equal(record.values().get(attribute), value)]


def _queries(attribute: str, value: str) -> list[Mapping[str, str]]:
    expression = f"profile.{attribute} eq {literal(value)}"
    if attribute == "login":
        return [{"filter": expression}]
    return [{"filter": expression}, {"search": expression}] if attribute in FILTERABLE else [{"search": expression}]


async def _by_login(org: Org, login: str) -> dict[str, None]:
    """A read by login is current, where every list lags; it also takes the part before the @, so its answer is compared."""
    if login in (".", ".."):
        return {}  # no path can name it
    with suppress(NotFound):
        return {user_of(await org.get(f"/api/v1/users/{segment(login)}", Bucket.USER)).id: None}
    return {}


async def _listed(org: Org, params: Mapping[str, str]) -> dict[str, None]:
    found: dict[str, None] = {}
    async with aclosing(org.pages("/api/v1/users", Bucket.USERS, params)) as pages:
        async for answer, _ in pages:
            rows = rows_of(RawPage(Scope(ScopeKind.ACCOUNTS), 1, answer.body))
            if rows.quarantined:
                raise BadResponse(f"{answer.what}: {rows.quarantined[0].reason}")
            found.update((record.id, None) for record in rows.records)
    return found


def _equal(found: object, wanted: str) -> bool:
    return isinstance(found, str) and found.casefold() == wanted.casefold()
