"""The state of one target in one live run."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from weakref import WeakValueDictionary

from connectors.contract import Target
from connectors.errors import ConnectorError, Unauthorised, Unreachable
from connectors.secrets import SecretMissing
from connectors.together import SendsTogether
from reconcile.apply.canary import Canaries
from reconcile.apply.drift import MovedRows
from reconcile.apply.group_names import GroupNames
from reconcile.plan.model import CHANGING, Operation

SIDE_BY_SIDE = 4
"""Operations of one phase that are under way at once in one target."""
GIVE_UP_AFTER = 3
"""Accounts in a row that find a target unreachable before the rest of its operations is held. One account that its system fails to
show, again and again, is not the system."""


@dataclass(slots=True)
class TargetRun:
    """The state of one target in this run."""

    target: Target
    canaries: Canaries
    moved: MovedRows
    group_names: GroupNames
    waits: Sequence[float]
    """Seconds before each read-back: some systems show a membership a moment late."""
    unreachable: set[str] = field(default_factory=set)
    """The accounts, or people without one, for whom it could not be reached since it last could."""
    stopped: str = ""
    slots: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(SIDE_BY_SIDE))
    turns: WeakValueDictionary[str, asyncio.Lock] = field(default_factory=WeakValueDictionary)
    """By account: two updates of one would each find it changed by the other."""

    async def open(self) -> None:
        """Makes room for as many operations at once as the target sends in one request. Where it cannot be asked the first operation says why."""
        if isinstance(self.target, SendsTogether):
            with contextlib.suppress(ConnectorError, SecretMissing):
                self.slots = asyncio.Semaphore(max(SIDE_BY_SIDE, await self.target.most_together()))

    def together(self) -> AbstractContextManager[None]:
        """The time of one operation, whose change may go with those of others."""
        return self.target.under_way() if isinstance(self.target, SendsTogether) else contextlib.nullcontext()

    def turn(self, operation: Operation) -> asyncio.Lock:
        """The lock that an operation holds while it is under way; kept as long as one holds it or waits for it."""
        return self.turns.setdefault((operation.account_id if operation.verb in CHANGING else "") or operation.id, asyncio.Lock())

    def is_given_up_for(self, operation: Operation, error: Exception) -> bool:
        """Notes an error that is about the target and no single operation; whether it is one. After enough of them nothing else is begun."""
        match error:
            case Unauthorised():
                self.stopped = f"{self.target.name} does not accept the credentials any more"
            case Unreachable():
                self.unreachable.add(operation.account_id or operation.anchor or operation.entitlement)
                if len(self.unreachable) >= GIVE_UP_AFTER:
                    self.stopped = f"{self.target.name} could not be reached for {GIVE_UP_AFTER} accounts in a row"
            case _:
                return False
        return True
