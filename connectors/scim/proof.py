"""Reads a list so that absence from it is proven: read, proven, and read once more where it moved."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field, replace
from typing import assert_never

from connectors.contract import RawPage, ResumePoint, Scope, ScopeEnd
from connectors.errors import ConnectorError, NotFound, Rejected, Unauthorised, Unreachable
from connectors.scim.client import Session
from connectors.scim.decode import listing
from connectors.scim.dialect import Paging, Proof
from connectors.scim.lists import Walk
from connectors.scim.position import BEGINNING, Position

_READINGS = 2
"""Number of readings of a list that moved while it was read, before it is given up for this time."""
_PROVES_NOTHING = 'the dialect says that lists of this application prove nothing (proof = "none")'


@dataclass(slots=True)
class ProvenList:
    """One list with its proof.

    A reading that was disturbed is begun again with a page numbered 1, once. The last page is given only when the proof is done: where
    an interrupted read left a page that nothing follows, its list is proven.
    """

    session: Session
    endpoint: str
    scope: Scope
    params: Mapping[str, str] = field(default_factory=dict)
    held: ResumePoint | None = None
    """Resume point that an interrupted reading left behind."""
    empty: str = ""
    """Error where the list is empty; an empty text, where it may be."""
    walk: Walk = field(init=False)

    def __post_init__(self) -> None:
        self.walk = self._begun()

    async def pages(self) -> AsyncGenerator[RawPage, None]:
        """Every page that is not held already. Raises what a walk raises before the first page."""
        if self.held is not None and self.held.cursor is None:
            return
        for reading in range(_READINGS):
            if reading:
                self.walk = Walk(self.session, self.endpoint, self.scope, self.params)
            async for page in self._read(first=not reading):
                yield page
            if not self.walk.problem or not self.walk.repeatable:
                return

    def end(self) -> ScopeEnd:
        """Returns the end of the scope."""
        return ScopeEnd(self.scope, problem=self.walk.problem, declared_total=self.walk.total, watermark=self.walk.watermark)

    def _begun(self) -> Walk:
        """A walk from where an interrupted one stopped, else from the beginning."""
        position = Position.parse(self.held.cursor or "") if self.held else BEGINNING
        number = self.held.number if self.held and position != BEGINNING else 0
        return Walk(self.session, self.endpoint, self.scope, self.params, position=position, number=number)

    async def _read(self, *, first: bool) -> AsyncGenerator[RawPage, None]:
        """One reading, its last page after its proof."""
        last: RawPage | None = None
        try:
            async for page in self.walk.pages():
                if last is not None:
                    yield last
                last = page
        except Unreachable as error:
            if first:
                raise
            self.walk.note(str(error), again=False)
        if not self.walk.problem:
            await self._prove()
        if last is not None:
            # A list that is not proven is begun again by whoever goes on from this page.
            yield last if not self.walk.problem else replace(last, cursor=str(BEGINNING))

    async def _prove(self) -> None:
        if not self.walk.position.records:
            self.walk.note(self.empty, again=False)
        match self.session.dialect.proof:
            case Proof.NONE:
                self.walk.note(_PROVES_NOTHING, again=False)
            case Proof.COUNT:
                return
            case Proof.TWO_PASSES:
                # What is paged by cursor or by key does not move between pages, and what is not paged at all has none.
                if self.walk.paging.kind is Paging.INDEX:
                    await self._look_beyond()
                    if not self.walk.problem:
                        await self._read_again()
            case _ as never:
                assert_never(never)

    async def _look_beyond(self) -> None:
        """Asks for what would come after the end: some servers give the size of the page for the total (WSO2), or cut the list (better-auth)."""
        after: dict[str, str | int] = {**self.params, "startIndex": self.walk.position.records + 1, "count": 1}
        try:
            more = listing((await self.session.get(self.endpoint, after)).body).ids()
        except (Rejected, NotFound):
            return
        except Unauthorised:
            raise
        except ConnectorError as error:
            self.walk.note(f"whether something follows its end could not be asked: {error}", again=False)
            return
        if not self.walk.ids.issuperset(more):
            hint = 'where it counts the page and not the list, say totals = "page" in its dialect'
            self.walk.note(f"the application says that there are {self.walk.total} records, and others follow; {hint}", again=True)

    async def _read_again(self) -> None:
        """Reads the list for its ids alone where the server can, else whole, and compares.

        The ids of the first reading are forgotten by then, not their digest. What the ids alone do not prove the whole list may.
        """
        self.walk.ids.clear()
        projected = [{"attributes": "id"}] if self.session.dialect.projections else []
        for params in (*projected, self.params):
            second = await _read_whole(Walk(self.session, self.endpoint, self.scope, params))
            if not second.problem and second.position.same_records(self.walk.position):
                return
        if second.problem:
            self.walk.note(f"its second reading, which should have proven it, went wrong: {second.problem}", again=second.repeatable)
            return
        self.walk.note(
            f"two readings gave different records ({self.walk.position.records} and {second.position.records}): "
            "it changed while it was read, and a record that moved between two pages may have been left out",
            again=True,
        )


async def _read_whole(walk: Walk) -> Walk:
    """Reads a walk to its end for its digest and its problem; its pages are not kept."""
    try:
        async for _page in walk.pages():
            pass
    except Unreachable as error:
        walk.note(str(error), again=False)
    return walk
