"""The order of operations, where it is not plain from the laws."""

from reconcile.plan.model import Because, Operation, Situation, Verb
from reconcile.plan.ordering import ordered

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
