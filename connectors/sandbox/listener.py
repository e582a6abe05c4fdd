"""Listens on 127.0.0.1: an HTTP server in a thread and event loop of its own."""

from __future__ import annotations

import asyncio
import logging
import ssl
import threading
from collections.abc import Awaitable, Callable, Coroutine
from typing import TypeVar

from aiohttp import web

HOST = "127.0.0.1"
_T = TypeVar("_T")


def _is_fault(record: logging.LogRecord) -> bool:
    """Whether a message is about a fault of the server. A client that goes away in the middle of a request is none."""
    return not (record.exc_info and isinstance(record.exc_info[1], ConnectionError))


_LOG = logging.getLogger(__name__)
_LOG.addFilter(_is_fault)


class Listener:
    """A server that gives each request to `serve`, from its start to its stop."""

    def __init__(self, serve: Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]) -> None:
        self._serve = serve
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="sandbox", daemon=True)
        self._runner: web.ServerRunner | None = None

    def start(self, port: int, tls: ssl.SSLContext | None) -> str:
        """Listens, and returns the address (port 0: a free one). Raises OSError when the port is taken."""
        self._thread.start()
        try:
            return self._run(self._listen(port, tls))
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

    def call_soon(self, work: Callable[[], None]) -> None:
        """Calls a function in the server's own thread, unless that has ended."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(work)

    def _run(self, work: Coroutine[None, None, _T]) -> _T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    async def _listen(self, port: int, tls: ssl.SSLContext | None) -> str:
        self._runner = web.ServerRunner(web.Server(self._serve, logger=_LOG), access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, HOST, port, ssl_context=tls).start()
        return f"{'https' if tls else 'http'}://{HOST}:{self._runner.addresses[0][1]}"

    async def _close(self) -> None:
        if self._runner is not None:
            await self._runner.cleanup()
