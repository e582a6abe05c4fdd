"""A SCIM application in dictionaries with habits of real ones, each switched on by its name. It shares no code with the connector."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from connectors.sandbox.wire import WireAnswer, WireRequest

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
GROUP = "urn:ietf:params:scim:schemas:core:2.0:Group"
_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
_PAGE = 20


class Habit(StrEnum):
    """One way in which an application differs from the standard."""

    NO_PATCH = "no_patch"
    NO_SEARCH = "no_search"
    """A filter is answered with 400."""
    NO_TYPES = "no_types"
    """Entries of multi-valued attributes lose their type; the first is primary."""
    LOWER_LOGIN = "lower_login"
    TEL_URI = "tel_uri"
    """Telephone numbers are stored as `tel:` URIs without separators."""
    TRIMS = "trims"
    """Texts lose outer spaces."""
    NO_EXTERNAL_ID = "no_external_id"
    NEVER_ACTIVE = "never_active"
    """`active` is taken and never returned."""
    ACTIVE_NUMBER = "active_number"
    ACTIVE_TEXT = "active_text"
    ONLY_JSON = "only_json"
    """No other media type than application/json is taken."""
    NO_GROUPS_404 = "no_groups_404"
    NO_GROUPS_500 = "no_groups_500"
    NO_GROUPS_501 = "no_groups_501"
    LISTS_ACTIVE = "lists_active"
    """Lists leave out who is not active; filters and reads by id do not."""
    NEEDS_PAGING = "needs_paging"
    """A list without startIndex and count is empty."""
    TOTAL_OF_PAGE = "total_of_page"
    NO_RESOURCES = "no_resources"
    """An empty list has no `Resources`."""
    STRICT_MEMBERS = "strict_members"
    """A change that names somebody who is not active is refused whole."""
    ODD_VERSION = "odd_version"
    """ETags are advertised, and `meta.version` is what no header can carry."""
    VERSIONS = "versions"
    """ETags, and 412 for a stale one."""
    EMPTY_ANSWERS = "empty_answers"
    """204 to every change."""
    OLD_ANSWERS = "old_answers"
    """200 with the resource as it was before the change."""
    LATE_ANSWERS = "late_answers"
    """202 without a body."""


@dataclass(slots=True)
class _Refusal(Exception):
    status: int
    detail: str
    scim_type: str = ""
    html: bool = False


@dataclass
class HabitServer:
    """Users and groups by id, `{"users": [...], "groups": [...]}` as state."""

    habits: frozenset[Habit] = frozenset()
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    made: int = 0
    changes: int = 0

    async def answer(self, request: WireRequest) -> WireAnswer:
        try:
            status, body = self._served(request)
        except _Refusal as refusal:
            if refusal.html:
                page = f"<!DOCTYPE html><html><body><h1>{refusal.detail}</h1></body></html>"
                return WireAnswer(status=refusal.status, headers=[("Content-Type", "text/html")], body=page.encode())
            status, body = refusal.status, {"schemas": [_ERROR], "status": str(refusal.status), "detail": refusal.detail}
            body |= {"scimType": refusal.scim_type} if refusal.scim_type else {}
        raw = b"" if body is None else json.dumps(body).encode()
        return WireAnswer(status=status, headers=[("Content-Type", "application/scim+json")], body=raw)

    def state(self) -> dict[str, list[dict[str, Any]]]:
        return copy.deepcopy({"users": list(self.users.values()), "groups": list(self.groups.values())})

    def seed(self, state: Any) -> None:
        self.users = {each["id"]: self._kept_user(dict(each)) for each in state.get("users", [])}
        self.groups = {each["id"]: dict(each) for each in state.get("groups", [])}

    def has(self, habit: Habit) -> bool:
        return habit in self.habits

    # --- requests ---------------------------------------------------------------------------------------------------

    def _served(self, request: WireRequest) -> tuple[int, Any]:
        _, kind, *rest = (*request.segments, "")
        if kind == "ServiceProviderConfig":
            return 200, self._config()
        held = {"Users": self.users, "Groups": self.groups}.get(kind)
        if held is None:
            raise _Refusal(404, "there is no such endpoint")
        self._refuse(request, kind)
        resource_id = rest[0] if rest else ""
        if request.method == "POST":
            return self._created(kind, held, json.loads(request.body))
        if not resource_id:
            return 200, self._listed(kind, held, dict(request.params))
        if resource_id not in held:
            raise _Refusal(404, "there is no such resource")
        if request.method == "GET":
            return 200, self._shown(kind, held[resource_id])
        return self._changed(kind, held, resource_id, request)

    def _refuse(self, request: WireRequest, kind: str) -> None:
        if kind == "Groups" and self.has(Habit.NO_GROUPS_404):
            raise _Refusal(404, "Cannot GET /Groups", html=True)
        if kind == "Groups" and self.has(Habit.NO_GROUPS_500):
            raise _Refusal(500, "The resource type Groups is unknown here")
        if kind == "Groups" and self.has(Habit.NO_GROUPS_501):
            raise _Refusal(501, "Groups are not implemented")
        if request.method == "PATCH" and self.has(Habit.NO_PATCH):
            raise _Refusal(501, "PATCH is not implemented")
        if request.body and self.has(Habit.ONLY_JSON) and not request.headers.get("content-type", "").startswith("application/json"):
            raise _Refusal(415, "Unsupported Media Type")

    def _config(self) -> dict[str, Any]:
        versions = self.has(Habit.VERSIONS) or self.has(Habit.ODD_VERSION)
        supported = {"patch": not self.has(Habit.NO_PATCH), "filter": not self.has(Habit.NO_SEARCH), "etag": versions}
        return {
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
            **{name: {"supported": each} for name, each in supported.items()},
        }

    def _listed(self, kind: str, held: Mapping[str, dict[str, Any]], asked: Mapping[str, str]) -> dict[str, Any]:
        rows = [held[each] for each in sorted(held)]
        if "filter" in asked:
            if self.has(Habit.NO_SEARCH):
                raise _Refusal(400, "no filter is supported", "invalidFilter")
            rows = [row for row in rows if _matches(row, asked["filter"])]
        elif kind == "Users" and self.has(Habit.LISTS_ACTIVE):
            rows = [row for row in rows if row.get("active", True)]
        if self.has(Habit.NEEDS_PAGING) and not {"startIndex", "count"} <= set(asked):
            rows = []
        start = max(int(asked.get("startIndex", 1)), 1) - 1
        page = rows[start : start + min(int(asked.get("count", _PAGE)), _PAGE)]
        left_out = set(asked.get("excludedAttributes", "").split(","))
        shown = [{key: value for key, value in self._shown(kind, row).items() if key not in left_out} for row in page]
        answer = {"schemas": [_LIST], "totalResults": len(page if self.has(Habit.TOTAL_OF_PAGE) else rows), "Resources": shown}
        if self.has(Habit.NO_RESOURCES) and not shown:
            del answer["Resources"]
        return answer

    def _created(self, kind: str, held: dict[str, dict[str, Any]], body: dict[str, Any]) -> tuple[int, Any]:
        self.made += 1
        new = {**body, "id": f"{kind[0].lower()}{500 + self.made}"}
        self._settle(kind, held, new)
        return 201, self._shown(kind, new)

    def _changed(self, kind: str, held: dict[str, dict[str, Any]], resource_id: str, request: WireRequest) -> tuple[int, Any]:
        old = held[resource_id]
        if self.has(Habit.VERSIONS) and request.headers.get("if-match", self._version(old)) != self._version(old):
            raise _Refusal(412, "it has another version")
        if request.method == "DELETE":
            del held[resource_id]
            return 204, None
        new = {**json.loads(request.body), "id": resource_id} if request.method == "PUT" else copy.deepcopy(old)
        if request.method == "PATCH":
            for operation in json.loads(request.body)["Operations"]:
                _patch(new, operation)
        self._settle(kind, held, new)
        if self.has(Habit.EMPTY_ANSWERS):
            return 204, None
        if self.has(Habit.LATE_ANSWERS):
            return 202, None
        return 200, self._shown(kind, old if self.has(Habit.OLD_ANSWERS) else new)

    # --- what is kept and what is shown -----------------------------------------------------------------------------

    def _settle(self, kind: str, held: dict[str, dict[str, Any]], new: dict[str, Any]) -> None:
        """Takes a resource over, or refuses it."""
        new.pop("meta", None)
        name = "userName" if kind == "Users" else "displayName"
        taken = [each for each in held.values() if each["id"] != new["id"] and each[name].lower() == str(new.get(name, "")).lower()]
        if taken or not new.get(name):
            raise _Refusal(409 if taken else 400, f"{name} is {'taken' if taken else 'missing'}", "uniqueness" if taken else "invalidValue")
        if kind == "Groups":
            before = {each["value"] for each in held.get(new["id"], {}).get("members", [])}
            self._refuse_members(each["value"] for each in new.get("members") or [] if each["value"] not in before)
        self.changes += 1
        new["meta"] = {"version": str(self.changes)}
        held[new["id"]] = self._kept_user(new) if kind == "Users" else new

    def _refuse_members(self, added: Iterable[str]) -> None:
        for each in added:
            if self.has(Habit.STRICT_MEMBERS) and not self.users.get(each, {"active": False}).get("active", True):
                raise _Refusal(400, f"{each} is not active", "invalidValue")

    def _kept_user(self, user: dict[str, Any]) -> dict[str, Any]:
        user["active"] = str(user.get("active", True)).lower() == "true"
        if self.has(Habit.NO_EXTERNAL_ID):
            user.pop("externalId", None)
        if self.has(Habit.LOWER_LOGIN):
            user["userName"] = user["userName"].lower()
        if self.has(Habit.TRIMS):
            user |= {key: value.strip() for key, value in user.items() if isinstance(value, str)}
        for name in ("emails", "phoneNumbers"):
            if name in user:
                user[name] = [self._kept_entry(name, entry, first=not number) for number, entry in enumerate(user[name])]
        return user

    def _kept_entry(self, name: str, entry: Mapping[str, Any], *, first: bool) -> dict[str, Any]:
        kept = {"value": entry["value"], "primary": first} if self.has(Habit.NO_TYPES) else dict(entry)
        if name == "phoneNumbers" and self.has(Habit.TEL_URI):
            kept["value"] = "tel:" + re.sub(r"[^+0-9]", "", kept["value"].removeprefix("tel:"))
        return kept

    def _version(self, resource: Mapping[str, Any]) -> str:
        number = resource.get("meta", {}).get("version", "0")
        return f"version “{number}”\n" if self.has(Habit.ODD_VERSION) else f'W/"{number}"'

    def _shown(self, kind: str, resource: Mapping[str, Any]) -> dict[str, Any]:
        shown = copy.deepcopy({"schemas": [USER if kind == "Users" else GROUP], **resource})
        shown["meta"] = {"resourceType": kind[:-1], "version": self._version(resource)}
        active = shown.pop("active", None)
        if active is not None and not self.has(Habit.NEVER_ACTIVE):
            forms: Mapping[Habit, Callable[[bool], object]] = {
                Habit.ACTIVE_NUMBER: int,
                Habit.ACTIVE_TEXT: lambda value: str(value).title(),
            }
            shown["active"] = next((form(active) for habit, form in forms.items() if self.has(habit)), active)
        return shown


def _matches(row: Mapping[str, Any], asked: str) -> bool:
    found = re.fullmatch(r'([\w.:]+) eq ("(?:[^"\\]|\\.)*")', asked)
    if found is None:
        raise _Refusal(400, "only eq is supported", "invalidFilter")
    path, wanted = found[1].rpartition(":")[2], str(json.loads(found[2]))
    values: list[Any] = [row]
    for part in path.split("."):
        values = [
            each[part]
            for value in values
            for each in (value if isinstance(value, list) else [value])
            if isinstance(each, dict) and part in each
        ]
    exact = path in ("externalId", "id")
    return any(str(value) == wanted or (not exact and str(value).lower() == wanted.lower()) for value in values)


def _patch(resource: dict[str, Any], operation: Mapping[str, Any]) -> None:
    """Carries one operation out (RFC 7644 section 3.5.2), as far as a client of users and groups needs it."""
    path, value, removes = operation.get("path", ""), operation.get("value"), operation["op"] == "remove"
    if not path:
        resource |= value
        return
    urn, _, name = path.rpartition(":") if path.startswith("urn:") else ("", "", path)
    holder = resource.setdefault(urn, {}) if urn else resource
    filtered = re.fullmatch(r'(\w+)\[(\w+) eq ("(?:[^"\\]|\\.)*"|true)(?: and value eq "[^"]*")?\](?:\.(\w+))?', name)
    if filtered:
        _patch_entries(holder, filtered[1], (filtered[2], json.loads(filtered[3])), filtered[4], None if removes else value)
        return
    top, _, sub = name.partition(".")
    if sub:
        holder = holder.setdefault(top, {})
    key = sub or top
    if removes:
        holder.pop(key, None)
    elif operation["op"] == "add" and isinstance(value, list):
        holder[key] = [*holder.get(key, []), *(each for each in value if each not in holder.get(key, []))]
    else:
        holder[key] = value


def _patch_entries(holder: dict[str, Any], name: str, key: tuple[str, object], sub: str | None, value: object) -> None:
    chosen = [entry for entry in holder.get(name, []) if entry.get(key[0]) == key[1]]
    if not chosen and value is not None:
        raise _Refusal(400, "the filter finds no entry", "noTarget")
    for entry in chosen:
        if value is None and not sub:
            holder[name].remove(entry)
        elif value is None:
            entry.pop(sub, None)
        else:
            entry[sub or "value"] = value
