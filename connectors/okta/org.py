"""How one Okta org is asked: its address, its token, its rate limits, and page after page."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncGenerator, Mapping
from enum import StrEnum
from pathlib import Path

from connectors.answer import Answer
from connectors.budget import Budget
from connectors.errors import BadResponse
from connectors.http import Http
from connectors.links import links
from connectors.okta.faults import refusal
from connectors.okta.settings import OktaSettings
from connectors.okta.wire import record_texts
from connectors.retry import Patience

MOST_PAGES = 50_000
"""Ten million users: a list that goes on longer does not end."""

LIGHT = {"Content-Type": 'application/json; okta-response="omitCredentials,omitCredentialsLinks,omitTransitioningToStatus"'}
"""Asks for rows without credentials and their links."""


class Bucket(StrEnum):
    """Which calls count against one rate limit."""

    USERS = "users"
    """The list, creates, lifecycle calls, sessions, a user's groups."""
    USER = "user"
    """Reads of one user."""
    USER_WRITES = "user writes"
    """Profile writes."""
    GROUPS = "groups"
    """The list, and members."""


class Org:
    """One Okta org."""

    def __init__(self, name: str, settings: OktaSettings, base: Path, patience: Patience) -> None:
        self.name = name
        self.url = settings.url
        self.page_size = settings.page_size
        self.in_flight = settings.in_flight
        self._token = settings.token
        self._base = base
        self._http = Http(
            name,
            settings.url,
            authorization=self._authorization,
            budget=Budget(settings.rate_share),
            user_agent="identity-reconcile",
            headers={"Accept": "application/json"},
            in_flight=settings.in_flight,
            ca_file=base / settings.ca_file if settings.ca_file else None,
            patience=patience,
        )

    async def _authorization(self, _method: str, _url: str) -> Mapping[str, str]:
        return {"Authorization": f"SSWS {self._token.reveal(self._base)}"}

    async def close(self) -> None:
        await self._http.close()

    async def get(self, path: str, bucket: Bucket, params: Mapping[str, str | int] | None = None) -> Answer:
        """One read. Raises a class of `connectors.errors` for a refusal."""
        headers = {} if bucket is Bucket.USER else LIGHT
        return _granted(await self._http.send("GET", path, repeatable=True, params=params, bucket=bucket, headers=headers))

    async def repeatable(self, method: str, path: str, bucket: Bucket) -> Answer:
        """A write that does the same however often it arrives. Okta answers it with nothing; a page is a proxy's, and says nothing of Okta."""
        answer = _granted(await self._http.send(method, path, repeatable=True, bucket=bucket))
        if answer.body:
            raise BadResponse(
                f"{answer.what} was answered with content where none is due", status=answer.status, request_id=answer.request_id
            )
        return answer

    async def once(self, path: str, bucket: Bucket, *, body: object = None, if_match: str = "") -> Answer:
        """A POST that is sent once. Raises Uncertain where its outcome is unknown."""
        headers = {"If-Match": if_match} if if_match else {}
        return _granted(await self._http.send("POST", path, repeatable=False, json=body, headers=headers, bucket=bucket))

    async def pages(self, path: str, bucket: Bucket, params: Mapping[str, str | int]) -> AsyncGenerator[tuple[Answer, str | None], None]:
        """Every page of a list, with the address of the one after it. Raises BadResponse for a page that is no list, and for a list that goes in circles."""
        seen_pages: set[bytes] = set()
        seen_cursors: set[str] = set()
        cursor: str | None = None
        for _ in range(MOST_PAGES):
            answer = await (self.get(cursor, bucket) if cursor else self.get(path, bucket, {"limit": self.page_size, **params}))
            cursor = links(answer.headers.all("link")).get("next")
            _look_for_circles(answer, cursor, seen_pages, seen_cursors)
            yield answer, cursor
            if cursor is None:
                return
        raise BadResponse(f"{path} of {self.name} goes on after {MOST_PAGES} pages; no such list is believed")


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


def _granted(answer: Answer) -> Answer:
    error = refusal(answer)
    if error is not None:
        raise error
    return answer
