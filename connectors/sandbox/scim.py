"""A SCIM 2.0 application held in memory: the independent `scim2-server` behind a bearer token, seeded and read back as JSON."""

from __future__ import annotations

import asyncio
import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache
from typing import Any
from urllib.parse import unquote

from pydantic import ValidationError
from scim2_models import Meta, Pagination, Resource, ScimPolicy, ScimProvider, ServiceProviderConfig
from scim2_server.applications.wsgi import WSGIApplication
from scim2_server.memory import InMemoryStorage
from scim2_server.requests import ScimRequest
from scim2_server.service import ScimService
from scim2_server.utils import load_default_resource_types, load_default_schemas, load_default_service_provider_config

from connectors.sandbox.scim_access import Gate, ScimAccess
from connectors.sandbox.scim_limits import Deactivated, ScimLimits, activates, error
from connectors.sandbox.wire import WireAnswer, WireRequest, json_answer

BASE_PATH = "/v2"
"""Path that follows the server's address in the base address of the application."""

_KINDS = {"users": "User", "groups": "Group"}


class SandboxPaging(StrEnum):
    """Paging of the application's lists; the other way is answered with 501."""

    INDEX = "index"
    CURSOR = "cursor"
    """RFC 9865."""
    NONE = "none"
    """Every list is one page, whatever is asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ScimSandboxSettings:
    """Settings of this application."""

    token: str = "sandbox"  # noqa: S105 - what a local twin accepts, no secret
    access: ScimAccess | None = None
    """Another sign-in than the token."""
    paging: SandboxPaging = SandboxPaging.INDEX
    max_page: int = 200
    bare: bool = False
    """Every optional feature off: PATCH, filter, sort, ETag, bulk (RFC 7643 section 5)."""
    patch: bool = True
    filters: bool = True
    entra_removals: bool = False
    """Whether members are removed by an array of values, too, as Entra ID sends it."""
    limits: ScimLimits = field(default_factory=ScimLimits)


class ScimSandbox:
    """One application. Its state is `{"users": [SCIM User, ...], "groups": [SCIM Group, ...]}`; ids that are given are kept."""

    def __init__(self, seed: Mapping[str, Any] | None = None, *, settings: ScimSandboxSettings | None = None) -> None:
        self.settings = settings or ScimSandboxSettings()
        self.gate = Gate(self.settings.access or ScimAccess(self.settings.token))
        self._provider = _provider(self.settings)
        self._storage = InMemoryStorage()
        service = ScimService(self._provider, secret=secrets.token_bytes(32))
        self._application = WSGIApplication(self._storage, self._provider, service)
        self._lock = threading.Lock()
        self.seed(seed or {})

    async def answer(self, request: WireRequest) -> WireAnswer:
        """Executes the request in a thread, one at a time."""
        refused = self.gate.answer(request)
        if refused is not None:
            return refused
        return await asyncio.to_thread(self._served, request)

    def state(self) -> dict[str, list[dict[str, Any]]]:
        """Every user and group as JSON-able values."""
        held: dict[str, list[dict[str, Any]]] = {kind: [] for kind in _KINDS}
        with self._lock:
            for resource in self._storage.resources:
                held["groups" if type(resource).__name__.startswith("Group") else "users"].append(resource.model_dump())
        return held

    def seed(self, state: object) -> None:
        """Replaces what it holds. Raises ValueError for what is no such state, and for repeated ids and userNames."""
        if not isinstance(state, Mapping) or set(state) - set(_KINDS):
            raise ValueError('the state of a SCIM application is {"users": [...], "groups": [...]}')
        resources = [self._seeded(kind, number, held) for kind in _KINDS for number, held in enumerate(state.get(kind, []), start=1)]
        for named in ("id", "user_name"):
            names = [str(name).casefold() for resource in resources if (name := getattr(resource, named, None)) is not None]
            if len(set(names)) < len(names):
                raise ValueError(f"the state repeats a {named}")
        with self._lock:
            self._storage.resources = resources

    def _served(self, request: WireRequest) -> WireAnswer:
        with self._lock:
            refused = self._refused(request)
        if refused is not None:
            return refused
        asked = ScimRequest(
            method=request.method,
            base_url=f"{request.base_url}{BASE_PATH}",
            path=unquote(request.path).removeprefix(BASE_PATH),
            query=self._query(request),
            headers=dict(request.headers),
            body=request.body,
        )
        with self._lock:
            given = self._application.serve(asked)
            if self.settings.limits.deactivated is Deactivated.GONE:
                self._storage.resources = [held for held in self._storage.resources if getattr(held, "active", None) is not False]
        headers = [(name, value) for name, value in given.headers.items() if name.lower() != "content-type"]
        if given.body is None:
            return WireAnswer(status=given.status.value, headers=headers)
        body: Any = given.body
        if self.settings.limits.page_totals and "totalResults" in body:
            body = {**body, "totalResults": len(body.get("Resources") or ())}
        return json_answer(given.status.value, body, media_type="application/scim+json", headers=headers)

    def _refused(self, request: WireRequest) -> WireAnswer | None:
        """The answer to what the application does not take."""
        if self.settings.limits.deactivated is Deactivated.HIDDEN and request.segments[1:2] == ("Users",) and not activates(request):
            hidden = {held.id for held in self._storage.resources if getattr(held, "active", None) is False}
            if hidden & set(request.segments[2:]):
                return error(404, "there is no such user")
        return self.settings.limits.refusal(request)

    def _query(self, request: WireRequest) -> dict[str, str]:
        """Returns the query of a list, less what an application without pages does not look at."""
        ignored = ("startIndex", "count", "cursor") if self.settings.paging is SandboxPaging.NONE else ()
        return {name: value for name, value in request.params if name not in ignored}

    def _seeded(self, kind: str, number: int, held: Mapping[str, Any]) -> Resource[Any]:
        model = self._provider.model_for(_KINDS[kind])
        assert model is not None
        assert issubclass(model, Resource)
        try:
            resource: Resource[Any] = model.model_validate(dict(held))
        except ValidationError as error:
            raise ValueError(f"{kind}, number {number}: {error}") from error
        resource.id = resource.id or f"{kind[:-1]}-{number}"
        now = self._storage.clock()
        meta = resource.meta or Meta()
        resource.meta = Meta(
            resource_type=_KINDS[kind],
            created=meta.created or now,
            last_modified=meta.last_modified or now,
            version=meta.version or self._storage.next_version(),
        )
        return resource


@cache
def _provider(settings: ScimSandboxSettings) -> ScimProvider:
    policy = ScimPolicy(remove_value_as_filter=ScimPolicy.RemoveValue.apply) if settings.entra_removals else None
    return ScimProvider.from_discovery(
        load_default_schemas().values(), load_default_resource_types().values(), config=_config(settings), policy=policy
    )


def _config(settings: ScimSandboxSettings) -> ServiceProviderConfig:
    config = load_default_service_provider_config()
    by_cursor = settings.paging is SandboxPaging.CURSOR
    most = None if settings.paging is SandboxPaging.NONE else settings.max_page
    config.pagination = Pagination(cursor=by_cursor, index=not by_cursor, max_page_size=most)
    others = (config.sort, config.etag, config.bulk, config.change_password)
    switched = ((config.patch, settings.patch), (config.filter, settings.filters), *((each, True) for each in others))
    for feature, wanted in switched:
        if feature is not None and (settings.bare or not wanted):
            feature.supported = False
    return config
