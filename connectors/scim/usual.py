"""Decodes users that hold nothing unusual in the quick way, into the same rows as the thorough way gives.

Every key has to be one of the standard's, in its spelling, and every entry one of the usual types, once; a user with anything else
goes the thorough way, and no other does. The fields of `_Row` stand in the order of their names, as there.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, Struct, UnsetType

from connectors.bounds import refuse_extremes, usable_id
from connectors.contract import AccountState, Record
from connectors.scim.names import ENTERPRISE

_STATES = {True: AccountState.ACTIVE, False: AccountState.DEACTIVATED, None: AccountState.UNKNOWN}


class _Name(Struct, frozen=True, forbid_unknown_fields=True, gc=False, rename="camel"):
    family_name: Any = UNSET
    formatted: Any = UNSET
    given_name: Any = UNSET
    honorific_prefix: Any = UNSET
    honorific_suffix: Any = UNSET
    middle_name: Any = UNSET


class _Entry(Struct, forbid_unknown_fields=True, gc=False):
    value: str
    type: str
    primary: bool = False
    display: str = ""


class _Manager(Struct, forbid_unknown_fields=True, gc=False, rename={"ref": "$ref", "display_name": "displayName"}):
    value: str | None = None
    ref: Any = None
    display_name: Any = None


class _Enterprise(Struct, frozen=True, forbid_unknown_fields=True, gc=False, rename="camel"):
    cost_center: Any = UNSET
    department: Any = UNSET
    division: Any = UNSET
    employee_number: Any = UNSET
    manager: _Manager | UnsetType = UNSET
    organization: Any = UNSET


class _Meta(Struct, frozen=True, gc=False, rename="camel"):
    last_modified: str = ""
    version: str = ""


_NO_NAME, _NO_ENTERPRISE, _NO_META = _Name(), _Enterprise(), _Meta()


class _User(
    Struct,
    forbid_unknown_fields=True,
    gc=False,
    rename={
        "user_name": "userName",
        "external_id": "externalId",
        "display_name": "displayName",
        "nick_name": "nickName",
        "user_type": "userType",
        "preferred_language": "preferredLanguage",
        "phone_numbers": "phoneNumbers",
        "enterprise": ENTERPRISE,
    },
):
    id: str
    schemas: msgspec.Raw | UnsetType = UNSET
    meta: _Meta = _NO_META
    groups: msgspec.Raw | UnsetType = UNSET
    active: bool | None = None
    user_name: Any = UNSET
    external_id: Any = UNSET
    display_name: Any = UNSET
    nick_name: Any = UNSET
    title: Any = UNSET
    user_type: Any = UNSET
    preferred_language: Any = UNSET
    locale: Any = UNSET
    timezone: Any = UNSET
    name: _Name = _NO_NAME
    emails: tuple[_Entry, ...] = ()
    phone_numbers: tuple[_Entry, ...] = ()
    enterprise: _Enterprise = _NO_ENTERPRISE


class _Page(Struct, gc=False):
    Resources: list[_User]


_EMAILS = ("emails.home", "emails.other", "emails.work")
_PHONES = ("phoneNumbers.fax", "phoneNumbers.home", "phoneNumbers.mobile", "phoneNumbers.other", "phoneNumbers.work")
_COLUMNS = (
    "displayName",
    *_EMAILS,
    *(f"enterprise.{part}" for part in ("costCenter", "department", "division", "employeeNumber", "manager", "organization")),
    *("externalId", "locale"),
    *(f"name.{part}" for part in ("familyName", "formatted", "givenName", "honorificPrefix", "honorificSuffix", "middleName")),
    "nickName",
    *_PHONES,
    *("preferredLanguage", "timezone", "title", "userName", "userType"),
)
_Row: Any = msgspec.defstruct(
    "_Row",
    [(f"column_{number}", Any, UNSET) for number in range(len(_COLUMNS))],
    gc=False,
    rename={f"column_{number}": name for number, name in enumerate(_COLUMNS)},
)
_EMAIL_TYPES = {name.partition(".")[2]: index for index, name in enumerate(_EMAILS)}
_PHONE_TYPES = {name.partition(".")[2]: index for index, name in enumerate(_PHONES)}
_NO_EMAILS, _NO_PHONES = (UNSET,) * len(_EMAILS), (UNSET,) * len(_PHONES)


class _Parts(Struct, gc=False):
    Resources: list[msgspec.Raw]


_decode = msgspec.json.Decoder(_Page).decode
_decode_user = msgspec.json.Decoder(_User).decode
_decode_parts = msgspec.json.Decoder(_Parts).decode
_encode = msgspec.json.Encoder().encode


class _Unusual(Exception):
    """A user holds what the quick way has no column for."""


_NOT_USUAL = (ValueError, RecursionError, _Unusual)
"""Errors for a user, or a page, that goes the thorough way; all errors of decoding are ValueErrors."""


def usual(body: bytes) -> list[Record] | None:
    """The users of a page, all of them; None where one is unusual."""
    try:
        return [_record(user) for user in _decode(body).Resources]
    except _NOT_USUAL:
        return None


def usual_user(text: msgspec.Raw) -> Record | None:
    """One user; None where it is unusual."""
    try:
        return _record(_decode_user(text))
    except _NOT_USUAL:
        return None


def parts(body: bytes) -> list[msgspec.Raw] | None:
    """The text of every user of a page; None where the page is no list in the standard's spelling."""
    try:
        return _decode_parts(body).Resources
    except (ValueError, RecursionError):
        return None


def _record(user: _User) -> Record:
    usable_id(user.id)
    name, work = user.name, user.enterprise
    row = _Row(
        user.display_name,
        *(_typed(user.emails, _EMAIL_TYPES) if user.emails else _NO_EMAILS),
        work.cost_center,
        work.department,
        work.division,
        work.employee_number,
        work.manager.value if isinstance(work.manager, _Manager) else UNSET,
        work.organization,
        user.external_id,
        user.locale,
        name.family_name,
        name.formatted,
        name.given_name,
        name.honorific_prefix,
        name.honorific_suffix,
        name.middle_name,
        user.nick_name,
        *(_typed(user.phone_numbers, _PHONE_TYPES) if user.phone_numbers else _NO_PHONES),
        user.preferred_language,
        user.timezone,
        user.title,
        user.user_name,
        user.user_type,
    )
    attributes = _encode(row).decode()
    refuse_extremes(attributes)
    return Record(user.id, _STATES[user.active], "", attributes, user.meta.last_modified, user.meta.version)


def _typed(entries: Sequence[_Entry], types: dict[str, int]) -> list[Any]:
    found: list[Any] = [UNSET] * len(types)
    for entry in entries:
        index = types.get(entry.type)
        if index is None or found[index] is not UNSET:
            raise _Unusual
        found[index] = entry.value
    return found
