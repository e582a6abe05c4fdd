"""How a list is read to its end: every page once, an end that is certain, and a sentence where it cannot be trusted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field

from connectors.contract import RawPage, Scope
from connectors.errors import ConnectorError, Unauthorised, Unreachable
from connectors.scim.dialect import Paging
from connectors.scim.session import Session
from connectors.scim.wire import Listing, listing

_EMPTY_PAGES = 10
"""So many empty pages in a row may a cursor lead through (RFC 9865 allows short ones)."""


@dataclass(slots=True)
class Walk:
    """The reading of one list. `problem` says afterwards why the list is not known to be whole; empty where it is."""

    session: Session
    endpoint: str
    scope: Scope
    params: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""
    total: int | None = None
    ids: set[str] = field(default_factory=set)
    watermark: str = ""
    _records: int = 0
    _pages: int = 0
    _empty: int = 0
    _anonymous: int = 0
    _budget: int = 0

    async def pages(self) -> AsyncGenerator[RawPage, None]:
        """Every page. A failure ends the walk with a problem; only Unauthorised, and Unreachable before the first page, are raised."""
        cursor: str | None = ""
        while cursor is not None:
            try:
                answer = await self.session.get(self.endpoint, self._query(cursor))
                found = listing(answer.body)
            except Unauthorised:
                raise
            except ConnectorError as error:
                if isinstance(error, Unreachable) and not self._pages:
                    raise
                self._note(f"page {self._pages + 1} could not be read: {error}")
                return
            self.watermark = self.watermark or answer.headers.date().isoformat()
            new = self._take_in(found)
            following = self._following(found, cursor, new)
            yield RawPage(self.scope, self._pages, answer.body, following, found.total)
            cursor = following
        self._note(self._shortfall())

    def _note(self, problem: str) -> None:
        """The first thing that went wrong is what is told; reading goes on where it can, for what is there is still worth having."""
        self.problem = self.problem or problem

    def _query(self, cursor: str) -> dict[str, str | int]:
        size = min(self.session.settings.page_size, self.session.dialect.max_page)
        match self.session.dialect.paging:
            case Paging.INDEX:
                return {**self.params, "startIndex": self._records + 1, "count": size}
            case Paging.CURSOR:
                return {**self.params, "cursor": cursor, "count": size}
            case Paging.NONE:
                return dict(self.params)

    def _take_in(self, found: Listing) -> int:
        """Counts a page and says how many resources of it are new."""
        ids = found.ids()
        known = len(self.ids)
        self.ids.update(ids)
        new = len(self.ids) - known
        self._pages += 1
        self._records += len(found.resources)
        self._anonymous += len(found.resources) - len(ids)
        self._empty = 0 if found.resources else self._empty + 1
        if new < len(ids):
            self._note(f"page {self._pages} repeats {len(ids) - new} of its {len(ids)} records, so that others may have been left out")
        if self.total is not None and found.total is not None and found.total != self.total:
            self._note(f"the number of records changed from {self.total} to {found.total} while the list was read")
        self.total = self.total if found.total is None else found.total
        return new + len(found.resources) - len(ids)

    def _following(self, found: Listing, cursor: str, new: int) -> str | None:
        """What asks for the next page; None where the list says that it ends, where nothing new came, and where it has no end."""
        following = self._announced(found)
        if following is None:
            return None
        if found.resources and not new:
            self._note("a page held nothing new")
        elif following == cursor or self._empty > _EMPTY_PAGES:
            self._note("the cursor leads nowhere: it repeats, or to empty pages without end")
        elif self._pages >= self._page_budget(found):
            self._note(f"the list did not end within {self._pages} pages")
        else:
            return following
        return None

    def _announced(self, found: Listing) -> str | None:
        match self.session.dialect.paging:
            case Paging.INDEX:
                # Forward by what came, never by what was asked for: servers may send less (RFC 7644 section 3.4.2.4).
                ended = not found.resources or self.total is None or self._records >= self.total
                return None if ended else str(self._records + 1)
            case Paging.CURSOR:
                return found.next_cursor or None
            case Paging.NONE:
                return None

    def _page_budget(self, found: Listing) -> int:
        """Twice what the first page makes one expect, and some: a list that grows as fast as it is read has no end."""
        if not self._budget:
            expected = -(-(found.total or 0) // max(1, len(found.resources)))
            by_total = 2 * expected + 100 if found.total is not None else self.session.settings.max_pages
            self._budget = min(self.session.settings.max_pages, by_total)
        return self._budget

    def _shortfall(self) -> str:
        read = len(self.ids) + self._anonymous
        if self.total is None:
            proven = self.session.dialect.paging is Paging.CURSOR
            return (
                ""
                if proven
                else "the application does not say how many records there are (totalResults), so nobody can tell whether these are all"
            )
        if read != self.total:
            return f"the application says that there are {self.total} records and gave {read}"
        return ""
