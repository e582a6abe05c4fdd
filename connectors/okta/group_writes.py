"""Finds groups by name, creates, renames and deletes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import aclosing, suppress

import msgspec

from connectors.contract import Entitlement, RawPage, Scope, ScopeKind
from connectors.errors import BadResponse, FalseAnswer, NotFound, PreconditionFailed, Rejected, Uncertain
from connectors.group_changes import group_values, moved_attributes
from connectors.http.answer import Answer
from connectors.http.links import segment
from connectors.okta import groups
from connectors.okta.client import Bucket, Org
from connectors.okta.search import literal
from connectors.quoting import quoted

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
    try:
        made = _shown(answer)[0]
    except BadResponse as error:
        sentence = f"{answer.what} was answered, but not with the group"
        raise Uncertain(sentence, detail=error.detail, request_id=answer.request_id) from error
    if await read(org, made.id) is None:
        raise Uncertain(f"Okta answered that the group {made.id} is created, and does not show it", request_id=answer.request_id)
    return made


async def read(org: Org, group_id: str) -> Entitlement | None:
    """The group as it is now, with what keeps its members from being changed; None where Okta says that there is none."""
    try:
        return (await _now(org, group_id))[0]
    except NotFound:
        return None


async def is_empty(org: Org, group_id: str) -> bool:
    """Whether the group has no member, the deactivated included."""
    answer = await org.get(f"{_path(group_id)}/users", Bucket.GROUPS, {"limit": 1})
    rows = answer.json()
    if not isinstance(rows, list):
        raise BadResponse(f"{answer.what}: the answer is no list", request_id=answer.request_id)
    return not rows


async def update(org: Org, group_id: str, changes: Mapping[str, str], seen: Entitlement) -> Entitlement:
    """Sets name and description by a PUT of the profile as read, custom attributes included: the call replaces all of it."""
    now, profile = await _now(org, group_id)
    if moved := moved_attributes(now, changes, seen):
        raise PreconditionFailed(f"{', '.join(moved)} of the group {group_id} changed since it was read")
    _refuse_foreign(now)
    if not _differs(now, changes):
        return now
    try:
        await org.once(_path(group_id), Bucket.GROUP, method="PUT", body={"profile": {**profile, **changes}})
    except Uncertain:
        # The same PUT again does no more than the first.
        after, _ = await _now(org, group_id)
        if _differs(after, changes):
            raise
        return after
    after, _ = await _now(org, group_id)
    if _differs(after, changes):
        raise Rejected(f"Okta answered that the group {group_id} is changed, and it is as it was")
    return after


async def delete(org: Org, group_id: str) -> None:
    """Deletes an empty group of the org's own that no group rule fills. Okta deletes one with members as well: they are looked for."""
    try:
        now, _ = await _now(org, group_id)
        empty = await is_empty(org, group_id)
    except NotFound:
        return
    if not empty:
        raise PreconditionFailed(f"the group {quoted(now.name)} has members; only an empty group is deleted")
    _refuse_foreign(now)
    with suppress(NotFound):
        await org.repeatable("DELETE", _path(group_id), Bucket.GROUP)
    if await read(org, group_id) is not None:
        raise FalseAnswer(f"Okta answered that the group {group_id} is deleted, and it is still there")


def _refuse_foreign(group: Entitlement) -> None:
    """Refuses a group of an application or of Okta itself, and one that group rules fill: a rule whose group is gone becomes invalid."""
    if group.read_only:
        raise Rejected(f"the group {quoted(group.name)} cannot be changed: {group.read_only}")


def _differs(group: Entitlement, changes: Mapping[str, str]) -> bool:
    held = group_values(group)
    return any(held[name] != value for name, value in changes.items())


async def _now(org: Org, group_id: str) -> tuple[Entitlement, dict[str, object]]:
    rules = await groups.assigning_rules(org)
    answer = await org.get(_path(group_id), Bucket.GROUP)
    group, profile = _shown(answer, rules)
    if group.id != group_id:
        raise BadResponse(f"{answer.what}: the answer is about another group", request_id=answer.request_id)
    return group, profile


def _shown(answer: Answer, rules: Mapping[str, list[str]] | None = None) -> tuple[Entitlement, dict[str, object]]:
    """The group that an answer shows, with its profile. Raises BadResponse where it shows none."""
    # The answer shows one group as a list would show several.
    page = RawPage(GROUPS, 1, groups.marked(b"[" + answer.body + b"]", rules or {}))
    made, odd = groups.entitlements(page)
    if odd or len(made) != 1:
        reason = odd[0].reason if odd else "it is empty"
        raise BadResponse(f"{answer.what}: the answer shows no group", detail=reason, request_id=answer.request_id)
    profile: dict[str, object] = msgspec.json.decode(groups.rows(page)[0].profile, type=dict)
    return made[0], profile


def _path(group_id: str) -> str:
    return f"/api/v1/groups/{segment(group_id)}"
