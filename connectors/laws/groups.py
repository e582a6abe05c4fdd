"""Laws of groups: finding them by name and creating them."""

from __future__ import annotations

import pytest

from connectors.contract import Entitlement, EntitlementKind, Record, Target
from connectors.laws.base import Laws, Needs, Run
from connectors.laws.hostile import ASKED


class GroupLaws(Laws):
    """Laws of finding and creating groups."""

    @pytest.mark.usefixtures("group")
    def test_created_group_is_found_by_its_name_alone(self, target: Target, run: Run, needs: Needs) -> None:
        needs("memberships", "create_groups")
        made = {name: run(target.create_group(name, "A group of the laws")) for name in self.texts}
        assert [(each.name, each.kind) for each in made.values()] == [(name, EntitlementKind.GROUP) for name in self.texts]
        found = {name: [(each.id, each.name) for each in run(target.find_groups(name))] for name in self.texts}
        assert found == {name: [(each.id, name)] for name, each in made.items()}

    @pytest.mark.usefixtures("group")
    def test_name_that_no_group_has_finds_none(self, target: Target, run: Run) -> None:
        assert {name: list(run(target.find_groups(name))) for name in ASKED} == {name: [] for name in ASKED}

    def test_group_is_found_by_the_exact_name(self, target: Target, run: Run, group: Entitlement) -> None:
        assert [each.id for each in run(target.find_groups(group.name))] == [group.id]
        assert list(run(target.find_groups(group.name[:-1]))) == []
        assert list(run(target.find_groups(group.name.swapcase()))) == []

    def test_created_group_has_no_members(self, target: Target, run: Run, group: Entitlement, account: Record) -> None:
        assert not run(target.has_member(group.id, account.id))

    def test_members_of_a_created_group_can_be_changed(self, group: Entitlement) -> None:
        assert group.read_only == ""
