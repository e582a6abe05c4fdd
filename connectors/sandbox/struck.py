"""Answers a request as the faults that strike it want it: late, otherwise than the system does, or not at all."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from connectors.sandbox.faults import Fault, FaultKind, Faults
from connectors.sandbox.recorder import RequestOutcome
from connectors.sandbox.wire import WireAnswer, WireApp, WireRequest


class Struck:
    """The requests to one system, with the faults that are armed."""

    def __init__(self) -> None:
        self.faults = Faults()
        self._cleared = asyncio.Event()
        """Event that the requests wait for which a fault delays."""

    def release(self) -> None:
        """Lets the requests go on that a fault delays."""
        self._cleared.set()
        self._cleared = asyncio.Event()

    async def answer(self, app: WireApp, request: WireRequest) -> tuple[WireAnswer | None, RequestOutcome]:
        """The answer, None for a request that is dropped before it is executed, and whether the client gets it."""
        target = f"{request.path}?{request.query}" if request.query else request.path
        striking = self.faults.striking(request.method, target)
        cleared = self._cleared
        await _delay(sum(fault.seconds for fault in striking if fault.kind is FaultKind.LATENCY), cleared)
        fault = next((fault for fault in striking if fault.kind is not FaultKind.LATENCY), None)
        if fault is None:
            return await app.answer(request), RequestOutcome.ANSWERED
        match fault.kind:
            case FaultKind.STATUS | FaultKind.REDIRECT:
                return _canned(fault), RequestOutcome.ANSWERED
            case FaultKind.DROP_BEFORE:
                return None, RequestOutcome.DROPPED
            case FaultKind.STATUS_AFTER:
                await app.answer(request)
                return _canned(fault), RequestOutcome.ANSWERED
            case FaultKind.DROP_AFTER:
                answer = await app.answer(request)
                await _delay(fault.seconds, cleared)
                return answer, RequestOutcome.DROPPED
            case FaultKind.BODY | FaultKind.LATENCY:
                return _replaced(await app.answer(request), fault), RequestOutcome.ANSWERED


async def _delay(seconds: float, cleared: asyncio.Event) -> None:
    if seconds:
        with suppress(TimeoutError):
            await asyncio.wait_for(cleared.wait(), seconds)


def _canned(fault: Fault) -> WireAnswer:
    usual = 302 if fault.kind is FaultKind.REDIRECT else 503
    return WireAnswer(status=fault.status or usual, headers=list(fault.headers.items()), body=fault.body.encode())


def _replaced(answer: WireAnswer, fault: Fault) -> WireAnswer:
    replaced = {name.lower() for name in fault.headers}
    kept = [(name, value) for name, value in answer.headers if name.lower() not in replaced]
    return WireAnswer(status=fault.status or answer.status, headers=[*kept, *fault.headers.items()], body=fault.body.encode())
