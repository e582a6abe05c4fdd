"""Laws of changes that travel together; skipped where the target sends each alone."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from typing import Any

import pytest

from connectors.contract import AccountState, Record, Target
from connectors.errors import Conflict
from connectors.laws.base import Laws, Needs, Run, stated
from connectors.together import SendsTogether

SOME = 3
"""Changes that a law sends together."""


class TogetherLaws(Laws):
    """Laws of `SendsTogether`: a change that went with others ended as one alone."""

    @pytest.fixture
    def together(self, target: Target, run: Run) -> SendsTogether:
        """The target as one that sends changes together."""
        if not isinstance(target, SendsTogether) or run(target.most_together()) < SOME:
            pytest.skip(f"{target.name} cannot: send changes together")
        return target

    @pytest.fixture
    def some(self, target: Target, together: SendsTogether, run: Run, needs: Needs) -> list[Record]:
        """Accounts that were created together."""
        needs("create")
        made = run(_each(together, (target.create_account(self.values(number)) for number in range(SOME))))
        return [each for each in made if isinstance(each, Record)]

    def test_accounts_that_are_created_together_are_each_as_asked_for(self, target: Target, run: Run, some: list[Record]) -> None:
        shown = [run(target.read_account(each.id)) for each in some]
        assert [each.state for each in shown if each] == [AccountState.ACTIVE] * SOME
        for number, each in enumerate(shown):
            assert each is not None
            assert stated(self.values(number)).items() <= each.values().items()

    def test_changes_that_are_sent_together_reach_their_own_accounts(
        self, target: Target, together: SendsTogether, run: Run, needs: Needs, some: list[Record]
    ) -> None:
        needs("update", "deactivate")
        changed, ended, kept = some
        seen = run(target.read_account(changed.id))
        assert seen is not None
        verbs = (target.update_account(changed.id, {self.text: "together"}, seen), target.deactivate_account(ended.id))
        assert not [each for each in run(_each(together, verbs)) if isinstance(each, BaseException)]
        now = {each.id: run(target.read_account(each.id)) for each in some}
        assert [record and record.values()[self.text] for record in (now[changed.id], now[kept.id])] == [
            "together",
            self.values(2)[self.text],
        ]
        assert [record and record.state for record in (now[changed.id], now[kept.id])] == [AccountState.ACTIVE] * 2
        gone = now[ended.id]
        assert gone is None or gone.state is AccountState.DEACTIVATED

    def test_refusal_of_one_is_its_own(self, target: Target, together: SendsTogether, run: Run, some: list[Record]) -> None:
        assert len(some) == SOME
        new, taken = self.values(SOME), self.values(0)
        refused, made = run(_each(together, (target.create_account(taken), target.create_account(new))))
        assert isinstance(refused, Conflict)
        assert isinstance(made, Record)
        assert made.values()[target.traits.login] == new[target.traits.login]


async def _each(together: SendsTogether, verbs: Iterable[Coroutine[Any, Any, Record]]) -> list[Record | BaseException]:
    async def one(verb: Coroutine[Any, Any, Record]) -> Record:
        with together.under_way():
            return await verb

    return await asyncio.gather(*map(one, verbs), return_exceptions=True)
