"""One account at a time: reading, finding, creating, changing, activating; every write is read back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import assert_never
from urllib.parse import unquote

from connectors.contract import AccountState, Record, Value
from connectors.errors import BadResponse, FalseAnswer, NotFound, PreconditionFailed, Rejected, Uncertain
from connectors.http.answer import Answer
from connectors.scim import decode as wire
from connectors.scim import patch
from connectors.scim.client import USERS, Session, resource_path
from connectors.scim.dialect import ActiveUpdate, Afterwards, Deprovision, UserUpdate, Verify
from connectors.scim.edit import new_user, replacement
from connectors.scim.filters import fold
from connectors.scim.looks import Looks
from connectors.scim.names import PRIMARY, WORK
from connectors.scim.search import Search
from connectors.scim.untyped import kept_without_type
from connectors.telephone import same_number

_NOTHING: tuple[Value, ...] = (None, "", [])
"""Values that stand for no value: null, an empty list and nothing are one to SCIM (RFC 7643 section 2.5), and so is "" in practice."""


@dataclass(slots=True)
class Accounts:
    """The users of one application."""

    session: Session
    search: Search = field(init=False)
    looks: Looks = field(init=False)

    def __post_init__(self) -> None:
        self.search = Search(self.session)
        self.looks = Looks(self.session)

    async def read(self, account_id: str) -> Record | None:
        """The user as it is now; None only where a SCIM service says that it does not exist."""
        try:
            return _row(await self.looks.look(account_id))
        except NotFound:
            return None

    async def create(self, attributes: Mapping[str, Value], *, active: bool = True) -> Record:
        """Creates a user, silently. What the application made of it is in the record: it is read back."""
        missing = sorted(name for name in self.session.dialect.required if attributes.get(name) in (None, ""))
        if missing:
            raise Rejected(f"{self.session.name} takes no user without {', '.join(missing)}")
        async with self.search.creation():
            answer = await self.session.write("POST", USERS, {**new_user(attributes), "active": active})
            row = await _created(self, answer, str(attributes.get("userName", "")))
            if row is not None:
                self.search.add(row)
        return row or await self._created_unseen(str(attributes.get("userName", "")))

    async def update(self, account_id: str, changes: Mapping[str, Value], seen: Record) -> Record:
        """Sets the attributes. Raises PreconditionFailed where one of them moved, Rejected where one did not take effect.

        A version covers every attribute: where the one that was seen is refused, a fresh look tells whether it is one of these that moved.
        """
        before = await self.looks.before(account_id, seen)
        if await self.session.versions.for_write(before):
            with suppress(PreconditionFailed):
                return await self._update(before, changes, seen)
            before = await self.session.fetch(USERS, account_id)
        return await self._update(before, changes, seen)

    async def _update(self, before: wire.Resource, changes: Mapping[str, Value], seen: Record) -> Record:
        held, expected = _row(before).values(), seen.values()
        moved = sorted(name for name in changes if not _equal(held.get(name), expected.get(name)))
        if moved:
            raise PreconditionFailed(f"{', '.join(moved)} of this account changed since it was read")
        needed = {name: value for name, value in changes.items() if not _equal(held.get(name), value)}
        if not needed:
            return _row(before)
        if copied := kept_without_type(before, needed):
            raise Rejected(copied)
        shown = await _put_through(self, before, needed)
        after = _row(shown)
        self.search.add(after)
        _refuse_false(self.session.name, held, shown, needed)
        return after

    async def activate(self, account_id: str, seen: Record | None = None) -> Record:
        """Sets `active`, unless it is set. An account that cannot be read may be hidden while it is deactivated: it is set without being read."""
        dialect = self.session.dialect
        try:
            before = await self.looks.before(account_id, seen)
        except NotFound:
            if dialect.afterwards is Afterwards.GONE or dialect.active_update is ActiveUpdate.PUT:
                raise
            return await self._activate_unseen(account_id)
        return await self._with_active(before, AccountState.ACTIVE)

    async def _activate_unseen(self, account_id: str) -> Record:
        """Sets `active` on an account that cannot be read. Raises NotFound where the application answers that there is none."""
        method, _, body = _activity(self.session.dialect.active_update, {"id": account_id}, active=True)
        await self.session.write(method, resource_path(USERS, account_id), body)
        after = await self.read(account_id)
        if after is None or after.state is not AccountState.ACTIVE:
            shown = "does not show the account" if after is None else f"shows it as {after.state}"
            raise Rejected(f"the application answered that the account is active, and {shown}")
        return after

    async def deactivate(self, account_id: str, seen: Record | None = None) -> Record:
        """Ends the account's use in the way the dialect names. A deactivated one stays as it is."""
        before = await self.looks.before(account_id, seen)
        match self.session.dialect.deprovision:
            case Deprovision.ACTIVE_FALSE:
                return await self._with_active(before, AccountState.DEACTIVATED)
            case Deprovision.DELETE:
                return await self._deleted(before)
            case Deprovision.NEVER:
                raise Rejected(f"accounts of {self.session.name} are never deactivated (deprovision = never)")
            case _ as never:
                assert_never(never)

    async def delete(self, account_id: str) -> None:
        """Deletes a deactivated user for good. Raises PreconditionFailed where it is not deactivated, Rejected where it is still there afterwards."""
        try:
            before = await self.session.fetch(USERS, account_id)
        except NotFound:
            return
        if (row := _row(before)).state is not AccountState.DEACTIVATED:
            raise PreconditionFailed(f"{account_id} is {row.state.value}; only a deactivated account is deleted")
        await self._erase(before)
        if await self.session.exists(USERS, account_id):
            raise FalseAnswer("the application answered that the account is deleted, and it is still there")

    async def _created_unseen(self, user_name: str) -> Record:
        """The user that an answer without an id may have created."""
        self.search.distrust()
        found = [row for row in await self.search.by("userName", user_name) if user_name]
        if len(found) != 1:
            raise Uncertain(
                f"{self.session.name} answered a creation without saying what it created, and {len(found)} users have this name"
            )
        return found[0]

    async def patched(self, before: wire.Resource, operations: Sequence[patch.Operation]) -> wire.Resource:
        """Sends the operations, in as many requests as the dialect makes of them."""
        most = self.session.dialect.max_operations or len(operations)
        after = before
        for start in range(0, len(operations), most):
            after = await self.send("PATCH", after, patch.message(operations[start : start + most]))
        return after

    async def send(self, method: str, before: wire.Resource, body: object) -> wire.Resource:
        """Sends a change and gives the user as it is afterwards. Of a lost answer the read-back tells; the caller compares."""
        account_id = wire.resource_id(before)
        version = await self.session.versions.for_write(before)
        try:
            answer = await self.session.write(method, resource_path(USERS, account_id), body, version=version)
        except Uncertain:
            after = await self.session.users.read(account_id)
            if _row(after)[:4] == _row(before)[:4]:
                raise
            return after
        return await self.confirmed(answer, account_id)

    async def confirmed(self, answer: Answer, account_id: str) -> wire.Resource:
        """The user after a write: by a read of its own, for answers have been stale, empty and wrong."""
        said = wire.resource(answer.body)
        if self.session.dialect.verify is Verify.BODY and said is not None and wire.resource_id(said) == account_id:
            return said
        return await self.session.users.read(account_id)

    async def _with_active(self, before: wire.Resource, state: AccountState) -> Record:
        row = _row(before)
        if row.state is state:
            return row
        active = state is AccountState.ACTIVE
        try:
            after = _row(await self.send(*_activity(self.session.dialect.active_update, before, active=active)))
        except NotFound:
            if active or await self.session.exists(USERS, row.id):
                raise
            # Some applications hide a deactivated user until it is activated again (Atlassian), or drop it (GitHub organizations).
            return row._replace(state=AccountState.DEACTIVATED)
        if row.state is after.state is AccountState.UNKNOWN:
            # The application never returns `active`: its answer is all there is to believe.
            return after._replace(state=state)
        if after.state is not state:
            raise FalseAnswer(
                f"the application answered that all is well and did not set active to {str(active).lower()}: it is {after.state}"
            )
        return after

    async def _deleted(self, before: wire.Resource) -> Record:
        row = _row(before)
        await self._erase(before)
        after = await self.read(row.id)
        if after is not None and after.state is not AccountState.DEACTIVATED:
            raise FalseAnswer("the application answered that the account is deleted, and it is still there and active")
        return row._replace(state=AccountState.DEACTIVATED)

    async def _erase(self, before: wire.Resource) -> None:
        account_id = wire.resource_id(before)
        version = await self.session.versions.for_write(before)
        try:
            await self.session.write("DELETE", resource_path(USERS, account_id), version=version)
        except Uncertain:
            if await self.session.exists(USERS, account_id):
                raise


def _activity(form: ActiveUpdate, before: wire.Resource, *, active: bool) -> tuple[str, wire.Resource, object]:
    """The method, the user and the body that set `active`, as a JSON boolean."""
    match form:
        case ActiveUpdate.PATCH_PATH:
            return "PATCH", before, patch.message([{"op": "replace", "path": "active", "value": active}])
        case ActiveUpdate.PATCH_VALUE:
            return "PATCH", before, patch.message([{"op": "replace", "value": {"active": active}}])
        case ActiveUpdate.PUT:
            unchanged = {key: value for key, value in replacement(before, {}).items() if key.lower() != "active"}
            return "PUT", before, {**unchanged, "active": active}


async def _created(accounts: Accounts, answer: Answer, user_name: str) -> Record | None:
    """The user that an answer shows, or is at the place that it names; None where neither says which it is."""
    if created := wire.resource(answer.body):
        return _row(await accounts.confirmed(answer, wire.resource_id(created)))
    placed = unquote(answer.headers.first("Location").partition("?")[0].rpartition("/")[2])
    try:
        row = _row(await accounts.session.users.read(placed)) if placed else None
    except (NotFound, BadResponse, Rejected):
        return None
    # The place is a statement of the server alone: that the user is ours the name shows.
    return row if row is not None and fold(str(row.values().get("userName", ""))) == fold(user_name) else None


async def _put_through(accounts: Accounts, before: wire.Resource, changes: Mapping[str, Value]) -> wire.Resource:
    """Sends the changes of a user as the dialect does, and gives the user as it is afterwards."""
    match accounts.session.dialect.user_update:
        case UserUpdate.PUT:
            return await accounts.send("PUT", before, replacement(before, changes))
        case UserUpdate.PATCH:
            operations = patch.changing(before, changes, path_filters=accounts.session.dialect.path_filters)
            return await accounts.patched(before, operations)
        case _ as never:
            assert_never(never)


def _refuse_false(name: str, held: Mapping[str, Value], shown: wire.Resource, needed: Mapping[str, Value]) -> None:
    """Raises Rejected where a user after a write lacks what it had, or what was to be set."""
    after = _row(shown).values()
    if lost := _lost(held, after, needed):
        raise Rejected(f"setting {', '.join(sorted(needed))} also removed {', '.join(lost)}: the dialect of {name} is wrong")
    if refused := sorted(each for each, value in needed.items() if not _took(held.get(each), after.get(each), value)):
        raise Rejected(
            kept_without_type(shown, {each: needed[each] for each in refused})
            or f"the application answered that all is well and did not change {', '.join(refused)}"
        )


def _row(user: wire.Resource) -> Record:
    try:
        return wire.record(user)
    except wire.OddRecord as reason:
        raise BadResponse(f"the application's user {wire.resource_id(user)} cannot be read: {reason}") from None


def _equal(held: Value, wanted: Value) -> bool:
    return held == wanted or (held in _NOTHING and wanted in _NOTHING)


def _took(before: Value, after: Value, wanted: Value) -> bool:
    """Whether a change took effect, a server's own spelling of the value (case, number or text) being good enough where it did change."""
    if _equal(after, wanted) or same_number(str(after or ""), str(wanted or "")):
        return True
    return after != before and wanted is not None and after is not None and fold(str(after)) == fold(str(wanted))


def _lost(before: Mapping[str, Value], after: Mapping[str, Value], changed: Iterable[str]) -> list[str]:
    """Lists other attributes than the changed ones whose values are gone; an entry that only got another name has kept its value.

    An entry without a type has two names, `primary` and `work`: what was to be changed under one of them was to go under the other.
    """
    owned = tuple(changed)
    owned += tuple(name for name in before if any(_same_entry(name, mine, before) for mine in owned))
    kept = [(_head(name), value) for name, value in after.items()]
    return sorted(
        name
        for name, value in before.items()
        if value not in _NOTHING and after.get(name) in _NOTHING and (_head(name), value) not in kept and not _within(name, owned)
    )


def _same_entry(name: str, other: str, held: Mapping[str, Value]) -> bool:
    one, two = (f"{each}..".split(".", 2) for each in (name, other))
    named_so = one[0] == two[0] and {one[1], two[1]} == {PRIMARY, WORK} and one[2] == two[2]
    return named_so and name in held and held[name] == held.get(other)


def _head(name: str) -> str:
    return name.partition(".")[0]


def _within(name: str, owned: tuple[str, ...]) -> bool:
    return any(name == mine or name.startswith(f"{mine}.") for mine in owned)
