"""One SCIM application over HTTP: its requests, which of its answers are believed, and one resource at a time."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from connectors.errors import BadResponse, NotFound
from connectors.http.answer import Answer
from connectors.http.budget import Allowance, Budget
from connectors.http.client import Http
from connectors.http.links import segment
from connectors.scim import decode as wire
from connectors.scim.bulk import Bulk
from connectors.scim.bulk_message import Change
from connectors.scim.bulk_requests import BulkRequests
from connectors.scim.description import Description
from connectors.scim.dialect import Dialect, Rate
from connectors.scim.errors import believed, complaint
from connectors.scim.gathering import Gathering
from connectors.scim.settings import ScimSettings
from connectors.scim.sign_in import SignIn, sign_in_of
from connectors.scim.user_reads import UserReads
from connectors.scim.versions import Versions

USERS, GROUPS = "Users", "Groups"
_MEDIA = "application/scim+json"


@dataclass(slots=True)
class Session:
    """The requests to one application. Opens nothing before the first."""

    name: str
    settings: ScimSettings
    base: Path
    dialect: Dialect = field(init=False)
    http: Http = field(init=False)
    sign_in: SignIn = field(init=False)
    gathering: Gathering = field(default_factory=Gathering)
    bulk: Bulk = field(init=False)
    users: UserReads = field(init=False)
    versions: Versions = field(init=False)
    _description: Description = field(init=False, default_factory=Description)

    def __post_init__(self) -> None:
        self.dialect = self.settings.spoken()
        self.sign_in = sign_in_of(self.name, self.settings, self.base)
        self.http = Http(
            self.name,
            self.settings.url,
            authorization=self._authorization,
            budget=Budget(share=self.settings.rate_share, declared=allowances(self.dialect.rate)),
            # GitHub refuses requests without one.
            user_agent="identity-reconcile",
            headers={"Accept": f"{_MEDIA}, application/json;q=0.9"},
            in_flight=self.settings.in_flight,
            ca_file=self.base / self.settings.ca_file if self.settings.ca_file else None,
            explain=_explained,
        )
        most = self.dialect.max_bulk_operations if self.settings.bulk else 0
        self.bulk = Bulk(BulkRequests(self.name, partial(self.write, "POST")), most, self.advertised, self.gathering)
        self.users = UserReads(self)
        self.versions = Versions(self.dialect.etag, self.advertised)

    async def get(self, path: str, params: Mapping[str, str | int] | None = None) -> Answer:
        """A read. Raises what the answer stands for, if it is an error."""
        # A space is %20: not every server takes "+" for one.
        asked = f"{path}?{urlencode(params, quote_via=quote, errors='replace')}" if params else path
        bucket = self.dialect.rate.bucket(_endpoint(path), write=False)
        return await self._let_in(lambda: self.http.send("GET", asked, bucket=bucket, repeatable=True))

    async def write(self, method: str, path: str, body: object = None, *, version: str = "") -> Answer:
        """Sends a change once, that of a user with others where bulk requests are allowed. Raises Uncertain where it is unknown whether it was carried out."""
        if _endpoint(path) == USERS and (told := await self.bulk.answer(Change(method, path, body, version))) is not None:
            return told
        headers = {"Content-Type": self.dialect.media_type.value} if body is not None else {}
        if version:
            headers["If-Match"] = version
        bucket = self.dialect.rate.bucket(_endpoint(path), write=True)
        answer = await self._let_in(lambda: self.http.send(method, path, json=body, headers=headers, bucket=bucket, repeatable=False))
        # What shows a resource is read more leniently than JSON.
        return answer if wire.resource(answer.body) else answer.confirming()

    async def fetch(self, endpoint: str, resource_id: str) -> wire.Resource:
        """One resource as it is now. Raises NotFound only where a SCIM service says so."""
        path = resource_path(endpoint, resource_id)
        answer = await self.get(path)
        found = wire.resource(answer.body)
        if found is None or wire.resource_id(found) != resource_id:
            raise BadResponse(f"{answer.what} was answered with something else than that resource", status=answer.status)
        return found

    async def exists(self, endpoint: str, resource_id: str) -> bool:
        """Whether the resource is there."""
        try:
            await self.fetch(endpoint, resource_id)
        except NotFound:
            return False
        return True

    async def advertised(self) -> dict[str, Any]:
        """Returns the service's description of itself, asked once; empty where there is none, or not readable. Advice, never more."""
        return await self._description.said(self.get)

    async def close(self) -> None:
        await self.gathering.close()
        await self.sign_in.close()
        await self.http.close()

    async def _let_in(self, send: Callable[[], Awaitable[Answer]]) -> Answer:
        """The answer if it is 2xx; sent once more where the sign-in that went with it has ended, before anything was done."""
        before = await self.sign_in.headers()
        answer = await send()
        if answer.status == 401 and await self.sign_in.renewed(before):
            answer = await send()
        return believed(answer)

    async def _authorization(self, _method: str, _url: str) -> Mapping[str, str]:
        return await self.sign_in.headers()


def allowances(rate: Rate) -> dict[str, Allowance]:
    """The limits as allowances. A budget lets a quarter go at once: a smaller burst is the same rate over a shorter time."""
    allowed = {}
    for name in ("requests", "reads", "writes", "user_writes", "group_reads", "group_writes"):
        count = getattr(rate, name)
        if count is not None:
            some = min(count, 4 * rate.burst) if rate.burst else count
            allowed[name] = Allowance(some, rate.seconds * some / count)
    return allowed


def _endpoint(path: str) -> str:
    return path.partition("/")[0]


def resource_path(endpoint: str, resource_id: str) -> str:
    """The path of one resource. Ids are opaque and may hold any character; addresses that a server states are never used.

    Raises Rejected for an id that a URL takes for a step in the path.
    """
    return f"{endpoint}/{segment(resource_id)}"


def _explained(body: bytes) -> str:
    said = complaint(body)
    return said.detail if said.scim else ""
