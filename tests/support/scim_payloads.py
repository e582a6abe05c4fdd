"""Judges every body that a SCIM server is sent by an independent implementation of the standard, `scim2-models`.

Five things are let through, and no other:
- the id of a manager without `$ref`: RFC 7643 section 4.3 recommends it, the oracle demands it, and some servers refuse it;
- extensions of vendors, whose schemas the oracle does not know;
- attributes that no schema declares in a PUT, which repeats what the server showed: to leave them out would remove them;
- `remove` of members by a list of values, where the dialect demands it (`remove_form = "value_array"`, as Entra ID sends it);
- members inside an object, where the dialect demands it (`remove_form = "wrapped"`, as Salesforce documents it): judged as that list.
"""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from scim2_models import BulkRequest, Context, EnterpriseUser, Group, PatchOp, ScimPolicy, User

from connectors.sandbox.wire import WireAnswer, WireApp, WireRequest
from connectors.scim.dialect import Dialect, RemoveForm

ENTERPRISE = str(EnterpriseUser.__schema__)
CORE = "urn:ietf:params:scim:schemas:core:2.0:"
Body = dict[str, Any]
_MODELS: dict[str, Any] = {"Users": User[EnterpriseUser], "Groups": Group}
_MESSAGES: dict[str, Any] = {"Users": PatchOp[User[EnterpriseUser]], "Groups": PatchOp[Group]}
_CONTEXTS = {
    "POST": Context.RESOURCE_CREATION_REQUEST,
    "PUT": Context.RESOURCE_REPLACEMENT_REQUEST,
    "PATCH": Context.RESOURCE_PATCH_REQUEST,
}


@dataclass(slots=True)
class Payloads:
    """The judge of the bodies of one server, which it stands before."""

    server: Any
    dialect: Dialect = field(default_factory=Dialect)
    """Dialect of the connector that writes now."""
    judged: int = 0
    invalid: list[str] = field(default_factory=list)

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.method in _CONTEXTS and (kind := request.segments[1:2]) and kind[0] in _MODELS:
            self.judged += 1
            if problem := self._problem(kind[0], request):
                self.invalid.append(f"{request.method} {request.path}: {problem}\n{request.body.decode(errors='replace')}")
        if request.segments[1:2] == ("Bulk",):
            self._judge_bulk(request)
        answer: WireAnswer = await self.server.answer(request)
        return answer

    def _judge_bulk(self, request: WireRequest) -> None:
        """Judges the message, and each operation as the request that it stands for."""
        try:
            body = json.loads(request.body)
            operations = [{**each, "data": self._judgeable(each["method"], each["data"])} for each in body["Operations"]]
            BulkRequest[User[EnterpriseUser]].model_validate({**body, "Operations": operations}, scim_ctx=Context.BULK_REQUEST)
            operations = body["Operations"]
        except (ValueError, KeyError, TypeError) as error:
            self.invalid.append(f"{request.method} {request.path}: {error}")
            return
        if len({each["bulkId"] for each in operations}) < len(operations):
            self.invalid.append(f"{request.path}: a bulkId comes twice")
        for each in operations:
            self.judged += 1
            of = replace(request, method=each["method"], path=each["path"], body=json.dumps(each["data"]).encode())
            if problem := self._problem(each["path"].split("/")[1], of):
                self.invalid.append(f"{each['method']} {each['path']} in bulk: {problem}")

    def state(self) -> object:
        return self.server.state()

    def seed(self, state: object) -> None:
        self.server.seed(state)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.server, name)

    def _problem(self, kind: str, request: WireRequest) -> str:
        try:
            body = json.loads(request.body)
            if not isinstance(body, dict):
                return "the body is no object"
            if not body.get("schemas"):
                return "it names no schema (RFC 7643 section 3)"
            if request.method == "POST" and (owned := sorted(body.keys() & {"id", "meta"})):
                return f"{', '.join(owned)} is the server's (RFC 7643 section 3.1)"
            model = _MESSAGES[kind] if request.method == "PATCH" else _MODELS[kind]
            judged, policy = self._judgeable(request.method, body), self._policy(request.method)
            model.model_validate(judged, scim_ctx=_CONTEXTS[request.method], scim_policy=policy)
        except ValueError as error:
            return str(error)
        return ""

    def _judgeable(self, method: str, body: Body) -> Body:
        judgeable = _judgeable(method, body)
        if method == "PATCH" and self.dialect.remove_form is RemoveForm.WRAPPED:
            judgeable["Operations"] = [_unwrapped(each) for each in judgeable["Operations"]]
        return judgeable

    def _policy(self, method: str) -> ScimPolicy:
        by_values = self.dialect.remove_form in (RemoveForm.VALUE_ARRAY, RemoveForm.WRAPPED)
        return ScimPolicy(
            unknown=ScimPolicy.Unknown.keep if method == "PUT" else ScimPolicy.Unknown.forbid,
            remove_value_as_filter=ScimPolicy.RemoveValue.apply if by_values else ScimPolicy.RemoveValue.forbid,
        )


def checked(server: WireApp, **more: Any) -> Payloads:
    """The server behind a judge of what it is sent."""
    return Payloads(server, **more)


def _judgeable(method: str, body: Body) -> Body:
    """The body without what the oracle cannot judge: extensions of vendors, and a manager's missing `$ref`."""
    body = copy.deepcopy(body)
    if method == "PATCH":
        operations = [each for each in body.get("Operations", ()) if not _is_vendor(each.get("path", ""))]
        return {**body, "Operations": [_with_reference(each) for each in operations]}
    kept = {key: value for key, value in body.items() if not _is_vendor(key)}
    if isinstance(kept.get("schemas"), list):
        kept["schemas"] = [each for each in kept["schemas"] if not _is_vendor(each)]
    manager = kept.get(ENTERPRISE, {}).get("manager")
    if isinstance(manager, dict):
        manager.setdefault("$ref", f"../Users/{manager.get('value')}")
    return kept


def _unwrapped(operation: Body) -> Body:
    value = operation.get("value")
    inside = operation.get("path") == "members" and isinstance(value, dict) and set(value) == {"members"}
    return {**operation, "value": value["members"]} if inside and isinstance(value, dict) else operation


def _with_reference(operation: Mapping[str, Any]) -> Body:
    value = operation.get("value")
    if operation.get("path") == f"{ENTERPRISE}:manager" and isinstance(value, dict):
        return {**operation, "value": {"$ref": f"../Users/{value.get('value')}", **value}}
    return dict(operation)


def _is_vendor(name: str) -> bool:
    """Whether a key, a schema or a path is one of an extension that is not the standard's."""
    return name.lower().startswith("urn:") and not name.lower().startswith((CORE.lower(), ENTERPRISE.lower()))
