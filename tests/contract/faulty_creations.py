"""Targets that create accounts with memberships with one fault each, and the law that finds it; as `faulty_targets.py`."""

from connectors.errors import Rejected
from tests.contract.faulty_targets import FaultyLaws
from tests.support.creating_memory import CreatingMemory


class TestJoinsTheFirstGroup(FaultyLaws):
    law = "test_account_is_created_in_every_group_and_in_no_other"

    class Faulty(CreatingMemory):
        async def create_member(self, attributes, group_ids, opening):
            return await super().create_member(attributes, group_ids[:1], opening)


class TestCreatesMembersWithoutValues(FaultyLaws):
    law = "test_account_created_in_a_group_is_active_and_has_the_given_values"

    class Faulty(CreatingMemory):
        async def create_member(self, attributes, group_ids, opening):
            return await super().create_member({"login": attributes["login"]}, group_ids, opening)


class TestOpensMembersAtOnce(FaultyLaws):
    law = "test_account_created_in_a_group_to_be_opened_later_is_staged"

    class Faulty(CreatingMemory):
        async def create_member(self, attributes, group_ids, opening):
            return await self.activate_account((await super().create_member(attributes, group_ids, opening)).id)


class TestShowsTheGroupsOfAll(FaultyLaws):
    law = "test_groups_of_an_account_are_those_that_it_is_a_member_of"

    class Faulty(CreatingMemory):
        async def groups_of(self, account_id):
            return await super().groups_of(account_id) | self.entitlements.keys()


class TestGivesNewMembersThroughSomethingElse(FaultyLaws):
    law = "test_membership_that_came_with_the_account_is_removed_like_any_other"

    class Faulty(CreatingMemory):
        async def remove_member(self, entitlement_id, account_id):
            pass


class TestTakesFewerGroupsThanItSays(FaultyLaws):
    law = "test_creation_takes_as_many_groups_as_the_target_says"

    class Faulty(CreatingMemory):
        async def create_member(self, attributes, group_ids, opening):
            if len(group_ids) > 10:
                raise Rejected("too many groups")
            return await super().create_member(attributes, group_ids, opening)


class TestCreatesBeforeItLooksAtTheGroups(FaultyLaws):
    law = "test_no_account_is_created_where_one_group_is_refused"

    class Faulty(CreatingMemory):
        async def create_member(self, attributes, group_ids, opening):
            await self.create_account(attributes)
            return await super().create_member(attributes, group_ids, opening)
