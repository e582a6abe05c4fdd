"""Changes of the state of one account: activation, deactivation and deletion, each read back."""

from __future__ import annotations

from dataclasses import dataclass
from typing import assert_never

from connectors.contract import AccountState, Record
from connectors.errors import FalseAnswer, NotFound, PreconditionFailed, Rejected
from connectors.scim import decode as wire
from connectors.scim import patch
from connectors.scim.client import USERS, Session, resource_path
from connectors.scim.dialect import ActiveUpdate, Afterwards, Deprovision
from connectors.scim.edit import replacement
from connectors.scim.looks import Looks, record_of
from connectors.scim.user_writes import UserWrites


@dataclass(slots=True)
class States:
    """The states of the users of one application, as its dialect shows and sets them."""

    session: Session
    looks: Looks
    writes: UserWrites

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
        if (row := record_of(before)).state is not AccountState.DEACTIVATED:
            raise PreconditionFailed(f"{account_id} is {row.state.value}; only a deactivated account is deleted")
        await self.writes.erase(before)
        if await self.session.exists(USERS, account_id):
            raise FalseAnswer("the application answered that the account is deleted, and it is still there")

    async def _activate_unseen(self, account_id: str) -> Record:
        """Sets `active` on an account that cannot be read. Raises NotFound where the application answers that there is none."""
        method, _, body = _activity(self.session.dialect.active_update, {"id": account_id}, active=True)
        await self.session.write(method, resource_path(USERS, account_id), body)
        after = await self.looks.read(account_id)
        if after is None or after.state is not AccountState.ACTIVE:
            shown = "does not show the account" if after is None else f"shows it as {after.state}"
            raise Rejected(f"the application answered that the account is active, and {shown}")
        return after

    async def _with_active(self, before: wire.Resource, state: AccountState) -> Record:
        row = record_of(before)
        if row.state is state:
            return row
        active = state is AccountState.ACTIVE
        try:
            after = record_of(await self.writes.send(*_activity(self.session.dialect.active_update, before, active=active)))
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
        row = record_of(before)
        await self.writes.erase(before)
        after = await self.looks.read(row.id)
        if after is not None and after.state is not AccountState.DEACTIVATED:
            raise FalseAnswer("the application answered that the account is deleted, and it is still there and active")
        return row._replace(state=AccountState.DEACTIVATED)


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
