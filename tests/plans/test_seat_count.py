"""Seats are taken and freed in the order of the plan, by accounts that are not deactivated and hold the place through anything."""

from contextlib import closing
from dataclasses import replace
from pathlib import Path

import duckdb

from reconcile.plan.approval import Approval, RowDecision
from reconcile.plan.model import Operation, Verb
from reconcile.plan.ordering import ordered
from reconcile.plan.seat_count import Holders, seat_use
from reconcile.plan.seats import SeatPlace, SeatUse
from reconcile.project.seats import Seats
from reconcile.store.connection import Store
from reconcile.store.file import FILE
from reconcile.usecases.seats import seat_uses
from tests.plans.small_plans import operation, plan_of

ACCOUNTS, APP, GROUP = SeatPlace(), SeatPlace("app", "Draw"), SeatPlace("group", "Draw users")


def _member(number: int, verb: Verb, group: str, **fields: object) -> Operation:
    return operation(number, verb, entitlement_id=group, entitlement=group, entitlement_kind="group", **fields)


def _use(holders: Holders, *operations: Operation, seats: int = 2) -> SeatUse:
    return seat_use(holders, seats, ordered(operations))


def test_seats_of_leavers_are_free_before_new_people_take_them():
    held = Holders(ACCOUNTS, used=2, active=frozenset({"acc1"}))
    use = _use(held, operation(2, Verb.CREATE, account_id=""), operation(1, Verb.DEACTIVATE))
    assert (use.freed, use.taken, use.most, use.after, use.short) == (1, 1, 2, 2, 0)


def test_seats_in_excess_that_a_plan_frees_first_are_none_that_it_needs():
    held = Holders(ACCOUNTS, used=4, active=frozenset({"acc1", "acc2"}))
    freeing = [operation(number, Verb.DEACTIVATE) for number in (1, 2)]
    use = _use(held, *freeing, operation(3, Verb.CREATE, account_id=""), seats=2)
    assert (use.most, use.after, use.short) == (3, 3, 1)
    assert _use(held, *freeing).most == 4


def test_movers_take_before_others_free_and_only_the_run_is_short():
    held = Holders(GROUP, frozenset({"g"}), used=2, active=frozenset({"acc1", "acc2"}), held={"acc1": ["g"]})
    use = _use(held, _member(1, Verb.REMOVE_MEMBER, "g"), _member(2, Verb.ADD_MEMBER, "g"))
    assert (use.most, use.after, use.short, use.enough_after, use.through) == (3, 2, 1, True, ("g",))


def test_app_is_held_until_the_last_way_to_it_is_gone():
    two_ways = Holders(APP, frozenset({"app", "g", "h"}), used=1, active=frozenset({"acc1"}), held={"acc1": ["app", "g"]})
    assert _use(two_ways, _member(1, Verb.REMOVE_MEMBER, "g")).freed == 0
    assert _use(two_ways, _member(1, Verb.REMOVE_MEMBER, "g"), _member(1, Verb.REMOVE_MEMBER, "app", id="b" * 12)).freed == 1
    assert _use(two_ways, _member(1, Verb.ADD_MEMBER, "h")).taken == 0
    unknown_way = Holders(APP, frozenset({"app"}), used=1, active=frozenset({"acc1"}), held={"acc1": [""]})
    assert _use(unknown_way, _member(1, Verb.REMOVE_MEMBER, "app")).freed == 0


def test_deactivated_accounts_take_no_seat_until_they_are_active_again():
    held = Holders(GROUP, frozenset({"g"}), used=0, held={"acc1": ["g"]})
    assert _use(held, _member(2, Verb.ADD_MEMBER, "g")).taken == 0
    assert _use(held, operation(1, Verb.REACTIVATE)).through == ("",)
    both = Holders(GROUP, frozenset({"g"}), used=1, active=frozenset({"acc1"}), held={"acc1": ["g"]})
    leaver = _use(both, _member(1, Verb.REMOVE_MEMBER, "g"), operation(1, Verb.DEACTIVATE, id="b" * 12))
    assert (leaver.freed, leaver.after) == (1, 0)


def test_suspended_accounts_keep_their_seats():
    held = Holders(ACCOUNTS, used=1, active=frozenset({"acc1"}))
    assert _use(held, operation(1, Verb.SUSPEND)).freed == 0


def test_group_that_the_plan_creates_is_known_by_its_name():
    new = _member(1, Verb.ADD_MEMBER, "", account_id="")
    named = operation(1, Verb.ADD_MEMBER, account_id="", entitlement=GROUP.name, entitlement_kind="group", id="c" * 12)
    made = operation(1, Verb.CREATE, account_id="", id="d" * 12)
    use = seat_use(Holders(GROUP), 0, ordered([made, new, named]), known=False)
    assert (use.known, use.taken, use.short) == (True, 1, 1)
    assert not seat_use(Holders(GROUP), 0, [made, new], known=False).known
    empty = operation(2, Verb.CREATE_GROUP, anchor="", account_id="", entitlement=GROUP.name, entitlement_kind="group")
    assert seat_use(Holders(GROUP), 0, [empty], known=False).known
    assert not seat_use(Holders(APP), 0, [empty], known=False).known


def test_too_many_seats_in_use_before_are_no_shortage_of_a_plan_that_takes_none():
    held = Holders(ACCOUNTS, used=5, active=frozenset({"acc1"}))
    assert _use(held, operation(1, Verb.DEACTIVATE)).short == 0
    assert _use(held, operation(2, Verb.CREATE, account_id="")).short == 4


def test_rows_that_depend_on_a_held_row_take_no_seat(tmp_path: Path) -> None:
    Store.open(tmp_path, write=True).close()
    with closing(duckdb.connect(tmp_path / FILE)) as store:
        store.execute("INSERT INTO record_version VALUES ('desk', 'acc2', 'active', '', '{}', '', 1, NULL)")
    group = operation(1, Verb.CREATE_GROUP, anchor="", account_id="", entitlement=GROUP.name, entitlement_kind="group")
    member = operation(2, Verb.ADD_MEMBER, entitlement=GROUP.name, entitlement_kind="group", depends_on=(group.id,))
    plan = plan_of(ordered([group, member]))
    held = Approval(plan_digest=plan.digest, by="Ann", why="later", made="", until="", rows={group.id: RowDecision.HOLD})
    declared = {"desk": Seats(groups={GROUP.name: 5})}
    with closing(Store.open(tmp_path, write=False)) as store:
        taken = [seat_uses(store, each, declared)["desk"][0].taken for each in (plan, replace(plan, approvals=(held,)))]
    assert taken == [1, 0]
