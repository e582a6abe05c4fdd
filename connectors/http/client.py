"""Sends requests and checks answers.

Certificates are verified, redirects are never followed, no URL leads away from the system's own origin, cookies are not kept.
A request is repeated only where a repeat cannot do something twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import KW_ONLY, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import getproxies

import msgspec

from connectors.cleaning import remember
from connectors.errors import BadResponse, RateLimited
from connectors.http.address import WANTED, is_private, origin, password
from connectors.http.answer import Answer
from connectors.http.body import LONGEST_BODY
from connectors.http.budget import Budget, Turn
from connectors.http.connection import Connection
from connectors.http.request import Request
from connectors.http.retry import Retries, RetryableError, RetryPolicy, stated_wait
from connectors.http.traffic import counted_sleep, counted_turn

Authorization = Callable[[str, str], Awaitable[Mapping[str, str]]]
"""Method and URL to the headers that authorise this one request."""


@dataclass(slots=True)
class Http:
    """One system's HTTP client, for one event loop. Opens nothing before the first request. Raises ValueError for a base URL it would not talk to."""

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
    """File of the one authority that is believed."""
    patience: RetryPolicy = field(default_factory=RetryPolicy)
    explain: Callable[[bytes], str] = lambda _body: ""
    """Function that reads a sentence without secrets from the body of a failure of the system's own (5xx)."""
    longest_body: int = LONGEST_BODY
    gives_secrets: bool = False
    """Whether what it answers holds secrets of ours, as a token endpoint's answers do: they are left as they are."""
    _retries: Retries = field(init=False)
    _slots: asyncio.Semaphore = field(init=False)
    _connection: Connection = field(init=False)

    def __post_init__(self) -> None:
        self.base_url = self.base_url.rstrip("/")
        base = urlsplit(self.base_url)
        if not is_private(base):
            raise ValueError(f"{self.system}: the address {WANTED}")
        if not base.hostname or "@" in base.netloc or base.query or base.fragment:
            raise ValueError(f"{self.system}: the address must be a scheme, a host and perhaps a path, and nothing else")
        for proxy in getproxies().values():
            remember(password(proxy))
        self._retries = Retries(self.patience, counted_sleep(self.system, self.budget.sleep))
        self._slots = asyncio.Semaphore(self.in_flight)
        self._connection = Connection(
            system=self.system,
            hostname=base.hostname,
            user_agent=self.user_agent,
            headers=self.headers,
            in_flight=self.in_flight,
            timeout=self.timeout,
            ca_file=self.ca_file,
            longest_body=self.longest_body,
            gives_secrets=self.gives_secrets,
        )

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
        """The answer, whatever its status, but for 3xx and a read's 206 (BadResponse), 429 (RateLimited) and 5xx other than 501.

        Repeatable: 429, 5xx, lost connections and time-outs are tried again, then Unreachable or RateLimited is raised. Else only 429 and
        connections that never stood are tried again, and every other failure raises Uncertain.
        An absolute URL is refused (BadResponse) outside the base URL's origin.
        """
        url = self._url(path_or_url)
        if json is not None:
            content = msgspec.json.encode(json)
            headers = {"Content-Type": "application/json", **(headers or {})}
        what = f"{method} {urlsplit(url).path} of {self.system}"
        request = Request(method, url, params or {}, content, headers or {}, bucket, repeatable, what)
        return await self._retries.run(lambda: self._attempt(request))

    async def close(self) -> None:
        """Closes every connection."""
        await self._connection.close()

    def _url(self, path_or_url: str) -> str:
        if "://" not in path_or_url.partition("?")[0]:
            return f"{self.base_url}/{path_or_url.lstrip('/')}"
        if origin(path_or_url) != origin(self.base_url):
            where = path_or_url.partition("?")[0][:100]
            raise BadResponse(f"{self.system} names a page at {where}, which is not at {self.base_url}; it is not asked")
        return path_or_url

    async def _attempt(self, request: Request) -> Answer:
        async with counted_turn(self.system, self.budget, request.bucket) as turn:
            authorization = await self.authorization(request.method, request.url)
            async with self._slots:
                answer = await self._connection.exchange(request, authorization)
            turn.learn(answer.headers)
            if answer.status == 429:
                raise self._refused(request, answer, turn)
            return request.judged(answer, self.explain)

    def _refused(self, request: Request, answer: Answer, turn: Turn) -> RetryableError:
        wait = stated_wait(answer.headers)
        if wait is not None and wait <= self.patience.longest_wait:
            turn.refused(wait)
        sentence = f"{request.what}: the rate limit does not let it through"
        return RetryableError(RateLimited(sentence, status=429, request_id=answer.request_id), wait)
