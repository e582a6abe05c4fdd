"""Targets that change memberships together with one fault each, and the law that finds it; as `faulty_targets.py`."""

from dataclasses import replace

from tests.contract.faulty_targets import FaultyLaws
from tests.support.batching_memory import BatchingMemory


class TestAddsTheFirstOfABatch(FaultyLaws):
    law = "test_accounts_become_members_together"

    class Faulty(BatchingMemory):
        async def change_members(self, seen, account_ids, *, member):
            changed = await super().change_members(seen, account_ids[:1], member=member)
            return replace(changed, now=replace(seen, holders=frozenset(account_ids)))


class TestEmptiesTheGroupOfABatch(FaultyLaws):
    law = "test_members_are_removed_together_and_others_stay"

    class Faulty(BatchingMemory):
        async def change_members(self, seen, account_ids, *, member):
            self.members.clear()
            return await super().change_members(seen, account_ids, member=member)


class TestSeesEverybodyInTheGroup(FaultyLaws):
    law = "test_seen_members_are_those_that_a_read_of_each_shows"

    class Faulty(BatchingMemory):
        async def see_members(self, entitlement_id, account_ids, *, directly=False):
            seen = await super().see_members(entitlement_id, account_ids, directly=directly)
            return replace(seen, holders=frozenset(account_ids))


class TestEndsABatchAtARefusal(FaultyLaws):
    law = "test_account_that_is_refused_keeps_no_other_out"

    class Faulty(BatchingMemory):
        async def change_members(self, seen, account_ids, *, member):
            for each in account_ids:
                await self.add_member(seen.entitlement_id, each)
            return await super().change_members(seen, account_ids, member=member)


class TestSeesMembersOfNoGroup(FaultyLaws):
    law = "test_members_of_an_unknown_group_are_not_seen"

    class Faulty(BatchingMemory):
        def _group(self, group_id):
            return self.entitlements.get(group_id)


class TestReadsAccountsThatAreNot(FaultyLaws):
    law = "test_accounts_read_together_are_as_each_is_read"

    class Faulty(BatchingMemory):
        async def read_accounts(self, account_ids):
            some = next(iter(self.accounts.values())).record()
            return {each: some._replace(id=each) for each in account_ids}
