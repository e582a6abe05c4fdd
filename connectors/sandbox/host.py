"""Serves a sandboxed system: a real HTTP server on 127.0.0.1, in a thread and event loop of its own."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager, suppress

from aiohttp import web
from multidict import CIMultiDict

from connectors.sandbox.control import CONTROL_PREFIX, control_answer
from connectors.sandbox.faults import Fault, FaultKind, Faults
from connectors.sandbox.recorder import RecordedRequest, RequestOutcome, without_secrets
from connectors.sandbox.wire import WireAnswer, WireApp, WireRequest

__all__ = ["Fault", "FaultKind", "RecordedRequest", "Sandbox", "WireAnswer", "WireApp", "WireRequest", "running"]

HOST = "127.0.0.1"


def _is_fault(record: logging.LogRecord) -> bool:
    """Whether a message is about a fault of the server. A client that goes away in the middle of a request is none."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionError))


_LOG = logging.getLogger(__name__)
_LOG.addFilter(_is_fault)


class Sandbox:
    """A running server: what it was asked, what it shall get wrong, and the system behind it."""

    def __init__(self, app: WireApp) -> None:
        self.app = app
        self.url = ""
        self._faults = Faults()
        self._requests: list[RecordedRequest] = []
        self._in_flight = 0
        self._cleared = asyncio.Event()
        """Event that the requests wait for which a fault delays."""
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)
        self._runner: web.ServerRunner | None = None

    def requests(self) -> list[RecordedRequest]:
        """Every request since the start or the last `forget_requests`, in the order they ended; control requests excluded."""
        return list(self._requests)

    def writes(self) -> list[RecordedRequest]:
        """The requests that ask for a change."""
        return [request for request in self.requests() if request.is_write]

    def forget_requests(self) -> None:
        self._requests.clear()

    def add_fault(self, fault: Fault) -> None:
        self._faults.add(fault)

    def clear_faults(self) -> None:
        """Ends all faults. Requests that one of them delays go on at once."""
        self._faults.clear()
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._release)

    def _release(self) -> None:
        self._cleared.set()
        self._cleared = asyncio.Event()

    def start(self, port: int, tls: ssl.SSLContext | None = None) -> None:
        """Listens on 127.0.0.1 (port 0: a free one). Raises OSError when the port is taken."""
        self._thread.start()
        try:
            self._run(self._listen(port, tls))
        except OSError:
            self.stop()
            raise

    def stop(self) -> None:
        """Closes every connection and ends the thread. A second call does nothing."""
        if self._loop.is_closed():
            return
        self._run(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def _run(self, work: Coroutine[None, None, None]) -> None:
        asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self, port: int, tls: ssl.SSLContext | None) -> None:
        self._runner = web.ServerRunner(web.Server(self._serve, logger=_LOG), access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port, ssl_context=tls).start()
        self.url = f"{'https' if tls else 'http'}://{HOST}:{self._runner.addresses[0][1]}"

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()

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
        target = f"{request.path}?{request.query}" if request.query else request.path
        striking = self._faults.striking(request.method, target)
        cleared = self._cleared
        await _delay(sum(fault.seconds for fault in striking if fault.kind is FaultKind.LATENCY), cleared)
        fault = next((fault for fault in striking if fault.kind is not FaultKind.LATENCY), None)
        answer, outcome = await self._faulted(request, fault, cleared)
        self._requests.append(_recorded(request, answer, outcome, arrived))
        if outcome is RequestOutcome.DROPPED and incoming.transport is not None:
            incoming.transport.abort()
        return _outgoing(answer or WireAnswer(status=500, headers=[]))

    async def _faulted(self, request: WireRequest, fault: Fault | None, cleared: asyncio.Event) -> tuple[WireAnswer | None, RequestOutcome]:
        """The answer, None for a request that is dropped before it is executed, and whether the client gets it."""
        if fault is None:
            return await self.app.answer(request), RequestOutcome.ANSWERED
        match fault.kind:
            case FaultKind.STATUS | FaultKind.REDIRECT:
                return _canned(fault), RequestOutcome.ANSWERED
            case FaultKind.DROP_BEFORE:
                return None, RequestOutcome.DROPPED
            case FaultKind.STATUS_AFTER:
                await self.app.answer(request)
                return _canned(fault), RequestOutcome.ANSWERED
            case FaultKind.DROP_AFTER:
                answer = await self.app.answer(request)
                await _delay(fault.seconds, cleared)
                return answer, RequestOutcome.DROPPED
            case FaultKind.BODY | FaultKind.LATENCY:
                return _replaced(await self.app.answer(request), fault), RequestOutcome.ANSWERED


@contextmanager
def running(app: WireApp, *, port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Sandbox]:
    """Serves a sandboxed system until the context ends; with `tls` under https."""
    sandbox = Sandbox(app)
    sandbox.start(port, tls)
    try:
        yield sandbox
    finally:
        sandbox.stop()


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
