"""A SCIM application whose answers to bulk requests, or whose limits of them, are not those that it states."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from connectors.sandbox.wire import WireAnswer, WireApp, WireRequest, json_answer

Entries = list[dict[str, Any]]


@dataclass(slots=True)
class OddBulk:
    """Stands before an application."""

    server: WireApp
    told: Callable[[Entries], Entries] = lambda entries: entries
    """Makes the entries that are answered of those that the application gave."""
    undone: Callable[[dict[str, Any]], dict[str, Any] | None] = lambda _operation: None
    """The entry of an operation that is not carried out; None for one that is."""
    most: int = 1_000
    """Operations above which a request is answered with `status`."""
    status: int = 413
    config: dict[str, Any] | None = None
    """What is stated on bulk requests in place of what the application says."""
    sizes: list[int] = field(default_factory=list)
    """Operations of each bulk request that came."""

    async def answer(self, request: WireRequest) -> WireAnswer:
        if request.segments[1:] == ("ServiceProviderConfig",) and self.config is not None:
            answer = await self.server.answer(request)
            return json_answer(200, {**json.loads(answer.body), "bulk": self.config})
        return await (self._bulk(request) if request.segments[1:] == ("Bulk",) else self.server.answer(request))

    async def _bulk(self, request: WireRequest) -> WireAnswer:
        body = json.loads(request.body)
        self.sizes.append(len(body["Operations"]))
        if self.sizes[-1] > self.most:
            return json_answer(self.status, {"detail": "no"})
        untouched = [entry for each in body["Operations"] if (entry := self.undone(each)) is not None]
        done = [each for each in body["Operations"] if self.undone(each) is None]
        entries: Entries = []
        if done:
            answer = await self.server.answer(replace(request, body=json.dumps({**body, "Operations": done}).encode()))
            entries = json.loads(answer.body)["Operations"]
        return json_answer(200, {"schemas": body["schemas"], "Operations": self.told([*entries, *untouched])})

    def state(self) -> Any:
        return self.server.state()

    def seed(self, state: object) -> None:
        self.server.seed(state)
