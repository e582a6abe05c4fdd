"""Reads groups, and the reasons why members of some cannot be changed."""

from __future__ import annotations

import re
from collections.abc import Mapping

import msgspec

from connectors.bounds import object_text, usable_id
from connectors.contract import Entitlement, EntitlementKind, Quarantined, RawPage
from connectors.errors import Forbidden
from connectors.okta.client import Bucket, Org
from connectors.okta.decode import Decoder, id_of, record_texts, with_part

NO_SUCH_FEATURE = "E0000015"
"""Error code of an org that has no group rules, and so has none that could fill a group."""

SOURCE, MOVED = "source.id", "members.updated"
"""Attributes of a group that are not of its profile: the application that it comes from, and the time of the last change of its members."""

_PLAIN = re.compile(r"\w{1,100}")

READ_ONLY = {
    "OKTA_GROUP": "",
    "BUILT_IN": "a built-in group: Okta itself decides who is in it",
    "APP_GROUP": "its members come from the application or directory that owns it",
}


class _Stats(msgspec.Struct, gc=False):
    """Counts that `expand=stats` adds. They lag."""

    usersCount: int = 0  # noqa: N815 - Okta's spelling
    hasAdminPrivilege: bool = False  # noqa: N815 - Okta's spelling


class _Embedded(msgspec.Struct, gc=False):
    stats: _Stats | None = None


class _Profile(msgspec.Struct, gc=False):
    name: str


class GroupRow(msgspec.Struct, gc=False):
    """A group as far as it is read."""

    id: str
    type: str
    profile: msgspec.Raw
    lastUpdated: str | None = None  # noqa: N815 - Okta's spelling
    lastMembershipUpdated: str | None = None  # noqa: N815 - Okta's spelling
    source: object = None
    """The application that an imported group comes from; anything else than an object with an id says nothing."""
    embedded: _Embedded | None = msgspec.field(default=None, name="_embedded")
    rules: list[str] = msgspec.field(default_factory=list, name="_rules")
    """Added by `marked`: the names of the group rules that decide who is in it."""

    @property
    def is_everyone(self) -> bool:
        """Whether it is the built-in group of all users."""
        return self.type == "BUILT_IN" and msgspec.json.decode(self.profile, type=_Profile).name == "Everyone"

    @property
    def counted(self) -> int:
        """Returns Okta's count of members; 0 where it states none."""
        return self.embedded.stats.usersCount if self.embedded and self.embedded.stats else 0


class _Actions(msgspec.Struct):
    class _Assign(msgspec.Struct):
        groupIds: list[str]  # noqa: N815 - Okta's spelling

    assignUserToGroups: _Assign  # noqa: N815 - Okta's spelling


class _RuleRow(msgspec.Struct):
    name: str
    status: str
    actions: _Actions


def entitlements(page: RawPage) -> tuple[list[Entitlement], list[Quarantined]]:
    """The groups of a page."""
    return _GROUPS.read(page)


def rows(page: RawPage) -> list[GroupRow]:
    """The groups of `entitlements`, with what only their own reading needs."""
    return _ROWS.read(page)[0]


async def assigning_rules(org: Org) -> Mapping[str, list[str]]:
    """Returns the names of the rules that put members into a group, by its id. Raises ConnectorError where that cannot be told.

    Every rule counts that is not inactive: what an invalid one put there is excluded from it for good, too, when it is taken away.
    """
    found: dict[str, list[str]] = {}
    try:
        rules = await org.rows("/api/v1/groups/rules", Bucket.GROUPS, _RuleRow)
    except Forbidden as error:
        if error.detail.startswith(NO_SUCH_FEATURE):
            return found
        raise
    for rule in rules:
        if rule.status != "INACTIVE":
            for group in rule.actions.assignUserToGroups.groupIds:
                found.setdefault(group, []).append(rule.name)
    return found


def marked(body: bytes, rules: Mapping[str, list[str]]) -> bytes:
    """The page with `_rules` in every group that rules fill; as it came where there is none."""
    texts = record_texts(body)
    names = [rules.get(id_of(text), []) for text in texts]
    if not any(names):
        return body
    parts = (with_part(bytes(text), "_rules", name) if name else bytes(text) for text, name in zip(texts, names, strict=True))
    return b"[" + b",".join(parts) + b"]"


def _entitlement(row: GroupRow, _page: RawPage) -> Entitlement:
    name = msgspec.json.decode(row.profile, type=_Profile).name
    read_only = READ_ONLY.get(row.type, f"a group of type {row.type}, whose members are not known to be changeable")
    if row.rules and not read_only:
        # Okta excludes a member whom the API takes away from the rule: it never puts that person back.
        listed = ", ".join(f'"{rule}"' for rule in row.rules)
        read_only = f"its members come from the group rule {listed}; change the attributes that the rule looks at instead"
    privileged = bool(row.embedded and row.embedded.stats and row.embedded.stats.hasAdminPrivilege)
    profile = _with_facts(object_text(row.profile), row)
    return Entitlement(usable_id(row.id), EntitlementKind.GROUP, name, profile, read_only, privileged, row.lastUpdated or "", row.type)


def _with_facts(profile: str, row: GroupRow) -> str:
    """The profile with what Okta states beside it. The names hold a dot, which no attribute of a profile does."""
    source = row.source.get("id") if isinstance(row.source, dict) else None
    facts = {SOURCE: source if isinstance(source, str) and _PLAIN.fullmatch(source) else "", MOVED: row.lastMembershipUpdated or ""}
    shown = {name: value for name, value in facts.items() if value}
    stated = profile.strip()[1:-1].strip()
    return f"{{{stated}{',' if stated else ''}{msgspec.json.encode(shown).decode()[1:]}" if shown else profile


def _readable(row: GroupRow, page: RawPage) -> GroupRow:
    _entitlement(row, page)
    return row


_GROUPS = Decoder(list[GroupRow], GroupRow, _entitlement)
_ROWS = Decoder(list[GroupRow], GroupRow, _readable)
