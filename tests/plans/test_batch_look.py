"""The accounts of a batch are read once for all their memberships, and again once the read is old."""

import asyncio

import pytest

from connectors.contract import AccountState, Record
from reconcile.apply.batch_look import AccountReads


class Counted:
    """Reads accounts, of which one does not exist, and counts the requests."""

    def __init__(self) -> None:
        self.asked = []

    async def read_accounts(self, account_ids):
        self.asked.append(list(account_ids))
        return {each: Record(each, AccountState.ACTIVE, "ACTIVE", "{}") for each in account_ids if each != "gone"}


@pytest.mark.parametrize(("longest", "asked"), [(60.0, [["a", "gone"], ["b"]]), (0.0, [["a", "gone"], ["a", "b"]])])
def test_account_is_read_once_while_the_read_is_fresh_and_anew_when_it_is_old(longest, asked):
    members = Counted()

    async def both():
        reads = AccountReads(members, longest)
        return await reads.of(["a", "gone"]), await reads.of(["a", "b"])

    first, second = asyncio.run(both())
    assert (first.keys(), second.keys()) == ({"a"}, {"a", "b"})
    assert members.asked == asked
