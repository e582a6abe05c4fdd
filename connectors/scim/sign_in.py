"""Authorises requests to a SCIM application: a bearer token, OAuth client credentials, HTTP Basic, headers of its own."""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol
from urllib.parse import quote_plus, urlencode, urlsplit

from connectors.cleaning import remember
from connectors.errors import BadResponse, Unauthorised
from connectors.http.answer import Answer
from connectors.http.budget import Budget
from connectors.http.client import Http
from connectors.http.oauth import Granted, granted, token_error
from connectors.quoting import quoted
from connectors.scim.settings import BasicSettings, ClientAuthentication, OAuthClientSettings, ScimSettings
from connectors.secrets import SecretRef

_BY_ERROR = {
    "invalid_client": "Compare oauth.client_id and the secret with the authorisation server's, and see which client_auth it takes.",
    "unauthorized_client": "Allow this client the grant type client_credentials.",
    "unsupported_grant_type": "Is token_url the token endpoint of an authorisation server that has the grant type client_credentials?",
    "invalid_scope": "Correct oauth.scope, or allow it to this client.",
    "invalid_request": "See whether the authorisation server wants oauth.scope or oauth.audience.",
}


_NOT_TAKEN = "The authorisation server gives a token that the application does not take: compare oauth.scope, oauth.audience and url."


class SignIn(Protocol):
    """Authorises each request to one application."""

    @property
    def refused(self) -> str:
        """The way out where the application does not accept it; empty where another message says it."""

    async def headers(self) -> Mapping[str, str]:
        """The headers that authorise a request now. Raises what stands in the way of it."""

    async def renewed(self, sent: Mapping[str, str]) -> bool:
        """Whether a request that was refused may do better with another sign-in than the one that was sent."""

    async def close(self) -> None: ...


class _Fixed:
    """A sign-in that does not change while the process runs, but for the file it is read from."""

    refused = ""

    async def headers(self) -> Mapping[str, str]:
        return {}

    async def renewed(self, sent: Mapping[str, str]) -> bool:  # noqa: ARG002 - nothing to renew
        return False

    async def close(self) -> None:
        """Closes nothing."""


class BearerToken(_Fixed):
    """A token that an administrator made."""

    refused = "Make a new token in the application's SCIM settings, and put it where reconcile.toml says."

    def __init__(self, token: SecretRef, base: Path) -> None:
        self._token, self._base = token, base

    async def headers(self) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {self._token.reveal(self._base)}"}


class BasicLogin(_Fixed):
    """A user name and a password (RFC 7617)."""

    refused = "Compare basic.user and the password with the application's."

    def __init__(self, settings: BasicSettings, base: Path) -> None:
        self._settings, self._base = settings, base

    async def headers(self) -> Mapping[str, str]:
        return {"Authorization": basic(self._settings.user, self._settings.password.reveal(self._base))}


class HeadersAlone(_Fixed):
    """Nothing but headers of the application's own."""

    refused = "Compare the values of headers with what the application wants."


class OAuthClient:
    """OAuth 2.0 client credentials (RFC 6749, section 4.4), for one event loop: asks for a token when one is needed, one request at a time."""

    def __init__(self, name: str, settings: OAuthClientSettings, base: Path) -> None:
        address = urlsplit(settings.token_url)
        self._settings, self._base, self._name = settings, base, name
        self._path = settings.token_url.removeprefix(f"{address.scheme}://{address.netloc}")
        self._token: Granted | None = None
        self._until = 0.0
        self._lock = asyncio.Lock()
        self._http = Http(
            f"the authorisation server of {name}",
            f"{address.scheme}://{address.netloc}",
            authorization=self._client,
            budget=Budget(),
            user_agent="identity-reconcile",
            headers={"Accept": "application/json"},
            in_flight=1,
            ca_file=base / settings.ca_file if settings.ca_file else None,
            gives_secrets=True,
        )

    @property
    def refused(self) -> str:
        return _NOT_TAKEN if self._token is not None else ""

    async def headers(self) -> Mapping[str, str]:
        async with self._lock:
            if self._token is None or time.monotonic() >= self._until:
                self._token = await self._new()
                self._until = time.monotonic() + self._token.seconds
            return {"Authorization": f"Bearer {self._token.token}"}

    async def renewed(self, sent: Mapping[str, str]) -> bool:
        """Drops the token that was refused. Requests that were under way together are refused together: the first has it renewed for all."""
        async with self._lock:
            if self._token is not None and sent.get("Authorization") == f"Bearer {self._token.token}":
                self._token = None
        return True

    async def close(self) -> None:
        await self._http.close()

    async def _new(self) -> Granted:
        form = {"grant_type": "client_credentials", "scope": self._settings.scope, "audience": self._settings.audience}
        if self._settings.client_auth is ClientAuthentication.POST:
            form |= {"client_id": self._settings.client_id, "client_secret": self._settings.client_secret.reveal(self._base)}
        content = urlencode({name: value for name, value in form.items() if value}).encode()
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        answer = await self._http.send("POST", self._path, repeatable=True, content=content, headers=headers)
        if answer.status != 200:
            raise self._refusal(answer)
        given = granted(answer)
        if given.kind != "bearer":
            raise BadResponse(f"{answer.what}: the token is of the type {quoted(given.kind[:40])}, and only bearer tokens are used")
        return given

    def _refusal(self, answer: Answer) -> Exception:
        error, description = token_error(answer)
        if not error and answer.status not in (401, 403):
            sentence = f"{answer.what} was not answered as a token endpoint does. Is oauth.token_url right?"
            return BadResponse(sentence, status=answer.status, request_id=answer.request_id)
        way_out = _BY_ERROR.get(error, _BY_ERROR["invalid_client"] if answer.status in (401, 403) else "")
        detail = " ".join(part for part in (f"{error}:" if error else "", description, way_out) if part)
        sentence = f"the authorisation server gives no access token for {self._name}"
        return Unauthorised(sentence, detail=detail, status=answer.status, request_id=answer.request_id)

    async def _client(self, _method: str, _url: str) -> Mapping[str, str]:
        if self._settings.client_auth is ClientAuthentication.POST:
            return {}
        # RFC 6749, section 2.3.1: both parts are form-encoded first.
        secret = quote_plus(self._settings.client_secret.reveal(self._base))
        return {"Authorization": basic(quote_plus(self._settings.client_id), secret)}


class WithHeaders:
    """A sign-in, and the headers that the configuration adds to every request."""

    def __init__(self, inner: SignIn, added: Mapping[str, SecretRef | str], base: Path) -> None:
        self._inner, self._added, self._base = inner, added, base

    @property
    def refused(self) -> str:
        return self._inner.refused

    async def headers(self) -> Mapping[str, str]:
        added = {name: value if isinstance(value, str) else value.reveal(self._base) for name, value in self._added.items()}
        return {**added, **await self._inner.headers()}

    async def renewed(self, sent: Mapping[str, str]) -> bool:
        return await self._inner.renewed(sent)

    async def close(self) -> None:
        await self._inner.close()


def sign_in_of(name: str, settings: ScimSettings, base: Path) -> SignIn:
    """Builds the sign-in to an application from its settings."""
    return WithHeaders(_inner(name, settings, base), settings.headers, base)


def _inner(name: str, settings: ScimSettings, base: Path) -> SignIn:
    if settings.token is not None:
        return BearerToken(settings.token, base)
    if settings.oauth is not None:
        return OAuthClient(name, settings.oauth, base)
    return BasicLogin(settings.basic, base) if settings.basic is not None else HeadersAlone()


def basic(user: str, password: str) -> str:
    """The value of an Authorization header for a user name and a password."""
    return f"Basic {remember(base64.b64encode(f'{user}:{password}'.encode()).decode())}"
