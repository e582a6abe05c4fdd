"""Laws of creating an account together with memberships; skipped where the target gives each membership by itself."""

from __future__ import annotations

import pytest

from connectors.contract import AccountState, Entitlement, Opening, Record, Target
from connectors.errors import ConnectorError
from connectors.laws.base import Laws, Needs, Run, stated
from connectors.new_members import CreatesMembers

MANY = 20
"""Groups of one creation that a law makes at most."""


class NewMemberLaws(Laws):
    """Laws of `CreatesMembers`: a membership that came with its account is like every other one."""

    @pytest.fixture
    def creating(self, target: Target, needs: Needs) -> CreatesMembers:
        """The target as one that creates accounts with memberships."""
        needs("create", "memberships", "create_groups")
        if not isinstance(target, CreatesMembers):
            pytest.skip(f"{target.name} cannot: create accounts with memberships")
        return target

    @pytest.fixture
    def new_member(self, creating: CreatesMembers, run: Run, group: Entitlement) -> Record:
        """An account that was created in the group."""
        return run(creating.create_member(self.values(1), [group.id], Opening.SILENT))

    def test_account_is_created_in_every_group_and_in_no_other(
        self, target: Target, creating: CreatesMembers, run: Run, group: Entitlement
    ) -> None:
        second, third = (run(target.create_group(f"Law group {number}", "")) for number in (2, 3))
        made = run(creating.create_member(self.values(1), [group.id, second.id], Opening.SILENT))
        held = {each.id: run(target.has_member(each.id, made.id, directly=True)) for each in (group, second, third)}
        assert held == {group.id: True, second.id: True, third.id: False}

    def test_account_created_in_a_group_is_active_and_has_the_given_values(self, target: Target, run: Run, new_member: Record) -> None:
        read = run(target.read_account(new_member.id))
        assert read is not None
        assert AccountState.ACTIVE is read.state is new_member.state
        given = stated(self.values(1))
        assert {name: read.values().get(name) for name in given} == {name: new_member.values().get(name) for name in given} == given

    def test_account_created_in_a_group_to_be_opened_later_is_staged(
        self, target: Target, creating: CreatesMembers, run: Run, needs: Needs, group: Entitlement
    ) -> None:
        needs("stage")
        made = run(creating.create_member(self.values(1), [group.id], Opening.LATER))
        assert made.state is AccountState.STAGED
        assert run(target.has_member(group.id, made.id))

    def test_groups_of_an_account_are_those_that_it_is_a_member_of(self, target: Target, creating: CreatesMembers, run: Run) -> None:
        one, other = (run(target.create_group(f"Law group {number}", "")).id for number in (1, 2))
        new_member = run(creating.create_member(self.values(1), [one], Opening.SILENT)).id
        added = run(target.create_account(self.values(2))).id
        run(target.add_member(other, added))
        assert [run(creating.groups_of(each)) & {one, other} for each in (new_member, added)] == [{one}, {other}]

    def test_membership_that_came_with_the_account_is_removed_like_any_other(
        self, target: Target, run: Run, new_member: Record, group: Entitlement
    ) -> None:
        run(target.remove_member(group.id, new_member.id))
        assert not run(target.has_member(group.id, new_member.id))

    def test_creation_takes_as_many_groups_as_the_target_says(self, target: Target, creating: CreatesMembers, run: Run) -> None:
        number = min(MANY, creating.most_new_memberships)
        groups = [run(target.create_group(f"Law group {each}", "")).id for each in range(number)]
        made = run(creating.create_member(self.values(1), groups, Opening.SILENT))
        assert run(creating.groups_of(made.id)).issuperset(groups)

    def test_no_account_is_created_where_one_group_is_refused(
        self, target: Target, creating: CreatesMembers, run: Run, group: Entitlement
    ) -> None:
        given = self.values(1)
        with pytest.raises(ConnectorError):
            run(creating.create_member(given, [group.id, self.unknown_group], Opening.SILENT))
        assert list(run(target.find_accounts(target.traits.login, str(given[target.traits.login])))) == []
