"""Maps Okta's error codes and statuses to errors of the contract."""

from __future__ import annotations

import msgspec

from connectors.errors import (
    BadResponse,
    Busy,
    Conflict,
    ConnectorError,
    Forbidden,
    NotFound,
    PreconditionFailed,
    Rejected,
    Unauthorised,
)
from connectors.http.answer import Answer, Headers
from connectors.okta.auth.challenges import challenge_of
from connectors.okta.ways_out import way_out


class _Cause(msgspec.Struct):
    errorSummary: str = ""  # noqa: N815 - Okta's spelling


class _Body(msgspec.Struct):
    """Okta's error object; every part may be missing."""

    errorCode: str = ""  # noqa: N815 - Okta's spelling
    errorSummary: str = ""  # noqa: N815 - Okta's spelling
    errorCauses: list[_Cause] = []  # noqa: N815 - Okta's spelling


_BY_CODE: dict[str, type[ConnectorError]] = {
    "E0000005": Unauthorised,
    "E0000007": NotFound,
    "E0000014": Rejected,
    "E0000015": Forbidden,  # answered with 401, and means a feature the org does not have
    "E0000016": PreconditionFailed,
    "E0000017": Rejected,
    "E0000023": Rejected,
    "E0000032": PreconditionFailed,
    "E0000038": PreconditionFailed,
    "E0000046": Rejected,
    "E0000055": Conflict,
    "E0000060": Rejected,
    "E0000075": Rejected,
    "E0000112": Busy,
}

_BY_STATUS: dict[int, type[ConnectorError]] = {
    400: Rejected,
    401: Unauthorised,
    403: Forbidden,
    405: Rejected,
    409: Conflict,
    411: Rejected,
    412: PreconditionFailed,
    423: Busy,
    501: Rejected,
}
"""404 is missing on purpose: only E0000007 says that something does not exist; a proxy's 404 says nothing."""


_BY_CHALLENGE: dict[str, type[ConnectorError]] = {
    "insufficient_scope": Forbidden,
    "invalid_token": Unauthorised,
    "invalid_request": Unauthorised,  # no proof came with a token that is bound to a key
    "invalid_dpop_proof": Unauthorised,
    "use_dpop_nonce": Unauthorised,
}
"""Errors by the challenge in a header to an OAuth client, some of it with 400 (RFC 6750, section 3.1; RFC 9449, section 7.1)."""


def refusal(answer: Answer) -> ConnectorError | None:
    """The error an answer stands for; None for one that grants what was asked."""
    if 200 <= answer.status < 300:
        return None
    body = _body(answer)
    causes = [cause.errorSummary for cause in body.errorCauses]
    challenge = challenge_of(answer)
    kind = _BY_CODE.get(body.errorCode) or _BY_CHALLENGE.get(challenge.error) or _BY_STATUS.get(answer.status, BadResponse)
    if body.errorCode == "E0000001" and any("already exists" in cause for cause in causes):
        kind = Conflict
    detail = " ".join(part for part in (body.errorCode, body.errorSummary, "; ".join(causes), str(challenge)) if part)
    code = body.errorCode or challenge.error
    error = kind(f"{answer.what} was refused", detail=detail, status=answer.status, request_id=answer.request_id, code=code)
    return error.with_way_out(way_out(code, causes))


def said(body: bytes) -> str:
    """Returns the words of an error body for an answer that only says that the server failed."""
    parsed = _body(Answer(500, Headers(), body))
    return " ".join(part for part in (parsed.errorCode, parsed.errorSummary) if part)


def _body(answer: Answer) -> _Body:
    """Bodies may be empty, or a proxy's page."""
    try:
        return msgspec.json.decode(answer.body, type=_Body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _Body()
