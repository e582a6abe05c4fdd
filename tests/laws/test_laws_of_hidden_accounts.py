"""Whatever a system does with deactivated accounts, no returning person gets a second one, and no leaver keeps a working one."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import WHOLE, AccountState, RawPage, ReadRequest, Record, ScopeEnd, Value
from connectors.errors import Conflict, Unreachable
from connectors.memory.state import MemoryAccount
from reconcile.plan.model import FindingKind, OutcomeKind, Plan, Run, Verb
from tests.support.companies.engine import TRAITS, Lab, Watched, lab, target_of
from tests.support.companies.world import HrRow, HrSource, World
from tests.support.undoing import inverse

from .effort import SEQUENCES

PEOPLE = ("501", "502", "503", "504")
MONDAY = date(2026, 5, 4)
RULES = {
    "connector": "hr",
    "anchor": "no",
    "attributes": {"name": "name", "mail": "mail"},
    "lifecycle": {"status": "status", "active": ["here"], "terminated": ["left"]},
}
MAPPING = {
    "target": "app",
    "correlate": [{"account": "number", "identity": "anchor", "adopt": True}],
    "attributes": {"login": {"expression": "mail", "required": True}, "number": "anchor", "name": "name"},
    "groups": {"staff": {"group": "staff", "create": True}},
}


class Habit(StrEnum):
    """What a deactivated account is to later requests."""

    LISTED = "listed"
    UNLISTED = "unlisted"
    """The list leaves it out; by its id, and by a search, it is shown."""
    HIDDEN = "hidden"
    """It answers that it does not exist."""
    SAID_TO_STAY = "said to stay"
    """The same, and the settings of the connector say that it is shown."""
    DELETED = "deleted"


class Hiding(Watched):
    """A target with one of the habits. Counts the reads by id."""

    habit = Habit.LISTED
    reads = 0
    unreachable = False

    async def pages(self, request: ReadRequest = WHOLE) -> AsyncIterator[RawPage | ScopeEnd]:
        shown = {id_: each for id_, each in self.accounts.items() if self._listed(id_)}
        everything, self.accounts = self.accounts, shown
        items = [item async for item in super().pages(request)]
        self.accounts = everything
        for item in items:
            yield item

    async def read_account(self, account_id: str) -> Record | None:
        self.reads += 1
        if self.unreachable:
            raise Unreachable("no answer")
        return None if self._answers_404(account_id) else await super().read_account(account_id)

    async def find_accounts(self, attribute: str, value: str) -> Sequence[Record]:
        return [each for each in await super().find_accounts(attribute, value) if not self._answers_404(each.id)]

    async def deactivate_account(self, account_id: str, seen: Record | None = None) -> Record:
        record = await super().deactivate_account(account_id, seen)
        if self.habit is Habit.DELETED:
            del self.accounts[account_id]
            self.members = {(holder, group) for holder, group in self.members if holder != account_id}
        return record

    async def create_account(self, attributes: Mapping[str, Value]) -> Record:
        # The id of an account is never given again, also not that of a deleted one.
        if any(each.attributes["login"] == attributes["login"] for each in self.accounts.values()):
            raise Conflict("the login is taken")
        made = await super().create_account(attributes)
        account = self.accounts.pop(made.id)
        new = f"a{len(self.history)}"
        self.accounts[new] = replace(account, id=new)
        self.history[-1] = dict(self.accounts)
        return self.accounts[new].record()

    def _inactive(self, account_id: str) -> bool:
        return account_id in self.accounts and self.accounts[account_id].state is AccountState.DEACTIVATED

    def _listed(self, account_id: str) -> bool:
        return self.habit is Habit.LISTED or not self._inactive(account_id)

    def _answers_404(self, account_id: str) -> bool:
        return self.habit in (Habit.HIDDEN, Habit.SAID_TO_STAY) and self._inactive(account_id)


def hiding(world: World, habit: Habit) -> Hiding:
    plain = target_of(world)
    target = Hiding(accounts=plain.accounts.values(), entitlements=plain.entitlements.values(), members=plain.members)
    target.habit = habit
    unseen = habit in (Habit.HIDDEN, Habit.SAID_TO_STAY)
    can = replace(TRAITS.can, reactivate=habit is not Habit.DELETED, reactivate_unseen=unseen, hidden_when_inactive=habit is Habit.HIDDEN)
    target.traits = replace(TRAITS, can=can)
    return target


def world_of(statuses: Mapping[str, str], day: date) -> World:
    """People by number: `here`, `left`, or `absent` for somebody whom the file does not have."""
    rows = tuple(
        HrRow(number, {"no": number, "name": f"Person {number}", "mail": f"p{number}@example.org", "status": status})
        for number, status in sorted(statuses.items())
        if status != "absent"
    )
    return World(
        day=day,
        sources=(HrSource("hr", rows, RULES),),
        accounts=(),
        groups=(),
        members=frozenset(),
        granted=frozenset(),
        links={},
        mapping=MAPPING,
        # Only so that a file that lost rows is believed: this law is not about shrunken files.
        before=(HrSource("hr", (), RULES),),
    )


@dataclass
class Nights:
    """Nights of one target, one after another."""

    lab: Lab
    target: Hiding
    day: date = MONDAY

    def run(self, statuses: Mapping[str, str]) -> Plan:
        """One whole night; then everything is read and planned again, and there is nothing to do."""
        self.day += timedelta(1)
        self.lab.world = world_of(statuses, self.day)
        plan = self._plan()
        outcomes = self.lab.apply(plan)
        assert {each.kind for each in outcomes} <= {OutcomeKind.DONE}, outcomes
        again = self._plan()
        assert again.operations == ()
        if self.target.habit is Habit.DELETED:
            self.lab.apply(again)
        else:
            assert again.links == ()
        return plan

    def _plan(self) -> Plan:
        self.lab.extract()
        return self.lab.plan()


def accounts_of(target: Hiding) -> Mapping[str, list[str]]:
    """The accounts that exist, by the number of their person."""
    found: dict[str, list[str]] = {}
    for each in target.accounts.values():
        found.setdefault(str(each.attributes["number"]), []).append(each.id)
    return found


STATUS = st.fixed_dictionaries({number: st.sampled_from(["here", "here", "left", "absent"]) for number in PEOPLE})


@pytest.mark.parametrize("habit", Habit)
def test_no_second_account_is_created_whatever_becomes_of_a_deactivated_one(habit: Habit, tmp_path: Path) -> None:
    @SEQUENCES
    @given(st.lists(STATUS, min_size=3, max_size=5))
    def law(nights: list[Mapping[str, str]]) -> None:
        first = world_of({}, MONDAY)
        with lab(first, tmp_path) as bench:
            bench.target = target = hiding(first, habit)
            told = Nights(bench, target)
            own: dict[str, list[str]] = {}
            last: dict[str, str] = {}
            for statuses in nights:
                told.run(statuses)
                now = accounts_of(target)
                for number, status in statuses.items():
                    # Who vanished from the file keeps what they have.
                    last[number] = status if status != "absent" else last.get(number, "absent")
                    assert len(now.get(number, [])) <= 1
                    if habit is not Habit.DELETED and number in own:
                        assert now[number] == own[number]
                    works = [id_ for id_ in now.get(number, []) if target.accounts[id_].state is AccountState.ACTIVE]
                    assert bool(works) is (last[number] == "here")
                own |= now

    law()


@pytest.mark.parametrize("habit", Habit)
def test_unchanged_night_asks_for_no_account_by_its_id(habit: Habit, tmp_path: Path) -> None:
    first = world_of({}, MONDAY)
    with lab(first, tmp_path) as bench:
        bench.target = target = hiding(first, habit)
        told = Nights(bench, target)
        told.run(dict.fromkeys(PEOPLE, "here"))
        statuses = {**dict.fromkeys(PEOPLE, "here"), "502": "left", "503": "left"}
        told.run(statuses)
        target.reads = 0
        told.run(statuses)
        assert target.reads == 0


@pytest.mark.parametrize("habit", [Habit.HIDDEN, Habit.SAID_TO_STAY, Habit.UNLISTED])
def test_returner_whose_hidden_account_was_deleted_is_a_finding_and_never_a_create(habit: Habit, tmp_path: Path) -> None:
    first = world_of({}, MONDAY)
    with lab(first, tmp_path) as bench:
        bench.target = target = hiding(first, habit)
        told = Nights(bench, target)
        told.run(dict.fromkeys(PEOPLE, "here"))
        told.run({**dict.fromkeys(PEOPLE, "here"), "502": "left"})
        gone = next(id_ for id_, each in target.accounts.items() if each.attributes["number"] == "502")
        del target.accounts[gone]
        bench.world = world_of(dict.fromkeys(PEOPLE, "here"), MONDAY + timedelta(9))
        bench.extract()
        plan = bench.plan()
        assert [(each.verb, each.account_id) for each in plan.operations if each.verb is not Verb.ADD_MEMBER] == [(Verb.REACTIVATE, gone)]
        assert {each.kind for each in bench.apply(plan)} == {OutcomeKind.MOVED, OutcomeKind.HELD}
        for _ in range(2):
            bench.extract()
            again = bench.plan()
            assert again.operations == ()
            assert Counter(each.kind for each in again.findings) == {FindingKind.ACCOUNT_MISSING: 1}
            bench.apply(again)
        recreated = {**MAPPING, "recreate_missing": True}
        bench.world = replace(bench.world, mapping=recreated)
        bench.apply(bench.plan())
        assert len(accounts_of(target)["502"]) == 1


EVERYBODY = dict.fromkeys(PEOPLE, "here")


def test_linked_account_that_could_not_be_asked_for_counts_as_it_was(tmp_path: Path) -> None:
    with lab(world_of({}, MONDAY), tmp_path) as bench:
        bench.target = target = hiding(bench.world, Habit.UNLISTED)
        told = Nights(bench, target)
        told.run(EVERYBODY)
        links = bench.links()
        account = links["503"]
        target.accounts[account] = replace(target.accounts[account], state=AccountState.DEACTIVATED)
        target.unreachable = True
        bench.world = world_of({**EVERYBODY, "503": "left"}, MONDAY + timedelta(9))
        bench.extract()
        plan = bench.plan()
        assert [each.verb for each in plan.operations if each.anchor == "503"] == [Verb.REMOVE_MEMBER, Verb.DEACTIVATE]
        target.unreachable = False
        bench.extract()
        assert [each.verb for each in bench.plan().operations if each.verb is Verb.DEACTIVATE] == []
        assert bench.links() == links


def test_list_that_lacks_more_accounts_than_are_asked_for_is_not_believed(tmp_path: Path) -> None:
    with lab(world_of({}, MONDAY), tmp_path) as bench:
        bench.target = target = hiding(bench.world, Habit.LISTED)
        bench.most_missing = 2
        told = Nights(bench, target)
        told.run(EVERYBODY)
        target.reads = 0
        for account in [*target.accounts][:3]:
            del target.accounts[account]
        bench.extract()
        plan = bench.plan()
        assert target.reads == 0
        assert "3 known accounts are not in it, and no more than 2 are asked for" in next(
            each.reason for each in plan.scopes if each.reason
        )
        assert plan.operations == ()
        bench.most_missing = 3
        bench.extract()
        assert target.reads == 3
        assert Counter(each.kind for each in bench.plan().findings)[FindingKind.ACCOUNT_MISSING] == 3


def test_many_leavers_whom_a_list_hides_are_asked_for_over_several_nights(tmp_path: Path) -> None:
    with lab(world_of({}, MONDAY), tmp_path) as bench:
        bench.target = target = hiding(bench.world, Habit.UNLISTED)
        bench.most_missing = 1
        told = Nights(bench, target)
        told.run(EVERYBODY)
        statuses = {**EVERYBODY, "501": "left", "502": "left", "503": "left"}
        told.run(statuses)
        for _ in range(3):
            target.reads = 0
            told.run(statuses)
            assert target.reads <= 2
        told.run(EVERYBODY)
        assert {number: len(each) for number, each in accounts_of(target).items()} == dict.fromkeys(PEOPLE, 1)


def test_account_in_the_way_of_a_creation_is_read_by_its_id_and_adopted_the_next_night(tmp_path: Path) -> None:
    with lab(world_of({}, MONDAY), tmp_path) as bench:
        bench.target = target = hiding(bench.world, Habit.UNLISTED)
        target.accounts["old"] = MemoryAccount("old", AccountState.DEACTIVATED, {"login": "p501@example.org", "number": "501"})
        bench.world = world_of({"501": "here"}, MONDAY)
        bench.extract()
        assert OutcomeKind.MOVED in {each.kind for each in bench.apply(bench.plan())}
        bench.extract()
        plan = bench.plan()
        assert [(each.anchor, each.account_id) for each in plan.links] == [("501", "old")]
        bench.apply(plan)
        assert [(each.id, each.state) for each in target.accounts.values()] == [("old", AccountState.ACTIVE)]


def test_decision_may_name_an_account_that_no_list_shows(tmp_path: Path) -> None:
    with lab(world_of({}, MONDAY), tmp_path) as bench:
        bench.target = target = hiding(bench.world, Habit.UNLISTED)
        target.accounts["old"] = MemoryAccount("old", AccountState.DEACTIVATED, {"login": "p501@example.org", "number": ""})
        bench.world = replace(world_of({"501": "here"}, MONDAY), link_decisions=(("501", "old", "same"),))
        bench.extract()
        plan = bench.plan()
        assert [each.verb for each in plan.operations if each.account_id == "old"] == [Verb.REACTIVATE, Verb.UPDATE, Verb.ADD_MEMBER]


def test_part_of_a_system_is_asked_only_for_what_this_job_ended(tmp_path: Path) -> None:
    with lab(world_of({}, MONDAY), tmp_path) as bench:
        bench.target = target = hiding(bench.world, Habit.UNLISTED)
        target.traits = replace(target.traits, whole=False)
        told = Nights(bench, target)
        told.run(EVERYBODY)
        links = bench.links()
        target.accounts[links["502"]] = replace(target.accounts[links["502"]], state=AccountState.DEACTIVATED)
        bench.world = world_of({**EVERYBODY, "503": "left"}, MONDAY + timedelta(9))
        target.reads = 0
        bench.extract()
        assert target.reads == 0
        plan = bench.plan()
        assert Counter(each.kind for each in plan.findings) == {FindingKind.ACCOUNT_MISSING: 1}
        bench.apply(plan)
        target.reads = 0
        bench.extract()
        assert target.reads == 1
        assert "503" in bench.links()


@pytest.mark.parametrize("habit", [Habit.LISTED, Habit.UNLISTED, Habit.HIDDEN, Habit.SAID_TO_STAY])
def test_deactivation_is_undone_whatever_the_system_hides(habit: Habit, tmp_path: Path) -> None:
    with lab(world_of({}, MONDAY), tmp_path) as bench:
        bench.target = target = hiding(bench.world, habit)
        Nights(bench, target).run(EVERYBODY)
        members = set(target.members)
        bench.world = world_of({**EVERYBODY, "502": "left"}, MONDAY + timedelta(9))
        bench.extract()
        plan = bench.plan()
        run = Run(id="run", plan_digest=plan.digest, live=True, started="", ended="", outcomes=bench.apply(plan))
        back = inverse(plan, run)
        assert bench.preview(back) == ()
        assert {each.kind for each in bench.apply(back)} == {OutcomeKind.DONE}
        assert {each.state for each in target.accounts.values()} == {AccountState.ACTIVE}
        assert target.members == members
