"""Requests to a sandboxed system and its answers, free of any server library."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import parse_qsl, unquote

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class WireRequest:
    """One HTTP request as it arrived."""

    method: str
    path: str
    """Still percent-encoded, without the query."""
    query: str = ""
    """The raw query string, without the question mark."""
    headers: Mapping[str, str]
    """Names in lower case; of repeated headers the last."""
    body: bytes = b""
    base_url: str
    """`http://host:port` as the client addressed it: what absolute links start with."""
    in_flight: int = 1
    """Number of requests that the server was working on when this one arrived, itself included."""

    @property
    def segments(self) -> tuple[str, ...]:
        """The path's parts, decoded one by one, so that an encoded slash stays inside its part."""
        return tuple(unquote(part) for part in self.path.split("/") if part)

    @property
    def params(self) -> list[tuple[str, str]]:
        """The query's pairs, decoded, in their order, empty values kept."""
        return parse_qsl(self.query, keep_blank_values=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class WireAnswer:
    """One HTTP answer; header names may repeat."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""


def json_answer(
    status: int, content: object, *, media_type: str = "application/json", headers: list[tuple[str, str]] | None = None
) -> WireAnswer:
    """An answer with a JSON body."""
    body = msgspec.json.encode(content)
    return WireAnswer(status=status, headers=[("Content-Type", media_type), *(headers or [])], body=body)


class WireApp(Protocol):
    """One sandboxed system."""

    async def answer(self, request: WireRequest) -> WireAnswer:
        """Executes the request and says what goes back over the wire."""

    def state(self) -> object:
        """Returns everything it holds, as JSON-able values that `seed` accepts."""

    def seed(self, state: object) -> None:
        """Replaces what it holds. Raises ValueError for a state it cannot hold."""
