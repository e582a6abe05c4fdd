"""Laws of changing attributes."""

from __future__ import annotations

import pytest

from connectors.contract import Record, Target
from connectors.errors import PreconditionFailed
from connectors.laws.base import Laws, Needs, Run, stated


class UpdateLaws(Laws):
    """Laws of `update_account`: it sets what it is told to and nothing else."""

    def test_update_sets_the_named_attribute_alone(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("update")
        changed = run(target.update_account(account.id, {self.text: "Changed"}, account))
        assert stated(changed.values()) == {**stated(account.values()), self.text: "Changed"}
        assert (changed.id, changed.state) == (account.id, account.state)

    def test_update_returns_the_account_as_it_is_read(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("update")
        changed, read = run(target.update_account(account.id, {self.text: "Changed"}, account)), run(target.read_account(account.id))
        assert read is not None
        # An answer need not state the version that a read states.
        assert changed._replace(version="") == read._replace(version="")

    def test_update_to_none_clears_the_attribute_alone(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("update")
        held = run(target.update_account(account.id, {self.text: "Changed"}, account))
        cleared = run(target.update_account(account.id, {self.text: None}, held))
        assert stated(cleared.values()) == {name: value for name, value in stated(held.values()).items() if name != self.text}

    def test_cleared_attribute_can_be_set_again(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("update")
        cleared = run(target.update_account(account.id, {self.text: None}, account))
        assert run(target.update_account(account.id, {self.text: "Again"}, cleared)).values()[self.text] == "Again"

    def test_update_keeps_what_the_connector_does_not_know(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("update")
        self.plant(account.id)
        seen = run(target.read_account(account.id))
        assert seen is not None
        run(target.update_account(account.id, {self.text: "Changed"}, seen))
        assert self.is_planted(account.id)

    def test_update_keeps_other_accounts(self, target: Target, run: Run, needs: Needs, account: Record, other: Record) -> None:
        needs("update")
        run(target.update_account(account.id, {self.text: "Changed"}, account))
        assert run(target.read_account(other.id)) == other

    def test_update_of_what_changed_since_it_was_seen_is_refused(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("update")
        if not self.notices_changes:
            pytest.skip(f"{target.name} cannot tell that an account changed since it was seen")
        run(target.update_account(account.id, {self.text: "Theirs"}, account))
        with pytest.raises(PreconditionFailed):
            run(target.update_account(account.id, {self.text: "Ours"}, account))
        now = run(target.read_account(account.id))
        assert now is not None
        assert now.values()[self.text] == "Theirs"

    def test_text_is_kept_letter_by_letter(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("update")
        now = account
        for text in self.texts:
            now = run(target.update_account(account.id, {self.text: text}, now))
            assert now.values()[self.text] == text
