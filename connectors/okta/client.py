"""The client of one Okta org: its address, its token, its rate limits, and page after page."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import aclosing
from enum import StrEnum
from pathlib import Path
from typing import TypeVar

import msgspec

from connectors.errors import BadResponse
from connectors.http.answer import Answer
from connectors.http.budget import Budget
from connectors.http.client import Authorization, Http
from connectors.http.links import links
from connectors.http.retry import Retries, RetryPolicy
from connectors.okta.auth.permissions import permission_for
from connectors.okta.auth.service_app import ServiceApp
from connectors.okta.auth.sign_in import ApiToken, SignIn
from connectors.okta.decode import record_texts
from connectors.okta.errors import refusal, said
from connectors.okta.settings import OktaSettings
from connectors.okta.user_types import NamedType, UserTypes

R = TypeVar("R")

MAX_REAUTH = 2
"""Number of times that one request is sent again for its access token or its proof: a token that has ended, then a nonce."""
MOST_PAGES = 50_000
"""Ten million users: a list that goes on longer does not end."""

LIGHT = {"Content-Type": 'application/json; okta-response="omitCredentials,omitCredentialsLinks,omitTransitioningToStatus"'}
"""Asks for rows without credentials and their links."""


class Bucket(StrEnum):
    """The calls that count against one rate limit."""

    USERS = "users"
    """The list, creates, lifecycle calls, sessions, a user's groups."""
    USER = "user"
    """Reads of one user."""
    USER_WRITES = "user writes"
    """Profile writes."""
    GROUPS = "groups"
    """The list, members, and rules."""
    GROUP = "group"
    """One group by its id."""
    APPS = "apps"
    """The list, and the users and groups of an app."""
    LOGS = "logs"
    OTHER = "other"
    """Schemas and user types."""


class Org:
    """One Okta org."""

    def __init__(self, name: str, settings: OktaSettings, base: Path, patience: RetryPolicy) -> None:
        self.name = name
        self.url = settings.url
        self.page_size = settings.page_size
        self.in_flight = settings.in_flight
        self.most_pages = MOST_PAGES
        budget = Budget(settings.rate_share)

        def connect(authorization: Authorization, patience: RetryPolicy, *, gives_secrets: bool = False) -> Http:
            return Http(
                name,
                settings.url,
                authorization=authorization,
                budget=budget,
                user_agent="identity-reconcile",
                headers={"Accept": "application/json"},
                in_flight=settings.in_flight,
                ca_file=base / settings.ca_file if settings.ca_file else None,
                patience=patience,
                gives_secrets=gives_secrets,
                explain=said,
            )

        self.types = UserTypes(lambda: self.rows("/api/v1/meta/types/user", Bucket.OTHER, NamedType), used=settings.user_types)
        self.features = settings.features()
        """Uses that are made of this org."""
        self.sign_in = _sign_in(settings, base, connect, patience)
        self._http = connect(self.sign_in.headers, patience)

    async def close(self) -> None:
        await self.sign_in.close()
        await self._http.close()

    async def _granted(self, method: str, path: str, send: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer of a request that is let in: sent again where all that was wrong was an access token or a proof."""
        for _ in range(MAX_REAUTH):
            version = self.sign_in.version
            answer = await send()
            if not await self.sign_in.recovered(answer, version):
                return self._allowed(answer, method, path)
        return self._allowed(await send(), method, path)

    def _allowed(self, answer: Answer, method: str, path: str) -> Answer:
        error = refusal(answer)
        if error is None:
            return answer
        raise error.with_way_out(error.way_out or self.sign_in.ways_out.of(error, permission_for(method, path)))

    async def get(self, path: str, bucket: Bucket, params: Mapping[str, str | int] | None = None) -> Answer:
        """One read. Raises a class of `connectors.errors` for a refusal."""
        headers = {} if bucket is Bucket.USER else LIGHT
        return await self._granted(
            "GET", path, lambda: self._http.send("GET", path, repeatable=True, params=params, bucket=bucket, headers=headers)
        )

    async def repeatable(self, method: str, path: str, bucket: Bucket) -> Answer:
        """A write that does the same however often it arrives. Okta answers it with nothing; a page is a proxy's, and says nothing of Okta."""
        answer = await self._granted(method, path, lambda: self._http.send(method, path, repeatable=True, bucket=bucket))
        if answer.body:
            raise BadResponse(
                f"{answer.what} was answered with content where none is due", status=answer.status, request_id=answer.request_id
            )
        return answer

    async def once(self, path: str, bucket: Bucket, *, method: str = "POST", body: object = None, if_match: str = "") -> Answer:
        """A write that is sent once. Raises Uncertain where its outcome is unknown."""
        headers = {"If-Match": if_match} if if_match else {}
        answer = await self._granted(
            method, path, lambda: self._http.send(method, path, repeatable=False, json=body, headers=headers, bucket=bucket)
        )
        return answer.confirming()

    async def rows(self, path: str, bucket: Bucket, row: type[R], params: Mapping[str, str | int] | None = None) -> list[R]:
        """Every row of a list that is small. Raises BadResponse where one of them cannot be read."""
        found: list[R] = []
        async with aclosing(self.pages(path, bucket, params or {})) as pages:
            async for answer, _ in pages:
                try:
                    found += [msgspec.json.decode(text, type=row) for text in record_texts(answer.body)]
                except (msgspec.DecodeError, ValueError, RecursionError) as error:
                    raise BadResponse(f"{answer.what}: a row cannot be read", detail=str(error), request_id=answer.request_id) from error
        return found

    async def pages(
        self, path: str, bucket: Bucket, params: Mapping[str, str | int], *, start: str | None = None
    ) -> AsyncGenerator[tuple[Answer, str | None], None]:
        """Every page of a list, with the address of the one after it; from `start` on where that is given. Raises BadResponse for a page that is no list, and for a list that goes in circles."""
        seen_pages: set[bytes] = set()
        seen_cursors: set[str] = set()
        cursor = start
        for _ in range(self.most_pages):
            answer = await (self.get(cursor, bucket) if cursor else self.get(path, bucket, {"limit": self.page_size, **params}))
            cursor = links(answer.headers.all("link")).get("next")
            _look_for_circles(answer, cursor, seen_pages, seen_cursors)
            yield answer, cursor
            if cursor is None:
                return
        raise BadResponse(f"{path} of {self.name} goes on after {self.most_pages} pages; no such list is believed")


def _look_for_circles(answer: Answer, cursor: str | None, pages: set[bytes], cursors: set[str]) -> None:
    digest = hashlib.sha256(answer.body).digest()
    # An empty page may come twice: rows went away while they were listed.
    if record_texts(answer.body) and digest in pages:
        raise BadResponse(f"{answer.what}: the same page came twice", request_id=answer.request_id)
    if cursor in cursors:
        raise BadResponse(f"{answer.what}: the next page is one that was read already", request_id=answer.request_id)
    pages.add(digest)
    if cursor is not None:
        cursors.add(cursor)


def _sign_in(settings: OktaSettings, base: Path, connect: Callable[..., Http], patience: RetryPolicy) -> SignIn:
    if settings.token is not None:
        return ApiToken(settings.token, base)
    assert settings.oauth is not None
    once = RetryPolicy(attempts=1, longest_wait=patience.longest_wait)
    return ServiceApp(
        settings.oauth,
        settings.scopes(),
        base,
        connect=lambda authorization: connect(authorization, once, gives_secrets=True),
        retries=Retries(patience),
    )
