"""Authorises the callers of an Okta org, or refuses them as Okta does."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from typing import NamedTuple

from connectors.sandbox.okta.dpop import ALGORITHMS, ProofRefused, Proofs
from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.oauth import AccessToken, TokenEndpoint
from connectors.sandbox.okta.routes import Route
from connectors.sandbox.okta.settings import OktaSandboxSettings
from connectors.sandbox.wire import WireAnswer, WireRequest

USER_LIST = ("GET", ("users",))


class _Told(NamedTuple):
    """Parameters of a challenge (RFC 6750, section 3.1)."""

    status: int
    error: str
    description: str


UNPROVEN = _Told(400, "invalid_request", "The resource request requires a DPoP proof.")
OTHER_KEY = _Told(401, "invalid_token", "The access token is bound to another key.")
ENDED = _Told(401, "invalid_token", "The token has expired.")
INSUFFICIENT = _Told(403, "insufficient_scope", "The access token provided does not contain the required scopes.")


def token_of(request: WireRequest) -> str:
    """The SSWS token that was sent; empty for none.

    The space may be missing: Okta's own Python client (3.4.6) sends `SSWStoken`, and Okta lets it in.
    """
    sent = request.headers.get("authorization", "")
    return sent[4:].strip() if sent[:4].upper() == "SSWS" else ""


class Door:
    """Decides whether a request may pass: by an API token, or by an access token that the org gave out."""

    def __init__(self, settings: OktaSandboxSettings) -> None:
        self._settings = settings
        self.tokens = TokenEndpoint(settings)
        self._proofs = Proofs(settings.clock)

    def caller(self, request: WireRequest) -> str:
        """Returns the name under which calls are counted together: that of an API token, or of a service app."""
        known = self.tokens.known(_access_token_of(request))
        return known.client_id if known else token_of(request)

    def refusal(self, request: WireRequest, route: Route) -> WireAnswer | None:
        """The answer to a request that may not pass, told in a header with an empty body; None where it may.

        Raises E0000005 without an Authorization header, E0000011 for a token that is not known, E0000006 without an admin role -
        except for the list of users, which such a client sees as empty.
        """
        if "authorization" not in request.headers:
            raise OktaError("E0000005")
        known = self.tokens.known(_access_token_of(request))
        if known is not None:
            refused = self._unusable(known, request, route)
        elif token_of(request) in self._settings.tokens:
            missing = {route.scope, route.scope.replace(".manage", ".read")} & self._settings.missing_scopes
            refused = _challenge(INSUFFICIENT, request, route) if missing else None
        else:
            raise OktaError("E0000011")
        if refused is None and self._settings.role_missing and (route.method, route.path) != USER_LIST:
            raise OktaError("E0000006")
        return refused

    def _unusable(self, known: AccessToken, request: WireRequest, route: Route) -> WireAnswer | None:
        """Returns the refusal of an access token that does not open this endpoint: no proof of its key, its end, its scopes."""
        if known.thumbprint and _scheme_of(request) == "bearer":
            return _challenge(UNPROVEN, request, route)
        if known.thumbprint:
            try:
                proof, nonce = request.headers.get("dpop", ""), self._settings.resource_nonce
                thumbprint = self._proofs.checked(proof, request, nonce=nonce, token=_access_token_of(request))
            except ProofRefused as refused:
                return _proof_challenge(request, route, refused)
            if thumbprint != known.thumbprint:
                return _challenge(OTHER_KEY, request, route)
        if known.ends <= self._settings.clock():
            return _challenge(ENDED, request, route)
        return None if _covers(known.scopes, route.scope) else _challenge(INSUFFICIENT, request, route)


def _covers(held: AbstractSet[str], scope: str) -> bool:
    """Whether a scope covers another: managing includes reading."""
    return bool({scope, scope.replace(".read", ".manage")} & held)


def _scheme_of(request: WireRequest) -> str:
    return request.headers.get("authorization", "").partition(" ")[0].lower()


def _access_token_of(request: WireRequest) -> str:
    """Returns the text sent as an OAuth access token; empty for none."""
    return request.headers.get("authorization", "").partition(" ")[2].strip() if _scheme_of(request) in ("bearer", "dpop") else ""


def _proof_challenge(request: WireRequest, route: Route, refused: ProofRefused) -> WireAnswer:
    """400 for a proof that does not hold, as Okta has it; 401 with a nonce for one that lacks it (RFC 9449, section 9)."""
    told = _Told(401 if refused.nonce else 400, refused.error, str(refused))
    return _challenge(told, request, route, scheme=f'DPoP algs="{" ".join(ALGORITHMS)}",', nonce=refused.nonce)


def _challenge(told: _Told, request: WireRequest, route: Route, *, scheme: str = "Bearer", nonce: str = "") -> WireAnswer:
    """Returns the answer to a refused OAuth client (RFC 6750, section 3), with Okta's own parameters and no body."""
    value = (
        f'{scheme} authorization_uri="{request.base_url}/oauth2/v1/authorize", realm="{request.base_url}", scope="{route.scope}", '
        f'error="{told.error}", error_description="{told.description}", resource="{request.path}"'
    )
    return WireAnswer(status=told.status, headers=[("WWW-Authenticate", value), *([("DPoP-Nonce", nonce)] if nonce else [])])
