"""Errors of the token endpoint, each with the way out (RFC 6749, section 5.2)."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from connectors.cleaning import cleaned
from connectors.errors import BadResponse, ConnectorError, Unauthorised
from connectors.http.answer import Answer
from connectors.okta.auth.challenges import ADMIN_PLACE


class _Body(msgspec.Struct):
    """OAuth's error object; an unknown client is also told in Okta's own shape."""

    error: str = ""
    error_description: str = ""
    errorCode: str = ""  # noqa: N815 - Okta's spelling
    errorSummary: str = ""  # noqa: N815 - Okta's spelling


@dataclass(frozen=True, slots=True)
class TokenRefusal:
    """Reason why there is no token."""

    error: str
    """`invalid_client`, `use_dpop_nonce`; empty for an answer that is not OAuth's."""
    description: str


_BY_DESCRIPTION = {
    "kid": f"The org knows no public key with this id for the app: compare oauth.key_id with the key ids shown {ADMIN_PLACE}, General.",
    "signature": f"The private key is not the one that belongs to the app's public key: compare them {ADMIN_PLACE}, General.",
    "client_id": f"The org knows no app with this oauth.client_id: compare it {ADMIN_PLACE}, General.",
    "audience": "The org goes by another name than `url`: give the address that the admin console shows for it.",
    "expir": "The clock of this machine and the org's differ: synchronise it.",
}
_BY_ERROR = {
    "invalid_client": f"Compare oauth.client_id and the key {ADMIN_PLACE}, General, and see that the app is active.",
    "consent_required": f"None of the scopes asked for is granted: grant them {ADMIN_PLACE}, Okta API Scopes.",
    "invalid_scope": "Okta does not have one of the scopes in oauth.scopes: compare their spelling.",
    "unauthorized_client": f"The app must be of the type API Services, with the grant type client credentials: see {ADMIN_PLACE}, General.",
    "invalid_dpop_proof": 'The app must prove that it holds its key: set oauth.dpop to "auto", and see that no proxy changes the address.',
}


def token_refusal(answer: Answer) -> TokenRefusal:
    """Reads the refusal from an answer of the token endpoint."""
    try:
        body = msgspec.json.decode(answer.body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        body = _Body()
    return TokenRefusal(body.error or body.errorCode, cleaned(body.error_description or body.errorSummary)[:250])


def refused(answer: Answer) -> ConnectorError:
    """The error a refusing answer of the token endpoint stands for."""
    refusal = token_refusal(answer)
    if not refusal.error:
        sentence = f"{answer.what} was not answered as Okta does"
        return BadResponse(sentence, status=answer.status, request_id=answer.request_id)
    named = (way for word, way in _BY_DESCRIPTION.items() if refusal.error == "invalid_client" and word in refusal.description)
    way_out = next(named, _BY_ERROR.get(refusal.error, ""))
    detail = " ".join(part for part in (f"{refusal.error}:", refusal.description, way_out) if part)
    return Unauthorised("the org gives the service app no access token", detail=detail, status=answer.status, request_id=answer.request_id)
