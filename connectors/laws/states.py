"""Laws of the states of an account: staged, deactivated, suspended, active again, deleted. A verb that has nothing left to do is quiet."""

from __future__ import annotations

import pytest

from connectors.contract import AccountState, Entitlement, Record, Target
from connectors.errors import NotFound, PreconditionFailed, Rejected
from connectors.laws.base import Laws, Needs, Run


def _state(target: Target, run: Run, account: Record) -> AccountState | None:
    """Returns the state of the account as it is read now; None where it is not shown."""
    read = run(target.read_account(account.id))
    return read.state if read else None


class StagingLaws(Laws):
    """Laws of accounts that are created without being opened."""

    def test_staged_account_is_staged(self, target: Target, run: Run, needs: Needs) -> None:
        needs("create", "stage")
        staged = run(target.stage_account(self.values(1)))
        assert staged.state in (AccountState.STAGED, AccountState.DEACTIVATED)
        assert _state(target, run, staged) is staged.state

    def test_staged_account_is_opened_by_activation(self, target: Target, run: Run, needs: Needs) -> None:
        needs("create", "stage")
        staged = run(target.stage_account(self.values(1)))
        assert run(target.activate_account(staged.id)).state is AccountState.ACTIVE
        assert _state(target, run, staged) is AccountState.ACTIVE

    def test_invited_account_is_active(self, target: Target, run: Run, needs: Needs) -> None:
        needs("create", "stage", "activation_mail")
        staged = run(target.stage_account(self.values(1)))
        assert run(target.invite_account(staged.id)).state is AccountState.ACTIVE

    def test_staging_is_refused_without_the_capability(self, target: Target, run: Run) -> None:
        if target.traits.can.stage:
            pytest.skip(f"{target.name} can stage accounts")
        with pytest.raises(Rejected):
            run(target.stage_account(self.values(1)))
        assert list(run(target.find_accounts(target.traits.login, str(self.values(1)[target.traits.login])))) == []

    def test_invitation_is_refused_without_the_capability(self, target: Target, run: Run, account: Record) -> None:
        if target.traits.can.activation_mail:
            pytest.skip(f"{target.name} can send activation mails")
        with pytest.raises(Rejected):
            run(target.invite_account(account.id))


class DeactivationLaws(Laws):
    """Laws of ending an account and of making it active again."""

    def test_deactivated_account_is_deactivated(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("deactivate")
        assert run(target.deactivate_account(account.id)).state is AccountState.DEACTIVATED
        hides = target.traits.can.hidden_when_inactive or not target.traits.can.reactivate
        assert _state(target, run, account) in ((AccountState.DEACTIVATED, None) if hides else (AccountState.DEACTIVATED,))

    def test_second_deactivation_is_quiet(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("deactivate")
        first = run(target.deactivate_account(account.id))
        if _state(target, run, account) is None:
            pytest.skip(f"{target.name} does not show a deactivated account")
        assert run(target.deactivate_account(account.id))[:4] == first[:4]

    def test_deactivation_of_what_another_deactivated_since_is_quiet(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("deactivate")
        run(target.deactivate_account(account.id, account))
        if _state(target, run, account) is None:
            pytest.skip(f"{target.name} does not show a deactivated account")
        assert run(target.deactivate_account(account.id, account)).state is AccountState.DEACTIVATED

    def test_deactivation_keeps_other_accounts(self, target: Target, run: Run, needs: Needs, account: Record, other: Record) -> None:
        needs("deactivate")
        run(target.deactivate_account(account.id))
        assert run(target.read_account(other.id)) == other

    def test_deactivated_account_can_be_made_active_again(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("deactivate", "reactivate")
        hidden = run(target.deactivate_account(account.id)) and _state(target, run, account) is None
        if hidden and not target.traits.can.reactivate_unseen:
            pytest.skip(f"{target.name} does not activate an account that it hides")
        assert run(target.activate_account(account.id)).state is AccountState.ACTIVE
        assert _state(target, run, account) is AccountState.ACTIVE

    def test_active_account_stays_as_it_is(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("reactivate")
        assert run(target.activate_account(account.id)) == account


class SuspensionLaws(Laws):
    """Laws of suspending an account."""

    @pytest.fixture
    def suspended(self, target: Target, run: Run, needs: Needs, account: Record) -> Record:
        """An account that was suspended."""
        needs("suspend")
        self.make_suspendable(account.id)
        return run(target.suspend_account(account.id))

    def test_suspended_account_is_suspended(self, target: Target, run: Run, suspended: Record) -> None:
        assert suspended.state is AccountState.SUSPENDED
        assert _state(target, run, suspended) is AccountState.SUSPENDED

    def test_second_suspension_is_quiet(self, target: Target, run: Run, suspended: Record) -> None:
        assert run(target.suspend_account(suspended.id))[:4] == suspended[:4]

    def test_suspended_account_can_be_made_active_again(self, target: Target, run: Run, suspended: Record) -> None:
        assert run(target.activate_account(suspended.id)).state is AccountState.ACTIVE
        assert _state(target, run, suspended) is AccountState.ACTIVE

    def test_suspended_account_can_be_deactivated(self, target: Target, run: Run, needs: Needs, suspended: Record) -> None:
        needs("deactivate")
        assert run(target.deactivate_account(suspended.id)).state is AccountState.DEACTIVATED

    def test_suspension_keeps_memberships(self, target: Target, run: Run, needs: Needs, account: Record, group: Entitlement) -> None:
        needs("suspend", "memberships")
        self.make_suspendable(account.id)
        run(target.add_member(group.id, account.id))
        run(target.suspend_account(account.id))
        assert run(target.has_member(group.id, account.id))

    def test_deactivated_account_is_not_suspended(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("suspend", "deactivate")
        run(target.deactivate_account(account.id))
        with pytest.raises(Rejected):
            run(target.suspend_account(account.id))

    def test_account_in_another_status_is_not_suspended(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("suspend")
        if target.traits.can.suspends(account.status):
            pytest.skip(f"{target.name} suspends a new account ({account.status})")
        with pytest.raises(PreconditionFailed):
            run(target.suspend_account(account.id))
        assert _state(target, run, account) is AccountState.ACTIVE

    def test_suspension_is_refused_without_the_capability(self, target: Target, run: Run, account: Record) -> None:
        if target.traits.can.suspend:
            pytest.skip(f"{target.name} can suspend accounts")
        with pytest.raises(Rejected):
            run(target.suspend_account(account.id))


class DeletionLaws(Laws):
    """Laws of deleting an account for good."""

    def test_active_account_is_not_deleted(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("delete")
        with pytest.raises(PreconditionFailed):
            run(target.delete_account(account.id))
        assert _state(target, run, account) is AccountState.ACTIVE

    def test_deactivated_account_is_deleted(self, target: Target, run: Run, needs: Needs, account: Record, other: Record) -> None:
        needs("deactivate", "delete")
        run(target.deactivate_account(account.id))
        run(target.delete_account(account.id))
        assert _state(target, run, account) is None
        assert _state(target, run, other) is AccountState.ACTIVE

    def test_second_deletion_is_quiet(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("deactivate", "delete")
        run(target.deactivate_account(account.id))
        for _ in range(2):
            run(target.delete_account(account.id))
        assert _state(target, run, account) is None

    def test_deleted_account_is_found_no_more(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("deactivate", "delete")
        run(target.deactivate_account(account.id))
        run(target.delete_account(account.id))
        assert list(run(target.find_accounts(target.traits.login, str(account.values()[target.traits.login])))) == []

    def test_deleted_account_is_not_made_active_again(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("deactivate", "reactivate", "delete")
        run(target.deactivate_account(account.id))
        run(target.delete_account(account.id))
        with pytest.raises(NotFound):
            run(target.activate_account(account.id))
