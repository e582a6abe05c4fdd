"""Reads apps, their assignments, and the origin of each assignment."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from connectors.bounds import usable_id
from connectors.contract import BY_HAND, Entitlement, EntitlementKind, Membership, Quarantined, RawPage
from connectors.errors import BadResponse
from connectors.http.links import segment
from connectors.okta.client import Bucket, Org
from connectors.okta.decode import Decoder, MemberRow, id_of, record_texts, with_part

APPS = "apps"
"""The name of the scope that holds the list of apps."""

APP = "app:"
"""Prefix of the entitlement id of an app; Okta's own id follows."""

DEACTIVATES = "PUSH_USER_DEACTIVATION"
"""Feature of an app in which Okta deactivates the account of a user who is deactivated, or not assigned any more."""

INACTIVE = "an app that is not active: no user is assigned to it, or taken from it, before it is"


class Given(StrEnum):
    """Origin of a person's app: an assignment of their own, or one of a group they are in."""

    USER = "USER"
    GROUP = "GROUP"


VIA = {Given.USER: "", Given.GROUP: "a group"}


class AppRow(msgspec.Struct, gc=False):
    """An app as far as it is read."""

    id: str
    label: str
    name: str = ""
    status: str = ""
    signOnMode: str | None = None  # noqa: N815 - Okta's spelling
    lastUpdated: str | None = None  # noqa: N815 - Okta's spelling
    features: object = None
    """Provisioning features that are on; anything else than a list says nothing."""
    groups: list[str] = msgspec.field(default_factory=list, name="_groups")
    """Added by `with_groups`: ids of the groups it is assigned to."""


class _AppUserRow(msgspec.Struct, gc=False):
    id: str
    scope: Given


def entitlements(page: RawPage) -> tuple[list[Entitlement], list[Quarantined]]:
    """The apps of a page."""
    return _APPS.read(page)


def assignments(page: RawPage) -> tuple[list[Membership], list[Quarantined]]:
    """Returns the assignments of the app that the page's scope names."""
    return _ASSIGNMENTS.read(page)


def rows(page: RawPage) -> list[AppRow]:
    """The apps of `entitlements`, as they came."""
    return _ROWS.read(page)[0]


def part(body: bytes, names: frozenset[str]) -> bytes:
    """The page without the apps that are not named, by id or label. Raises BadResponse for a row that says neither."""
    return b"[" + b",".join(bytes(text) for text in record_texts(body) if _is_named(text, names)) + b"]"


def _is_named(text: bytes | msgspec.Raw, names: frozenset[str]) -> bool:
    try:
        app = msgspec.json.decode(text, type=AppRow)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadResponse("an app of the list does not say what it is called", detail=str(error)) from error
    return not names.isdisjoint((app.id, app.label))


async def with_groups(org: Org, body: bytes) -> bytes:
    """The page with `_groups` in every app: the ids of the groups it is assigned to, asked for app by app."""
    parts = []
    for text in record_texts(body):
        app_id = id_of(text)
        if app_id in ("", ".", ".."):
            # Decoding quarantines it.
            parts.append(bytes(text))
            continue
        assigned = await org.rows(f"/api/v1/apps/{segment(app_id)}/groups", Bucket.APPS, MemberRow)
        parts.append(with_part(bytes(text), "_groups", sorted(group.id for group in assigned)))
    return b"[" + b",".join(parts) + b"]"


def _entitlement(row: AppRow, _page: RawPage) -> Entitlement:
    shown: dict[str, object] = {
        "label": row.label,
        "name": row.name,
        "status": row.status,
        "signOnMode": row.signOnMode,
        "groups": row.groups,
    }
    if why := _by_hand(row):
        shown[BY_HAND] = why
    attributes = msgspec.json.encode(shown).decode()
    read_only = "" if row.status == "ACTIVE" else INACTIVE
    return Entitlement(APP + usable_id(row.id), EntitlementKind.APP, row.label, attributes, read_only, updated=row.lastUpdated or "")


def _by_hand(row: AppRow) -> str:
    """Returns why an account in the app outlives its assignment; empty where it does not, or nothing is known. A bookmark has no accounts."""
    if not isinstance(row.features, list) or row.signOnMode == "BOOKMARK" or DEACTIVATES in row.features:
        return ""
    return "Okta does not deactivate accounts in it"


def _readable(row: AppRow, page: RawPage) -> AppRow:
    _entitlement(row, page)
    return row


_APPS = Decoder(list[AppRow], AppRow, _entitlement)
_ROWS = Decoder(list[AppRow], AppRow, _readable)
_ASSIGNMENTS = Decoder(list[_AppUserRow], _AppUserRow, lambda row, page: Membership(usable_id(row.id), page.scope.name, VIA[row.scope]))
