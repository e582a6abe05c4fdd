"""Steers a running sandbox from another process: reads its requests and state, seeds it, arms faults; never recorded, never faulted."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Protocol

from pydantic import TypeAdapter

from connectors.sandbox.faults import Fault
from connectors.sandbox.recorder import RecordedRequest
from connectors.sandbox.wire import WireAnswer, WireApp, WireRequest, json_answer

CONTROL_PREFIX = "/_sandbox/"
_FAULT = TypeAdapter(Fault)


class Controlled(Protocol):
    """A running sandbox that can be steered."""

    app: WireApp

    def requests(self) -> list[RecordedRequest]: ...
    def forget_requests(self) -> None: ...
    def add_fault(self, fault: Fault) -> None: ...
    def clear_faults(self) -> None: ...


def control_answer(sandbox: Controlled, request: WireRequest) -> WireAnswer:
    """The answer to one request under `/_sandbox/`; 400 for content it cannot use, 404 for anything unknown."""
    done = WireAnswer(status=204, headers=[])
    try:
        match request.method, request.path.removeprefix(CONTROL_PREFIX):
            case "GET", "requests":
                return json_answer(200, [asdict(recorded) for recorded in sandbox.requests()])
            case "DELETE", "requests":
                sandbox.forget_requests()
            case "POST", "faults":
                sandbox.add_fault(_FAULT.validate_json(request.body))
            case "DELETE", "faults":
                sandbox.clear_faults()
            case "GET", "state":
                return json_answer(200, sandbox.app.state())
            case "PUT", "state":
                sandbox.app.seed(json.loads(request.body))
            case _:
                return json_answer(404, {"error": f"no such control: {request.method} {request.path}"})
    except ValueError as error:
        return json_answer(400, {"error": str(error)})
    return done
