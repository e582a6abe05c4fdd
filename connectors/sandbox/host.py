"""Serves a sandboxed system: a real HTTP server on 127.0.0.1, with what it was asked and what it shall get wrong."""

from __future__ import annotations

import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web
from multidict import CIMultiDict

from connectors.sandbox.control import CONTROL_PREFIX, control_answer
from connectors.sandbox.faults import Fault, FaultKind
from connectors.sandbox.listener import Listener
from connectors.sandbox.recorder import RecordedRequest, RequestOutcome, without_secrets
from connectors.sandbox.struck import Struck
from connectors.sandbox.wire import WireAnswer, WireApp, WireRequest

__all__ = ["Fault", "FaultKind", "RecordedRequest", "Sandbox", "WireAnswer", "WireApp", "WireRequest", "running"]


class Sandbox:
    """A running server: what it was asked, what it shall get wrong, and the system behind it."""

    def __init__(self, app: WireApp) -> None:
        self.app = app
        self.url = ""
        self._struck = Struck()
        self._requests: list[RecordedRequest] = []
        self._in_flight = 0
        self._listener = Listener(self._serve)

    def requests(self) -> list[RecordedRequest]:
        """Every request since the start or the last `forget_requests`, in the order they ended; control requests excluded."""
        return list(self._requests)

    def writes(self) -> list[RecordedRequest]:
        """The requests that ask for a change."""
        return [request for request in self.requests() if request.is_write]

    def forget_requests(self) -> None:
        self._requests.clear()

    def add_fault(self, fault: Fault) -> None:
        self._struck.faults.add(fault)

    def clear_faults(self) -> None:
        """Ends all faults. Requests that one of them delays go on at once."""
        self._struck.faults.clear()
        self._listener.call_soon(self._struck.release)

    def start(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Listens on 127.0.0.1 (port 0: a free one). Raises OSError when the port is taken."""
        self.url = self._listener.start(port, tls)

    def stop(self) -> None:
        """Closes every connection and ends the thread. A second call does nothing."""
        self._listener.stop()

    async def _serve(self, incoming: web.BaseRequest) -> web.StreamResponse:
        self._in_flight += 1
        try:
            request = await self._wire_request(incoming)
            if request.path.startswith(CONTROL_PREFIX):
                return _outgoing(control_answer(self, request))
            return await self._answer(incoming, request)
        finally:
            self._in_flight -= 1

    async def _wire_request(self, incoming: web.BaseRequest) -> WireRequest:
        in_flight = self._in_flight
        path, _, query = incoming.raw_path.partition("?")
        return WireRequest(
            method=incoming.method,
            path=path,
            query=query,
            headers={name.lower(): value for name, value in incoming.headers.items()},
            body=await incoming.content.read(),
            base_url=f"{incoming.scheme}://{incoming.host}",
            in_flight=in_flight,
        )

    async def _answer(self, incoming: web.BaseRequest, request: WireRequest) -> web.StreamResponse:
        arrived = time.monotonic()
        answer, outcome = await self._struck.answer(self.app, request)
        self._requests.append(_recorded(request, answer, outcome, arrived))
        if outcome is RequestOutcome.DROPPED and incoming.transport is not None:
            incoming.transport.abort()
        return _outgoing(answer or WireAnswer(status=500, headers=[]))


@contextmanager
def running(app: WireApp, *, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Sandbox]:
    """Serves a sandboxed system until the context ends; with `tls` under https."""
    sandbox = Sandbox(app)
    sandbox.start(port, tls)
    try:
        yield sandbox
    finally:
        sandbox.stop()


def _recorded(request: WireRequest, answer: WireAnswer | None, outcome: RequestOutcome, arrived: float) -> RecordedRequest:
    return RecordedRequest(
        method=request.method,
        path=request.path,
        query=request.query,
        headers=without_secrets(request.headers),
        body=request.body.decode(errors="replace"),
        status=answer.status if answer else None,
        outcome=outcome,
        at=arrived,
    )


def _outgoing(answer: WireAnswer) -> web.Response:
    headers: CIMultiDict[str] = CIMultiDict()
    for name, value in answer.headers:
        headers.add(name, value)
    return web.Response(status=answer.status, headers=headers, body=answer.body)
