"""Whether an org can be worked with: reached, signed in to, and seen."""

from __future__ import annotations

from collections.abc import Sequence

from connectors.contract import Check
from connectors.errors import BadResponse, ConnectorError, Forbidden, RateLimited, Unauthorised, Unreachable
from connectors.okta.org import Bucket, Org
from connectors.okta.wire import record_texts
from connectors.secrets import SecretMissing

ROLE = "give the admin who made the token a role that may view all users and groups (Read-only Administrator; to apply, Group and User Administrator)"


async def checks(org: Org) -> Sequence[Check]:
    """In the order in which they build on one another; the first that fails hides those behind it."""
    reach, token, users, groups = f"{org.url} answers as Okta", "the token is accepted", "users can be read", "groups can be read"
    try:
        seen = len(record_texts((await org.get("/api/v1/users?limit=1", Bucket.USERS)).body))
    except SecretMissing as error:
        return [Check(token, f"{error}.")]
    except Unauthorised as error:
        problem = f"{error}. Make a new API token in the admin console, under Security > API: tokens end after 30 days without use and with their admin."
        return [Check(reach), Check(token, problem)]
    except (Unreachable, BadResponse, RateLimited) as error:
        return [Check(reach, f"{error}. Is the address the org's own, and does a proxy or firewall let this machine through?")]
    except ConnectorError as error:
        return [Check(reach), Check(token), Check(users, f"{error}. To mend it, {ROLE}.")]
    nobody = f"the list of users is empty, although the token's own admin is one. To mend it, {ROLE}."
    return [Check(reach), Check(token), Check(users, "" if seen else nobody), await _groups(org, groups)]


async def _groups(org: Org, what: str) -> Check:
    try:
        record_texts((await org.get("/api/v1/groups?limit=1", Bucket.GROUPS)).body)
    except Forbidden as error:
        return Check(what, f"{error}. To mend it, {ROLE}.")
    except ConnectorError as error:
        return Check(what, f"{error}.")
    return Check(what)
