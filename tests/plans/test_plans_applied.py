"""A saved plan is applied some hundred operations at a time, whatever its size."""

import asyncio
import contextlib
import gc
from pathlib import Path

import pytest

from connectors.contract import AccountState, Record, Traits
from connectors.memory.connector import MemoryTarget
from connectors.memory.state import MemoryAccount
from reconcile.apply.executor import IN_HAND, Applier
from reconcile.apply.journal import Journal
from reconcile.apply.preview import preview
from reconcile.apply.window import Window
from reconcile.plan.model import Operation, OutcomeKind, Plan, Verb
from reconcile.store.plans.files import load, save
from reconcile.store.plans.tables import BATCH

from .small_plans import operation, plan_of

TRAITS = Traits(login="login", email="email", immutable=frozenset({"login"}), unique=frozenset({"login"}))
ACCOUNTS = 1000
PEOPLE = range(ACCOUNTS)


def accounts() -> list[MemoryAccount]:
    return [
        MemoryAccount(f"acc{number}", AccountState.ACTIVE, {"login": f"crew{number}", "email": "", "title": "Pilot"}) for number in PEOPLE
    ]


def promotions(state: Path) -> Plan:
    """A saved plan that changes every account, and each account once more after that."""
    first = [
        operation(number, before={"title": "Pilot"}, after={"title": "Master"}, account={"login": f"crew{number}"}) for number in PEOPLE
    ]
    second = [
        operation(
            ACCOUNTS + number,
            anchor=f"N{number}",
            account_id=f"acc{number}",
            before={"email": ""},
            after={"email": f"{number}@x.example"},
            account={"login": f"crew{number}", "title": "Pilot"},
            depends_on=(f"{number:012x}",),
        )
        for number in PEOPLE
    ]
    save(plan := plan_of([*first, *second]), state)
    return load(state, plan.digest)


class Counting(MemoryTarget):
    """Notes how many operations are in memory while it is written to and read from."""

    def __init__(self, held: list[MemoryAccount]) -> None:
        super().__init__("desk", TRAITS, held)
        self.calls = self.most = 0
        gc.collect()
        self._of_other_tests = _operations_in_memory()

    async def read_account(self, account_id: str) -> Record | None:
        self.calls += 1
        if self.calls % 300 == 0:
            self.most = max(self.most, _operations_in_memory() - self._of_other_tests)
        return await super().read_account(account_id)


def _operations_in_memory() -> int:
    return sum(isinstance(each, Operation) for each in gc.get_objects())


@pytest.fixture
def desk() -> Counting:
    return Counting(accounts())


def applied(plan: Plan, desk: Counting, state: Path) -> list[OutcomeKind]:
    with contextlib.closing(Journal(state)) as journal:
        journal.start("run", plan)
        asyncio.run(Applier(plan, {"desk": desk}, journal, "run").apply())
        return [each.kind for each in journal.runs.recorded("run").outcomes]


@pytest.mark.slow
def test_apply_holds_a_few_hundred_operations_at_once(tmp_path, desk):
    plan = promotions(tmp_path)
    assert applied(plan, desk, tmp_path) == [OutcomeKind.DONE] * 2 * ACCOUNTS
    assert 0 < desk.most <= 3 * IN_HAND
    assert {(each.attributes["title"], each.attributes["email"] != "") for each in desk.accounts.values()} == {("Master", True)}


def test_preview_holds_a_few_hundred_operations_at_once(tmp_path, desk):
    plan = promotions(tmp_path)
    assert asyncio.run(preview(plan, {"desk": desk})) == ()
    assert 0 < desk.most <= 3 * IN_HAND


def test_batches_are_small():
    assert max(IN_HAND, BATCH) <= 500


def test_failure_of_one_ends_all_that_are_under_way():
    ended: list[str] = []

    async def waits() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("ended")

    async def fails() -> None:
        raise KeyError("x")

    async def both() -> None:
        async with Window(3) as window:
            await window.begin(waits())
            await window.begin(fails())

    with pytest.raises(KeyError):
        asyncio.run(both())
    assert ended == ["ended"]


def test_failures_at_the_same_moment_are_raised_once_and_reported_nowhere_else():
    reported: list[object] = []

    async def fails(number: int) -> None:
        raise KeyError(number)

    async def all_of_it() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, context: reported.append(context))
        async with Window(9) as window:
            for number in range(4):
                await window.begin(fails(number))

    with pytest.raises(KeyError):
        asyncio.run(all_of_it())
    gc.collect()
    assert reported == []


def test_no_more_is_begun_than_has_room():
    under_way: list[int] = []
    most: list[int] = []

    async def work(number: int) -> None:
        under_way.append(number)
        most.append(len(under_way))
        await asyncio.sleep(0)
        under_way.remove(number)

    async def all_of_it() -> None:
        async with Window(4) as window:
            for number in range(50):
                await window.begin(work(number))

    asyncio.run(all_of_it())
    assert (len(most), max(most), under_way) == (50, 4, [])


def test_operation_waits_for_one_of_another_target(tmp_path):
    """Targets run side by side; what was decided of one may rest on what becomes of the other."""
    desk, shed = MemoryTarget("desk", TRAITS, accounts()), MemoryTarget("shed", TRAITS, accounts())
    maker = operation(1, target="desk", before={"title": "Pilot"}, after={"title": "Master"}, account={"login": "crew1"})
    waiter = operation(
        2, Verb.DEACTIVATE, target="shed", before={"state": "active"}, after={"state": "deactivated"}, account={"login": "crew2"},
        depends_on=(maker.id,),
    )  # fmt: skip
    plan = plan_of([waiter, maker])
    with contextlib.closing(Journal(tmp_path)) as journal:
        journal.start("run", plan)
        asyncio.run(Applier(plan, {"shed": shed, "desk": desk}, journal, "run").apply())
        assert [each.operation_id for each in journal.runs.recorded("run").outcomes] == [maker.id, waiter.id]
