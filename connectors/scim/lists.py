"""Reads a list to its end: every page once, an end that is certain, and a sentence where it cannot be trusted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from connectors.contract import RawPage, Scope
from connectors.errors import ConnectorError, Unauthorised, Unreachable
from connectors.scim.attributes import folded
from connectors.scim.client import USERS, Session
from connectors.scim.decode import Listing, listing
from connectors.scim.dialect import Paging, Totals
from connectors.scim.filters import fold, literal
from connectors.scim.position import BEGINNING, Position

_EMPTY_PAGES = 10
"""Number of empty pages in a row that a cursor may lead through (RFC 9865 allows short ones)."""
_LOST_CURSORS = ("expiredcursor", "invalidcursor")
"""Errors of RFC 9865 after which a list is begun again, never gone on with."""


@dataclass(slots=True)
class Walk:
    """One reading of one list. `problem` says afterwards why the list is not known to be whole; empty where it is."""

    session: Session
    endpoint: str
    scope: Scope
    params: Mapping[str, str] = field(default_factory=dict)
    position: Position = BEGINNING
    number: int = 0
    """Number of pages that were read before this walk began, then also in it."""
    problem: str = ""
    repeatable: bool = True
    """Whether everything that is wrong could come of a change while the list was read, so that another reading may do better."""
    total: int | None = None
    ids: set[str] = field(default_factory=set)
    watermark: str = ""
    _pages: int = 0
    _empty: int = 0
    _budget: int = 0

    async def pages(self) -> AsyncGenerator[RawPage, None]:
        """Every page. A failure ends the walk with a problem; only Unauthorised, and Unreachable before the first page, are raised."""
        while True:
            try:
                answer = await self.session.get(self.endpoint, self._query())
                found = listing(answer.body)
            except Unauthorised:
                raise
            except ConnectorError as error:
                if isinstance(error, Unreachable) and not self._pages:
                    raise
                self.note(f"page {self.number + 1} could not be read: {error}", again=_cursor_lost(error))
                return
            self.watermark = self.watermark or answer.headers.date().isoformat()
            new = self._take_in(found)
            following = self._following(found, new)
            if following is None:
                self.note(self._shortfall(), again=True)
                yield RawPage(self.scope, self.number, answer.body, None, self.total)
                return
            self.position = replace(self.position, following=following)
            yield RawPage(self.scope, self.number, answer.body, str(self.position), self.total)

    def note(self, problem: str, *, again: bool) -> None:
        """The first thing that went wrong is what is told; reading goes on where it can, for what is there is still worth having."""
        if problem:
            self.problem = self.problem or problem
            self.repeatable = self.repeatable and again

    @property
    def paging(self) -> Paging:
        """A list with a filter of its own is short: where pages follow each other by filters it has one page."""
        keyset_is_taken = self.session.dialect.paging is Paging.KEYSET and "filter" in self.params
        return Paging.INDEX if keyset_is_taken else self.session.dialect.paging

    @property
    def _counts_pages(self) -> bool:
        """Whether the totals are those of the pages, so that only an empty page shows the end."""
        return self.session.dialect.totals is Totals.PAGE and self.paging is Paging.INDEX

    def _query(self) -> dict[str, str | int]:
        most = self.session.dialect.max_page
        size = min(self.session.settings.page_size or most, most)
        following = self.position.following
        match self.paging:
            case Paging.INDEX:
                return {**self.params, "startIndex": following or 1, "count": size}
            case Paging.CURSOR:
                return {**self.params, "cursor": following, "count": size}
            case Paging.KEYSET:
                return {**self.params, **({"filter": f"id gt {literal(following)}"} if following else {}), "count": size}
            case Paging.NONE:
                return dict(self.params)
            case _ as never:
                assert_never(never)

    def _take_in(self, found: Listing) -> int:
        """Counts a page and says how many resources of it are new."""
        ids = found.ids()
        known = len(self.ids)
        self.ids.update(ids)
        new = len(self.ids) - known
        before = self.position.records
        self.position = self.position.after(ids, len(found.resources))
        self._pages += 1
        self.number += 1
        self._empty = 0 if found.resources else self._empty + 1
        if new < len(ids):
            repeats = f"page {self.number} repeats {len(ids) - new} of its {len(ids)} records, so that others may have been left out"
            self.note(repeats, again=True)
        if nameless := len(found.resources) - len(ids):
            self.note(
                f"{nameless} records of page {self.number} have no id: whose they are is unknown, so no account is known to be absent",
                again=False,
            )
        self.note(self._disorder(ids), again=False)
        self._compare_total(found, before)
        self.note(self._placeholder(found), again=False)
        return new + len(found.resources) - len(ids)

    def _disorder(self, ids: list[str]) -> str:
        """Returns an error where a keyset list is not in the order of ids, of any kind: then later pages do not hold all the rest."""
        if self.paging is not Paging.KEYSET:
            return ""
        ordered = [*([self.position.following] if self.position.following else []), *ids]
        orders = (str, str.casefold, lambda each: (len(each), each))
        return "" if any(sorted(ordered, key=order) == ordered for order in orders) else "the list is not in the order of ids"

    def _compare_total(self, found: Listing, before: int) -> None:
        stated = found.total
        if stated is None:
            return
        if self._counts_pages:
            if stated != len(found.resources):
                self.note(f"page {self.number} says that it holds {stated} records and holds {len(found.resources)}", again=False)
            self.total = before + stated
            return
        # Behind `id gt` only the rest is counted.
        total = stated + before if self.paging is Paging.KEYSET else stated
        if self.total is not None and total != self.total:
            self.note(f"the number of records changed from {self.total} to {total} while the list was read", again=True)
        self.total = total

    def _placeholder(self, found: Listing) -> str:
        known = self.session.dialect.placeholders if self.endpoint == USERS else frozenset()
        names = {fold(str(folded(each, "userName"))) for each in found.resources if isinstance(each, dict)} if known else set()
        shown = [name for name in sorted(known) if fold(name) in names]
        return f"the list holds {shown[0]}, which is no user: the application shows it in place of the list" if shown else ""

    def _following(self, found: Listing, new: int) -> str | None:
        """Returns the next position; None where the list states its end, where nothing new came, and where it has no end."""
        following = self._announced(found)
        if following is None:
            return None
        if found.resources and not new:
            self.note("a page held nothing new", again=False)
        elif following == self.position.following or self._empty > _EMPTY_PAGES:
            self.note("the cursor leads nowhere: it repeats, or to empty pages without end", again=False)
        elif self._pages >= self._page_budget(found):
            self.note(f"the list did not end within {self._pages} pages", again=False)
        else:
            return following
        return None

    def _announced(self, found: Listing) -> str | None:
        match self.paging:
            case Paging.INDEX:
                beyond = self.total is None or (self.position.records >= self.total and not self._counts_pages)
                ended = not found.resources or beyond
                # Forward by what came, never by what was asked for: servers may send less (RFC 7644 section 3.4.2.4).
                return None if ended else str(self.position.records + 1)
            case Paging.CURSOR:
                # Its absence is the only sign of the end (RFC 9865 section 2.1).
                return found.next_cursor or None
            case Paging.KEYSET:
                # Until nothing follows, whatever the total says.
                return next(reversed(found.ids()), None)
            case Paging.NONE:
                return None
            case _ as never:
                assert_never(never)

    def _page_budget(self, found: Listing) -> int:
        """Returns twice the pages to be expected after the first, and some: a list that grows as fast as it is read has no end."""
        if not self._budget:
            expected = -(-(found.total or 0) // max(1, len(found.resources)))
            by_total = 2 * expected + 100 if found.total is not None and not self._counts_pages else self.session.settings.max_pages
            self._budget = min(self.session.settings.max_pages, by_total)
        return self._budget

    def _shortfall(self) -> str:
        if self.total is not None:
            came = self.position.records
            return f"the application says that there are {self.total} records and gave {came}" if came != self.total else ""
        match self.paging:
            case Paging.CURSOR | Paging.NONE:
                return ""
            case Paging.INDEX | Paging.KEYSET:
                self.repeatable = False
                return "the application does not say how many records there are (totalResults), so it is unknown whether these are all"
            case _ as never:
                assert_never(never)


def _cursor_lost(error: ConnectorError) -> bool:
    return error.detail.lower().startswith(_LOST_CURSORS)
