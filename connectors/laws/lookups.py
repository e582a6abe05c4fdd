"""Laws of looking accounts up by a value, whatever the value holds."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.contract import Record, Target
from connectors.errors import Rejected
from connectors.laws.base import Laws, Needs, Run, same_text, stated
from connectors.laws.hostile import ASKED

FEW = settings(
    max_examples=10,
    derandomize=True,
    database=None,
    deadline=None,
    # A look-up changes nothing: one target serves all examples, and each class that inherits the law is asked anew.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.differing_executors, HealthCheck.too_slow],
)


class LookupLaws(Laws):
    """Laws of `find_accounts`: it finds the holders of a value, and no other account."""

    @pytest.mark.usefixtures("account")
    def test_holder_of_a_text_is_found_alone(self, target: Target, run: Run, needs: Needs) -> None:
        needs("create")
        holders = {
            text: run(target.create_account({**self.values(number), self.text: text})).id for number, text in enumerate(self.texts, 2)
        }
        found = {text: self._found(target, run, self.text, text) for text in self.texts}
        assert found == {text: [holder] for text, holder in holders.items()}

    def test_text_that_no_account_holds_finds_none(self, target: Target, run: Run, account: Record) -> None:
        assert account.id
        for text in ASKED:
            assert self._found(target, run, self.text, text) == []
            assert self._found(target, run, target.traits.login, text) == []

    @pytest.mark.usefixtures("other")
    def test_part_of_a_value_finds_no_account(self, target: Target, run: Run, account: Record) -> None:
        for attribute in (self.text, target.traits.login):
            value = str(account.values()[attribute])
            for part in (value[:-1], value[1:], f"{value}x", f"x{value}", f"{value[:3]}*", f"{value[:3]}%", f"%{value[3:]}", f"{value}\\"):
                assert self._found(target, run, attribute, part) == []

    @pytest.mark.usefixtures("account", "other")
    @given(text=st.text(st.characters(codec="utf-8"), min_size=1, max_size=12))
    @FEW
    def test_any_text_finds_its_holders_alone(self, target: Target, run: Run, text: str) -> None:
        for attribute in (self.text, target.traits.login):
            self._found(target, run, attribute, text)

    @pytest.mark.usefixtures("account")
    def test_empty_text_finds_no_account_without_a_value(self, target: Target, run: Run, needs: Needs) -> None:
        needs("create")
        bare = {name: value for name, value in self.values(2).items() if name != self.text}
        holder = run(target.create_account(bare))
        assert self.text not in stated(holder.values())
        try:
            found = run(target.find_accounts(self.text, ""))
        except Rejected:
            return
        assert list(found) == []

    def test_deactivated_account_is_found(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("deactivate")
        run(target.deactivate_account(account.id))
        if run(target.read_account(account.id)) is None:
            pytest.skip(f"{target.name} does not show a deactivated account")
        login = str(account.values()[target.traits.login])
        assert [each.id for each in run(target.find_accounts(target.traits.login, login))] == [account.id]

    def test_changed_value_is_found_and_the_old_one_is_not(self, target: Target, run: Run, needs: Needs, account: Record) -> None:
        needs("update")
        first = run(target.update_account(account.id, {self.text: "First"}, account))
        assert [each.id for each in run(target.find_accounts(self.text, "First"))] == [account.id]
        run(target.update_account(account.id, {self.text: "Second"}, first))
        assert [each.id for each in run(target.find_accounts(self.text, "Second"))] == [account.id]
        assert list(run(target.find_accounts(self.text, "First"))) == []

    @staticmethod
    def _found(target: Target, run: Run, attribute: str, text: str) -> list[str]:
        """Ids of the accounts found, each of which holds the value."""
        found = run(target.find_accounts(attribute, text))
        assert [each.id for each in found if not same_text(each.values().get(attribute), text)] == []
        return [each.id for each in found]
