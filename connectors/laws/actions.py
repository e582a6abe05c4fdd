"""Laws of one-off actions."""

from __future__ import annotations

import pytest

from connectors.actions import Acting, Action
from connectors.contract import Record, Target
from connectors.errors import NotFound, PreconditionFailed, Rejected
from connectors.laws.base import Laws, Run


class ActionLaws(Laws):
    """Laws of `perform`: an action does what its rule says, or is refused before anything is sent."""

    @pytest.fixture
    def usable(self, target: Target, run: Run, account: Record) -> Record:
        """An account that its person can use."""
        self.make_suspendable(account.id)
        now = run(target.read_account(account.id))
        assert now is not None
        return now

    @pytest.mark.parametrize("action", Action)
    def test_action_leads_to_the_status_of_its_rule_or_is_refused(self, target: Target, run: Run, usable: Record, action: Action) -> None:
        acting, rule = _acting(target), target.traits.can.actions.get(action)
        if rule is None or not (rule.possible is None or usable.status in rule.possible | rule.already):
            with pytest.raises((Rejected, PreconditionFailed)):
                run(acting.perform(usable.id, action))
            assert run(target.read_account(usable.id)) == usable
            return
        done = run(acting.perform(usable.id, action))
        assert done.record is not None
        assert done.record.id == usable.id
        assert done.record.status == (usable.status if usable.status in rule.already else rule.leads_to or usable.status)

    @pytest.mark.parametrize("action", Action)
    def test_only_a_temporary_password_is_handed_over_and_it_is_not_shown(
        self, target: Target, run: Run, usable: Record, action: Action
    ) -> None:
        acting, rule = _acting(target), target.traits.can.actions.get(action)
        if rule is None or not (rule.possible is None or usable.status in rule.possible):
            pytest.skip(f"{target.name} does not perform {action.value} on a new account")
        done = run(acting.perform(usable.id, action))
        assert (done.password is not None) == (action is Action.TEMPORARY_PASSWORD)
        if done.password is not None:
            assert done.password.reveal()
            assert done.password.reveal() not in f"{done!r} {done.password}"

    def test_action_on_an_account_that_does_not_exist_is_refused(self, target: Target, run: Run) -> None:
        acting = _acting(target)
        for action in target.traits.can.actions:
            with pytest.raises(NotFound):
                run(acting.perform(self.unknown_account, action))


def _acting(target: Target) -> Acting:
    if not isinstance(target, Acting):
        pytest.skip(f"{target.name} performs no one-off actions")
    return target
