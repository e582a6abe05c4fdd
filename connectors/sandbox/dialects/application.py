"""A SCIM application with the habits of one product, held in memory."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from typing import Any

from connectors.sandbox.dialects.directory import GROUPS, USERS, Directory
from connectors.sandbox.dialects.habits import Habits, Shown, UserPut
from connectors.sandbox.dialects.lists import listed
from connectors.sandbox.dialects.published import SCHEMAS, TYPES, published
from connectors.sandbox.dialects.refusals import NoSuchRoute, Refused, no_such_route, refusal
from connectors.sandbox.dialects.resources import Resource, patch
from connectors.sandbox.dialects.rules import group_operations, judge_user_patch
from connectors.sandbox.scim_access import Gate, ScimAccess
from connectors.sandbox.wire import WireAnswer, WireRequest, json_answer


class DialectSandbox:
    """One application. Its state is `{"users": [SCIM User, ...], "groups": [SCIM Group, ...]}`; ids that are given are kept."""

    def __init__(self, habits: Habits, seed: object = None, *, refused: tuple[str, ...] = ()) -> None:
        self.habits, self.gate = habits, Gate(ScimAccess())
        self.directory = Directory(habits, refused)
        self.seed(seed or {})

    async def answer(self, request: WireRequest) -> WireAnswer:
        """Executes the request."""
        refused = self.gate.answer(request)
        if refused is not None:
            return refused
        try:
            status, body = self._served(request)
        except Refused as reason:
            return refusal(self.habits, reason)
        except NoSuchRoute:
            return no_such_route()
        return WireAnswer(status=status, headers=[]) if body is None else json_answer(status, body, media_type="application/scim+json")

    def state(self) -> dict[str, list[Resource]]:
        """Every user and group as JSON-able values, whatever the product shows of them."""
        return self.directory.state()

    def seed(self, state: object) -> None:
        """Replaces what it holds. Raises ValueError for what is no such state."""
        self.directory.seed(state)

    def _served(self, request: WireRequest) -> tuple[int, Any]:
        if self.habits.needs_user_agent and not request.headers.get("user-agent"):
            raise Refused(403, "Request forbidden by administrative rules: a User-Agent is required")
        kind, resource_id = (*request.segments[1:3], "", "")[:2]
        if kind == f"ServiceProviderConfig{'s' if self.habits.plural_config else ''}":
            return 200, {"patch": {"supported": True}, "filter": {"supported": True}, "etag": {"supported": False}}
        if kind in (SCHEMAS, TYPES) and request.method == "GET":
            return 200, published(self.habits, kind, resource_id)
        if kind not in (USERS, GROUPS):
            raise Refused(404, "there is no such endpoint")
        if request.method == "POST":
            new = {**json.loads(request.body), "id": self.directory.new_id(kind)}
            self.directory.settle(kind, new)
            return 201, self.directory.shown(kind, new)
        if not resource_id:
            return 200, listed(self.directory, kind, dict(request.params))
        held = self.directory.held[kind].get(resource_id)
        if held is None or (self.directory.hides(held) and not _activates(request)):
            raise Refused(404, f"{resource_id} was not found")
        if request.method == "GET":
            return 200, self.directory.shown(kind, held)
        return self._deleted(kind, held) if request.method == "DELETE" else self._changed(kind, held, request)

    def _deleted(self, kind: str, held: Resource) -> tuple[int, None]:
        if kind == GROUPS or self.habits.deletes_users:
            del self.directory.held[kind][held["id"]]
        else:
            held["active"] = False
        return 204, None

    def _changed(self, kind: str, held: Resource, request: WireRequest) -> tuple[int, Any]:
        new = copy.deepcopy(held)
        match request.method:
            case "PUT":
                new = _replaced(self.habits, kind, held, json.loads(request.body))
            case "PATCH" if kind == USERS:
                judge_user_patch(self.habits, _operations(request))
                for operation in _operations(request):
                    patch(new, operation)
            case "PATCH":
                for operation in group_operations(self.habits, _operations(request)):
                    patch(new, operation)
            case _:
                raise Refused(405, f"{request.method} is not supported")
        self.directory.settle(kind, new)
        return 200, {} if self.habits.shown is Shown.EMPTY_OBJECT else self.directory.shown(kind, new)


def _replaced(habits: Habits, kind: str, old: Resource, body: Resource) -> Resource:
    """Returns the resource after a PUT."""
    if kind == GROUPS and not habits.group_put:
        raise Refused(405, "there is no PUT of groups")
    if kind == USERS and habits.user_put is UserPut.ABSENT:
        raise NoSuchRoute
    kept = old if kind == USERS and habits.user_put is UserPut.MERGES else {}
    return {**kept, **body, "id": old["id"]}


def _activates(request: WireRequest) -> bool:
    return request.method == "PATCH" and any(each.get("value") in (True, {"active": True}) for each in _operations(request))


def _operations(request: WireRequest) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(request.body)["Operations"]
        return [{**each, "op": str(each["op"]).lower()} for each in found]
    except (ValueError, KeyError, TypeError):
        raise Refused(400, "a PATCH needs Operations, each with its op", "invalidSyntax") from None
