"""The ways in which an application pages a list: what asks for a page, and what a page says of those that follow it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from connectors.scim.decode import Listing
from connectors.scim.dialect import Dialect, Paging, Totals
from connectors.scim.filters import literal


@dataclass(frozen=True, slots=True)
class ListPaging:
    """The paging of one list."""

    kind: Paging
    params: Mapping[str, str]
    size: int
    """Records that one page is asked for."""
    counts_pages: bool
    """Whether the totals are those of the pages, so that only an empty page shows the end."""

    @property
    def needs_total(self) -> bool:
        """Whether nothing but a total shows that all pages came."""
        match self.kind:
            case Paging.CURSOR | Paging.NONE:
                return False
            case Paging.INDEX | Paging.KEYSET:
                return True
            case _ as never:
                assert_never(never)

    def query(self, following: str) -> dict[str, str | int]:
        """The parameters that ask for a page; `following` is its position, empty for the first one."""
        match self.kind:
            case Paging.INDEX:
                return {**self.params, "startIndex": following or 1, "count": self.size}
            case Paging.CURSOR:
                return {**self.params, "cursor": following, "count": self.size}
            case Paging.KEYSET:
                return {**self.params, **({"filter": f"id gt {literal(following)}"} if following else {}), "count": self.size}
            case Paging.NONE:
                return dict(self.params)
            case _ as never:
                assert_never(never)

    def following(self, found: Listing, records: int, total: int | None) -> str | None:
        """Returns the position of the next page; None where the list states its end. `records`: those that came up to this page."""
        match self.kind:
            case Paging.INDEX:
                beyond = total is None or (records >= total and not self.counts_pages)
                ended = not found.resources or beyond
                # Forward by what came, never by what was asked for: servers may send less (RFC 7644 section 3.4.2.4).
                return None if ended else str(records + 1)
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

    def disorder(self, following: str, ids: Sequence[str]) -> str:
        """Returns an error where a keyset list is not in the order of ids, of any kind: then later pages do not hold all the rest."""
        if self.kind is not Paging.KEYSET:
            return ""
        ordered = [*([following] if following else []), *ids]
        orders = (str, str.casefold, lambda each: (len(each), each))
        return "" if any(sorted(ordered, key=order) == ordered for order in orders) else "the list is not in the order of ids"

    def most_pages(self, found: Listing, most: int) -> int:
        """Returns twice the pages to be expected after the first, and some: a list that grows as fast as it is read has no end."""
        expected = -(-(found.total or 0) // max(1, len(found.resources)))
        return min(most, 2 * expected + 100 if found.total is not None and not self.counts_pages else most)


def list_paging(dialect: Dialect, page_size: int | None, params: Mapping[str, str]) -> ListPaging:
    """The paging of a list. One with a filter of its own is short: where pages follow each other by filters it has one page."""
    keyset_is_taken = dialect.paging is Paging.KEYSET and "filter" in params
    kind = Paging.INDEX if keyset_is_taken else dialect.paging
    size = min(page_size or dialect.max_page, dialect.max_page)
    return ListPaging(kind, params, size, counts_pages=dialect.totals is Totals.PAGE and kind is Paging.INDEX)
