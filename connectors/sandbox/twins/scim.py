"""The twin of a SCIM application: users and groups that show the connector the same rows, behind a dialect."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from connectors.contract import AccountState, Entitlement, EntitlementKind, Membership, Record, Value
from connectors.sandbox.dialects.application import DialectSandbox
from connectors.sandbox.dialects.habits import Habits
from connectors.sandbox.dialects.products import LAPSES, PRODUCTS
from connectors.sandbox.scim import SandboxPaging, ScimSandbox, ScimSandboxSettings
from connectors.sandbox.scim_access import Gate, ScimAccess
from connectors.sandbox.twins.snapshot import TwinSnapshot
from connectors.scim.dialect import Dialect, Paging, RemoveForm
from connectors.scim.names import ENTERPRISE, GROUP, MULTI_VALUED, PRIMARY, UNTYPED, USER, WORK

DIALECTS: Mapping[str, Habits] = {**PRODUCTS, **LAPSES}
"""The dialects that a twin can be given by name."""
_ACTIVE = {AccountState.ACTIVE: True, AccountState.DEACTIVATED: False}
_PAGING = {Paging.CURSOR: SandboxPaging.CURSOR, Paging.NONE: SandboxPaging.NONE}


def scim_twin(snapshot: TwinSnapshot, token: str, name: str, dialect: Dialect) -> ScimSandbox | DialectSandbox:
    """An application that holds the snapshot: with the habits of the product that `name` is the dialect of, else with those of the standard."""
    seed = scim_seed(snapshot)
    if name not in DIALECTS:
        paging = _PAGING.get(dialect.paging, SandboxPaging.INDEX)
        removals = dialect.remove_form is RemoveForm.VALUE_ARRAY
        try:
            return ScimSandbox(
                seed, settings=ScimSandboxSettings(token=token, paging=paging, max_page=dialect.max_page, entra_removals=removals)
            )
        except ValueError:
            # It checks values more strictly than many applications do: what those hold, the other takes.
            name = ""
    application = DialectSandbox(DIALECTS.get(name, Habits(max_page=dialect.max_page)), seed)
    application.gate = Gate(ScimAccess(token))
    return application


def scim_seed(snapshot: TwinSnapshot) -> dict[str, list[dict[str, Any]]]:
    """The state of an application that shows these rows."""
    named = {each.name: each.id for each in snapshot.entitlements}
    members = snapshot.members()
    groups = (each for each in snapshot.entitlements if each.kind is EntitlementKind.GROUP)
    return {
        "users": [user_of(each) for each in snapshot.accounts],
        "groups": [_group(each, members.get(each.id, ()), named) for each in groups],
    }


def user_of(record: Record) -> dict[str, Any]:
    """The resource that is flattened to the attributes of a row."""
    user: dict[str, Any] = {"schemas": [USER], "id": record.id}
    if record.state in _ACTIVE:
        user["active"] = _ACTIVE[record.state]
    if record.updated:
        user["meta"] = {"resourceType": "User", "lastModified": record.updated}
    values = record.values()
    for name, value in values.items():
        head = name.partition(".")[0]
        if head not in MULTI_VALUED:
            _put(user, name, value)
    for head in sorted(MULTI_VALUED & {name.partition(".")[0] for name in values}):
        user[head] = _entries(head, {name: value for name, value in values.items() if name.startswith(f"{head}.")})
    user["schemas"] += [key for key in user if key.startswith("urn:")]
    return user


def _put(user: dict[str, Any], name: str, value: Value) -> None:
    """Puts a single value in its place: of the core schema, of a part of it, of an extension."""
    head, _, rest = name.partition(".")
    if name.startswith("urn:"):
        urn, _, attribute = name.rpartition(":")
        user.setdefault(urn, {})[attribute] = value
    elif head == "enterprise" and rest:
        user.setdefault(ENTERPRISE, {})[rest] = {"value": value} if rest == "manager" and value is not None else value
    elif rest:
        user.setdefault(head, {})[rest] = value
    else:
        user[name] = value


def _entries(head: str, values: Mapping[str, Value]) -> list[dict[str, Any]]:
    """The entries of a multi-valued attribute, the primary one marked."""
    found: dict[tuple[str, int], dict[str, Any]] = {}
    for name, value in values.items():
        label, *rest = name.removeprefix(f"{head}.").split(".")
        place = int(rest.pop(0)) if rest and rest[0].isdigit() else 1
        found.setdefault((label, place), {})[".".join(rest) or "value"] = value
    if found.get((PRIMARY, 1)) == found.get((WORK, 1)):
        # One entry without a type has both names.
        found.pop((WORK, 1), None)
    entries = [{**entry, **_mark(label)} for (label, _), entry in sorted(found.items())]
    typed = [entry for entry in entries if "type" in entry]
    if typed and not any(entry.get("primary") for entry in entries):
        next((entry for entry in typed if entry["type"] == WORK), typed[0])["primary"] = True
    return entries


def _mark(label: str) -> dict[str, Any]:
    if label == PRIMARY:
        return {"primary": True}
    return {} if label == UNTYPED else {"type": label}


def _group(group: Entitlement, members: Iterable[Membership], named: Mapping[str, str]) -> dict[str, Any]:
    """A group; who is in it through another group comes with that group."""
    direct = [{"value": each.account_id} for each in members if not each.via]
    inner = sorted({named[each.via] for each in members if each.via in named})
    shown = {"displayName": group.name, "members": [*direct, *({"value": each, "type": "Group"} for each in inner)]}
    meta = {"meta": {"resourceType": "Group", "lastModified": group.updated}} if group.updated else {}
    return {"schemas": [GROUP], "id": group.id, **json.loads(group.attributes), **shown, **meta}
