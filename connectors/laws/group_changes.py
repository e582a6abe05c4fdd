"""Laws of changing groups: renaming, describing and deleting them."""

from __future__ import annotations

import pytest

from connectors.contract import Entitlement, Record, Target
from connectors.errors import NotFound, PreconditionFailed, Rejected
from connectors.group_changes import DESCRIPTION, NAME, GroupEditor, group_values
from connectors.laws.base import Laws, Needs, Run


class GroupEditLaws(Laws):
    """Laws of renaming and deleting groups; skipped where the target does neither."""

    @pytest.fixture
    def editor(self, target: Target) -> GroupEditor:
        """The target as one that changes groups."""
        if not isinstance(target, GroupEditor):
            assert not target.traits.can.group_attributes, "Capability.group_attributes needs the verbs of GroupEditor"
            assert not target.traits.can.delete_groups, "Capability.delete_groups needs the verbs of GroupEditor"
            pytest.skip(f"{target.name} cannot: change groups")
        return target

    @pytest.fixture
    def renamer(self, editor: GroupEditor, needs: Needs) -> GroupEditor:
        """The target as one that renames groups."""
        needs("group_attributes")
        return editor

    @pytest.fixture
    def deleter(self, editor: GroupEditor, needs: Needs) -> GroupEditor:
        """The target as one that deletes groups."""
        needs("delete_groups")
        return editor

    @pytest.fixture
    def filled(self, target: Target, run: Run, needs: Needs, group: Entitlement, account: Record) -> Entitlement:
        """A group with one member."""
        needs("memberships")
        run(target.add_member(group.id, account.id))
        return group

    def test_renamed_group_keeps_its_id_and_its_members(
        self, target: Target, renamer: GroupEditor, run: Run, filled: Entitlement, account: Record
    ) -> None:
        after = run(renamer.update_group(filled.id, {NAME: "Law group, renamed"}, filled))
        assert (after.id, after.name) == (filled.id, "Law group, renamed")
        assert run(target.has_member(filled.id, account.id))

    @pytest.mark.usefixtures("group")
    def test_renamed_group_is_found_by_its_new_name_alone(self, target: Target, renamer: GroupEditor, run: Run, group: Entitlement) -> None:
        before = group
        for name in self.texts:
            before = run(renamer.update_group(group.id, {NAME: name}, before))
            assert [(each.id, each.name) for each in run(target.find_groups(name))] == [(group.id, name)]
        assert list(run(target.find_groups(group.name))) == []

    def test_second_renaming_is_quiet(self, renamer: GroupEditor, run: Run, group: Entitlement) -> None:
        run(renamer.update_group(group.id, {NAME: "Law group, renamed"}, group))
        assert run(renamer.update_group(group.id, {NAME: "Law group, renamed"}, group)).name == "Law group, renamed"

    def test_group_that_was_renamed_meanwhile_is_not_renamed(self, renamer: GroupEditor, run: Run, group: Entitlement) -> None:
        run(renamer.update_group(group.id, {NAME: "Law group, by others"}, group))
        with pytest.raises(PreconditionFailed):
            run(renamer.update_group(group.id, {NAME: "Law group, renamed"}, group))
        now = run(renamer.read_group(group.id))
        assert now is not None
        assert now.name == "Law group, by others"

    def test_description_is_set_and_the_name_stays(self, target: Target, editor: GroupEditor, run: Run, group: Entitlement) -> None:
        if DESCRIPTION not in target.traits.can.group_attributes:
            with pytest.raises(Rejected):
                run(editor.update_group(group.id, {DESCRIPTION: "A group of the laws"}, group))
            return
        after = run(editor.update_group(group.id, {DESCRIPTION: "A group of the laws"}, group))
        assert group_values(after) == {NAME: group.name, DESCRIPTION: "A group of the laws"}

    def test_empty_group_is_deleted_and_a_second_deletion_is_quiet(self, deleter: GroupEditor, run: Run, group: Entitlement) -> None:
        assert run(deleter.is_empty(group.id))
        run(deleter.delete_group(group.id))
        assert run(deleter.read_group(group.id)) is None
        run(deleter.delete_group(group.id))

    def test_group_with_a_member_is_not_deleted(
        self, target: Target, deleter: GroupEditor, run: Run, filled: Entitlement, account: Record
    ) -> None:
        assert not run(deleter.is_empty(filled.id))
        with pytest.raises(PreconditionFailed):
            run(deleter.delete_group(filled.id))
        assert run(target.has_member(filled.id, account.id))

    def test_group_that_does_not_exist_reads_as_none_and_is_not_changed(self, renamer: GroupEditor, run: Run, group: Entitlement) -> None:
        assert run(renamer.read_group(self.unknown_group)) is None
        with pytest.raises(NotFound):
            run(renamer.update_group(self.unknown_group, {NAME: "Law group, renamed"}, group))
