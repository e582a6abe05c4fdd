"""Targets whose limits, or whose changes that travel together, have one fault each, and the law that finds it; as `faulty_targets.py`."""

import contextlib
from typing import ClassVar

from connectors.abilities import abilities
from connectors.errors import Rejected
from connectors.memory.connector import MemoryTarget
from tests.contract.faulty_targets import TRAITS, FaultyLaws

LACKING = {name: "the system does not have it" for name, has in abilities(TRAITS).items() if not has}


class Limited(MemoryTarget):
    """A target that names what its traits lack, and more."""

    more: ClassVar = {}

    async def limits(self):
        return LACKING | self.more


def claiming(ability):
    """A target that names an ability among its limits and has it all the same."""
    return type("Faulty", (Limited,), {"more": {ability: "the system says so"}})


class Together(MemoryTarget):
    async def most_together(self):
        return 10

    def under_way(self):
        return contextlib.nullcontext()


class TestNamesNoLimits(FaultyLaws):
    law = "test_ability_that_the_traits_lack_has_a_reason"

    class Faulty(Limited):
        async def limits(self):
            return {}


class TestNamesAnUnknownAbility(FaultyLaws):
    law = "test_limits_are_reasons_by_ability"

    Faulty = claiming("fly")


class TestDeactivatesWhatItSaysItCannot(FaultyLaws):
    law = "test_limit_of_an_account_is_kept"

    Faulty = claiming("deactivate")


class TestRefusesAndSuspendsAllTheSame(FaultyLaws):
    law = "test_limit_of_an_account_is_kept"

    class Faulty(Limited):
        more: ClassVar = {"suspend": "the system says so"}

        async def suspend_account(self, account_id, seen=None):
            await super().suspend_account(account_id, seen)
            raise Rejected("no")


class TestCreatesWhatItSaysItCannot(FaultyLaws):
    law = "test_limit_of_new_accounts_is_kept"

    Faulty = claiming("create_staged")


class TestRenamesWhatItSaysItCannot(FaultyLaws):
    law = "test_limit_of_groups_is_kept"

    Faulty = claiming("rename_groups")


class TestCreatesTogetherWithTheValuesOfTheFirst(FaultyLaws):
    law = "test_accounts_that_are_created_together_are_each_as_asked_for"

    class Faulty(Together):
        async def create_account(self, attributes):
            return await super().create_account({**attributes, "title": "Title 0"})


class TestChangesTheAccountBeside(FaultyLaws):
    law = "test_changes_that_are_sent_together_reach_their_own_accounts"

    class Faulty(Together):
        async def update_account(self, account_id, changes, seen):
            last = list(self.accounts)[-1]
            await super().update_account(last, changes, await self.read_account(last))
            return await super().update_account(account_id, changes, seen)


class TestRefusesAllForOne(FaultyLaws):
    law = "test_refusal_of_one_is_its_own"

    class Faulty(Together):
        async def create_account(self, attributes):
            if self.accounts and "user3" in str(attributes["login"]):
                raise Rejected("another was refused")
            return await super().create_account(attributes)
