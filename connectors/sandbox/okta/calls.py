"""Input of an endpoint of the sandboxed org, and the form of its answers."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TypeVar
from urllib.parse import quote_plus

from connectors.sandbox.okta.errors import OktaError
from connectors.sandbox.okta.org import Org
from connectors.sandbox.okta.settings import LinkStyle
from connectors.sandbox.okta.user_objects import OMISSIONS
from connectors.sandbox.wire import WireAnswer, WireRequest, json_answer

T = TypeVar("T")

LINK_ORDER = ("after", "limit", "q", "search", "filter", "sortBy", "sortOrder", "expand")
"""The query parameters that paging links repeat, in their order there."""
CURSOR = re.compile(r"[0-9A-Za-z]{20,21}")
NO_CONTENT = WireAnswer(status=204, headers=[])


@dataclass(frozen=True, slots=True)
class Call:
    """One request to one endpoint of one org."""

    org: Org
    wire: WireRequest
    query: dict[str, str]

    def flag(self, name: str, *, default: bool) -> bool:
        """A parameter that is `true` or `false`."""
        return self.query.get(name, str(default)).lower() == "true"

    def body(self) -> dict[str, Any]:
        """The JSON object that was sent; none counts as empty. Raises E0000003 for anything else."""
        try:
            content = json.loads(self.wire.body or b"{}")
        except ValueError as error:
            raise OktaError("E0000003") from error
        if not isinstance(content, dict):
            raise OktaError("E0000003")
        return content

    def part(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        """An object inside the body; absent or null counts as empty."""
        content = body.get(name) or {}
        if not isinstance(content, dict):
            raise OktaError("E0000003")
        return content

    def limit(self, *, default: int, maximum: int) -> int:
        """The page size: more than the maximum is cut to it."""
        text = self.query.get("limit", str(default))
        if not text.isdecimal() or int(text) < 1:
            raise OktaError("E0000029", causes=["Invalid limit."])
        return min(int(text), maximum)

    def cursor(self, *, refusal: str = "E0000029") -> str:
        """The id behind which the page starts. Raises `refusal` for a cursor this org never gave out."""
        after = self.query.get("after", "")
        if after and not CURSOR.fullmatch(after):
            raise OktaError(refusal, causes=["Invalid cursor."])
        return after[-20:]

    def omissions(self) -> frozenset[str]:
        """Returns the parts that the client asks to leave out of list rows."""
        asked = self.wire.headers.get("content-type", "")
        return frozenset(name for name in OMISSIONS if re.search(rf"\b{name}\b", asked)) if "okta-response" in asked else frozenset()


def page(items: Iterable[T], limit: int) -> tuple[list[T], bool]:
    """The first `limit` items, and whether more follow."""
    some: Iterator[T] = iter(items)
    return list(islice(some, limit)), next(some, None) is not None


def list_answer(call: Call, rows: list[bytes], *, limit: int, following: str = "") -> WireAnswer:
    """A page of rows that are JSON already, with its Link headers; `following` is the cursor of the next page."""
    links = [("self", _link(call, {"limit": str(limit)}))]
    if call.org.settings.link_style is LinkStyle.NEXT_ONLY:
        links = []
    if following:
        links.append(("next", _link(call, {"limit": str(limit), "after": following})))
    values = [f'<{url}>; rel="{relation}"' for relation, url in links]
    if call.org.settings.link_style is LinkStyle.JOINED and values:
        values = [", ".join(values)]
    headers = [("Content-Type", "application/json"), *(("Link", value) for value in values)]
    return WireAnswer(status=200, headers=headers, body=b"[" + b",".join(rows) + b"]")


def object_answer(content: object, *, status: int = 200, headers: list[tuple[str, str]] | None = None) -> WireAnswer:
    return json_answer(status, content, headers=headers)


def _link(call: Call, changed: dict[str, str]) -> str:
    """The absolute address of a page of the same list; the values are encoded anew (`+`, `%22`)."""
    query = {**call.query, **changed}
    if "sortBy" not in query:
        query.pop("sortOrder", None)
    pairs = [f"{name}={quote_plus(query[name])}" for name in LINK_ORDER if name in query]
    return f"{call.wire.base_url}{call.wire.path}?{'&'.join(pairs)}"
