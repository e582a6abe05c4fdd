"""An application that publishes schemas of its own, whatever a test wants it to say."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.sandbox.wire import WireAnswer, WireRequest, json_answer

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
BADGE = "urn:acme:scim:2.0:Badge"


def attribute(name: str, **more: Any) -> dict[str, Any]:
    return {"name": name, "type": "string", "multiValued": False, "required": False, "mutability": "readWrite", **more}


def schema(urn: str, *attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {"id": urn, "name": urn, "attributes": list(attributes)}


def kinds(*extensions: tuple[str, bool], core: str = CORE) -> dict[str, Any]:
    """The list of kinds of resources, with the extensions of users and whether every user has them."""
    stated = [{"schema": urn, "required": required} for urn, required in extensions]
    return {"Resources": [{"name": "User", "endpoint": "/Users", "schema": core, "schemaExtensions": stated}]}


@dataclass
class Publisher:
    """Answers what stands under a path behind the base; everything else is a 404 in SCIM's form, or a status that is given."""

    bodies: Mapping[str, Any]
    statuses: Mapping[str, int] = field(default_factory=dict)

    async def answer(self, request: WireRequest) -> WireAnswer:
        path = "/".join(request.segments[1:])
        body = self.bodies.get(path)
        if isinstance(body, bytes):
            return WireAnswer(status=self.statuses.get(path, 200), headers=[("Content-Type", "application/json")], body=body)
        if body is not None and path not in self.statuses:
            return json_answer(200, json.loads(json.dumps(body)), media_type="application/scim+json")
        status = self.statuses.get(path, 404)
        return json_answer(status, {"schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"], "status": str(status), "detail": "no"})

    def state(self) -> object:
        return {}

    def seed(self, state: object) -> None:
        raise NotImplementedError(state)
