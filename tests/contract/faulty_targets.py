"""Targets with one fault each, and the law that finds it. Not collected: `test_laws_find_faults.py` runs each law and expects that it fails."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar

import pytest

from connectors.contract import AccountState, Capability, Record, ScopeEnd, SystemIdentity, Traits, Value
from connectors.errors import Conflict, NotFound
from connectors.laws import TargetLaws
from connectors.memory.connector import MemoryTarget

TRAITS = Traits(
    login="login",
    email="email",
    unique=frozenset({"login"}),
    not_case_exact=frozenset({"login"}),
    can=Capability(suspend=True, delete=True, stage=True, group_attributes=frozenset({"name", "description"}), delete_groups=True),
)


class FaultyLaws(TargetLaws):
    text = "title"
    law: ClassVar[str]
    """The law that finds the fault."""
    Faulty: ClassVar[type[MemoryTarget]]

    @pytest.fixture
    def target(self) -> MemoryTarget:
        self.held = self.Faulty("app", TRAITS)
        return self.held

    def values(self, number: int) -> Mapping[str, Value]:
        return {"login": f"user{number}@example.com", "title": f"Title {number}"}

    def plant(self, account_id: str) -> None:
        account = self.held.accounts[account_id]
        self.held.accounts[account_id] = replace(account, attributes={**account.attributes, "planted": "x"})

    def is_planted(self, account_id: str) -> bool:
        return "planted" in self.held.accounts[account_id].attributes


class TestCreatesInactive(FaultyLaws):
    law = "test_new_account_is_active"

    class Faulty(MemoryTarget):
        async def create_account(self, attributes):
            return await super().suspend_account((await super().create_account(attributes)).id)


class TestCreatesTwice(FaultyLaws):
    law = "test_login_is_not_given_twice"

    class Faulty(MemoryTarget):
        def _refuse_repeats(self, account):
            pass


class TestDropsAValue(FaultyLaws):
    law = "test_created_account_has_the_given_values"

    class Faulty(MemoryTarget):
        async def create_account(self, attributes):
            return await super().create_account({"login": attributes["login"]})


class TestRaisesForAnUnknownAccount(FaultyLaws):
    law = "test_unknown_account_is_read_as_none"

    class Faulty(MemoryTarget):
        async def read_account(self, account_id):
            return self._account(account_id).record()


class TestReplacesTheAccount(FaultyLaws):
    law = "test_update_keeps_what_the_connector_does_not_know"

    class Faulty(MemoryTarget):
        async def update_account(self, account_id, changes, _seen):
            known = {name: value for name, value in self._account(account_id).attributes.items() if name in ("login", "title")}
            return self._put(replace(self._account(account_id), attributes={**known, **changes}))


class TestUpdatesMoreThanItWasTold(FaultyLaws):
    law = "test_update_sets_the_named_attribute_alone"

    class Faulty(MemoryTarget):
        async def update_account(self, account_id, changes, seen):
            return await super().update_account(account_id, {**changes, "displayName": "Changed"}, seen)


class TestClearsNothing(FaultyLaws):
    law = "test_update_to_none_clears_the_attribute_alone"

    class Faulty(MemoryTarget):
        async def update_account(self, account_id, changes, seen):
            return await super().update_account(account_id, {name: value for name, value in changes.items() if value is not None}, seen)


class TestOverwritesAChange(FaultyLaws):
    law = "test_update_of_what_changed_since_it_was_seen_is_refused"

    class Faulty(MemoryTarget):
        async def update_account(self, account_id, changes, _seen):
            return await super().update_account(account_id, changes, self._account(account_id).record())


class TestTrimsTexts(FaultyLaws):
    law = "test_text_is_kept_letter_by_letter"

    class Faulty(MemoryTarget):
        async def update_account(self, account_id, changes, seen):
            return await super().update_account(account_id, {name: str(value).replace("  ", " ") for name, value in changes.items()}, seen)


class TestOnlySaysThatItDeactivates(FaultyLaws):
    law = "test_deactivated_account_is_deactivated"

    class Faulty(MemoryTarget):
        async def deactivate_account(self, account_id, _seen=None):
            return self._account(account_id).record()._replace(state=AccountState.DEACTIVATED)


class TestRefusesASecondDeactivation(FaultyLaws):
    law = "test_second_deactivation_is_quiet"

    class Faulty(MemoryTarget):
        async def deactivate_account(self, account_id, _seen=None):
            if self._account(account_id).state is AccountState.DEACTIVATED:
                raise Conflict("it is deactivated")
            return await super().deactivate_account(account_id)


class TestDeactivatesEveryAccount(FaultyLaws):
    law = "test_deactivation_keeps_other_accounts"

    class Faulty(MemoryTarget):
        async def deactivate_account(self, account_id, _seen=None):
            for other in self.accounts:
                await super().deactivate_account(other)
            return self._account(account_id).record()


class TestSuspendsAndRemovesMemberships(FaultyLaws):
    law = "test_suspension_keeps_memberships"

    class Faulty(MemoryTarget):
        async def suspend_account(self, account_id, _seen=None):
            self.members.clear()
            return await super().suspend_account(account_id)


class TestDeletesAnActiveAccount(FaultyLaws):
    law = "test_active_account_is_not_deleted"

    class Faulty(MemoryTarget):
        async def delete_account(self, account_id):
            self.accounts.pop(account_id, None)


class TestRefusesASecondDeletion(FaultyLaws):
    law = "test_second_deletion_is_quiet"

    class Faulty(MemoryTarget):
        async def delete_account(self, account_id):
            self._account(account_id)
            await super().delete_account(account_id)


class TestFindsByThePrefix(FaultyLaws):
    law = "test_part_of_a_value_finds_no_account"

    class Faulty(MemoryTarget):
        async def find_accounts(self, attribute, value):
            return [each.record() for each in self.accounts.values() if str(each.attributes.get(attribute)).startswith(value)]


class TestFindsByAPattern(FaultyLaws):
    law = "test_text_that_no_account_holds_finds_none"

    class Faulty(MemoryTarget):
        async def find_accounts(self, attribute, value):
            return [each.record() for each in self.accounts.values()] if value == "*" else await super().find_accounts(attribute, value)


class TestFailsAtAQuotationMark(FaultyLaws):
    law = "test_holder_of_a_text_is_found_alone"

    class Faulty(MemoryTarget):
        async def find_accounts(self, attribute, value):
            return [] if '"' in value else await super().find_accounts(attribute, value)


class TestFindsOnlyActiveAccounts(FaultyLaws):
    law = "test_deactivated_account_is_found"

    class Faulty(MemoryTarget):
        async def find_accounts(self, attribute, value):
            return [each for each in await super().find_accounts(attribute, value) if each.state is AccountState.ACTIVE]


class TestReplacesTheMembers(FaultyLaws):
    law = "test_addition_keeps_other_members"

    class Faulty(MemoryTarget):
        async def add_member(self, entitlement_id, account_id):
            self.members = {(account_id, entitlement_id)}


class TestRemovesEveryMember(FaultyLaws):
    law = "test_removal_keeps_other_members"

    class Faulty(MemoryTarget):
        async def remove_member(self, *_):
            self.members.clear()


class TestRefusesASecondRemoval(FaultyLaws):
    law = "test_second_removal_is_quiet"

    class Faulty(MemoryTarget):
        async def remove_member(self, entitlement_id, account_id):
            if (account_id, entitlement_id) not in self.members:
                raise NotFound("it is no member")
            self.members.discard((account_id, entitlement_id))


class TestTakesUnknownMembers(FaultyLaws):
    law = "test_membership_of_an_unknown_account_is_refused"

    class Faulty(MemoryTarget):
        async def add_member(self, entitlement_id, account_id):
            self.members.add((account_id, entitlement_id))


class TestFindsGroupsInAnyCase(FaultyLaws):
    law = "test_group_is_found_by_the_exact_name"

    class Faulty(MemoryTarget):
        async def find_groups(self, name):
            return [each for each in self.entitlements.values() if each.name.lower() == name.lower()]


class TestLeavesARecordOut(FaultyLaws):
    law = "test_account_is_read_in_a_page_as_by_its_id"

    class Faulty(MemoryTarget):
        def decode(self, page):
            rows = super().decode(page)
            return replace(rows, records=rows.records[1:])


class TestCountsWrongly(FaultyLaws):
    law = "test_declared_total_is_the_number_of_rows"

    class Faulty(MemoryTarget):
        async def pages(self):
            async for item in super().pages():
                yield replace(item, declared_total=7) if isinstance(item, ScopeEnd) else item


class TestEndsNoScope(FaultyLaws):
    law = "test_every_scope_that_is_begun_ends_once_and_without_a_problem"

    class Faulty(MemoryTarget):
        async def pages(self):
            async for item in super().pages():
                if not isinstance(item, ScopeEnd):
                    yield item


class TestGivesIdsAnew(FaultyLaws):
    law = "test_second_read_gives_the_same"

    class Faulty(MemoryTarget):
        reads = 0

        def decode(self, page):
            self.reads += 1
            rows = super().decode(page)
            return replace(rows, records=[Record(f"{each.id}-{self.reads}", *each[1:]) for each in rows.records])


class TestCannotReadADamagedPage(FaultyLaws):
    law = "test_damaged_page_does_not_raise"

    class Faulty(MemoryTarget):
        def decode(self, page):
            page.body.decode()
            return super().decode(page)


class TestIsAnotherSystemEachTime(FaultyLaws):
    law = "test_system_is_the_same_when_it_is_asked_twice"

    class Faulty(MemoryTarget):
        asked = 0

        async def identity(self):
            self.asked += 1
            return SystemIdentity(str(self.asked))


class TestCannotBeClosedTwice(FaultyLaws):
    law = "test_target_can_be_closed_twice"

    class Faulty(MemoryTarget):
        async def close(self):
            del self.accounts


class TestEmptiesARenamedGroup(FaultyLaws):
    law = "test_renamed_group_keeps_its_id_and_its_members"

    class Faulty(MemoryTarget):
        async def update_group(self, group_id, changes, seen):
            self.members.clear()
            return await super().update_group(group_id, changes, seen)


class TestRenamesIntoASecondGroup(FaultyLaws):
    law = "test_renamed_group_is_found_by_its_new_name_alone"

    class Faulty(MemoryTarget):
        async def update_group(self, group_id, changes, seen):  # noqa: ARG002
            await self.create_group(changes["name"], "")
            return seen._replace(name=changes["name"])


class TestOverwritesTheNameOfOthers(FaultyLaws):
    law = "test_group_that_was_renamed_meanwhile_is_not_renamed"

    class Faulty(MemoryTarget):
        async def update_group(self, group_id, changes, seen):  # noqa: ARG002
            return await super().update_group(group_id, changes, self.entitlements[group_id])


class TestDropsTheName(FaultyLaws):
    law = "test_description_is_set_and_the_name_stays"

    class Faulty(MemoryTarget):
        async def update_group(self, group_id, changes, seen):
            return await super().update_group(group_id, {"name": "", **changes}, seen)


class TestDeletesAFilledGroup(FaultyLaws):
    law = "test_group_with_a_member_is_not_deleted"

    class Faulty(MemoryTarget):
        async def is_empty(self, group_id):  # noqa: ARG002
            return True


class TestKeepsADeletedGroup(FaultyLaws):
    law = "test_empty_group_is_deleted_and_a_second_deletion_is_quiet"

    class Faulty(MemoryTarget):
        async def delete_group(self, group_id):
            pass
