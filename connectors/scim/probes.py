"""Probes of an application that only read, compared with its dialect."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, assert_never

from connectors.contract import Check
from connectors.errors import ConnectorError, Unauthorised
from connectors.scim.abilities import needless_patches, stated
from connectors.scim.attributes import folded
from connectors.scim.bulk_message import stated_limits
from connectors.scim.client import USERS, Session
from connectors.scim.decode import Listing, listing
from connectors.scim.dialect import Paging
from connectors.scim.untyped import untyped_attributes

_MANY = 1000
"""More than most applications give in one page."""


@dataclass(frozen=True, slots=True)
class Probes:
    """The probes of one application. A difference is a problem only where reading or writing would go wrong by it."""

    session: Session

    async def all(self) -> list[Check]:
        """Returns the findings, one check each. A request that the application refuses is a finding, too."""
        advice = _advice(self.session, await self.session.advertised())
        return [advice, await self._largest_page(), await self._paging(), *await self._users()]

    async def _users(self) -> list[Check]:
        """Checks the users of the first page for entries without types and without `active`; returns nothing where all is usual."""
        found = await self._ask(self._first())
        users = [] if isinstance(found, str) else [each for each in found.resources if isinstance(each, dict)]
        notes = [
            f"{name} have no type in this application: {name}.work is the primary or only one, whose own name is {name}.primary. "
            "Others cannot be told apart, and are not written"
            for name in untyped_attributes(users)
        ]
        if users and all(folded(each, "active") is None for each in users):
            notes.append("users are shown without active: whether a deactivation took effect cannot be checked, only that it was accepted")
        if not all([await self.session.versions.are_sent(each) for each in users]):
            notes.append("versions (ETags) hold what no header can carry: writes of these users and groups go without If-Match")
        return [Check(f"{self.session.name}: {note}") for note in notes]

    async def _largest_page(self) -> Check:
        """Asks for many users at once. A cap below the dialect's costs nothing: what comes is what is counted on."""
        most = self.session.dialect.max_page
        what = f"{self.session.name}: the largest page (the dialect says {most})"
        if self.session.dialect.paging is Paging.NONE:
            return Check(f"{what}: not asked, for the dialect says that the first answer is the whole list")
        found = await self._ask({"count": _MANY, **self._first()})
        if isinstance(found, str):
            return Check(f"{what}: with count={_MANY} it answers {found}")
        size = len(found.resources)
        if found.total is not None and found.total <= size:
            return Check(f"{what}: all {size} users came in one, so that it is not known")
        return Check(f"{what}: {size} users came for count={_MANY}")

    async def _paging(self) -> Check:
        """Checks whether there is a way to the second page."""
        what = f"{self.session.name}: the second page of users can be read"
        one = await self._ask({"count": 1, **self._first()})
        if isinstance(one, str):
            return Check(what, f"a page of one user is answered with {one}; see which paging the application has, and set paging")
        if len(one.resources) > 1:
            return Check(f"{what}: count=1 gives {len(one.resources)} users, so that it is not known; what comes is what is counted on")
        if (one.total or 0) <= 1 and not one.next_cursor:
            return Check(f"{what}: there is one user at most, so that it is not known")
        match self.session.dialect.paging:
            case Paging.NONE | Paging.KEYSET:
                return Check(f"{what}: not asked, for the dialect says paging = {self.session.dialect.paging.value}")
            case Paging.CURSOR:
                return Check(what, "" if one.next_cursor else "it names no next cursor: it does not page by cursor (RFC 9865). Set paging")
            case Paging.INDEX:
                two = await self._ask({"count": 1, "startIndex": 2})
                moved = not isinstance(two, str) and two.ids() and two.ids() != one.ids()
                return Check(
                    what, "" if moved else "startIndex=2 gives no other user. If the application has cursors, set paging to cursor"
                )
            case _ as never:
                assert_never(never)

    async def _ask(self, params: dict[str, Any]) -> Listing | str:
        """The list, or in what way it was refused."""
        try:
            return listing((await self.session.get(USERS, params)).body)
        except Unauthorised:
            raise
        except ConnectorError as error:
            return f"HTTP {error.status}" if error.status else str(error)

    def _first(self) -> dict[str, Any]:
        """Returns the parameters that ask for the first page."""
        match self.session.dialect.paging:
            case Paging.CURSOR:
                return {"cursor": ""}
            case Paging.INDEX:
                return {"startIndex": 1}
            case Paging.KEYSET | Paging.NONE:
                return {}
            case _ as never:
                assert_never(never)


def _advice(session: Session, said: dict[str, Any]) -> Check:
    """Checks ServiceProviderConfig against the dialect. It is often wrong; a problem only where a walk or a write would fail by it."""
    what = f"{session.name}: what the application says of itself agrees with the dialect"
    if not said:
        return Check(f"{what}: it says nothing")
    dialect, differs, noted = session.dialect, [], []
    if patches := needless_patches(said, dialect):
        differs.append(f"it says that it has no PATCH; set dialect_overrides = {{ {', '.join(patches)} }}")
    if dialect.filters and stated(said, "filter", "supported") is False:
        noted.append("it says that it has no filters; set filters = false in the dialect where that is so")
    if dialect.paging is Paging.CURSOR and stated(said, "pagination", "cursor") is not True:
        noted.append("it does not say that it pages by cursor (RFC 9865)")
    if dialect.paging is Paging.INDEX and stated(said, "pagination", "index") is False:
        differs.append('it says that it does not page by index; set paging = "cursor"')
    if session.settings.bulk and stated_limits(said) is None:
        noted.append("it does not say that it has bulk requests and how large they may be, so that each change goes alone")
    largest = stated(said, "pagination", "maxPageSize") or stated(said, "filter", "maxResults")
    if isinstance(largest, int) and largest < dialect.max_page:
        noted.append(f"its pages hold {largest} at most where the dialect says {dialect.max_page}, which does no harm")
    return Check(f"{what}: {'; '.join(noted)}" if noted and not differs else what, "; ".join(differs))
