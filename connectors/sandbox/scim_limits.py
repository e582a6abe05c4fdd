"""Requests that a SCIM application refuses although the standard has them, as real products do."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from connectors.sandbox.wire import WireAnswer, WireRequest, json_answer

_ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
_ONE_EQUALITY = re.compile(r'[\w.:]+ eq "(?:\\.|[^"\\])*"')


class Deactivated(StrEnum):
    """Treatment of a user whose `active` is false."""

    STAYS = "stays"
    HIDDEN = "hidden"
    """Answers 404 to everything but the PATCH that activates it."""
    GONE = "gone"
    """The user is deleted."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimLimits:
    """The limits of one application; by default there are none."""

    member_changes: int | None = None
    """Members that one PATCH of a group may add or remove."""
    operations: int | None = None
    """Operations of one PATCH of a user."""
    path_filters: bool = True
    """Whether a PATCH of a user takes a path with a filter in it."""
    filter_removals: bool = True
    """Whether a PATCH of a group takes one."""
    one_equality: bool = False
    """Whether a list takes no other filter than one `eq`."""
    projections: bool = True
    """Whether a list takes `attributes` and `excludedAttributes`."""
    patch: bool = True
    """Whether a PATCH of a user may change more than `active`."""
    put: bool = True
    furthest_start: int | None = None
    """The largest startIndex."""
    page_totals: bool = False
    """Whether `totalResults` counts the page and not the list (WSO2)."""
    deactivated: Deactivated = Deactivated.STAYS

    def refusal(self, request: WireRequest) -> WireAnswer | None:
        """The answer to a request that these limits do not let through."""
        reason = next(self._reasons(request), "")
        status = 404 if request.method == "PUT" else 400
        return error(status, reason) if reason else None

    def _reasons(self, request: WireRequest) -> Iterator[str]:
        kind = request.segments[1] if len(request.segments) > 1 else ""
        match request.method:
            case "GET":
                yield from self._of_a_list(dict(request.params))
            case "PUT" if not self.put:
                yield "there is no PUT"
            case "PATCH" if kind == "Users":
                yield from self._of_a_user_patch(_operations(request))
            case "PATCH" if kind == "Groups":
                yield from self._of_a_group_patch(_operations(request))

    def _of_a_list(self, asked: Mapping[str, str]) -> Iterator[str]:
        if self.one_equality and "filter" in asked and not _ONE_EQUALITY.fullmatch(asked["filter"]):
            yield "only one eq is supported"
        if not self.projections and {"attributes", "excludedAttributes"} & set(asked):
            yield "attributes and excludedAttributes are not supported"
        if self.furthest_start is not None and int(asked.get("startIndex", 1)) > self.furthest_start:
            yield "startIndex is too large"

    def _of_a_user_patch(self, operations: list[Mapping[str, Any]]) -> Iterator[str]:
        if self.operations is not None and len(operations) > self.operations:
            yield "too many operations"
        if not self.path_filters and any("[" in str(each.get("path")) for each in operations):
            yield "a path holds no filter"
        if not self.patch and not all(_sets_only_active(each) for each in operations):
            yield "only active can be patched"

    def _of_a_group_patch(self, operations: list[Mapping[str, Any]]) -> Iterator[str]:
        changes = sum(len(each["value"]) if isinstance(each.get("value"), list) else 1 for each in operations)
        if self.member_changes is not None and changes > self.member_changes:
            yield "too many membership changes"
        if not self.filter_removals and any("[" in str(each.get("path")) for each in operations):
            yield "a path holds no filter"


def error(status: int, detail: str) -> WireAnswer:
    """A SCIM error (RFC 7644 section 3.12)."""
    body = {"schemas": [_ERROR], "status": str(status), "detail": detail}
    return json_answer(status, body, media_type="application/scim+json")


def _sets_only_active(operation: Mapping[str, Any]) -> bool:
    value = operation.get("value")
    return operation.get("path") == "active" or (isinstance(value, Mapping) and set(value) == {"active"})


def activates(request: WireRequest) -> bool:
    """Whether a PATCH sets `active`."""
    return request.method == "PATCH" and any(each.get("value") in (True, {"active": True}) for each in _operations(request))


def _operations(request: WireRequest) -> list[Mapping[str, Any]]:
    try:
        found = json.loads(request.body)["Operations"]
    except (ValueError, KeyError, TypeError):
        return []
    return [each for each in found if isinstance(each, Mapping)] if isinstance(found, list) else []
