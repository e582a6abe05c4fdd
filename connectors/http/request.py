"""One request, and what its answer or its failure stands for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from connectors.errors import BadResponse, ConnectorError, Uncertain, Unreachable
from connectors.http.address import origin
from connectors.http.answer import Answer
from connectors.http.retry import RetryableError, stated_wait


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it is sent. `what` says it in messages: `GET /api/v1/users of okta`."""

    method: str
    url: str
    params: Mapping[str, str | int]
    content: bytes | None = field(repr=False)
    """The body, which may hold a secret: that of a client that asks for a token."""
    headers: Mapping[str, str]
    bucket: str
    repeatable: bool
    what: str

    def failed(self, error: RetryableError | ConnectorError) -> Exception:
        """The error of a request that was sent: for one that may not be repeated, its outcome is unknown."""
        if self.repeatable:
            return error
        cause = error.error if isinstance(error, RetryableError) else error
        return Uncertain(cause.what, detail=cause.detail, status=cause.status, request_id=cause.request_id, code=cause.code)

    def judged(self, answer: Answer, explain: Callable[[bytes], str]) -> Answer:
        """The answer. Raises what a redirect, a part of an answer, or a failure of the system's own, stands for."""
        if 300 <= answer.status < 400 and answer.status != 304:
            where = origin(answer.headers.first("location"))
            named = f"{where[0]}://{where[1]}" if where and where[1] else "another path of its own"
            sentence = f"{self.what} was answered with a redirect to {named}; redirects are not followed"
            raise BadResponse(sentence, status=answer.status, request_id=answer.request_id)
        if answer.status == 206 and self.method == "GET":
            # No part is ever asked for: what is missing would count as gone.
            sentence = f"{self.what} was answered with a part of what was asked for (HTTP 206)"
            raise BadResponse(sentence, status=answer.status, request_id=answer.request_id)
        if answer.status >= 500 and answer.status != 501:
            sentence = f"{self.what} failed on the server's side"
            error = Unreachable(sentence, detail=explain(answer.body), status=answer.status, request_id=answer.request_id)
            raise self.failed(RetryableError(error, stated_wait(answer.headers)))
        return answer
