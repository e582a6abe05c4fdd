"""Laws of memberships."""

from __future__ import annotations

import pytest

from connectors.contract import Entitlement, Record, Target
from connectors.errors import Conflict, NotFound, Rejected
from connectors.laws.base import Laws, Needs, Run


class MembershipLaws(Laws):
    """Laws of giving and taking one membership."""

    @pytest.fixture
    def member(self, target: Target, run: Run, needs: Needs, account: Record, group: Entitlement) -> Record:
        """An account that is in the group."""
        needs("memberships")
        run(target.add_member(group.id, account.id))
        return account

    def test_added_account_is_a_member(self, target: Target, run: Run, member: Record, group: Entitlement) -> None:
        assert run(target.has_member(group.id, member.id))
        assert run(target.has_member(group.id, member.id, directly=True))

    def test_account_that_was_not_added_is_no_member(
        self, target: Target, run: Run, member: Record, other: Record, group: Entitlement
    ) -> None:
        assert not run(target.has_member(group.id, other.id))
        assert member.id != other.id

    def test_second_addition_is_quiet(self, target: Target, run: Run, member: Record, group: Entitlement) -> None:
        run(target.add_member(group.id, member.id))
        run(target.remove_member(group.id, member.id))
        assert not run(target.has_member(group.id, member.id))

    def test_addition_keeps_other_members(self, target: Target, run: Run, member: Record, other: Record, group: Entitlement) -> None:
        run(target.add_member(group.id, other.id))
        assert run(target.has_member(group.id, member.id))
        assert run(target.has_member(group.id, other.id))

    def test_removal_keeps_other_members(self, target: Target, run: Run, member: Record, other: Record, group: Entitlement) -> None:
        run(target.add_member(group.id, other.id))
        run(target.remove_member(group.id, member.id))
        assert not run(target.has_member(group.id, member.id))
        assert run(target.has_member(group.id, other.id))

    def test_second_removal_is_quiet(self, target: Target, run: Run, member: Record, group: Entitlement) -> None:
        for _ in range(2):
            run(target.remove_member(group.id, member.id))
        assert not run(target.has_member(group.id, member.id))

    def test_membership_of_an_unknown_account_is_refused(
        self, target: Target, run: Run, needs: Needs, member: Record, group: Entitlement
    ) -> None:
        needs("memberships")
        if not self.checks_members:
            pytest.skip(f"{target.name} takes members that do not exist")
        with pytest.raises((NotFound, Rejected, Conflict)):
            run(target.add_member(group.id, self.unknown_account))
        assert run(target.has_member(group.id, member.id))

    def test_membership_in_an_unknown_group_is_refused(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("memberships")
        with pytest.raises((NotFound, Rejected)):
            run(target.add_member(self.unknown_group, account.id))

    def test_membership_changes_nothing_of_the_account(self, target: Target, run: Run, member: Record) -> None:
        now = run(target.read_account(member.id))
        assert now is not None
        assert (now.state, now.values()) == (member.state, member.values())
