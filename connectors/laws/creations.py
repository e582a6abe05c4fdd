"""Laws of creating accounts."""

from __future__ import annotations

import pytest

from connectors.contract import Record, Target
from connectors.errors import Conflict, Rejected
from connectors.laws.base import Laws, Needs, Run


class CreationLaws(Laws):
    """Laws of creating accounts."""

    def test_created_account_has_the_given_values(self, target: Target, run: Run, needs: Needs) -> None:
        needs("create")
        given = self.values(1)
        held = run(target.create_account(given)).values()
        assert {name: held.get(name) for name in given} == given

    def test_created_account_is_found_by_its_login(self, target: Target, run: Run, account: Record, other: Record) -> None:
        assert [each.id for each in run(target.find_accounts(target.traits.login, self._login(target, account)))] == [account.id]
        assert other.id != account.id

    def test_login_in_another_case_finds_the_account(self, target: Target, run: Run, account: Record) -> None:
        self._ignores_case(target)
        found = run(target.find_accounts(target.traits.login, self._login(target, account).swapcase()))
        assert [each.id for each in found] == [account.id]

    def test_login_is_not_given_twice(self, target: Target, run: Run, account: Record) -> None:
        login = self._login(target, account)
        with pytest.raises((Conflict, Rejected)):
            run(target.create_account({**self.values(2), target.traits.login: login}))
        assert [each.id for each in run(target.find_accounts(target.traits.login, login))] == [account.id]

    def test_login_is_not_given_twice_in_another_case(self, target: Target, run: Run, account: Record) -> None:
        self._ignores_case(target)
        login = self._login(target, account)
        with pytest.raises((Conflict, Rejected)):
            run(target.create_account({**self.values(2), target.traits.login: login.swapcase()}))
        assert [each.id for each in run(target.find_accounts(target.traits.login, login))] == [account.id]

    def test_account_without_a_required_attribute_is_not_created(self, target: Target, run: Run, needs: Needs) -> None:
        needs("create")
        given = self.values(1)
        for missing in sorted(target.traits.required | {target.traits.login}):
            with pytest.raises(Rejected):
                run(target.create_account({name: value for name, value in given.items() if name != missing}))
        assert list(run(target.find_accounts(target.traits.login, str(given[target.traits.login])))) == []

    @staticmethod
    def _login(target: Target, account: Record) -> str:
        return str(account.values()[target.traits.login])

    @staticmethod
    def _ignores_case(target: Target) -> None:
        if not target.traits.ignores_case(target.traits.login):
            pytest.skip(f"{target.name} tells upper and lower case of {target.traits.login} apart")
