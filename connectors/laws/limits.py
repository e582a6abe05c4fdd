"""Laws of what a target says it cannot do here and now."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import pytest

from connectors.abilities import Ability, Limited, abilities
from connectors.actions import Acting, Action
from connectors.contract import Entitlement, Record, Target
from connectors.errors import ConnectorError
from connectors.group_changes import GroupEditor
from connectors.laws.base import Laws, Run

Attempt = Callable[[Target, Record], Coroutine[Any, Any, object]]
_OF_ACCOUNTS: Mapping[str, Attempt] = {
    Ability.ACTIVATION_MAIL: lambda target, account: target.invite_account(account.id),
    Ability.DEACTIVATE: lambda target, account: target.deactivate_account(account.id),
    Ability.SUSPEND: lambda target, account: target.suspend_account(account.id),
}
"""The verbs that an account which is active can be asked for."""
_OF_GROUPS: Mapping[str, Callable[[GroupEditor, Entitlement], Coroutine[Any, Any, object]]] = {
    Ability.RENAME_GROUPS: lambda target, group: target.update_group(group.id, {"name": "Law group, renamed"}, group),
    Ability.DESCRIBE_GROUPS: lambda target, group: target.update_group(group.id, {"description": "Described"}, group),
    Ability.DELETE_GROUPS: lambda target, group: target.delete_group(group.id),
}


class LimitLaws(Laws):
    """Laws of `Limited`: what it names does not happen, and it names all that the traits lack."""

    @pytest.fixture
    def limits(self, target: Target, run: Run) -> Mapping[str, str]:
        """Reasons by ability."""
        if not isinstance(target, Limited):
            pytest.skip(f"{target.name} names no limits")
        return run(target.limits())

    def test_limits_are_reasons_by_ability(self, limits: Mapping[str, str]) -> None:
        assert limits.keys() <= {*Ability, *Action}
        assert {ability: why for ability, why in limits.items() if not why.strip() or why.rstrip().endswith(".")} == {}

    def test_ability_that_the_traits_lack_has_a_reason(self, target: Target, limits: Mapping[str, str]) -> None:
        assert {ability for ability, has in abilities(target.traits).items() if not has} <= limits.keys()

    def test_limit_of_an_account_is_kept(self, target: Target, run: Run, limits: Mapping[str, str], account: Record) -> None:
        """Each verb is refused, and the account is as it was."""
        attempts = {name: attempt for name, attempt in _OF_ACCOUNTS.items() if name in limits}
        if isinstance(target, Acting):
            attempts |= {each: _action(each) for each in Action if each in limits}
        before = run(target.read_account(account.id))
        for name, attempt in attempts.items():
            with pytest.raises(ConnectorError):
                run(attempt(target, account))
            assert run(target.read_account(account.id)) == before, name

    def test_limit_of_new_accounts_is_kept(self, target: Target, run: Run, limits: Mapping[str, str]) -> None:
        login, values = target.traits.login, self.values(1)
        attempts = {Ability.CREATE: target.create_account, Ability.CREATE_STAGED: target.stage_account}
        for create in (create for name, create in attempts.items() if name in limits):
            with pytest.raises(ConnectorError):
                run(create(values))
            assert list(run(target.find_accounts(login, str(values[login])))) == []

    def test_limit_of_groups_is_kept(self, target: Target, run: Run, limits: Mapping[str, str], group: Entitlement) -> None:
        if not isinstance(target, GroupEditor):
            pytest.skip(f"{target.name} changes no groups")
        before = run(target.read_group(group.id))
        for name, attempt in _OF_GROUPS.items():
            if name in limits:
                with pytest.raises(ConnectorError):
                    run(attempt(target, group))
                assert run(target.read_group(group.id)) == before, name


def _action(action: Action) -> Attempt:
    async def perform(target: Target, account: Record) -> object:
        assert isinstance(target, Acting)
        return await target.perform(account.id, action)

    return perform
