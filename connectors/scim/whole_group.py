"""A group as a whole: whether all its members are shown, and the body of a PUT that changes it (RFC 7644 section 3.5.1)."""

from __future__ import annotations

from collections.abc import Collection

from connectors.scim import decode as wire
from connectors.scim.attributes import folded, top_entry
from connectors.scim.names import GROUP


def cut_short(group: wire.Resource, most: int | None) -> str:
    """Returns why a group may have more members, where the application shows no more than `most`; empty where they are all.

    SCIM has no count of members to compare with.
    """
    shown = len(wire.member_entries(group))
    if most is None or shown < most:
        return ""
    return f"it is shown with {shown} members, and the application shows no more than {most} of any group: there may be others"


def with_members(group: wire.Resource, accounts: Collection[str], *, member: bool) -> wire.Resource:
    """The group as read with some accounts added or removed, without what the server owns.

    Every other entry stays as it is, groups inside included. A group without members states `[]`: what is left out may be kept.
    """
    kept = [entry for entry in wire.member_entries(group) if member or not _names_one_of(entry, accounts)]
    added = [{"value": account} for account in accounts] if member else []
    return {**_writable(group), top_entry(group, "members"): [*kept, *added]}


def renamed(group: wire.Resource, name: str) -> wire.Resource:
    """The group as read under another name, with every member."""
    return {**with_members(group, (), member=True), top_entry(group, "displayName"): name}


def _writable(group: wire.Resource) -> wire.Resource:
    body = {key: value for key, value in group.items() if key.lower() not in ("meta", "members")}
    if folded(body, "schemas") is None:
        body["schemas"] = [GROUP]
    return body


def _names_one_of(entry: object, accounts: Collection[str]) -> bool:
    try:
        return wire.account_of(entry) in accounts
    except wire.OddRecord:
        return False
