"""The order of operations, where it is not plain from the laws."""

from itertools import accumulate, groupby

from hypothesis import given
from hypothesis import strategies as st

from reconcile.plan.model import Because, Operation, Situation, Verb
from reconcile.plan.operation_rows import OperationsInMemory
from reconcile.plan.ordering import in_phases, ordered, places

WHY = Because(situation=Situation.CONFIRMED, rule="app: attributes", detail="So it is.")


def test_thousands_can_wait_for_one_another():
    """A badge number that everybody passes on to the next."""
    chain = [
        Operation(
            id=f"{number:05}",
            target="app",
            verb=Verb.UPDATE,
            anchor=f"E{number:05}",
            account_id=f"a{number}",
            who="",
            name="",
            because=WHY,
            depends_on=(f"{number + 1:05}",),
        )
        for number in range(5000)
    ]
    assert [each.id for each in ordered(chain)] == [each.id for each in reversed(chain)]


def test_leavers_lose_their_memberships_before_the_account_and_movers_lose_theirs_last():
    def one(verb: Verb, account_id: str, group: str = "") -> Operation:
        id_ = f"{account_id} {verb} {group}".strip()
        return Operation(
            id=id_, target="app", verb=verb, anchor=account_id, account_id=account_id, who="", name="", entitlement=group, because=WHY
        )

    work = [
        one(Verb.REMOVE_MEMBER, "mover", "old"),
        one(Verb.ADD_MEMBER, "mover", "new"),
        one(Verb.DEACTIVATE, "leaver"),
        one(Verb.REMOVE_MEMBER, "leaver", "old"),
        one(Verb.SUSPEND, "away"),
        one(Verb.REMOVE_MEMBER, "away", "old"),
    ]
    assert [each.id for each in ordered(work)] == [
        "away remove_member old",
        "leaver remove_member old",
        "away suspend",
        "leaver deactivate",
        "mover add_member new",
        "mover remove_member old",
    ]


@st.composite
def works(draw: st.DrawFn) -> list[Operation]:
    """Operations of two targets, some of which wait for earlier ones."""
    count = draw(st.integers(1, 12))
    made: list[Operation] = []
    for number in range(count):
        needed = draw(st.lists(st.sampled_from(made), max_size=2)) if made else []
        made.append(
            Operation(
                id=f"{draw(st.integers(0, 99)):02}-{number}",
                target=draw(st.sampled_from(["app", "desk"])),
                verb=draw(st.sampled_from(list(Verb))),
                anchor=f"E{draw(st.integers(0, 3))}",
                account_id=f"a{draw(st.integers(0, 3))}",
                who="",
                name="",
                because=WHY,
                depends_on=tuple(each.id for each in needed),
            )
        )
    return made


@given(works())
def test_operations_in_order_fall_into_the_phases_that_order_them(work):
    for target in ("app", "desk"):
        own = [each for each in ordered(work) if each.target == target]
        alone = places(own)
        phased = in_phases(own, OperationsInMemory(own).ended_accounts(target))
        streamed = [[each.id for _, each in phase] for _, phase in groupby(phased, key=lambda each: each[0])]
        # Seen alone, an operation may stand in an earlier phase than beside what it waits for in the other target.
        highest = accumulate((alone[each.id][0] for each in own), max)
        expected = [[each.id for _, each in phase] for _, phase in groupby(zip(highest, own, strict=True), key=lambda each: each[0])]
        assert streamed == expected
