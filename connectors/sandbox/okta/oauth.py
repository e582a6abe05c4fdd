"""Access tokens that a sandboxed Okta org gives to its service apps, for client assertions (RFC 6749, RFC 7523, RFC 9449)."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs

from joserfc import jws, jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet

from connectors.sandbox.okta.dpop import SIGNED, ProofRefused, Proofs
from connectors.sandbox.okta.settings import OAuthClient, OktaSandboxSettings
from connectors.sandbox.wire import WireAnswer, WireRequest, json_answer

TOKEN_PATH = "/oauth2/v1/token"  # noqa: S105 - a path
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LONGEST_ASSERTION = 3600
"""Seconds that an assertion may be valid for from now on."""


class OAuthRefusal(Exception):
    """A refusal of the token endpoint, in OAuth's shape and not in Okta's (RFC 6749, section 5.2)."""

    def __init__(self, error: str, description: str, *, status: int = 400, nonce: str = "") -> None:
        self.status = status
        self.body = {"error": error, "error_description": description}
        self.headers = [("dpop-nonce", nonce)] if nonce else []
        super().__init__(f"{error}: {description}")


@dataclass(frozen=True, slots=True)
class AccessToken:
    """Access token that the org gave out."""

    client_id: str
    scopes: frozenset[str]
    ends: float
    thumbprint: str
    """Thumbprint of the key that its user proves to hold (RFC 9449, section 6); empty for a bearer token."""


class TokenEndpoint:
    """`POST /oauth2/v1/token`, with what was given out and what was used up."""

    def __init__(self, settings: OktaSandboxSettings) -> None:
        self._settings = settings
        self._proofs = Proofs(settings.clock)
        self._given: dict[str, AccessToken] = {}
        self._used: set[str] = set()

    def known(self, token: str) -> AccessToken | None:
        """The access token with this text, also one that has ended."""
        return self._given.get(token)

    def answer(self, request: WireRequest) -> WireAnswer:
        try:
            return self._granted(request)
        except OAuthRefusal as refusal:
            return json_answer(refusal.status, refusal.body, headers=refusal.headers)

    def _granted(self, request: WireRequest) -> WireAnswer:
        form = {name: values[-1] for name, values in parse_qs(request.body.decode("ascii", "replace")).items()}
        if form.get("grant_type") != "client_credentials":
            raise OAuthRefusal("unsupported_grant_type", "The authorization grant type is not supported by the authorization server.")
        client = self._client(form, f"{request.base_url}{TOKEN_PATH}")
        thumbprint, headers = self._bound(client, request)
        scopes = _scopes(client, form.get("scope", ""))
        token = secrets.token_urlsafe(32)
        seconds = self._settings.token_seconds
        self._given[token] = AccessToken(client.client_id, frozenset(scopes), self._settings.clock() + seconds, thumbprint)
        kind = "DPoP" if thumbprint else "Bearer"
        body = {"token_type": kind, "expires_in": seconds, "access_token": token, "scope": " ".join(scopes)}
        return json_answer(200, body, headers=headers)

    def _client(self, form: Mapping[str, str], endpoint: str) -> OAuthClient:
        """Returns the client of an assertion. It is used up as soon as its signature was seen, whatever comes of the request."""
        if form.get("client_assertion_type") != ASSERTION_TYPE:
            raise _no_client("The client_assertion_type is invalid.")
        client, claims = self._signed(form.get("client_assertion", ""))
        now, ends, used = self._settings.clock(), claims.get("exp"), claims.get("jti")
        if claims.get("iss") != client.client_id or claims.get("aud") != endpoint:
            raise _no_client("The audience claim for client_assertion must be the endpoint invoked for the request.")
        if not isinstance(ends, int) or ends <= now:
            raise _no_client("The client_assertion token is expired.")
        if ends > now + LONGEST_ASSERTION:
            raise _no_client("The client_assertion token has an expiration too far into the future.")
        if used in self._used:
            raise _no_client("The client_assertion token has already been used.")
        if isinstance(used, str):
            self._used.add(used)
        return client

    def _signed(self, assertion: str) -> tuple[OAuthClient, dict[str, Any]]:
        """The client whose registered key signed it, and its claims."""
        client = self._named(assertion)
        keys = KeySet.import_key_set({"keys": [dict(key) for key in client.keys]})
        try:
            return client, jwt.decode(assertion, keys, registry=SIGNED).claims
        except InvalidKeyIdError:
            raise _no_client("The client_assertion JWT kid is invalid.") from None
        except (JoseError, ValueError):
            raise _no_client("The client_assertion signature is invalid.") from None

    def _named(self, assertion: str) -> OAuthClient:
        """Returns the client that the assertion, not yet verified, names."""
        try:
            claims = json.loads(jws.extract_compact(assertion.encode(), registry=SIGNED).payload)
        except (JoseError, ValueError):
            raise _no_client("The client_assertion token is malformed.") from None
        named = claims.get("sub") if isinstance(claims, dict) else None
        for client in self._settings.clients:
            if client.client_id == named:
                return client
        raise _no_client("Invalid value for 'client_id' parameter.")

    def _bound(self, client: OAuthClient, request: WireRequest) -> tuple[str, list[tuple[str, str]]]:
        """The thumbprint of the key the token will be bound to, and the headers that go with it; empty for an app that needs no proof and sent none."""
        proof = request.headers.get("dpop", "")
        if not proof and not client.dpop:
            return "", []
        try:
            thumbprint = self._proofs.checked(proof, request, nonce=self._settings.dpop_nonce)
        except ProofRefused as refused:
            raise OAuthRefusal(refused.error, str(refused), nonce=refused.nonce) from None
        return thumbprint, [("dpop-nonce", self._settings.dpop_nonce)]


def _no_client(description: str) -> OAuthRefusal:
    return OAuthRefusal("invalid_client", description, status=401)


def _scopes(client: OAuthClient, asked: str) -> list[str]:
    """Returns the scopes that were asked for and granted to the app; others are left out without an error."""
    wanted = asked.split()
    if not wanted or not all(scope.startswith("okta.") for scope in wanted):
        raise OAuthRefusal("invalid_scope", "One or more scopes are not configured for the authorization server resource.")
    granted = [scope for scope in wanted if scope in client.scopes]
    if not granted:
        raise OAuthRefusal("consent_required", "You are not allowed any of the requested scopes.")
    return granted
