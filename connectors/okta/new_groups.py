"""Groups by name, and new ones."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import aclosing

from connectors.contract import Entitlement, RawPage, Scope, ScopeKind
from connectors.errors import BadResponse, Uncertain
from connectors.okta import groups
from connectors.okta.client import Bucket, Org
from connectors.okta.search import literal

GROUPS = Scope(ScopeKind.ENTITLEMENTS)


async def find(org: Org, name: str) -> Sequence[Entitlement]:
    """Every group of this name, of any type, with what keeps its members from being changed."""
    rules = await groups.assigning_rules(org)
    found: list[Entitlement] = []
    async with aclosing(org.pages("/api/v1/groups", Bucket.GROUPS, {"search": f"profile.name eq {literal(name)}"})) as pages:
        async for answer, _ in pages:
            entitlements, odd = groups.entitlements(RawPage(GROUPS, 1, groups.marked(answer.body, rules)))
            if odd:
                raise BadResponse(f"{answer.what}: {odd[0].reason}", request_id=answer.request_id)
            found += entitlements
    # `search` minds neither upper nor lower case.
    return [group for group in found if group.name == name]


async def create(org: Org, name: str, description: str) -> Entitlement:
    """A new group of the org's own."""
    profile = {"name": name, "description": description} if description else {"name": name}
    answer = await org.once("/api/v1/groups", Bucket.GROUPS, body={"profile": profile})
    # The answer shows one group as a list would show several.
    made, odd = groups.entitlements(RawPage(GROUPS, 1, b"[" + answer.body + b"]"))
    if odd or len(made) != 1:
        reason = odd[0].reason if odd else "it is empty"
        raise Uncertain("the group was created, and the answer does not show it", detail=reason, request_id=answer.request_id)
    return made[0]
