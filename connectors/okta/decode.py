"""Decodes the users of an answer of Okta; an unreadable record is set aside alone."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec

from connectors.bounds import MOST_DIGITS, object_text, usable_id
from connectors.contract import AccountState, Membership, Quarantined, RawPage, Record
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


class UserRow(msgspec.Struct, gc=False):
    """A user as far as it is read; `profile` stays as it was written."""

    id: str
    status: Status
    profile: msgspec.Raw
    lastUpdated: str | None = None  # noqa: N815 - Okta's spelling
    transitioningToStatus: str | None = None  # noqa: N815 - Okta's spelling
    type_name: str | None = msgspec.field(default=None, name="_type")
    """Added by `UserTypes`: the name of its type."""


class MemberRow(msgspec.Struct, gc=False):
    """Id of a member."""

    id: str


class _AnyId(msgspec.Struct):
    id: object = None


R = TypeVar("R")
T = TypeVar("T")


class Decoder(Generic[R, T]):
    """Reads pages of one kind of row."""

    def __init__(self, page: type[list[R]], row: type[R], value: Callable[[R, RawPage], T]) -> None:
        self._page = msgspec.json.Decoder(page)
        self._one = msgspec.json.Decoder(row)
        self._value = value

    def read(self, page: RawPage) -> tuple[list[T], list[Quarantined]]:
        try:
            return [self._value(row, page) for row in self._page.decode(page.body)], []
        except (msgspec.DecodeError, ValueError, RecursionError):
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
            except (msgspec.DecodeError, ValueError, RecursionError) as error:
                place = f"page {page.number}, record {number}"
                reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
                odd.append(Quarantined(place, id_of(text), reason, bytes(text).decode(errors="replace")))
        return good, odd


def record_texts(body: bytes) -> Sequence[bytes | msgspec.Raw]:
    """The text of each record of a page. Raises BadResponse where the body is no JSON array."""
    try:
        return msgspec.json.decode(body, type=list[msgspec.Raw])
    except (msgspec.DecodeError, RecursionError):
        return _lenient_texts(body)


def _lenient_texts(body: bytes) -> list[bytes]:
    """Reads a page with half a character or a number that is none, which the strict reader refuses as a whole: one record is to blame."""
    try:
        records = json.loads(body, parse_int=_bounded_int, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        records = None
    if not isinstance(records, list):
        raise BadResponse(f"a page of {len(body)} bytes is not a JSON array")
    return [json.dumps(record).encode() for record in records]


def _bounded_int(text: str) -> int | float:
    """A number with too many digits becomes one that the strict reader refuses in its record."""
    return int(text) if len(text) <= MOST_DIGITS else math.nan


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """An object, in which a name that is stated twice and differently has a value that the strict reader refuses in its record."""
    found: dict[str, object] = {}
    for name, value in pairs:
        found[name] = math.nan if name in found and found[name] != value else value
    return found


def user_record(row: UserRow, version: str = "") -> Record:
    """The user as an account. Raises ValueError where it cannot be one."""
    profile = object_text(row.profile)
    if row.type_name is not None:
        stated = profile.strip()[1:-1].strip()
        profile = f"{{{stated}{',' if stated else ''}{json.dumps('type.name')}:{json.dumps(row.type_name)}}}"
    return Record(usable_id(row.id), STATES[row.status], row.status.value, profile, row.lastUpdated or "", version)


def with_part(row: bytes, name: str, value: object) -> bytes:
    """A row that is an object and not empty, with one more key."""
    return row[:-1] + b"," + msgspec.json.encode({name: value})[1:]


def id_of(text: bytes | msgspec.Raw) -> str:
    """The id of a row of any kind; empty where it does not say. Read also from what is hardly JSON: only its row is to blame then."""
    try:
        found = msgspec.json.decode(text, type=_AnyId).id
    except (ValueError, RecursionError):
        found = _lenient_id(text)
    return found if isinstance(found, str) else ""


def _lenient_id(text: bytes | msgspec.Raw) -> object:
    try:
        row = json.loads(bytes(text), parse_int=_bounded_int)
    except (ValueError, RecursionError):
        return None
    return row.get("id") if isinstance(row, dict) else None


def users(page: RawPage) -> tuple[list[Record], list[Quarantined]]:
    """The users of a page."""
    return _USERS.read(page)


def members(page: RawPage) -> tuple[list[Membership], list[Quarantined]]:
    """The members of the group that the page's scope names."""
    return _MEMBERS.read(page)


_USERS = Decoder(list[UserRow], UserRow, lambda row, _page: user_record(row))
_MEMBERS = Decoder(list[MemberRow], MemberRow, lambda row, page: Membership(usable_id(row.id), page.scope.name))
