"""An undo puts nothing back before its place is free, whatever its batches are."""

from collections.abc import Collection, Sequence
from dataclasses import replace

import pytest

from reconcile.plan.model import Operation, Outcome, OutcomeKind, Plan, Run, Verb
from reconcile.store.plans import run_steps
from reconcile.store.plans.run_steps import BATCH
from tests.support.undoing import inverse, inverse_at_once

from .small_plans import operation, plan_of


def moved(number: int, before: str, after: str, needed: Sequence[Operation] = ()) -> Operation:
    """An address that an account gets, once others gave it up. Anchors stand in the order of the numbers."""
    ids = tuple(each.id for each in needed)
    values = {"before": {"mail": before}, "after": {"mail": after}}
    return operation(number, anchor=f"N{number:05}", account={"login": f"crew{number}"}, depends_on=ids, **values)


def handed_on(first: int, count: int) -> list[Operation]:
    """Accounts of which each takes the address that the one before gave up."""
    chain = [moved(first, f"a{first}", "nobody's")]
    for number in range(first + 1, first + count):
        chain.append(moved(number, f"a{number}", f"a{number - 1}", chain[-1:]))
    return chain


def undone(made: Sequence[Operation]) -> Sequence[Operation]:
    """What undoes a run that did every operation of its plan, carried out one by one by a server on which an address has one holder."""
    plan = plan_of(made)
    back = tuple(inverse(plan, run_of(plan)).operations)
    mail = {each.account_id: each.before["mail"] for each in made}
    for each in (*made, *back):
        assert mail[each.account_id] == each.before["mail"]
        assert each.after["mail"] not in mail.values(), f"{each.account_id} gets an address that another account holds"
        mail[each.account_id] = each.after["mail"]
    assert mail == {each.account_id: each.before["mail"] for each in made}
    assert back == inverse_at_once(plan, run_of(plan))[0]
    return back


def run_of(plan: Plan, unknown: Collection[str] = ()) -> Run:
    """A run that did every operation; of some it did not learn it, by their ids."""
    outcomes = tuple(
        Outcome(
            operation_id=each.id,
            kind=OutcomeKind.UNKNOWN if each.id in unknown else OutcomeKind.DONE,
            account_id=each.account_id or f"made for {each.anchor}",
        )
        for each in plan.operations
    )
    return Run(id="R1", plan_digest=plan.digest, live=True, started="", ended="", outcomes=outcomes)


def test_an_address_is_given_up_before_its_former_holder_gets_it_back():
    back = undone([freed := moved(1, "ann", "cid"), moved(2, "bob", "ann", [freed])])
    assert [(each.account_id, each.after["mail"]) for each in back] == [("acc2", "bob"), ("acc1", "ann")]


def test_a_component_larger_than_a_batch_is_undone_in_the_reverse_order():
    chain = handed_on(3, BATCH + 20)
    alone = [moved(number, f"a{number}", f"b{number}") for number in (1, 2, BATCH + 40)]
    back = undone([*alone[:2], *chain, *alone[2:]])
    in_chain = [each.account_id for each in back if each.account_id in {one.account_id for one in chain}]
    assert in_chain == [each.account_id for each in reversed(chain)]
    assert {each.account_id: len(each.depends_on) for each in back} == {
        **{each.account_id: 0 for each in alone},
        **{each.account_id: int(each is not chain[-1]) for each in chain},
    }


@pytest.mark.parametrize("account", ["acc2", ""], ids=["of an account", "completing a new account"])
def test_an_address_that_may_have_been_taken_is_not_given_back_whatever_the_batches(account, monkeypatch):
    monkeypatch.setattr(run_steps, "BATCH", 1)
    freed = moved(1, "ann", "cid")
    taken = replace(moved(2, "bob", "ann", [freed]), account_id=account)
    plan = plan_of([freed, taken])
    back = inverse(plan, run := run_of(plan, {taken.id}))
    assert back.operations == ()
    assert back.findings == inverse_at_once(plan, run)[1] != ()


def test_an_account_is_active_before_it_gets_its_groups_back_whatever_the_batches(monkeypatch):
    monkeypatch.setattr(run_steps, "BATCH", 1)
    left = operation(
        1, Verb.REMOVE_MEMBER, anchor="N1", account_id="acc1", entitlement_id="g1", before={"member": True}, after={"member": False}
    )
    ended = operation(2, Verb.DEACTIVATE, anchor="N1", account_id="acc1", before={"state": "active"}, after={"state": "deactivated"})
    plan = plan_of([left, ended])
    active, member = inverse(plan, run_of(plan)).operations
    assert (active.verb, member.verb, member.depends_on) == (Verb.REACTIVATE, Verb.ADD_MEMBER, (active.id,))
