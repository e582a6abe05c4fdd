"""Sends changes of users: every one is read back, for answers have been stale, empty and wrong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import assert_never

from connectors.contract import Value
from connectors.errors import Uncertain
from connectors.http.answer import Answer
from connectors.scim import decode as wire
from connectors.scim import patch
from connectors.scim.client import USERS, Session, resource_path
from connectors.scim.dialect import UserUpdate, Verify
from connectors.scim.edit import replacement
from connectors.scim.looks import record_of


@dataclass(slots=True)
class UserWrites:
    """The requests that change the users of one application."""

    session: Session

    async def change(self, before: wire.Resource, changes: Mapping[str, Value]) -> wire.Resource:
        """Sends the changes of a user as the dialect does, and gives the user as it is afterwards."""
        match self.session.dialect.user_update:
            case UserUpdate.PUT:
                return await self.send("PUT", before, replacement(before, changes))
            case UserUpdate.PATCH:
                return await self._patched(before, patch.changing(before, changes, path_filters=self.session.dialect.path_filters))
            case _ as never:
                assert_never(never)

    async def send(self, method: str, before: wire.Resource, body: object) -> wire.Resource:
        """Sends a change and gives the user as it is afterwards. Of a lost answer the read-back tells; the caller compares."""
        account_id = wire.resource_id(before)
        version = await self.session.versions.for_write(before)
        try:
            answer = await self.session.write(method, resource_path(USERS, account_id), body, version=version)
        except Uncertain:
            after = await self.session.users.read(account_id)
            if record_of(after)[:4] == record_of(before)[:4]:
                raise
            return after
        return await self.confirmed(answer, account_id)

    async def confirmed(self, answer: Answer, account_id: str) -> wire.Resource:
        """The user after a write: by a read of its own, for answers have been stale, empty and wrong."""
        said = wire.resource(answer.body)
        if self.session.dialect.verify is Verify.BODY and said is not None and wire.resource_id(said) == account_id:
            return said
        return await self.session.users.read(account_id)

    async def erase(self, before: wire.Resource) -> None:
        """Sends the deletion of a user. Of a lost answer a read tells."""
        account_id = wire.resource_id(before)
        version = await self.session.versions.for_write(before)
        try:
            await self.session.write("DELETE", resource_path(USERS, account_id), version=version)
        except Uncertain:
            if await self.session.exists(USERS, account_id):
                raise

    async def _patched(self, before: wire.Resource, operations: Sequence[patch.Operation]) -> wire.Resource:
        """Sends the operations, in as many requests as the dialect makes of them."""
        most = self.session.dialect.max_operations or len(operations)
        after = before
        for start in range(0, len(operations), most):
            after = await self.send("PATCH", after, patch.message(operations[start : start + most]))
        return after
