"""Access to a sandboxed SCIM application: a bearer token, HTTP Basic, an OAuth client, headers of its own."""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import parse_qs, unquote_plus

from connectors.sandbox.scim_limits import error
from connectors.sandbox.wire import WireAnswer, WireRequest, json_answer

TOKEN_PATH = "/oauth2/token"  # noqa: S105 - a path
"""Path at which the application's own authorisation server gives access tokens."""


@dataclass(frozen=True, slots=True)
class ScimClient:
    """An OAuth client and how it has to ask for tokens."""

    client_id: str
    client_secret: str
    scope: str = ""
    audience: str = ""
    in_form: bool = False
    """Whether it states its secret in the form, and not as HTTP Basic."""


@dataclass(frozen=True, slots=True)
class ScimAccess:
    """Credentials that this application accepts."""

    token: str = "sandbox"  # noqa: S105 - what a local twin accepts, no secret
    basic: str = ""
    """`user:password`, in place of the token."""
    client: ScimClient | None = None
    """In place of the token."""
    headers: tuple[tuple[str, str], ...] = ()
    """Headers that every request must have, beside the sign-in."""


class Gate:
    """Answers what is not let in, and the token endpoint."""

    def __init__(self, access: ScimAccess) -> None:
        self._access = access
        self._given: set[str] = set()

    @property
    def token(self) -> str:
        """The bearer token that is let in."""
        return self._access.token

    def revoke(self) -> None:
        """Ends every access token."""
        self._given.clear()

    def answer(self, request: WireRequest) -> WireAnswer | None:
        """Returns the refusal of a request; None for one that is let in."""
        client = self._access.client
        if client is not None and request.path == TOKEN_PATH:
            return self._token(client, request)
        missing = [name for name, value in self._access.headers if request.headers.get(name.lower()) != value]
        if not missing and self._is_signed_in(request.headers.get("authorization", "")):
            return None
        refused = error(401, f"The sign-in is missing or wrong{f': {missing[0]}' if missing else ''}")
        return replace(refused, headers=[*refused.headers, ("WWW-Authenticate", 'Bearer realm="SCIM"')])

    def _is_signed_in(self, stated: str) -> bool:
        kind, _, value = stated.partition(" ")
        if self._access.basic:
            return kind.lower() == "basic" and hmac.compare_digest(_unpacked(value).encode(), self._access.basic.encode())
        if self._access.client is not None:
            return kind.lower() == "bearer" and value in self._given
        return kind.lower() == "bearer" and hmac.compare_digest(value.encode(), self._access.token.encode())

    def _token(self, client: ScimClient, request: WireRequest) -> WireAnswer:
        form = {name: values[0] for name, values in parse_qs(request.body.decode(errors="replace")).items()}
        if (client.client_id, client.client_secret) != _stated_client(client, request, form):
            return json_answer(401, {"error": "invalid_client", "error_description": "The client or its secret is not known."})
        if form.get("grant_type") != "client_credentials":
            return json_answer(400, {"error": "unsupported_grant_type"})
        if (form.get("scope", ""), form.get("audience", "")) != (client.scope, client.audience):
            return json_answer(400, {"error": "invalid_scope", "error_description": "The scope or the audience is not allowed."})
        given = secrets.token_urlsafe(24)
        self._given.add(given)
        return json_answer(200, {"access_token": given, "token_type": "Bearer", "expires_in": 3600})


def _stated_client(client: ScimClient, request: WireRequest, form: Mapping[str, str]) -> tuple[str, str]:
    if client.in_form:
        return form.get("client_id", ""), form.get("client_secret", "")
    name, _, secret = _unpacked(request.headers.get("authorization", "").partition(" ")[2]).partition(":")
    return unquote_plus(name), unquote_plus(secret)


def _unpacked(value: str) -> str:
    try:
        return base64.b64decode(value, validate=True).decode()
    except ValueError:
        return ""
