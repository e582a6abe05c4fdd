"""Attributes that a user's profile may hold in an Okta org, with the values that they take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.objects import UserType
from connectors.sandbox.okta.org import Org
from connectors.sandbox.okta.org_users import login_key

ALWAYS_SHOWN = ("firstName", "lastName", "mobilePhone", "secondEmail", "login", "email")
"""Attributes that every profile lists, null where unset; any other unset attribute is absent."""
EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
TAKEN = "An object with this field already exists in the current organization"
ANY_LOGIN = ".+"
"""The pattern that the login shows in an org where it need not be an e-mail address."""
PATTERN = "Does not match required pattern"

_TITLES = {
    "login": "Username", "firstName": "First name", "lastName": "Last name", "middleName": "Middle name",
    "honorificPrefix": "Honorific prefix", "honorificSuffix": "Honorific suffix", "email": "Primary email", "title": "Title",
    "displayName": "Display name", "nickName": "Nickname", "profileUrl": "Profile Url", "secondEmail": "Secondary email",
    "mobilePhone": "Mobile phone", "primaryPhone": "Primary phone", "streetAddress": "Street address", "city": "City",
    "state": "State", "zipCode": "Zip code", "countryCode": "Country code", "postalAddress": "Postal Address",
    "preferredLanguage": "Preferred language", "locale": "Locale", "timezone": "Time zone", "userType": "User type",
    "employeeNumber": "Employee number", "costCenter": "Cost center", "organization": "Organization", "division": "Division",
    "department": "Department", "managerId": "ManagerId", "manager": "Manager",
}  # fmt: skip
_REQUIRED = ("login", "firstName", "lastName", "email")
_FORMATS = {
    "email": "email", "secondEmail": "email", "profileUrl": "uri", "countryCode": "country-code",
    "preferredLanguage": "language-code", "locale": "locale", "timezone": "timezone",
}  # fmt: skip
_LENGTHS = {"login": (5, 100), "firstName": (1, 50), "lastName": (1, 50)}
_SHOWN_MAXIMA = {"mobilePhone": 100, "primaryPhone": 100}
_KEPT_MAXIMA = {"email": 100, "secondEmail": 100, "streetAddress": 1024, "city": 128, "state": 128, "zipCode": 50, "postalAddress": 4096}
"""Limits that Okta documents but does not list in the schema."""
_TYPES: dict[str, tuple[type, ...]] = {"string": (str,), "boolean": (bool,), "integer": (int,), "number": (int, float), "array": (list,)}


def _base_attribute(name: str) -> dict[str, Any]:
    limits: dict[str, int] = {"maxLength": _SHOWN_MAXIMA[name]} if name in _SHOWN_MAXIMA else {}
    if name in _LENGTHS:
        limits = dict(zip(("minLength", "maxLength"), _LENGTHS[name], strict=True))
    return {
        "title": _TITLES[name],
        "type": "string",
        **({"required": True} if name in _REQUIRED else {}),
        **({"format": _FORMATS[name]} if name in _FORMATS else {}),
        "mutability": "READ_WRITE",
        "scope": "NONE",
        **limits,
        "permissions": [{"principal": "SELF", "action": "READ_ONLY"}],
    }


BASE_ATTRIBUTES = {name: _base_attribute(name) for name in _TITLES}
"""The 31 attributes every org has."""


def attributes(org: Org) -> dict[str, dict[str, Any]]:
    """Returns base and custom attributes by name."""
    return {**BASE_ATTRIBUTES, **org.custom_attributes}


def custom_attribute(name: str, definition: Mapping[str, Any]) -> dict[str, Any]:
    """A custom attribute as the schema lists it. Raises OktaError for a type Okta does not have."""
    if definition.get("type") not in _TYPES or name in BASE_ATTRIBUTES:
        raise OktaError("E0000001", "schema", causes=[f"{name}: not a custom attribute of a known type"])
    usual = {"title": name, "mutability": "READ_WRITE", "scope": "NONE", "permissions": [{"principal": "SELF", "action": "READ_ONLY"}]}
    return {**usual, **definition}


def remove_custom_attribute(org: Org, name: str) -> None:
    """Takes an attribute out of the schema and out of every profile, without moving any lastUpdated."""
    org.custom_attributes.pop(name, None)
    for user in org.users.by_id.values():
        if name in user.profile:
            del user.profile[name]
            user.rows.clear()


def checked_profile(org: Org, profile: Mapping[str, Any], *, user_id: str = "", operation: str) -> dict[str, Any]:
    """A complete profile without its nulls. Raises OktaError E0000001 naming every attribute that is unknown, missing, malformed or taken."""
    known = attributes(org)
    unknown = [name for name in profile if name not in known]
    if unknown:
        raise OktaError("E0000001", operation, causes=[f"Property name '{name}' is not defined in profile" for name in unknown])
    kept = {name: value for name, value in profile.items() if value is not None}
    required = (*_REQUIRED, *(name for name, definition in org.custom_attributes.items() if definition.get("required") is True))
    problems = [(name, "The field cannot be left blank") for name in required if kept.get(name) in (None, "")]
    problems = problems or [(name, problem) for name, value in kept.items() if (problem := _problem(org, name, known[name], value))]
    problems = problems or [(name, TAKEN) for name, value in kept.items() if _taken(org, name, known[name], value, user_id)]
    if problems:
        raise OktaError("E0000001", problems[0][0], causes=[f"{name}: {problem}" for name, problem in problems])
    return kept


def _problem(org: Org, name: str, definition: Mapping[str, Any], value: object) -> str:
    """Returns the error in one value, or nothing."""
    if problem := _kind_problem(definition, value):
        return problem
    if not isinstance(value, str):
        return ""
    if name == "login" and org.settings.login_is_email and not EMAIL.fullmatch(value):
        return "Username must be in the form of an email address"
    shortest = definition.get("minLength", 0)
    longest = definition.get("maxLength", _KEPT_MAXIMA.get(name, len(value)))
    if not shortest <= len(value) <= longest or any(ord(char) > 0xFFFF for char in value):
        return PATTERN
    if value and "pattern" in definition and not re.search(definition["pattern"], value):
        return PATTERN
    return PATTERN if value and not _formatted(definition.get("format"), value) else ""


def _kind_problem(definition: Mapping[str, Any], value: object) -> str:
    wanted = definition["type"]
    if not isinstance(value, _TYPES[wanted]) or (wanted in ("integer", "number") and isinstance(value, bool)):
        return f"The value is not of type {wanted}"
    return "The value is not one of those that are allowed" if _not_allowed(definition, value) else ""


def _not_allowed(definition: Mapping[str, Any], value: object) -> bool:
    """Whether the value, or an entry of it, is none of those that the attribute lists as `enum` or `oneOf`."""
    lists = definition.get("items", {}) if isinstance(value, list) else definition
    allowed = lists.get("enum") or [each["const"] for each in lists.get("oneOf", ())]
    return bool(allowed) and any(each not in allowed for each in (value if isinstance(value, list) else [value]))


def _formatted(wanted: object, value: str) -> bool:
    if wanted == "email":
        return EMAIL.fullmatch(value) is not None
    if wanted == "country-code":
        return re.fullmatch(r"[A-Z]{2}", value) is not None
    return True


def _taken(org: Org, name: str, definition: Mapping[str, Any], value: object, user_id: str) -> bool:
    """Whether another user has this value of an attribute that must be unique."""
    if name == "login":
        return org.users.by_login.get(login_key(str(value)), user_id) != user_id
    if definition.get("unique") != "UNIQUE_VALIDATED":
        return False
    return any(user.profile.get(name) == value and user.id != user_id for user in org.users.by_id.values())


def schema_object(org: Org, kind: UserType, base_url: str) -> dict[str, Any]:
    """The user schema as `GET /api/v1/meta/schemas/user/default` shows it (JSON Schema, draft 4)."""
    login = BASE_ATTRIBUTES["login"] if org.settings.login_is_email else {**BASE_ATTRIBUTES["login"], "pattern": ANY_LOGIN}
    custom = {name: definition for name, definition in org.custom_attributes.items() if name not in kind.lacks}
    return {
        "id": f"{base_url}/meta/schemas/user/default",
        "$schema": "http://json-schema.org/draft-04/schema#",
        "name": "user",
        "title": "User",
        "description": "Okta user profile template with default permission settings",
        "lastUpdated": kind.created,
        "created": kind.created,
        "definitions": {
            "custom": {"id": "#custom", "type": "object", "properties": custom, "required": []},
            "base": {"id": "#base", "type": "object", "properties": {**BASE_ATTRIBUTES, "login": login}, "required": list(_REQUIRED)},
        },
        "type": "object",
        "properties": {"profile": {"allOf": [{"$ref": "#/definitions/custom"}, {"$ref": "#/definitions/base"}]}},
        "_links": {
            "self": {"rel": "self", "href": f"{base_url}/api/v1/meta/schemas/user/{kind.schema_id}", "method": "GET"},
            "type": {"rel": "type", "href": f"{base_url}/api/v1/meta/types/user/{kind.id}", "method": "GET"},
        },
    }
