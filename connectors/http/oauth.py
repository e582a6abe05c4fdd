"""Parses the answer of a token endpoint (RFC 6749, section 5)."""

from __future__ import annotations

from dataclasses import dataclass, field

import msgspec

from connectors.cleaning import cleaned, remember_for_a_while
from connectors.errors import BadResponse
from connectors.http.answer import Answer

UNSTATED_SECONDS = 300.0
"""Seconds for which a token is used whose end the endpoint does not state (`expires_in` is optional)."""
_MARGIN = 60.0
"""Seconds before its end from which a token is left alone: what is sent last must still arrive."""
_LONGEST_DESCRIPTION = 250


class _Body(msgspec.Struct):
    access_token: str
    token_type: str
    expires_in: float | None = None
    scope: str = ""


class _Error(msgspec.Struct):
    error: str = ""
    error_description: str = ""


@dataclass(frozen=True, slots=True)
class Granted:
    """An access token as it was given."""

    token: str = field(repr=False)
    kind: str
    """In lower case: `bearer`, `dpop`."""
    seconds: float
    """Seconds for which it may be used."""
    scope: str


def granted(answer: Answer) -> Granted:
    """The token in an answer that grants one. Raises BadResponse where it holds none that can be used."""
    try:
        body = msgspec.json.decode(answer.body, type=_Body, strict=False)
    except (ValueError, RecursionError):
        raise BadResponse(f"{answer.what}: the answer holds no access token", status=answer.status, request_id=answer.request_id) from None
    seconds = UNSTATED_SECONDS if body.expires_in is None else body.expires_in
    if not body.access_token or not seconds > 0:
        raise BadResponse(f"{answer.what}: the answer holds no usable access token", status=answer.status, request_id=answer.request_id)
    return Granted(remember_for_a_while(body.access_token), body.token_type.lower(), max(seconds - _MARGIN, seconds / 2), body.scope)


def token_error(answer: Answer) -> tuple[str, str]:
    """The error code and its description in an answer that refuses; both empty where it is not one of OAuth's."""
    try:
        body = msgspec.json.decode(answer.body, type=_Error)
    except (ValueError, RecursionError):
        return "", ""
    return body.error, cleaned(body.error_description)[:_LONGEST_DESCRIPTION]
