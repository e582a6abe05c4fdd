"""Memberships of new accounts that go along with the creation: the one request for both, and one read of what the account is in by then.

Each membership keeps its own row in the journal. One that the account does not show goes by itself later, as every other one does.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Protocol, TypeAlias

from connectors.contract import AccountState, EntitlementKind, Record
from connectors.errors import Conflict, ConnectorError
from connectors.new_members import CreatesMembers
from connectors.secrets import SecretMissing
from reconcile.apply.creation import create_account
from reconcile.apply.outcomes import outcome_of
from reconcile.apply.prerequisites import Prerequisite
from reconcile.apply.start_check import StartCheck
from reconcile.apply.target_run import TargetRun
from reconcile.decide.protection.protected import Protection
from reconcile.plan.model import Operation, Outcome, OutcomeKind, Verb
from reconcile.plan.operation_rows import OperationRows
from reconcile.unexpected import fault

LOOKED_UP = 500
"""Operations that are read ahead at once, to find the memberships of the accounts that they create."""

Ended: TypeAlias = tuple[Operation, Outcome]


class Run(Protocol):
    """The live run that creations are a part of."""

    protection: Protection
    sent: set[str]
    before: frozenset[str]
    start_check: StartCheck

    @property
    def known(self) -> Container[str]:
        """The operations that have an outcome already."""

    def ready(self, operation: Operation) -> tuple[Operation, Sequence[Prerequisite]] | None: ...


@dataclass(slots=True)
class NewMembers:
    """The memberships that go along with the creations of one target."""

    run: Run
    at: TargetRun
    operations: OperationRows
    _additions: dict[str, list[Operation]] = field(default_factory=lambda: defaultdict(list))
    """By creation that has not ended: the memberships that wait for it."""
    _chosen: dict[str, list[Operation]] = field(default_factory=dict)
    """By creation that is under way: the memberships that go along."""
    _refused: set[str] = field(default_factory=set)
    """Creations under way that were refused with memberships."""
    _ended: set[str] = field(default_factory=set)
    """Memberships that have ended with their creation, and whose own turn has not come yet."""

    def looked_up(self, phase: Iterable[Operation]) -> Iterator[Operation]:
        """Yields the operations of a phase but the memberships that have ended. Those of an account are known before its creation is yielded."""
        operations = iter(phase)
        while ahead := list(islice(operations, LOOKED_UP)):
            self._look_up([each.id for each in ahead if each.verb is Verb.CREATE and each.id not in self.run.known])
            for each in ahead:
                if each.id in self._ended:
                    self._ended.discard(each.id)
                else:
                    yield each

    async def chosen(self, creation: Operation) -> Sequence[Operation]:
        """Chooses what goes along with a creation that is to be sent: what may be sent now, as much as the target takes.

        A group that is another one by now, or cannot be read, is told by the membership's own turn.
        """
        self._chosen.pop(creation.id, None)
        target = self.at.target
        if creation.verb is not Verb.CREATE or creation.id in self._refused or not isinstance(target, CreatesMembers):
            return ()
        additions = self._additions.get(creation.id, ())
        if not additions or self.run.protection.condition(target.name, _as_created(creation)):
            return ()
        found: list[Operation] = []
        for each in additions:
            if len(found) == target.most_new_memberships:
                break
            ready = self._ready(creation, each)
            if ready is not None and await _is_named_as_planned(self.at, ready):
                found.append(ready)
        self._chosen[creation.id] = found
        return found

    async def create(self, creation: Operation) -> Record:
        """Creates the account with the memberships that were chosen."""
        along, target = self._chosen.get(creation.id), self.at.target
        if along and isinstance(target, CreatesMembers):
            return await target.create_member(creation.after, [each.entitlement_id for each in along], creation.opening)
        return await create_account(target, creation)

    def refused(self, creation: Operation, error: ConnectorError) -> bool:
        """Whether a creation that was refused is to be sent once more, without the memberships: one of them may be why."""
        if isinstance(error, Conflict) or not (along := self._chosen.pop(creation.id, [])):
            return False
        self._refused.add(creation.id)
        self.run.sent.difference_update(each.id for each in along)
        return True

    async def ended(self, creation: Operation, outcome: Outcome) -> Sequence[Ended]:
        """The outcomes of what was sent with a creation, in this process or an earlier one, by what the account is in now.

        What it does not show stays open: its own turn comes, and holds it where the creation is not done.
        """
        sent = [each for each in self._additions.pop(creation.id, ()) if each.id in self.run.sent or each.id in self.run.before]
        along = [found[0] for each in sent if (found := self._resolved(creation, each))]
        self._chosen.pop(creation.id, None)
        self._refused.discard(creation.id)
        made = outcome.account_id if outcome.kind in (OutcomeKind.DONE, OutcomeKind.FAILED) else ""
        ended = await self._shown(along, outcome.kind, made) if along and made else []
        if outcome.kind is not OutcomeKind.DONE:
            self.run.sent.difference_update(each.id for each in along)
        self._ended.update(each.id for each, _ in ended)
        return ended

    def _look_up(self, creations: Sequence[str]) -> None:
        if not creations or not isinstance(self.at.target, CreatesMembers):
            return
        for each in self.operations.additions_after(creations):
            if each.entitlement_kind == EntitlementKind.GROUP and each.id not in self.run.known:
                for needed in {*each.depends_on} & {*creations}:
                    self._additions[needed].append(each)

    def _ready(self, creation: Operation, addition: Operation) -> Operation | None:
        """The membership with the id of its group, where it waits for nothing but the creation and nothing keeps it from being sent."""
        found = self._resolved(creation, addition)
        if found is None or addition.id in self.run.before or (addition.target, addition.anchor) != (creation.target, creation.anchor):
            return None
        resolved, needed = found
        # Whoever is in such a group is protected from then on, also from the rest of what is planned for the account.
        protecting = resolved.entitlement_id in self.run.protection.groups.get(self.at.target.name, {})
        if resolved.account_id or not resolved.entitlement_id or protecting or self.run.start_check.held(self.at, resolved, needed):
            return None
        return resolved

    def _resolved(self, creation: Operation, addition: Operation) -> tuple[Operation, Sequence[Prerequisite]] | None:
        """The membership with the id of its group, and what it waited for beside the creation; None where that has not ended."""
        return self.run.ready(replace(addition, depends_on=tuple(each for each in addition.depends_on if each != creation.id)))

    async def _shown(self, along: Sequence[Operation], created: OutcomeKind, account_id: str) -> list[Ended]:
        """Reads what the account is in. Where it cannot be read, a turn of its own tells, or each is unknown, and ours."""
        target = self.at.target
        assert isinstance(target, CreatesMembers)
        try:
            groups = await target.groups_of(account_id)
        except Exception as error:  # noqa: BLE001 - what nobody foresaw is the outcome of a row, and ends no run
            if created is OutcomeKind.DONE:
                return []
            why = str(error) if isinstance(error, ConnectorError | SecretMissing) else fault(error)
            unknown = outcome_of(OutcomeKind.UNKNOWN, f"it was sent with the creation; it could not be read back ({why})", account_id)
            return [(each, unknown) for each in along]
        return [(each, outcome_of(OutcomeKind.DONE, "", account_id)) for each in along if each.entitlement_id in groups]


def _as_created(creation: Operation) -> Record:
    """The account that a creation makes, as far as that is known before it is made."""
    return Record("", AccountState.ACTIVE, "", json.dumps(dict(creation.after), ensure_ascii=False))


async def _is_named_as_planned(at: TargetRun, addition: Operation) -> bool:
    try:
        return not await at.group_names.drift(addition)
    except Exception:  # noqa: BLE001 - the turn of the membership itself says what is wrong
        return False
