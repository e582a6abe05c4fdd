"""Sends requests and checks answers: the one module that speaks HTTP.

Certificates are verified, redirects are never followed, no URL leads away from the system's own origin, cookies are not kept.
A request is repeated only where a repeat cannot do something twice.
"""

from __future__ import annotations

import asyncio
import os
import ssl
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from functools import cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

import httpx
import msgspec

from connectors.cleaning import cleaned, cleaned_data, remember
from connectors.errors import BadResponse, ConnectorError, RateLimited, Rejected, Unauthorised, Uncertain, Unreachable
from connectors.http.address import LOOPBACK, WANTED, is_private
from connectors.http.answer import Answer, Headers
from connectors.http.body import LONGEST_BODY, Unpacking, UnusableAnswer, refuse_long_headers
from connectors.http.budget import Budget, Turn
from connectors.http.retry import Retries, RetryableError, RetryPolicy, stated_wait
from connectors.http.traffic import counted_sleep, counted_turn
from connectors.secrets import CaFileUnusable

Authorization = Callable[[str, str], Awaitable[Mapping[str, str]]]
"""Method and URL to the headers that authorise this one request."""

_NEVER_SENT = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.ProxyError)


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    url: str
    params: Mapping[str, str | int]
    content: bytes | None
    headers: Mapping[str, str]
    bucket: str
    repeatable: bool
    what: str


@dataclass(slots=True)
class Http:
    """One system's HTTP client, for one event loop. Opens nothing before the first request. Raises ValueError for a base URL it would not talk to.

    With a `ca_file` only that authority is believed. A proxy named in the environment is used, but never for this machine itself.
    """

    system: str
    base_url: str
    _: KW_ONLY
    authorization: Authorization
    budget: Budget
    user_agent: str
    headers: Mapping[str, str] = field(default_factory=dict)
    in_flight: int = 8
    timeout: float = 60.0
    """Seconds for one whole exchange."""
    ca_file: Path | None = None
    patience: RetryPolicy = field(default_factory=RetryPolicy)
    explain: Callable[[bytes], str] = lambda _body: ""
    """Function that reads a sentence without secrets from the body of a failure of the system's own (5xx)."""
    longest_body: int = LONGEST_BODY
    gives_secrets: bool = False
    """Whether what it answers holds secrets of ours, as a token endpoint's answers do: they are left as they are."""
    _retries: Retries = field(init=False)
    _slots: asyncio.Semaphore = field(init=False)
    _client: httpx.AsyncClient | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.base_url = self.base_url.rstrip("/")
        base = urlsplit(self.base_url)
        if not is_private(base):
            raise ValueError(f"{self.system}: the address {WANTED}")
        if not base.hostname or "@" in base.netloc or base.query or base.fragment:
            raise ValueError(f"{self.system}: the address must be a scheme, a host and perhaps a path, and nothing else")
        for proxy in getproxies().values():
            remember(_password(proxy))
        self._retries = Retries(self.patience, counted_sleep(self.system, self.budget.sleep))
        self._slots = asyncio.Semaphore(self.in_flight)

    async def send(  # noqa: PLR0913 - one keyword for each part of a request, as in every HTTP client
        self,
        method: str,
        path_or_url: str,
        *,
        repeatable: bool,
        params: Mapping[str, str | int] | None = None,
        json: object = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        bucket: str = "",
    ) -> Answer:
        """The answer, whatever its status, but for 3xx (BadResponse), 429 (RateLimited) and 5xx other than 501.

        Repeatable: 429, 5xx, lost connections and time-outs are tried again, then Unreachable or RateLimited is raised. Else only 429 and
        connections that never stood are tried again, and every other failure raises Uncertain.
        An absolute URL is refused (BadResponse) outside the base URL's origin.
        """
        url = self._url(path_or_url)
        if json is not None:
            content = msgspec.json.encode(json)
            headers = {"Content-Type": "application/json", **(headers or {})}
        what = f"{method} {urlsplit(url).path} of {self.system}"
        request = _Request(method, url, params or {}, content, headers or {}, bucket, repeatable, what)
        return await self._retries.run(lambda: self._attempt(request))

    async def close(self) -> None:
        """Closes every connection."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None

    def _url(self, path_or_url: str) -> str:
        if "://" not in path_or_url.partition("?")[0]:
            return f"{self.base_url}/{path_or_url.lstrip('/')}"
        if _origin(path_or_url) != _origin(self.base_url):
            where = path_or_url.partition("?")[0][:100]
            raise BadResponse(f"{self.system} names a page at {where}, which is not at {self.base_url}; it is not asked")
        return path_or_url

    async def _attempt(self, request: _Request) -> Answer:
        async with counted_turn(self.system, self.budget, request.bucket) as turn:
            authorization = await self.authorization(request.method, request.url)
            async with self._slots:
                answer = await self._exchange(request, authorization)
            turn.learn(answer.headers)
            if answer.status == 429:
                raise self._refused(request, answer, turn)
            return _judged(request, answer, self.explain)

    def _refused(self, request: _Request, answer: Answer, turn: Turn) -> RetryableError:
        wait = stated_wait(answer.headers)
        if wait is not None and wait <= self.patience.longest_wait:
            turn.refused(wait)
        sentence = f"{request.what}: the rate limit does not let it through"
        return RetryableError(RateLimited(sentence, status=429, request_id=answer.request_id), wait)

    async def _exchange(self, request: _Request, authorization: Mapping[str, str]) -> Answer:
        try:
            async with asyncio.timeout(self.timeout):
                return await self._roundtrip(request, authorization)
        except httpx.InvalidURL:
            raise BadResponse(f"{self.system} names a page with what is no URL; it is not asked") from None
        except _NEVER_SENT as error:
            raise RetryableError(Unreachable(f"{self.system} cannot be reached", detail=_said(error))) from None
        except UnusableAnswer as error:
            raise _failed(request, BadResponse(f"{request.what}: the answer cannot be read", detail=_said(error))) from None
        except (httpx.RequestError, TimeoutError) as error:
            broken = Unreachable(f"{request.what}: the connection was lost or took over {self.timeout:g} seconds", detail=_said(error))
            raise _failed(request, RetryableError(broken)) from None

    async def _roundtrip(self, request: _Request, authorization: Mapping[str, str]) -> Answer:
        client = self._opened()
        if not all(value.isascii() and value.isprintable() for value in authorization.values()):
            # The library's own error would show the header.
            raise Unauthorised(f"the secret for {self.system} holds characters that no header can carry; is it a single line?")
        for name, value in request.headers.items():
            if not (value.isascii() and value.isprintable()):
                sentence = f"{request.what} was not sent: its header {name} would hold characters that no header can carry"
                raise Rejected(sentence, detail=ascii(value[:100]))
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
        unpacked = Unpacking(response.headers.get_list("content-encoding", split_commas=True), self.longest_body)
        async for chunk in response.aiter_raw():
            unpacked.add(chunk)
        return unpacked.whole()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            trust_env = urlsplit(self.base_url).hostname not in LOOPBACK
            self._client = httpx.AsyncClient(
                verify=_trusted(self.ca_file, self.system) if self.ca_file else _usual_roots(*_named_roots() if trust_env else ()),
                timeout=httpx.Timeout(self.timeout, connect=min(self.timeout, 10.0)),
                limits=httpx.Limits(max_connections=self.in_flight),
                follow_redirects=False,
                cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
                trust_env=trust_env,
            )
        return self._client


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


def _judged(request: _Request, answer: Answer, explain: Callable[[bytes], str]) -> Answer:
    if 300 <= answer.status < 400 and answer.status != 304:
        where = _origin(answer.headers.first("location"))
        origin = f"{where[0]}://{where[1]}" if where and where[1] else "another path of its own"
        sentence = f"{request.what} was answered with a redirect to {origin}; redirects are not followed"
        raise BadResponse(sentence, status=answer.status, request_id=answer.request_id)
    if answer.status >= 500 and answer.status != 501:
        sentence = f"{request.what} failed on the server's side"
        error = Unreachable(sentence, detail=explain(answer.body), status=answer.status, request_id=answer.request_id)
        raise _failed(request, RetryableError(error, stated_wait(answer.headers)))
    return answer


def _failed(request: _Request, error: RetryableError | ConnectorError) -> Exception:
    """The error of a request that was sent: for one that may not be repeated, its outcome is unknown."""
    if request.repeatable:
        return error
    cause = error.error if isinstance(error, RetryableError) else error
    return Uncertain(cause.what, detail=cause.detail, status=cause.status, request_id=cause.request_id, code=cause.code)


def _password(address: str) -> str:
    """The password in an address; empty where there is none."""
    try:
        return urlsplit(address).password or ""
    except ValueError:
        return ""


def _said(error: Exception) -> str:
    return str(error) or type(error).__name__


def _origin(text: str) -> tuple[str, str | None, int | None, bool] | None:
    """Splits a URL into scheme, host, port and whether a user stands before the host; None for what is no URL."""
    try:
        url = urlsplit(text)
        port = url.port or {"https": 443, "http": 80}.get(url.scheme)
    except ValueError:
        return None
    return url.scheme, url.hostname, port, "@" in url.netloc
