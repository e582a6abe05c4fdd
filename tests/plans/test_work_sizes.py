"""The sizes that the requests of an apply depend on are the same for operations in memory and for those in the files of a saved plan."""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.contract import Opening
from reconcile.plan.model import Verb
from reconcile.plan.operation_rows import queryable
from reconcile.plan.search_key import SearchKey
from reconcile.store.plans.files import load, save
from reconcile.store.plans.work_sizes import NOWHERE, BatchClass, WorkClass, WorkSizes, work_sizes
from tests.plans.small_plans import SMALL, operation, plan_of
from tests.support.examples import examples

KEYS = st.lists(st.builds(SearchKey, attribute=st.sampled_from(["login", 'e"mail']), value=st.just("v")), max_size=2).map(tuple)
FIELDS = st.fixed_dictionaries(
    {
        "verb": st.sampled_from([Verb.ADD_MEMBER, Verb.ADD_MEMBER, Verb.REMOVE_MEMBER, *Verb]),
        "target": st.sampled_from(["desk", "shed"]),
        "anchor": st.sampled_from(["N1", "N2", "N3"]),
        "account_id": st.sampled_from(["", "acc1", "acc2", "acc3"]),
        "entitlement_id": st.sampled_from(["", "G1", "G2"]),
        "entitlement": st.sampled_from(["Quay", "Pier"]),
        "entitlement_kind": st.sampled_from(["group", "group", "app", ""]),
        "opening": st.sampled_from(list(Opening)),
        "absent": KEYS,
        "depends_on": st.sampled_from([(), ("x",)]),
    }
)


MEMBERS = {("desk", "G1"): 900, ("shed", "Quay"): 201, ("gone", "G2"): 300}


def stored(
    plan: Any, gathered: int, members: Mapping[tuple[str, str], int] = MEMBERS, along: Mapping[str, int] = NOWHERE
) -> dict[str, WorkSizes]:
    with tempfile.TemporaryDirectory() as folder:
        save(plan, Path(folder))
        loaded = load(Path(folder), plan.digest)
        return dict(work_sizes(queryable(loaded.operations), loaded.operations, gathered, members, along))


@examples(30)
@given(st.lists(FIELDS, max_size=40), st.sampled_from([1, 3, 2_000]), st.sampled_from([{}, {"desk": 1}, {"desk": 20}]))
def test_sizes_are_the_same_in_memory_and_in_the_file(rows, gathered, along):
    plan = plan_of([operation(number, **fields) for number, fields in enumerate(rows)])
    in_memory = work_sizes(queryable(plan.operations), plan.operations, gathered, MEMBERS, along)
    assert stored(plan, gathered, along=along) == dict(in_memory)


def test_sizes_of_a_plan_are_those_counted_by_hand():
    staff = {"entitlement_id": "G1", "entitlement": "Quay", "entitlement_kind": "group"}
    crew = {"entitlement_id": "G2", "entitlement": "Pier", "entitlement_kind": "group"}
    rows = [
        operation(1, Verb.REMOVE_MEMBER, **staff),
        operation(1, Verb.SUSPEND),
        operation(2, Verb.ADD_MEMBER, **staff),
        operation(3, Verb.ADD_MEMBER, **staff),
        operation(3, Verb.ADD_MEMBER, **crew),
        operation(4, Verb.ADD_MEMBER, **crew),
        operation(5, Verb.ADD_MEMBER, **crew),
        operation(5, Verb.ADD_MEMBER, **staff),
        operation(6, Verb.REMOVE_MEMBER, **crew),
    ]
    (sizes,) = work_sizes(queryable(rows), rows, 5, MEMBERS).values()
    assert sizes.classes[WorkClass(Verb.ADD_MEMBER, "", "group", waits=False)] == 6
    assert sizes.operations == 9
    add, end, move = (Verb.ADD_MEMBER, False), (Verb.REMOVE_MEMBER, True), (Verb.REMOVE_MEMBER, False)
    # Five additions are put together: two of staff, three of crew; the sixth comes after them.
    assert sizes.batches == {
        BatchClass(*add, 2, 900): 1,
        BatchClass(*add, 3): 1,
        BatchClass(*add, 1, 900): 1,
        BatchClass(*end, 1, 900): 1,
        BatchClass(*move, 1): 1,
    }
    # The batch of staff reads two accounts, that of crew two more: the third was read by then. What goes alone is in none.
    assert sizes.reads == {2: 2}
    assert (sizes.groups, sizes.new_groups) == (2, 0)
    assert stored(plan_of(rows), 5) == {"desk": sizes}


def test_memberships_that_go_along_with_a_creation_are_counted_by_account_and_in_no_batch():
    staff, crew = ({"entitlement_id": each, "entitlement": each, "entitlement_kind": "group"} for each in ("G1", "G2"))
    new = {"verb": Verb.ADD_MEMBER, "account_id": ""}
    rows = [operation(1, anchor="N1", **new, **staff), operation(2, anchor="N1", **new, **crew), operation(3, anchor="N2", **new, **crew)]
    rows += [operation(4, anchor="N1", **{**new, "entitlement_kind": "app"}), operation(5, Verb.ADD_MEMBER, **crew)]
    (sizes,) = work_sizes(queryable(rows), rows, 9, {}, {"desk": 20}).values()
    assert sizes.new_members == 2
    assert sizes.batches == {BatchClass(Verb.ADD_MEMBER, False, 1): 1}
    (apart,) = work_sizes(queryable(rows), rows, 9, {}, {"shed": 20}).values()
    assert apart.new_members == 0
    assert apart.batches == {BatchClass(Verb.ADD_MEMBER, False, 1): 1, BatchClass(Verb.ADD_MEMBER, False, 3): 1}


def test_groups_that_gain_members_are_counted_once_each_by_id_or_by_the_name_of_a_new_one():
    one, new, desk = ({"entitlement_id": id_, "entitlement": name} for id_, name in (("G1", "Quay"), ("", "Pier"), ("app:1", "Desk")))
    added = [(one, "group"), (one, "group"), (new, "group"), (new, "group"), (desk, "app")]
    rows = [operation(number, Verb.ADD_MEMBER, entitlement_kind=kind, **each) for number, (each, kind) in enumerate(added)]
    rows.append(operation(9, Verb.REMOVE_MEMBER, entitlement_kind="group", entitlement_id="G2", entitlement="Lock"))
    (sizes,) = work_sizes(queryable(rows), rows, 9).values()
    assert (sizes.groups, sizes.new_groups) == (1, 1)
    assert stored(plan_of(rows), 9, {}) == {"desk": sizes}


@pytest.mark.parametrize(("taken", "left"), [(3, 2), (4, 1), (5, 0)])
def test_memberships_beyond_those_that_a_creation_takes_go_in_batches(taken, left):
    new = {"verb": Verb.ADD_MEMBER, "account_id": "", "entitlement_kind": "group"}
    rows = [operation(number, anchor="N1", entitlement_id=f"G{number}", entitlement=f"G{number}", **new) for number in range(1, 6)]
    (sizes,) = work_sizes(queryable(rows), rows, 9, {}, {"desk": taken}).values()
    assert (sizes.new_members, sizes.batches) == (1, {BatchClass(Verb.ADD_MEMBER, False, 1): left} if left else {})
    assert stored(plan_of(rows), 9, {}, {"desk": taken}) == {"desk": sizes}


def test_searches_are_those_of_each_key_and_of_the_login_where_none_is_stated(tmp_path):
    new = operation(9, Verb.CREATE, account_id="", opening=Opening.MAIL)
    sizes = work_sizes(queryable([new, *SMALL.operations]), [new, *SMALL.operations], 2_000)["desk"]
    assert sizes.searches == {"login": 1, "": 1}
    assert sizes.classes[WorkClass(Verb.CREATE, "mail", "", waits=False)] == 1
    assert stored(SMALL, 2_000)["desk"].searches == Counter({"login": 1})
