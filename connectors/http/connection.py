"""Sends one request and takes one answer in: the one module that speaks HTTP.

Certificates are verified, redirects are never followed, cookies are not kept. A body is never held longer than allowed.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path

import httpx

from connectors.cleaning import cleaned, cleaned_data
from connectors.errors import BadResponse, Rejected, Unauthorised, Unreachable
from connectors.http.address import LOOPBACK
from connectors.http.answer import Answer, Headers
from connectors.http.body import Unpacking, UnusableAnswer, refuse_long_headers
from connectors.http.request import Request
from connectors.http.retry import RetryableError
from connectors.secrets import CaFileUnusable

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(slots=True, kw_only=True)
class Connection:
    """The connections to one system, for one event loop. Opens none before the first request.

    With a `ca_file` only that authority is believed. A proxy named in the environment is used, but never for this machine itself.
    """

    system: str
    hostname: str
    user_agent: str
    headers: Mapping[str, str]
    in_flight: int
    timeout: float
    ca_file: Path | None
    longest_body: int
    """The most bytes of a body; 0: no body is read."""
    gives_secrets: bool
    _client: httpx.AsyncClient | None = field(init=False, default=None)

    async def exchange(self, request: Request, authorization: Mapping[str, str]) -> Answer:
        """Sends a request once. Raises RetryableError where it never went out, or may be repeated, and Uncertain where neither is so."""
        try:
            async with asyncio.timeout(self.timeout):
                return await self._roundtrip(request, authorization)
        except httpx.InvalidURL:
            raise BadResponse(f"{self.system} names a page with what is no URL; it is not asked") from None
        except _NEVER_SENT as error:
            raise RetryableError(Unreachable(f"{self.system} cannot be reached", detail=_said(error))) from None
        except UnusableAnswer as error:
            raise request.failed(BadResponse(f"{request.what}: the answer cannot be read", detail=_said(error))) from None
        except (httpx.RequestError, TimeoutError) as error:
            broken = Unreachable(f"{request.what}: the connection was lost or took over {self.timeout:g} seconds", detail=_said(error))
            raise request.failed(RetryableError(broken)) from None

    async def close(self) -> None:
        """Closes every connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    async def _roundtrip(self, request: Request, authorization: Mapping[str, str]) -> Answer:
        client = self._opened()
        _refuse_unsendable(self.system, request, authorization)
        sent_headers = {**self.headers, **request.headers, **authorization, "User-Agent": self.user_agent, "Accept-Encoding": "gzip"}
        params = dict(request.params) or None
        sent = client.build_request(request.method, request.url, params=params, content=request.content, headers=sent_headers)
        response = await client.send(sent, stream=True)
        try:
            headers = response.headers.multi_items()
            refuse_long_headers(headers)
            body = await self._body(response)
        finally:
            await response.aclose()
        if response.status_code >= 300 or not self.gives_secrets:
            body = cleaned_data(body)
        return Answer(response.status_code, Headers(tuple((name, cleaned(value)) for name, value in headers)), body, request.what)

    async def _body(self, response: httpx.Response) -> bytes:
        """The body, unpacked piece by piece: what is longer than allowed is never held."""
        if not self.longest_body:
            return b""
        unpacked = Unpacking(response.headers.get_list("content-encoding", split_commas=True), self.longest_body)
        async for chunk in response.aiter_raw():
            unpacked.add(chunk)
        return unpacked.whole()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            trust_env = self.hostname not in LOOPBACK
            self._client = httpx.AsyncClient(
                verify=_trusted(self.ca_file, self.system) if self.ca_file else _usual_roots(*_named_roots() if trust_env else ()),
                timeout=httpx.Timeout(self.timeout, connect=min(self.timeout, 10.0)),
                limits=httpx.Limits(max_connections=self.in_flight),
                follow_redirects=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                trust_env=trust_env,
            )
        return self._client


def _refuse_unsendable(system: str, request: Request, authorization: Mapping[str, str]) -> None:
    """Refuses header values that no header can carry."""
    if not all(value.isascii() and value.isprintable() for value in authorization.values()):
        # The library's own error would show the header.
        raise Unauthorised(f"the secret for {system} holds characters that no header can carry; is it a single line?")
    for name, value in request.headers.items():
        if not (value.isascii() and value.isprintable()):
            sentence = f"{request.what} was not sent: its header {name} would hold characters that no header can carry"
            raise Rejected(sentence, detail=ascii(value[:100]))


def _trusted(ca_file: Path, system: str) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=str(ca_file))
    except (OSError, ValueError):
        raise CaFileUnusable(system, ca_file) from None


def _named_roots() -> tuple[str, ...]:
    """The file and the folder of roots that the environment names."""
    return tuple(os.environ.get(name, "") for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"))


@cache
def _usual_roots(*named: str) -> ssl.SSLContext:
    """The roots that the environment names, else the public ones. Read once a process: that takes 25 ms, and each connector asks for them."""
    return httpx.create_ssl_context(trust_env=any(named))


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__
