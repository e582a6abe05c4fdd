"""Sends changes in bulk requests. A request that is refused as a whole is divided, or its changes go alone; each change gets its answer or its error."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from http import HTTPStatus

from connectors.errors import ConnectorError, Unauthorised, Uncertain
from connectors.http.answer import Answer
from connectors.scim.bulk_message import BulkLimits, Change, answers, fitting, message

BULK = "Bulk"
REFUSALS = 4
"""Bulk requests refused in a row after which no other is sent in this run."""


@dataclass(slots=True, eq=False)
class Waiting:
    """A change, and its answer once there is one; None where it is to go alone."""

    change: Change
    answer: asyncio.Future[Answer | None]

    def end(self, answer: Answer | None = None, error: BaseException | None = None) -> None:
        """Sets the answer, or the error, unless it has one already or its wait was broken off."""
        if self.answer.done():
            return
        if error is None:
            self.answer.set_result(answer)
        else:
            self.answer.set_exception(error)


@dataclass(slots=True)
class BulkRequests:
    """The bulk requests to one application."""

    system: str
    post: Callable[[str, object], Awaitable[Answer]]
    """Sends a body to a path once. Raises what the answer stands for, and Uncertain where it is not known what came of it."""
    limits: BulkLimits | None = None
    """Limits of a request; None where none is sent."""
    fewest: int = 2
    """Changes that make a bulk request; fewer go alone."""
    refused: str = ""
    """Sentence of the refusal after which no bulk request is sent any more."""
    _refusals: int = 0

    async def carry_out(self, some: Sequence[Waiting]) -> None:
        """Gives every change its answer, or its error."""
        ahead = [list(some)]
        try:
            while ahead:
                part = ahead.pop()
                number = fitting([each.change for each in part], self.limits) if self.limits else 0
                if len(part) < self.fewest or self.refused or not part:
                    for each in part:
                        each.end()
                elif number < len(part):
                    ahead.insert(0, part[max(number, 1) :])
                    if number:
                        ahead.append(part[:number])
                    else:
                        part[0].end()
                else:
                    ahead += await self._sent(part)
        except Exception as error:  # noqa: BLE001 - each change gets the error, and its caller judges it
            for each in some:
                each.end(error=error)
        finally:
            for each in some:
                each.end(error=Uncertain(f"the bulk request to {self.system} was broken off"))

    async def _sent(self, part: list[Waiting]) -> list[list[Waiting]]:
        """Sends one request; the parts in which it is to be sent again, where it was refused whole."""
        changes = [each.change for each in part]
        try:
            answer = await self.post(BULK, message(changes))
        except ConnectorError as error:
            if not _refuses_the_whole(error):
                for each in part:
                    each.end(error=error)
                return []
            return self._divided(part, error)
        self._refusals = 0
        for each, said in zip(part, answers(changes, answer, self.system), strict=True):
            if said is None:
                unsaid = f"{self.system} answered a bulk request and did not say what came of {each.change.method} {each.change.path}"
                each.end(error=Uncertain(unsaid, status=answer.status))
            else:
                # One that the rate limit did not let through waits for its turn alone, as every request does.
                each.end(None if said.status == HTTPStatus.TOO_MANY_REQUESTS else said)
        return []

    def _divided(self, part: list[Waiting], refusal: ConnectorError) -> list[list[Waiting]]:
        """Notes the refusal of a whole request, of which nothing was carried out: the halves of it, or nothing more in bulk."""
        self._refusals += 1
        half = len(part) // 2
        if refusal.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and self.limits is not None:
            self.limits = BulkLimits(max(half, 1), self.limits.payload)
        elif refusal.status not in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY) or self._refusals >= REFUSALS:
            self.refused = str(refusal)
        return [each for each in (part[half:], part[:half]) if each]


def _refuses_the_whole(error: ConnectorError) -> bool:
    """Whether an error says that nothing of a request was carried out, and is about bulk requests rather than the sign-in or the pace."""
    status = error.status or 0
    too_fast = status == HTTPStatus.TOO_MANY_REQUESTS
    return (
        not isinstance(error, Unauthorised | Uncertain) and not too_fast and (300 <= status < 500 or status == HTTPStatus.NOT_IMPLEMENTED)
    )
