"""Laws of reading one account."""

from __future__ import annotations

import pytest

from connectors.contract import AccountState, Record, Target
from connectors.errors import NotFound
from connectors.laws.base import Laws, Needs, Run, stated


class AccountLaws(Laws):
    """Laws of reading one account, and of accounts that do not exist."""

    def test_target_has_every_verb(self, target: Target) -> None:
        assert isinstance(target, Target)

    def test_new_account_is_active(self, account: Record) -> None:
        assert account.state is AccountState.ACTIVE

    def test_new_account_is_read_by_its_id(self, target: Target, run: Run, account: Record) -> None:
        read = run(target.read_account(account.id))
        assert read is not None
        assert (read.id, read.state, stated(read.values())) == (account.id, AccountState.ACTIVE, stated(account.values()))

    def test_reading_an_account_changes_nothing(self, target: Target, run: Run, account: Record) -> None:
        assert run(target.read_account(account.id)) == run(target.read_account(account.id))

    def test_unknown_account_is_read_as_none(self, target: Target, run: Run) -> None:
        assert run(target.read_account(self.unknown_account)) is None

    @pytest.mark.parametrize("odd", ["a/b", "a b", "%2e", "a?b", "ü"])
    def test_id_with_odd_letters_is_read_as_none(self, target: Target, run: Run, odd: str) -> None:
        assert run(target.read_account(odd)) is None

    def test_unknown_account_is_not_deactivated(self, target: Target, run: Run, needs: Needs) -> None:
        needs("deactivate")
        with pytest.raises(NotFound):
            run(target.deactivate_account(self.unknown_account))

    def test_unknown_account_is_not_activated(self, target: Target, run: Run, needs: Needs) -> None:
        needs("reactivate")
        with pytest.raises(NotFound):
            run(target.activate_account(self.unknown_account))

    def test_unknown_account_is_not_suspended(self, target: Target, run: Run, needs: Needs) -> None:
        needs("suspend")
        with pytest.raises(NotFound):
            run(target.suspend_account(self.unknown_account))

    def test_unknown_account_is_not_updated(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("update")
        with pytest.raises(NotFound):
            run(target.update_account(self.unknown_account, {self.text: "new"}, account._replace(id=self.unknown_account)))

    def test_unknown_account_is_deleted_quietly(self, target: Target, run: Run, needs: Needs) -> None:
        needs("delete")
        run(target.delete_account(self.unknown_account))
