"""The order of operations, where it is not plain from the laws."""

from reconcile.model import Because, Operation, Situation, Verb
from reconcile.order import ordered

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
