"""The canary of removals: the first of each kind in a target goes alone, and others of its kind only once fresh reads have verified it.

A system may answer that all is well and remove nothing, or more than was asked: one request shows it, before there are many.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from itertools import islice
from typing import TypeAlias

from connectors.contract import AccountState, Record, Target
from connectors.errors import ConnectorError, FalseAnswer
from connectors.group_changes import GroupEditor
from reconcile.apply.precondition import Reader
from reconcile.plan.actions import ACTION_VERBS, TAKING
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Verb

WITNESSES = 3
"""Accounts that are looked at for one that a removal must leave as it is."""
Waits: TypeAlias = Sequence[float]
"""Seconds before each read-back."""
Peers: TypeAlias = Callable[[Operation], Iterable[Operation]]
"""Finds operations like one, on other accounts or groups that are as they were, and shall be so when it is done."""


@dataclass(slots=True)
class Canary:
    """One kind of removal in one target."""

    peers: Peers
    waits: Waits
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    proven: bool = False
    problem: str = ""
    """Sentence on what was seen where the first removal did not hold: no other is begun."""
    _witness: Operation | None = None
    _statuses: dict[str, str] = field(default_factory=dict)
    """By account, the status before an action, of which an account may show nothing else."""
    _error: Exception | None = None

    @property
    def settled(self) -> bool:
        return self.proven or bool(self.problem)

    async def begin(self, target: Reader, operation: Operation, seen: Record | None) -> None:
        """Chooses a witness: another account or group of which it is certain, before anything is sent, that it is as before."""
        self._witness, self._error = None, None
        self._statuses = {operation.account_id: seen.status} if seen else {}
        for other in islice(self.peers(operation), WITNESSES):
            try:
                if not await self._holds(target, other):
                    continue
            except ConnectorError:
                continue
            self._witness = other
            return

    @contextmanager
    def watching(self) -> Iterator[None]:
        """Notes the error that a removal ends with. One that the system refused shows nothing about others."""
        try:
            yield
        except Exception as error:
            self._error = error
            raise

    async def verified(self, target: Target, operation: Operation, outcome: Outcome) -> Outcome:
        """Verifies a removal that may have been sent, and returns its outcome: failed where it did not hold. What cannot be read proves nothing."""
        false = str(self._error) if isinstance(self._error, FalseAnswer) else ""
        try:
            self.problem = await self._harm(target, operation) or false or await self._missing(target, operation, outcome)
        except ConnectorError:
            self.problem = false
            return outcome
        done = outcome.kind is OutcomeKind.DONE
        self.proven = done and not self.problem
        return (
            replace(outcome, kind=OutcomeKind.FAILED, detail=f"{target.name} accepted it, and {self.problem}")
            if done and self.problem
            else outcome
        )

    async def _harm(self, target: Reader, operation: Operation) -> str:
        """Names the witness where the removal concerned it, too."""
        other = self._witness
        if other is None or await self._holds(target, other):
            return ""
        whom = other.who or other.account_id or other.entitlement
        match operation.verb:
            case Verb.REMOVE_MEMBER:
                return f"{whom} is not in {operation.entitlement or operation.entitlement_id} any more either"
            case Verb.DELETE_GROUP:
                return f"the group {whom} is gone as well"
            case _:
                return f"the account of {whom} is changed as well"

    async def _holds(self, target: Reader, other: Operation) -> bool:
        """Whether a witness is as it was; of one for an action, the status that it had when it was chosen."""
        if other.verb not in ACTION_VERBS:
            return await _holds(target, other)
        now = await target.read_account(other.account_id)
        return now is not None and now.status == self._statuses.setdefault(other.account_id, str(other.before.get("status", now.status)))

    async def _took_effect(self, target: Reader, operation: Operation) -> bool:
        """Whether a fresh read shows the effect; of an action without one, that the account is as it was."""
        if operation.verb not in ACTION_VERBS:
            return await _removed(target, operation)
        now = await target.read_account(operation.account_id)
        return now is not None and now.status == operation.after.get("status", self._statuses.get(operation.account_id, now.status))

    async def _missing(self, target: Reader, operation: Operation, outcome: Outcome) -> str:
        """Returns the sentence on a removal which was accepted, or never answered, and is not shown. Other outcomes than done have been waited for already."""
        if _is_refusal(self._error) or outcome.kind not in (OutcomeKind.DONE, OutcomeKind.FAILED, OutcomeKind.UNKNOWN):
            return ""
        for wait in self.waits if outcome.kind is OutcomeKind.DONE else (0.0,):
            await asyncio.sleep(wait)
            if await self._took_effect(target, operation):
                return ""
        return "a fresh read does not show it"


@dataclass(slots=True)
class Canaries:
    """The canaries of one target in one run."""

    peers: Peers
    waits: Waits
    _by_kind: dict[tuple[Verb, str], Canary] = field(default_factory=dict)

    @asynccontextmanager
    async def turn(self, operation: Operation) -> AsyncIterator[Canary | None]:
        """Waits until a removal may begin; yields its canary where it is the first of its kind, None where nothing is to be verified."""
        canary = self._of(operation)
        if canary is None or canary.settled:
            yield None
            return
        async with canary.lock:
            if not canary.settled:
                yield canary
                return
        yield None

    def is_settled(self, operation: Operation) -> bool:
        """Whether an operation waits for no canary any more, and is none."""
        canary = self._of(operation)
        return canary is None or canary.settled

    def problem(self, operation: Operation) -> str:
        """Returns why no removal of this kind is begun any more; empty where they go on."""
        canary = self._of(operation)
        if canary is None or not canary.problem:
            return ""
        kind = " ".join(each for each in (operation.verb.value.replace("_", " "), operation.entitlement_kind) if each)
        return (
            f"the first operation of this kind ({kind}) in {operation.target} did not hold: {canary.problem}. "
            f"No other is begun: see what {operation.target} did, then plan again"
        )

    def _of(self, operation: Operation) -> Canary | None:
        if operation.verb not in TAKING:
            return None
        return self._by_kind.setdefault((operation.verb, operation.entitlement_kind), Canary(self.peers, self.waits))


def _is_refusal(error: Exception | None) -> bool:
    """Whether nothing was accepted; an answer of success that cannot be read is none."""
    status = error.status if isinstance(error, ConnectorError) else None
    return error is not None and (status is None or status >= HTTPStatus.BAD_REQUEST)


async def _removed(target: Reader, operation: Operation) -> bool:
    """Whether a fresh read shows what a removal was to do. An account whose state is not shown may be as desired."""
    match operation.verb:
        case Verb.REMOVE_MEMBER:
            return not await target.has_member(operation.entitlement_id, operation.account_id, directly=True)
        case Verb.DELETE_GROUP:
            return not isinstance(target, GroupEditor) or await target.read_group(operation.entitlement_id) is None
        case _:
            now = await target.read_account(operation.account_id)
            if now is None or operation.verb is Verb.DELETE:
                return now is None and operation.verb is not Verb.SUSPEND
            return now.state in (AccountState.UNKNOWN, operation.after["state"])


async def _holds(target: Reader, operation: Operation) -> bool:
    """Whether the account or group of an operation still is as the plan saw it."""
    if operation.verb in (Verb.REMOVE_MEMBER, Verb.DELETE_GROUP):
        return not await _removed(target, operation)
    now = await target.read_account(operation.account_id)
    return now is not None and now.state == operation.before["state"]
