"""The twin of an Okta org: the seed of one that shows the connector the same rows."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from connectors.contract import BY_HAND, Entitlement, EntitlementKind, Record
from connectors.declaration import DeclaredAttribute
from connectors.okta.apps import APP
from connectors.okta.groups import MOVED, READ_ONLY, SOURCE
from connectors.okta.user_types import TYPE
from connectors.sandbox.okta import Bucket, OktaSandbox, OktaSandboxSettings
from connectors.sandbox.okta.org import EVERYONE
from connectors.sandbox.okta.schema import BASE_ATTRIBUTES
from connectors.sandbox.twins.snapshot import CannotHold, TwinSnapshot

_RULE_NAMES = re.compile(r'"([^"]+)"')
_OF_ONE_TOKEN = 0.5
_KINDS: Mapping[type, str] = {bool: "boolean", int: "integer", float: "number", list: "array"}


def okta_twin(snapshot: TwinSnapshot, token: str, rate: int | None) -> OktaSandbox:
    """An org that holds the snapshot. `rate`: calls a minute that it allows a token of each kind. Raises CannotHold."""
    limits = {} if rate is None else dict.fromkeys(Bucket, int(rate / _OF_ONE_TOKEN))
    settings = OktaSandboxSettings(
        tokens=(token,), limits=limits, token_share=_OF_ONE_TOKEN, login_is_email=_logins_are_addresses(snapshot)
    )
    try:
        return OktaSandbox(okta_seed(snapshot), settings=settings)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        raise CannotHold(f"{'.'.join(map(str, first['loc']))}: {first['msg']}") from error
    except (ValueError, KeyError) as error:
        raise CannotHold(str(error)) from error


def okta_seed(snapshot: TwinSnapshot) -> dict[str, Any]:
    """The seed of an org that shows these rows."""
    groups = [each for each in snapshot.entitlements if each.kind is EntitlementKind.GROUP]
    own = {each.id for each in groups if (each.type, each.name) != ("BUILT_IN", EVERYONE)}
    types = sorted({str(name) for each in snapshot.accounts if (name := each.values().get(TYPE))})
    members = snapshot.members()
    return {
        "users": [_user(each, types) for each in snapshot.accounts],
        "groups": [_group(each) for each in groups],
        "members": {group: [each.account_id for each in members[group]] for group in sorted(own & members.keys())},
        "custom_attributes": _custom_attributes(snapshot),
        "apps": [_app(each, snapshot) for each in snapshot.entitlements if each.kind is EntitlementKind.APP],
        "rules": list(_rules(groups)),
        "types": _types(types),
    }


def _logins_are_addresses(snapshot: TwinSnapshot) -> bool:
    return all("@" in str(each.values().get("login", "@")) for each in snapshot.accounts)


def _user(record: Record, types: list[str]) -> dict[str, Any]:
    profile = record.values()
    kind = profile.pop(TYPE, None)
    typed = {"type": {"id": _type_id(types.index(str(kind)))}} if kind else {}
    return {"id": record.id, "status": record.status, "lastUpdated": record.updated, "profile": profile, **typed}


def _types(names: list[str]) -> list[dict[str, Any]]:
    shown = names or ["user"]
    default = "user" if "user" in shown else shown[0]
    return [{"id": _type_id(place), "name": name, "displayName": name, "default": name == default} for place, name in enumerate(shown)]


def _type_id(place: int) -> str:
    return f"oty{place:017}"


def _group(group: Entitlement) -> dict[str, Any]:
    profile = json.loads(group.attributes)
    source, moved = profile.pop(SOURCE, None), profile.pop(MOVED, "")
    kind = group.type if group.type in READ_ONLY else "APP_GROUP" if group.read_only else "OKTA_GROUP"
    return {
        "id": group.id,
        "type": kind,
        "lastUpdated": group.updated,
        "lastMembershipUpdated": moved,
        "profile": {**profile, "name": group.name},
        "hasAdminPrivilege": group.privileged,
        **({"source": {"id": source}} if source else {}),
    }


def _rules(groups: list[Entitlement]) -> Iterator[dict[str, Any]]:
    """Rules for the groups that rules fill. They are invalid: they make a group read-only, and move no user."""
    for group in groups:
        if group.read_only and group.type == "OKTA_GROUP":
            for name in _RULE_NAMES.findall(group.read_only) or [group.name]:
                yield {"name": name, "status": "INVALID", "actions": {"assignUserToGroups": {"groupIds": [group.id]}}}


def _app(app: Entitlement, snapshot: TwinSnapshot) -> dict[str, Any]:
    shown = json.loads(app.attributes)
    known = {each.id for each in snapshot.entitlements}
    direct = (each.account_id for each in snapshot.memberships if each.entitlement_id == app.id and not each.via)
    return {
        "id": app.id.removeprefix(APP),
        "name": shown.get("name") or "bookmark",
        "label": app.name,
        "status": shown.get("status") or "ACTIVE",
        "signOnMode": shown.get("signOnMode") or "BOOKMARK",
        "lastUpdated": app.updated,
        **({"features": []} if BY_HAND in shown else {}),
        "users": {user: {} for user in sorted(direct)},
        "groups": {group: {} for group in shown.get("groups") or () if group in known},
    }


def _custom_attributes(snapshot: TwinSnapshot) -> dict[str, dict[str, Any]]:
    """The definitions of the attributes that an org does not have by itself: as declared, else by the values."""
    found = {name: _definition(each) for name, each in snapshot.declared.items() if each.type and _is_custom(name)}
    for record in snapshot.accounts:
        for name, value in record.values().items():
            if value is not None and name not in found and _is_custom(name):
                kind = next((word for held, word in _KINDS.items() if isinstance(value, held)), "string")
                found[name] = {"type": kind, **({"items": {"type": "string"}} if kind == "array" else {})}
    return found


def _is_custom(name: str) -> bool:
    return name not in BASE_ATTRIBUTES and name != TYPE


def _definition(declared: DeclaredAttribute) -> dict[str, Any]:
    allowed = {"enum": list(declared.allowed)} if declared.allowed else {}
    limits = {"minLength": declared.shortest, "maxLength": declared.longest}
    return {
        "type": declared.type,
        "required": declared.required,
        "mutability": "READ_ONLY" if declared.read_only else "READ_WRITE",
        **{name: value for name, value in limits.items() if value is not None},
        **({"items": {"type": declared.entries or "string", **allowed}} if declared.type == "array" else allowed),
        **({"format": declared.format} if declared.format else {}),
    }
