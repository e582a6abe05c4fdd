"""Reads a list to its end: every page once, an end that is certain, and a sentence where it cannot be trusted."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from connectors.contract import RawPage, Scope
from connectors.errors import ConnectorError, Unauthorised, Unreachable
from connectors.scim.attributes import folded
from connectors.scim.client import USERS, Session
from connectors.scim.decode import Listing, listing
from connectors.scim.dialect import Paging
from connectors.scim.filters import fold
from connectors.scim.paging import ListPaging, list_paging
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
    paging: ListPaging = field(init=False)
    _pages: int = 0
    _empty: int = 0
    _budget: int = 0
    """Pages after which the list is given up; 0 until it is known."""

    def __post_init__(self) -> None:
        self.paging = list_paging(self.session.dialect, self.session.settings.page_size, self.params)

    async def pages(self) -> AsyncGenerator[RawPage, None]:
        """Every page. A failure ends the walk with a problem; only Unauthorised, and Unreachable before the first page, are raised."""
        while True:
            try:
                answer = await self.session.get(self.endpoint, self.paging.query(self.position.following))
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
                self._note_shortfall()
                yield RawPage(self.scope, self.number, answer.body, None, self.total)
                return
            self.position = replace(self.position, following=following)
            yield RawPage(self.scope, self.number, answer.body, str(self.position), self.total)

    def note(self, problem: str, *, again: bool) -> None:
        """The first thing that went wrong is what is told; reading goes on where it can, for what is there is still worth having."""
        if problem:
            self.problem = self.problem or problem
            self.repeatable = self.repeatable and again

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
        for problem, again in _page_problems(self.number, found, ids, new):
            self.note(problem, again=again)
        self.note(self.paging.disorder(self.position.following, ids), again=False)
        self._compare_total(found, before)
        self.note(_placeholder(found, self.session.dialect.placeholders if self.endpoint == USERS else frozenset()), again=False)
        return new + len(found.resources) - len(ids)

    def _compare_total(self, found: Listing, before: int) -> None:
        stated = found.total
        if stated is None:
            return
        if self.paging.counts_pages:
            if stated != len(found.resources):
                self.note(f"page {self.number} says that it holds {stated} records and holds {len(found.resources)}", again=False)
            self.total = before + stated
            return
        # Behind `id gt` only the rest is counted.
        total = stated + before if self.paging.kind is Paging.KEYSET else stated
        if self.total is not None and total != self.total:
            self.note(f"the number of records changed from {self.total} to {total} while the list was read", again=True)
        self.total = total

    def _following(self, found: Listing, new: int) -> str | None:
        """Returns the next position; None where the list states its end, where nothing new came, and where it has no end."""
        following = self.paging.following(found, self.position.records, self.total)
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

    def _page_budget(self, found: Listing) -> int:
        self._budget = self._budget or self.paging.most_pages(found, self.session.settings.max_pages)
        return self._budget

    def _note_shortfall(self) -> None:
        """Compares what came with what the application says that there is."""
        if self.total is not None:
            came = self.position.records
            self.note(f"the application says that there are {self.total} records and gave {came}" if came != self.total else "", again=True)
        elif self.paging.needs_total:
            unknown = "the application does not say how many records there are (totalResults), so it is unknown whether these are all"
            self.note(unknown, again=False)


def _page_problems(number: int, found: Listing, ids: Sequence[str], new: int) -> Iterator[tuple[str, bool]]:
    """Yields what is wrong with the records of one page, each with whether a change of the list while it was read explains it."""
    if new < len(ids):
        yield f"page {number} repeats {len(ids) - new} of its {len(ids)} records, so that others may have been left out", True
    if nameless := len(found.resources) - len(ids):
        yield f"{nameless} records of page {number} have no id: whose they are is unknown, so no account is known to be absent", False


def _placeholder(found: Listing, known: frozenset[str]) -> str:
    """Returns an error where a list of users holds one that the application shows in place of the list. `known`: the names of such users."""
    names = {fold(str(folded(each, "userName"))) for each in found.resources if isinstance(each, dict)} if known else set()
    shown = [name for name in sorted(known) if fold(name) in names]
    return f"the list holds {shown[0]}, which is no user: the application shows it in place of the list" if shown else ""


def _cursor_lost(error: ConnectorError) -> bool:
    return error.detail.lower().startswith(_LOST_CURSORS)
