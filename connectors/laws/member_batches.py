"""Laws of changing several memberships together; skipped where the target changes each by itself."""

from __future__ import annotations

import pytest

from connectors.contract import Entitlement, Record, Target
from connectors.errors import ConnectorError, NotFound, Rejected
from connectors.laws.base import Laws, Needs, Run
from connectors.member_batches import BatchMembers


class MemberBatchLaws(Laws):
    """Laws of `BatchMembers`: what it says of each account is what a read of that account says."""

    @pytest.fixture
    def batches(self, target: Target, needs: Needs) -> BatchMembers:
        """The target as one that changes memberships together."""
        needs("memberships")
        if not isinstance(target, BatchMembers):
            pytest.skip(f"{target.name} cannot: change memberships together")
        return target

    @pytest.fixture
    def pair(self, account: Record, other: Record) -> tuple[Record, Record]:
        """Two active accounts."""
        return account, other

    def test_accounts_become_members_together(
        self, target: Target, batches: BatchMembers, run: Run, pair: tuple[Record, Record], group: Entitlement
    ) -> None:
        ids = [each.id for each in pair]
        seen = run(batches.see_members(group.id, ids))
        assert seen.holders.isdisjoint(ids)
        changed = run(batches.change_members(seen, ids, member=True))
        assert (changed.now.holders.issuperset(ids), dict(changed.errors)) == (True, {})
        assert all(run(target.has_member(group.id, each)) for each in ids)

    def test_members_are_removed_together_and_others_stay(
        self, target: Target, batches: BatchMembers, run: Run, pair: tuple[Record, Record], group: Entitlement
    ) -> None:
        third = run(target.create_account(self.values(3)))
        for each in (*pair, third):
            run(target.add_member(group.id, each.id))
        ids = [each.id for each in pair]
        seen = run(batches.see_members(group.id, ids, directly=True))
        assert seen.holders.issuperset(ids)
        changed = run(batches.change_members(seen, ids, member=False))
        assert (changed.now.holders.isdisjoint(ids), dict(changed.errors)) == (True, {})
        assert [run(target.has_member(group.id, each.id)) for each in (*pair, third)] == [False, False, True]

    def test_seen_members_are_those_that_a_read_of_each_shows(
        self, target: Target, batches: BatchMembers, run: Run, pair: tuple[Record, Record], group: Entitlement
    ) -> None:
        account, other = pair
        run(target.add_member(group.id, other.id))
        assert run(batches.see_members(group.id, [account.id, other.id])).holders == {other.id}

    def test_account_that_is_refused_keeps_no_other_out(
        self, target: Target, batches: BatchMembers, run: Run, account: Record, group: Entitlement
    ) -> None:
        if not self.checks_members:
            pytest.skip(f"{target.name} takes members that do not exist")
        ids = [self.unknown_account, account.id]
        changed = run(batches.change_members(run(batches.see_members(group.id, [account.id])), ids, member=True))
        assert account.id in changed.now.holders
        assert self.unknown_account not in changed.now.holders
        assert isinstance(changed.errors[self.unknown_account], ConnectorError)

    def test_members_of_an_unknown_group_are_not_seen(self, batches: BatchMembers, run: Run, account: Record) -> None:
        with pytest.raises((NotFound, Rejected)):
            run(batches.see_members(self.unknown_group, [account.id]))

    def test_accounts_read_together_are_as_each_is_read(
        self, target: Target, batches: BatchMembers, run: Run, pair: tuple[Record, Record]
    ) -> None:
        account, other = pair
        found = run(batches.read_accounts([account.id, self.unknown_account, other.id]))
        assert set(found) == {account.id, other.id}
        for id_, record in found.items():
            read = run(target.read_account(id_))
            assert read is not None
            # A list need not state the version that a read states.
            assert record._replace(version="") == read._replace(version="")
