"""A SCIM server that changes, lies and breaks while it is read, by a script: one act a request, honest when the script is over."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any
from urllib.parse import parse_qs

from connectors.sandbox.host import WireAnswer, WireRequest


class Act(StrEnum):
    """What happens at one request."""

    HONEST = "honest"
    DELETE_FIRST = "delete_first"
    DELETE_LAST = "delete_last"
    INSERT_FRONT = "insert_front"
    INSERT_BACK = "insert_back"
    SWAP = "swap"
    """One is deleted and one is created, so that the total stays."""
    MOVE = "move"
    """The last row comes first, as in a list in the order of changes."""
    SKIP = "skip"
    """The page begins one row late."""
    REPEAT = "repeat"
    """The page before is answered once more."""
    LESS = "less"
    """The total is one too small."""
    EMPTY = "empty"
    """A page without rows that says that there are more."""
    ENDLESS = "endless"
    """A cursor although nothing follows."""
    STRANGE = "strange"
    """The total is text, the rows stand under another spelling, one of them is no object."""
    WRONG_TYPE = "wrong_type"
    HTML = "html"
    EXPIRED = "expired"


class Hostile:
    """`/Users` by the script, `/Groups` with one group whose members are shown up to `shown`."""

    def __init__(self) -> None:
        self.begin([], [])

    def begin(self, rows: Sequence[str], script: Sequence[Act], *, members: int = 0, shown: int = 100, totals: bool = True) -> None:
        self.rows = list(rows)
        self.script = list(script)
        self.always = set(rows)
        self.members = [f"m{n}" for n in range(members)]
        self.shown = shown
        self.totals = totals
        self.asked = 0
        self.before: object = None
        self.made = 0

    async def answer(self, request: WireRequest) -> WireAnswer:
        self.asked += 1
        query = {name: values[-1] for name, values in parse_qs(request.query, keep_blank_values=True).items()}
        status, body = 200, self._other(request)
        if request.path.endswith("/Users"):
            act = self.script.pop(0) if self.script else Act.HONEST
            self._happen(act)
            status, body = self._said(act, query)
            self.before = body
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        return WireAnswer(status=status, headers=[("Content-Type", "application/scim+json")], body=raw)

    def state(self) -> object:
        return self.rows

    def seed(self, state: object) -> None:
        raise ValueError(state)

    def _other(self, request: WireRequest) -> object:
        if request.path.endswith("/Groups/g"):
            return {"id": "g", "displayName": "G", "members": [{"value": each} for each in self.members[: self.shown]]}
        if "filter=" in request.query:
            return {"totalResults": 0}
        return {"totalResults": 1, "Resources": [{"id": "g", "displayName": "G"}]}

    def _happen(self, act: Act) -> None:
        if act in (Act.DELETE_FIRST, Act.SWAP) and self.rows:
            self.always.discard(self.rows.pop(0))
        if act is Act.DELETE_LAST and self.rows:
            self.always.discard(self.rows.pop())
        if act in (Act.INSERT_BACK, Act.SWAP):
            self.rows.append(self._new("z"))
        if act is Act.INSERT_FRONT:
            self.rows.insert(0, self._new("a"))
        if act is Act.MOVE and self.rows:
            self.rows.insert(0, self.rows.pop())

    def _new(self, letter: str) -> str:
        self.made += 1
        return f"{letter}{self.made:03}"

    def _said(self, act: Act, query: dict[str, str]) -> tuple[int, object]:
        match act:
            case Act.HTML:
                return 200, b"<html>sign in</html>"
            case Act.WRONG_TYPE:
                return 200, {"totalResults": 3, "Resources": {"id": "1"}}
            case Act.EXPIRED:
                return 400, {"scimType": "expiredCursor", "status": "400", "detail": "begin again"}
            case Act.REPEAT if self.before is not None:
                return 200, self.before
            case _:
                return 200, self._page(act, query)

    def _page(self, act: Act, query: dict[str, str]) -> dict[str, Any]:
        rows, start = self._from(query)
        start += act is Act.SKIP
        size = int(query.get("count") or len(rows) + 1)
        some = [] if act is Act.EMPTY else rows[start : start + size]
        more = start + size < len(rows) or act in (Act.EMPTY, Act.ENDLESS)
        body: dict[str, Any] = {"Resources": [{"id": each, "userName": f"{each}@example.com"} for each in some]}
        if self.totals:
            body["totalResults"] = len(rows) - (act is Act.LESS)
        if "cursor" in query and more:
            body["nextCursor"] = f"after {some[-1] if some else rows[start - 1] if start else ''}"
        if act is Act.STRANGE:
            total = {"TOTALRESULTS": str(body["totalResults"])} if self.totals else {}
            return {"resources": [*body["Resources"], 7], **total, **({"nextCursor": body["nextCursor"]} if "nextCursor" in body else {})}
        return body

    def _from(self, query: dict[str, str]) -> tuple[list[str], int]:
        """The rows that are asked about, and where in them the page begins."""
        if after := re.fullmatch(r'id gt "(.*)"', query.get("filter", "")):
            return sorted(row for row in self.rows if row > after[1]), 0
        if "cursor" in query:
            last = query["cursor"].removeprefix("after ")
            return sorted(self.rows), sum(row <= last for row in self.rows)
        return self.rows, max(int(query.get("startIndex", 1)) - 1, 0)
