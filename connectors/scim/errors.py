"""Maps a SCIM error answer to an error of the contract. The HTTP status decides; the body is read as far as it can be and never fails."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from typing import Any

import msgspec

from connectors.errors import BadResponse, Conflict, ConnectorError, Forbidden, NotFound, PreconditionFailed, Rejected, Unauthorised
from connectors.http.answer import Answer
from connectors.scim.attributes import folded

_ERROR = "urn:ietf:params:scim:api:messages:2.0:error"


@dataclass(frozen=True, slots=True)
class Complaint:
    """An error body (RFC 7644 section 3.12), or what stood in its place."""

    scim: bool
    """Whether a SCIM server wrote it. A proxy's or a framework's 404 does not say that a user is gone."""
    scim_type: str
    detail: str


def complaint(body: bytes) -> Complaint:
    """The error in a body of any shape: SCIM 2.0, SCIM 1.1, another JSON object, HTML, plain text, nothing."""
    try:
        return _complaint(msgspec.json.decode(body), body)
    except (ValueError, RecursionError):
        return Complaint(scim=False, scim_type="", detail=_plain(body))


def _complaint(parsed: object, body: bytes) -> Complaint:
    if not isinstance(parsed, dict):
        return Complaint(scim=False, scim_type="", detail=_plain(body))
    older = folded(parsed, "Errors")
    if isinstance(older, list) and older and isinstance(older[0], dict):
        return Complaint(scim=True, scim_type="", detail=_words(folded(older[0], "description")) or _plain(body))
    kind = folded(parsed, "scimType")
    return Complaint(scim=_is_scim(parsed), scim_type=kind if isinstance(kind, str) else "", detail=_said(parsed, body))


def error_of(answer: Answer) -> ConnectorError | None:
    """The error that an answer stands for; None for 2xx."""
    if 200 <= answer.status < 300:
        return None
    said = complaint(answer.body)
    kind, sentence = _meaning(answer.status, said)
    detail = f"{said.scim_type}: {said.detail}" if said.scim_type else said.detail
    return kind(f"{answer.what}: {sentence}", detail=detail, status=answer.status, request_id=answer.request_id, code=said.scim_type)


def believed(answer: Answer) -> Answer:
    """The answer, if it is 2xx. Raises the error that it stands for otherwise."""
    error = error_of(answer)
    if error is not None:
        raise error
    return answer


def _meaning(status: int, said: Complaint) -> tuple[type[ConnectorError], str]:
    if status == 400 and said.scim_type.lower() == "uniqueness":
        return Conflict, "the application says that this name is taken"
    if status == 404 and not said.scim:
        return BadResponse, "something answered that nothing is there, but not as a SCIM service does; this proves nothing"
    return _MEANINGS.get(status, (BadResponse, "an answer that SCIM does not provide for"))


_MEANINGS: dict[int, tuple[type[ConnectorError], str]] = {
    400: (Rejected, "the application refuses the request"),
    401: (Unauthorised, "the application does not accept the sign-in"),
    403: (Forbidden, "the account that signs in is not allowed to do this"),
    404: (NotFound, "the application says that this does not exist"),
    405: (Rejected, "the application does not have this operation"),
    409: (Conflict, "the application says that this is taken, or not possible as things stand"),
    412: (PreconditionFailed, "it was changed in the meantime"),
    413: (Rejected, "the request is too large for the application"),
    415: (Rejected, "the application does not accept the media type; set media_type in the dialect"),
    422: (Rejected, "the application refuses the content"),
    428: (PreconditionFailed, "the application demands If-Match; set etag in the dialect"),
    501: (Rejected, "the application does not have this operation"),
}


def _is_scim(parsed: dict[str, Any]) -> bool:
    """Whether the body is a SCIM error; `schemas` may be a text with the list inside (Salesforce) or absent beside a status (SCIM 1.1 style)."""
    return _ERROR in str(folded(parsed, "schemas")).lower() or folded(parsed, "scimType") is not None


def _said(parsed: dict[str, Any], body: bytes) -> str:
    for name in ("detail", "message", "error_description", "error", "description"):
        words = _words(folded(parsed, name))
        if words:
            return words
    return _plain(body)


def _words(value: object) -> str:
    if isinstance(value, list):
        return "; ".join(_words(part) for part in value)
    return value if isinstance(value, str) else ""


def _plain(body: bytes) -> str:
    """A text body in one line, without the markup of an HTML page."""
    text = re.sub(r"<(script|style)\b.*?</\1>|<[^>]*>", " ", body[:4000].decode(errors="replace"), flags=re.DOTALL | re.IGNORECASE)
    return " ".join(html.unescape(text).split())[:300]
