"""Which records an answer of Okta holds; what cannot be read is set aside one record at a time."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from connectors.contract import AccountState, Entitlement, EntitlementKind, Membership, Quarantined, RawPage, Record, Rows, ScopeKind
from connectors.errors import BadResponse


class Status(StrEnum):
    """The eight statuses of an Okta user."""

    STAGED = "STAGED"
    PROVISIONED = "PROVISIONED"
    ACTIVE = "ACTIVE"
    RECOVERY = "RECOVERY"
    LOCKED_OUT = "LOCKED_OUT"
    PASSWORD_EXPIRED = "PASSWORD_EXPIRED"  # noqa: S105 - a status, no password
    SUSPENDED = "SUSPENDED"
    DEPROVISIONED = "DEPROVISIONED"


STATES = {
    Status.STAGED: AccountState.STAGED,
    Status.PROVISIONED: AccountState.ACTIVE,
    Status.ACTIVE: AccountState.ACTIVE,
    Status.RECOVERY: AccountState.ACTIVE,
    Status.LOCKED_OUT: AccountState.ACTIVE,
    Status.PASSWORD_EXPIRED: AccountState.ACTIVE,
    Status.SUSPENDED: AccountState.SUSPENDED,
    Status.DEPROVISIONED: AccountState.DEACTIVATED,
}
"""Locked out or waiting for a password is a matter of credentials: the account itself is active."""

READ_ONLY = {
    "OKTA_GROUP": "",
    "BUILT_IN": "a built-in group: Okta itself decides who is in it",
    "APP_GROUP": "its members come from the application or directory that owns it",
}


class UserRow(msgspec.Struct, gc=False):
    """A user as far as it is read; `profile` stays as it was written."""

    id: str
    status: Status
    profile: msgspec.Raw
    lastUpdated: str | None = None  # noqa: N815 - Okta's spelling
    transitioningToStatus: str | None = None  # noqa: N815 - Okta's spelling


class GroupRow(msgspec.Struct, gc=False):
    """A group as far as it is read."""

    id: str
    type: str
    profile: msgspec.Raw
    lastUpdated: str | None = None  # noqa: N815 - Okta's spelling


class MemberRow(msgspec.Struct, gc=False):
    """Of a member only who it is."""

    id: str


class _GroupName(msgspec.Struct):
    name: str


class _AnyId(msgspec.Struct):
    id: object = None


R = TypeVar("R")
T = TypeVar("T")


class _Decoder(Generic[R, T]):
    """Reads pages of one kind of row."""

    def __init__(self, page: type[list[R]], row: type[R], value: Callable[[R, RawPage], T]) -> None:
        self._page = msgspec.json.Decoder(page)
        self._one = msgspec.json.Decoder(row)
        self._value = value

    def read(self, page: RawPage) -> tuple[list[T], list[Quarantined]]:
        try:
            return [self._value(row, page) for row in self._page.decode(page.body)], []
        except (msgspec.DecodeError, ValueError):
            return self._one_by_one(page)

    def _one_by_one(self, page: RawPage) -> tuple[list[T], list[Quarantined]]:
        good: list[T] = []
        odd: list[Quarantined] = []
        try:
            texts = record_texts(page.body)
        except BadResponse as error:
            return [], [Quarantined(f"page {page.number}", "", str(error), page.body.decode(errors="replace"))]
        for number, text in enumerate(texts, 1):
            try:
                good.append(self._value(self._one.decode(text), page))
            except (msgspec.DecodeError, ValueError) as error:
                place = f"page {page.number}, record {number}"
                odd.append(Quarantined(place, _id_of(text), str(error), bytes(text).decode(errors="replace")))
        return good, odd


def record_texts(body: bytes) -> Sequence[bytes | msgspec.Raw]:
    """The text of each record of a page. Raises BadResponse where the body is no JSON array."""
    try:
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return _lenient_texts(body)


def _lenient_texts(body: bytes) -> list[bytes]:
    """For half a character or a number that is none, which the strict reader refuses with the whole page: one record is to blame."""
    try:
        records = json.loads(body)
    except (ValueError, RecursionError):
        records = None
    if not isinstance(records, list):
        raise BadResponse(f"a page of {len(body)} bytes is not a JSON array")
    return [json.dumps(record).encode() for record in records]


def user_record(row: UserRow, version: str = "") -> Record:
    """The user as an account. Raises ValueError where it cannot be one."""
    profile = _object_text(row.profile)
    return Record(_named(row.id), STATES[row.status], row.status.value, profile, row.lastUpdated or "", version)


def _entitlement(row: GroupRow, _page: RawPage) -> Entitlement:
    name = msgspec.json.decode(row.profile, type=_GroupName).name
    read_only = READ_ONLY.get(row.type, f"a group of type {row.type}, whose members are not known to be changeable")
    profile = _object_text(row.profile)
    return Entitlement(_named(row.id), EntitlementKind.GROUP, name, profile, read_only, updated=row.lastUpdated or "")


def _named(text: str) -> str:
    if text in ("", ".", ".."):
        raise ValueError(f"the id {text!r} names nothing")
    return text


def _object_text(raw: msgspec.Raw) -> str:
    text = str(raw, "utf-8")
    if not text.startswith("{"):
        raise ValueError("the profile is not an object")
    return text


def _id_of(text: bytes | msgspec.Raw) -> str:
    try:
        found = msgspec.json.decode(text, type=_AnyId).id
    except (msgspec.DecodeError, ValueError):
        return ""
    return found if isinstance(found, str) else ""


_USERS = _Decoder(list[UserRow], UserRow, lambda row, _page: user_record(row))
_GROUPS = _Decoder(list[GroupRow], GroupRow, _entitlement)
_MEMBERS = _Decoder(list[MemberRow], MemberRow, lambda row, page: Membership(_named(row.id), page.scope.name))


def rows_of(page: RawPage) -> Rows:
    """What a page of users, groups or members holds."""
    match page.scope.kind:
        case ScopeKind.ACCOUNTS:
            records, odd = _USERS.read(page)
            return Rows(records=records, quarantined=odd)
        case ScopeKind.ENTITLEMENTS:
            entitlements, odd = _GROUPS.read(page)
            return Rows(entitlements=entitlements, quarantined=odd)
        case ScopeKind.MEMBERS:
            memberships, odd = _MEMBERS.read(page)
            return Rows(memberships=memberships, quarantined=odd)
        case ScopeKind.FILE | ScopeKind.ASSIGNMENTS:
            raise ValueError(f"Okta is not read by {page.scope.kind}")
